"""Which rows of a list does one trip serve?

Rows of the same kecamatan, or of the same kabupaten/kota where no more is known, are one trip; rows
that the office abroad visits are one trip per destination. A unit whose place nobody knows is a trip
of its own. Trips are numbered by their best row, and within a trip the order of the list holds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

KECAMATAN_LENGTH: Final = 8
"""Characters of a kecamatan code such as 53.11.05; a shorter code is taken as far as it goes."""
ABROAD: Final = "during"
"""The stage at which the visit goes to the destination."""


def trip_numbers(rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Return the trip of each row, by rank, from 1.

    Args:
        rows: columns `rank`, `unit_id`, `stage`, `destination`, `origin` and `area` (null where not known).

    >>> home = {"stage": "before", "destination": "MYS", "area": None, "unit_id": "x"}
    >>> rows = [(1, "53.11"), (2, "53.18"), (3, "53.11")]
    >>> trip_numbers([{"rank": rank, "origin": origin, **home} for rank, origin in rows])
    {1: 1, 2: 2, 3: 1}
    """
    numbers: dict[tuple[str, str], int] = {}
    ordered = sorted(rows, key=lambda row: int(row["rank"]))
    return {int(row["rank"]): numbers.setdefault(_place(row), len(numbers) + 1) for row in ordered}


def _place(row: Mapping[str, Any]) -> tuple[str, str]:
    if row["stage"] == ABROAD and row["destination"]:
        return "destination", str(row["destination"])
    area = row["origin"] or row["area"]
    return ("area", str(area)[:KECAMATAN_LENGTH]) if area else ("unit", str(row["unit_id"]))
