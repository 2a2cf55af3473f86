"""Do the tables of a service come back as a data set?"""

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, create_engine, insert

from risk_model.data.database import address_of, is_database, read_data, read_database_tables
from risk_model.data.table_columns import columns
from risk_model.errors import TableError
from risk_model.workflows.data_files import digest_of
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


def test_what_events_tell_is_known_from_when_they_were_recorded(engine: Engine) -> None:
    later = {"occurred_at": datetime(2025, 8, 1), "recorded_at": datetime(2025, 8, 3)}
    with engine.begin() as connection:
        told = {**EVENT, **later, "event_id": "e2", "type": "status_change", "data": {"status": "returned"}}
        connection.execute(insert(events), told)
        imported = {**told, "event_id": "e3", "type": "repatriation", "placement_id": "A-2", "import_id": 1}
        connection.execute(insert(events), imported)
        connection.execute(insert(placement_versions), {**VERSION, "placement_id": "A-2", "import_id": 1})
    tables = read_database_tables(engine)
    own = tables.placements[tables.placements["placement_id"] == "A-1"]
    assert own["recorded_at"].tolist() == [pd.Timestamp(day) for day in ("2025-01-11", "2025-07-01", "2025-08-03")]
    assert own["returned_on"].isna().tolist() == [True, True, False]
    assert own["returned_on"].iloc[-1] == pd.Timestamp("2025-08-01")
    assert set(own["worker_ref"]) == {"w1"}
    other = tables.placements[tables.placements["placement_id"] == "A-2"]
    assert (len(other), other["returned_on"].notna().sum()) == (1, 0)
    assert tables.placements["recorded_at"].is_monotonic_increasing


def test_an_event_recorded_before_its_placement_counts_once_that_is_known(engine: Engine) -> None:
    early = {"occurred_at": datetime(2025, 8, 1), "recorded_at": datetime(2025, 8, 3), "placement_id": "A-3"}
    with engine.begin() as connection:
        told = {**EVENT, **early, "event_id": "e4", "type": "status_change", "data": {"status": "departed"}}
        connection.execute(insert(events), told)
        version = {**VERSION, "placement_id": "A-3", "departed_on": None, "recorded_at": datetime(2025, 9, 1)}
        connection.execute(insert(placement_versions), version)
    tables = read_database_tables(engine)
    own = tables.placements[tables.placements["placement_id"] == "A-3"]
    assert own[["recorded_at", "departed_on"]].to_numpy().tolist() == [
        [pd.Timestamp("2025-09-01"), pd.Timestamp("2025-08-01")]
    ]


def test_an_address_that_came_as_a_path_is_read_like_an_address(engine: Engine, address: str) -> None:
    pd.testing.assert_frame_equal(read_data(Path(address)).events, read_database_tables(engine).events)


def test_a_relative_file_is_found_where_the_command_runs(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert address_of(Path("sqlite:///service.db")) == "sqlite:///service.db"
    assert len(read_data(Path("sqlite:///service.db")).events) == 1


def test_a_version_knows_the_rows_of_the_database_it_was_trained_on(engine: Engine, address: str) -> None:
    before = digest_of(Path(address))
    assert digest_of(Path(address)) == before
    with engine.begin() as connection:
        connection.execute(insert(events), {**EVENT, "event_id": "e5"})
    assert digest_of(Path(address)) != before
