"""How do histories go on from a snapshot, one fact at a time?

A fact is an event, a visit or a placement, added once or taken out again. What remains is what
`histories.snapshot` would count over all facts, in whatever order they came.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np

from risk_model.placements.facts import HARM, OWN_DATE, check_facts, tells_of_harm
from risk_model.placements.look_up import HistoryTable, Snapshot, Tally
from risk_model.scoring.coding import NULL_KEY, SEPARATOR, key_of
from risk_model.specification import Specification
from risk_model.specified_features import History, Rows

Row = Mapping[str, Any]

LIVE_ENTITIES: Final = frozenset({"placement_id", "agency_id", "overseas_agency_id", "employer_ref"})
"""A history of one of these goes on with every fact; one of a corridor would move half the register, so it waits."""
NOTHING: Final = Tally({}, {})
SOURCES: Final = ("placements", "events", "inspections")


@dataclass(frozen=True)
class Fact:
    """One row of `table` and the placement it is about (`owner`, null where none is known), counted `times` (1 or -1).

    Dates are Python's or ISO text. Of either only the columns in `fact_columns` are read.
    """

    table: str
    row: Row
    owner: Row | None
    times: int = 1


def fact_columns(specification: Specification) -> dict[str, frozenset[str]]:
    """Return which columns histories read: of the rows of each table, and of an owner (`owner`)."""
    check_facts(specification)
    read: dict[str, set[str]] = {"owner": set(), **{name: {OWN_DATE[name], "recorded_at"} for name in SOURCES}}
    read["placements"] |= {"departed_on", "returned_on"}
    for history in (feature.history for feature in specification.features if feature.history):
        names = {*history.entity, *(history.parent or ())}
        read["owner"] |= names
        read["placements"] |= names
        for rows in (history.numerator, history.denominator):
            if rows is not None:
                read[rows.table] |= {"category" if name == HARM else name for name in rows.where}
    read["events"].add("placement_id")
    read["inspections"] |= {"placement_id", "agency_id"}
    return {name: frozenset(names) for name, names in read.items()}


class LiveHistories:
    """The histories of a specification from a snapshot onwards; `snapshot` always shows what is counted so far."""

    def __init__(self, start: Snapshot, specification: Specification) -> None:
        """Go on from `start`, which stays as it is. Histories that it lacks begin empty."""
        check_facts(specification)
        histories = {feature.name: feature.history for feature in specification.features if feature.history}
        self._tables = {name: _own_copy(start.values.get(name), history) for name, history in histories.items()}
        self.snapshot = Snapshot(start.as_of, self._tables)
        self._rules = [(name, _Rule(history, start.as_of)) for name, history in histories.items()]

    def add(self, fact: Fact) -> None:
        """Count `fact` into the histories of placements, agencies, partners and employers."""
        for name, rule in self._rules:
            if rule.is_live:
                numerator, denominator = rule.counts(fact)
                _count_live(self._tables[name], rule, fact, numerator, denominator)

    def add_to_corridors(self, fact: Fact) -> None:
        """Count `fact` into the histories of corridors, and into the overall rates to which all others shrink."""
        for name, rule in self._rules:
            numerator, denominator = rule.counts(fact)
            if numerator or denominator:
                self._tables[name] = _count_waiting(self._tables[name], rule, fact, numerator, denominator)

    def moves(self, facts: Iterable[Fact]) -> frozenset[tuple[str, str]]:
        """Return whose histories `add` changes by all these facts: columns of LIVE_ENTITIES, each with a value.

        Histories of single placements are left out, and what one fact takes out and another puts back.
        """
        net: Counter[tuple[str, str, str, str, bool]] = Counter()
        for fact in facts:
            for name, rule in self._rules:
                if rule.is_live:
                    for column, value, key in rule.moved(fact):
                        numerator, denominator = rule.counts(fact)
                        net[column, value, name, key, True] += numerator
                        net[column, value, name, key, False] += denominator
        return frozenset((column, value) for (column, value, *_), steps in net.items() if steps)


class _Rule:
    """One history, prepared for single facts."""

    def __init__(self, history: History, as_of: np.datetime64) -> None:
        self.entity, self.parent = history.entity, history.parent or ()
        self.is_live, self.live_parent = _is_live(self.entity), _is_live(self.parent)
        self.numerator, self.denominator = history.numerator, history.denominator
        since = as_of.astype("datetime64[us]").item()  # None where nothing was counted before: all lies within
        self.since = datetime.min if since is None else since - timedelta(days=history.window_days)

    def counts(self, fact: Fact) -> tuple[int, int]:
        """Return how much `fact` adds to numerators and denominators."""
        numerator = fact.table == self.numerator.table and _matches(fact.row, self.numerator)
        other = self.denominator
        denominator = other is not None and fact.table == other.table and _matches(fact.row, other)
        if not (numerator or denominator) or not self._within(fact):
            return 0, 0
        return fact.times * numerator, fact.times * denominator

    def moved(self, fact: Fact) -> Iterator[tuple[str, str, str]]:
        """Yield whose tallies `fact` steps: a column of LIVE_ENTITIES, its value, and the whole key."""
        for names in (self.entity, self.parent):
            shared = [name for name in names if name in LIVE_ENTITIES]
            key = _key(fact, names)
            if shared and "placement_id" not in shared and key != NULL_KEY:
                yield shared[0], _key(fact, (shared[0],)), key

    def _within(self, fact: Fact) -> bool:
        row = fact.row
        happened = _moment(row.get(OWN_DATE[fact.table])) or _moment(row["recorded_at"])
        if happened is not None and happened >= self.since:
            return True
        if fact.table != "placements" or row.get("departed_on") is None:
            return False
        returned = _moment(row.get("returned_on"))
        return returned is None or returned >= self.since


def _is_live(names: tuple[str, ...]) -> bool:
    return not LIVE_ENTITIES.isdisjoint(names)


def _count_live(table: HistoryTable, rule: _Rule, fact: Fact, numerator: int, denominator: int) -> None:
    if numerator or denominator:
        _step(table.by_entity, _key(fact, rule.entity), numerator, denominator)
        if rule.live_parent and table.shrinkage is not None:
            _step(table.by_parent, _key(fact, rule.parent), numerator, denominator)


def _count_waiting(table: HistoryTable, rule: _Rule, fact: Fact, numerator: int, denominator: int) -> HistoryTable:
    entity, parent = _key(fact, rule.entity), _key(fact, rule.parent)
    if not rule.is_live:
        _step(table.by_entity, entity, numerator, denominator)
    if table.shrinkage is None:
        return table
    if not (rule.is_live and rule.live_parent):
        _step(table.by_parent, parent, numerator, denominator)
    if NULL_KEY == entity == parent:
        return table
    return replace(table, overall=(table.overall[0] + numerator, table.overall[1] + denominator))


def _step(tally: Tally, key: str, numerator: int, denominator: int) -> None:
    if key == NULL_KEY:
        return
    for counts, step in ((tally.numerator, numerator), (tally.denominator, denominator)):
        if step and isinstance(counts, dict):
            counts[key] = counts.get(key, 0) + step
            if not counts[key]:
                del counts[key]


def _key(fact: Fact, names: tuple[str, ...]) -> str:
    """The key of what the fact names itself, else its placement; null where a part of it is."""
    parts = []
    for name in names:
        part = key_of(fact.row.get(name)) or (key_of(fact.owner.get(name)) if fact.owner is not None else NULL_KEY)
        if part == NULL_KEY:
            return NULL_KEY
        parts.append(part)
    return SEPARATOR.join(parts)


def _matches(row: Row, rows: Rows) -> bool:
    return all(
        (tells_of_harm(row["category"]) if column == HARM else key_of(row[column])) in allowed
        for column, allowed in rows.where.items()
    )


def _own_copy(table: HistoryTable | None, history: History) -> HistoryTable:
    if table is None:
        shrinkage = None if history.denominator is None else history.shrinkage
        table = HistoryTable(history.entity, history.parent or (), shrinkage, NOTHING, NOTHING, (0, 0))
    parts: Iterator[Tally] = (
        Tally(dict(tally.numerator), dict(tally.denominator)) for tally in (table.by_entity, table.by_parent)
    )
    return replace(table, by_entity=next(parts), by_parent=next(parts))


def _moment(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value) if isinstance(value, str) else datetime(*_ymd(value))


def _ymd(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day
