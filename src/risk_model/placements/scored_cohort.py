"""What is the risk of every placement of a cohort?"""

import json
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from risk_model.scoring.scorer import CompiledModel, Scores, score_columns
from risk_model.scoring.strongest_terms import NO_TERM, strongest_terms

SHOWN_REASONS = 3
SHOWN_DECIMALS = 4

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
    return rows.assign(
        risk=scores.risk,
        low=scores.low,
        high=scores.high,
        band=pd.array(scores.band, dtype="str"),
        supported=scores.supported,
        reasons=pd.array(reasons_of(scores, model), dtype="str"),
        model_version=version,
        data_origin=origin_of(model),
    )


def origin_of(model: CompiledModel) -> str:
    """Return whether the model was learnt from simulated or real data."""
    return str(model.card.get("data_origin"))


def reasons_of(scores: Scores, model: CompiledModel) -> pa.Array:
    """Return the JSON lists of the strongest terms, one per row; each distinct contribution is written once."""
    found = strongest_terms(scores.looked_up, top=SHOWN_REASONS, decimals=SHOWN_DECIMALS)
    names = [term.name for term in model.terms]
    written = [
        _reason(names[term], contribution)
        for term, contribution in zip(found.term.tolist(), found.contribution.tolist(), strict=True)
    ]
    last = len(found.places) - 1
    shown = [_worded(written, places, begins=not rank, ends=rank == last) for rank, places in enumerate(found.places)]
    return pc.binary_join_element_wise(*shown, "")


def _worded(written: list[str], places: NDArray[np.int64], *, begins: bool, ends: bool) -> pa.Array:
    """Return the reasons at `places` with the marks of a JSON list around them; only the marks where there is none."""
    before, after = ("[" if begins else ", "), ("]" if ends else "")
    none = f"{'[' if begins else ''}{after}"
    told = pa.array([*(f"{before}{reason}{after}" for reason in written), none])
    return told.take(pa.array(np.where(places == NO_TERM, len(written), places)))


@lru_cache(maxsize=1 << 16)  # the contributions of one model, which come again in every batch
def _reason(feature: str, contribution: float) -> str:
    direction = "raises" if contribution > 0 else "lowers"
    return json.dumps({"feature": feature, "direction": direction, "contribution": contribution}, ensure_ascii=False)
