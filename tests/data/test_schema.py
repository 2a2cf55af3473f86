"""Do the tables keep their contract, and does a date see only its own past?"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_model.data.schema import (
    Tables,
    as_of_view,
    conform,
    day_after_last_record,
    read_tables,
    read_truth,
    write_table,
    write_tables,
)
from risk_model.data.table_columns import TABLES, columns
from risk_model.errors import TableError

PLACEMENT = {
    "placement_id": "P1",
    "origin": "53.11",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "recorded_at": "2024-01-02",
    "data_origin": "simulated",
}
EVENT = {"event_id": "E1", "type": "complaint", "recorded_at": "2024-01-02", "data_origin": "simulated"}
VISIT = {
    "inspection_id": "V1",
    "arm": "random",
    "visited_at": "2024-01-02",
    "outcome": "harm_found",
    "recorded_at": "2024-01-03",
    "data_origin": "simulated",
}
REQUIRED_ROWS = {"placements": PLACEMENT, "events": EVENT, "inspections": VISIT}


def table(name: str, *rows: dict[str, object]) -> pd.DataFrame:
    return conform(name, pd.DataFrame([REQUIRED_ROWS[name] | row for row in rows], columns=None if rows else []))


@cache
def empty(name: str) -> pd.DataFrame:
    return conform(name, pd.DataFrame({key: [] for key in columns(name)}))


def tables(*placements: dict[str, object]) -> Tables:
    return Tables(table("placements", *placements), empty("events"), empty("inspections"))


@pytest.mark.parametrize("name", REQUIRED_ROWS)
def test_missing_optional_columns_read_as_not_recorded_and_unknown_ones_are_dropped(name: str) -> None:
    frame = table(name, {"full_name": "never stored"})
    assert list(frame.columns) == columns(name)
    assert frame.drop(columns=list(REQUIRED_ROWS[name])).isna().all(axis=None)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_the_types_of_a_full_one(name: str) -> None:
    frame = empty(name)
    assert len(frame) == 0
    if name in REQUIRED_ROWS:
        assert dict(frame.dtypes) == dict(table(name, {}).dtypes)


@pytest.mark.parametrize("name", REQUIRED_ROWS)
def test_conforming_twice_changes_nothing(name: str) -> None:
    once = table(name, {}, {"recorded_at": "2024-05-06T07:08:09.123456Z"})
    pd.testing.assert_frame_equal(conform(name, once), once)


def test_rows_glued_together_from_two_frames_conform() -> None:
    twice = pd.concat([pd.DataFrame([PLACEMENT]), pd.DataFrame([PLACEMENT | {"placement_id": "P2"}])])
    assert conform("placements", twice)["placement_id"].tolist() == ["P1", "P2"]


def test_a_table_of_another_writer_conforms() -> None:
    written = pd.DataFrame([PLACEMENT] * 3).assign(
        destination=pd.Series(["MYS", "HKG", "MYS"], dtype="category"),
        certification_level=[3.0, np.nan, 0.0],
        prior_placements=np.array([0, 1, 2], dtype="int8"),
        has_bpjs=[True, None, False],
        registered_on=pd.Series(["2024-01-01", None, "2024-01-03"]).astype("datetime64[ns]"),
        recorded_at=pd.Timestamp("2024-01-02", tz="Asia/Jakarta"),
        agency_id=[7.0, np.nan, 8.0],
    )
    frame = conform("placements", written)
    assert dict(frame.dtypes) == dict(table("placements", {}).dtypes)
    assert frame["certification_level"].tolist() == [3, pd.NA, 0]
    assert frame["recorded_at"].iloc[0] == pd.Timestamp("2024-01-01 17:00")
    assert frame["agency_id"].iloc[0] == "7"


@pytest.mark.parametrize(
    ("name", "column", "found"),
    [
        ("placements", "destination", "HGK"),
        ("placements", "sector", "mining"),
        ("placements", "position", "astronaut"),
        ("placements", "origin", "5311"),
        ("placements", "certification_level", 7),
        ("placements", "wage_monthly_idr", -1.0),
        ("placements", "recorded_at", None),
        ("placements", "placement_id", " "),
        ("events", "type", "party"),
        ("inspections", "arm", "lottery"),
        ("inspections", "inclusion_probability", 0.0),
        ("inspections", "inclusion_probability", 1.01),
        ("inspections", "severity", 4),
    ],
)
def test_a_fault_is_named_with_its_row_and_column(name: str, column: str, found: object) -> None:
    with pytest.raises(TableError, match=rf"row 1: {column} is"):
        table(name, {}, {column: found})


def test_a_value_of_the_wrong_type_is_named_with_its_column() -> None:
    with pytest.raises(TableError, match="table placements: column has_bpjs cannot be read as boolean: perhaps"):
        table("placements", {"has_bpjs": "perhaps"})


def test_a_missing_required_column_comes_with_the_nearest_column_there_is() -> None:
    written = pd.DataFrame([PLACEMENT]).rename(columns={"placement_id": "placementid"})
    with pytest.raises(TableError, match="placement_id: did you mean 'placementid'"):
        conform("placements", written)


def test_a_complaint_category_of_another_system_is_no_reason_to_refuse_a_table() -> None:
    assert table("events", {"category": "K-17"})["category"].tolist() == ["K-17"]


def test_a_large_table_conforms(tmp_path: Path) -> None:
    rows = 500_000
    written = pd.DataFrame(PLACEMENT, index=range(rows)).assign(placement_id=[f"P{i}" for i in range(rows)])
    assert len(conform("placements", written)) == rows


def test_a_data_set_survives_writing_and_reading(tmp_path: Path) -> None:
    made = Tables(*(table(name, {}) for name in REQUIRED_ROWS))
    write_tables(made, tmp_path)
    back = read_tables(tmp_path)
    for name in REQUIRED_ROWS:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(made, name))
    assert read_truth(tmp_path) is None
    assert not list(tmp_path.glob(".*"))


def test_truth_is_read_where_a_simulator_left_it(tmp_path: Path) -> None:
    truth = pd.DataFrame({"placement_id": ["P1"], "as_of": ["2024-01-01"], "true_risk": [0.2], "harm": [False]})
    write_table("truth", truth, tmp_path)
    read = read_truth(tmp_path)
    assert read is not None
    assert read["true_risk"].tolist() == [0.2]


def test_a_data_set_of_placements_alone_has_no_events_and_no_inspections(tmp_path: Path) -> None:
    write_table("placements", pd.DataFrame([PLACEMENT]), tmp_path)
    back = read_tables(tmp_path)
    assert (len(back.placements), len(back.events), len(back.inspections)) == (1, 0, 0)


def test_a_folder_or_file_that_is_no_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such folder"):
        read_tables(tmp_path / "nowhere")
    with pytest.raises(TableError, match=r"placements\.parquet"):
        read_tables(tmp_path)
    (tmp_path / "placements.parquet").write_bytes(b"not parquet")
    with pytest.raises(TableError, match="not a readable Parquet file"):
        read_tables(tmp_path)


AS_OF = pd.Timestamp("2024-06-01")


def test_a_row_recorded_at_as_of_is_not_yet_known() -> None:
    view = as_of_view(tables({"recorded_at": AS_OF}, {"placement_id": "P2", "recorded_at": "2024-05-31"}), AS_OF)
    assert view.placements["placement_id"].tolist() == ["P2"]


def test_the_version_recorded_last_counts_wherever_it_stands_and_the_later_row_at_a_tie() -> None:
    versions = tables(
        {"agency_id": "newest", "recorded_at": "2024-03-01"},
        {"agency_id": "old", "recorded_at": "2024-01-01"},
        {"agency_id": "to come", "recorded_at": "2024-07-01"},
        {"placement_id": "P2", "agency_id": "first", "recorded_at": "2024-01-01"},
        {"placement_id": "P2", "agency_id": "second", "recorded_at": "2024-01-01"},
    )
    assert as_of_view(versions, AS_OF).placements["agency_id"].tolist() == ["newest", "second"]


def test_a_departure_or_return_still_to_come_reads_as_not_recorded() -> None:
    planned = tables({"departed_on": "2024-05-31", "returned_on": "2024-06-01", "contract_end_on": "2025-06-01"})
    row = as_of_view(planned, AS_OF).placements.iloc[0]
    assert row["departed_on"] == pd.Timestamp("2024-05-31")
    assert pd.isna(row["returned_on"])
    assert row["contract_end_on"] == pd.Timestamp("2025-06-01")


def test_the_view_of_an_empty_data_set_is_empty() -> None:
    nothing = Tables(*(empty(name) for name in REQUIRED_ROWS))
    assert len(as_of_view(nothing, AS_OF).placements) == 0
    with pytest.raises(TableError, match="no row"):
        day_after_last_record(nothing)


DAYS_AND_IDS = st.lists(st.tuples(st.integers(-40, 40), st.sampled_from(["P1", "P2", "P3"])), max_size=12)


@pytest.fixture(scope="module")
def one_row() -> pd.DataFrame:
    return table("placements", {})


@settings(deadline=None)
@given(versions=DAYS_AND_IDS)
def test_a_view_is_unchanged_by_anything_recorded_later(one_row: pd.DataFrame, versions: list[tuple[int, str]]) -> None:
    frame = one_row.iloc[[0] * len(versions)].reset_index(drop=True)
    frame["agency_id"] = pd.Series([str(number) for number in range(len(versions))], dtype="str")
    frame["recorded_at"] = pd.Series([AS_OF + pd.Timedelta(days=day) for day, _ in versions], dtype="datetime64[us]")
    frame["placement_id"] = pd.Series([placement for _, placement in versions], dtype="str")
    known = frame[frame["recorded_at"] < AS_OF]
    everything, past = (
        as_of_view(Tables(rows, empty("events"), empty("inspections")), AS_OF).placements for rows in (frame, known)
    )
    pd.testing.assert_frame_equal(everything, past)
    assert sorted(everything["placement_id"]) == sorted(set(known["placement_id"]))


def test_the_default_as_of_is_the_first_midnight_that_knows_every_row() -> None:
    late = tables({"recorded_at": "2024-01-02T10:00"}, {"placement_id": "P2", "recorded_at": "2024-01-03T00:00"})
    assert day_after_last_record(late) == pd.Timestamp("2024-01-04")


@pytest.mark.parametrize("column", ["wage_monthly_idr", "registered_on", "has_bpjs", "origin"])
def test_an_error_of_a_table_repeats_no_number_of_a_person(column: str) -> None:
    for number in ("5305149092546565", "081234567890"):
        with pytest.raises(TableError) as refused:
            conform("placements", pd.DataFrame([PLACEMENT | {column: f"{number} x"}]))
        assert number not in str(refused.value)
