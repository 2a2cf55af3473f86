"""What stands on the page of one row?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Final

from risk_model import vocabulary
from risk_model.prioritisation.competence import SUPERVISING, is_competent
from risk_model.vocabulary import Office
from service.access import Principal
from service.language import Language
from service.pages import texts
from service.pages.numbers import percent, percent_interval
from service.pages.row_parts import Reading, RowView
from service.pages.terms_chart import Chart, chart
from service.pages.views import Frame, Notice, office_label
from service.pages.visit_form import Option, VisitForm
from service.payloads.alternatives import Alternatives
from service.payloads.answers import ListRow
from service.payloads.list_life import RowAction
from service.storage.lists import Row
from service.undoing import UNDO_SECONDS, seconds_to_undo

TOLD: Final = (
    "outcome",
    "category",
    "severity",
    "reason_code",
    "until",
    "deferred_until",
    "direction",
    "office",
    "note",
)
"""What is shown of a result or of what was sent, in this order."""
FIELD_TABLES: Final = {"reason_code": ("override_reasons",), "category": ("complaint_categories", "findings")}
FIELD_WORDS: Final = {
    "outcome": "outcome",
    "category": "finding",
    "severity": "severity",
    "reason_code": "reason",
    "until": "until",
    "deferred_until": "until",
    "direction": "direction",
    "office": "office",
    "note": "note",
}


@dataclass(frozen=True)
class Told:
    """One thing that was told, with what it is called."""

    name: str
    value: str


@dataclass(frozen=True)
class Event:
    """One thing that was done with the row."""

    when: str
    what: str
    by: str
    why: str | None


@dataclass(frozen=True)
class Result:
    """The visit or attempt recorded last; `correct` is its id while it can be corrected."""

    told: tuple[Told, ...]
    day: str
    correct: str | None


@dataclass(frozen=True)
class Undo:
    """The form that takes back what the reader has just done with a row of this `version`; it goes after `seconds`."""

    address: str
    version: int
    seconds: int
    says: str


@dataclass(frozen=True)
class Trouble:
    """Why something could not be done; where two versions collide, both (`now` and `yours`)."""

    title: str
    sentence: str
    faults: tuple[str, ...]
    now: tuple[Told, ...]
    yours: tuple[Told, ...]


@dataclass(frozen=True)
class ScoreView:
    """The number of a row as of the list, and the chart of its terms."""

    says: str
    chart: Chart
    bars_say: str


@dataclass(frozen=True)
class OtherWay:
    """One option near the placement that goes with less risk: what changes, and by how much (with its interval)."""

    changes: tuple[str, ...]
    less: str
    band: str
    band_label: str


@dataclass(frozen=True)
class OtherWays:
    """The options, and what has to be said where there are none."""

    options: tuple[OtherWay, ...]
    notice: str | None


@dataclass(frozen=True)
class Deeds:
    """What the reader may do with the row now; choices that are empty are not offered."""

    record: bool
    accept: bool
    others: bool
    offices: tuple[Option, ...]
    staff: tuple[Option, ...]
    defer_reasons: tuple[Option, ...]
    hand_over_reasons: tuple[Option, ...]
    override_reasons: tuple[Option, ...]


@dataclass(frozen=True)
class RowPage:
    """The variables of row_page.html; `other_ways` is None where nothing about the placement can change any more."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    list_id: str
    row: RowView
    done: str | None
    undo: Undo | None
    trouble: Trouble | None
    result: Result | None
    score: ScoreView | None
    other_ways: OtherWays | None
    deeds: Deeds
    visit: VisitForm
    history: tuple[Event, ...]
    facts: tuple[Told, ...]


@dataclass(frozen=True)
class GoneRowPage:
    """The variables of gone_row.html: nothing of the row but its place on the list."""

    frame: Frame
    words: Mapping[str, str]
    number: str
    undo: Undo


def undo_view(
    place: tuple[str, int],
    version: int,
    done: Sequence[RowAction],
    reader: Principal,
    *,
    language: Language,
    now: datetime,
) -> Undo | None:
    """Return the form that takes back the last of what was `done` with a row, while `reader` may do so."""
    seconds = ceil(seconds_to_undo(done, reader, now))
    if not seconds:
        return None
    says = texts.words(language)["undo_help"].format(seconds=texts.whole_number(UNDO_SECONDS, language))
    return Undo(f"/lists/{place[0]}/rows/{place[1]}/undo", version, seconds, says)


