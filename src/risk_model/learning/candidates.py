"""Which models are tried, and how is each fitted on codes?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from risk_model.scoring.coding import Codes, Coding
from risk_model.specification import Specification
from risk_model.specified_features import Feature

Floats = NDArray[np.float64]

RULE: Final = "rule"
JOINT: Final = "joint"
READABLE: Final = ("rule", "joint", "scorecard", "boosting")
YARDSTICK: Final = "yardstick"
WHOLE_NUMBERS: Final = ("max_iter", "max_leaf_nodes", "min_samples_leaf", "max_depth")
LEAVES_OF_ONE_TERM: Final = 8
"""A readable term is a step function of one column; more leaves a tree only make it noisier."""


@dataclass(frozen=True)
class Candidate:
    """One member of the grid: its family and the values of its settings."""

    family: str
    settings: Mapping[str, float]
    name: str
    """The family, with those settings that tell its members apart."""


def grid(specification: Specification) -> list[Candidate]:
    """Return every candidate of the specification, the two-line rule first."""
    families: Mapping[str, Mapping[str, tuple[float, ...]]] = specification.candidates.model_dump()
    return [Candidate(RULE, {}, RULE)] + [
        _candidate(family, lists, values)
        for family, lists in families.items()
        if lists
        for values in product(*lists.values())
    ]


def _candidate(family: str, lists: Mapping[str, tuple[float, ...]], values: tuple[float, ...]) -> Candidate:
    settings = dict(zip(lists, values, strict=True))
    varied = [f"{key}={value:g}" for key, value in settings.items() if len(lists[key]) > 1]
    return Candidate(family, settings, " ".join([family, *varied]))


def rule_features(specification: Specification) -> tuple[Feature, ...]:
    """Return the two lines of the rule as features; equal lines are kept apart by name."""
    lines = (("first line", specification.rule.first), ("second line", specification.rule.second))
    return tuple(Feature(name=name, kind="categorical", columns=columns) for name, columns in lines)


def estimator(candidate: Candidate, codings: Sequence[Coding], specification: Specification, random_state: int) -> Any:
    """Return the unfitted model of `candidate` on the codes of `codings`."""
    settings = {key: int(value) if key in WHOLE_NUMBERS else value for key, value in candidate.settings.items()}
    if candidate.family == RULE:
        return TwoLineRule(specification.rule.shrinkage)
    if candidate.family == "scorecard":
        ridge = LogisticRegression(max_iter=500, **settings)
        return make_pipeline(_scorecard_columns(codings, specification), ridge)
    return _boosting(candidate, settings, codings, specification, random_state)


def _scorecard_columns(codings: Sequence[Coding], specification: Specification) -> ColumnTransformer:
    """Return what a scorecard sees: a column per code, and a straight line per rate.

    The codes of a rate are equal steps of log-odds, so the line has one slope where steps of their own
    would have dozens.
    """
    lines = {feature.name for feature in specification.features if feature.kind == "rate"}
    straight = [position for position, coding in enumerate(codings) if coding.name in lines]
    stepped = [position for position, coding in enumerate(codings) if coding.name not in lines]
    steps = OneHotEncoder(categories=[np.arange(codings[position].size) for position in stepped])
    return ColumnTransformer([("steps", steps, stepped), ("lines", StandardScaler(), straight)])


def _boosting(
    candidate: Candidate,
    settings: Mapping[str, float],
    codings: Sequence[Coding],
    specification: Specification,
    seed: int,
) -> Pipeline:
    kinds = {feature.name: feature for feature in specification.features}
    unordered = [kinds[coding.name].kind in ("categorical", "flag") for coding in codings]
    direction = {"increasing": 1, "decreasing": -1, None: 0}
    readable = candidate.family != YARDSTICK
    trees = HistGradientBoostingClassifier(
        interaction_cst="no_interactions" if readable else None,
        max_leaf_nodes=LEAVES_OF_ONE_TERM if readable else 31,
        categorical_features=unordered,
        monotonic_cst=[
            0 if flag else direction[kinds[c.name].monotone] for flag, c in zip(unordered, codings, strict=True)
        ],
        early_stopping=False,
        random_state=seed,
        **settings,
    )
    return Pipeline(
        [
            (
                "nulls",
                NullsAsNaN(
                    [-1 if u or c.edges is None else c.size - 1 for u, c in zip(unordered, codings, strict=True)]
                ),
            ),
            ("trees", trees),
        ]
    )


class NullsAsNaN(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Marks the null code of each ordered column as missing, so that its place in the order means nothing."""

    def __init__(self, null_codes: Sequence[int]) -> None:
        self.null_codes = null_codes

    def fit(self, X: Codes, y: Any = None) -> Self:
        """Learn which columns hold anything but nulls; a column of nulls alone keeps its code."""
        codes = np.asarray(X)
        self.nulls_ = np.where((codes == self.null_codes).all(axis=0), -1, self.null_codes)
        return self

    def transform(self, X: Codes) -> Floats:
        """Return the codes as floats, nulls as NaN."""
        values = np.asarray(X, float)
        return np.where(values == self.nulls_, np.nan, values)


class TwoLineRule(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Multiplies the outcome rates of two lines, on the log-odds scale, each shrunk to the overall rate."""

    def __init__(self, shrinkage: float) -> None:
        self.shrinkage = shrinkage

    def fit(self, X: Codes, y: Any, sample_weight: Any = None) -> Self:
        """Learn one rate per code of each column of `X`."""
        outcome = np.asarray(y, float)
        weight = np.ones(len(outcome)) if sample_weight is None else np.asarray(sample_weight, float)
        self.classes_ = np.array([0, 1])
        self.base_ = float(np.average(outcome, weights=weight))
        self.lines_ = [self._line(column, outcome, weight) for column in np.asarray(X).T]
        return self

    def _line(self, codes: Codes, outcome: Floats, weight: Floats) -> Floats:
        rows, cases = np.bincount(codes, weight), np.bincount(codes, weight * outcome)
        line: Floats = logit((cases + self.shrinkage * self.base_) / (rows + self.shrinkage)) - logit(self.base_)
        return line

    def decision_function(self, X: Codes) -> Floats:
        """Return the log-odds of every row; a code never seen adds nothing."""
        return np.asarray(logit(self.base_) + self.lines(X).sum(axis=1), dtype=np.float64)

    def lines(self, X: Codes) -> Floats:
        """Return what each column alone adds to the log-odds of every row, in the shape of `X`."""
        added = np.zeros(np.shape(X))
        for place, (column, line) in enumerate(zip(np.asarray(X).T, self.lines_, strict=True)):
            known = column < len(line)
            added[known, place] = line[column[known]]
        return added
