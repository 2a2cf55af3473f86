"""How far apart should log-odds be, judged by looks that the fit had not seen, without fitting again?

Each look is scored as if all looks at the same thing had been left out: one step of the fit away from the mode
(leverage: Pregibon 1981, Annals of Statistics 9; as approximate leave-one-out Rad & Maleki 2020, JRSS B 82).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from risk_model.learning.design import CodedColumns
from risk_model.learning.joint_parts import SMALLEST, LookRows
from risk_model.scoring.coding import Codes

Floats = NDArray[np.float64]

MOST_LEVERAGE: Final = 0.9
"""Of looks that all but decide their own score the step is not larger than this allows."""
AT_ONCE: Final = 2000
"""Rows whose leverages are made together: some 20 MB."""


def left_out_log_odds(looks: LookRows, thing: Codes, coefficients: Floats, covariance: Floats) -> Floats:
    """Return the log-odds of harm of each look, had the looks at the same thing been left out.

    Args:
        looks: what was seen.
        thing: which looks are at one thing, as numbers from 0.
        coefficients: of the harm part, at their posterior mode.
        covariance: posterior covariance of these there.
    """
    log_odds = looks.columns @ coefficients
    score, information = looks.told(log_odds)
    variance = _variances(looks.columns, covariance)
    own = np.minimum(np.bincount(thing, information * variance), MOST_LEVERAGE)
    return np.asarray(log_odds - variance * (np.bincount(thing, score) / (1 - own))[thing])


def slope(log_odds: Floats, found: Floats, weight: Floats, *, detection: float) -> tuple[float, float]:
    """Return the factor by which log-odds fit best what was found, above 1 where they are too alike, and its error.

    The standard error is from the Fisher information; both are of a line through the log-odds.
    """

    def expected(line: Floats) -> Floats:
        return np.asarray(detection * np.clip(expit(line[0] + line[1] * log_odds), SMALLEST, 1 - SMALLEST))

    def loss(line: Floats) -> float:
        share = expected(line)
        return -float(np.sum(weight * (found * np.log(share) + (1 - found) * np.log1p(-share))))

    line = minimize(loss, np.array([0.0, 1.0]), method="BFGS").x
    share = expected(line)
    told = weight * share * (1 - share / detection) ** 2 / (1 - share)
    both = np.column_stack([np.ones_like(log_odds), log_odds])
    spread = np.linalg.pinv(both.T @ (told[:, None] * both))[1, 1]
    return float(line[1]), float(np.sqrt(spread)) if spread > 0 else np.inf


def _variances(columns: CodedColumns, covariance: Floats) -> Floats:
    """Return the variance of the sum of every row."""
    of_codes = np.asarray(columns.basis @ (columns.basis @ covariance).T)
    parts = (columns.codes[start : start + AT_ONCE].toarray() for start in range(0, columns.codes.shape[0], AT_ONCE))
    return np.concatenate([np.einsum("ij,ij->i", part @ of_codes, part) for part in parts])
