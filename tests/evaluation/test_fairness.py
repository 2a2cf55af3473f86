"""Is it seen who is left without protection, and is too little never shown as fair?"""

import numpy as np
import pandas as pd
import pytest

from risk_model.evaluation.fairness import NOT_ENOUGH, gaps, group_figures, trait_columns
from risk_model.evaluation.proxies import proxy_probe


def register(n: int = 4000, *, penalty: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """A register whose score is the risk, lowered by `penalty` for women."""
    random = np.random.default_rng(seed)
    sex = random.choice(["female", "male"], n)
    risk = random.beta(2, 6, n)
    return pd.DataFrame(
        {
            "sex": sex,
            "score": risk - penalty * (sex == "female"),
            "risk": risk,
            "outcome": (random.random(n) < risk).astype(float),
            "weight": 1.0,
        }
    )


def by_group(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(group_figures(rows, ["sex"], capacity_share=0.2)).set_index("group")


def test_a_group_that_is_scored_down_is_seen_with_its_interval() -> None:
    fair, unfair = (group_figures(register(penalty=each), ["sex"], capacity_share=0.2) for each in (0.0, 0.3))
    assert not gaps(fair)[0]["apart"]
    (gap,) = gaps(unfair)
    assert (gap["lowest"], gap["apart"]) == ("female", True)
    assert gap["gap"] > 0.2


def test_figures_are_rates_of_the_rows_they_name() -> None:
    rows = register()
    figures = by_group(rows).loc["male"]
    men = rows["sex"] == "male"
    on_list = rows["score"] >= np.sort(rows["score"])[-800]
    assert figures["recall"] == pytest.approx(on_list[men & (rows["outcome"] == 1)].mean())
    assert figures["precision"] == pytest.approx(rows["outcome"][men & on_list].mean())
    assert figures["listed"] == pytest.approx(on_list[men].mean())
    assert figures["predicted_over_observed"] == pytest.approx(rows["risk"][men].mean() / rows["outcome"][men].mean())
    assert figures["recall_low"] < figures["recall"] < figures["recall_high"]


def test_a_weight_counts_as_that_many_rows() -> None:
    rows = register(600)
    twice = pd.concat([rows, rows[rows["sex"] == "male"]], ignore_index=True)
    weighted = rows.assign(weight=np.where(rows["sex"] == "male", 2.0, 1.0))
    assert by_group(weighted)["recall"].tolist() == pytest.approx(by_group(twice)["recall"].tolist())


@pytest.mark.parametrize("figure", ["recall", "predicted_over_observed"])
def test_a_group_without_cases_has_no_figure_and_no_gap(figure: str) -> None:
    rows = register().assign(outcome=lambda t: t["outcome"].where(t["sex"] == "male", 0.0))
    figures = by_group(rows)
    assert figures.loc["female", figure] is None or np.isnan(figures.loc["female", figure])
    assert figures.loc["female", "status"] == NOT_ENOUGH
    (gap,) = gaps(group_figures(rows, ["sex"], capacity_share=0.2), figure)
    assert gap["gap"] is None
    assert gap["not_enough_data"] == 1


def test_few_visits_of_great_weight_are_few() -> None:
    rows = register(200).assign(weight=lambda t: np.where(np.arange(len(t)) < 3, 1000.0, 1.0))
    assert set(by_group(rows)["status"]) == {NOT_ENOUGH}


def test_traits_are_bands_and_provinces_and_nothing_recorded_stays_nothing() -> None:
    people = pd.DataFrame(
        {
            "birth_year": pd.array([2003, 1991, 1980, 1950, None], dtype="Int64"),
            "origin": ["53.11", "32", "53.01.02", "35.07", None],
            "sex": ["female", None, "male", "female", "male"],
        }
    )
    traits = trait_columns(people, ("sex", "birth_year", "origin", "education"), at=pd.Timestamp("2025-12-31"))
    assert traits["age band"].fillna("").tolist() == ["under 25", "25–34", "45 and over", "45 and over", ""]
    assert traits["province"].fillna("").tolist() == ["53", "32", "53", "35", ""]
    assert traits["sex"].isna().tolist() == [False, True, False, False, False]
    assert "education" not in traits


def test_a_trait_that_an_input_gives_away_is_warned_of_and_chance_is_not() -> None:
    random = np.random.default_rng(1)
    n = 1500
    sex = random.choice(["female", "male"], n)
    inputs = pd.DataFrame({"job": np.where(random.random(n) < 0.9, sex, "other"), "fee": random.random(n)})
    traits = pd.DataFrame({"sex": sex, "education": random.choice(["a", "b", "c"], n), "same": "x"})
    score = pd.Series((sex == "male") + random.normal(0, 0.2, n)).where(np.arange(n) > 5)
    probed = {row["trait"]: row for row in proxy_probe(inputs, score, traits, random_state=0)}
    assert probed["sex"]["warning"]
    assert probed["sex"]["auc_from_inputs"] > 0.9
    assert probed["sex"]["auc_from_score"] > 0.9
    assert not probed["education"]["warning"]
    assert probed["education"]["auc_from_inputs"] == pytest.approx(0.5, abs=0.07)
    assert probed["same"]["auc_from_inputs"] is None
