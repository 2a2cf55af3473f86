"""What do the tests of lists share?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables, as_of_view, conform
from risk_model.data.table_columns import columns

AS_OF = pd.Timestamp("2026-01-01")


def scored_placements(n: int, *, seed: int = 0, unscored: float = 0.02) -> pd.DataFrame:
    """Return a made-up scored cohort, as scores joined with the register look."""
    generator = np.random.default_rng(seed)
    risk = np.where(generator.random(n) < unscored, np.nan, generator.beta(1, 9, n))
    bands = np.select(
        [np.isnan(risk), risk >= 0.3, risk >= 0.2, risk >= 0.1],
        ["insufficient_data", "very_high", "high", "medium"],
        default="lower_priority",
    )
    return pd.DataFrame(
        {
            "placement_id": [f"SIM-{number:05d}" for number in range(n)],
            "stage": generator.choice(["before", "during", "after"], n),
            "risk": risk,
            "low": risk / 2,
            "high": np.minimum(1, risk * 2),
            "band": bands,
            "supported": ~np.isnan(risk),
            "reasons": [f"reasons of SIM-{number:05d}" for number in range(n)],
            "model_version": "placement-risk-3",
            "origin": generator.choice(["53.11", "53.01", "53.21", "35.01", "53"], n),
            "service_office": generator.choice(np.array(["BP3MI-NTT", "BP3MI-LAIN", None], dtype=object), n),
            "destination": generator.choice(["MYS", "TWN", "HKG"], n, p=[0.7, 0.2, 0.1]),
            "sector": generator.choice(["domestic", "plantation"], n),
            "position": "worker",
            "employer_type": "household",
            "agency_id": generator.choice(np.array([*(f"P3MI-{i:02d}" for i in range(25)), None], dtype=object), n),
            "employer_ref": [f"E-{number // 3}" for number in range(n)],
            "recorded_at": pd.Timestamp("2025-06-01"),
            "data_origin": "simulated",
        }
    )


def known_before(
    *,
    placements: Sequence[Mapping[str, Any]] = (),
    events: Sequence[Mapping[str, Any]] = (),
    inspections: Sequence[Mapping[str, Any]] = (),
    as_of: pd.Timestamp = AS_OF,
) -> Tables:
    """Return the as-of view of a register with these rows; what a row leaves out is filled in."""
    made = {
        "placements": [{**PLACEMENT, **row} for row in placements],
        "events": [{**EVENT, "event_id": f"E{i}", **row} for i, row in enumerate(events)],
        "inspections": [{**INSPECTION, "inspection_id": f"I{i}", **row} for i, row in enumerate(inspections)],
    }
    tables = {name: conform(name, pd.DataFrame(rows, columns=columns(name))) for name, rows in made.items()}
    return as_of_view(Tables(**tables), as_of)


PLACEMENT = {
    "placement_id": "SIM-1",
    "origin": "53.11",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "registered_on": "2025-03-01",
    "recorded_at": "2025-03-02",
    "data_origin": "simulated",
}
EVENT = {
    "placement_id": "SIM-1",
    "type": "complaint",
    "category": "perdagangan_orang",
    "occurred_at": "2025-12-01",
    "recorded_at": "2025-12-02",
    "data_origin": "simulated",
}
INSPECTION = {
    "placement_id": "SIM-1",
    "arm": "outside_list",
    "visited_at": "2025-12-10",
    "outcome": "no_harm_found",
    "recorded_at": "2025-12-11",
    "data_origin": "simulated",
}


@pytest.fixture(scope="session")
def cohort() -> Callable[..., pd.DataFrame]:
    """Makes scored cohorts: `cohort(n, seed=…, unscored=…)`."""
    return scored_placements


@pytest.fixture(scope="session")
def register() -> Callable[..., Tables]:
    """Makes as-of views: `register(placements=…, events=…, inspections=…)`."""
    return known_before
