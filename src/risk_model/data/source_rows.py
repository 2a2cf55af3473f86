"""Which rows of an office's files are records, and which cells of theirs are ours?"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from risk_model.data import reading
from risk_model.data.cells.cell import Cell, is_blank, is_empty, tidy
from risk_model.data.cells.identifiers import mask
from risk_model.data.mapping import Column, ExportMapping
from risk_model.data.workbook import Row, Sheet
from risk_model.errors import MappingError, nearest
from risk_model.vocabulary import fold

Progress = Callable[[int, int, str], None]
"""Told how much is done, of how much, and what is being done."""

HEADING_ROWS: Final = 60
"""How many non-empty rows from the top may hold the headings."""
FEWEST_HEADINGS: Final = 2
BRACKETS: Final = "()[]. "
SIMULATED_MARKS: Final = ("simulasi", "simulated")
"""A title or sheet name with such a word marks every row below it as simulated."""

TOTAL: Final = re.compile(r"(?:grand|sub)?\s*-?\s*(?:total|jumlah|jml|rekap(?:itulasi)?|keseluruhan)\b(?!-\d)", re.I)
BARE_TOTAL: Final = re.compile(
    TOTAL.pattern + r"[\s\d.,:=()]*(?:pmi|cpmi|orang|data|penempatan|seluruhnya|semua|baris)?", re.I
)
NOISE_IN_HEADING: Final = re.compile(r"\((?:rp\.?|idr|rupiah|wajib|\*+)\)|\*+|\bdalam rupiah\b", re.I)

Cells = tuple[Cell, ...]


@dataclass(frozen=True)
class Fault:
    """One reason why a row is refused; `column` is ours, empty where the whole row is at fault."""

    row: int
    column: str
    found: str
    rule: str
    suggestion: str


@dataclass(frozen=True)
class FileReport:
    """What was seen of one sheet: where its headings stand and which were not ours to read."""

    name: str
    headings_row: int
    read: int
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class SourceRows:
    """Every non-empty row below the headings of all files, in the order given.

    `cells` holds, for each of our columns that some file has, one tuple per row: the cells it is made
    from. `faults` are the rows that are no records: totals, repeated headings, notes.
    """

    labels: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    simulated: list[bool] = field(default_factory=list)
    cells: dict[str, list[Cells]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    files: list[FileReport] = field(default_factory=list)


@dataclass(frozen=True)
class _Layout:
    at: int
    places: Mapping[str, tuple[int | None, ...]]
    headings: Cells
    missing: tuple[str, ...]
    folded: frozenset[str]


def gather(files: Sequence[Path], mapping: ExportMapping, *, progress: Progress) -> SourceRows:
    """Read all files and sort their rows.

    Raises:
        UnreadableFileError: a file cannot be read.
        MappingError: no sheet of a file has the headings that the mapping needs.
    """
    source = SourceRows(cells={name: [] for name in mapping.columns})
    known = {name: _spellings(name, column) for name, column in mapping.columns.items()}
    score = partial(_score, frozenset().union(*(words for groups in known.values() for words in groups)))
    for done, path in enumerate(files):
        progress(done, len(files), f"reading {path.name}")
        sheets = reading.read_sheets(path, score)
        layouts = [(sheet, _layout(sheet, mapping, known, score)) for sheet in sheets]
        whole = [(sheet, layout) for sheet, layout in layouts if layout and not layout.missing]
        if not whole:
            raise MappingError(_explain(path, mapping, [layout for _, layout in layouts if layout]))
        label = path.name if [other.name for other in files].count(path.name) == 1 else str(path)
        for sheet, layout in whole:
            _take(source, sheet, layout, label if len(whole) == 1 else f"{label} [{sheet.name}]", mapping)
    return source


def _spellings(name: str, column: Column) -> tuple[frozenset[str], ...]:
    """Return the folded headings of a column's cell and of the cell with its name, where it has one."""
    groups = [(name, *column.headings), *([column.names] if column.names else [])]
    return tuple(frozenset(map(fold, group)) for group in groups)


def _heading(cell: Cell) -> str:
    return fold(NOISE_IN_HEADING.sub("", tidy(cell))) if isinstance(cell, str) else ""


def _score(known: frozenset[str], cells: Sequence[Cell]) -> int:
    return len({heading for cell in cells if (heading := _heading(cell)) in known})


def _layout(
    sheet: Sheet, mapping: ExportMapping, known: Mapping[str, tuple[frozenset[str], ...]], score: reading.Score
) -> _Layout | None:
    scores = [score(cells) for _, cells in sheet.rows[:HEADING_ROWS]]
    best = max(scores, default=0)
    if best < FEWEST_HEADINGS:
        return None
    at = scores.index(best)
    headings = sheet.rows[at][1]
    folded = [_heading(cell) for cell in headings]
    places: dict[str, tuple[int | None, ...]] = {}
    for name, groups in known.items():
        found = tuple(_place(folded, group, mapping.columns[name]) for group in groups)
        if any(place is not None for place in found):
            places[name] = found
    missing = tuple(name for name, column in mapping.columns.items() if column.required and name not in places)
    return _Layout(at, places, headings, missing, frozenset(folded) - {""})


