"""How does a list go into a spreadsheet?

Words in the reader's language, ids as text with their zeros, where the row comes from on every row,
and no cell that a spreadsheet would run.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from risk_model import vocabulary
from service.language import Language
from service.payloads.answers import ListRow, PriorityList

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS: Final = (
    "rank",
    "trip",
    "unit_id",
    "placement_id",
    "placements",
    "band",
    "stage",
    "bodies",
    "area",
    "place",
    "destination",
    "sector",
    "position",
    "agency_id",
    "employer_ref",
    "reason_1",
    "reason_2",
    "reason_3",
    "grave_complaint",
    "status",
    "inspector",
    "priority",
    "reason_code",
    "deferred_until",
    "waiting_days",
    "flags",
    "source_link",
    "recorded_at",
    "list_id",
    "office",
    "as_of",
    "model_version",
    "data_origin",
)
TABLES: Final = {
    "stage": "stages",
    "destination": "destinations",
    "sector": "sectors",
    "position": "positions",
    "grave_complaint": "complaint_categories",
    "reason_code": "override_reasons",
}
"""Where the codes of a column have names."""
KABUPATEN: Final = 2
"""Depth of an area that the column `area` names; `place` names all that is known."""
MOST_REASONS: Final = 3
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""A cell that begins so would be run by a spreadsheet; it gets an apostrophe in front."""
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel reads UTF-8 as Windows-1252."""
TEXT_FORMAT: Final = "@"

Cell = str | int | None


def sheet_rows(shown: PriorityList, language: Language) -> list[dict[str, Cell]]:
    """Return the rows of a list as cells by `COLUMNS`: whole numbers, and text as it is."""
    head = {"list_id": shown.list_id, "office": shown.office, "as_of": shown.as_of}
    made = {"model_version": shown.model_version, "data_origin": shown.data_origin}
    return [
        {name: _plain(value) for name, value in {**_in_words(row, language), **head, **made}.items()}
        for row in shown.rows
    ]


def list_csv(shown: PriorityList, language: Language) -> str:
    """Return a list as CSV: `;` between cells, formulas disarmed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in sheet_rows(shown, language):
        writer.writerow([_disarmed(row[name]) for name in COLUMNS])
    return BYTE_ORDER_MARK + buffer.getvalue()


def list_xlsx(shown: PriorityList, language: Language) -> bytes:
    """Return a list as a workbook of one sheet; text stays text, also where it looks like a formula."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(shown.list_id)
    sheet.freeze_panes = "A2"
    sheet.append(list(COLUMNS))
    for row in sheet_rows(shown, language):
        sheet.append([_workbook_cell(sheet, row[name]) for name in COLUMNS])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _in_words(row: ListRow, language: Language) -> Mapping[str, Any]:
    told = row.model_dump(exclude={"reasons", "flags", "bodies", "places"})
    named = {
        column: vocabulary.label(table, told[column], language) if told[column] else None
        for column, table in TABLES.items()
    }
    said = [getattr(reason, f"text_{language}") for reason in row.reasons[:MOST_REASONS]]
    labels = [getattr(place, f"label_{language}") for place in row.places]
    cells = {
        **told,
        **named,
        **{f"reason_{number}": text for number, text in enumerate([*said, None, None, None][:MOST_REASONS], start=1)},
        "area": (labels[:KABUPATEN] or [None])[-1],
        "place": ", ".join(reversed(labels)),
        "bodies": " / ".join(getattr(body, f"label_{language}") for body in row.bodies),
        "flags": ", ".join(f"{flag.kind} {flag.at:%Y-%m-%d}" for flag in row.flags),
    }
    return {name: cells[name] for name in COLUMNS if name in cells}


def _plain(value: object) -> Cell:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _disarmed(value: Cell) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _workbook_cell(sheet: Any, value: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value=value)
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
    cell.quotePrefix = value.startswith(FORMULA_STARTS)
    return cell
