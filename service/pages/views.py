"""What stands on a page?

The variables of a template are the fields of its dataclass, no more and no fewer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from risk_model import vocabulary
from risk_model.vocabulary import Office
from service.answering import bodies, in_utc, placement_link
from service.language import Language
from service.pages import texts
from service.pages.navigation import Entry
from service.payloads.requests import Unit
from service.storage.lists import Row, StoredList

BANDS: Final = ("very_high", "high", "medium", "insufficient_data", "lower_priority")
DIRECTIONS: Final = {"raises": "▲", "lowers": "▼"}


@dataclass(frozen=True)
class Choice:
    """One entry of a select field."""

    value: str
    label: str
    selected: bool


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

    `title` is the corridor of a placement, or the name of what else is visited; `code` is the number
    of a placement in the source system.
    """

    rank: int
    title: str
    code: str | None
    link: str | None
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


@dataclass(frozen=True)
class ListView:
    """One list: what it is, how old its data are, and its rows."""

    list_id: str
    office: str
    made_at: str
    data_until: str
    age_of_data: str
    rows_text: str
    eligible_text: str
    model: str
    of_units: bool
    bands: tuple[tuple[str, str, int], ...]
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class Notice:
    """One sentence that every reader must see; `kind` sets its weight on the page."""

    kind: str
    text: str


@dataclass(frozen=True)
class Earlier:
    """A link to another list of the same office."""

    list_id: str
    label: str


@dataclass(frozen=True)
class Reader:
    """Whoever is signed in; `form_token` goes into every form, None for a system with a key."""

    name: str
    role: str
    form_token: str | None
    sees_lists: bool


@dataclass(frozen=True)
class Frame:
    """What every page has around it; `reader` is None where nobody is signed in.

    `script_data` are the attributes of the page that the script reads: who reads, the form token, and
    every sentence it says; empty where nobody is signed in by a session.
    """

    language: Language
    other_language: Language
    language_link: str
    style_sheet: str
    script: str
    script_data: Mapping[str, str]
    navigation: tuple[Entry, ...]
    reader: Reader | None


@dataclass(frozen=True)
class ListPage:
    """The variables of list.html."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    offices: tuple[Choice, ...]
    units: tuple[Choice, ...]
    capacity: int
    most_visits: int
    may_make: bool
    has_data: bool
    shown: ListView | None
    earlier: tuple[Earlier, ...]


@dataclass(frozen=True)
class MessagePage:
    """The variables of message.html."""

    frame: Frame
    words: Mapping[str, str]
    title: str
    message: str


def list_view(
    stored: StoredList, language: Language, *, office: str, now: datetime, source_link: str | None
) -> ListView:
    """Return what a reader sees of `stored`; `office` is the office's name."""
    head, words = stored.head, texts.words(language)
    rows = tuple(_row_view(row, str(head["unit"]), language, source_link=source_link) for row in stored.rows)
    counts = ((band, words[f"band_{band}"], sum(row.band == band for row in rows)) for band in BANDS)
    eligible = texts.whole_number(int(head["eligible"]), language)
    return ListView(
        list_id=stored.list_id,
        office=office,
        made_at=texts.day(head["created_at"], language),
        data_until=texts.day(head["as_of"], language),
        age_of_data=texts.age(now - in_utc(head["as_of"]), language),
        rows_text=texts.whole_number(len(rows), language),
        eligible_text=words["of_eligible"].format(count=eligible),
        model=str(head["model_version"]),
        of_units=head["unit"] != "placement",
        bands=tuple(entry for entry in counts if entry[2]),
        rows=rows,
    )


def notices(stored: Sequence[Mapping[str, str]], language: Language) -> tuple[Notice, ...]:
    """Return stored notices in the reader's language."""
    return tuple(Notice(notice["code"], notice[f"text_{language}"]) for notice in stored)


def office_choices(
    offices: Mapping[str, Office], seen: Collection[str] | None, chosen: str | None, language: Language
) -> tuple[Choice, ...]:
    """Return the offices that the reader sees, with the chosen one marked; None: all, and the whole register."""
    whole = (Choice("", texts.words(language)["whole_register"], chosen == ""),) if seen is None else ()
    names = {code: office_label(code, offices, language) for code in offices if seen is None or code in seen}
    return (*(Choice(code, name, code == chosen) for code, name in names.items()), *whole)


def office_label(code: str, offices: Mapping[str, Office], language: Language) -> str:
    """Return what an office is called."""
    if code in vocabulary.codes("offices"):
        return vocabulary.label("offices", code, language)
    return offices[code].name if code in offices else code


def unit_choices(chosen: str, language: Language) -> tuple[Choice, ...]:
    """Return the units a list can be made of."""
    words = texts.words(language)
    return tuple(Choice(unit, words[f"unit_{unit}"], unit == chosen) for unit in get_args(Unit))


def _row_view(row: Row, unit: str, language: Language, *, source_link: str | None) -> RowView:
    words = texts.words(language)
    several, corridor = unit != "placement", _corridor(row, language)
    return RowView(
        rank=int(row["rank"]),
        title=_unit_name(row["unit_id"], unit, language) if several else corridor,
        code=None if several else row["placement_id"],
        link=placement_link(row["placement_id"], source_link),
        size=_size(int(row["placements"]), language) if several else None,
        band=str(row["band"]),
        band_label=words[f"band_{row['band']}"],
        stage=words[f"stage_{row['stage'] or 'mixed'}"],
        corridor=(corridor or None) if several else None,
        position=_label("positions", row["position"], language),
        place=_label("areas", row["area"], language) if unit != "area" else None,
        agency=row["agency_id"] if unit != "agency" else None,
        grave_complaint=_label("complaint_categories", row["mandatory_because"], language),
        reasons=tuple(_reason_view(reason, language) for reason in row["reasons"]),
        unsupported=not row["supported"],
        bodies=tuple(vocabulary.label("bodies", body, language) for body in bodies(row)),
        recorded=texts.day(row["recorded_at"], language) if row["recorded_at"] else None,
    )


def _size(placements: int, language: Language) -> str:
    return texts.words(language)["placements_in_unit"].format(count=texts.whole_number(placements, language))


def _unit_name(unit_id: str | None, unit: str, language: Language) -> str:
    if unit_id is None:
        return texts.words(language)["not_shown"]
    return vocabulary.label("areas", unit_id, language) if unit == "area" else unit_id


def _corridor(row: Row, language: Language) -> str:
    parts = (_label("destinations", row["destination"], language), _label("sectors", row["sector"], language))
    return " · ".join(part for part in parts if part)


def _label(table: str, code: str | None, language: Language) -> str | None:
    return vocabulary.label(table, code, language) if code else None


def _reason_view(reason: Mapping[str, Any], language: Language) -> ReasonView:
    direction = str(reason["direction"])
    name, _, effect = str(reason[f"text_{language}"]).rpartition(" — ")
    return ReasonView(direction, DIRECTIONS[direction], name, effect)
