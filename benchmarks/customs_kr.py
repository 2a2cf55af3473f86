"""How well does the core learn import declarations from their specification alone?

    python benchmarks/customs_kr.py FILE [--spec models/customs_kr.yaml] [--out FILE]

FILE is customs_kr.parquet (Seondong, Customs Declaration Datasets, MIT licence): inspected declarations, made anew by a
generator from real ones. The candidate is chosen on the latest fifth of the published training rows, then judged once
on the published test. unrestricted = boosting without limits on the same columns of codes; as published = the same
boosting on the table's own columns. Cells never seen = rows whose support cell is in no training row.
Intervals are 95 %, from 1,000 bootstrap draws of tested rows, paired for the gap.
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from risk_model.learning.encoding import as_columns
from risk_model.learning.metrics import auc, precision_at_capacity
from risk_model.learning.training import train
from risk_model.scoring.columns import keys_of
from risk_model.specification import Specification, read_specification

SPECIFICATION = Path(__file__).resolve().parents[1] / "models" / "customs_kr.yaml"
OFFICE = "office_id"
DRAWS = 1_000
CAPACITY = 0.10


def precision(outcome: np.ndarray, score: np.ndarray) -> float:
    """Return the precision in the top 10 %."""
    return precision_at_capacity(outcome, score, capacity=CAPACITY * len(outcome))


def with_interval(values: list[float], found: float) -> str:
    """Return a figure with the 95 % interval of its draws."""
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{found:.3f} ({low:.3f} to {high:.3f})"


def figures(rows: pd.DataFrame, *, seed: int) -> dict[str, str]:
    """Return AUC, precision and the gap to unrestricted boosting on `rows`, with intervals."""
    orders = [name for name in ("chosen", "unrestricted", "as published", "rule") if name in rows]
    outcome = rows["outcome"].to_numpy(float)
    scores = {name: rows[name].to_numpy(float) for name in orders}
    generator = np.random.default_rng(seed)
    draws = [generator.integers(0, len(rows), len(rows)) for _ in range(DRAWS)]
    shown, order = {}, {}
    for name, score in scores.items():
        order[name] = [auc(outcome[drawn], score[drawn]) for drawn in draws]
        shown[f"{name}: AUC"] = with_interval(order[name], auc(outcome, score))
        at_top = [precision(outcome[drawn], score[drawn]) for drawn in draws]
        shown[f"{name}: precision at top 10 %"] = with_interval(at_top, precision(outcome, score))
    gap = [best - own for best, own in zip(order["unrestricted"], order["chosen"], strict=True)]
    found = auc(outcome, scores["unrestricted"]) - auc(outcome, scores["chosen"])
    return shown | {"gap to unrestricted: AUC": with_interval(gap, found)}


def plain_boosting(table: pd.DataFrame, specification: Specification, seed: int) -> pd.Series:
    """Return scores of unrestricted boosting on the table's own columns, as ordinal codes."""
    named = list(dict.fromkeys(column for feature in specification.features for column in feature.columns))
    X = pd.DataFrame(
        {n: table[n] if table[n].dtype.kind in "fi" else pd.factorize(table[n], sort=True)[0] for n in named}
    )
    learnt = table[str(specification.splits.column)].isin(specification.splits.train).to_numpy()
    y = table[specification.outcome.column].to_numpy()
    model = HistGradientBoostingClassifier(max_iter=300, learning_rate=0.05, random_state=seed)
    scores = model.fit(X[learnt], y[learnt]).decision_function(X)
    return pd.Series(scores, index=table[specification.identifier])


def judged(table: pd.DataFrame, specification: Specification, seed: int) -> dict[str, Any]:
    """Train once and return the figures on all tested rows, and on those of cells never seen."""
    started = perf_counter()
    result = train(table, specification, random_state=seed)
    seconds = perf_counter() - started
    rows = result.scored.rename(columns={"yardstick": "unrestricted"})
    plain = plain_boosting(table, specification, seed)
    rows["as published"] = rows[specification.identifier].map(plain)
    learnt = table[table[str(specification.splits.column)].isin(specification.splits.train)]
    seen = set(keys_of(as_columns(learnt, specification.support), specification.support))
    support = table.set_index(specification.identifier).loc[rows[specification.identifier], list(specification.support)]
    new = np.array(
        [key not in seen for key in keys_of(as_columns(support, specification.support), specification.support)]
    )
    return {
        "kept": result.chosen,
        "seconds": f"{seconds:.0f}",
        "rows tested": str(len(rows)),
        **figures(rows, seed=seed),
        "cells never seen": f"{new.sum()} rows, {rows.loc[new, 'outcome'].mean():.3f} of them fraud",
        **{f"cells never seen, {key}": value for key, value in figures(rows[new], seed=seed).items()},
        **{f"cells seen, {key}": value for key, value in figures(rows[~new], seed=seed).items() if "AUC" in key},
    }


def without_office(specification: Specification) -> Specification:
    """Return the specification without the terms that read the office (which office looked is no trait of goods)."""
    kept = tuple(feature for feature in specification.features if OFFICE not in feature.columns)
    return specification.model_copy(update={"features": kept})


def main() -> None:
    """Print the figures with and without the office."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--spec", type=Path, default=SPECIFICATION)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    table, specification = pd.read_parquet(asked.file), read_specification(asked.spec)
    lines = []
    for name, used in (("with the office", specification), ("without the office", without_office(specification))):
        lines.append(name)
        lines += [f"  {key:<56}{value}" for key, value in judged(table, used, asked.seed).items()]
    print("\n".join(lines))
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
