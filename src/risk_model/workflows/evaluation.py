"""How good is a version's order on simulated true harm?"""

from pathlib import Path
from typing import Any

import pandas as pd

from risk_model.data import schema
from risk_model.errors import NotEnoughDataError
from risk_model.evaluation import report
from risk_model.placements.feature_table import feature_table
from risk_model.placements.published_rule import published_rule
from risk_model.placements.scored_cohort import scored_cohort
from risk_model.specification import read_specification
from risk_model.workflows.scoring import load_model


def evaluation(
    data: Path, *, as_of: pd.Timestamp | None, reference: str | None, specification_file: Path, random_state: int
) -> dict[str, Any]:
    """Compare the model's order with the baselines on simulated true harm at `as_of`.

    Raises:
        NotEnoughDataError: when `data` has no truth table, as real data never has.
    """
    truth = schema.read_truth(data)
    if truth is None:
        raise NotEnoughDataError(f"{data} has no truth.parquet; only simulated data has, real data is judged on visits")
    date = as_of if as_of is not None else pd.Timestamp(truth["as_of"].max())
    cohort = feature_table(schema.read_tables(data), read_specification(specification_file), date)
    model, version = load_model(reference, specification_file)
    orders = report.baselines(cohort, random_state=random_state)
    orders["published rule"] = scored_cohort(cohort, published_rule(), version="")["risk"].to_numpy(float)
    orders["model"] = scored_cohort(cohort, model, version=version)["risk"].to_numpy(float)
    compared = report.judge_on_truth(orders, cohort, truth, as_of=date)
    return {
        "model_version": version,
        "as_of": str(date.date()),
        "data_origin": "simulated",
        "cohort": len(cohort),
        "comparison": compared.to_dict("records"),
    }
