"""What is known about a placement, as the model reads it?

One definition for training, batch and live. Numpy only. `columns` are the placement's own columns
as the as-of view shows them; nothing here sees a label.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from risk_model.placements.look_up import Floats, Snapshot, look_up, look_up_row
from risk_model.placements.published_rule import yearly_rate
from risk_model.scoring.coding import NULL_KEY, key_of, number_of
from risk_model.scoring.columns import numbers_of

Instants = NDArray[np.datetime64]
Moments = np.datetime64 | Instants

READS: Final = (
    "departed_on",
    "returned_on",
    "fee_idr",
    "wage_monthly_idr",
    "destination",
    "sector",
    "employer_type",
)
"""The columns of a placement from which features are derived."""

DERIVED: Final = ("stage", "months_since_departure", "fee_months", "published_rate")

MONTH_DAYS: Final = 365.25 / 12
DAY_MICROSECONDS: Final = 86_400_000_000
NO_INSTANT: Final = np.datetime64("NaT", "us")


def stage(columns: Mapping[str, Any], as_of: Moments) -> NDArray[np.str_]:
    """Return before (not departed), during (at work) or after (returned) for every row.

    A departure or return dated on or after `as_of` has not happened yet.
    """
    returned = _instants(columns["returned_on"]) < as_of
    departed = _instants(columns["departed_on"]) < as_of
    return np.where(returned, "after", np.where(departed, "during", "before"))


def months_since_departure(columns: Mapping[str, Any], as_of: Moments) -> Floats:
    """Return months of 30.44 days since departure, above 0; NaN for who has not departed."""
    departed = _instants(columns["departed_on"])
    gone = departed < as_of
    elapsed: Floats = np.asarray(as_of - departed, dtype="timedelta64[us]").astype(np.float64)
    elapsed[~gone] = np.nan
    return elapsed / (DAY_MICROSECONDS * MONTH_DAYS)


def fee_months(columns: Mapping[str, Any]) -> Floats:
    """Return how many months of the offered wage the placement fee takes; NaN where either is unknown or the wage 0."""
    fee, wage = numbers_of(columns["fee_idr"]), numbers_of(columns["wage_monthly_idr"])
    months: Floats = np.divide(fee, wage, out=np.full(len(fee), np.nan), where=wage > 0)
    return months


def published_rate(columns: Mapping[str, Any]) -> Floats:
    """Return the yearly harm rate published for the destination, sector and employer type; NaN where none was."""
    keys = list(zip(*(map(key_of, columns[name]) for name in ("destination", "sector", "employer_type")), strict=True))
    rates = {key: yearly_rate(*key) for key in set(keys)}
    return np.fromiter((rates[key] for key in keys), dtype=np.float64, count=len(keys))


def features(columns: Mapping[str, Any], snapshot: Snapshot, as_of: Moments) -> dict[str, Any]:
    """Return `columns` with the derived features and the histories added; `as_of` is one for all, or one each."""
    return {**columns, **_computed(columns, snapshot, as_of)}


def feature_row(row: Mapping[str, Any], snapshot: Snapshot, as_of: np.datetime64) -> dict[str, Any]:
    """Return `row` with the derived features and the histories added, null as None.

    A missing column counts as not recorded. Dates may be numpy's, Python's or ISO text. The same as `features` for
    one row, without arrays: ten times as quick.
    """
    departed, returned = _instant_of(row.get("departed_on")), _instant_of(row.get("returned_on"))
    destination, sector, employer_type = (key_of(row.get(name)) for name in ("destination", "sector", "employer_type"))
    computed = {
        "stage": _stage_of(departed, returned, as_of),
        "months_since_departure": _months_of(departed, as_of),
        "fee_months": _fee_months_of(number_of(row.get("fee_idr")), number_of(row.get("wage_monthly_idr"))),
        "published_rate": yearly_rate(destination, sector, employer_type),
        **look_up_row(snapshot, row),
    }
    return {**row, **{name: None if _is_nan(value) else value for name, value in computed.items()}}


def _computed(columns: Mapping[str, Any], snapshot: Snapshot, as_of: Moments) -> dict[str, NDArray[Any]]:
    dates = {name: _instants(columns[name]) for name in ("departed_on", "returned_on")}
    return {
        "stage": stage(dates, as_of),
        "months_since_departure": months_since_departure(dates, as_of),
        "fee_months": fee_months(columns),
        "published_rate": published_rate(columns),
        **look_up(snapshot, columns),
    }


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _stage_of(departed: np.datetime64, returned: np.datetime64, as_of: np.datetime64) -> str:
    if returned < as_of:
        return "after"
    return "during" if departed < as_of else "before"


def _months_of(departed: np.datetime64, as_of: np.datetime64) -> float:
    if not departed < as_of:  # nor where nobody departed: nothing is before or after NaT
        return math.nan
    return float((as_of - departed).astype(np.int64)) / (DAY_MICROSECONDS * MONTH_DAYS)


def _fee_months_of(fee: float, wage: float) -> float:
    return fee / wage if wage > 0 else math.nan


def _instants(values: Any) -> Instants:
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return values.astype("datetime64[us]", copy=False)
    return np.array([_instant(value) for value in values], dtype="datetime64[us]")


def _instant_of(value: Any) -> np.datetime64:
    known = _instant(value) if value is not None else None
    return NO_INSTANT if known is None else np.datetime64(known, "us")


def _instant(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return None if key_of(value) == NULL_KEY else value
