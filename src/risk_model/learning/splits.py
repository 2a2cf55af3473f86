"""Which rows may a test learn from?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.errors import NotEnoughDataError, SpecificationError, repair_hint
from risk_model.specification import Specification, Splits

Positions = NDArray[np.int64]
Outcomes = NDArray[np.float64]

VALIDATION_SHARE: Final = 0.2
"""The latest part of a published split's training rows, by which candidates are chosen."""


@dataclass(frozen=True)
class Split:
    """One test: the positions of the rows learnt from and of the rows tested, and when the test begins."""

    number: int
    starts: pd.Timestamp
    train: Positions
    test: Positions


def splits(table: pd.DataFrame, specification: Specification, outcome: NDArray[np.float64]) -> list[Split]:
    """Return the tests of `table`, oldest first: rolling origins, or the published split.

    A test is used only if both outcomes occur on both sides.

    Args:
        table: rows with a known outcome.
        specification: names the time column, the horizon and the tests.
        outcome: 0/1, one per row.

    Raises:
        NotEnoughDataError: when no test has both outcomes on both sides.
    """
    chosen = specification.splits
    if chosen.column is not None:
        candidates = [_published(table, chosen)]
    else:
        times = pd.DatetimeIndex(table[specification.time])
        horizon = pd.Timedelta(days=specification.horizon_days)
        candidates = list(rolling(times, chosen, horizon=horizon))
    usable = [split for split in candidates if _both(outcome[split.train]) and _both(outcome[split.test])]
    if not usable:
        raise NotEnoughDataError(
            f"no test of {specification.name} has both outcomes on both sides ({len(table)} rows with an outcome, "
            f"{int(np.sum(outcome))} of them 1, gap of {specification.horizon_days} days); give more rows, or make "
            "splits.tests or splits.window_days smaller"
        )
    return usable


def validation(published: Split, table: pd.DataFrame, specification: Specification, outcome: Outcomes) -> Split | None:
    """Return the latest fifth of a published split's training rows as a test of its own, to choose candidates by.

    Choosing on the published test would judge the choice on what it was made by. None where either side
    lacks an outcome of either kind; its number is -1, so it is never taken for a test.
    """
    times = pd.DatetimeIndex(table[specification.time])[published.train]
    starts = times.sort_values()[int((1 - VALIDATION_SHARE) * (len(times) - 1))]
    closed = times + pd.Timedelta(days=specification.horizon_days) <= starts
    inner = Split(-1, starts, published.train[closed], published.train[times > starts])
    return inner if _both(outcome[inner.train]) and _both(outcome[inner.test]) else None


def rolling(times: pd.DatetimeIndex, tests: Splits, *, horizon: pd.Timedelta) -> Iterator[Split]:
    """Yield tests of equal length that end with the last row, oldest first.

    A row is trained on only if its outcome window, `horizon` long, has closed when the test begins.
    """
    window = pd.Timedelta(days=tests.window_days)
    end = times.max() + pd.Timedelta(microseconds=1)
    for number in range(tests.tests):
        starts = end - (tests.tests - number) * window
        train = np.flatnonzero(times + horizon <= starts)
        test = np.flatnonzero((times >= starts) & (times < starts + window))
        yield Split(number, starts, train, test)


def _published(table: pd.DataFrame, chosen: Splits) -> Split:
    column = str(chosen.column)
    if column not in table:
        raise SpecificationError(f"splits.column {column!r} is not in the table; {repair_hint(column, table.columns)}")
    part = table[column].astype(str)
    train, test = (np.flatnonzero(part.isin(list(names))) for names in (chosen.train, chosen.test))
    return Split(0, pd.Timestamp("NaT"), train, test)


def _both(outcome: NDArray[np.float64]) -> bool:
    return bool(len(outcome)) and 0 < outcome.mean() < 1
