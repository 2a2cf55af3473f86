"""Which rows of a list does the reader want to see?

The filters stand in the address, so that a filtered list can be kept and passed on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args

from fastapi import Depends, Query

from service.access import Principal
from service.payloads.answers import ListRow
from service.payloads.list_life import RowStatus

LONGEST: Final = 100
BANDS: Final = ("very_high", "high", "medium", "insufficient_data", "lower_priority")
STAGES: Final = ("before", "during", "after")
STATUSES: Final = get_args(RowStatus)
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
    *, band: Asked = "", status: Asked = "", trip: Asked = "", stage: Asked = "", mine: Asked = "", q: Asked = ""
) -> Filters:
    return Filters(band, status, trip, stage, mine, q.strip())


Asking = Annotated[Filters, Depends(_filters)]


def keep(filters: Filters, rows: Iterable[tuple[ListRow, str]], reader: Principal) -> list[ListRow]:
    """Return the rows that fit; with each comes the text that is searched."""
    words = filters.q.casefold().split()
    return [
        row
        for row, text in rows
        if _fits(filters.band, row.band)
        and _fits(filters.status, row.status)
        and _fits(filters.trip, str(row.trip))
        and _fits(filters.stage, row.stage)
        and (not filters.mine or row.inspector == reader.who)
        and all(word in text.casefold() for word in words)
    ]


def _fits(asked: str, value: Any) -> bool:
    return not asked or asked == value
