from collections.abc import Callable

import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.prioritisation.mandatory import grave_categories, mandatory_placements

Register = Callable[..., Tables]
AS_OF = pd.Timestamp("2026-01-01")


def mandatory(view: Tables) -> list[str]:
    return mandatory_placements(view, AS_OF)["placement_id"].tolist()


def test_a_recent_grave_complaint_makes_a_placement_mandatory(register: Register) -> None:
    found = mandatory_placements(register(placements=[{}], events=[{}]), AS_OF)
    assert found[["placement_id", "category"]].values.tolist() == [["SIM-1", "perdagangan_orang"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"category": "gaji_tidak_dibayar"},
        {"category": None},
        {"type": "contact"},
        {"placement_id": None, "area": "53.11"},
        {"recorded_at": "2025-08-01", "occurred_at": "2025-07-31"},
        {"recorded_at": "2026-01-01"},
    ],
)
def test_other_events_do_not(register: Register, changes: dict[str, object]) -> None:
    assert mandatory(register(placements=[{}], events=[changes])) == []


@pytest.mark.parametrize(
    ("visit", "still"),
    [
        ({"visited_at": "2025-12-02", "outcome": "no_harm_found"}, []),
        ({"visited_at": "2025-12-20", "outcome": "harm_found"}, []),
        ({"visited_at": "2025-12-20", "outcome": "not_reached"}, ["SIM-1"]),
        ({"visited_at": "2025-12-20", "outcome": "deferred"}, ["SIM-1"]),
        ({"visited_at": "2025-12-01", "outcome": "no_harm_found"}, ["SIM-1"]),
        ({"visited_at": "2025-12-20", "placement_id": "SIM-2"}, ["SIM-1"]),
        ({"visited_at": "2025-12-20", "placement_id": None, "agency_id": "P3MI-01"}, ["SIM-1"]),
        ({"visited_at": "2025-12-20", "recorded_at": "2026-01-05"}, ["SIM-1"]),
    ],
)
def test_only_a_known_visit_since_then_that_reached_somebody_ends_it(
    register: Register, visit: dict[str, object], still: list[str]
) -> None:
    assert mandatory(register(placements=[{}], events=[{}], inspections=[visit])) == still


def test_a_complaint_after_the_visit_makes_it_mandatory_again(register: Register) -> None:
    later = {"occurred_at": "2025-12-20", "recorded_at": "2025-12-21"}
    found = mandatory_placements(register(placements=[{}], events=[{}, later], inspections=[{}]), AS_OF)
    assert found["recorded_at"].tolist() == [pd.Timestamp("2025-12-21")]


def test_a_placement_is_named_once_with_its_newest_complaint(register: Register) -> None:
    later = {"category": "kekerasan_majikan", "occurred_at": "2025-12-20", "recorded_at": "2025-12-21"}
    found = mandatory_placements(register(placements=[{}], events=[{}, later]), AS_OF)
    assert found["category"].tolist() == ["kekerasan_majikan"]


def test_grave_categories_are_harms_and_not_requests() -> None:
    assert "perdagangan_orang" in grave_categories()
    assert "ingin_dipulangkan" not in grave_categories()
