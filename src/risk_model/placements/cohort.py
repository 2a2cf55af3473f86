"""Which placements does a date have, and at which stage is each?"""

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables
from risk_model.placements.features import stage


def stages(placements: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Return before, during or after for every row of an as-of view, indexed like it.

    Before: not departed. During: departed and not returned, whatever the end of the contract says.
    """
    columns = {name: placements[name].to_numpy() for name in ("departed_on", "returned_on")}
    return pd.Series(stage(columns, np.datetime64(as_of)), index=placements.index, dtype="str")


def cohort(view: Tables, as_of: pd.Timestamp, *, horizon_days: int) -> pd.DataFrame:
    """Return the placements of `as_of` in order of `placement_id`, with the columns as_of and stage added.

    Everybody who has not departed, is at work, or returned within `horizon_days` before `as_of`.
    """
    rows = view.placements
    long_back = rows["returned_on"] < as_of - pd.Timedelta(days=horizon_days)
    members = rows[~long_back].sort_values("placement_id", ignore_index=True)
    return members.assign(as_of=np.datetime64(as_of, "us"), stage=stages(members, as_of))
