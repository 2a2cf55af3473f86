"""How good is a score, counted by the visits an office can make?

Weights stand for repeated rows: a row of weight 2 counts as two equal rows, everywhere.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

Floats = NDArray[np.float64]

CALIBRATION_BINS: Final = 10
SMALLEST_PROBABILITY: Final = 1e-6
"""Keeps log-odds finite where a score is 0 or 1."""
NEARLY_UNPENALISED: Final = 1e6


def precision_at_capacity(
    y_true: ArrayLike, y_score: ArrayLike, *, capacity: float, sample_weight: ArrayLike | None = None
) -> float:
    """Return the share of true cases among the `capacity` highest scores.

    Ties at the cut-off count by their average, so the result does not depend on row order.

    Args:
        y_true: 0/1 outcomes, shape (n_rows,).
        y_score: higher means riskier; a score that is not a number comes last.
        capacity: visits available, above 0 and at most the sum of weights.
        sample_weight: how many rows each row stands for; 1 where not given.

    >>> precision_at_capacity([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], capacity=2)
    0.5
    """
    listed, cases = _listed(y_true, y_score, capacity, sample_weight)
    return float(cases / listed)


def recall_at_capacity(
    y_true: ArrayLike, y_score: ArrayLike, *, capacity: float, sample_weight: ArrayLike | None = None
) -> float:
    """Return the share of all true cases that are among the `capacity` highest scores; NaN without cases."""
    _, cases = _listed(y_true, y_score, capacity, sample_weight)
    total = float(np.sum(_weights(sample_weight, y_true) * np.asarray(y_true, float)))
    return float(cases / total) if total > 0 else float("nan")


def _listed(
    y_true: ArrayLike, y_score: ArrayLike, capacity: float, sample_weight: ArrayLike | None
) -> tuple[float, float]:
    outcome, weight = np.asarray(y_true, float), _weights(sample_weight, y_true)
    score = np.asarray(y_score, float)
    score = np.where(np.isnan(score), -np.inf, score)
    _, group = np.unique(-score, return_inverse=True)
    rows, cases = np.bincount(group, weight), np.bincount(group, weight * outcome)
    before = np.concatenate([[0.0], np.cumsum(rows)[:-1]])
    share = np.clip((capacity - before) / np.where(rows > 0, rows, 1.0), 0.0, 1.0)
    return float(np.sum(share * rows)), float(np.sum(share * cases))


def auc(y_true: ArrayLike, y_score: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the chance that a true case scores higher than another row; NaN where only one kind exists.

    A score that is not a number ranks last.
    """
    if len(np.unique(np.asarray(y_true))) < 2:
        return float("nan")
    ranked = rankdata(np.nan_to_num(np.asarray(y_score, float), nan=-np.inf))
    return float(roc_auc_score(y_true, ranked, sample_weight=sample_weight))


def brier(y_true: ArrayLike, probability: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean squared distance of probabilities from outcomes."""
    return float(brier_score_loss(y_true, probability, sample_weight=sample_weight, pos_label=1))


def cross_entropy(y_true: ArrayLike, probability: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean negative log-likelihood (log loss) of probabilities."""
    bounded = np.clip(np.asarray(probability, float), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return float(log_loss(y_true, bounded, sample_weight=sample_weight, labels=[0, 1]))


def calibration_error(y_true: ArrayLike, probability: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean distance of predicted from observed rates (ECE) over ten bins of equal weight.

    Equal probabilities share a bin, so the result does not depend on row order.
    """
    outcome, predicted = np.asarray(y_true, float), np.asarray(probability, float)
    weight = _weights(sample_weight, y_true)
    values, group = np.unique(predicted, return_inverse=True)
    mass = np.bincount(group, weight, minlength=len(values))
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    bins = np.minimum((middle * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)[group]
    gap = np.bincount(bins, weight * (predicted - outcome), minlength=CALIBRATION_BINS)
    return float(np.abs(gap).sum() / weight.sum())


def calibration_line(
    log_odds: ArrayLike, y_true: ArrayLike, sample_weight: ArrayLike | None = None
) -> tuple[float, float]:
    """Return slope and intercept of the logistic regression of outcomes on log-odds; (1, 0) is perfect."""
    x = np.asarray(log_odds, float).reshape(-1, 1)
    line = LogisticRegression(C=NEARLY_UNPENALISED, max_iter=1000).fit(x, np.asarray(y_true), sample_weight)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def interval(
    statistic: Callable[[NDArray[np.int64]], float], n_rows: int, *, random_state: int, draws: int = 200
) -> tuple[float, float]:
    """Return the 90 % bootstrap interval of `statistic`, a function of row positions."""
    generator = np.random.default_rng(random_state)
    values = [statistic(generator.integers(0, n_rows, n_rows)) for _ in range(draws)]
    low, high = np.nanquantile(values, [0.05, 0.95])
    return float(low), float(high)


def _weights(sample_weight: ArrayLike | None, like: ArrayLike) -> Floats:
    return np.ones(len(np.asarray(like))) if sample_weight is None else np.asarray(sample_weight, float)


PROBABILITY_METRICS: Final[Mapping[str, Callable[..., float]]] = {
    "brier": brier,
    "log_loss": cross_entropy,
    "ece": calibration_error,
}
RANKING_METRICS: Final[Mapping[str, Callable[..., float]]] = {"auc": auc}
CAPACITY_METRICS: Final[Mapping[str, Callable[..., float]]] = {
    "precision_at_capacity": precision_at_capacity,
    "recall_at_capacity": recall_at_capacity,
}