def score_view(kept: Mapping[str, Any] | None, *, of_unit: bool, language: Language) -> ScoreView | None:
    """Return the number and its terms as they were kept when the list was drawn; None where there is no number."""
    if kept is None:
        return None
    words = texts.words(language)
    interval = percent_interval(kept["risk"], kept["low"], kept["high"], language)
    low, _, high = interval.partition("(")[2].rstrip(")").partition("–")
    said = {"risk": percent(kept["risk"], language), "low": low, "high": high}
    drawn = chart(kept, language)
    sentence = words["score_of_unit" if of_unit else "score_says"].format(**said)
    return ScoreView(sentence, drawn, words["score_bars"].format(total=drawn.total))


def other_ways(found: Alternatives, language: Language) -> OtherWays:
    """Return the options near a placement in the reader's words."""
    words = texts.words(language)
    options = tuple(
        OtherWay(
            changes=tuple(change.text_id if language == "id" else change.text_en for change in option.changes),
            less=words["less_risk"].format(
                points=_points(-option.difference.risk, language),
                low=_points(-option.difference.high, language),
                high=_points(-option.difference.low, language),
            ),
            band=option.band,
            band_label=words[f"band_{option.band}"],
        )
        for option in found.options
    )
    return OtherWays(options, found.notice_id if language == "id" else found.notice_en)


def event(action: RowAction, reading: Reading) -> Event:
    """Return one thing that was done with the row."""
    words = reading.words
    outcome = action.detail.get("outcome")
    what = words[f"action_{action.action}"]
    undone = action.detail.get("undone")
    if outcome or undone:
        what = f"{what}: {words[f'outcome_{outcome}' if outcome else f'action_{undone}']}"
    why = [vocabulary.label("override_reasons", action.reason_code, reading.language)] if action.reason_code else []
    why += [action.note] if action.note else []
    return Event(
        when=texts.day(action.at, reading.language),
        what=what,
        by=words["by_you" if action.by == reading.reader.who else "by_other"],
        why=". ".join(why) or None,
    )


def told(values: Mapping[str, Any], language: Language, offices: Mapping[str, Office]) -> tuple[Told, ...]:
    """Return what was told in the reader's words: a result, or what was sent."""
    words = texts.words(language)
    return tuple(
        Told(words[FIELD_WORDS[name]], _said(name, values[name], language, offices))
        for name in TOLD
        if values.get(name) not in (None, "")
    )


def hand_over_offices(row: ListRow, reading: Reading) -> tuple[Option, ...]:
    """Return the offices that may act on the row, but the one that has it."""
    able = [
        code
        for code, office in reading.offices.items()
        if code != row.office and (row.stage is None or row.destination is None or _may(office, row))
    ]
    return tuple(Option(code, office_label(code, reading.offices, reading.language)) for code in able)


def staff_options(staff: Sequence[Row], in_hand: Mapping[str, int], language: Language) -> tuple[Option, ...]:
    """Return who can be given the row, with how many rows each has in hand."""
    words = texts.words(language)
    return tuple(
        Option(str(user["user_id"]), words["in_hand"].format(login=user["login"], count=in_hand[str(user["user_id"])]))
        for user in staff
    )


def _points(difference: float, language: Language) -> str:
    return percent(difference, language).removesuffix("%")


def _may(office: Office, row: ListRow) -> bool:
    return office.kind in SUPERVISING or is_competent(office, str(row.stage), str(row.destination))


def _said(name: str, value: Any, language: Language, offices: Mapping[str, Office]) -> str:
    words, code = texts.words(language), str(value)
    if name in ("outcome", "severity"):
        return words.get(f"{name}_{code}", code)
    if name == "direction":
        return words.get(code, code)
    if name == "office":
        return office_label(code, offices, language)
    if name == "deferred_until":
        return texts.day(value, language)
    return next((_label(table, code, language) for table in _tables(name, code)), code)


def _tables(name: str, code: str) -> Collection[str]:
    return [table for table in FIELD_TABLES.get(name, ()) if code in vocabulary.codes(table)]


def _label(table: str, code: str, language: Language) -> str:
    return vocabulary.label(table, code, language)
