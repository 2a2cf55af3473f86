"""Is an order judged by the harm it would have found?"""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.errors import NotEnoughDataError, UnreadableFileError
from risk_model.evaluation.report import baselines, judge_on_truth, judge_on_visits, made_later
from risk_model.result_files import write_report

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


def test_who_is_visited_later_is_counted_among_the_harmed_alone() -> None:
    harm = np.array([1.0, 1.0, 1.0, 0.0])
    orders = {"old": np.array([4.0, 3.0, 2.0, 1.0]), "model": np.array([3.0, 2.0, 4.0, 1.0])}
    (row,) = made_later(orders, harm, np.ones(4), model="model").to_dict("records")
    assert (row["later"], row["earlier"]) == pytest.approx((2 / 3, 1 / 3))
    assert row["median_forward"] == pytest.approx(-1 / 4)


def test_on_visits_a_weight_counts_as_that_many_visits() -> None:
    random = np.random.default_rng(2)
    rows = pd.DataFrame(
        {
            "split": random.integers(0, 2, 400),
            "outcome": random.integers(0, 2, 400),
            "weight": random.choice([1.0, 3.0], 400),
            "s": random.random(400),
        }
    )
    repeated = rows.loc[rows.index.repeat(rows["weight"].astype(int))].assign(weight=1.0)
    weighted, plain = (judge_on_visits(each, {"s": "s"})["precision"].tolist() for each in (rows, repeated))
    assert weighted == pytest.approx(plain)


JUDGED = {
    "model_version": "m-1",
    "as_of": "2025-06-30",
    "data_origin": "simulated",
    "design": "simulated",
    "constraints": "10% visited",
    "cohort": 10,
    "comparison": [{"order": "model", "capacity_share": 0.1, "precision": 0.5, "low": 0.4, "high": 0.6, "recall": 0.2}],
    "made_later": [{"order": "<b>random</b>", "later": 0.38, "earlier": 0.62, "median_forward": float("nan")}],
    "calibration": None,
    "groups": [],
    "groups_random_arm": [],
    "gaps": [],
    "gaps_random_arm": [],
    "proxies": [{"trait": "sex", "auc_from_inputs": None, "warning": False}],
    "gate": [],
}


def test_the_report_is_markdown_one_page_or_json_by_its_name(tmp_path: Path) -> None:
    for name in ("r.md", "r.html", "r.json"):
        write_report(JUDGED, tmp_path / name)
    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    assert "| model | 0.100 | 0.500 | 0.400 | 0.600 | 0.200 |" in text
    assert "| <b>random</b> | 0.380 | 0.620 | – |" in text
    assert all(f"- {name}: " in text for name in ("design", "constraints", "data_origin"))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Every figure on this page is simulated" in page
    assert "&lt;b&gt;random&lt;/b&gt;" in page
    assert "<svg" in page
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["made_later"][0]["median_forward"] is None


def test_the_page_runs_nothing_and_loads_nothing(tmp_path: Path) -> None:
    write_report(JUDGED, tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|@import|url\(http|src=", page)


def test_a_report_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"\.md, \.html or \.json"):
        write_report(JUDGED, tmp_path / "r.docx")
    assert list(tmp_path.iterdir()) == []
