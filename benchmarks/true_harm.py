"""How near does the model come to knowing the true harm, in every simulated world?

    python benchmarks/true_harm.py [--worlds hidden open silenced] [--seeds 1 2 3 4 5] [--placements 60000]
                                   [--reporting rich] [--out FILE]

share = (mean true risk of the list - mean of the cohort) / (the same for the list in order of true risk).
ceiling = the better of additive boosting and a ridge logistic with agency effects, both trained on the true harm of the
rows the model could train on. complaints = the better of complaints first and those two trained on reports alone.
Every figure is simulated.
"""

import argparse
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from risk_model.data.simulator.simulate import Simulation, simulate, truth_at
from risk_model.evaluation.report import top
from risk_model.evaluation.truth import calibration_on_truth
from risk_model.learning.encoding import Encoder, as_columns
from risk_model.learning.training import fit
from risk_model.placements.feature_table import feature_table
from risk_model.placements.training_table import training_table
from risk_model.scoring.scorer import score_columns
from risk_model.specification import Specification, read_specification

SPECIFICATION = Path(__file__).resolve().parents[1] / "models" / "placement_risk.yaml"
UNTIL = pd.Timestamp("2026-01-01")
CAPACITIES = (0.10, 0.05, 0.01)
ENTITIES = ["agency_id", "overseas_agency_id"]


def share(score: np.ndarray, true_risk: np.ndarray, capacity: float = 0.10) -> float:
    """Return how far a list goes from chance (0) to the order of true risk (1)."""
    n = max(1, round(capacity * len(score)))
    best = true_risk[top(true_risk, n)].mean() - true_risk.mean()
    return float((true_risk[top(score, n)].mean() - true_risk.mean()) / best)


def harm_of(rows: pd.DataFrame, simulation: Simulation) -> np.ndarray:
    """Return the true harm within the horizon of each row."""
    harm = pd.Series(0.0, index=rows.index)
    for date, part in rows.groupby("as_of"):
        true = truth_at(simulation.world, pd.Timestamp(str(date))).set_index("placement_id")["harm"]
        harm[part.index] = true.reindex(part["placement_id"]).to_numpy(dtype=np.float64)
    return harm.to_numpy()


def yardsticks(rows: pd.DataFrame, outcome: np.ndarray, cohort: pd.DataFrame, specification: Specification) -> Any:
    """Return the scores of additive boosting and of a ridge logistic with agency effects, trained on `outcome`."""
    encoder = Encoder(specification.features, 0)
    codes, asked = encoder.fit_transform(rows, outcome), encoder.transform(cohort)
    few = [i for i, coding in enumerate(encoder.codings_) if coding.size <= 255]
    trees = HistGradientBoostingClassifier(
        interaction_cst="no_interactions", max_iter=300, learning_rate=0.06, l2_regularization=10.0, random_state=0
    ).fit(codes[:, few], outcome)
    ones = OneHotEncoder(handle_unknown="ignore").fit(codes)
    names = rows[ENTITIES].astype(object).fillna("")
    entities = OneHotEncoder(handle_unknown="ignore", min_frequency=5).fit(names)
    wide = sparse.hstack([ones.transform(codes), entities.transform(names)]).tocsr()
    asked_wide = sparse.hstack(
        [ones.transform(asked), entities.transform(cohort[ENTITIES].astype(object).fillna(""))]
    ).tocsr()
    ridge = LogisticRegression(C=0.1, max_iter=200).fit(wide, outcome)
    return trees.decision_function(asked[:, few]), ridge.decision_function(asked_wide)


def one_world(world: str, seed: int, asked: argparse.Namespace, specification: Specification) -> dict[str, Any]:
    """Return every figure of one world and seed."""
    simulation = simulate(world, reporting=asked.reporting, placements=asked.placements, random_state=seed)
    started = perf_counter()
    table = training_table(simulation.tables, specification, UNTIL)
    model = fit(table, specification, random_state=0)
    seconds = perf_counter() - started
    cohort = feature_table(simulation.tables, specification, UNTIL)
    truth = truth_at(simulation.world, UNTIL).set_index("placement_id").reindex(cohort["placement_id"])
    risk, harm = truth["true_risk"].to_numpy(float), truth["harm"].to_numpy(float)
    scores = score_columns(model, as_columns(cohort, specification.input_columns))
    rows = table[table["whole_cohort"]].reset_index(drop=True)
    ceilings = yardsticks(rows, harm_of(rows, simulation), cohort, specification)
    reports = yardsticks(rows, rows["reported"].to_numpy(float), cohort, specification)
    complaints = cohort["placement_complaints"].to_numpy(float) + np.random.default_rng(0).random(len(cohort)) / 2
    corridors = (cohort["destination"].astype(str) + "-" + cohort["sector"].astype(str)).to_numpy()
    calibrated = calibration_on_truth(scores.risk, scores.low, scores.high, risk, harm, strata=corridors)
    ceiling = max(share(score, risk) for score in ceilings)
    mine = {f"share_{capacity:.0%}": share(scores.risk, risk, capacity) for capacity in CAPACITIES}
    return {
        "world": world,
        "seed": seed,
        "visits": int(table["found"].notna().sum()),
        **mine,
        "ceiling": ceiling,
        "of_ceiling": mine["share_10%"] / ceiling,
        "complaints": max(share(score, risk) for score in (complaints, *reports)),
        **{name: calibrated[name] for name in ("ece_true_risk", "slope", "predicted_over_observed")},
        **{name: calibrated[name] for name in ("coverage", "cells_covered", "mean_width")},
        "seconds": seconds,
    }


def main() -> None:
    """Print one line per world and seed, then the mean and the worst of each world."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", nargs="+", default=["hidden", "open", "silenced"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--reporting", default="rich")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    specification = read_specification(SPECIFICATION)
    lines = []
    for world in asked.worlds:
        for seed in asked.seeds:
            lines.append(one_world(world, seed, asked, specification))
            shown = {key: round(v, 3) if isinstance(v, float) else v for key, v in lines[-1].items()}
            print(shown, flush=True)
    table = pd.DataFrame(lines).assign(gain=lambda rows: rows["share_10%"] - rows["complaints"])
    table["ece_worst"], table["of_ceiling_least"] = table["ece_true_risk"], table["of_ceiling"]
    how = dict.fromkeys(table.columns.drop(["world", "seed", "visits"]), "mean")
    how |= {"ece_worst": "max", "of_ceiling_least": "min"}
    print("simulated, means over seeds")
    print(table.groupby("world").agg(how).round(3).T.to_string())
    if asked.out:
        table.to_csv(asked.out, index=False)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=FutureWarning)
    main()
