"""Which rows of an office's files are records, and which cells of theirs are ours?"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from risk_model.data import reading
from risk_model.data.cells.cell import Broken, Cell, is_blank, is_empty, tidy
from risk_model.data.cells.identifiers import MASK, mask, shown
from risk_model.data.headings import (
    FEWEST_HEADINGS,
    Cells,
    Layout,
    all_words,
    explain,
    find_layout,
    heading,
    perhaps_meant,
    score,
    spellings,
)
from risk_model.data.mapping import MOMENTS, ExportMapping
from risk_model.data.workbook import Row, Sheet
from risk_model.errors import MappingError
from risk_model.vocabulary import fold

Progress = Callable[[int, int, str], None]
"""Told how much is done, of how much, and what is being done."""

BRACKETS: Final = "()[]. "
SIMULATED_MARKS: Final = ("simulasi", "simulated")
"""A title or sheet name with such a word marks every row below it as simulated."""

TOTAL: Final = re.compile(r"(?:grand|sub)?\s*-?\s*(?:total|jumlah|jml|rekap(?:itulasi)?|keseluruhan)\b(?!-\d)", re.I)
BARE_TOTAL: Final = re.compile(
    TOTAL.pattern + r"[\s\d.,:=()]*(?:pmi|cpmi|orang|data|penempatan|seluruhnya|semua|baris)?", re.I
)
NOTE_CELLS: Final = 3
"""A row without id and with no more cells than these, of many, is a note or a signature under the table."""


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
    """What was seen of one sheet: where its headings stand, which were not ours to read, and what they may mean."""

    name: str
    headings_row: int
    read: int
    ignored: tuple[str, ...]
    perhaps_meant: dict[str, str]


@dataclass(frozen=True)
class SourceRows:
    """Every non-empty row below the headings of all files, in the order given.

    `cells` holds, for each of our columns that some file has, one tuple per row: the cells it is made
    from. `faults` are the rows that are no records: totals, repeated headings, notes. `sheets_not_read`
    are those without the headings, and hidden ones.
    """

    labels: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    simulated: list[bool] = field(default_factory=list)
    cells: dict[str, list[Cells]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    files: list[FileReport] = field(default_factory=list)
    sheets_not_read: list[str] = field(default_factory=list)


def gather(files: Sequence[Path], mapping: ExportMapping, *, progress: Progress) -> SourceRows:
    """Read all files and sort their rows.

    Raises:
        UnreadableFileError: a file cannot be read.
        MappingError: no sheet of a file has the headings that the mapping needs.
    """
    source = SourceRows(cells={name: [] for name in mapping.columns})
    known = spellings(mapping)
    for done, path in enumerate(files):
        progress(done, len(files), f"reading {path.name}")
        sheets = reading.read_sheets(path, partial(score, all_words(known)))
        found = [(sheet, find_layout(sheet, mapping, known)) for sheet in sheets]
        layouts = [(sheet, layout) for sheet, layout in found if layout]
        if all(layout.missing for _, layout in layouts):
            raise MappingError(explain(path, mapping, [layout for _, layout in layouts]))
        whole = [(sheet, layout) for sheet, layout in layouts if not layout.missing or layout.is_an_attempt(mapping)]
        label = path.name if [other.name for other in files].count(path.name) == 1 else str(path)
        for sheet, layout in whole:
            _take(source, sheet, layout, label if len(whole) == 1 else f"{label} [{sheet.name}]", mapping)
        read = [sheet for sheet, _ in whole]
        left = [sheet for sheet in sheets if sheet not in read and (sheet.rows or sheet.hidden)]
        source.sheets_not_read.extend(f"{label} [{mask(sheet.name)}]" for sheet in left)
    return source


def _take(source: SourceRows, sheet: Sheet, layout: Layout, label: str, mapping: ExportMapping) -> None:
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
        fault = _no_record(row, at, layout, blank, mapping)
        if fault:
            source.faults.append(fault)
    ignored = [
        shown(tidy(cell))
        for place, cell in enumerate(layout.headings)
        if place not in layout.used and not is_empty(cell)
    ]
    source.files.append(
        FileReport(label, sheet.rows[layout.at][0], len(rows), tuple(ignored), perhaps_meant(layout, ignored, mapping))
    )


def _column(rows: Sequence[Row], places: Sequence[tuple[int, ...]]) -> list[Cells]:
    """Return what stands in `places` of each row; a row that ends before them holds nothing there."""
    if not places:
        return [()] * len(rows)
    taken = [
        [cells[among[0]] if among[0] < len(cells) else None for _, cells in rows]
        if len(among) == 1
        else [_one_of(cells, among) for _, cells in rows]
        for among in places
    ]
    return list(zip(*taken, strict=True))


def _one_of(cells: Cells, places: tuple[int, ...]) -> Cell:
    """Return the cell under a heading; under one that stands twice the one that is filled, or that both agree on."""
    if len(places) <= 1:
        return cells[places[0]] if places and places[0] < len(cells) else None
    given = [cells[place] for place in places if place < len(cells) and not is_empty(cells[place])]
    if len(set(map(tidy, given))) <= 1:
        return given[0] if given else None
    rule = "two columns have this heading, and they differ"
    return Broken(" | ".join(map(tidy, given)), rule, "keep the right one of the two columns", True)


def _no_record(
    row: Row, at: int, layout: Layout, blank: Callable[[Cell], bool], mapping: ExportMapping
) -> Fault | None:
    """Return why a row is no record at all, or None."""
    cells = row[1]
    written = [cell for cell in cells if not is_empty(cell)]
    first_text = next((text for text in map(tidy, written) if not text.isdigit()), "")
    fault = partial(Fault, at, "", suggestion="nothing to do")
    few = len(written) <= len(layout.headings) // 2
    if BARE_TOTAL.fullmatch(first_text) or (few and TOTAL.match(first_text)):
        return fault(_total_word(first_text), "total row, not a record")
    if heading(written[0]) in layout.folded and _repeats_headings(cells, layout):
        return fault(mask(first_text), "heading row repeated, not a record")
    if len(written) > FEWEST_HEADINGS and _counts_columns(written):
        return fault(tidy(written[0]), "row of column numbers, not a record")
    if len(cells) > len(layout.headings):
        beyond = [tidy(cell) for cell in cells[len(layout.headings) :] if not is_empty(cell)]
        if beyond:
            rule = f"{len(cells)} cells under {len(layout.headings)} headings"
            found = (
                MASK if any(map(str.isalpha, beyond[0])) else mask(beyond[0])
            )  # a cell out of place: it may be a name
            return Fault(at, "", found, rule, "put a cell that holds the delimiter in quotation marks")
    identifier = mapping.identifier
    places = layout.places.get(identifier, ((),))[0]
    given = _one_of(cells, places)
    has_id = not blank(given)
    has_number = has_id and any(map(str.isdigit, tidy(given)))
    alone = len(written) == 1 and (not has_id or len(layout.places) > FEWEST_HEADINGS)
    if alone or (not has_number and _is_signature(cells, len(written), layout, mapping)):
        return Fault(at, identifier if places else "", "", "a note, not a record", "nothing to do")
    return None


def _total_word(text: str) -> str:
    """Return the words of a total row without what somebody wrote behind them."""
    match = BARE_TOTAL.fullmatch(text) or TOTAL.match(text)
    return mask(match[0]) if match else ""


def _is_signature(cells: Cells, written: int, layout: Layout, mapping: ExportMapping) -> bool:
    """Say whether a few cells under many headings leave blank what no row may: as names of those who sign do."""
    if written > NOTE_CELLS or 2 * written > len(layout.headings):
        return False
    columns = mapping.columns.items()
    needed = [name for name, column in columns if column.required] or [
        name for name, column in columns if column.kind in MOMENTS
    ]
    filled = [name for name in needed if any(not is_empty(_one_of(cells, at)) for at in layout.places.get(name, ()))]
    return 2 * len(filled) < len(needed)


def _repeats_headings(cells: Cells, layout: Layout) -> bool:
    pairs: Iterator[tuple[str, str]] = zip(map(heading, cells), map(heading, layout.headings), strict=False)
    same = sum(1 for here, above in pairs if here and here == above)
    return same >= max(FEWEST_HEADINGS, len([cell for cell in cells if not is_empty(cell)]) // 2)


def _counts_columns(written: Sequence[Cell]) -> bool:
    if tidy(written[0]).strip(BRACKETS) not in ("0", "1"):
        return False
    numbers = [tidy(cell).strip(BRACKETS) for cell in written]
    first = int(numbers[0])
    return numbers == [str(number) for number in range(first, first + len(numbers))]
