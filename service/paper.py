"""What stands on paper of a list?

The same rows in the same order as on screen, without arms and probabilities. What a row holds is
small enough to be read at a door: a number, a code that leads to its page, where to go, why, and
boxes for what was found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from risk_model import vocabulary
from risk_model.vocabulary import Office
from service.language import Language
from service.paper_texts import words
from service.payloads.answers import ListRow, PriorityList
from service.row_names import place_of, unit_name

PDF_TYPE: Final = "application/pdf"
OUTCOMES: Final = ("paper_found", "paper_none_found", "paper_not_reached", "paper_deferred")
SEVERITIES: Final = ("paper_severity_1", "paper_severity_2", "paper_severity_3")
"""Which boxes each row has; the words are in paper_texts, those of severities the same as in the form of a visit."""
MOST_REASONS: Final = 3
SIGNS: Final = {"raises": "+", "lowers": "-"}
SHORT_FROM: Final = "-"
"""A list's number is its day, this, and what no other list of the day has."""


@dataclass(frozen=True)
class PaperRow:
    """One row: `short` is the list's own part of its number and the rank, `link` the row's page, `unit_id` what it is.

    `from_what` tells list, model and data version, on every row because rows get cut apart.
    """

    rank: int
    short: str
    link: str
    unit_id: str
    title: str
    band: str
    stage: str
    details: tuple[str, ...]
    grave: str | None
    reasons: tuple[str, ...]
    from_what: str


@dataclass(frozen=True)
class Paper:
    """A list on paper; `simulated` and `draft` are said on every page, None where they do not hold."""

    title: str
    list_id: str
    about: tuple[str, ...]
    from_what: str
    notices: tuple[str, ...]
    use: str
    simulated: str | None
    draft: str | None
    rows: tuple[PaperRow, ...]


def paper(
    shown: PriorityList,
    rows: Sequence[ListRow],
    language: Language,
    *,
    offices: Mapping[str, Office],
    link: Callable[[int], str],
) -> Paper:
    """Return `rows` of the list `shown` as they stand on paper.

    `rows` are those to print, in order; `link` gives the address of the page of the row with a rank, in which
    nothing about a person may stand.
    """
    said = words(language)
    counts = {"shown": len(rows), "all": len(shown.rows), "count": len(rows)}
    part = said["paper_rows" if len(rows) == len(shown.rows) else "paper_part"].format(**counts)
    origin = _from_what(shown, said)
    return Paper(
        title=f"{said['paper_title']} {_office(shown.office, offices, language)}",
        list_id=shown.list_id,
        about=(part, origin),
        from_what=origin,
        notices=tuple(getattr(notice, f"text_{language}") for notice in shown.notices),
        use=said["paper_use"],
        simulated=said["paper_simulated"] if shown.data_origin == "simulated" else None,
        draft=said["paper_draft"] if shown.state == "draft" else None,
        rows=tuple(_row(row, shown, language, link=link(row.rank), origin=origin) for row in rows),
    )


def _row(row: ListRow, shown: PriorityList, language: Language, *, link: str, origin: str) -> PaperRow:
    said = words(language)
    grave = row.grave_complaint
    reasons = tuple(f"{SIGNS[each.direction]} {getattr(each, f'text_{language}')}" for each in row.reasons)
    return PaperRow(
        rank=row.rank,
        short=f"{shown.list_id.rpartition(SHORT_FROM)[2]}/{row.rank}",
        link=link,
        unit_id=row.unit_id or said["paper_not_shown"],
        title=unit_name(row, shown.unit, language) or said["paper_not_shown"],
        band=said[f"paper_band_{row.band}"],
        stage=said[f"paper_stage_{row.stage or 'mixed'}"],
        details=tuple(_details(row, language)),
        grave=f"{said['paper_grave']}: {vocabulary.label('complaint_categories', grave, language)}" if grave else None,
        reasons=reasons[:MOST_REASONS] or (said["paper_no_reasons"],),
        from_what=origin,
    )


def _details(row: ListRow, language: Language) -> list[str]:
    said = words(language)
    position = vocabulary.label("positions", row.position, language) if row.position else None
    agency = f"{said['paper_agency']}: {row.agency_id}" if row.agency_id else None
    trip = f"{said['paper_trip']} {row.trip}"
    return [part for part in (position, place_of(row, language), agency, trip) if part]


def _from_what(shown: PriorityList, said: Mapping[str, str]) -> str:
    parts = (("paper_list", shown.list_id), ("paper_model", shown.model_version), ("paper_data", _day(shown.as_of)))
    return " · ".join(f"{said[name]} {value}" for name, value in parts)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _office(code: str | None, offices: Mapping[str, Office], language: Language) -> str:
    if code is None:
        return words(language)["paper_whole_register"]
    if code in vocabulary.codes("offices"):
        return vocabulary.label("offices", code, language)
    return offices[code].name if code in offices else code
