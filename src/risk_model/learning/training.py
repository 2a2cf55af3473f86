"""Which model does a table support, and what is the evidence for it?"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from risk_model.learning import metrics
from risk_model.learning.candidates import JOINT, RULE, Candidate, estimator, grid, rule_features
from risk_model.learning.comparison import choose, figures, run_test, summarise
from risk_model.learning.compiler import compile_model, fitted, joint_tables, refitted_tables
from risk_model.learning.encoding import Encoder, folds_of
from risk_model.learning.joint_training import fit_joint, reported_rows
from risk_model.learning.selective_labels import Known, known_rows
from risk_model.learning.splits import Split, splits, validation
from risk_model.learning.table_columns import as_columns
from risk_model.scoring.columns import keys_of
from risk_model.scoring.scorer import CompiledModel
from risk_model.specification import Specification

Floats = NDArray[np.float64]
Progress = Callable[[int, int, str], object]

CHOSEN: Final = "chosen"
FOUND: Final = "found"
STEEPEST, FLATTEST = 3.0, 0.1
"""A calibration slope outside these says that the scores order little or nothing; then they are left as they are."""


@dataclass(frozen=True)
class TrainingResult:
    """The chosen model and the evidence for choosing it.

    `scores` has one row per candidate and test; `summary` their means; `scored` every tested row with
    `split`, `outcome`, `weight` and one column of probabilities per candidate, `chosen` and `rule`
    among them. `learned_from` is `found`, or `reported` where too few rows were looked at.
    """

    pipeline: Pipeline
    compiled: CompiledModel
    chosen: str
    learned_from: str
    scores: pd.DataFrame
    summary: pd.DataFrame
    scored: pd.DataFrame


def train(
    table: pd.DataFrame,
    specification: Specification,
    *,
    random_state: int,
    jobs: int = 1,
    progress: Progress | None = None,
) -> TrainingResult:
    """Compare the candidates over time, keep the best readable one and fit it on every known row.

    Args:
        table: dated rows with the columns the specification names; a null outcome means nobody looked.
        specification: what to learn and how to judge it.
        random_state: seed of folds, refits and random orders.
        jobs: processes the grid is spread over.
        progress: called with (done, total, text).

    Raises:
        NotEnoughDataError: too few outcomes, or of one kind only.
        SpecificationError: a column is missing or of another kind than stated.
    """
    known = known_rows(table, specification)
    tests = splits(known.table, specification, known.outcome)
    candidates = _possible(grid(specification), known)
    tell = progress or (lambda done, total, text: None)
    told = partial(_judged, known=known, candidates=candidates, specification=specification, tell=tell)
    scored, scores = told(tests, random_state=random_state, jobs=jobs)
    inner = specification.splits.column and validation(tests[0], known.table, specification, known.outcome)
    choosing = told([inner], random_state=random_state, jobs=jobs)[1] if inner else scores
    chosen = choose(choosing, candidates)
    tell(len(tests), len(tests) + 1, f"fitting {chosen.name} on all rows")
    pipeline, compiled = _final(chosen, known, table, specification, random_state)
    tell(len(tests) + 1, len(tests) + 1, f"trained {chosen.name}")
    return TrainingResult(
        pipeline=pipeline,
        compiled=compiled,
        chosen=chosen.name,
        learned_from=known.learned_from,
        scores=scores,
        summary=summarise(scores, chosen.name),
        scored=scored.assign(**{CHOSEN: scored[chosen.name]}),
    )


def _judged(
    tests: list[Split],
    *,
    known: Known,
    candidates: list[Candidate],
    specification: Specification,
    tell: Progress,
    random_state: int,
    jobs: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return every tested row with all scores, and one row of figures per candidate and test."""
    tested = []
    for done, test in enumerate(tests):
        name = "choosing" if test.number < 0 else f"test {done + 1} of {len(tests)}"
        tell(done, len(tests) + 1, f"{name}: {len(candidates)} candidates")
        tested.append(run_test(test, known, candidates, specification, random_state=random_state, jobs=jobs))
    scored = pd.concat([rows for rows, _ in tested], ignore_index=True)
    seconds = {
        (test.number, name): s for test, (_, times) in zip(tests, tested, strict=True) for name, s in times.items()
    }
    return scored, figures(scored, seconds, specification, random_state=random_state)


