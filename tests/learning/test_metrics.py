"""Does every metric keep what a metric must keep?"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from risk_model.learning.metrics import (
    CAPACITY_METRICS,
    PROBABILITY_METRICS,
    RANKING_METRICS,
    calibration_error,
    calibration_line,
    precision_at_capacity,
)

Metric = Callable[..., float]
CAPACITY = 7
METRICS: dict[str, Metric] = {
    **PROBABILITY_METRICS,
    **RANKING_METRICS,
    **{
        name: lambda y, s, sample_weight=None, metric=metric: metric(
            y, s, capacity=CAPACITY, sample_weight=sample_weight
        )
        for name, metric in CAPACITY_METRICS.items()
    },
}
ORDERS_ONLY = [*RANKING_METRICS, *CAPACITY_METRICS]


def cases(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, scores with many ties, and whole weights."""
    random = np.random.default_rng(seed)
    outcome = random.integers(0, 2, n)
    outcome[:2] = [0, 1]
    return outcome, np.round(random.random(n), 1) * 0.8 + 0.1, random.integers(1, 4, n)


@pytest.mark.parametrize("name", METRICS)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(name: str, seed: int) -> None:
    outcome, score, weight = cases(seed, 40)
    shuffled = np.random.default_rng(seed + 1).permutation(40)
    before = METRICS[name](outcome, score, sample_weight=weight)
    after = METRICS[name](outcome[shuffled], score[shuffled], sample_weight=weight[shuffled])
    assert after == pytest.approx(before)


@pytest.mark.parametrize("name", METRICS)
@given(seed=st.integers(0, 10_000))
def test_a_weight_is_a_repeated_row(name: str, seed: int) -> None:
    outcome, score, weight = cases(seed, 40)
    weighted = METRICS[name](outcome, score, sample_weight=weight)
    repeated = METRICS[name](np.repeat(outcome, weight), np.repeat(score, weight))
    assert repeated == pytest.approx(weighted)


@pytest.mark.parametrize("name", ORDERS_ONLY)
@given(seed=st.integers(0, 10_000))
def test_only_the_order_of_scores_matters(name: str, seed: int) -> None:
    outcome, score, _ = cases(seed, 40)
    assert METRICS[name](outcome, np.exp(3 * score)) == pytest.approx(METRICS[name](outcome, score))


@given(
    score=arrays.arrays(float, 12, elements=st.sampled_from([0.1, 0.2, 0.3])),
    outcome=arrays.arrays(int, 12, elements=st.integers(0, 1)),
    capacity=st.integers(1, 12),
)
def test_ties_at_the_cut_off_count_by_their_average(score: np.ndarray, outcome: np.ndarray, capacity: int) -> None:
    shuffles = [np.random.default_rng(seed).permutation(12) for seed in range(400)]
    listed = [outcome[order][np.argsort(-score[order], kind="stable")[:capacity]].mean() for order in shuffles]
    assert precision_at_capacity(outcome, score, capacity=capacity) == pytest.approx(np.mean(listed), abs=0.1)


def test_a_score_that_is_not_a_number_comes_last() -> None:
    assert precision_at_capacity([1, 0], [np.nan, 0.1], capacity=1) == 0


def test_outcomes_drawn_from_the_probabilities_are_calibrated_and_doubled_ones_are_not() -> None:
    random = np.random.default_rng(0)
    probability = random.uniform(0.05, 0.4, 40_000)
    outcome = (random.random(40_000) < probability).astype(int)
    assert calibration_error(outcome, probability) < 0.01
    assert calibration_error(outcome, 2 * probability) > 0.1
    slope, intercept = calibration_line(np.log(probability / (1 - probability)), outcome)
    assert slope == pytest.approx(1, abs=0.1)
    assert intercept == pytest.approx(0, abs=0.15)
