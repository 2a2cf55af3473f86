"""Which rows of a table does a specification mean, and whose are they?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.placements.facts import HARM, OWN_DATE, UNKNOWN_HARM, tells_of_harm
from risk_model.scoring.coding import key_of

Flags = NDArray[np.bool_]


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


def _harm(categories: pd.Series) -> pd.Series:
    codes, found = pd.factorize(categories)
    told = np.array([*(tells_of_harm(str(text)) for text in found), UNKNOWN_HARM], dtype=object)
    return pd.Series(told[codes], index=categories.index)
