"""How does a fitted model become tables?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone

from risk_model.learning.joint_likelihood import JointLikelihood
from risk_model.learning.table_columns import as_columns
from risk_model.scoring.coding import Codes, Coding
from risk_model.scoring.columns import keys_of
from risk_model.scoring.scorer import CompiledModel, Term, score_columns
from risk_model.specification import Specification

Floats = NDArray[np.float64]

SCORE_BINS: Final = 10
UNMODELLED: Final = 2.5
"""Variance beyond the posterior's: how visits are chosen is modelled only roughly. Frozen after one run over three
simulated worlds, where the posterior alone held the mean true risk of a cell in 68 to 93 % instead of 90 %."""
REFITS: Final = 10
"""Bootstrap refits behind the variance of each code; they need no more than the order of size."""


@dataclass(frozen=True)
class Tables:
    """A fitted model as tables of log-odds, centred on the rows learnt from, with the variances of its parts."""

    intercept: float
    variance: float
    values: list[Floats]
    variances: list[Floats]


def compile_model(
    codings: list[Coding],
    fitted_tables: Tables,
    *,
    table: pd.DataFrame,
    specification: Specification,
    line: tuple[float, float],
    detection: float,
    card: Mapping[str, Any],
) -> CompiledModel:
    """Return fitted tables on `codings` as a compiled model of calibrated log-odds.

    Args:
        codings: what the encoder learnt, one per column of codes.
        fitted_tables: one table per coding.
        table: every row, known outcome or not; says which combinations are supported and where bands begin.
        specification: names support and bands.
        line: slope and intercept of the calibration.
        detection: the share of harm that a visit finds, where the tables are about findings; else 1.
        card: where the model comes from.
    """
    slope, shift = line
    terms = tuple(
        Term(coding, slope * value, slope**2 * variance)
        for coding, value, variance in zip(codings, fitted_tables.values, fitted_tables.variances, strict=True)
    )
    model = CompiledModel(
        kind=str(card["kind"]),
        intercept=slope * fitted_tables.intercept + shift,
        variance=slope**2 * fitted_tables.variance,
        terms=terms,
        detection=detection,
        thresholds=(1.0, 1.0, 1.0),
        support_columns=specification.support,
        supported=frozenset(keys_of(as_columns(table, specification.support), specification.support)),
        card=card,
    )
    return _with_bands(model, table, specification)


def refitted_tables(
    codings: list[Coding], estimator: Any, known: tuple[Codes, Floats, Floats], *, random_state: int
) -> Tables:
    """Return the tables of a fitted `estimator`, with variances from bootstrap refits.

    Args:
        codings: what the encoder learnt.
        estimator: fitted on codes; its log-odds are a sum of one function per column.
        known: codes, outcomes and weights of the rows with a known outcome.
        random_state: seed of the refits.
    """
    codes, _, weight = known
    intercept, values = _tables(codings, estimator, codes, weight)
    spread = _variances(codings, estimator, known, random_state)
    return Tables(intercept, float(spread[0][0]), values, list(spread[1:]))


def joint_tables(codings: list[Coding], model: JointLikelihood, codes: Codes, strata: Sequence[str]) -> Tables:
    """Return the tables of a fitted joint likelihood, centred on `codes`, with variances from its posterior.

    A value never seen has the prior variance of its term: nothing is known of it but how much values differ.
    All variances are scaled so that on average they are those of the mean log-odds of rows that score alike
    in one stratum (tenth of the scores × stratum): that is what an interval of a score is about.

    Args:
        codings: what the encoder learnt.
        model: fitted on these codes.
        codes: rows of the cohort.
        strata: the stratum of each of these rows.
    """
    shares = [np.bincount(column, minlength=c.size) / len(codes) for column, c in zip(codes.T, codings, strict=True)]
    means = [float(share @ value) for share, value in zip(shares, model.values_, strict=True)]
    average = np.zeros(model.layout_.width)
    average[0] = 1.0
    variances = []
    for position, (share, basis) in enumerate(zip(shares, model.bases_, strict=True)):
        mean = np.asarray(share @ basis).ravel()
        average += mean
        centred = basis.toarray() - mean
        own = np.einsum("ij,jk,ik->i", centred, model.covariance_, centred, optimize=True)
        if codings[position].edges is None:
            own[codings[position].unknown] += model.variances_[position]
        variances.append(own)
    variance = float(average @ model.covariance_ @ average)
    of_rows = variance + sum(own[column] for own, column in zip(variances, codes.T, strict=True))
    scale = UNMODELLED * float(_cell_variances(model, codes, strata).mean() / np.mean(of_rows))
    return Tables(
        model.intercept_ + sum(means),
        scale * variance,
        [value - mean for value, mean in zip(model.values_, means, strict=True)],
        [scale * own for own in variances],
    )


def _cell_variances(model: JointLikelihood, codes: Codes, strata: Sequence[str]) -> Floats:
    """Return, for each row, the variance of the mean log-odds of the rows that score alike in its stratum."""
    width = model.layout_.width
    design = sparse.csr_matrix(
        (np.ones(len(codes)), (np.arange(len(codes)), np.zeros(len(codes)))), (len(codes), width)
    )
    for basis, column in zip(model.bases_, codes.T, strict=True):
        design = design + basis[column]
    tenths = pd.qcut(pd.Series(design @ model.coefficients_).rank(method="first"), SCORE_BINS, labels=False)
    cells = pd.factorize(pd.Series(list(zip(tenths, strata, strict=True))))[0]
    sizes = np.bincount(cells)
    rows = np.arange(len(codes))
    means = (sparse.csr_matrix((1 / sizes[cells], (cells, rows))) @ design).toarray()
    of_cells = np.einsum("ij,ij->i", means @ model.covariance_, means)
    of_rows: Floats = np.asarray(of_cells)[cells]
    return of_rows


def _tables(codings: list[Coding], estimator: Any, codes: Codes, weight: Floats) -> tuple[float, list[Floats]]:
    """Return the log-odds of the average row and each column's contributions, centred on the rows learnt from."""
    reference = np.array([coding.unknown for coding in codings], dtype=np.int64)
    intercept = base = float(estimator.decision_function(reference.reshape(1, -1))[0])
    values = []
    for position, coding in enumerate(codings):
        rows = np.tile(reference, (coding.size, 1))
        rows[:, position] = np.arange(coding.size)
        contribution = estimator.decision_function(rows) - base
        mean = float(np.average(contribution[codes[:, position]], weights=weight))
        values.append(contribution - mean)
        intercept += mean
    return intercept, values