def fit(table: pd.DataFrame, specification: Specification, *, random_state: int) -> CompiledModel:
    """Fit the first candidate that the outcomes allow, without comparing any: for whoever learns again and again.

    Raises:
        NotEnoughDataError, SpecificationError: as `train`.
    """
    known = known_rows(table, specification)
    first = next(c for c in _possible(grid(specification), known) if c.family != RULE)
    return _final(first, known, table, specification, random_state)[1]


def _possible(candidates: list[Candidate], known: Known) -> list[Candidate]:
    """Return the candidates that fit what is known: visits and reports are fitted together only where both are."""
    return [c for c in candidates if c.family != JOINT or known.learned_from == FOUND]


def _final(
    chosen: Candidate, known: Known, table: pd.DataFrame, specification: Specification, random_state: int
) -> tuple[Pipeline, CompiledModel]:
    if chosen.family == JOINT:
        encoder, model = fit_joint(table, specification, chosen, random_state=random_state)
        line, detection = (1.0, 0.0), 1.0  # its log-odds are those of harm itself
        cohort = reported_rows(table, specification, random_state)
        strata = keys_of(as_columns(cohort, specification.support), specification.support)
        tables = joint_tables(encoder.codings_, model, encoder.transform(cohort), strata)
    else:
        features = rule_features(specification) if chosen.family == RULE else specification.features
        encoder, weight = Encoder(features, random_state), known.fit_weight
        codes = encoder.fit_transform(known.table, known.outcome, weight)
        model = fitted(estimator(chosen, encoder.codings_, specification, random_state), codes, known.outcome, weight)
        line, detection = _calibration(chosen, known, specification, random_state), specification.outcome.detection
        tables = refitted_tables(encoder.codings_, model, (codes, known.outcome, weight), random_state=random_state)
    card = _card(chosen, known, specification, line)
    compiled = compile_model(
        encoder.codings_,
        tables,
        table=table,
        specification=specification,
        line=line,
        detection=detection,
        card=card,
    )
    return Pipeline([("encode", encoder), ("model", model)]), compiled


def _calibration(
    chosen: Candidate, known: Known, specification: Specification, random_state: int
) -> tuple[float, float]:
    """Return slope and intercept learnt on rows that the scored model had not seen."""
    features = rule_features(specification) if chosen.family == RULE else specification.features
    log_odds = np.zeros(len(known.outcome))
    for learnt, held_out in folds_of(known.outcome, random_state):
        encoder = Encoder(features, random_state)
        outcome, weight = known.outcome[learnt], known.fit_weight[learnt]
        codes = encoder.fit_transform(known.table.iloc[learnt], outcome, weight)
        model = fitted(estimator(chosen, encoder.codings_, specification, random_state), codes, outcome, weight)
        log_odds[held_out] = model.decision_function(encoder.transform(known.table.iloc[held_out]))
    slope, shift = metrics.calibration_line(log_odds, known.outcome, known.weight)
    return (slope, shift) if FLATTEST < slope < STEEPEST else (1.0, 0.0)


def _card(
    chosen: Candidate, known: Known, specification: Specification, line: tuple[float, float]
) -> dict[str, object]:
    return {
        "kind": chosen.family,
        "specification": specification.name,
        "title": specification.title.model_dump(),
        "chosen": chosen.name,
        "learned_from": known.learned_from,
        "rows": len(known.outcome),
        "cases": int(known.outcome.sum()),
        "horizon_days": specification.horizon_days,
        "calibration": {"slope": line[0], "intercept": line[1]},
        "labels": {f.name: {"id": f.title("id"), "en": f.title("en")} for f in specification.features},
    }
