"""What does a reader see of one row, on the list as well as on its own page?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from risk_model import vocabulary
from risk_model.vocabulary import Office
from service.access import Principal
from service.language import Language
from service.pages import texts
from service.pages.views import office_label
from service.payloads.answers import Flag, ListRow, PriorityList, Reason
from service.row_names import corridor_of, place_of, unit_name
from service.storage.row_states import TO_DO

SIGNS: Final = {"raises": "▲", "lowers": "▼"}
KNOWN_FLAGS: Final = ("complaint", "corrected", "departed", "returned", "objection", "objection_decided")
AT_WORK: Final = ("issued", "in_progress")


@dataclass(frozen=True)
class ReasonView:
    """One reason in the reader's language: what was recorded, and what goes with it; the sign repeats the words."""

    direction: str
    sign: str
    name: str
    effect: str


@dataclass(frozen=True)
class RowView:
    """One row of a list as an inspector reads it; its arm and probability are not among the fields.

    `title` is the corridor of a placement, or the name of what else is visited; `code` the number of a
    placement in the source system and `source_link` where it is shown there; `page` the row's own page,
    None for a reader who may not work on rows; `label` names the row in one line; `recordable` says that
    a visit can be recorded now; `waiting` is None once nothing is waited for; `remark` is what a person
    decided beside the order.
    """

    rank: int
    number: str
    page: str | None
    label: str
    version: int
    recordable: bool
    title: str
    code: str | None
    source_link: str | None
    size: str | None
    band: str
    band_label: str
    stage: str
    corridor: str | None
    position: str | None
    place: str | None
    agency: str | None
    grave_complaint: str | None
    reasons: tuple[ReasonView, ...]
    unsupported: bool
    bodies: tuple[str, ...]
    recorded: str | None
    status: str
    status_label: str
    mine: bool
    waiting: str | None
    remark: str | None
    remark_kind: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """Who reads which list, in which language, and when; `offices` names them by code."""

    head: PriorityList
    reader: Principal
    language: Language
    now: datetime
    offices: Mapping[str, Office]

    @property
    def words(self) -> Mapping[str, str]:
        """The texts of the pages."""
        return texts.words(self.language)


def row_view(row: ListRow, reading: Reading) -> RowView:
    """Return what the reader sees of `row`."""
    words, language, unit = reading.words, reading.language, reading.head.unit
    corridor, title = corridor_of(row, language), title_of(row, reading)
    works = reading.reader.may("rows.work")
    rank = texts.whole_number(row.rank, language)
    return RowView(
        rank=row.rank,
        number=rank,
        page=f"/lists/{reading.head.list_id}/rows/{row.rank}" if works else None,
        label=f"{rank}. {title}",
        version=row.version,
        recordable=works and row.status in TO_DO and reading.head.state in AT_WORK,
        title=title,
        code=row.placement_id if unit == "placement" else None,
        source_link=row.source_link,
        size=_size(row, language) if unit != "placement" else None,
        band=row.band,
        band_label=words[f"band_{row.band}"],
        stage=words[f"stage_{row.stage or 'mixed'}"],
        corridor=(corridor or None) if unit != "placement" else None,
        position=_label("positions", row.position, language),
        place=place_of(row, language) if unit != "area" else None,
        agency=row.agency_id if unit != "agency" else None,
        grave_complaint=_label("complaint_categories", row.grave_complaint, language),
        reasons=tuple(_reason_view(reason, language) for reason in row.reasons),
        unsupported=not row.supported,
        bodies=tuple(body.label_id if language == "id" else body.label_en for body in row.bodies),
        recorded=_recorded(row, reading),
        status=row.status,
        status_label=status_label(row.status, row.deferred_until, language),
        mine=row.inspector == reading.reader.who,
        waiting=texts.age(timedelta(days=row.waiting_days), language) if row.status in TO_DO else None,
        remark=_remark(row, reading),
        remark_kind=row.priority,
        flags=tuple(dict.fromkeys(flag_label(flag, language) for flag in row.flags)),
    )


def title_of(row: ListRow, reading: Reading) -> str:
    """Return what a row is about, or that the reader may not see it."""
    name = unit_name(row, reading.head.unit, reading.language)
    return reading.words["not_shown"] if name is None else name


def status_label(status: str, until: datetime | None, language: Language) -> str:
    """Return where a visit stands, with the day until which it waits."""
    words = texts.words(language)
    label = words[f"status_{status}"]
    if until is None or status != "deferred":
        return label
    return words["status_until"].format(status=label, day=texts.day(until, language))


def flag_label(flag: Flag, language: Language) -> str:
    """Return what happened to the placement of a row after the list was issued."""
    words = texts.words(language)
    band = flag.detail.get("after")
    if flag.kind == "band_changed" and f"band_{band}" in words:
        return words["flag_band_changed"].format(band=words[f"band_{band}"])
    return words[f"flag_{flag.kind}" if flag.kind in KNOWN_FLAGS else "flag_other"]


def _remark(row: ListRow, reading: Reading) -> str | None:
    said = [reading.words[row.priority]] if row.priority else []
    if row.handed_over:
        office = office_label(row.office or "", reading.offices, reading.language)
        said.append(reading.words["handed_over_to"].format(office=office))
    return ". ".join(said) or None


def _recorded(row: ListRow, reading: Reading) -> str | None:
    if row.recorded_at is None:
        return None
    age = texts.age(reading.now - row.recorded_at, reading.language)
    return f"{texts.day(row.recorded_at, reading.language)} ({age})"


def _size(row: ListRow, language: Language) -> str:
    return texts.words(language)["placements_in_unit"].format(count=texts.whole_number(row.placements, language))


def _label(table: str, code: str | None, language: Language) -> str | None:
    return vocabulary.label(table, code, language) if code else None


def _reason_view(reason: Reason, language: Language) -> ReasonView:
    name, _, effect = (reason.text_id if language == "id" else reason.text_en).rpartition(" — ")
    return ReasonView(reason.direction, SIGNS[reason.direction], name, effect)
