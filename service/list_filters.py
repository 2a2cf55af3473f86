"""Which rows of a list does the reader want to see, in which order?

The filters stand in the address, so that a filtered list can be kept and passed on; the same address
gives the same rows on screen, on paper and in a file.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args

from fastapi import Depends, Query
from pydantic import AfterValidator

from risk_model.errors import nearest
from service.access import Principal
from service.language import Language
from service.payloads.answers import ListRow, PriorityList
from service.payloads.list_life import RowStatus
from service.payloads.requests import Unit, no_code
from service.row_names import place_of, unit_name

LONGEST: Final = 100
BANDS: Final = ("very_high", "high", "medium", "insufficient_data", "lower_priority")
STAGES: Final = ("before", "during", "after")
STATUSES: Final = get_args(RowStatus)
PRIORITIES: Final = ("raised", None, "lowered")
"""How what a person decided orders the rows of one trip."""


def _one_of(known: tuple[str, ...]) -> Any:
    """Return the type of a filter that keeps rows with one of these codes; a slip of the pen would keep none."""

    def check(value: str) -> str:
        if value and value not in known:
            raise no_code(value, nearest(value, known))
        return value

    return Annotated[str, AfterValidator(check), Query(max_length=LONGEST, description=f"one of {', '.join(known)}")]


Asked = Annotated[str, Query(max_length=LONGEST)]


@dataclass(frozen=True)
class Filters:
    """What the address asks for; an empty text asks for nothing."""

    band: str = ""
    status: str = ""
    trip: str = ""
    stage: str = ""
    mine: str = ""
    q: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The part of the address that asks for it."""
        return {name: value for name, value in vars(self).items() if value}


def _filters(
    *,
    band: _one_of(BANDS) = "",  # type: ignore[valid-type]  # made from the codes there are
    status: _one_of(STATUSES) = "",  # type: ignore[valid-type]  # likewise
    trip: Asked = "",
    stage: _one_of(STAGES) = "",  # type: ignore[valid-type]  # likewise
    mine: Asked = "",
    q: Asked = "",
) -> Filters:
    return Filters(band, status, trip, stage, mine, q.strip())


Asking = Annotated[Filters, Depends(_filters)]


def chosen_rows(shown: PriorityList, filters: Filters, reader: Principal, language: Language) -> list[ListRow]:
    """Return the rows that fit, in the order in which they are visited.

    First the grave complaints, then one trip after the other; within each what a person raised, then the
    order of the list.
    """
    words = filters.q.casefold().split()
    kept = [row for row in shown.rows if _is_wanted(row, filters, reader)]
    found = [row for row in kept if _holds(words, _searched(row, shown.unit, language))] if words else kept
    return sorted(
        found,
        key=lambda row: (
            row.grave_complaint is None,
            row.trip if row.grave_complaint is None else 0,
            PRIORITIES.index(row.priority),
            row.rank,
        ),
    )


def _is_wanted(row: ListRow, filters: Filters, reader: Principal) -> bool:
    return (
        _fits(filters.band, row.band)
        and _fits(filters.status, row.status)
        and _fits(filters.trip, str(row.trip))
        and _fits(filters.stage, row.stage)
        and (not filters.mine or row.inspector == reader.who)
    )


def _searched(row: ListRow, unit: Unit, language: Language) -> str:
    """What is searched in a row."""
    named = (unit_name(row, unit, language), place_of(row, language), row.agency_id, row.placement_id, row.employer_ref)
    said = [reason.text_id if language == "id" else reason.text_en for reason in row.reasons]
    return " ".join(part for part in (*named, *said) if part).casefold()


def _holds(words: list[str], text: str) -> bool:
    return all(word in text for word in words)


def _fits(asked: str, value: Any) -> bool:
    return not asked or asked == value
