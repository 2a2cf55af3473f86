"""Of which facts may a specification tell, and which of them tell of harm?"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from risk_model import vocabulary
from risk_model.data.table_columns import columns
from risk_model.errors import SpecificationError, repair_hint
from risk_model.specification import ALWAYS_BARRED, Specification
from risk_model.specified_features import History, Rows

OWN_DATE: Final = {"placements": "registered_on", "events": "occurred_at", "inspections": "visited_at"}
"""When a fact of each table happened; where that is not recorded, the day it became known."""

HARM: Final = "harm"
UNKNOWN_HARM: Final = "unknown"
"""Whether a complaint's category tells of harm: yes, request, or unknown where no known category is given."""


def check_facts(specification: Specification) -> None:
    """Raise SpecificationError where a history or the reported rule names what no table holds or is barred."""
    barred = ALWAYS_BARRED | set(specification.barred)
    for feature in specification.features:
        if feature.history is not None:
            _check_history(feature.name, feature.history, barred)
    for rows in specification.cohort.reported if specification.cohort else ():
        _check_rows("cohort.reported", rows, barred)


def _check_history(where: str, history: History, barred: set[str] | frozenset[str]) -> None:
    _check_names(where, (*history.entity, *(history.parent or ())), set(columns("placements")) - barred)
    for rows in (history.numerator, history.denominator):
        if rows is not None:
            _check_rows(where, rows, barred)


def _check_rows(where: str, rows: Rows, barred: set[str] | frozenset[str]) -> None:
    _check_names(where, (rows.table,), set(OWN_DATE))
    known = set(columns(rows.table))
    _check_names(where, tuple(rows.where), (known | {HARM} if "category" in known else known) - barred)


def _check_names(where: str, names: Sequence[str], allowed: set[str]) -> None:
    for name in names:
        if name not in allowed:
            raise SpecificationError(
                f"{where} reads {name!r}, which is not there or barred; {repair_hint(name, allowed)}"
            )


@lru_cache(maxsize=4096)
def tells_of_harm(category: str | None) -> str:
    """Return whether a complaint of this category tells of harm: yes, request or unknown."""
    code = vocabulary.find("complaint_categories", category) if category else None
    return vocabulary.table("complaint_categories")[code].extra[HARM] if code else UNKNOWN_HARM
