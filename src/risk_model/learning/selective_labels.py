"""Which rows can be learnt from, and how much does each count?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.errors import NotEnoughDataError, SpecificationError, repair_hint
from risk_model.specification import Specification

Floats = NDArray[np.float64]

LARGEST_WEIGHT: Final = 5.0
"""A row weighs one over its probability of having been visited, at most this much: a few very
unlikely visits would otherwise decide alone."""

SHOWN_VALUES: Final = 4
"""How many values of a column at fault a message shows."""


@dataclass(frozen=True)
class Known:
    """The rows that can be learnt from: their outcomes (0/1), weights, and how the outcome came to be known.

    `weight` is what a row counts when scores are judged and calibrated; `fit_weight` what it counts
    when terms are fitted. Visits count alike in fitting: weighting terms by one over the probability
    of the visit lost more to noise than it won, in every world tried (docs/evidence.md). `dated` holds
    every row, known outcome or not.
    """

    dated: pd.DataFrame
    table: pd.DataFrame
    outcome: Floats
    weight: Floats
    fit_weight: Floats
    learned_from: str


def known_rows(table: pd.DataFrame, specification: Specification) -> Known:
    """Return the rows somebody looked at; where they are too few, the rows reports are known of.

    A row nobody looked at has no outcome: it is left out, never counted as 0.
    """
    if specification.identifier not in table:
        raise SpecificationError(
            f"the table has no identifier column {specification.identifier!r}; "
            f"{repair_hint(specification.identifier, map(str, table.columns))}"
        )
    named = specification.outcome
    dated = table.assign(**{specification.time: dates_of(table, specification)})
    looked = _zero_one(dated, named.column)
    rows = np.flatnonzero(~np.isnan(looked))
    enough = len(rows) >= specification.gate.minimum_visits and 0 < looked[rows].mean() < 1
    if enough or named.reported is None:
        if not len(rows) or not 0 < looked[rows].mean() < 1:
            raise NotEnoughDataError(
                f"column {named.column!r} holds {len(rows)} outcomes, {int(np.nansum(looked))} of them 1; "
                "learning needs some of each kind"
            )
        weight = _weights(dated, rows, specification)
        return Known(dated, dated.iloc[rows].reset_index(drop=True), looked[rows], weight, np.ones(len(rows)), "found")
    return _reported_rows(dated, specification)


def _reported_rows(table: pd.DataFrame, specification: Specification) -> Known:
    named = specification.outcome
    reported = _zero_one(table, str(named.reported))
    keep = ~np.isnan(reported)
    if named.reported_where is not None:
        keep &= _zero_one(table, named.reported_where) == 1
    rows = np.flatnonzero(keep)
    if not len(rows) or not 0 < reported[rows].mean() < 1:
        raise NotEnoughDataError(
            f"fewer than {specification.gate.minimum_visits} outcomes in {named.column!r}, and {named.reported!r} "
            f"holds {int(np.nansum(reported[rows]))} reports; nothing can be learnt "
            "yet, so the published rule stays in use"
        )
    weight = np.ones(len(rows)) if named.reported_weight is None else table[named.reported_weight].to_numpy(float)[rows]
    return Known(
        table, table.iloc[rows].reset_index(drop=True), reported[rows], weight, weight / weight.mean(), "reported"
    )


def dates_of(table: pd.DataFrame, specification: Specification) -> pd.Series:
    """Return the time column as instants (UTC) without a time zone.

    Text, periods (their begin) and dates with a time zone are read.

    Raises:
        SpecificationError: when the column is missing, or a row has no date.
    """
    if specification.time not in table:
        raise SpecificationError(
            f"the table has no time column {specification.time!r}; "
            f"{repair_hint(specification.time, map(str, table.columns))}"
        )
    column = table[specification.time]
    where = f"column {specification.time!r}"
    if pd.api.types.is_numeric_dtype(column.dtype):
        raise SpecificationError(f"{where} holds numbers, not dates; write them as YYYY-MM-DD")
    try:
        plain = column.dt.to_timestamp() if isinstance(column.dtype, pd.PeriodDtype) else column
        dates = pd.to_datetime(plain, utc=True).dt.tz_localize(None)
    except (TypeError, ValueError, AttributeError) as error:
        raise SpecificationError(
            f"{where} does not hold dates: {error}; write them all alike, as YYYY-MM-DD"
        ) from error
    if dates.isna().any():
        first = int(np.flatnonzero(dates.isna())[0])
        raise SpecificationError(
            f"{where} is empty in {int(dates.isna().sum())} rows, first in row {first + 1}; a row without a date "
            "can be neither learnt from nor tested: give the date, or remove the row"
        )
    return dates


def _zero_one(table: pd.DataFrame, name: str) -> Floats:
    if name not in table:
        raise SpecificationError(
            f"the table has no outcome column {name!r}; {repair_hint(name, map(str, table.columns))}"
        )
    found = table[name].dropna()
    try:
        values = table[name].astype(object).where(table[name].notna(), np.nan).to_numpy(np.float64)
        fits = bool(np.isin(values[~np.isnan(values)], (0.0, 1.0)).all())
    except (TypeError, ValueError):
        fits = False
    if not fits:
        shown = ", ".join(repr(value) for value in list(dict.fromkeys(found.astype(str)))[:SHOWN_VALUES])
        raise SpecificationError(
            f"column {name!r} must hold 1, 0 or nothing (nobody looked), found {shown}; write 1 where it was found, "
            "0 where somebody looked and found nothing, and leave the rest empty"
        )
    return values


def _weights(table: pd.DataFrame, rows: NDArray[np.int64], specification: Specification) -> Floats:
    name = specification.outcome.probability
    if name is None or name not in table:
        return np.ones(len(rows))
    probability = table[name].astype(float).to_numpy()[rows]
    return np.where(np.isnan(probability), 1.0, np.minimum(1 / np.nan_to_num(probability, nan=1.0), LARGEST_WEIGHT))
