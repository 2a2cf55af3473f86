"""Do calibrated scores foresee how well they will do?"""

import numpy as np
import pytest

from risk_model.evaluation.expected_performance import expected_performance, performance_then_and_now
from risk_model.learning.metrics import auc, brier, precision_at_capacity


def test_what_calibrated_scores_expect_is_what_happens() -> None:
    random = np.random.default_rng(3)
    risk = random.beta(1, 6, 40_000)
    harmed = (random.random(40_000) < risk).astype(int)
    expected = expected_performance(risk, capacity_share=0.1)
    assert expected["precision"] == pytest.approx(precision_at_capacity(harmed, risk, capacity=4000), abs=0.03)
    assert expected["low"] <= precision_at_capacity(harmed, risk, capacity=4000) <= expected["high"]
    assert expected["auc"] == pytest.approx(auc(harmed, risk), abs=0.01)
    assert expected["brier"] == pytest.approx(brier(harmed, risk), abs=0.005)


def test_it_does_not_see_that_harm_rose_where_scores_did_not() -> None:
    """The caveat, as a fact: twice the harm at the same scores changes nothing here."""
    random = np.random.default_rng(3)
    risk = random.beta(1, 12, 40_000)
    harmed = random.random(40_000) < 2 * risk
    expected = expected_performance(risk, capacity_share=0.1)
    assert precision_at_capacity(harmed, risk, capacity=4000) > expected["high"] + 0.05


def test_a_cohort_of_lower_risks_is_expected_to_be_found_less_often() -> None:
    risk = np.random.default_rng(3).beta(1, 6, 5000)
    table = performance_then_and_now(risk, risk / 2, capacity_share=0.1).set_index("figure")
    assert table.loc["precision", "now"] == pytest.approx(table.loc["precision", "then"] / 2)


def test_rows_without_a_score_are_left_out_and_none_at_all_is_null() -> None:
    risk = np.array([0.2, np.nan, 0.4])
    assert expected_performance(risk, capacity_share=1.0)["precision"] == pytest.approx(0.3)
    assert np.isnan(expected_performance([np.nan], capacity_share=0.1)["precision"])
