"""Is an order judged by the harm it would have found?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.errors import NotEnoughDataError
from risk_model.evaluation.report import as_markdown, baselines, judge_on_truth

AS_OF = pd.Timestamp("2025-06-30")


def register(n: int, *, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(seed)
    risk = random.beta(1, 6, n)
    ids = [f"P{i}" for i in range(n)]
    cohort = pd.DataFrame(
        {
            "placement_id": ids,
            "months_since_departure": random.uniform(0, 30, n),
            "placement_complaints": random.integers(0, 3, n),
        }
    )
    truth = pd.DataFrame({"placement_id": ids, "as_of": AS_OF, "true_risk": risk, "harm": random.random(n) < risk})
    return cohort, truth.sample(frac=1, random_state=seed)


@given(st.integers(0, 50))
def test_the_order_of_true_risk_has_share_one_and_no_order_has_more(seed: int) -> None:
    cohort, truth = register(400, seed=seed)
    best = truth.set_index("placement_id")["true_risk"].loc[cohort["placement_id"]].to_numpy()
    judged = judge_on_truth({"best": best, **baselines(cohort, random_state=seed)}, cohort, truth, as_of=AS_OF)
    assert judged[judged["order"] == "best"]["share"].to_numpy() == pytest.approx(1.0)
    assert (judged["share"] <= 1.0 + 1e-12).all()


def test_a_random_order_has_share_near_zero() -> None:
    cohort, truth = register(20_000)
    judged = judge_on_truth({"random": baselines(cohort, random_state=3)["random"]}, cohort, truth, as_of=AS_OF)
    assert abs(judged.set_index("capacity_share")["share"][0.10]) < 0.1


def test_complaints_first_visits_every_complaint_before_a_placement_without() -> None:
    cohort, _ = register(300)
    order = baselines(cohort, random_state=1)["complaints first"]
    more, fewer = cohort["placement_complaints"] == 2, cohort["placement_complaints"] == 0
    assert order[more].min() > order[fewer].max()


def test_an_order_of_rows_without_truth_is_refused_with_the_dates_there_are() -> None:
    cohort, truth = register(50)
    with pytest.raises(NotEnoughDataError, match="truth has: 2025-06-30"):
        judge_on_truth({"any": np.ones(50)}, cohort, truth, as_of=pd.Timestamp("2025-01-01"))


def test_the_report_is_a_table_a_person_can_read() -> None:
    text = as_markdown("Evaluation", {"as_of": "2025-06-30"}, pd.DataFrame({"order": ["model"], "share": [0.5]}))
    assert "| model | 0.500 |" in text
