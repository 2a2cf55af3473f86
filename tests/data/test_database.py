"""Do the tables of a service come back as a data set?"""

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, create_engine, insert

from risk_model.data.database import is_database, read_database_tables
from risk_model.data.schema import columns
from risk_model.errors import TableError
from service.storage.engine import migrate, open_engine
from service.tables.happenings import events, inspections, placement_versions, placement_workers

VERSION = {
    "placement_id": "A-1",
    "origin": "53.11",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "certification_level": 3,
    "certification_verified": False,
    "departed_on": date(2025, 3, 1),
    "recorded_at": datetime(2025, 1, 11),
    "data_origin": "simulated",
}
EVENT = {
    "source": "siskop2mi",
    "event_id": "e1",
    "placement_id": "A-1",
    "type": "complaint",
    "occurred_at": datetime(2025, 5, 1),
    "recorded_at": datetime(2025, 5, 2),
    "data": {"note": "not for learning"},
    "data_origin": "simulated",
}
VISIT = {
    "inspection_id": "v1",
    "placement_id": "A-1",
    "arm": "random",
    "inclusion_probability": 0.25,
    "visited_at": datetime(2025, 6, 1),
    "outcome": "no_harm_found",
    "note": "not for learning",
    "inspector": "user:7",
    "recorded_at": datetime(2025, 6, 2),
    "data_origin": "simulated",
}


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'service.db'}"


@pytest.fixture
def engine(address: str) -> Engine:
    engine = open_engine(address)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(insert(placement_versions), [VERSION, {**VERSION, "recorded_at": datetime(2025, 7, 1)}])
        connection.execute(insert(placement_workers), {"placement_id": "A-1", "worker_ref": "w1"})
        connection.execute(insert(events), EVENT)
        corrected = {**VISIT, "inspection_id": "v2", "outcome": "harm_found"}
        connection.execute(insert(inspections), [{**VISIT, "replaced_by": "v2"}, {**corrected, "replaced_by": None}])
    return engine


def test_every_version_event_and_visit_comes_back_with_the_types_of_the_contract(engine: Engine) -> None:
    tables = read_database_tables(engine)
    assert [list(frame) for frame in (tables.placements, tables.events, tables.inspections)] == [
        columns(name) for name in ("placements", "events", "inspections")
    ]
    assert tables.placements["recorded_at"].tolist() == [pd.Timestamp("2025-01-11"), pd.Timestamp("2025-07-01")]
    first = tables.placements.iloc[0]
    assert (first["worker_ref"], first["departed_on"], first["certification_level"]) == (
        "w1",
        pd.Timestamp("2025-03-01"),
        3,
    )
    assert first["certification_verified"] is False or not first["certification_verified"]
    assert tables.placements["sex"].isna().all()
    assert tables.events["event_id"].tolist() == ["e1"]


def test_of_a_corrected_visit_only_the_correction_counts(engine: Engine) -> None:
    seen = read_database_tables(engine).inspections
    assert seen[["inspection_id", "outcome", "inclusion_probability"]].to_numpy().tolist() == [
        ["v2", "harm_found", 0.25]
    ]


def test_an_address_reads_like_an_engine(engine: Engine, address: str) -> None:
    pd.testing.assert_frame_equal(read_database_tables(address).placements, read_database_tables(engine).placements)


def test_a_database_without_the_tables_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="risk-service migrate"):
        read_database_tables(create_engine(f"sqlite:///{tmp_path / 'other.db'}"))


@pytest.mark.parametrize(
    ("source", "told"), [("postgresql://u@h/d", True), ("sqlite:///x.db", True), ("sqlite", False), ("C:/data", False)]
)
def test_an_address_is_told_from_a_folder(source: str, told: bool) -> None:
    assert is_database(source) == told
