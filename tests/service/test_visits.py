"""Visits are recorded once, corrected openly, taken back at once or not at all, and teach what follows."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from risk_model.data.database import read_database_tables
from service.running import Running, utc_now
from service.settings import Settings
from service.tables.happenings import inspections
from service.tables.lists import list_rows
from service.tables.register import mandatory_cases, recent_visits, resting_placements

ClientAs = Callable[..., TestClient]
NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
HOME = {"capacity": 8, "office": "BP3MI-NTT", "seed": 5, "issue": True}
NOTHING = {"outcome": "no_harm_found", "visited_at": "2026-01-10T03:00:00Z"}
UNPAID = {**NOTHING, "outcome": "harm_found", "category": "gaji_tidak_dibayar", "severity": 2}


def make(client: TestClient, **wanted: Any) -> dict[str, Any]:
    answer = client.post("/v1/priority-lists", json=wanted or HOME)
    assert answer.status_code == 201, answer.text
    return answer.json()


def record(client: TestClient, told: dict[str, Any], seen: int | None = None) -> Any:
    return client.post("/v1/inspections", json=told, headers={"If-Match": f'"{seen}"'} if seen else {})


def at(client: TestClient, moment: datetime) -> TestClient:
    """The same caller, at another time."""
    client.app.dependency_overrides[utc_now] = lambda: moment  # type: ignore[attr-defined]
    return client


@pytest.fixture(scope="module")
def listed(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> Iterator[tuple[TestClient, str]]:
    """A caller and an issued list, for tests after which nothing is recorded."""
    running = Running(make_settings(databases.new(copy_of=filled)))
    client = client_of(running)
    yield client, make(client)["list_id"]
    running.close()


def row_of(client: TestClient, list_id: str, rank: int) -> dict[str, Any]:
    return client.get(f"/v1/priority-lists/{list_id}").json()["rows"][rank - 1]


def held(running: Running, column: Any) -> set[Any]:
    with running.engine.connect() as connection:
        return set(connection.execute(select(column)).scalars())


def test_a_list_that_knows_what_was_told_today_can_be_visited_today(client_as: ClientAs) -> None:
    complaint = {"type": "complaint", "subject": "0010", "time": NOW.isoformat()}
    data = {"category": "gaji_tidak_dibayar", "data_origin": "simulated"}
    event = {"specversion": "1.0", "id": "1", "source": "/test", **complaint, "data": data}
    assert client_as("admin").post("/v1/events", json=event).status_code == 200
    client = client_as("supervisor", "BP3MI-NTT")
    listed = make(client)
    assert listed["as_of"] > NOW.isoformat()
    visit = {"list_id": listed["list_id"], "rank": 1, **NOTHING}
    assert record(client, {**visit, "visited_at": NOW.isoformat()}).status_code == 201
    assert record(client, {**visit, "rank": 2}).status_code == 422, "before the list was made"


def test_a_visit_takes_arm_and_probability_from_its_row_and_finishes_it(client_as: ClientAs, running: Running) -> None:
    inspector = client_as("inspector", "BP3MI-NTT")
    made = make(client_as("supervisor", "BP3MI-NTT"))
    recorded = record(inspector, {"list_id": made["list_id"], "rank": 2, **UNPAID})
    assert recorded.status_code == 201
    assert not {"arm", "inclusion_probability"} & set(recorded.json())
    assert recorded.json()["placement_id"] == made["rows"][1]["placement_id"]
    row = row_of(inspector, made["list_id"], 2)
    assert (row["status"], row["inspection_id"]) == ("visited", recorded.json()["inspection_id"])
    table = read_database_tables(running.engine).inspections
    told = table[table["list_id"].notna()]
    with running.engine.connect() as connection:
        arm, probability = connection.execute(
            select(list_rows.c.arm, list_rows.c.inclusion_probability).where(list_rows.c.rank == 2)
        ).one()
    assert told[["arm", "inclusion_probability", "outcome", "severity"]].to_numpy().tolist() == [
        [arm, probability, "harm_found", 2]
    ]


@pytest.mark.parametrize(("unit", "column"), [("agency", "agency_id"), ("area", "area"), ("employer", None)])
def test_a_visit_to_a_unit_names_the_unit_and_the_placement_that_was_looked_into(
    own_client: TestClient, unit: str, column: str | None
) -> None:
    made = make(own_client, capacity=5, unit=unit, seed=1, issue=True)
    told = {"list_id": made["list_id"], "rank": 1, **UNPAID}
    recorded = record(own_client, {**told, "placement_id": "0004"}).json()
    assert recorded["placement_id"] == "0004"
    named = {name: recorded[name] for name in ("agency_id", "area")}
    assert named == {"agency_id": None, "area": None} | ({column: made["rows"][0]["unit_id"]} if column else {})


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"visited_at": "2026-01-11T08:00:01Z"}, "#/visited_at", "in the future"),
        ({"visited_at": "2025-12-31"}, "#/visited_at", "before the date of the list, 2026-01-01"),
        ({"visited_at": "yesterday"}, "#/visited_at", "must be an instant"),
        ({"note": "NIK 5301011234567890"}, "#/note", "(nik)"),
        ({"note": "paspor B1234567"}, "#/note", "(passport)"),
        ({"note": "hubungi +62 812 3456 7890"}, "#/note", "(phone)"),
        ({"severity": 3}, "#", "only harm_found"),
        ({"outcome": "harm_found", "severity": 0}, "#", "above 0"),
        ({"outcome": "harm_found", "category": "gaji"}, "#/category", "not a known code"),
        ({"outcome": "safe"}, "#/outcome", "must be one of"),
        ({"rank": None}, "#", "needs rank or placement_id"),
        ({"rank": None, "list_id": None}, "#", "must name"),
        ({"placement_id": "0060"}, "#/placement_id", "this row is about"),
        ({"arm": "risk"}, "#/arm", "is not a known field"),
    ],
)
def test_what_cannot_be_is_refused_with_its_repair(
    listed: tuple[TestClient, str], change: dict[str, Any], pointer: str, said: str
) -> None:
    client, list_id = listed
    answer = record(client, {"list_id": list_id, "rank": 1, **NOTHING, **change})
    assert answer.status_code == 422, answer.text
    error = answer.json()["errors"][0]
    assert error["pointer"] == pointer
    assert said in error["detail"]


def test_of_two_inspectors_at_once_one_wins_and_the_other_gets_both_versions(
    databases: Any, running: Running, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> None:
    made = make(client_of(running))
    second = Running(make_settings(running.settings.database_url))
    clients = [client_of(each, "inspector", "BP3MI-NTT") for each in (running, second)]
    told = [{**UNPAID, "severity": severity} for severity in (1, 2)]
    for rank in range(1, 6):
        ready, answers = threading.Barrier(2), {}

        def send(which: int, rank: int = rank, ready: threading.Barrier = ready, answers: Any = answers) -> None:
            ready.wait()
            answers[which] = record(clients[which], {"list_id": made["list_id"], "rank": rank, **told[which]})

        threads = [threading.Thread(target=send, args=(which,)) for which in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers.values()) == [201, 409]
        (lost,) = [which for which, answer in answers.items() if answer.status_code == 409]
        won, problem = answers[1 - lost].json(), answers[lost].json()
        assert problem["current"] == {**won, "row_version": 2}
        assert problem["yours"]["severity"] == told[lost]["severity"]
        assert won["inspection_id"] in problem["detail"]
    second.close()
    with running.engine.connect() as connection:
        stored = connection.execute(select(inspections.c.rank).where(inspections.c.list_id == made["list_id"]))
        assert sorted(stored.scalars()) == [1, 2, 3, 4, 5]


def test_a_second_attempt_is_recorded_by_who_knows_of_the_first(own_client: TestClient) -> None:
    told = {"list_id": make(own_client)["list_id"], "rank": 1}
    first = record(own_client, {**told, **NOTHING, "outcome": "not_reached", "reason_code": "tidak_di_tempat"}).json()
    blind = record(own_client, {**told, **UNPAID})
    assert (blind.status_code, blind.json()["current"]["outcome"]) == (409, "not_reached")
    later = record(own_client, {**told, **UNPAID}, seen=first["row_version"])
    assert later.status_code == 201
    assert row_of(own_client, told["list_id"], 1)["status"] == "visited"
    again = record(own_client, {**told, **NOTHING}, seen=later.json()["row_version"])
    assert again.status_code == 409, "a visit is corrected, not followed by another"


def test_a_correction_replaces_the_visit_once_and_alone_teaches(own_client: TestClient, running: Running) -> None:
    told = {"list_id": make(own_client)["list_id"], "rank": 1}
    first = record(own_client, {**told, **UNPAID}).json()
    correction = {"replaces": first["inspection_id"], **NOTHING}
    assert record(own_client, correction).status_code == 428
    early = record(own_client, {**correction, "visited_at": "2025-12-31"}, seen=first["version"])
    assert early.json()["errors"][0]["pointer"] == "#/visited_at"
    second = record(own_client, correction, seen=first["version"]).json()
    late = record(own_client, {**correction, **UNPAID}, seen=first["version"])
    assert (late.status_code, late.json()["current"]["inspection_id"]) == (409, second["inspection_id"])
    assert late.json()["yours"]["outcome"] == "harm_found"
    table = read_database_tables(running.engine).inspections
    assert table[table["list_id"].notna()]["outcome"].tolist() == ["no_harm_found"]
    shown = own_client.get("/v1/inspections").json()["inspections"]
    assert [(visit["outcome"], visit["replaced_by"]) for visit in shown[:2]] == [
        ("no_harm_found", None),
        ("harm_found", second["inspection_id"]),
    ]


def test_a_visit_is_taken_back_within_ten_seconds_by_who_recorded_it(client_as: ClientAs, running: Running) -> None:
    ana, budi = client_as("inspector", "BP3MI-NTT"), client_as("inspector", "BP3MI-NTT")
    list_id = make(client_as("supervisor", "BP3MI-NTT"))["list_id"]
    before = row_of(ana, list_id, 1)
    address = f"/v1/inspections/{record(ana, {'list_id': list_id, 'rank': 1, **UNPAID}).json()['inspection_id']}"
    assert budi.delete(address).status_code == 403
    assert at(ana, NOW + timedelta(seconds=11)).delete(address).status_code == 409
    assert at(ana, NOW + timedelta(seconds=10)).delete(address).status_code == 204
    same = ("status", "inspection_id", "inspector", "reason_code")
    assert {name: row_of(ana, list_id, 1)[name] for name in same} == {name: before[name] for name in same}
    assert ana.delete(address).status_code == 404
    assert read_database_tables(running.engine).inspections["list_id"].isna().all()
    assert record(budi, {"list_id": list_id, "rank": 1, **NOTHING}, seen=3).status_code == 201


def test_taking_back_a_correction_lets_the_visit_count_again(own_client: TestClient, running: Running) -> None:
    told = {"list_id": make(own_client)["list_id"], "rank": 1}
    first = record(own_client, {**told, **UNPAID}).json()
    wrong = record(own_client, {"replaces": first["inspection_id"], **NOTHING, "outcome": "not_reached"}, seen=1).json()
    assert row_of(own_client, told["list_id"], 1)["status"] == "not_reached"
    assert own_client.delete(f"/v1/inspections/{wrong['inspection_id']}").status_code == 204
    row = row_of(own_client, told["list_id"], 1)
    assert (row["status"], row["inspection_id"]) == ("visited", first["inspection_id"])
    table = read_database_tables(running.engine).inspections
    assert table[table["list_id"].notna()]["outcome"].tolist() == ["harm_found"]


def test_who_was_reached_rests_and_is_followed_up_until_it_is_taken_back(
    own_client: TestClient, running: Running
) -> None:
    assert held(running, mandatory_cases.c.followed_up_by) == {None}
    recorded = record(own_client, {"placement_id": "0007", **NOTHING}).json()["inspection_id"]
    assert held(running, mandatory_cases.c.followed_up_by) == {recorded}
    assert "0007" in held(running, resting_placements.c.placement_id)
    assert recorded in held(running, recent_visits.c.inspection_id)
    following = make(own_client, capacity=3, seed=2)["rows"]
    assert all(row["grave_complaint"] is None for row in following)
    assert own_client.delete(f"/v1/inspections/{recorded}").status_code == 204
    assert held(running, mandatory_cases.c.followed_up_by) == {None}
    assert "0007" not in held(running, resting_placements.c.placement_id)
    assert held(running, recent_visits.c.inspection_id) == {None}
    assert make(own_client, capacity=3, seed=2)["rows"][0]["placement_id"] == "0007"


@pytest.mark.parametrize("outcome", ["not_reached", "deferred"])
def test_an_attempt_that_reached_nobody_teaches_nothing(own_client: TestClient, running: Running, outcome: str) -> None:
    record(own_client, {"placement_id": "0007", **NOTHING, "outcome": outcome})
    assert held(running, mandatory_cases.c.followed_up_by) == {None}
    assert "0007" not in held(running, resting_placements.c.placement_id)
    assert held(running, recent_visits.c.inspection_id) == {None}


def test_a_visit_outside_any_list_has_no_probability_and_stays_in_its_office(
    client_as: ClientAs, running: Running
) -> None:
    home, abroad = client_as("inspector", "BP3MI-NTT"), client_as("inspector", "KJRI-HONG-KONG")
    recorded = record(home, {"placement_id": "0003", **NOTHING})
    assert recorded.status_code == 201
    with running.engine.connect() as connection:
        told = connection.execute(
            select(inspections.c.arm, inspections.c.inclusion_probability, inspections.c.office).where(
                inspections.c.inspection_id == recorded.json()["inspection_id"]
            )
        ).one()
    assert told == ("outside_list", None, "BP3MI-NTT")
    assert record(abroad, {"placement_id": "0003", **NOTHING}).status_code == 404
    assert abroad.get("/v1/inspections").json()["inspections"] == []
    assert abroad.delete(f"/v1/inspections/{recorded.json()['inspection_id']}").status_code == 404
    of_other = record(abroad, {"replaces": recorded.json()["inspection_id"], **NOTHING}, seen=1)
    assert of_other.status_code == 404


def test_visits_continue_where_a_page_ended(own_client: TestClient) -> None:
    made = [record(own_client, {"placement_id": f"{n:04d}", **NOTHING}).json()["inspection_id"] for n in range(5)]
    seen: list[str] = []
    after = None
    while after is not None or not seen:
        page = own_client.get("/v1/inspections", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [visit["inspection_id"] for visit in page["inspections"]]
        after = page["next"]
    assert seen == [*reversed(made), "v1"]
