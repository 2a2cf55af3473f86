"""How likely is harm, given both what visits found and who reported?

One likelihood of three parts, fitted together. Harm: a sum of shrunken terms on log-odds. Finding: a
visit sees harm with the declared detection, as far as it is there at that moment; visits that officers
chose themselves, or that followed a complaint, have an offset of their own, which counts for nothing at
scoring. Reporting: harm is reported with a probability that depends on who is asked to report, and a few
reports tell of no harm. So silence counts for little where nobody reports, and reports still teach where
few are visited. docs/learning.md has the formulas.
"""

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.isotonic import isotonic_regression

from risk_model.learning.design import design
from risk_model.learning.empirical_bayes import settled, updated
from risk_model.learning.joint_parts import Layout, LookRows, Looks, Parts, ReportRows, Reports
from risk_model.learning.left_out import left_out_log_odds, slope
from risk_model.scoring.coding import Codes, Coding

Floats = NDArray[np.float64]

MOST_STEP: Final = 2.0
"""The most a log-odds moves in one step of the fit; larger steps overshoot while probabilities are small."""
ROUNDS, STEPS, LONG_START = 12, 2, 8
"""Rounds of new variances; steps of the fit within a round, and in the first one."""
ANYTHING: Final = 1.0
"""Standard deviation from which the belief about an offset says nothing."""
USUAL_STRETCH: Final = 0.15
"""How far a slope is from 1, before any look says so: fits of simulated worlds (seeds 11-13) were off by that much."""
STRETCHES: Final = (0.8, 1.25)
"""A slope outside is chance, or no model of this kind."""
LARGEST_SHIFT: Final = 10.0
SETTLED: Final = 0.05
"""Logarithm by which variances may still move when the rounds end."""


class JointLikelihood(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Additive log-odds of harm from visits and reports; `values_` holds one table per coding.

    `values_` add up, with `intercept_`, to the log-odds of harm within the horizon; they are not
    centred. `bases_` turn all coefficients into them, so that `covariance_` gives their variances.
    """

    def __init__(self, codings: Sequence[Coding], parts: Parts, start_variance: float = 0.3) -> None:
        self.codings = codings
        self.parts = parts
        self.start_variance = start_variance

    def fit(self, X: Looks, y: Reports) -> Self:
        """Learn from visits `X` and reports `y`."""
        harm, reporting = design(self.codings), design([self.codings[i] for i in self.parts.reporting])
        layout = Layout.of(harm, reporting, self.codings, self.parts)
        looks = LookRows.of(X, harm, layout)
        start, variances = layout.start(X, y), [self.start_variance] * len(layout.shrunk)
        believed = layout.believed(self.start_variance)
        theta, centre = start, layout.centre(start)
        for number in range(ROUNDS):
            reports = ReportRows.of(y, (harm, reporting), layout, theta)
            prior = (layout.precision(variances), centre)
            theta, covariance = _mode(theta, (looks, reports), layout, prior, steps=STEPS if number else LONG_START)
            before = variances
            variances = updated(variances, layout.shrunk, theta, covariance, believed=believed)
            if settled(before, variances, tolerance=SETTLED):
                break
        theta, covariance = _drawn_apart(theta, covariance, layout, (looks, X), reports)
        self.classes_ = np.array([0, 1])
        self.coefficients_, self.covariance_, self.variances_ = theta, covariance, before
        self.layout_ = layout
        self.intercept_ = float(theta[0])
        self.bases_ = [layout.basis(position, harm, theta) for position in range(len(self.codings))]
        self.values_ = [
            _monotone(np.asarray(basis @ theta), direction, np.bincount(codes, minlength=basis.shape[0]))
            for basis, direction, codes in zip(self.bases_, self.parts.directions, X.codes.T, strict=True)
        ]
        return self

    def decision_function(self, X: Codes) -> Floats:
        """Return the log-odds of harm within the horizon."""
        return self._sum(X, self.values_)

    def probability_found(self, X: Codes) -> Floats:
        """Return the probability that a visit now, drawn by a list, finds harm."""
        log_odds = self._sum(X, self.values_)
        moment = self.parts.moment
        if moment is not None:
            log_odds = (
                log_odds
                - (self.values_[moment] - self.layout_.now(self.coefficients_, self.values_[moment]))[X[:, moment]]
            )
        return np.asarray(self.parts.detection * expit(log_odds))

    def _sum(self, X: Codes, values: Sequence[Floats]) -> Floats:
        total = np.full(len(X), self.intercept_)
        for column, table in zip(np.asarray(X).T, values, strict=True):
            total += table[column]
        return total


def _drawn_apart(
    theta: Floats, covariance: Floats, layout: Layout, seen: tuple[LookRows, Looks], reports: ReportRows
) -> tuple[Floats, Floats]:
    """Return coefficients and covariance with log-odds as far apart as looks left out want, the mean risk unchanged.

    What is found where anything may have led there says nothing of how far. A slope that few looks tell is shrunk to 1.
    """
    width, (rows, looks) = layout.harm_width, seen
    wide = np.array([sd >= ANYTHING for _, sd in layout.parts.selection], dtype=np.bool_)
    judged = looks.weight * ~(looks.selection.reshape(len(looks.codes), -1)[:, wide] > 0).any(axis=1)
    left_out = left_out_log_odds(rows, looks.thing, theta[:width], covariance[:width, :width])
    told, error = slope(left_out, looks.found, judged, detection=rows.detection)
    stretch = float(np.clip(1 + (told - 1) / (1 + (error / USUAL_STRETCH) ** 2), *STRETCHES))
    whole = reports if len(reports.weight) else rows
    log_odds, share = whole.columns @ theta[:width], whole.weight / whole.weight.sum()
    mean = share @ expit(log_odds)
    shift = brentq(lambda moved: share @ expit(stretch * log_odds + moved) - mean, -LARGEST_SHIFT, LARGEST_SHIFT)
    scale = np.where(np.arange(layout.width) < width, stretch, 1.0)
    moved = scale * theta
    moved[0] += shift
    return moved, covariance * np.outer(scale, scale)


def _monotone(values: Floats, direction: int, rows: Codes) -> Floats:
    """Return the nearest table that only rises or falls over its bins; what was not recorded stays as it is."""
    if direction == 0:
        return values
    ordered = isotonic_regression(values[:-1], sample_weight=rows[:-1] + 1.0, increasing=direction > 0)
    return np.append(ordered, values[-1])


def _mode(
    theta: Floats, rows: tuple[LookRows, ReportRows], layout: Layout, prior: tuple[Floats, Floats], *, steps: int
) -> tuple[Floats, Floats]:
    """Return coefficients some Fisher scoring steps on, and the inverse of the information at the last.

    `prior` holds precision and centre of each coefficient.
    """
    precision, centre = prior
    for _ in range(steps):
        gradient, information = -precision * (theta - centre), np.diag(precision)
        for part in rows:
            part.add(theta, layout.harm_width, gradient, information)
        factor = linalg.cho_factor(information, lower=True, overwrite_a=True, check_finite=False)
        step = linalg.cho_solve(factor, gradient, check_finite=False)
        most = float(np.abs(rows[0].columns @ step[: layout.harm_width]).max(initial=1e-12))
        theta = theta + step * min(1.0, MOST_STEP / most)
    covariance = linalg.cho_solve(factor, np.eye(layout.width), check_finite=False)
    return theta, covariance
