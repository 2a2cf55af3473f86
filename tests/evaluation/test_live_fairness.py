"""Is a gap between groups that changed its side since training noticed, and chance left alone?"""

import numpy as np
import pandas as pd
import pytest

from risk_model.evaluation.live_fairness import sides


def chance_visits(*, favoured: str | None, n: int = 3000, seed: int = 0) -> pd.DataFrame:
    """Visits chosen by chance; the score of who is harmed is higher in the favoured group."""
    random = np.random.default_rng(seed)
    sex = random.choice(["female", "male"], n)
    found = random.random(n) < 0.1
    score = random.normal(0, 1, n) + found * np.where(sex == favoured, 2.5, 0.5)
    return pd.DataFrame({"sex": sex, "found": found.astype(float), "score": score, "inclusion_probability": 0.05})


def statuses(before: pd.DataFrame, since: pd.DataFrame) -> dict[str, str]:
    told = sides(before, since, ("sex",), capacity_share=0.1)
    return dict(zip(told["group"], told["status"], strict=True))


def test_a_planted_change_of_side_alarms_for_both_groups() -> None:
    told = statuses(chance_visits(favoured="female"), chance_visits(favoured="male", seed=1))
    assert told == {"female": "changed side", "male": "changed side"}


def test_a_gap_that_stays_on_its_side_does_not_alarm() -> None:
    told = statuses(chance_visits(favoured="female"), chance_visits(favoured="female", seed=1))
    assert told == {"female": "steady", "male": "steady"}


def test_chance_alone_hardly_ever_alarms() -> None:
    worlds = [
        (chance_visits(favoured=None, seed=2 * k), chance_visits(favoured=None, seed=2 * k + 1)) for k in range(60)
    ]
    alarms = ["changed side" in statuses(*world).values() for world in worlds]
    assert sum(alarms) <= 4


@pytest.mark.parametrize("n", [0, 80])
def test_few_findings_are_not_enough_data_and_never_steady(n: int) -> None:
    told = statuses(chance_visits(favoured="female"), chance_visits(favoured="male", n=n))
    assert set(told.values()) == {"not enough data"}
