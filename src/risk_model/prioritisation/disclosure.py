"""Which figures about groups may be shown without showing a person?

Cells under ten placements are folded into "(other)" together with others of the same parent, until ten are
there; counts are rounded to the nearest five and not shown below ten. Folding leaves no remainder that a total
would give away within one table; rounding blurs what is left between two tables (safeguard R35).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

LEAST_SHOWN: Final = 10
"""A group with fewer placements is not shown: a figure could point at a person."""
ROUNDED_TO: Final = 5
OTHER: Final = "(other)"


def folded(counts: pd.Series) -> pd.DataFrame:
    """Say into which cell each cell goes so that every one left has at least `LEAST_SHOWN` members.

    From the finest column up: small cells of one parent become "(other)" there; where those are too few together,
    the smallest shown cell joins them; where a whole parent is too small, it joins the others one column up.

    Args:
        counts: members per cell, indexed by one level per column (text), zeros allowed.

    Returns:
        Same index; the column values of the cell it goes to. Empty where there are too few members altogether.
    """
    names = [str(name) for name in counts.index.names]
    table = counts.rename("members").reset_index().astype(dict.fromkeys(names, "str"))
    target = table[names].copy()
    for level in range(len(names) - 1, -1, -1):
        _fold_level(target, table["members"], names, level)
    told = target.set_index(pd.MultiIndex.from_frame(table[names]))
    return told if counts.sum() >= LEAST_SHOWN else told.iloc[:0]


def _fold_level(target: pd.DataFrame, members: pd.Series, names: Sequence[str], level: int) -> None:
    """Fold, within each parent, the cells of the first `level` + 1 columns that are too small."""
    parents = target.groupby(list(names[:level]), sort=True).groups.values() if level else [target.index]
    for rows in parents:
        labels = target.loc[rows, names[level]]
        sizes = members.loc[rows].groupby(labels).sum().sort_values(kind="stable")
        if sizes.sum() < LEAST_SHOWN:
            small = list(sizes.index)
        else:
            small = [name for name, size in sizes.items() if size < LEAST_SHOWN]
            hidden = sizes[small].sum()
            for name, size in sizes.items():
                if not 0 < len(small) < len(sizes) or hidden >= LEAST_SHOWN:
                    break
                if name not in small:
                    small.append(name)
                    hidden += size
        if small:
            inside = rows[labels.isin(small).to_numpy()]
            target.loc[inside, names[level:]] = OTHER


def shown_count(counts: pd.Series) -> pd.Series:
    """Return counts rounded to the nearest five; null below ten.

    >>> shown_count(pd.Series([3, 12, 13])).tolist()
    [<NA>, 10, 15]
    """
    numbers = counts.fillna(0).to_numpy(np.float64)
    rounded = pd.Series(np.floor(numbers / ROUNDED_TO + 0.5) * ROUNDED_TO, index=counts.index)
    return rounded.where(numbers >= LEAST_SHOWN).astype("Int64")


def enough(counts: pd.Series) -> pd.Series:
    """Say for each count whether figures on so many may be shown."""
    return counts.fillna(0) >= LEAST_SHOWN
