"""What stands on the page that a browser prints?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import segno

from service.pages.views import Frame
from service.paper import Paper

QUIET_ZONE: Final = 1
"""Modules of white around a code; the cell around it is white as well."""


@dataclass(frozen=True)
class Code:
    """A QR code as an SVG draws it: the modules of a side, and the path of the dark ones."""

    side: int
    path: str


@dataclass(frozen=True)
class PaperPage:
    """The variables of paper.html; `codes` are by rank, `query` is what the filters add to an address."""

    frame: Frame
    words: Mapping[str, str]
    sheet: Paper
    codes: Mapping[int, Code]
    outcomes: tuple[str, ...]
    severities: tuple[str, ...]
    query: str


def code_of(link: str) -> Code:
    """Return a QR code that leads to `link`."""
    made = segno.make(link, micro=False, error="m")
    return Code(len(made.matrix) + 2 * QUIET_ZONE, "".join(_strokes(made)))


def _strokes(made: segno.QRCode) -> Iterator[str]:
    """Yield a line through the middle of each run of dark modules."""
    for y, modules in enumerate(made.matrix_iter(border=QUIET_ZONE)):
        for dark, run in groupby(enumerate(modules), key=lambda module: bool(module[1])):
            places = [x for x, _ in run]
            if dark:
                yield f"M{places[0]} {y}.5h{len(places)}"
