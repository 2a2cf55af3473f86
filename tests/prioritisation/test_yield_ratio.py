"""Does the interval of a ratio of found rates hold, also when few visits found anything?"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from scipy.stats.contingency import relative_risk

from risk_model.errors import InputError
from risk_model.prioritisation.override_outcomes import override_outcomes
from risk_model.prioritisation.yield_ratio import LEVEL, ratio_interval, risk_against_random


def rows(**arms: tuple[int, int, int]) -> pd.DataFrame:
    """Rows by arm: (found harm, found none, reached nobody)."""
    made = [
        {"arm": arm, "found": found}
        for arm, numbers in arms.items()
        for number, found in zip(numbers, (1.0, 0.0, None), strict=True)
        for _ in range(number)
    ]
    return pd.DataFrame(made, columns=["arm", "found"])


def coverage(n: tuple[int, int], p: tuple[float, float]) -> float:
    """The exact probability that the interval holds the true ratio, over all outcomes that ever happen."""
    held = 0.0
    chances = [binom.pmf(np.arange(size + 1), size, share) for size, share in zip(n, p, strict=True)]
    for hits, chance in enumerate(chances[0]):
        for others, other_chance in enumerate(chances[1]):
            if chance * other_chance > 1e-7:
                low, high = ratio_interval((hits, n[0]), (others, n[1]))
                held += chance * other_chance * (low <= p[0] / p[1] <= high)
    return held


@pytest.mark.parametrize("n", [(40, 12), (60, 43)])
@pytest.mark.parametrize("p", [(0.12, 0.12), (0.24, 0.12), (0.30, 0.10), (0.10, 0.04)])
def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says(
    n: tuple[int, int], p: tuple[float, float]
) -> None:
    assert LEVEL - 0.035 <= coverage(n, p) <= 0.99


def test_the_interval_is_that_of_koopmans_published_example() -> None:
    low, high = ratio_interval((36, 40), (16, 80), level=0.95)
    assert low == pytest.approx(2.94, rel=0.01)
    assert high == pytest.approx(7.15, rel=0.01)


def test_with_many_visits_it_is_the_usual_interval_from_the_logarithm() -> None:
    usual = relative_risk(1500, 10_000, 900, 12_000).confidence_interval(LEVEL)
    assert ratio_interval((1500, 10_000), (900, 12_000)) == pytest.approx((usual.low, usual.high), rel=0.005)


shares = st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(shares, shares)
def test_the_interval_holds_the_estimate_and_turns_over_with_the_ratio(a: tuple[int, int], b: tuple[int, int]) -> None:
    low, high = ratio_interval(a, b)
    assert 0 <= low <= high
    if a[0] and b[0]:
        estimate = (a[0] / a[1]) / (b[0] / b[1])
        assert low <= estimate * (1 + 1e-9)
        assert high >= estimate * (1 - 1e-9)
        turned = ratio_interval(b, a)
        assert turned == pytest.approx((1 / high, 1 / low), rel=1e-6)
    assert (low == 0) or a[0] > 0
    assert math.isinf(high) or b[0] > 0


def test_risk_visits_that_find_twice_as_often_as_random_ones_say_so() -> None:
    found = risk_against_random(rows(risk=(60, 140, 20), random=(6, 34, 5), coverage=(9, 1, 0)))
    assert found is not None
    assert (found.first.visits, found.second.visits) == (200, 40)
    assert found.ratio == pytest.approx(2.0)
    assert found.low < 2.0 < found.high


def test_random_visits_that_found_nothing_leave_the_ratio_open_above() -> None:
    found = risk_against_random(rows(risk=(30, 70, 0), random=(0, 15, 0)))
    assert found is not None
    assert (found.ratio, found.high) == (math.inf, math.inf)
    assert 0 < found.low < math.inf


def test_under_ten_visits_of_an_arm_there_is_no_figure() -> None:
    assert risk_against_random(rows(risk=(30, 70, 0), random=(2, 7, 50))) is None
    assert risk_against_random(rows(random=(2, 70, 0))) is None


def test_more_findings_than_visits_are_refused() -> None:
    with pytest.raises(InputError, match="no more findings than visits"):
        ratio_interval((3, 2), (1, 2))


def moved(raised: tuple[int, int], lowered: tuple[int, int], left: tuple[int, int]) -> pd.DataFrame:
    """Rows by what people did: (found harm, found none)."""
    return pd.DataFrame(
        [
            {"priority": way, "found": found}
            for way, numbers in (("raised", raised), ("lowered", lowered), (None, left))
            for number, found in zip(numbers, (1.0, 0.0), strict=True)
            for _ in range(number)
        ]
    )


def test_raised_rows_that_find_more_say_so_and_few_lowered_ones_say_nothing() -> None:
    outcomes = override_outcomes(moved((20, 20), (1, 5), (30, 170)))
    assert outcomes.raised_ratio is not None
    assert outcomes.raised_ratio.ratio == pytest.approx(0.5 / 0.15)
    assert outcomes.raised_ratio.low > 1
    assert (outcomes.lowered, outcomes.lowered_ratio) == (None, None)
    assert outcomes.share_untouched == pytest.approx(200 / 246)


def test_without_rows_nothing_is_said_of_overrides() -> None:
    outcomes = override_outcomes(pd.DataFrame({"priority": [], "found": []}))
    assert (outcomes.untouched, outcomes.raised_ratio, outcomes.share_untouched) == (None, None, None)
