"""Which rows stand behind a figure?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from risk_model import vocabulary
from service.language import Language
from service.pages import texts
from service.pages.paging import Pages
from service.pages.views import Frame, Notice
from service.storage.supervision import NOBODY, Filters, Row

FOUND: Final = {"harm_found": "yes", "no_harm_found": "no"}
CODES: Final = {
    "destination": ("sg_destination", "destinations"),
    "sector": ("sg_sector", "sectors"),
    "area": ("area", "areas"),
    "reason": ("sv_reason", "override_reasons"),
}
WORK: Final = {"now": "sv_work_now", "placements": "sv_work_placements"}
PRIORITIES: Final = {"raised": "sv_raised", "lowered": "sv_lowered", "moved": "sv_moved", "untouched": "sv_untouched"}


@dataclass(frozen=True)
class Names:
    """What offices and inspectors are called; `inspectors` is None for a reader who works without identities."""

    offices: Mapping[str, str]
    inspectors: Mapping[str, str] | None


@dataclass(frozen=True)
class RowLine:
    """One row of a list; `title`, `code` and `inspector` are None where the reader may not know them."""

    list_id: str
    href: str | None
    rank: str
    office: str
    band: str
    band_label: str
    corridor: str
    place: str | None
    code: str | None
    status: str
    inspector: str | None
    note: str | None
    finding: str | None
    changed: str


@dataclass(frozen=True)
class SupervisionRowsPage:
    """The variables of supervision_rows.html; `filters` say what all rows have in common."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    back: str
    clear: str
    filters: tuple[tuple[str, str], ...]
    names_inspectors: bool
    count: str
    rows: tuple[RowLine, ...]
    pages: Pages


def row_lines(rows: Sequence[Row], language: Language, names: Names, *, opens_lists: bool) -> tuple[RowLine, ...]:
    """Return the rows; they are links to their lists where the reader may open these."""
    return tuple(_line(row, language, names, opens_lists=opens_lists) for row in rows)


def corridor(row: Row, language: Language) -> str:
    """Return destination and sector of a row in words."""
    parts = (("destinations", row["destination"]), ("sectors", row["sector"]))
    return " · ".join(vocabulary.label(table, code, language) for table, code in parts if code)


def said_filters(filters: Filters, language: Language, names: Names) -> tuple[tuple[str, str], ...]:
    """Return what was asked for, as pairs of a name and a value in words."""
    asked = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return tuple(_said(name, value, language, names) for name, value in asked.items() if value is not None)


def _line(row: Row, language: Language, names: Names, *, opens_lists: bool) -> RowLine:
    words = texts.words(language)
    known, area = names.inspectors, row["origin"] or row["area"]
    inspector = known.get(str(row["inspector"]), words["sv_unknown_user"]) if known and row["inspector"] else None
    return RowLine(
        list_id=str(row["list_id"]),
        href=f"/lists/{row['list_id']}" if opens_lists else None,
        rank=texts.whole_number(int(row["rank"]), language),
        office=names.offices.get(row["office"] or "", row["office"] or words["whole_register"]),
        band=str(row["band"]),
        band_label=words[f"band_{row['band']}"],
        corridor=corridor(row, language),
        place=vocabulary.label("areas", _kabupaten(area), language) if area else None,
        code=None if known is None else row["placement_id"] or row["unit_id"],
        status=words[f"sv_status_{row['status']}"],
        inspector=inspector,
        note=_note(row, language),
        finding=words[f"sv_finding_{FOUND[row['outcome']]}"] if row["outcome"] else None,
        changed=texts.day(row["updated_at"], language),
    )


def _note(row: Row, language: Language) -> str | None:
    """The reason that was given, until when the row waits, and whether it was moved."""
    words, said = texts.words(language), []
    if row["priority"]:
        said.append(words[PRIORITIES[row["priority"]]])
    if row["reason_code"]:
        said.append(vocabulary.label("override_reasons", row["reason_code"], language))
    if row["deferred_until"]:
        said.append(words["sv_until"].format(day=texts.day(row["deferred_until"], language)))
    return ", ".join(said) or None


def _kabupaten(area: str) -> str:
    return ".".join(area.split(".")[:2])


def _said(name: str, value: str, language: Language, names: Names) -> tuple[str, str]:
    words = texts.words(language)
    if name in CODES:
        label, table = CODES[name]
        return words[label], vocabulary.label(table, value, language)
    if name == "inspector":
        known = (names.inspectors or {}).get(value, words["sv_unknown_user"])
        return words["sv_inspector"], words["sv_nobody"] if value == NOBODY else known
    told = {
        "list_id": ("sv_list", value),
        "office": ("office", names.offices.get(value, value)),
        "work": ("sv_list", words.get(WORK.get(value, ""), value)),
        "status": ("sv_status", words.get(f"sv_status_{value}", value)),
        "priority": ("sv_overrides", words.get(PRIORITIES.get(value, ""), value)),
        "found": ("sv_finding", words.get(f"sv_finding_{value}", value)),
        "arm": ("sv_arm", words.get(f"sv_arm_{value}", value)),
    }
    label, said = told[name]
    return words[label], said
