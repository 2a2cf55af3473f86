"""Are segments of the service's own tables right, quick when repeated, and about nobody in particular?"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from starlette.testclient import TestClient

from risk_model.data.schema import as_of_view, day_after_last_record
from risk_model.data.simulator.simulate import Simulation, simulate
from risk_model.placements.cohort import cohort
from risk_model.prioritisation.segment_counts import COHORT_DAYS
from risk_model.prioritisation.segment_names import BY, GROUPABLE
from risk_model.prioritisation.segments import segments
from service.access import ANALYST, INSPECTOR, PLACEMENT_SYSTEM, ROLES, STAFF, Principal
from service.kept_figures import KeptFigures
from service.refreshing import figures_ready
from service.running import Running
from service.segments_answer import segments_answer
from service.settings import Settings
from service.storage.engine import migrate
from service.tables.happenings import events
from service.tables.register import imports
from tests.service.told_worlds import import_row, tell

OTHER, LEAST = "(other)", 10
NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
EVENT = {
    "source": "test",
    "event_id": "e",
    "type": "contact",
    "occurred_at": datetime(2025, 12, 1),
    "recorded_at": datetime(2025, 12, 1),
    "data_origin": "simulated",
}


@pytest.fixture(scope="module")
def world() -> Simulation:
    return simulate("hidden", reporting="rich", placements=1_500, random_state=5)


@pytest.fixture(scope="module")
def told(databases: Any, make_settings: Callable[..., Settings], world: Simulation) -> Iterator[Running]:
    """A service that was told of the world; whoever tells it more takes care of what was kept."""
    running = Running(make_settings(databases.new()))
    migrate(running.engine)
    tell(running.engine, world.tables, as_of=datetime(2025, 1, 1))
    yield running
    running.close()


@pytest.fixture(scope="module")
def told_client(told: Running, client_of: Callable[[Running], TestClient]) -> TestClient:
    return client_of(told)


def test_the_answer_holds_what_the_library_says_of_the_same_tables(world: Simulation, told_client: TestClient) -> None:
    answer = told_client.get("/v1/segments?by=sector").json()
    date = day_after_last_record(world.tables)
    frame = segments(world.tables, date, by=("sector",))
    assert answer["as_of"] == f"{date:%Y-%m-%dT%H:%M:%SZ}"
    assert [row["cell"][0]["code"] for row in answer["segments"]] == frame["sector"].tolist()
    for name in ("placements", "list_visits", "rate", "low", "high", "trend", "ratio", "not_reached"):
        shown = [None if pd.isna(value) else value for value in frame[name]]
        assert [row[name] for row in answer["segments"]] == shown, name


def test_simulated_figures_are_marked_and_nothing_is_said_to_bring_anything_about(told_client: TestClient) -> None:
    answer = told_client.get("/v1/segments").json()
    assert answer["data_origin"] == "simulated"
    assert answer["by"] == ["destination", "sector", "certification_level"]
    assert "do not say what would happen" in answer["note_en"]
    assert {"(declared)": "declared, not verified"}.items() <= {
        part["code"]: part["label_en"] for row in answer["segments"] for part in row["cell"]
    }.items()


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(by=st.lists(st.sampled_from(GROUPABLE), min_size=1, max_size=3, unique=True))
def test_no_group_under_ten_is_shown_nor_left_to_be_found_by_subtracting(
    world: Simulation, told_client: TestClient, by: list[str]
) -> None:
    shown = told_client.get("/v1/segments", params={"by": ",".join(by)}).json()["segments"]
    date = day_after_last_record(world.tables)
    members = cohort(as_of_view(world.tables, date), date, horizon_days=COHORT_DAYS)
    facts = members[by].astype(object).where(members[by].notna(), "(unknown)").astype(str)
    if "certification_level" in by:
        declared = members["certification_level"].fillna(0).gt(0) & ~members["certification_verified"].fillna(False)
        facts["certification_level"] = facts["certification_level"].mask(declared, "(declared)")
    cells = [tuple(part["code"] for part in row["cell"]) for row in shown]
    for depth in range(len(by)):
        left = facts.groupby(by[: depth + 1]).size()
        keys = {key if isinstance(key, tuple) else (key,): size for key, size in left.items()}
        for parent in {cell[:depth] for cell in cells}:
            inside = {key: size for key, size in keys.items() if key[:depth] == parent}
            named = {cell[: depth + 1] for cell in cells if cell[:depth] == parent and cell[depth] != OTHER}
            assert all(inside[key] >= LEAST for key in named)
            if OTHER not in parent:
                hidden = sum(inside.values()) - sum(inside[key] for key in named)
                assert hidden == 0 or hidden >= LEAST
    counts = [row[name] for row in shown for name in ("placements", "list_visits", "found") if row[name] is not None]
    assert all(count >= LEAST and count % 5 == 0 for count in counts)


def test_while_events_come_in_the_figures_stay_for_an_hour_and_a_new_import_ends_them(told: Running) -> None:
    told.figures = KeptFigures(beside=lambda work: work())
    first = segments_answer(told, ("scheme",), now=NOW)
    assert segments_answer(told, ("scheme",), now=NOW + timedelta(hours=5)) is first
    with told.engine.begin() as connection:
        connection.execute(insert(events), EVENT)
    assert segments_answer(told, ("scheme",), now=NOW + timedelta(minutes=59)) is first
    assert segments_answer(told, ("scheme",), now=NOW + timedelta(minutes=60)) is first  # new ones are made beside
    later = segments_answer(told, ("scheme",), now=NOW + timedelta(minutes=60))
    assert first is not None
    assert later is not None
    assert later is not first
    assert later.segments == first.segments
    with told.engine.begin() as connection:
        connection.execute(insert(imports), import_row(datetime(2025, 6, 1)))
    assert segments_answer(told, ("scheme",), now=NOW + timedelta(minutes=61)) is not later


def test_figures_of_segments_are_made_once_after_each_import_before_anybody_asks(told: Running) -> None:
    told.figures = KeptFigures()
    newest = figures_ready(told, NOW, made_for=None)
    made = segments_answer(told, BY, now=NOW + timedelta(hours=1))
    assert newest is not None
    assert made is not None
    assert made.made_at == NOW
    assert figures_ready(told, NOW + timedelta(hours=2), made_for=newest) == newest
    assert segments_answer(told, BY, now=NOW + timedelta(hours=2)) is made


def test_without_an_import_no_figures_are_made(empty: Running) -> None:
    assert figures_ready(empty, NOW, made_for=None) is None


def test_a_column_that_placements_are_not_grouped_by_is_refused_with_those_they_are(client: TestClient) -> None:
    answer = client.get("/v1/segments?by=sex")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "by"


def test_without_an_import_there_is_nothing_to_show(empty: Running, client_of: Callable[[Running], TestClient]) -> None:
    answer = client_of(empty).get("/v1/segments")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:placement-risk:problem:no_data")


def test_a_register_of_fewer_than_ten_shows_no_segment(
    empty: Running, world: Simulation, client_of: Callable[[Running], TestClient]
) -> None:
    few = world.tables.placements["placement_id"].drop_duplicates().head(9)
    tables = type(world.tables)(
        *(
            frame[frame["placement_id"].isin(few)]
            for frame in (world.tables.placements, world.tables.events, world.tables.inspections)
        )
    )
    tell(empty.engine, tables, as_of=datetime(2025, 1, 1))
    assert client_of(empty).get("/v1/segments").json()["segments"] == []


@pytest.mark.parametrize("role", ROLES)
def test_staff_and_analysts_see_segments_and_systems_do_not(role: str) -> None:
    assert Principal("user:x", role).may("segments.read") == (role in STAFF | {ANALYST})
    assert not Principal("key:x", PLACEMENT_SYSTEM).may("segments.read")
    assert Principal("user:x", INSPECTOR).may("segments.read")
