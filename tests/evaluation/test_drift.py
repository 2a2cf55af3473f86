"""Is a field that moved named with its severity, and one that did not left in peace?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.evaluation.drift import CRITICAL, USUAL, corridor_drift, field_drift, psi, worst

LIMITS = {"destination": CRITICAL, "fee": USUAL, "signed": USUAL, "risk": CRITICAL}


def cohort(seed: int, n: int = 5000, **changed: object) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    made = pd.DataFrame(
        {
            "destination": random.choice(["MYS", "TWN", "HKG", "SGP"], n, p=[0.5, 0.3, 0.15, 0.05]),
            "fee": np.where(random.random(n) < 0.2, np.nan, random.gamma(3, 1, n)),
            "signed": pd.array(np.where(random.random(n) < 0.3, pd.NA, random.random(n) < 0.6), dtype="boolean"),
            "risk": random.beta(1, 7, n),
        }
    )
    return made.assign(**changed)


def severities(then: pd.DataFrame, now: pd.DataFrame) -> dict[str, str]:
    return field_drift(then, now, LIMITS).set_index("field")["severity"].to_dict()


def test_two_samples_of_one_register_are_steady_in_every_field() -> None:
    for seed in range(40):
        assert set(severities(cohort(seed, n=300), cohort(seed + 100, n=300)).values()) == {"steady"}


def test_one_planted_shift_of_a_critical_field_alarms_and_names_it() -> None:
    moved = np.random.default_rng(0).choice(["MYS", "TWN", "HKG", "SGP"], 5000, p=[0.3, 0.3, 0.15, 0.25])
    found = severities(cohort(1), cohort(2, destination=moved))
    assert found == {"destination": "alarm", "fee": "steady", "signed": "steady", "risk": "steady"}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("fee", lambda frame: frame["fee"] * 2),
        ("fee", lambda frame: frame["fee"].where(np.arange(len(frame)) % 2 == 0)),
        ("signed", lambda frame: frame["signed"].fillna(False)),
        ("risk", lambda frame: frame["risk"] * 1.5),
    ],
    ids=["doubled", "half no longer recorded", "nulls became no", "score half as high again"],
)
def test_what_moved_is_never_steady(field: str, change: object) -> None:
    now = cohort(2)
    found = severities(cohort(1), now.assign(**{field: change(now)}))  # type: ignore[operator]
    assert found[field] != "steady"
    assert {name for name, grade in found.items() if grade != "steady"} == {field}


def test_a_field_that_is_empty_in_both_is_steady() -> None:
    empty = cohort(1, fee=np.nan)
    assert severities(empty, empty)["fee"] == "steady"


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 1000)), min_size=2, max_size=12))
def test_psi_is_never_negative_and_nothing_for_equal_shares(counts: list[tuple[int, int]]) -> None:
    then, now = (np.array([pair[i] for pair in counts], float) for i in (0, 1))
    now[0] += 1
    assert psi(then, now) >= 0
    assert psi(then, 3 * then) == pytest.approx(0, abs=1e-12)


def scored(sizes: dict[str, int], risk: dict[str, float]) -> pd.DataFrame:
    names = np.repeat(list(sizes), list(sizes.values()))
    return pd.DataFrame({"corridor": names, "risk": [risk.get(name, np.nan) for name in names]})


def test_corridors_that_are_new_that_grew_or_whose_risk_rose_are_named_and_others_are_not() -> None:
    risk = {"A": 0.1, "B": 0.1, "C": 0.1}
    then = scored({"A": 5000, "B": 1000, "C": 1000}, risk)
    now = scored({"A": 5000, "B": 2500, "C": 1000, "NEW": 100, "TINY": 3}, risk | {"C": 0.17})
    found = corridor_drift(then, now).set_index("corridor")["severity"].to_dict()
    assert found == {"B": "alarm", "NEW": "alarm", "C": "watch", "TINY": "watch"}


def test_the_gravest_severity_counts() -> None:
    assert worst(pd.Series(["steady", "alarm", "watch"])) == "alarm"
    assert worst(pd.Series([], dtype="str")) == "steady"
