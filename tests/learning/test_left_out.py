"""Are looks scored as if they had been left out, and is it seen how far apart log-odds should be?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from risk_model.learning.design import CodedColumns
from risk_model.learning.joint_parts import LookRows
from risk_model.learning.left_out import left_out_log_odds, slope

Floats = NDArray[np.float64]
DETECTION, SHRINKAGE, WIDTH = 0.9, 2.0, 6
FEW, MANY = 300, 20_000


def looks(seed: int, *, alike: int) -> tuple[LookRows, NDArray[np.int64]]:
    """Looks at things, `alike` rows each, and which thing each row is of."""
    random = np.random.default_rng(seed)
    thing = np.repeat(np.arange(FEW // alike), alike)
    columns = random.normal(size=(FEW // alike, WIDTH))[thing]
    columns[:, 0] = 1
    risk = expit(columns @ np.array([-1.5, 0.6, -0.4, 0.3, 0.0, 0.0]))
    found = (random.random(len(thing)) < DETECTION * risk).astype(float)
    return LookRows(CodedColumns.plain(columns), found, random.uniform(0.3, 1, len(thing)), DETECTION), thing


def mode(rows: LookRows, kept: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Coefficients shrunk to 0 that fit the looks kept best, and their covariance."""
    columns = np.asarray(rows.columns.codes.toarray())
    coefficients = np.zeros(WIDTH)
    for _ in range(60):
        score, told = rows.told(columns @ coefficients)
        information = (columns * (told * kept)[:, None]).T @ columns + SHRINKAGE * np.eye(WIDTH)
        gradient = columns.T @ (score * kept) - SHRINKAGE * coefficients
        coefficients = coefficients + np.linalg.solve(information, gradient)
    return coefficients, np.linalg.inv(information)


@pytest.mark.parametrize("alike", [1, 3])
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_a_look_is_scored_as_by_a_fit_without_the_looks_at_the_same_thing(alike: int, seed: int) -> None:
    rows, thing = looks(seed, alike=alike)
    coefficients, covariance = mode(rows, np.ones(len(thing), dtype=np.bool_))
    seen = rows.columns @ coefficients
    left_out = left_out_log_odds(rows, thing, coefficients, covariance)
    some = np.unique(thing)[:: len(np.unique(thing)) // 12]
    fitted = np.array([(rows.columns @ mode(rows, thing != one)[0])[thing == one][0] for one in some])
    first = np.array([np.flatnonzero(thing == one)[0] for one in some])
    missed, moved = np.abs(left_out[first] - fitted), np.abs(seen[first] - fitted)
    assert missed.sum() < 0.3 * moved.sum()


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.4])
def test_the_slope_says_by_what_log_odds_fall_short(factor: float) -> None:
    random = np.random.default_rng(1)
    log_odds = random.normal(-2, 1, MANY)
    found = (random.random(MANY) < DETECTION * expit(factor * log_odds + 0.5)).astype(float)
    told, error = slope(log_odds, found, np.ones(MANY), detection=DETECTION)
    assert abs(told - factor) < 4 * error < 0.2
    lighter, of_a_tenth = slope(log_odds, found, np.full(MANY, 0.1), detection=DETECTION)
    assert (lighter, of_a_tenth) == pytest.approx((told, error * np.sqrt(10)), rel=0.01)


def test_what_fits_chance_alone_has_no_slope_once_left_out() -> None:
    slopes = []
    for seed in range(20):
        rows, thing = looks(seed, alike=1)
        chance = np.random.default_rng(seed + 100).permutation(rows.found)
        rows = LookRows(rows.columns, chance, rows.weight, DETECTION)
        coefficients, covariance = mode(rows, np.ones(len(thing), dtype=np.bool_))
        left_out = left_out_log_odds(rows, thing, coefficients, covariance)
        within, _ = slope(rows.columns @ coefficients, chance, rows.weight, detection=DETECTION)
        slopes.append((within, slope(left_out, chance, rows.weight, detection=DETECTION)[0]))
    within, apart = np.median(slopes, axis=0)
    assert within > 1
    assert apart < 0.3
