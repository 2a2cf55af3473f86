"""What would the champion have said of the challenger's tested rows, had it not known their outcomes?

A served model was fitted on every visit known then, so its scores of those visits are no evidence. For a row that
was tested when the champion was trained, the score of that test is used; for a row after the champion's last one,
the served tables. Rows between are left out. Scores of different sources are never compared with each other: each
test and source is a cell of its own.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.evaluation.gate_order import CELL, CHAMPION, MODEL, TEST

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Keys:
    """Which columns tell rows apart, and how far apart in days the same visit may be dated in two trainings."""

    identifier: str
    time: str
    nearest_days: int


def with_champion(tested: pd.DataFrame, keys: Keys, *, earlier: pd.DataFrame, served: Floats) -> pd.DataFrame:
    """Return `tested` with the columns `champion` and `cell`.

    Args:
        tested: the challenger's tested rows, with identifier, time, `split` and `outcome`.
        keys: of both tables.
        earlier: the champion's own tested rows, with `outcome` and `chosen`, its score while it had not seen them.
        served: what the champion's served tables say of each row of `tested`; NaN where they give no number.
    """
    own = _nearest(tested, keys, earlier)
    last = pd.to_datetime(earlier[keys.time]).max()
    later = np.isnan(own) & (pd.to_datetime(tested[keys.time]) > last).to_numpy()
    source = np.where(later, "served", "tested")
    cells = [f"{test} {part}" for test, part in zip(tested[TEST], source, strict=True)]
    return tested.assign(**{CHAMPION: np.where(later, served, own)}).assign(**{CELL: cells})


def _nearest(tested: pd.DataFrame, keys: Keys, earlier: pd.DataFrame) -> Floats:
    """The champion's tested score of the same row: same identifier and outcome, nearest date within reach."""
    by = [keys.identifier, "outcome"]

    def dated(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
        when = pd.to_datetime(frame[keys.time]).astype("datetime64[us]")
        kept = frame[[*columns]].assign(when=when, outcome=frame["outcome"].astype(float))
        return kept.assign(**{keys.identifier: frame[keys.identifier].astype(str)}).sort_values("when", kind="stable")

    left = dated(tested.assign(position=np.arange(len(tested))), "position")
    joined = pd.merge_asof(
        left,
        dated(earlier, MODEL).rename(columns={MODEL: "own"}),
        on="when",
        by=by,
        direction="nearest",
        tolerance=pd.Timedelta(days=keys.nearest_days),
    )
    return joined.sort_values("position")["own"].to_numpy(float)
