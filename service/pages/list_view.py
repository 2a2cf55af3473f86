"""What stands on the page of a list?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from risk_model import vocabulary
from service.language import Language
from service.list_filters import BANDS, STAGES, STATUSES, Filters
from service.pages import texts
from service.pages.paging import Pages
from service.pages.row_parts import Reading, RowView, row_view
from service.pages.views import Choice, Frame, Notice
from service.pages.visit_form import VisitForm
from service.payloads.answers import ListHead, ListRow
from service.trips import ABROAD, KECAMATAN_LENGTH


@dataclass(frozen=True)
class Group:
    """Rows that stand together under a heading."""

    title: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class FilterForm:
    """The filters that can be chosen; `used` says that some are."""

    bands: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    trips: tuple[Choice, ...]
    stages: tuple[Choice, ...]
    mine: bool
    text: str
    used: bool


@dataclass(frozen=True)
class ListView:
    """One list: what it is, where it stands, how old its data are, and its rows.

    `may_issue` and `may_close` say what the reader can do with it now; `newer` is the list that took its place,
    and `query` what the filters add to an address.
    """

    list_id: str
    version: int
    office: str
    state: str
    state_label: str
    newer: str | None
    may_issue: bool
    may_close: bool
    made_at: str
    data_until: str
    age_of_data: str
    rows_text: str
    eligible_text: str
    model: str
    of_units: bool
    bands: tuple[tuple[str, str, int], ...]
    shown_text: str
    groups: tuple[Group, ...]
    pages: Pages
    filters: FilterForm
    search: str
    search_says: str | None
    query: str


@dataclass(frozen=True)
class Earlier:
    """A link to another list of the same office."""

    list_id: str
    label: str


@dataclass(frozen=True)
class ListPage:
    """The variables of list.html; `done` says what was just done with the list."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    done: str | None
    offices: tuple[Choice, ...]
    units: tuple[Choice, ...]
    capacity: int
    most_visits: int
    may_make: bool
    has_data: bool
    shown: ListView | None
    earlier: tuple[Earlier, ...]
    visit: VisitForm


def groups(rows: Sequence[ListRow], reading: Reading) -> tuple[Group, ...]:
    """Return ordered rows under the headings of their trips."""
    found: dict[str, list[RowView]] = {}
    for row in rows:
        found.setdefault(_heading(row, reading), []).append(row_view(row, reading))
    return tuple(Group(title, tuple(views)) for title, views in found.items())


def filter_form(filters: Filters, rows: Sequence[ListRow], reading: Reading) -> FilterForm:
    """Return the filters, with the trips of `rows`."""
    words = reading.words
    trips = {str(row.trip): trip_title(row, reading) for row in sorted(rows, key=lambda row: row.trip)}
    return FilterForm(
        bands=_choices({band: words[f"band_{band}"] for band in BANDS}, filters.band),
        statuses=_choices({status: words[f"status_{status}"] for status in STATUSES}, filters.status),
        trips=_choices(trips, filters.trip),
        stages=_choices({stage: words[f"stage_{stage}"] for stage in STAGES}, filters.stage),
        mine=bool(filters.mine),
        text=filters.q,
        used=bool(filters.query),
    )


def band_counts(rows: Sequence[ListRow], language: Language) -> tuple[tuple[str, str, int], ...]:
    """Return how many rows each band has, those with any."""
    words = texts.words(language)
    counts = ((band, words[f"band_{band}"], sum(row.band == band for row in rows)) for band in BANDS)
    return tuple(entry for entry in counts if entry[2])


def head_facts(head: ListHead, rows: int, reading: Reading) -> dict[str, str]:
    """Return what is said of a list above its rows."""
    language = reading.language
    return {
        "made_at": texts.day(head.created_at, language),
        "data_until": texts.day(min(head.as_of, reading.now), language),
        "age_of_data": texts.age(reading.now - head.as_of, language),
        "rows_text": texts.whole_number(rows, language),
        "eligible_text": reading.words["of_eligible"].format(count=texts.whole_number(head.eligible, language)),
        "model": head.model_version,
        "state_label": reading.words[f"state_{head.state}"],
    }


def trip_title(row: ListRow, reading: Reading) -> str:
    """Return the number of the trip that serves a row, and where it goes."""
    number = texts.whole_number(row.trip, reading.language)
    return f"{reading.words['trip'].format(number=number)} · {_goes_to(row, reading)}"


def _heading(row: ListRow, reading: Reading) -> str:
    if row.grave_complaint is not None:
        return reading.words["mandatory_first"]
    return trip_title(row, reading)


def _goes_to(row: ListRow, reading: Reading) -> str:
    language = reading.language
    if row.stage == ABROAD and row.destination:
        return vocabulary.label("destinations", row.destination, language)
    area = row.origin or (row.places[-1].code if row.places else None)
    if area is None:
        return reading.words["trip_nowhere"]
    return vocabulary.label("areas", area[:KECAMATAN_LENGTH], language)


def _choices(labels: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in labels.items())
