from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_model.prioritisation.price import CORRIDOR_LIMIT, MINIMUM_COVERAGE, price_of_arms
from risk_model.prioritisation.priority_list import ListRequest, priority_list
from risk_model.prioritisation.sampling import Eligible, draw


def pool(seed: int, n: int, mandatory: float) -> Eligible:
    generator = np.random.default_rng(seed)
    return Eligible(
        ids=np.array([f"P{number}" for number in range(n)]),
        risk=generator.beta(1, 6, n),
        cells=generator.integers(0, 5, n).astype(str),
        visits=np.zeros(n),
        mandatory=generator.random(n) < mandatory,
    )


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 200), st.integers(1, 60), st.sampled_from([0.0, 0.05, 0.5]))
def test_prices_add_up_to_what_the_whole_list_gives_up(seed: int, n: int, capacity: int, mandatory: float) -> None:
    units = pool(seed, n, mandatory)
    drawn = draw(units, capacity=capacity, random_state=seed)
    best = np.sort(units.risk)[::-1][: drawn.size].sum()
    prices = price_of_arms(drawn, units.risk)
    given_up = best - (drawn.inclusion_probability * units.risk).sum()
    assert sum(price.given_up for price in prices) == pytest.approx(given_up, abs=1e-6)
    assert given_up >= -1e-6


def test_where_all_risks_are_equal_nothing_is_given_up() -> None:
    units = pool(1, 100, 0.05)
    flat = np.full(100, 0.2)
    drawn = draw(Eligible(units.ids, flat, units.cells, units.visits, units.mandatory), capacity=20, random_state=1)
    assert [price.given_up for price in price_of_arms(drawn, flat)] == pytest.approx([0, 0, 0], abs=1e-9)


def test_the_price_names_each_arm_and_its_visits() -> None:
    units = pool(1, 400, 0.0)
    prices = {price.arm: price for price in price_of_arms(draw(units, capacity=40, random_state=1), units.risk)}
    assert prices["coverage"].visits == pytest.approx(6)
    assert prices["random"].visits == pytest.approx(2)
    assert 0 < prices["random"].share < prices["coverage"].share < 0.15


def test_an_empty_list_costs_nothing() -> None:
    nobody = Eligible(np.array([], str), np.array([]), np.array([], str), np.array([]), np.array([], bool))
    assert price_of_arms(draw(nobody, capacity=3, random_state=1), np.array([])) == ()


def test_a_unit_without_a_score_counts_with_the_mean_of_the_others() -> None:
    units = pool(1, 50, 0.0)
    risk = units.risk.copy()
    risk[:5] = np.nan
    drawn = draw(Eligible(units.ids, risk, units.cells, units.visits, units.mandatory), capacity=10, random_state=1)
    filled = np.where(np.isnan(risk), np.nanmean(risk), risk)
    assert price_of_arms(drawn, risk) == price_of_arms(drawn, filled)


def test_prices_of_rules_say_which_arms_contain_them(cohort: Callable[..., pd.DataFrame]) -> None:
    drawn = priority_list(cohort(400), ListRequest(40, pd.Timestamp("2026-01-01"), 1))
    assert [price.part_of for price in drawn.price] == [None, None, None]
    assert [(price.arm, price.part_of) for price in (*drawn.minimum_price, *drawn.limit_price)] == [
        (MINIMUM_COVERAGE, "coverage"),
        (CORRIDOR_LIMIT, "coverage and random"),
    ]
