"""What does each row say, and which rows contradict themselves?"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from risk_model.data.cells import dates
from risk_model.data.cells.cell import Cell, Refusal, is_blank, tidy
from risk_model.data.cells.identifiers import MASK, mask, shown
from risk_model.data.column_parsers import of_code, parser
from risk_model.data.mapping import MOMENTS, Column, ExportMapping, Order
from risk_model.data.source_rows import Fault, Progress, SourceRows

PERSONAL_KINDS: Final = frozenset(("worker", "reference"))
LONGEST_FOUND: Final = 80
MOST_WORDS: Final = 5
"""A cell of more words than these tells a story, and of whom; `found` repeats none."""
SIMULATED_ID: Final = "SIM-"
"""Ids of simulated rows begin so; a row that lost its marker on the way is still known by it."""


@dataclass
class Records:
    """One value per row for each mapped column; a row with a fault is refused.

    Counted per column: `given`, the values that the export holds; `read_as_blank`, the cells that were
    not understood and whose column says that this refuses no row; `filled`, what the mapping supplied.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    given: Counter[str] = field(default_factory=Counter)
    read_as_blank: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> frozenset[int]:
        """The positions of the rows with at least one fault."""
        return frozenset(fault.row for fault in self.faults)


def read_records(source: SourceRows, mapping: ExportMapping, *, worker_key: bytes, progress: Progress) -> Records:
    """Read every cell, fill what the mapping says can be filled, and hold each row against itself."""
    reader = _Reader(source, mapping, Records(faults=list(source.faults)))
    for done, name in enumerate(mapping.columns):
        progress(done, len(mapping.columns), f"reading column {name}")
        reader.read(name, worker_key)
        reader.refuse_either_way(name)
    for name, column in mapping.columns.items():
        reader.fill(name, column)
    reader.mark_simulated()
    for name, column in mapping.columns.items():
        if column.required or name in mapping.never_blank:
            reader.require(name, column)
    for rule in mapping.order:
        reader.hold_order(rule)
    reader.require_one_of(mapping.one_of)
    reader.records.faults.sort(key=lambda fault: fault.row)
    return reader.records


