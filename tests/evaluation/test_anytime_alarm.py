"""Does the alarm keep its promise at any time, and does it see what it should?"""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.evaluation.anytime_alarm import (
    OTHER_CORRIDORS,
    AlarmRule,
    alarm,
    corridor_weights,
    evidence,
    stage_factors,
)

ROUNDS, VISITS = 36, 160
CORRIDORS = ["HKG-domestic", "TWN-care", "SGP-domestic", "KHM-services"]
SIZES = [600, 250, 149, 1]


def placements() -> pd.Series:
    return pd.Series(np.repeat(CORRIDORS, SIZES))


def visits(seed: int, *, odds: float = 1.0, only: str | None = None, rounds: int = ROUNDS) -> pd.DataFrame:
    """Visits that find harm with the predicted chance; from round 6 on with `odds` times its odds, in `only` or all."""
    random = np.random.default_rng(seed)
    n = rounds * VISITS
    frame = pd.DataFrame(
        {
            "round": np.repeat(np.arange(rounds), VISITS),
            "corridor": random.choice(CORRIDORS, n, p=np.array(SIZES) / sum(SIZES)),
            "stage": random.choice(["before", "during", "after"], n),
            "predicted": random.beta(1, 7, n),
        }
    )
    turned = (frame["round"] >= 6) & ((frame["corridor"] == only) if only else True)
    ratio = np.where(turned, odds, 1.0)
    chance = ratio * frame["predicted"] / (1 + (ratio - 1) * frame["predicted"])
    return frame.assign(found=(random.random(n) < chance).astype(float))


def bet(seed: int, *, bias: float = 1.0, **planted: object) -> object:
    """The alarm after a calm baseline of twelve rounds; `bias` multiplies every prediction, before and after."""
    before, since = visits(seed + 10_000, rounds=12), visits(seed, **planted)  # type: ignore[arg-type]
    before, since = (frame.assign(predicted=frame["predicted"] * bias) for frame in (before, since))
    rule = AlarmRule()
    return alarm(since, stage_factors(before, rule), corridor_weights(placements()), rule)


def test_in_36_rounds_at_most_five_percent_of_calibrated_runs_alarm() -> None:
    alarms = sum(bet(seed).first_round is not None for seed in range(40))
    assert alarms <= 0.05 * 40


def expected_stake(true: float, allowed: float, *, n: int = 8) -> float:
    """The exact expectation of the stake after four rounds of two visits, over everything they can find."""
    rounds, chance = np.repeat(np.arange(4), n // 4), np.full(n, allowed)
    total = 0.0
    for found in product((0.0, 1.0), repeat=n):
        probability = true ** sum(found) * (1 - true) ** (n - sum(found))
        total += probability * evidence(np.array(found), chance, rounds, 4)[-1]
    return total


@pytest.mark.parametrize("chance", [0.02, 0.2, 0.7])
def test_the_stake_is_expected_to_be_one_where_the_prediction_is_exact_and_less_where_it_is_too_high(
    chance: float,
) -> None:
    assert expected_stake(chance, chance) == pytest.approx(1.0, abs=1e-9)
    assert expected_stake(chance / 2, chance) < 1 < expected_stake(min(1.0, 1.3 * chance), chance)


@pytest.mark.parametrize(
    ("planted", "stream", "direction"),
    [
        ({"odds": 6.0, "only": "SGP-domestic"}, "SGP-domestic", "worse"),
        ({"odds": 3.0}, "overall", "worse"),
        ({"odds": 0.2}, "overall", "better"),
    ],
    ids=["one corridor turns", "harm rises everywhere", "harm falls everywhere"],
)
def test_a_planted_change_is_found_and_named(planted: dict[str, object], stream: str, direction: str) -> None:
    for seed in range(3):
        made = bet(seed, **planted)
        assert made.first_round is not None
        assert made.first_round >= 6, "nothing had changed before"
        row = made.streams.set_index(["stream", "direction"]).loc[(stream, direction)]
        assert row["alarm"]
        assert row["found"] != pytest.approx(row["allowed"], rel=0.05)


def test_a_stronger_change_is_found_sooner() -> None:
    delays = {
        odds: np.median([bet(seed, odds=odds, only="SGP-domestic").first_round or ROUNDS for seed in range(6)])
        for odds in (4.0, 12.0)
    }
    assert delays[12.0] < delays[4.0]


def test_predictions_off_by_one_factor_all_along_are_no_change() -> None:
    assert all(bet(seed, bias=0.6).first_round is None for seed in range(10))


def test_a_rise_within_the_tolerance_is_no_alarm() -> None:
    assert sum(bet(seed, odds=1.15).first_round is not None for seed in range(10)) == 0


def test_without_a_visit_or_a_baseline_nothing_is_claimed() -> None:
    none = visits(0).iloc[:0]
    rule = AlarmRule()
    made = alarm(none, stage_factors(none, rule), corridor_weights(placements()), rule)
    assert (made.first_round, made.evidence) == (None, 1.0)
    assert not made.streams["alarm"].any()


def test_the_bounds_on_the_factors_hold_the_truth_nearly_always() -> None:
    rule = AlarmRule()
    missed = 0
    for seed in range(60):
        factors = stage_factors(visits(seed, rounds=12), rule)
        missed += not ((factors["low"] <= 1) & (factors["high"] >= 1)).all()
    assert missed <= 0.05 * 60


def test_small_corridors_share_a_stream_and_all_shares_add_up_to_one() -> None:
    weights = corridor_weights(placements())
    assert "KHM-services" not in weights
    assert OTHER_CORRIDORS in weights
    assert sum(weights.values()) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.integers(0, 11)), max_size=40))
def test_one_more_finding_never_lowers_the_stake_and_one_more_none_never_raises_it(rows: list[tuple]) -> None:
    found, allowed, rounds = (np.array([row[i] for row in rows], dtype=t) for i, t in enumerate((float, float, int)))
    at_the_end = evidence(found, allowed, rounds, 12)[-1]
    with_a_finding = evidence(np.append(found, 1.0), np.append(allowed, 0.5), np.append(rounds, 11), 12)[-1]
    with_none = evidence(np.append(found, 0.0), np.append(allowed, 0.5), np.append(rounds, 11), 12)[-1]
    assert with_none <= at_the_end * (1 + 1e-9)
    assert with_a_finding >= at_the_end * (1 - 1e-9)
