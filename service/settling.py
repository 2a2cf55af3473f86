"""What follows from what was told: for the state of placements, the histories and the register?

Everything is found from the set of all that is stored, so the order in which it came, and what was
told twice, make no difference.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from risk_model.data.states import counts, state_of
from risk_model.placements.live_histories import Fact, fact_columns
from service.following import Turn
from service.instants import naive_utc
from service.putting_off import AGENCY, agencies_put_off
from service.rescoring import scope_of
from service.storage.happenings import (
    clocks_of,
    events_about,
    newest_moments,
    told_states,
    versions_of,
    visits_of,
)
from service.storage.register import placements_by_id
from service.tables.happenings import clocks
from service.tables.register import placements, scores

Row = Mapping[str, Any]

JUST_AFTER: Final = timedelta(microseconds=1)
"""The step to the next instant that a database can tell apart."""
A_DAY: Final = timedelta(days=1)
REGISTERED: Final = tuple(column.name for column in placements.c)


@dataclass(frozen=True)
class Told:
    """Rows that a turn has added to the tables of the same names; `withdrawn` are visits that a correction replaced."""

    versions: Sequence[Row] = ()
    events: Sequence[Row] = ()
    visits: Sequence[Row] = ()
    withdrawn: Sequence[Row] = ()

    @property
    def placement_ids(self) -> frozenset[str]:
        """The placements that something was told of."""
        rows = (*self.versions, *self.events, *self.visits, *self.withdrawn)
        return frozenset(str(row["placement_id"]) for row in rows if row["placement_id"] is not None)


@dataclass(frozen=True)
class Settled:
    """What is known of each placement before and after; null where it is not known.

    `sharing` and `aged` say whose scores may have changed as well, as in `Wanted`; `put_off` are agencies whose
    placements are scored later.
    """

    before: Mapping[str, Row | None]
    after: Mapping[str, Row | None]
    sharing: frozenset[tuple[str, str]]
    aged: Mapping[str, tuple[datetime, datetime]]
    put_off: frozenset[str]


def settle(turn: Turn, told: Told, *, at_once: bool = False) -> Settled:
    """Draw the consequences of what `turn` has stored, all but scores and cases.

    Whose scores are many and change only because days passed is put off, unless all is wanted `at_once`.
    """
    ids = told.placement_ids
    versions, states = versions_of(turn.connection, ids), told_states(turn.connection, ids)
    new_versions = {row["version_id"] for row in told.versions}
    new_events = {row["seq"] for row in told.events}
    before, after = {}, {}
    for placement_id in sorted(ids):
        known, happened = versions.get(placement_id, []), states.get(placement_id, [])
        old = [row for row in known if row["version_id"] not in new_versions]
        before[placement_id] = state_of(old, [e for e in happened if e["seq"] not in new_events]) if old else None
        after[placement_id] = state_of(known, happened) if known else None
    sharing = turn.count(list(_facts(turn, told, before, after)))
    _store(turn, after)
    aged = _move_clocks(turn, told, versions)
    put_off = frozenset[str]() if at_once else agencies_put_off(turn.connection, sharing, aged)
    aged = {agency: stretch for agency, stretch in aged.items() if agency not in put_off}
    let_go(turn, after, aged)
    left = frozenset(pair for pair in sharing if pair[0] != AGENCY or pair[1] not in put_off)
    return Settled(before, after, left, aged, put_off)


def _facts(turn: Turn, told: Told, before: Mapping[str, Row | None], after: Mapping[str, Row | None]) -> Iterator[Fact]:
    """What has to be counted, and what was counted otherwise before."""
    read = fact_columns(turn.specification)
    moved = [name for name in before if _owner(before[name], read) != _owner(after[name], read)]
    for name in before:
        for state, times in ((before[name], -1), (after[name], 1)):
            if state is not None and _cut(before[name], read, "placements") != _cut(after[name], read, "placements"):
                yield Fact("placements", _cut(state, read, "placements") or {}, None, times)
    new = {"events": {row["seq"] for row in told.events}, "inspections": {row["seq"] for row in told.visits}}
    earlier = {"events": events_about(turn.connection, moved), "inspections": visits_of(turn.connection, moved)}
    for table, found in earlier.items():
        for name, rows in found.items():
            for row in rows:
                if row["seq"] not in new[table]:
                    yield from _fact(table, row, before[name], read, -1)
                    yield from _fact(table, row, after[name], read, 1)
    for table, new_rows, times in (
        ("events", told.events, 1),
        ("inspections", told.visits, 1),
        ("inspections", told.withdrawn, -1),
    ):
        for row in new_rows:
            yield from _fact(table, row, after.get(row["placement_id"] or ""), read, times)


def _fact(table: str, row: Row, state: Row | None, read: Mapping[str, frozenset[str]], times: int) -> Iterator[Fact]:
    if table == "events" and (row["placement_id"] is None or (state is not None and not counts(row, state))):
        return
    yield Fact(table, _cut(row, read, table) or {}, _cut(state, read, "owner"), times)


def _cut(row: Row | None, read: Mapping[str, frozenset[str]], table: str) -> dict[str, Any] | None:
    return None if row is None else {name: row.get(name) for name in sorted(read[table])}


def _owner(state: Row | None, read: Mapping[str, frozenset[str]]) -> Any:
    """What decides whose the facts about a placement are, and whether they count."""
    return None if state is None else (_cut(state, read, "owner"), state["registered_by"])


def _store(turn: Turn, after: Mapping[str, Row | None]) -> None:
    """Write the states into the register, where they differ from what it holds."""
    there = placements_by_id(turn.connection, list(after))
    rows = [{name: state[name] for name in REGISTERED} for state in after.values() if state is not None]
    new = [row for row in rows if row["placement_id"] not in there]
    changed = [row for row in rows if row["placement_id"] in there and row != there[row["placement_id"]]]
    if new:
        turn.connection.execute(insert(placements), new)
    for row in changed:
        turn.connection.execute(
            update(placements).where(placements.c.placement_id == row["placement_id"]).values(dict(row))
        )


def _move_clocks(turn: Turn, told: Told, versions: Mapping[str, Sequence[Row]]) -> dict[str, tuple[datetime, datetime]]:
    """Set the clocks of every agency that a placement ever had to the newest that was told of it.

    So the clock of an agency is the newest of all that was told of placements that were ever its own.
    Clocks move by whole days, as data sets do: who is known at all on a day is known as of its end.

    Returns:
        the agencies that are known further now, each with the instant before and the one from now on.
    """
    known = {str(row["placement_id"]) for row in told.versions}
    rows = [*((row, "occurred_at") for row in told.events), *((row, "visited_at") for row in told.visits)]
    moments = [(str(row["placement_id"]), row[name]) for row, name in rows]
    moments += list(newest_moments(turn.connection, known).items())
    moments += [(name, row["recorded_at"]) for name in known for row in versions[name] if row["import_id"] is None]
    newest: dict[str, tuple[datetime, str | None]] = {}
    for placement_id, moment in moments:
        for version in versions.get(placement_id, ()):
            scope, end = scope_of(version), _end_of_day(moment)
            if scope not in newest or newest[scope][0] < end:
                newest[scope] = (end, version["agency_id"])
    there = clocks_of(turn.connection, newest)
    moved = {scope: told for scope, told in newest.items() if scope not in there or told[0] > there[scope]}
    for scope, (as_of, _) in moved.items():
        if scope in there:
            turn.connection.execute(update(clocks).where(clocks.c.scope == scope).values(as_of=as_of))
        else:
            turn.connection.execute(insert(clocks), {"scope": scope, "as_of": as_of})
    start = _imported(turn)
    before = {scope: max(start, there.get(scope, start)) for scope in moved}
    return {
        agency: (before[scope], as_of)
        for scope, (as_of, agency) in moved.items()
        if agency is not None and as_of > before[scope]
    }


def _imported(turn: Turn) -> datetime:
    """Up to when all is known at least: the date of the newest import."""
    return naive_utc(turn.histories.as_of) if turn.histories.as_of is not None else datetime.min


def _end_of_day(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time()) + A_DAY


def let_go(turn: Turn, after: Mapping[str, Row | None], aged: Collection[str]) -> None:
    """Take out of the register who has been back longer than the horizon: of those told of and of `aged` agencies."""
    start = _imported(turn)
    returned = {name: state for name, state in after.items() if state is not None and state["returned_on"] is not None}
    scopes = {scope_of(state) for state in returned.values()} | {f"agency:{agency}" for agency in aged}
    known = clocks_of(turn.connection, scopes)
    horizon = timedelta(days=turn.specification.horizon_days)
    last = {scope: (max(start, known.get(scope, start)) - horizon).date() for scope in scopes}
    gone = {name for name, state in returned.items() if state["returned_on"] < last[scope_of(state)]}
    by_day: dict[date, list[str]] = {}
    for agency in aged:
        by_day.setdefault(last[f"agency:{agency}"], []).append(agency)
    for day, agencies in by_day.items():
        long_back = placements.c.agency_id.in_(agencies) & (placements.c.returned_on < day)
        gone.update(turn.connection.execute(select(placements.c.placement_id).where(long_back)).scalars())
    for table in (scores, placements) if gone else ():
        this = delete(table).where(table.c.placement_id == bindparam("whose"))
        turn.connection.execute(this, [{"whose": name} for name in sorted(gone)])