class _Reader:
    """The rows while they are read, and which of their columns are at fault so far."""

    def __init__(self, source: SourceRows, mapping: ExportMapping, records: Records) -> None:
        self.source, self.mapping, self.records = source, mapping, records
        self.rows = [row for row in range(len(source.labels)) if row not in records.refused]
        self.at_fault: defaultdict[str, set[int]] = defaultdict(set)
        self.blanks = mapping.blank_keys

    def read(self, name: str, worker_key: bytes) -> None:
        """Parse each distinct cell of column `name` once."""
        column, cells = self.mapping.columns[name], self.source.cells[name]
        parse = parser(name, self.mapping, worker_key=worker_key)
        parsed: dict[object, object] = {}
        values: list[Any] = [None] * len(cells)
        for row in self.rows:
            given = cells[row]
            distinct = given if len(given) == 1 and type(given[0]) is str else (given, *map(type, given))
            if distinct not in parsed:  # by type too: 1 and True are equal, but not the same cell
                parsed[distinct] = parse(given)
            value = parsed[distinct]
            if not isinstance(value, Refusal):
                values[row] = value
            elif column.if_unreadable == "blank" and not value.final:
                self.records.read_as_blank[name] += 1
            else:
                self.refuse(row, name, value)
        self.records.values[name] = values
        self.records.given[name] = sum(value is not None for value in values)

    def refuse_either_way(self, name: str) -> None:
        """Refuse the dates of a file that are another day where the month stands first, as it must in some of them."""
        if self.mapping.columns[name].kind not in MOMENTS:
            return
        first = [cells[0] if cells else None for cells in self.source.cells[name]]
        labels = self.source.labels
        of_file: defaultdict[str, set[Cell]] = defaultdict(set)
        for row in self.rows:
            of_file[labels[row]].add(first[row])
        signs = {label: dates.written_month_first(cells) for label, cells in of_file.items()}
        values = self.records.values[name]
        for row in self.rows if any(signs.values()) else ():
            day = values[row]
            if day is not None and dates.either_way(first[row], signs[labels[row]]):
                values[row] = None
                meant = f"{day:%Y-%d-%m} if the month stands first, else {day:%Y-%m-%d}"
                self.refuse(
                    row, name, Refusal("day or month first? Other dates of this column have the month first", meant)
                )

    def refuse(self, row: int, name: str, why: Refusal) -> None:
        """Note that column `name` of `row` is at fault."""
        self.at_fault[name].add(row)
        found = MASK if why.hidden else self._found(row, name)
        self.records.faults.append(Fault(row, name, found, why.rule, mask(why.suggestion)))

    def _found(self, row: int, name: str) -> str:
        if self.mapping.columns[name].kind in PERSONAL_KINDS:
            return MASK
        given = self.source.cells[name][row]
        telling = [cell for cell in given if not is_blank(cell, self.blanks)] or given[:1]
        if any(len(tidy(cell).split()) > MOST_WORDS for cell in telling):
            return MASK
        return shown(" / ".join(tidy(cell)[: 2 * LONGEST_FOUND] for cell in telling))[:LONGEST_FOUND]

    def fill(self, name: str, column: Column) -> None:
        """Give blank cells of column `name` what the mapping says they stand for."""
        values = self.records.values[name]
        for row in self._blank(name):
            value = self._otherwise(row, column)
            if value is None:
                value = column.default
            if value is not None:
                values[row] = value
                self.records.filled[name] += 1

    def _otherwise(self, row: int, column: Column) -> object:
        other = column.otherwise
        base = self.records.values[other.column][row] if other else None
        if other is None or base is None:
            return None
        if other.days is not None:
            return base + timedelta(days=other.days)
        return of_code(self.mapping.columns[other.column], base, other.extra or "")

    def mark_simulated(self) -> None:
        """Mark what the file or the id shows to be simulated, whatever the row says."""
        origins = self.records.values.get("data_origin")
        if origins is None:
            return
        ids = self.records.values[self.mapping.identifier]
        placements = self.records.values.get("placement_id", ids)
        for row in self.rows:
            named = (str(ids[row] or ""), str(placements[row] or ""))
            if self.source.simulated[row] or any(name.upper().startswith(SIMULATED_ID) for name in named):
                origins[row] = "simulated"

    def require(self, name: str, column: Column) -> None:
        """Refuse rows without a value in column `name`, unless the column it comes from is refused already."""
        base = column.otherwise.column if column.otherwise else name
        for row in self._blank(name):
            if row not in self.at_fault[base]:
                hint = f"give it, or {base}" if base != name else "give it"
                self.refuse(row, name, Refusal("required, and blank", hint))

    def _blank(self, name: str) -> Iterator[int]:
        values, at_fault = self.records.values[name], self.at_fault[name]
        return (row for row in self.rows if values[row] is None and row not in at_fault)

    def hold_order(self, rule: Order) -> None:
        """Refuse rows whose two dates stand in the wrong order."""
        first, then = self.records.values.get(rule.first, ()), self.records.values.get(rule.then, ())
        for row in self.rows if first and then else ():
            earlier, later = first[row], then[row]
            if earlier is None or later is None or later.date() >= earlier.date():
                continue
            if not self._may_lie_before(row, (earlier.date() - later.date()).days, rule):
                why = f"{rule.then} {later:%Y-%m-%d} lies before {rule.first} {earlier:%Y-%m-%d}"
                self.refuse(row, rule.then, Refusal(why, f"{earlier:%Y-%m-%d} or later"))

    def _may_lie_before(self, row: int, days: int, rule: Order) -> bool:
        allowed: Iterable[tuple[object, dict[str, int]]] = (
            (self.records.values[name][row], by_code) for name, by_code in rule.unless.items()
        )
        return any(code in by_code and days >= by_code[str(code)] for code, by_code in allowed)

    def require_one_of(self, names: tuple[str, ...]) -> None:
        """Refuse rows in which all of `names` are blank: they say something about nothing."""
        for row in self.rows if names else ():
            refused = any(row in self.at_fault[name] for name in names)
            if not refused and all(self.records.values[name][row] is None for name in names):
                self.refuse(row, names[0], Refusal(f"none of {', '.join(names)} is given", "give one of them"))
