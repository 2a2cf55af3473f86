"""Are paired intervals right about how sure they are?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.evaluation.paired import auc_gain, listed, precision_gain, recall_gain
from risk_model.learning import metrics

GAINS = {
    "auc": lambda rows: auc_gain(rows, "model", "other", cells="cell"),
    "precision": lambda rows: precision_gain(rows, "model", "other", cells="cell", capacity_share=0.2),
    "recall": lambda rows: recall_gain(
        rows, "model", "other", cells="cell", capacity_share=0.2, within=rows["outcome"] >= 0
    ),
}


def visits(seed: int, n: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    risk = random.beta(2, 5, n)
    return pd.DataFrame(
        {
            "cell": random.integers(0, 2, n),
            "outcome": (random.random(n) < risk).astype(int),
            "weight": random.choice([1.0, 2.0, 5.0], n),
            "model": np.round(risk + random.normal(0, 0.1, n), 1),  # with ties
            "other": risk + random.normal(0, 0.3, n),
        }
    )


@pytest.mark.parametrize("seed", range(10))
def test_gains_are_those_of_the_metrics(seed: int) -> None:
    rows = visits(seed).assign(cell=0)
    weight = rows["weight"]
    by_auc = [metrics.auc(rows["outcome"], rows[name], sample_weight=weight) for name in ("model", "other")]
    assert GAINS["auc"](rows).estimate == pytest.approx(by_auc[0] - by_auc[1])
    capacity = 0.2 * weight.sum()
    for name, metric in (("precision", metrics.precision_at_capacity), ("recall", metrics.recall_at_capacity)):
        found = [
            metric(rows["outcome"], rows[key], capacity=capacity, sample_weight=weight) for key in ("model", "other")
        ]
        assert GAINS[name](rows).estimate == pytest.approx(found[0] - found[1])


@pytest.mark.parametrize("name", GAINS)
def test_an_order_gains_nothing_over_itself_and_the_sign_turns_with_the_order(name: str) -> None:
    rows = visits(1)
    assert GAINS[name](rows.assign(other=rows["model"])).low == pytest.approx(0, abs=1e-12)
    turned = rows.rename(columns={"model": "other", "other": "model"})
    assert GAINS[name](turned).estimate == pytest.approx(-GAINS[name](rows).estimate)
    assert GAINS[name](rows.sample(frac=1, random_state=0)).low == pytest.approx(GAINS[name](rows).low)


@pytest.mark.parametrize("name", GAINS)
def test_the_interval_holds_the_true_gain_about_19_times_of_20(name: str) -> None:
    truth = GAINS[name](visits(10_000, 200_000)).estimate
    made = [GAINS[name](visits(seed)) for seed in range(200)]
    held = np.mean([each.low <= truth <= each.high for each in made])
    assert 0.90 <= held <= 0.99


def test_more_tests_widen_the_interval_and_no_rows_have_none() -> None:
    rows = visits(3)
    one, many = (auc_gain(rows, "model", "other", cells="cell", tests=tests) for tests in (1, 20))
    assert many.low < one.low < one.high < many.high
    assert np.isnan(auc_gain(rows.assign(other=np.nan), "model", "other", cells="cell").estimate)
    assert auc_gain(rows.assign(outcome=1), "model", "other", cells="cell").rows == 0


@given(st.lists(st.integers(0, 3), min_size=5, max_size=40), st.floats(0.05, 0.95))
def test_a_list_has_its_size_and_equal_scores_share_its_last_places(scores: list[int], share: float) -> None:
    weight = np.ones(len(scores))
    part = listed(np.array(scores, float), weight, share)
    assert part.sum() == pytest.approx(share * len(scores))
    assert all(len(set(np.round(part[np.array(scores) == value], 9))) <= 1 for value in set(scores))
