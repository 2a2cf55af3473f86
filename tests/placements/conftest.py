"""What do the tests of placements share: small tables by hand, and a simulated world."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from risk_model.data.schema import Tables, conform
from risk_model.data.simulator.simulate import simulate
from risk_model.data.table_columns import columns
from risk_model.specification import Specification, parse_specification, read_specification

Row = dict[str, Any]
MakeTables = Callable[..., Tables]

USUAL: dict[str, Row] = {
    "placements": {
        "placement_id": "P1",
        "origin": "53.11",
        "destination": "MYS",
        "sector": "domestic",
        "employer_type": "household",
        "scheme": "P_TO_P",
        "registered_on": "2024-01-01",
        "recorded_at": "2024-01-02",
        "data_origin": "simulated",
    },
    "events": {"placement_id": "P1", "type": "complaint", "recorded_at": "2024-03-01", "data_origin": "simulated"},
    "inspections": {
        "placement_id": "P1",
        "arm": "outside_list",
        "visited_at": "2024-03-01",
        "outcome": "harm_found",
        "recorded_at": "2024-03-02",
        "data_origin": "simulated",
    },
}
KEYS = {"placements": "placement_id", "events": "event_id", "inspections": "inspection_id"}


@cache
def empty(name: str) -> pd.DataFrame:
    """The table without a row."""
    return conform(name, pd.DataFrame({key: [] for key in columns(name)}))


def table(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a table of the contract; what a row leaves out is as usual, and it is numbered."""
    if not rows:
        return empty(name)
    return conform(
        name, pd.DataFrame([{KEYS[name]: f"{name}-{number}"} | USUAL[name] | row for number, row in enumerate(rows)])
    )


@pytest.fixture(scope="session")
def make_tables() -> MakeTables:
    """Make a data set: `make_tables([placement, …], events=[…], inspections=[…])`."""

    def make(placements: Sequence[Row], events: Sequence[Row] = (), inspections: Sequence[Row] = ()) -> Tables:
        return Tables(table("placements", placements), table("events", events), table("inspections", inspections))

    return make


@pytest.fixture(scope="session")
def specification() -> Specification:
    """The specification of the product."""
    return read_specification(Path(__file__).resolve().parents[2] / "models" / "placement_risk.yaml")


@pytest.fixture(scope="session")
def with_history(specification: Specification) -> Callable[..., Specification]:
    """The product's specification with one history, named `history`, in place of its own."""

    def change(**history: Any) -> Specification:
        raw = specification.model_dump()
        raw["baselines"] = {}
        raw["features"] = [feature for feature in raw["features"] if feature["kind"] != "history"]
        raw["features"].append({"name": "history", "kind": "history", "history": history})
        return parse_specification(raw)

    return change


@pytest.fixture(scope="session")
def world() -> Tables:
    """A small simulated world with much reporting."""
    return simulate("hidden", reporting="rich", placements=2000, random_state=3).tables
