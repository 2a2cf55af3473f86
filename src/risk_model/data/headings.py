"""Where do the headings of a sheet stand, and which cells under them are ours?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Final

from risk_model.data.cells.cell import Cell, is_empty, tidy
from risk_model.data.cells.identifiers import mask, shown
from risk_model.data.mapping import Column, ExportMapping
from risk_model.data.workbook import Row, Sheet
from risk_model.errors import nearest
from risk_model.vocabulary import fold

HEADING_ROWS: Final = 60
"""How many non-empty rows from the top may hold the headings."""
FEWEST_HEADINGS: Final = 2
LONGEST_HEADING: Final = 200
NEARLY_THE_SAME: Final = 0.85
"""How alike (0 to 1) a heading is to a known one where it is probably a slip of the pen."""
NOISE_IN_HEADING: Final = re.compile(r"\((?:rp\.?|idr|rupiah|wajib|\*+)\)|\*+|\bdalam rupiah\b", re.I)

Cells = tuple[Cell, ...]
Known = Mapping[str, tuple[frozenset[str], ...]]
"""For each of our columns the folded headings of its cell, and of the cell with its name where it has one."""


@dataclass(frozen=True)
class Layout:
    """The headings of a sheet, which end in its row `at`.

    `places` holds, for each of our columns, the positions of each cell it is made from; a heading that
    stands twice has two. `folded` are all words of headings, `missing` our required columns without one.
    """

    at: int
    places: Mapping[str, tuple[tuple[int, ...], ...]]
    headings: Cells
    missing: tuple[str, ...]
    folded: frozenset[str]

    def is_an_attempt(self, mapping: ExportMapping) -> bool:
        """Say whether the sheet is meant for the mapping: its id is there, and no more is missing than there is."""
        required = sum(column.required for column in mapping.columns.values())
        return mapping.identifier in self.places and 2 * len(self.missing) <= required

    @property
    def used(self) -> frozenset[int]:
        """The positions that are read."""
        return frozenset(place for cells in self.places.values() for places in cells for place in places)


def spellings(mapping: ExportMapping) -> Known:
    """Return the headings that `mapping` knows."""

    def groups(name: str, column: Column) -> tuple[frozenset[str], ...]:
        written = [(name, *column.headings), *([column.names] if column.names else [])]
        return tuple(frozenset(map(fold, group)) for group in written)

    return {name: groups(name, column) for name, column in mapping.columns.items()}


def heading(cell: Cell) -> str:
    """Return the folded word of a heading, without marks such as `(Rp)`; empty for what is no text."""
    if not isinstance(cell, str) or len(cell) > LONGEST_HEADING:
        return ""
    return fold(NOISE_IN_HEADING.sub("", tidy(cell)))


def score(words: frozenset[str], cells: Sequence[Cell]) -> int:
    """Return how many of the known `words` stand in a row of cells."""
    return len({word for cell in cells if (word := heading(cell)) in words})


def find_layout(sheet: Sheet, mapping: ExportMapping, known: Known) -> Layout | None:
    """Return where the headings stand, in one row or in two, or None where none are found."""
    words = all_words(known)
    top = sheet.rows[:HEADING_ROWS]
    scores = [score(words, cells) for _, cells in top]
    best = max(scores, default=0)
    pairs = [_joined(above[1], below[1], words) for above, below in pairwise(top)]
    joined = [score(words, pair or ()) for pair in pairs]
    if max(joined, default=0) > max(best, FEWEST_HEADINGS - 1):
        at = joined.index(max(joined))
        return _laid_out(at + 1, pairs[at] or (), (top[at], top[at + 1]), mapping, known)
    if best < FEWEST_HEADINGS:
        return None
    at = scores.index(best)
    return _laid_out(at, top[at][1], (top[at],), mapping, known)


def all_words(known: Known) -> frozenset[str]:
    """Return every heading known, for `score`."""
    return frozenset().union(*(words for groups in known.values() for words in groups))


def _laid_out(at: int, headings: Cells, rows: Sequence[Row], mapping: ExportMapping, known: Known) -> Layout:
    folded = [heading(cell) for cell in headings]
    places: dict[str, tuple[tuple[int, ...], ...]] = {}
    for name, groups in known.items():
        found = tuple(_places(folded, group, mapping.columns[name]) for group in groups)
        if any(found):
            places[name] = found
    missing = tuple(name for name, column in mapping.columns.items() if column.required and name not in places)
    words = frozenset((*folded, *(heading(cell) for _, cells in rows for cell in cells))) - {""}
    return Layout(at, places, headings, missing, words)


def _places(folded: Sequence[str], group: frozenset[str], column: Column) -> tuple[int, ...]:
    """Return where a heading of `group` stands; of several the one the mapping names first, each time it stands."""
    in_order = [*map(fold, column.headings), *map(fold, column.names), *sorted(group)]
    word = next((word for word in in_order if word in group and word in folded), None)
    return tuple(place for place, there in enumerate(folded) if there == word)


def _joined(upper: Cells, lower: Cells, words: frozenset[str]) -> Cells | None:
    """Return the headings of two rows as one; None where the lower one is no row of headings.

    A heading above may be merged over several columns ("Tanggal" over "Daftar" and "Berangkat") or, with
    nothing below it, over both rows.
    """
    over: Cell = None
    joined: list[Cell] = []
    for above, below in zip_longest(upper, lower):
        over = over if is_empty(above) else above
        together = f"{tidy(over)} {tidy(below)}"
        if heading(below) in words:
            joined.append(below)
        elif not is_empty(below) and heading(together) in words:
            joined.append(together)
        elif heading(above) in words and (heading(below) or not isinstance(below, str | None)):
            return None  # something stands under a heading of ours that is none itself: a record
        else:
            joined.append(below if is_empty(above) else above)
    return tuple(joined)


def perhaps_meant(layout: Layout, ignored: Sequence[str], mapping: ExportMapping) -> dict[str, str]:
    """Return, for headings nearly spelt like one of a column that the sheet lacks, that column of ours."""
    lacking = {
        word.casefold(): name
        for name, column in mapping.columns.items()
        for word in (*column.headings, *column.names)
        if name not in layout.places
    }
    near = {text: get_close_matches(text.casefold(), lacking, n=1, cutoff=NEARLY_THE_SAME) for text in ignored}
    return {text: lacking[words[0]] for text, words in near.items() if words}


def explain(path: Path, mapping: ExportMapping, layouts: Sequence[Layout]) -> str:
    """Say which headings the mapping looked for and what was found; cells of records are not repeated."""
    layout = min(layouts, key=lambda layout: len(layout.missing), default=None)
    required = {name: column for name, column in mapping.columns.items() if column.required}
    if layout is None or len(layout.missing) > len(required) - 1 or len(layout.used) * 3 < len(layout.folded):
        wanted = ", ".join((column.headings or (name,))[0] for name, column in required.items())
        return (
            f"{path.name}: no row of headings found in the first {HEADING_ROWS} rows; the mapping needs {wanted}. "
            "Is it the right mapping for this file?"
        )
    there = [tidy(cell) for cell in layout.headings if not is_empty(cell)]
    free = [tidy(cell) for place, cell in enumerate(layout.headings) if not is_empty(cell) and place not in layout.used]
    lines = []
    for name in layout.missing:
        words = (*mapping.columns[name].headings, *mapping.columns[name].names) or (name,)
        guess = next((near for word in words if (near := nearest(word, free))), None)
        hint = f"; is it {mask(guess)!r}? Then add that to the mapping" if guess else ""
        lines.append(f"no heading for {name} (looked for {', '.join(map(repr, words[:4]))}{hint})")
    return f"{path.name}: {'; '.join(lines)}. Found: {', '.join(map(shown, there))}"
