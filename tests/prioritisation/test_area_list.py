from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.prioritisation.area_list import COLUMNS, area_list

Register = Callable[..., Tables]
AS_OF = pd.Timestamp("2026-01-01")


def happened(area: str, kind: str, day: str = "2025-06-01") -> dict[str, Any]:
    return {"placement_id": None, "category": None, "area": area, "type": kind, "occurred_at": day, "recorded_at": day}


@pytest.fixture
def view(register: Register) -> Tables:
    return register(
        placements=[{"placement_id": f"SIM-{i}", "origin": "53.18"} for i in range(3)],
        events=[
            happened("53.21.01", "death"),
            happened("53.21", "death", "2025-11-05"),
            happened("53.04", "death"),
            happened("53.04", "deportation"),
            happened("53.18", "interception"),
            happened("53.18", "deportation", "2023-06-01"),
            happened("35.01", "contact"),
            {"type": "death", "placement_id": "SIM-1"},
        ],
    )


def test_area_events_are_counted_by_kabupaten_most_deaths_first(view: Tables) -> None:
    rows = area_list(view, AS_OF)
    assert rows[["area", "deaths", "deportations", "interceptions", "total"]].values.tolist() == [
        ["53.21", 2, 0, 0, 2],
        ["53.04", 1, 1, 0, 2],
        ["53.18", 0, 0, 1, 1],
    ]
    assert rows["newest"][0] == pd.Timestamp("2025-11-05")


def test_the_recorded_placements_stand_beside_for_comparison(view: Tables) -> None:
    assert area_list(view, AS_OF).set_index("area")["recorded_placements"].to_dict() == {
        "53.21": 0,
        "53.04": 0,
        "53.18": 3,
    }


@pytest.mark.parametrize(("within", "areas"), [(["53.21"], ["53.21"]), (["53"], ["53.21", "53.04", "53.18"]), ([], [])])
def test_an_office_gets_its_own_areas(view: Tables, within: list[str], areas: list[str]) -> None:
    rows = area_list(view, AS_OF, within=within)
    assert rows["area"].tolist() == areas
    assert list(rows.columns) == list(COLUMNS)


def test_without_area_events_the_list_is_empty(register: Register) -> None:
    assert area_list(register(placements=[{}]), AS_OF).empty
