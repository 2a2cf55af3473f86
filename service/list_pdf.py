"""How does a list go onto A4 as a PDF?

The heading of the table stands on every page, and below it list, model, data and the page's number of
how many. The fonts are those every reader of PDF has; they know the letters of Windows-1252, and
another letter is written as a question mark.
"""

import io
from dataclasses import dataclass
from typing import Final, cast

import segno
from fpdf import FPDF

from service.language import Language
from service.paper import OUTCOMES, SEVERITIES, Paper, PaperRow
from service.paper_texts import words

FONT, LETTERS = "helvetica", "cp1252"
MARGIN: Final = 10.0
FOOT: Final = 16.0
"""Millimetres at the foot of a page that rows leave free."""
WIDTHS: Final = (26.0, 66.0, 50.0, 48.0)
"""Millimetres of the columns number, visit, reasons and result; with the margins they fill A4."""
LINE, QR_SIDE, BOX, PADDING = 3.6, 19.0, 2.6, 1.2
RESULT_HEIGHT: Final = 28.0
QR_SCALE: Final = 4


@dataclass(frozen=True)
class Line:
    """One paragraph of a cell."""

    text: str
    bold: bool = False
    size: float = 8.0


class ListPdf(FPDF):
    """The pages of one list; `header` and `footer` are called by each page."""

    def __init__(self, shown: Paper, language: Language) -> None:
        """Open an A4 document for `shown`."""
        super().__init__(format="A4")
        self.shown, self.said = shown, words(language)
        self.core_fonts_encoding = LETTERS
        self.set_margin(MARGIN)
        self.set_auto_page_break(auto=False)
        self.set_title(f"{shown.title} {shown.list_id}")
        self.set_lang(language)

    def header(self) -> None:
        """Write the marks and the heading of the table."""
        self.set_xy(MARGIN, MARGIN)
        for mark in (self.shown.simulated, self.shown.draft):
            if mark:
                self.paragraph(Line(mark, bold=True, size=9))
        self.ln(1)
        if self.page_no() == 1:
            self._opening()
        x, y = MARGIN, self.get_y() + 1
        self.set_font(FONT, "B", 8)
        names = ("paper_number", "paper_where", "paper_reasons", "paper_result")
        for name, width in zip(names, WIDTHS, strict=True):
            self.set_xy(x, y)
            self.cell(width, 5, self.said[name])
            x += width
        self.set_y(y + 5)
        self.line(MARGIN, y + 5, MARGIN + sum(WIDTHS), y + 5)

    def footer(self) -> None:
        """Write where the page comes from, and which of how many it is."""
        self.set_y(-FOOT + 4)
        self.set_font(FONT, "", 7)
        self.cell(sum(WIDTHS) - 30, 4, printable(self.shown.from_what))
        self.cell(30, 4, f"{self.said['paper_page']} {self.page_no()} / {{nb}}", align="R")

    def paragraph(self, line: Line, *, x: float = MARGIN, width: float = sum(WIDTHS)) -> None:
        """Write one paragraph at `x` below what was written last."""
        self.set_x(x)
        self.set_font(FONT, "B" if line.bold else "", line.size)
        self.multi_cell(width, LINE, printable(line.text), align="L", new_x="LEFT", new_y="NEXT")

    def add_row(self, row: PaperRow) -> None:
        """Write one row, on the next page where this one has no room."""
        visit, reasons = _visit(row), _reasons(row)
        heights = (RESULT_HEIGHT, self._height(visit, WIDTHS[1]), self._height(reasons, WIDTHS[2]))
        height = max(heights) + 2 * PADDING
        if self.get_y() + height > self.h - FOOT:
            self.add_page()
        top, x = self.get_y(), MARGIN
        self._number(row, x, top + PADDING)
        for lines, at, width in ((visit, WIDTHS[0], WIDTHS[1]), (reasons, WIDTHS[0] + WIDTHS[1], WIDTHS[2])):
            self.set_y(top + PADDING)
            for line in lines:
                self.paragraph(line, x=x + at, width=width - PADDING)
        self._boxes(x + sum(WIDTHS[:3]), top + PADDING)
        self.set_y(top + height)
        self.line(MARGIN, top + height, MARGIN + sum(WIDTHS), top + height)

    def _opening(self) -> None:
        self.paragraph(Line(self.shown.title, bold=True, size=13))
        self.ln(1.5)
        for text in (*self.shown.about, *self.shown.notices, self.shown.use):
            self.paragraph(Line(text))

    def _height(self, lines: list[Line], width: float) -> float:
        total = 0.0
        for line in lines:
            self.set_font(FONT, "B" if line.bold else "", line.size)
            text = printable(line.text)
            lines_of = cast("list[str]", self.multi_cell(width - PADDING, LINE, text, dry_run=True, output="LINES"))
            total += LINE * len(lines_of)
        return total

    def _number(self, row: PaperRow, x: float, y: float) -> None:
        picture = io.BytesIO()
        segno.make(row.link, micro=False, error="m").save(picture, kind="png", scale=QR_SCALE, border=1)
        self.image(picture, x, y + LINE, QR_SIDE, QR_SIDE)
        self.set_y(y)
        self.paragraph(Line(str(row.rank), bold=True, size=9), x=x, width=WIDTHS[0])
        self.set_y(y + LINE + QR_SIDE)
        self.paragraph(Line(row.short, size=7), x=x, width=WIDTHS[0])

    def _boxes(self, x: float, y: float) -> None:
        for name in OUTCOMES:
            self._box(self.said[name], x, y)
            y += LINE
        self.set_xy(x - 1, y)
        self.cell(12, LINE, f"{self.said['paper_severity']}:")
        for place, name in enumerate(SEVERITIES):
            self._box(self.said[name], x + 14 + 15.5 * (place % 2), y + LINE * (place // 2))
        for name in ("paper_date", "paper_signature"):
            y += 2.2 * LINE if name == "paper_date" else 1.6 * LINE
            self.set_xy(x - 1, y)
            self.cell(14, LINE, f"{self.said[name]}:")
            self.line(x + 14, y + LINE, x + WIDTHS[3] - 2, y + LINE)

    def _box(self, label: str, x: float, y: float) -> None:
        self.set_font(FONT, "", 8)
        self.rect(x, y + 0.4, BOX, BOX)
        self.set_xy(x + BOX + 0.2, y)
        self.cell(30, LINE, printable(label))


def list_pdf(shown: Paper, language: Language) -> bytes:
    """Return a list as a PDF of A4 pages."""
    document = ListPdf(shown, language)
    document.add_page()
    for row in shown.rows:
        document.add_row(row)
    return bytes(document.output())


def printable(text: str) -> str:
    """Return `text` with letters that the fonts of every reader have.

    >>> printable("Rumah – 女")
    'Rumah – ?'
    """
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return visible.encode(LETTERS, "replace").decode(LETTERS)


def _visit(row: PaperRow) -> list[Line]:
    head = [Line(f"{row.band} · {row.stage}", bold=True), Line(row.title, bold=True)]
    return [*head, Line(row.unit_id), *(Line(text) for text in row.details), Line(row.from_what, size=6.0)]


def _reasons(row: PaperRow) -> list[Line]:
    grave = [Line(row.grave, bold=True)] if row.grave else []
    return [*grave, *(Line(text) for text in row.reasons)]
