import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.prioritisation.coverage import (
    LEAST_STRATUM,
    MINIMUM_SHARE,
    SMALL_CELLS,
    coverage_probabilities,
    minimum_coverage,
    risk_weights,
    strata,
)
from risk_model.prioritisation.price import MINIMUM_COVERAGE, price_of_arms, price_of_minimum_coverage
from risk_model.prioritisation.sampling import COVERAGE, Eligible, Shares, draw, inclusion_probabilities

SIZES = [900, 500, 120, 80, 60, 55, 20, 6, 3, 1, 1]
NO_MINIMUM = Shares(minimum_coverage=False)


def register(visits: np.ndarray) -> Eligible:
    """Return units of cells from large to tiny, the large ones at most risk; `visits` per cell."""
    cells = np.repeat(np.arange(len(SIZES)), SIZES)
    risk = np.random.default_rng(0).beta(1, 8 + 2 * cells)
    ids = np.array([f"P{number:05d}" for number in range(len(cells))])
    return Eligible(ids, risk, cells.astype(np.str_), visits[cells], np.zeros(len(cells), dtype=bool))


def test_small_cells_count_together_and_cells_of_like_size_each_for_themselves() -> None:
    named = strata(register(np.zeros(len(SIZES))).cells)
    assert set(named) == {str(cell) for cell, size in enumerate(SIZES) if size >= LEAST_STRATUM} | {SMALL_CELLS}
    alone = np.array(["P3MI-1", "P3MI-2", "P3MI-3"])
    assert strata(alone).tolist() == alone.tolist()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("capacity", [8, 20, 60])
def test_each_stratum_is_reached_within_the_stated_number_of_lists(seed: int, capacity: int) -> None:
    visits = np.zeros(len(SIZES))
    stated = minimum_coverage(register(visits).cells, np.ones(sum(SIZES), dtype=bool), total=0.15 * capacity).lists
    assert stated is not None
    for number in range(stated):
        pool = register(visits)
        drawn = draw(pool, capacity=capacity, random_state=1000 * seed + number)
        visits += np.bincount(pool.cells[drawn.selected].astype(int), minlength=len(SIZES))
    reached = strata(pool.cells)[visits[pool.cells.astype(int)] > 0]
    assert set(reached) == set(strata(pool.cells))


def test_a_stratum_nobody_reached_in_a_year_is_expected_about_once_on_the_next_list() -> None:
    visits = np.full(len(SIZES), 9.0)
    visits[5] = 0.0
    pool = register(visits)
    inside = pool.cells == "5"
    with_it = sum(inclusion_probabilities(pool, capacity=40, shares=Shares()).values())
    without = sum(inclusion_probabilities(pool, capacity=40, shares=NO_MINIMUM).values())
    assert 0.9 < with_it[inside].sum() <= 1
    assert without[inside].sum() < 0.75


@given(st.floats(0.1, 60), st.integers(0, 2**11 - 1))
def test_minimum_coverage_takes_no_more_than_its_share_of_the_arm(total: float, unknown: int) -> None:
    cells = np.repeat(np.arange(len(SIZES)), SIZES)
    unvisited = np.array([bool(unknown >> cell & 1) for cell in cells])
    others = np.full(len(cells), 0.01)
    with_it, without = (
        coverage_probabilities(
            cells.astype(np.str_),
            unvisited=unvisited,
            weights=np.ones(len(cells)),
            others=others,
            total=total,
            minimum=minimum,
        )
        for minimum in (True, False)
    )
    assert with_it.sum() == pytest.approx(total)
    assert (with_it >= 0).all()
    assert (with_it + others <= 1 + 1e-9).all()
    assert np.maximum(with_it - without, 0).sum() <= MINIMUM_SHARE * total + 1e-6


def test_coverage_goes_where_risk_is_and_leaves_nobody_out() -> None:
    pool = register(np.full(len(SIZES), 9.0))
    coverage = inclusion_probabilities(pool, capacity=40, shares=Shares())[COVERAGE]
    open_ = coverage > 0
    order = np.argsort(pool.risk[open_])
    low, high = (coverage[open_][part].mean() for part in np.array_split(order, 2))
    assert high > 2 * low > 0


def test_a_unit_without_a_score_weighs_as_one_of_mean_risk() -> None:
    weights = risk_weights(np.array([0.1, 0.3, np.nan]))
    assert weights[0] < weights[2] == 1 < weights[1]
    assert risk_weights(np.array([np.nan, np.nan])).tolist() == [1, 1]


def test_the_price_of_minimum_coverage_is_what_the_list_without_it_would_find_more() -> None:
    pool = register(np.array([9.0] * 3 + [0.0] * (len(SIZES) - 3)))
    drawn = draw(pool, capacity=40, random_state=1)
    free = inclusion_probabilities(pool, capacity=40, shares=NO_MINIMUM)
    (price,) = price_of_minimum_coverage(drawn, free, pool.risk)
    lost = ((sum(free.values()) - drawn.inclusion_probability) * pool.risk).sum()
    assert price.arm == MINIMUM_COVERAGE
    assert price.given_up == pytest.approx(lost)
    assert 0 < price.given_up < next(each.given_up for each in price_of_arms(drawn, pool.risk) if each.arm == COVERAGE)
    assert 0 < price.visits <= MINIMUM_SHARE * drawn.by_arm[COVERAGE].sum() + 1e-9


def test_where_every_stratum_was_visited_minimum_coverage_costs_nothing() -> None:
    pool = register(np.full(len(SIZES), 9.0))
    free = inclusion_probabilities(pool, capacity=40, shares=NO_MINIMUM)
    (price,) = price_of_minimum_coverage(draw(pool, capacity=40, random_state=1), free, pool.risk)
    assert price.given_up == pytest.approx(0)
    assert price.visits == pytest.approx(0)
