from collections.abc import Callable

import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.prioritisation.resting import resting_placements

Register = Callable[..., Tables]
AS_OF = pd.Timestamp("2026-01-01")


@pytest.mark.parametrize("outcome", ["harm_found", "no_harm_found"])
def test_whom_a_visit_reached_rests(register: Register, outcome: str) -> None:
    assert resting_placements(register(placements=[{}], inspections=[{"outcome": outcome}]), AS_OF).tolist() == [
        "SIM-1"
    ]


@pytest.mark.parametrize(
    "visit",
    [
        {"outcome": "not_reached"},
        {"outcome": "deferred"},
        {"placement_id": None, "agency_id": "P3MI-1"},
        {"visited_at": "2025-10-02", "recorded_at": "2025-10-03"},
    ],
)
def test_other_visits_and_old_ones_let_nobody_rest(register: Register, visit: dict[str, object]) -> None:
    assert resting_placements(register(placements=[{}], inspections=[visit]), AS_OF).empty


@pytest.mark.parametrize(("told", "rests"), [("2025-12-09", True), ("2025-12-10", False), ("2025-12-20", False)])
def test_a_complaint_since_the_visit_ends_the_rest(register: Register, told: str, *, rests: bool) -> None:
    complaint = {"category": "gaji_tidak_dibayar", "occurred_at": told, "recorded_at": told}
    view = register(placements=[{}], events=[complaint], inspections=[{}])
    assert (len(resting_placements(view, AS_OF)) == 1) == rests


def test_how_long_a_rest_is_can_be_set(register: Register) -> None:
    view = register(placements=[{}], inspections=[{"visited_at": "2025-12-10"}])
    assert [len(resting_placements(view, AS_OF, days=days)) for days in (0, 21, 22, 365)] == [0, 0, 1, 1]
