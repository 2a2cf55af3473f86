"""Which lists were drawn with known probabilities, what did their visits find, and from whom were they drawn?"""

import re
from typing import Final

import numpy as np
import pandas as pd

from risk_model.errors import InputError, NotEnoughDataError
from risk_model.placements.labels import CONCLUSIVE
from risk_model.prioritisation.list_ages import CLOSED_AFTER_DAYS

DATE_IN_ID: Final = re.compile(r"^(\d{8})-")
"""The lists of this project begin their number with their date."""

TOO_FAR: Final = 5.0
"""Standard errors by which the weights may miss the cohort before the lists must come from another one."""


def logged_visits(inspections: pd.DataFrame, as_of: pd.Timestamp, *, months: int) -> pd.DataFrame:
    """Return a row per placement drawn into a closed list of the last `months` months, with what was found.

    Columns: `list_id`, `list_date`, `placement_id`, `arm`, `inclusion_probability`, `found` (1 or 0 by the first
    visit that reached somebody, null where none did). Visits that no list with known probabilities led to are left out.
    The date of a list is read from its number, else it is the day of its first visit.

    Raises:
        InputError: when `months` is below 1.
        NotEnoughDataError: when no closed list with probabilities is there.
    """
    if months < 1:
        raise InputError(f"months is {months}, allowed: 1 or more")
    known = inspections[
        inspections["inclusion_probability"].notna()
        & inspections["list_id"].notna()
        & inspections["placement_id"].notna()
        & (inspections["recorded_at"] < as_of)
    ]
    rows = known.assign(found=known["outcome"].map(CONCLUSIVE).astype("float64"), list_date=_dates(known))
    last = as_of - pd.Timedelta(days=CLOSED_AFTER_DAYS)
    rows = rows[(rows["list_date"] <= last) & (rows["list_date"] > last - pd.DateOffset(months=months))]
    if rows.empty:
        raise NotEnoughDataError(
            f"no list with logged probabilities closed in the {months} months before {as_of:%Y-%m-%d}: draw lists with "
            "'risk-model list', and record their visits with list_id, arm and inclusion_probability"
        )
    ordered = rows.assign(nobody=rows["found"].isna()).sort_values(["nobody", "visited_at", "inspection_id"])
    first = ordered.drop_duplicates(["list_id", "placement_id"]).sort_values(["list_date", "list_id", "placement_id"])
    names = ["list_id", "list_date", "placement_id", "arm", "inclusion_probability", "found"]
    return first[names].reset_index(drop=True)


def check_cohort(rows: pd.DataFrame, placements: int) -> None:
    """Refuse lists whose probabilities cannot have been drawn from cohorts of `placements` in all.

    Raises:
        InputError: when the weights add up to far more or far fewer placements.
    """
    chance = rows["inclusion_probability"].to_numpy(dtype=np.float64)
    drawn_from, error = float((1 / chance).sum()), float(np.sqrt(((1 - chance) / chance**2).sum()))
    if abs(drawn_from - placements) > TOO_FAR * error + 1:
        raise InputError(
            f"the probabilities of these lists stand for about {drawn_from:,.0f} placements, their cohorts hold "
            f"{placements:,}: they were drawn from others; name the office they were drawn for with --office"
        )


def _dates(known: pd.DataFrame) -> pd.Series:
    first = known.groupby("list_id")["visited_at"].transform("min").dt.normalize()
    written = pd.to_datetime(known["list_id"].str.extract(DATE_IN_ID)[0], format="%Y%m%d", errors="coerce")
    return written.fillna(first)
