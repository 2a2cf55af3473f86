from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from risk_model.prioritisation.price import CORRIDOR_LIMIT, price_of_arms, price_of_limit
from risk_model.prioritisation.risk_arm import CLEARLY_ABOVE, MOST_UNCLEAR, risk_probabilities, top_shares, unclear
from risk_model.prioritisation.sampling import COVERAGE, RISK, Eligible, Shares, draw, inclusion_probabilities

CELLS = np.repeat(["a", "b", "c", "d"], [40, 100, 200, 60])
BY_CHANCE = np.where(CELLS == "a", 0.13, 0.10) + np.linspace(0, 0.001, len(CELLS))
"""Risks that differ by less than is known of them: those of one cell came out highest."""


def register(risk: np.ndarray, low: np.ndarray) -> Eligible:
    size = len(risk)
    ids = np.array([f"P{number:05d}" for number in range(size)])
    pool = Eligible(ids, risk, CELLS[:size], np.full(size, 9.0), np.zeros(size, dtype=bool))
    return replace(pool, unclear=unclear(risk, low))


def test_the_interval_decides_who_is_clearly_above_the_mean() -> None:
    risk = np.array([0.1, 0.4, 0.2, np.nan, 0.1])
    low = np.array([0.05, 0.29, 0.19, np.nan, np.nan])
    assert np.nanmean(risk) * CLEARLY_ABOVE == pytest.approx(0.3)
    assert unclear(risk, low).tolist() == [True, True, True, False, False]
    low[1] = 0.31
    assert unclear(risk, low).tolist() == [True, False, True, False, False]


def test_what_is_known_exactly_is_clear_however_near_the_mean_it_is() -> None:
    assert not unclear(BY_CHANCE, BY_CHANCE).any()
    assert not unclear(np.array([np.nan]), np.array([np.nan])).any()


def test_a_cell_that_leads_by_chance_gets_little_more_than_its_share() -> None:
    places = 32
    free, limited = (
        inclusion_probabilities(pool, capacity=40, shares=Shares())[RISK]
        for pool in (register(BY_CHANCE, BY_CHANCE), register(BY_CHANCE, BY_CHANCE - 0.05))
    )
    lucky = CELLS == "a"
    assert free[lucky].sum() == pytest.approx(places)
    share = BY_CHANCE[lucky].sum() / BY_CHANCE.sum()
    assert limited[lucky].sum() == pytest.approx(MOST_UNCLEAR * places * share)
    assert limited.sum() == pytest.approx(places)


def test_a_cell_that_is_clearly_worse_keeps_every_place() -> None:
    risk = np.where(CELLS == "a", 0.6, BY_CHANCE)
    pool = register(risk, np.where(CELLS == "a", 0.4, risk - 0.05))
    by_arm = inclusion_probabilities(pool, capacity=40, shares=Shares())
    assert by_arm[RISK][CELLS == "a"].sum() == pytest.approx(32)


def test_inside_a_limited_cell_the_highest_scores_stay_first() -> None:
    limited = np.ones(len(CELLS), dtype=bool)
    given_ = risk_probabilities(BY_CHANCE, 30, cells=CELLS, limited=limited)
    for cell in "abcd":
        ordered = given_[cell == CELLS][np.argsort(BY_CHANCE[cell == CELLS])]
        assert (np.diff(ordered) >= 0).all()


@given(
    hnp.arrays(np.float64, len(CELLS), elements=st.sampled_from([0.0, 0.1, 0.2, 0.5, -np.inf])),
    hnp.arrays(np.bool_, len(CELLS)),
    st.floats(0, 1),
)
def test_the_places_are_given_out_exactly_whatever_the_limits(
    risk: np.ndarray, limited: np.ndarray, part: float
) -> None:
    places = part * int(np.isfinite(risk).sum())
    given_ = risk_probabilities(risk, places, cells=CELLS, limited=limited)
    assert given_.sum() == pytest.approx(places, abs=1e-6)
    assert (given_ >= 0).all()
    assert (given_ <= 1 + 1e-9).all()
    assert (given_[~np.isfinite(risk)] == 0).all()


@given(
    hnp.arrays(np.float64, len(CELLS), elements=st.sampled_from([0.0, 0.1, 0.2, 0.5])),
    hnp.arrays(np.bool_, len(CELLS)),
    st.floats(0, 1),
)
def test_no_cell_passes_its_limit_while_others_have_room(risk: np.ndarray, limited: np.ndarray, part: float) -> None:
    places = part * len(CELLS)
    given_ = risk_probabilities(risk, places, cells=CELLS, limited=limited)
    names = np.unique(CELLS)
    share = {cell: risk[cell == CELLS].sum() / max(risk.sum(), 1e-9) for cell in names}
    most = {cell: MOST_UNCLEAR * places * share[cell] for cell in names}
    inside = {cell: limited & (cell == CELLS) for cell in names}
    room = sum(min(most[cell], inside[cell].sum()) for cell in names) + (~limited).sum()
    if risk.sum() > 0 and room >= places:
        assert all(given_[inside[cell]].sum() <= most[cell] + 1e-6 for cell in names)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**16), st.integers(1, 200), st.floats(0, 0.2))
def test_whatever_is_unclear_everybody_has_a_chance_and_it_adds_up_to_the_capacity(
    seed: int, capacity: int, width: float
) -> None:
    risk = np.random.default_rng(seed).beta(1, 8, len(CELLS))
    by_arm = inclusion_probabilities(register(risk, risk - width), capacity=capacity, shares=Shares())
    total = sum(by_arm.values())
    assert (total > 0).all()
    assert (total <= 1 + 1e-9).all()
    assert total.sum() == pytest.approx(capacity)


def test_without_limited_units_the_highest_scores_have_it_all() -> None:
    nobody = np.zeros(len(CELLS), dtype=bool)
    given_ = risk_probabilities(BY_CHANCE, 30.5, cells=CELLS, limited=nobody)
    np.testing.assert_array_equal(given_, top_shares(BY_CHANCE, 30.5))


def test_the_price_of_the_limit_is_what_the_list_without_it_would_expect_more() -> None:
    pool = register(BY_CHANCE, BY_CHANCE - 0.05)
    drawn = draw(pool, capacity=40, random_state=1)
    free = inclusion_probabilities(replace(pool, unclear=None), capacity=40, shares=Shares())
    (price,) = price_of_limit(drawn, free, pool.risk)
    assert price.arm == CORRIDOR_LIMIT
    assert price.given_up == pytest.approx(((free[RISK] - drawn.by_arm[RISK]) * pool.risk).sum())
    assert 0 < price.given_up <= sum(each.given_up for each in price_of_arms(drawn, pool.risk))


def test_who_rests_is_left_to_chance() -> None:
    resting = np.sort(BY_CHANCE)[-20] <= BY_CHANCE
    pool = replace(register(BY_CHANCE, BY_CHANCE), resting=resting)
    by_arm = inclusion_probabilities(pool, capacity=40, shares=Shares())
    assert (by_arm[RISK][resting] == 0).all()
    assert by_arm[RISK].sum() == pytest.approx(32)
    assert (sum(by_arm.values())[resting] > 0).all()
    assert by_arm[COVERAGE][resting].max() < by_arm[COVERAGE][~resting & (by_arm[RISK] == 0)].min()
