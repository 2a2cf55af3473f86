"""How many rows a second are scored from columns of strings on one core, beside the fitted pipeline?

    python -m benchmarks.column_scoring [--quick]

The served model, and additive boosting fitted here on the same columns, each as compiled tables and as the fitted
pipeline on the same DataFrame. The joint likelihood has no `predict_proba`; its `decision_function` does less.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from benchmarks.served_model import stored_version
from benchmarks.sitting import Asked, Part, asked, figure, in_rounds, judged, told
from risk_model.learning.candidates import Candidate, estimator
from risk_model.learning.compiler import compile_model, fitted, refitted_tables
from risk_model.learning.encoding import Encoder
from risk_model.registry import StoredVersion
from risk_model.scoring.scorer import CompiledModel, score_columns

ROWS, PIPELINE_ROWS = 500_000, 50_000
QUICK_ROWS, QUICK_PIPELINE_ROWS = 50_000, 5_000
BOOSTING: Final = Candidate("boosting", {"learning_rate": 0.05, "max_iter": 400}, "boosting")
ROWS_BAR, PIPELINE_BAR = 800_000, 20
SAME_WITHIN = 1e-9


@dataclass(frozen=True)
class Pair:
    """A model as compiled tables, and as the fitted pipeline with the call that gives its probabilities."""

    compiled: CompiledModel
    pipeline: Pipeline
    predict: Callable[[pd.DataFrame], NDArray[Any]]


def boosted(stored: StoredVersion) -> Pair:
    """Fit additive boosting on the tested rows of `stored`, and compile it."""
    specification = stored.specification
    keys = [specification.identifier, specification.time]
    outcomes = stored.scored[[*keys, "outcome", "weight"]].drop_duplicates(keys)
    table = stored.inputs.merge(outcomes, on=keys)
    outcome, weight = (table[name].to_numpy(dtype=np.float64) for name in ("outcome", "weight"))
    encoder = Encoder(specification.features, 0)
    codes = encoder.fit_transform(table, outcome, weight)
    model = fitted(estimator(BOOSTING, encoder.codings_, specification, 0), codes, outcome, weight)
    tables = refitted_tables(encoder.codings_, model, (codes, outcome, weight), random_state=0)
    compiled = compile_model(
        encoder.codings_,
        tables,
        table=table,
        specification=specification,
        line=(1.0, 0.0),
        detection=1.0,
        card={"kind": "boosting"},
    )
    pipeline = Pipeline([("encode", encoder), ("model", model)])
    return Pair(compiled, pipeline, lambda frame: pipeline.predict_proba(frame)[:, 1])


def rate(score: Callable[[Any], object], columns: Any, rows: int) -> dict[str, float]:
    """Return rows a second of processor time: one core, whatever else runs beside."""
    begun = time.process_time()
    score(columns)
    return {"rows": rows / (time.process_time() - begun)}


def differs(pair: Pair, frame: pd.DataFrame) -> float:
    """Return the largest difference between the tables' risks and the fitted ones, over rows that are supported."""
    scores = score_columns(pair.compiled, _columns(frame))
    return float(np.nanmax(np.abs(scores.risk - pair.predict(frame))))


def _columns(frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
    return {name: frame[name].to_numpy() for name in frame.columns}


def part(given: Asked) -> Part:
    """Measure in rounds; return the table."""
    stored, joint = stored_version(given)
    many, few = (QUICK_ROWS, QUICK_PIPELINE_ROWS) if given.quick else (ROWS, PIPELINE_ROWS)
    inputs = stored.inputs[list(stored.specification.input_columns)]
    frame = pd.concat([inputs] * (-(-many // len(inputs))), ignore_index=True).head(many)
    boosting = boosted(stored)
    turns = {
        "served model, tables, DataFrame": partial(rate, partial(score_columns, stored.model), frame, many),
        "served model, tables, arrays": partial(rate, partial(score_columns, stored.model), _columns(frame), many),
        "served model, fitted pipeline": partial(rate, joint.decision_function, frame.head(few), few),
        "additive boosting, tables, DataFrame": partial(rate, partial(score_columns, boosting.compiled), frame, many),
        "additive boosting, predict_proba": partial(rate, boosting.predict, frame.head(few), few),
    }
    found = in_rounds(given.rounds, turns)
    rates = {name: one["rows"] for name, one in found.items()}
    served, _, fitted_rate, tables, predicted = rates.values()
    return Part(
        "column_scoring",
        f"Column scoring from strings: {many:,} rows, {len(stored.model.terms)} terms, one core",
        ("what", "rows a second of processor time"),
        tuple((name, figure(value)) for name, value in rates.items()),
        (
            judged("served model from strings", served, ROWS_BAR, unit=" rows/s"),
            judged("additive boosting over its predict_proba", tables / predicted, PIPELINE_BAR, unit="×"),
            f"served model over its fitted pipeline: {figure(served / fitted_rate)}×",
            judged("largest difference, tables to fitted", differs(boosting, inputs), SAME_WITHIN, at_most=True),
        ),
        ("rows a second", tuple(rates.items())),
    )


if __name__ == "__main__":
    print(told(part(asked(about=__doc__))))
