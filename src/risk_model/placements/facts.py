"""Which rows of a table does a specification mean, and whose are they?"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model import vocabulary
from risk_model.data.table_columns import columns
from risk_model.errors import SpecificationError, repair_hint
from risk_model.scoring.coding import key_of
from risk_model.specification import ALWAYS_BARRED, Specification
from risk_model.specified_features import History, Rows

Flags = NDArray[np.bool_]

OWN_DATE: Final = {"placements": "registered_on", "events": "occurred_at", "inspections": "visited_at"}
"""When a fact of each table happened; where that is not recorded, the day it became known."""

HARM: Final = "harm"
UNKNOWN_HARM: Final = "unknown"
"""Whether a complaint's category tells of harm: yes, request, or unknown where no known category is given."""


def matching(frame: pd.DataFrame, where: Mapping[str, tuple[str, ...]]) -> Flags:
    """Return which rows have one of the listed values in each column.

    Values compare by their keys, so 3, 3.0 and "3" are one. `harm` is derived from `category`.
    """
    kept = np.ones(len(frame), dtype=np.bool_)
    for column, allowed in where.items():
        values = _harm(frame["category"]) if column == HARM else frame[column]
        codes, found = pd.factorize(values, use_na_sentinel=False)
        kept &= np.array([key_of(value) in allowed for value in found], dtype=np.bool_)[codes]
    return kept


def happened_between(name: str, facts: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> Flags:
    """Return which rows of table `name` fall in [start, end) by their own date.

    A placement counts where it was registered, or the worker was at work, within that time.
    """
    own = facts[OWN_DATE[name]].fillna(facts["recorded_at"])
    within = (own >= start) & (own < end)
    if name == "placements":
        within |= (facts["departed_on"] < end) & ~(facts["returned_on"] < start)
    return within.to_numpy(dtype=np.bool_)


def owners(facts: pd.DataFrame, names: Sequence[str], placements: pd.DataFrame) -> pd.DataFrame:
    """Return the columns `names` of each fact: its own, else those of the placement it is about.

    `placements` is indexed by placement_id. Null where the fact is about no placement known there.
    """
    position = placements.index.get_indexer(pd.Index(facts["placement_id"]))
    joined = {name: pd.Series(placements[name].array.take(position, allow_fill=True), facts.index) for name in names}
    own = {name: facts[name].fillna(column) for name, column in joined.items() if name in facts}
    return pd.DataFrame(joined | own)


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


def _harm(categories: pd.Series) -> pd.Series:
    codes, found = pd.factorize(categories)
    told = np.array([*(tells_of_harm(str(text)) for text in found), UNKNOWN_HARM], dtype=object)
    return pd.Series(told[codes], index=categories.index)


@lru_cache(maxsize=4096)
def tells_of_harm(category: str | None) -> str:
    """Return whether a complaint of this category tells of harm: yes, request or unknown."""
    code = vocabulary.find("complaint_categories", category) if category else None
    return vocabulary.table("complaint_categories")[code].extra[HARM] if code else UNKNOWN_HARM
