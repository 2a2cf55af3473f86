"""Which inputs and which terms make up a placement's score?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from risk_model.placements.features import feature_row
from risk_model.scoring.explanations import Reason, all_terms
from risk_model.scoring.scorer import Score, score_row
from service.instants import naive_utc
from service.live_scoring import LiveScoring, value_label


@dataclass(frozen=True)
class ScoreTerms:
    """A score with every input that the model reads and every term that contributes, strongest first.

    With the model's intercept the contributions add up to the log-odds that a visit finds harm.
    """

    stage: str
    score: Score
    inputs: Mapping[str, Any]
    terms: tuple[Reason, ...]


def score_terms(scoring: LiveScoring, placement: Mapping[str, Any], as_of: datetime) -> ScoreTerms:
    """Return what the score of a placement, given by the columns of the contract, is made of as of a date (UTC)."""
    at = naive_utc(as_of) if as_of.tzinfo else as_of
    model = scoring.served.model
    row = feature_row(placement, scoring.histories.snapshot, np.datetime64(at, "us"))
    score = score_row(model, row)
    return ScoreTerms(
        str(row["stage"]),
        score,
        {name: row.get(name) for name in scoring.served.columns},
        all_terms(model, score.contributions, row, value_label=value_label),
    )
