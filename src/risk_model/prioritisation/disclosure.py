"""Which figures about groups may be shown without showing a person?

Cells under ten placements are folded into "(other)" together with others of the same parent, until ten are
there; counts are rounded to the nearest five and not shown below ten. Folding leaves no remainder that a total
would give away within one table; rounding blurs what is left between two tables (safeguard R35).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from risk_model.prioritisation.segment_names import OTHER

if TYPE_CHECKING:
    import pandas as pd

LEAST_SHOWN: Final = 10
"""A group with fewer placements is not shown: a figure could point at a person."""
ROUNDED_TO: Final = 5


def folded(counts: pd.Series) -> pd.DataFrame:
    """Say into which cell each cell goes so that every one left has at least `LEAST_SHOWN` members.

    From the finest column up: small cells of one parent become "(other)" there; where those are too few together,
    the smallest shown cell joins them; where a whole parent is too small, it joins the others one column up.

    Args:
        counts: members per cell, indexed by one level per column (text), zeros allowed.

    Returns:
        Same index; the column values of the cell it goes to. Empty where there are too few members altogether.
    """
    import pandas as pd

    names = [str(name) for name in counts.index.names]
    cells = counts.index.to_frame(index=False).astype("str")
    target = [list(cell) for cell in cells.itertuples(index=False)]
    for level in range(len(names) - 1, -1, -1):
        _fold_level(target, counts.tolist(), level)
    told = pd.DataFrame(target, index=pd.MultiIndex.from_frame(cells, names=names), columns=names, dtype="str")
    return told if counts.sum() >= LEAST_SHOWN else told.iloc[:0]


def _fold_level(target: Sequence[list[str]], members: Sequence[float], level: int) -> None:
    """Fold, within each parent, the cells of the first `level` + 1 columns that are too small."""
    parents: dict[tuple[str, ...], list[int]] = {}
    for row, cell in enumerate(target):
        parents.setdefault(tuple(cell[:level]), []).append(row)
    for rows in parents.values():
        sizes: dict[str, float] = {}
        for row in rows:
            sizes[target[row][level]] = sizes.get(target[row][level], 0.0) + members[row]
        small = _too_small(sizes)
        for row in rows:
            if target[row][level] in small:
                target[row][level:] = [OTHER] * len(target[row][level:])


def _too_small(sizes: Mapping[str, float]) -> set[str]:
    """Return which cells of one parent become "(other)": none, or enough to be shown together, or all."""
    if sum(sizes.values()) < LEAST_SHOWN:
        return set(sizes)
    small = {name for name, size in sizes.items() if size < LEAST_SHOWN}
    hidden = sum(sizes[name] for name in small)
    for name in sorted(sizes, key=lambda name: (sizes[name], name)):
        if not 0 < len(small) < len(sizes) or hidden >= LEAST_SHOWN:
            break
        if name not in small:
            small.add(name)
            hidden += sizes[name]
    return small


def shown_count(counts: pd.Series) -> pd.Series:
    """Return counts rounded to the nearest five; null below ten.

    >>> import pandas as pd
    >>> shown_count(pd.Series([3, 12, 13])).tolist()
    [<NA>, 10, 15]
    """
    import pandas as pd

    numbers = counts.fillna(0).to_numpy(np.float64)
    rounded = pd.Series(np.floor(numbers / ROUNDED_TO + 0.5) * ROUNDED_TO, index=counts.index)
    return rounded.where(numbers >= LEAST_SHOWN).astype("Int64")


def enough(counts: pd.Series) -> pd.Series:
    """Say for each count whether figures on so many may be shown."""
    return counts.fillna(0) >= LEAST_SHOWN
