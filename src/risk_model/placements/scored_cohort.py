"""What is the risk of every placement of a cohort?"""

import json

import numpy as np
import pandas as pd

from risk_model.scoring.explanations import strongest
from risk_model.scoring.scorer import CompiledModel, Scores, score_columns

SHOWN_REASONS = 3

SCORE_COLUMNS = (
    "placement_id",
    "as_of",
    "stage",
    "risk",
    "low",
    "high",
    "band",
    "supported",
    "reasons",
    "model_version",
    "data_origin",
)


def scored_cohort(cohort: pd.DataFrame, model: CompiledModel, *, version: str) -> pd.DataFrame:
    """Return one row per row of `cohort`, a feature table, with the columns `SCORE_COLUMNS`.

    `risk`, `low` and `high` are null where `supported` is false. `reasons` is a JSON list of the
    strongest terms: feature, direction (raises or lowers) and contribution in log-odds.
    """
    named = cohort[["placement_id", "as_of", "stage"]]
    scored = with_scores(named, score_columns(model, cohort), model, version=version)
    return scored[list(SCORE_COLUMNS)]


def with_scores(rows: pd.DataFrame, scores: Scores, model: CompiledModel, *, version: str) -> pd.DataFrame:
    """Return `rows` of any table with what `model` says of each (`scores`), as `scored_cohort` describes it."""
    names = [term.name for term in model.terms]
    return rows.assign(
        risk=scores.risk,
        low=scores.low,
        high=scores.high,
        band=pd.array(scores.band, dtype="str"),
        supported=scores.supported,
        reasons=[_reasons(names, row) for row in np.round(scores.contributions, 4).tolist()],
        model_version=version,
        data_origin=str(model.card.get("data_origin")),
    )


def _reasons(names: list[str], contributions: list[float]) -> str:
    shown = [
        {
            "feature": names[position],
            "direction": "raises" if contributions[position] > 0 else "lowers",
            "contribution": contributions[position],
        }
        for position in strongest(contributions)[:SHOWN_REASONS]
    ]
    return json.dumps(shown, ensure_ascii=False)