def _place(folded: Sequence[str], group: frozenset[str], column: Column) -> int | None:
    """Return where a heading of `group` stands; of several the one the mapping names first."""
    in_order = [*map(fold, column.headings), *map(fold, column.names), *sorted(group)]
    return next((folded.index(word) for word in in_order if word in group and word in folded), None)


def _explain(path: Path, mapping: ExportMapping, layouts: Sequence[_Layout]) -> str:
    if not layouts:
        wanted = ", ".join(
            (column.headings or (name,))[0] for name, column in mapping.columns.items() if column.required
        )
        return (
            f"{path.name}: no row of headings found in the first {HEADING_ROWS} rows; the mapping needs {wanted}. "
            "Is it the right mapping for this file?"
        )
    layout = min(layouts, key=lambda layout: len(layout.missing))
    there = [tidy(cell) for cell in layout.headings if not is_empty(cell)]
    used = {place for places in layout.places.values() for place in places}
    free = [tidy(cell) for place, cell in enumerate(layout.headings) if not is_empty(cell) and place not in used]
    lines = []
    for name in layout.missing:
        words = (*mapping.columns[name].headings, *mapping.columns[name].names) or (name,)
        guess = next((near for word in words if (near := nearest(word, free))), None)
        hint = f"; is it {mask(guess)!r}? Then add that to the mapping" if guess else ""
        lines.append(f"no heading for {name} (looked for {', '.join(map(repr, words[:4]))}{hint})")
    return f"{path.name}: {'; '.join(lines)}. Found: {', '.join(map(mask, there))}"


def _take(source: SourceRows, sheet: Sheet, layout: _Layout, label: str, mapping: ExportMapping) -> None:
    above = [tidy(cell) for _, cells in sheet.rows[: layout.at] for cell in cells]
    simulated = any(mark in fold(text) for text in (sheet.name, *above) for mark in SIMULATED_MARKS)
    rows = sheet.rows[layout.at + 1 :]
    start = len(source.labels)
    source.labels.extend([label] * len(rows))
    source.numbers.extend(number for number, _ in rows)
    source.simulated.extend([simulated] * len(rows))
    for name, column in source.cells.items():
        column.extend(_column(rows, layout.places.get(name, ())))
    blank = partial(is_blank, words=mapping.blank_keys)
    for at, row in enumerate(rows, start=start):
        fault = _no_record(row, at, layout, blank, mapping.identifier)
        if fault:
            source.faults.append(fault)
    used = {place for places in layout.places.values() for place in places}
    ignored = [
        mask(tidy(cell)) for place, cell in enumerate(layout.headings) if place not in used and not is_empty(cell)
    ]
    source.files.append(FileReport(label, sheet.rows[layout.at][0], len(rows), tuple(ignored)))


def _column(rows: Sequence[Row], places: Sequence[int | None]) -> list[Cells]:
    """Return what stands in `places` of each row; a row that ends before them holds nothing there."""
    if not places:
        return [()] * len(rows)
    taken = [
        [None] * len(rows) if place is None else [cells[place] if place < len(cells) else None for _, cells in rows]
        for place in places
    ]
    return list(zip(*taken, strict=True))


def _no_record(row: Row, at: int, layout: _Layout, blank: Callable[[Cell], bool], identifier: str) -> Fault | None:
    """Return why a row is no record at all, or None."""
    cells = row[1]
    written = [cell for cell in cells if not is_empty(cell)]
    first_text = next((text for text in map(tidy, written) if not text.isdigit()), "")
    fault = partial(Fault, at, "", suggestion="nothing to do")
    few = len(written) <= len(layout.headings) // 2
    if BARE_TOTAL.fullmatch(first_text) or (few and TOTAL.match(first_text)):
        return fault(mask(first_text), "total row, not a record")
    if _heading(written[0]) in layout.folded and _repeats_headings(cells, layout):
        return fault(mask(first_text), "heading row repeated, not a record")
    if len(written) > FEWEST_HEADINGS and _counts_columns(written):
        return fault(tidy(written[0]), "row of column numbers, not a record")
    if len(cells) > len(layout.headings):
        beyond = [tidy(cell) for cell in cells[len(layout.headings) :] if not is_empty(cell)]
        if beyond:
            rule = f"{len(cells)} cells under {len(layout.headings)} headings"
            return Fault(at, "", mask(beyond[0]), rule, "put a cell that holds the delimiter in quotation marks")
    place = layout.places.get(identifier, (None,))[0]
    has_id = place is not None and place < len(cells) and not blank(cells[place])
    if len(written) == 1 and (not has_id or len(layout.places) > FEWEST_HEADINGS):
        return Fault(at, identifier if place is not None else "", "", "a note, not a record", "nothing to do")
    return None


def _repeats_headings(cells: Cells, layout: _Layout) -> bool:
    pairs: Iterator[tuple[str, str]] = zip(map(_heading, cells), map(_heading, layout.headings), strict=False)
    same = sum(1 for here, above in pairs if here and here == above)
    return same >= max(FEWEST_HEADINGS, len([cell for cell in cells if not is_empty(cell)]) // 2)


def _counts_columns(written: Sequence[Cell]) -> bool:
    if tidy(written[0]).strip(BRACKETS) not in ("0", "1"):
        return False
    numbers = [tidy(cell).strip(BRACKETS) for cell in written]
    first = int(numbers[0])
    return numbers == [str(number) for number in range(first, first + len(numbers))]