def _variances(codings: list[Coding], estimator: Any, known: tuple[Codes, Floats, Floats], seed: int) -> list[Floats]:
    """Return the variance over bootstrap refits of the average row's log-odds, then of each column's contributions."""
    codes, outcome, weight = known
    generator = np.random.default_rng(seed)
    refits = []
    for _ in range(REFITS):
        drawn = generator.integers(0, len(outcome), len(outcome))
        if 0 < outcome[drawn].mean() < 1:
            refit = fitted(clone(estimator), codes[drawn], outcome[drawn], weight[drawn])
            intercept, values = _tables(codings, refit, codes, weight)
            refits.append([np.array([intercept]), *values])
    if len(refits) < 2:
        return [np.zeros(1), *(np.zeros(coding.size) for coding in codings)]
    return [np.var(np.stack(part), axis=0, ddof=1) for part in zip(*refits, strict=True)]


def fitted(estimator: Any, codes: Codes, outcome: Floats, weight: Floats) -> Any:
    """Fit `estimator` with weights, whether it is a pipeline or a single model."""
    step = estimator.steps[-1][0] if hasattr(estimator, "steps") else None
    named = {f"{step}__sample_weight": weight} if step else {"sample_weight": weight}
    return estimator.fit(codes, outcome, **named)


def _with_bands(model: CompiledModel, table: pd.DataFrame, specification: Specification) -> CompiledModel:
    inputs = as_columns(table, specification.input_columns)
    risk = score_columns(model, inputs).risk
    shares = (specification.bands.very_high, specification.bands.high, specification.bands.medium)
    thresholds = tuple(float(np.nanquantile(risk, 1 - share)) for share in shares)
    return CompiledModel(**{**model.__dict__, "thresholds": thresholds})
