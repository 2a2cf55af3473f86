"""Does a test ever learn from what was not yet known?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.learning.splits import rolling
from risk_model.specification import Splits

DAYS = st.lists(st.integers(0, 900), min_size=2, max_size=60)


@given(days=DAYS, tests=st.integers(1, 5), window=st.integers(1, 120), horizon=st.integers(0, 200))
def test_every_outcome_window_learnt_from_has_closed_when_the_test_begins(
    days: list[int], tests: int, window: int, horizon: int
) -> None:
    times = pd.DatetimeIndex(pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D"))
    gap = pd.Timedelta(days=horizon)
    for split in rolling(times, Splits(tests=tests, window_days=window), horizon=gap):
        assert (times[split.train] + gap <= split.starts).all()
        assert (times[split.test] >= split.starts).all()


@given(days=DAYS)
def test_tests_do_not_overlap_and_the_last_row_is_in_the_last_test(days: list[int]) -> None:
    times = pd.DatetimeIndex(pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D"))
    found = list(rolling(times, Splits(tests=3, window_days=30), horizon=pd.Timedelta(days=10)))
    tested = np.concatenate([split.test for split in found])
    assert len(tested) == len(set(tested))
    assert int(np.argmax(times)) in found[-1].test
    assert [split.starts for split in found] == sorted(split.starts for split in found)


@pytest.mark.parametrize("horizon", [0, 180])
def test_the_gap_is_one_horizon(horizon: int) -> None:
    times = pd.date_range("2023-01-01", periods=600)
    last = list(rolling(times, Splits(tests=2, window_days=60), horizon=pd.Timedelta(days=horizon)))[-1]
    assert last.starts - times[last.train].max() >= pd.Timedelta(days=horizon)
    assert last.starts - times[last.train].max() < pd.Timedelta(days=horizon + 1)
