from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import chi2

from risk_model.errors import InputError
from risk_model.prioritisation.sampling import (
    ARMS,
    COVERAGE,
    MANDATORY,
    MOST_TILT,
    RANDOM,
    RISK,
    Draw,
    Eligible,
    Shares,
    draw,
    inclusion_probabilities,
)
from risk_model.prioritisation.units import UNITS, checked, roll_up

CYCLES = 1000
SURELY = 0.9999
"""The quantile a chi-square may not pass; over the shapes below a sound draw fails once in a thousand runs."""


def units(
    n: int, *, cells: int = 4, mandatory: float = 0.0, unscored: float = 0.0, scores: int | None = None, seed: int = 0
) -> Eligible:
    """Return `n` units; `scores` gives that many distinct risks, None gives every unit its own."""
    generator = np.random.default_rng(seed)
    risk = generator.random(n) if scores is None else generator.integers(0, scores, n) / scores
    cell = generator.integers(0, cells, n)
    return Eligible(
        ids=np.array([f"P{number:05d}" for number in range(n)]),
        risk=np.where(generator.random(n) < unscored, np.nan, risk),
        cells=cell.astype(str),
        visits=generator.integers(0, 60, cells).astype(float)[cell],
        mandatory=generator.random(n) < mandatory,
    )


@st.composite
def eligible(data: st.DrawFn) -> Eligible:
    n = data(st.integers(1, 60))
    cells = data(hnp.arrays(np.int64, n, elements=st.integers(0, data(st.integers(0, 60)))))
    visits = data(hnp.arrays(np.int64, 61, elements=st.integers(0, 10_000)))
    # coarse scores, so that ties are common; 11 stands for no score
    risk = data(hnp.arrays(np.int64, n, elements=st.integers(0, data(st.integers(0, 11)))))
    return Eligible(
        ids=np.array([f"P{number}" for number in range(n)]),
        risk=np.where(risk == 11, np.nan, risk / 10),
        cells=cells.astype(str),
        visits=visits[cells].astype(float),
        mandatory=data(hnp.arrays(np.bool_, n)) & data(st.booleans()),
        unclear=data(st.none() | hnp.arrays(np.bool_, n)),
        resting=data(st.none() | hnp.arrays(np.bool_, n)),
    )


CAPACITIES = st.integers(1, 80)
SEEDS = st.integers(0, 2**32)
SHARES = st.builds(Shares, random=st.floats(0.03, 0.20), coverage=st.floats(0, 0.5))


@settings(max_examples=120, deadline=None)
@given(eligible(), CAPACITIES, SEEDS, SHARES)
def test_probabilities_are_above_zero_and_add_up_to_the_size(
    pool: Eligible, capacity: int, seed: int, shares: Shares
) -> None:
    drawn = draw(pool, capacity=capacity, random_state=seed, shares=shares)
    assert (drawn.inclusion_probability > 0).all()
    assert (drawn.inclusion_probability <= 1).all()
    assert drawn.inclusion_probability.sum() == pytest.approx(drawn.size, abs=1e-6)
    assert drawn.selected.sum() == drawn.size
    np.testing.assert_allclose(sum(drawn.by_arm.values()), drawn.inclusion_probability, atol=1e-8)


@settings(max_examples=120, deadline=None)
@given(eligible(), CAPACITIES, SEEDS, SHARES)
def test_every_drawn_unit_has_an_arm_that_could_draw_it(
    pool: Eligible, capacity: int, seed: int, shares: Shares
) -> None:
    drawn = draw(pool, capacity=capacity, random_state=seed, shares=shares)
    assert set(drawn.arm[~drawn.selected]) <= {""}
    for arm in ARMS:
        assert (drawn.by_arm[arm][drawn.arm == arm] > 0).all()
    assert np.isin(drawn.arm[drawn.selected], ARMS).all()
    assert (drawn.arm[pool.mandatory] == MANDATORY).all()
    assert not (drawn.by_arm[RISK][np.isnan(pool.risk)] > 0).any()


@settings(max_examples=100, deadline=None)
@given(eligible(), CAPACITIES, SEEDS, SHARES)
def test_the_list_has_the_capacity_or_grows_only_for_mandatory_units(
    pool: Eligible, capacity: int, seed: int, shares: Shares
) -> None:
    n, n_mandatory = len(pool.ids), int(pool.mandatory.sum())
    drawn = draw(pool, capacity=capacity, random_state=seed, shares=shares)
    least = min(capacity, n)
    assert drawn.size >= max(least, n_mandatory)
    if n_mandatory + shares.random * least <= least:
        assert drawn.size == least
    else:
        assert drawn.size <= n_mandatory + np.ceil(shares.random * least)
    wanted = min(shares.random * least, n - n_mandatory)
    assert drawn.by_arm[RANDOM].sum() >= wanted - 1e-9, "the random arm is never crowded out"


