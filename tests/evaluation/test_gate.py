"""Does each limit of the gate hold where it should, and leave alone what is sound?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.evaluation.champion_scores import Keys, with_champion
from risk_model.evaluation.gate_order import against_champion, against_rule, exchanged
from risk_model.evaluation.gate_soundness import calibrated, fresh, groups_present
from risk_model.evaluation.windows import overlapping
from risk_model.gate_limits import Gate

GATE = Gate()


def rolling_tests(*, model_knows: float, rule_knows: float, n: int = 1200, seed: int = 5) -> pd.DataFrame:
    """Three rolling tests in which each order sees the true risk through noise."""
    random = np.random.default_rng(seed)
    risk = random.beta(1, 5, n)
    noise = random.normal(0, 0.2, (2, n))
    return pd.DataFrame(
        {
            "split": np.arange(n) % 3,
            "outcome": (random.random(n) < risk).astype(int),
            "weight": 1.0,
            "chosen": model_knows * risk + noise[0],
            "rule": rule_knows * risk + noise[1],
            "served": risk,
            "drawn": True,
        }
    )


def failed(checks: list[object]) -> list[str]:
    return [check.name for check in checks if not check.passed]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("tested", "named"),
    [
        (rolling_tests(model_knows=1, rule_knows=0.1), []),
        (rolling_tests(model_knows=0.1, rule_knows=1), ["AUC over the two-line rule"]),
        (rolling_tests(model_knows=1, rule_knows=1), ["AUC over the two-line rule"]),
        (rolling_tests(model_knows=1, rule_knows=0.1, n=150), ["tested visits"]),
    ],
    ids=["better", "worse", "as good as the rule", "too few visits"],
)
def test_only_what_is_superior_to_the_rule_passes(tested: pd.DataFrame, named: list[str]) -> None:
    assert set(named) <= set(failed(against_rule(tested, GATE, capacity_share=0.1)))
    assert bool(named) == bool(failed(against_rule(tested, GATE, capacity_share=0.1)))


def test_tests_with_hardly_a_finding_say_what_to_change() -> None:
    tested = rolling_tests(model_knows=1, rule_knows=0).assign(outcome=lambda t: (t.index < 6).astype(int))
    figures = {check.name: check for check in against_rule(tested, GATE, capacity_share=0.1)}
    assert "longer tests (splits), or more rows" in str(figures["AUC over the two-line rule"].figure)
    assert not figures["AUC over the two-line rule"].passed


@given(st.floats(0, 0.9))
def test_the_share_exchanged_is_the_share_of_the_list_that_was_turned_over(moved: float) -> None:
    old = np.arange(1000, 0, -1.0)
    new = old.copy()
    n = round(100 * moved)
    new[:n], new[500 : 500 + n] = old[500 : 500 + n].copy(), 2000.0
    register = pd.DataFrame({"risk": new, "champion": old})
    assert exchanged(register, 0.1) == pytest.approx(n / 100)


def test_a_list_may_be_turned_over_where_that_gains() -> None:
    tested = rolling_tests(model_knows=1, rule_knows=0.1).assign(cell="0", champion=lambda t: t["rule"])
    register = pd.DataFrame({"risk": np.arange(100.0), "champion": -np.arange(100.0)})
    assert failed(against_champion(tested, register, GATE, capacity_share=0.1, note="")) == []
    same = tested.assign(champion=tested["chosen"])
    assert failed(against_champion(same, register, GATE, capacity_share=0.1, note="")) == ["list exchanged"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda p: p, []),
        (lambda p: np.minimum(0.99, 1.6 * p), ["predicted over found"]),
        (lambda p: 0.5 * p, ["predicted over found"]),
        (lambda p: p**3 * p.mean() / (p**3).mean(), ["calibration slope"]),
        (lambda p: p.mean() + 0.2 * (p - p.mean()), ["calibration slope"]),
    ],
    ids=["as they are", "too high", "too low", "too sure", "too timid"],
)
def test_probabilities_that_do_not_come_true_are_refused(change: object, named: list[str]) -> None:
    tested = rolling_tests(model_knows=1, rule_knows=0, n=4000).assign(chosen=lambda t: t["served"])
    served = change(tested["served"])  # type: ignore[operator]
    found = failed(calibrated(tested.assign(served=served), GATE, random_state=0))
    assert bool(found) == bool(named)
    assert set(named) <= set(found)


def test_perfect_probabilities_are_hardly_ever_refused() -> None:
    worlds = (rolling_tests(model_knows=1, rule_knows=0, n=400, seed=seed) for seed in range(30))
    perfect = (world.assign(chosen=world["served"]) for world in worlds)
    refused = [bool(failed(calibrated(world, GATE, random_state=0))) for world in perfect]
    assert sum(refused) <= 1


def test_few_findings_are_said_to_be_not_enough() -> None:
    checks = calibrated(rolling_tests(model_knows=1, rule_knows=0, n=60), GATE, random_state=0)
    assert all("not enough data" in str(check.figure) and check.passed for check in checks)


DAY = pd.Timestamp("2026-01-01")


@pytest.mark.parametrize(
    ("newest", "today", "named"),
    [
        ({"events": DAY - pd.Timedelta(days=5)}, None, "none"),
        ({"events": DAY + pd.Timedelta(days=200)}, None, "data go on 200 days after"),
        ({"events": DAY, "inspections": DAY - pd.Timedelta(days=120)}, None, "inspections end 120 days before"),
        ({"events": DAY}, DAY + pd.Timedelta(days=91), "trained as of 91 days ago"),
        ({"events": pd.NaT}, None, "none"),
    ],
)
def test_stale_is_said_of_version_table_or_day(
    newest: dict[str, pd.Timestamp], today: pd.Timestamp | None, named: str
) -> None:
    assert str(fresh(DAY, newest, GATE, today=today).figure).startswith(named)


def test_a_group_of_the_register_that_was_never_tested_scored_or_kept_is_missing() -> None:
    register = pd.DataFrame({"sex": ["female"] * 60 + ["male"] * 40, "risk": 0.1})
    men, both = pd.DataFrame({"sex": ["male"] * 300}), pd.DataFrame({"sex": ["male"] * 200 + ["female"] * 100})

    def missing(
        tested: pd.DataFrame, members: pd.DataFrame = register, *, audited: bool = True, **earlier: float
    ) -> str:
        traits = ["sex"] if audited else []
        return str(groups_present(tested, members, ["sex"], audited=traits, earlier={"sex": earlier}).figure)

    assert missing(men) == "sex female: 0 tested rows, 180 expected"
    assert missing(both) == missing(men, audited=False) == "none"
    assert missing(both, other=0.05, rare=0.01) == "sex other: gone from the register"
    unscored = register.assign(risk=register["risk"].where(register["sex"] == "male"))
    assert missing(both, unscored) == "sex female: nobody gets a number"


def test_windows_overlap_where_an_outcome_is_open_or_nothing_is_known() -> None:
    closed = {"split": 0, "tested_from": "2025-06-01", "closed_at": "2025-06-01"}
    assert overlapping([closed]) == []
    assert len(overlapping([closed, closed | {"closed_at": "2025-06-02"}, closed | {"closed_at": "NaT"}])) == 2


def test_the_champion_is_heard_only_on_rows_it_had_not_learnt_from() -> None:
    days = pd.to_datetime(["2025-01-10", "2025-02-01", "2025-03-01", "2025-01-12", "2025-02-20"])
    tested = pd.DataFrame({"id": list("abcdz"), "day": days, "split": 0, "outcome": [1, 0, 1, 0, 0]})
    earlier = pd.DataFrame(
        {
            "id": ["a", "z", "d"],
            "day": pd.to_datetime(["2025-01-05", "2025-02-10", "2025-01-12"]),
            "outcome": [1, 0, 1],
            "chosen": [0.7, 0.1, 0.9],
        }
    )
    made = with_champion(tested, Keys("id", "day", 30), earlier=earlier, served=np.array([0.2, 0.3, 0.4, 0.5, 0.6]))
    assert made["champion"].tolist()[0] == 0.7  # tested when the champion was trained
    assert np.isnan(made["champion"][1])  # may have been learnt from
    assert made["champion"][2] == 0.4  # after the champion's last row
    assert np.isnan(made["champion"][3])  # another visit: the outcome differs
    assert made["champion"][4] == 0.1  # later, but the same visit as one tested then
    assert made["cell"].tolist() == ["0 tested", "0 tested", "0 served", "0 tested", "0 tested"]