def reordered(pool: Eligible, order: np.ndarray) -> Eligible:
    return Eligible(**{name: None if values is None else values[order] for name, values in vars(pool).items()})


@settings(max_examples=100, deadline=None)
@given(eligible(), CAPACITIES, SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(pool: Eligible, capacity: int, seed: int, shuffle: object) -> None:
    order = np.random.default_rng(shuffle.getrandbits(32)).permutation(len(pool.ids))  # type: ignore[attr-defined]
    shuffled = reordered(pool, order)
    first = draw(pool, capacity=capacity, random_state=seed)
    again = draw(shuffled, capacity=capacity, random_state=seed)
    np.testing.assert_array_equal(again.arm, first.arm[order])
    np.testing.assert_array_equal(again.inclusion_probability, first.inclusion_probability[order])


@settings(max_examples=100, deadline=None)
@given(eligible(), CAPACITIES, SEEDS, SHARES)
def test_a_cell_gets_its_expected_visits_to_within_one_on_either_side_of_the_edge(
    pool: Eligible, capacity: int, seed: int, shares: Shares
) -> None:
    drawn = draw(pool, capacity=capacity, random_state=seed, shares=shares)
    for cell in np.unique(pool.cells):
        for ranked in (True, False):
            inside = (pool.cells == cell) & ((drawn.by_arm[RISK] > 0) == ranked)
            expected = drawn.inclusion_probability[inside].sum()
            assert abs(drawn.selected[inside].sum() - expected) < 1 + 1e-6


@settings(max_examples=100, deadline=None)
@given(eligible(), CAPACITIES, st.integers(0, 2**16))
def test_the_model_cannot_crowd_out_the_other_arms(pool: Eligible, capacity: int, seed: int) -> None:
    other = replace(pool, risk=np.where(np.isnan(pool.risk), np.nan, np.random.default_rng(seed).random(len(pool.ids))))
    before, after = (inclusion_probabilities(each, capacity=capacity, shares=Shares()) for each in (pool, other))
    for arm in (MANDATORY, COVERAGE, RANDOM):
        assert after[arm].sum() == pytest.approx(before[arm].sum(), abs=1e-6)


def hazy(pool: Eligible) -> Eligible:
    """Return `pool` where half of the scores cannot be told from the mean, and a tenth rests."""
    generator = np.random.default_rng(7)
    size = len(pool.ids)
    return replace(pool, unclear=generator.random(size) < 0.5, resting=generator.random(size) < 0.1)


def led_by_chance(n: int) -> Eligible:
    """Return `n` units of which none can be told from the mean, those of the first cell with the highest scores."""
    pool = units(n, cells=5)
    ahead = 0.1 * (pool.cells == pool.cells[0])
    return replace(pool, risk=0.1 + ahead + pool.risk / 100, unclear=np.ones(n, dtype=bool))


SHAPES = {
    "plain": (units(120), 20),
    "capacity 1": (units(40), 1),
    "capacity 1, all scores equal": (units(25, scores=1), 1),
    "all scores equal": (units(80, scores=1), 13),
    "scores of a two-line rule": (units(150, scores=4), 30),
    "more strata than capacity": (units(90, cells=60), 7),
    "every unit a stratum of its own": (units(30, cells=10_000), 6),
    "some without a score": (units(100, unscored=0.2), 15),
    "nobody has a score": (units(60, unscored=1.0), 9),
    "some mandatory": (units(120, mandatory=0.05), 25),
    "more mandatory than capacity": (units(60, mandatory=0.5), 10),
    "nearly everybody": (units(40, cells=6), 37),
    "scores that cannot be told from the mean": (hazy(units(120, cells=9)), 40),
    "a cell that leads by chance": (led_by_chance(100), 25),
    "everything at once": (hazy(units(140, cells=30, mandatory=0.04, unscored=0.1, scores=5)), 23),
}


def test_the_order_of_rows_does_not_change_who_is_limited_or_rests() -> None:
    pool = hazy(led_by_chance(100))
    backwards = reordered(pool, np.arange(100)[::-1])
    first, again = (draw(each, capacity=40, random_state=3) for each in (pool, backwards))
    np.testing.assert_array_equal(again.inclusion_probability[::-1], first.inclusion_probability)
    assert same(again, replace(first, arm=first.arm[::-1]))


@pytest.mark.parametrize("shape", SHAPES)
def test_draws_match_the_declared_probabilities(shape: str) -> None:
    pool, capacity = SHAPES[shape]
    draws = [draw(pool, capacity=capacity, random_state=seed) for seed in range(CYCLES)]
    declared = draws[0].inclusion_probability
    assert all((each.inclusion_probability == declared).all() for each in draws), "no seed enters a probability"
    assert_matches(np.sum([each.selected for each in draws], axis=0), declared)
    for arm in ARMS:
        assert_matches(np.sum([each.arm == arm for each in draws], axis=0), draws[0].by_arm[arm])


def assert_matches(counts: np.ndarray, probability: np.ndarray) -> None:
    sure = probability >= 1 - 1e-9
    np.testing.assert_array_equal(counts[sure], CYCLES)
    np.testing.assert_array_equal(counts[probability == 0], 0)
    chance = ~sure & (probability > 0)
    if chance.any():
        expected, share = CYCLES * probability[chance], probability[chance]
        statistic = (((counts[chance] - expected) ** 2) / (expected * (1 - share))).sum()
        assert statistic < chi2.ppf(SURELY, chance.sum())


@pytest.mark.parametrize("unit", UNITS)
def test_a_thousand_draws_of_each_kind_of_unit_match_the_declared_probabilities(
    cohort: Callable[..., pd.DataFrame], unit: str
) -> None:
    rows = roll_up(checked(cohort(400, seed=5)), unit).sort_values("unit_id", ignore_index=True)
    cells = rows["cell"].to_numpy(dtype=np.str_)
    numbers = np.unique(cells, return_inverse=True)[1]
    pool = Eligible(
        ids=rows["unit_id"].to_numpy(dtype=np.str_),
        risk=rows["risk"].to_numpy(dtype=np.float64),
        cells=cells,
        visits=np.random.default_rng(0).integers(0, 4, numbers.max() + 1).astype(float)[numbers],
        mandatory=np.arange(len(rows)) % 97 == 96,
    )
    draws = [draw(pool, capacity=max(2, len(rows) // 8), random_state=seed) for seed in range(CYCLES)]
    assert (draws[0].inclusion_probability > 0).all()
    assert_matches(np.sum([each.selected for each in draws], axis=0), draws[0].inclusion_probability)


def test_every_cell_is_reached_within_as_many_lists_as_its_probability_promises() -> None:
    pool = units(600, cells=30)
    draws = [draw(pool, capacity=20, random_state=seed) for seed in range(150)]
    for cell in np.unique(pool.cells):
        inside = pool.cells == cell
        # nine visits expected: a cell stays unvisited by chance in one of exp(9), about 8,000, such runs
        assert len(draws) * draws[0].inclusion_probability[inside].sum() > 9
        assert any(each.selected[inside].any() for each in draws)


def test_the_risk_arm_takes_the_highest_scores_for_certain() -> None:
    pool = units(100)
    drawn = draw(pool, capacity=40, random_state=3)
    highest = np.argsort(-pool.risk)[:32]
    assert (drawn.arm[highest] == RISK).all()
    assert (drawn.inclusion_probability[highest] == 1).all()


def test_shares_hold_exactly_where_they_are_whole_visits() -> None:
    drawn = draw(units(500), capacity=40, random_state=3)
    sums = {arm: drawn.by_arm[arm].sum() for arm in ARMS}
    assert sums == pytest.approx({MANDATORY: 0, RISK: 32, COVERAGE: 6, RANDOM: 2})


def test_units_that_tie_at_the_edge_share_its_places_equally() -> None:
    pool = replace(units(20, cells=1), risk=np.array([0.9] * 3 + [0.5] * 10 + [0.1] * 7))
    by_arm = inclusion_probabilities(pool, capacity=10, shares=Shares())
    np.testing.assert_allclose(by_arm[RISK], [1.0] * 3 + [0.5] * 10 + [0.0] * 7)


def test_a_never_visited_cell_is_likelier_up_to_the_stated_bound() -> None:
    visits = np.array([0.0] * 50 + [1.0] * 50 + [1e6] * 50)
    pool = replace(units(150, unscored=0), cells=np.array(["a"] * 50 + ["b"] * 50 + ["c"] * 50), visits=visits)
    random = inclusion_probabilities(replace(pool, risk=np.full(150, 0.1)), capacity=20, shares=Shares())[RANDOM]
    assert random[0] / random[-1] == pytest.approx(MOST_TILT)
    assert random[0] > random[60] > random[-1]


def test_equal_risk_and_unequal_history_leave_no_cell_more_than_twice_its_share() -> None:
    sizes = [600, 300, 200, 100, 50, 20, 10, 4, 1]
    cells = np.repeat(np.arange(len(sizes)), sizes)
    visits = np.array([400.0, 0, 200, 0, 50, 0, 10, 0, 0])
    expected = np.zeros(len(sizes))
    for _ in range(24):
        pool = replace(units(len(cells)), risk=np.full(len(cells), 0.1), cells=cells.astype(str), visits=visits[cells])
        by_arm = inclusion_probabilities(pool, capacity=40, shares=Shares())
        per_cell = np.bincount(cells, sum(by_arm.values()))
        expected += per_cell
        visits = visits + per_cell
    assert (expected / expected.sum() < 2 * np.array(sizes) / sum(sizes)).all()


def test_scores_that_err_by_a_fifth_leave_no_cell_more_than_twice_its_share_either() -> None:
    sizes = np.array([600, 300, 200, 100, 50, 50])
    cells = np.repeat(np.arange(len(sizes)), sizes)
    errs = 1 + np.array([-0.2, 0.1, -0.1, 0.2, -0.2, 0.2])
    visits = np.array([400.0, 0, 200, 0, 50, 0])
    for unclear in (np.zeros(len(cells), dtype=bool), np.ones(len(cells), dtype=bool)):
        expected = np.zeros(len(sizes))
        for _ in range(24):
            pool = replace(
                units(len(cells)), risk=0.1 * errs[cells], cells=cells.astype(str), visits=(visits + expected)[cells]
            )
            by_arm = inclusion_probabilities(replace(pool, unclear=unclear), capacity=40, shares=Shares())
            expected += np.bincount(cells, sum(by_arm.values()))
        ratio = expected / expected.sum() / (sizes / sizes.sum())
        assert (ratio < 2).all() == unclear.all(), "without the limit the highest scores have it all"


def test_a_unit_without_a_score_counts_as_least_known() -> None:
    pool = replace(units(100, cells=1), visits=np.full(100, 1e6))
    pool.risk[:5] = np.nan
    by_arm = inclusion_probabilities(pool, capacity=20, shares=Shares())
    scored = np.flatnonzero((by_arm[RISK] == 0) & ~np.isnan(pool.risk))
    for arm in (COVERAGE, RANDOM):
        assert by_arm[arm][:5].min() > by_arm[arm][scored].max()


def test_a_capacity_beyond_the_eligible_takes_everybody() -> None:
    drawn = draw(units(12, unscored=0.2), capacity=500, random_state=1)
    assert drawn.selected.all()
    assert (drawn.inclusion_probability == 1).all()


def test_nobody_eligible_is_an_empty_draw() -> None:
    nobody = Eligible(np.array([], str), np.array([]), np.array([], str), np.array([]), np.array([], bool))
    assert draw(nobody, capacity=5, random_state=1).size == 0


def same(first: Draw, second: Draw) -> bool:
    return bool((first.arm == second.arm).all())


def test_the_seed_decides() -> None:
    pool = units(200)
    first, again, other = (draw(pool, capacity=30, random_state=seed) for seed in (1, 1, 2))
    assert same(first, again)
    assert not same(first, other)


@pytest.mark.parametrize("shares", [{"random": 0.0}, {"random": 0.02}, {"random": 0.3}, {"random": float("nan")}])
def test_the_random_share_is_never_zero_nor_beyond_its_range(shares: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"allowed: 0\.03 to 0\.2"):
        Shares(**shares)


@pytest.mark.parametrize("coverage", [-0.1, 0.96, float("nan")])
def test_a_coverage_share_that_leaves_no_room_is_refused(coverage: float) -> None:
    with pytest.raises(InputError, match="coverage share"):
        Shares(coverage=coverage)


@pytest.mark.parametrize("capacity", [0, -3])
def test_a_capacity_below_one_is_refused(capacity: int) -> None:
    with pytest.raises(InputError, match="1 or more"):
        draw(units(5), capacity=capacity, random_state=0)


def test_a_unit_given_twice_is_refused_by_name() -> None:
    pool = units(5)
    pool.ids[3] = pool.ids[1]
    with pytest.raises(InputError, match="P00001"):
        draw(pool, capacity=2, random_state=0)
