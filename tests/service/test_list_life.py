"""A list is drafted, issued, worked on and closed; what was drawn never changes and nothing leaves it silently."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from service.completion import decisions
from service.running import Running
from service.settings import Settings
from service.storage.engine import migrate
from service.storage.lists import find_head
from service.storage.row_states import read_life
from service.tables.happenings import inspections
from service.tables.keeping import audit_log
from service.tables.lists import list_probabilities, list_rows, lists, row_flags, row_states
from service.tables.people import users

ClientAs = Callable[..., TestClient]
HOME = {"capacity": 8, "office": "BP3MI-NTT", "seed": 5, "issue": True}
WHOLE = {"capacity": 61, "seed": 5, "issue": True}
VISITED_AT = "2026-01-10T03:00:00Z"
WHY_DEFER = {"until": "2026-02-01", "reason_code": "cuaca_transportasi"}
WHY_MISSED = {"reason_code": "tidak_di_tempat"}
WHY_HAND = {"office": "NAKERTRANS-NTT", "reason_code": "pindah_wilayah"}
WHY_RAISE = {"direction": "up", "reason_code": "informasi_baru"}
BODIES: dict[str, Any] = {
    "assign": {"inspector": "user:ana"},
    "accept": None,
    "hand-over": WHY_HAND,
    "defer": WHY_DEFER,
    "override": WHY_RAISE,
    "not-reached": WHY_MISSED,
    "undo": None,
}
REACHES = {
    "open": [],
    "accepted": ["accept"],
    "deferred": ["defer"],
    "not_reached": ["not-reached"],
    "visited": ["visit"],
}
"""What is done with a row until it stands there."""
STILL_TO_DO = ("open", "accepted", "deferred", "not_reached")
ALLOWED = {
    **{action: {*STILL_TO_DO} for action in ("assign", "hand-over", "defer", "override", "not-reached", "visit")},
    "accept": {"open", "deferred", "not_reached"},
}


def make(client: TestClient, **wanted: Any) -> dict[str, Any]:
    answer = client.post("/v1/priority-lists", json=wanted or HOME)
    assert answer.status_code == 201, answer.text
    return answer.json()


def version_of(client: TestClient, list_id: str, rank: int) -> int:
    return client.get(f"/v1/priority-lists/{list_id}/rows/{rank}").json()["row"]["version"]


def do(client: TestClient, list_id: str, rank: int, action: str, body: Any = None, *, seen: int | None = None) -> Any:
    """Do something with a row whose version the caller has just seen, unless another one is given."""
    tag = version_of(client, list_id, rank) if seen is None else seen
    headers = {"If-Match": f'"{tag}"'}
    if action == "visit":
        told = {"list_id": list_id, "rank": rank, "outcome": "no_harm_found", "visited_at": VISITED_AT}
        return client.post("/v1/inspections", json=told, headers=headers)
    address = f"/v1/priority-lists/{list_id}/rows/{rank}/{action}"
    return client.post(address, json=body or BODIES[action], headers=headers)


def close(client: TestClient, made: dict[str, Any], ranks: list[int], reason: str = "masa_daftar_habis") -> Any:
    version = client.get(f"/v1/priority-lists/{made['list_id']}").json()["version"]
    reasons = [{"rank": rank, "reason_code": reason} for rank in ranks]
    address = f"/v1/priority-lists/{made['list_id']}/close"
    return client.post(address, json={"reasons": reasons}, headers={"If-Match": f'"{version}"'})


@pytest.fixture(scope="module")
def listed(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> Iterator[tuple[TestClient, str]]:
    """A caller and an issued list, for tests after which nothing is recorded."""
    running = Running(make_settings(databases.new(copy_of=filled)))
    client = client_of(running)
    yield client, make(client)["list_id"]
    running.close()


def drawn(running: Running, list_id: str) -> list[Any]:
    """Everything that a list was drawn with."""
    queries = (
        select(lists).where(lists.c.list_id == list_id),
        select(list_rows).where(list_rows.c.list_id == list_id).order_by(list_rows.c.rank),
        select(list_probabilities)
        .where(list_probabilities.c.list_id == list_id)
        .order_by(list_probabilities.c.placement_id),
    )
    with running.engine.connect() as connection:
        return [connection.execute(query).all() for query in queries]


def add_staff(running: Running, user_id: str, office: str | None = None, **more: Any) -> None:
    row = {
        "user_id": user_id,
        "login": user_id,
        "role": "inspector" if office else "national",
        "office": office,
        "active": True,
        "created_at": datetime(2026, 1, 1),
        "version": 1,
        **more,
    }
    with running.engine.begin() as connection:
        connection.execute(insert(users), row)


def test_every_action_is_allowed_where_the_table_says_so_and_else_names_the_repair(
    own_client: TestClient, running: Running
) -> None:
    add_staff(running, "ana")
    made = make(own_client, **WHOLE)
    ranks = iter(row["rank"] for row in made["rows"] if row["stage"] == "before")
    ranks_abroad = iter(row["rank"] for row in made["rows"] if row["stage"] == "during")
    for action, allowed in ALLOWED.items():
        for status, steps in REACHES.items():
            rank = next(ranks if action == "hand-over" else ranks_abroad)
            for step in steps:
                assert do(own_client, made["list_id"], rank, step).status_code in (200, 201)
            answer = do(own_client, made["list_id"], rank, action)
            found = own_client.get(f"/v1/priority-lists/{made['list_id']}/rows/{rank}").json()["row"]
            if status in allowed:
                assert answer.status_code in (200, 201), (action, status, answer.text)
                assert found["version"] == len(steps) + 2
            else:
                assert answer.status_code == 409, (action, status)
                assert answer.json()["detail"]
                assert (found["status"], found["version"]) == (status, len(steps) + 1)


def test_a_draft_is_not_worked_on_until_it_is_issued_and_a_closed_list_no_more(own_client: TestClient) -> None:
    made = make(own_client, **{**HOME, "issue": False})
    assert (made["state"], made["issued_at"]) == ("draft", None)
    refused = do(own_client, made["list_id"], 1, "accept")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "list_is_draft")
    assert "/issue" in refused.json()["detail"]
    address = f"/v1/priority-lists/{made['list_id']}/issue"
    first, second = own_client.post(address).json(), own_client.post(address).json()
    assert (first["state"], first["version"]) == (second["state"], second["version"]) == ("issued", 2)
    assert do(own_client, made["list_id"], 1, "accept").status_code == 200
    assert own_client.get(f"/v1/priority-lists/{made['list_id']}").json()["state"] == "in_progress"
    assert close(own_client, made, [row["rank"] for row in made["rows"]]).json()["state"] == "closed"
    refused = do(own_client, made["list_id"], 1, "override")
    assert refused.json()["type"].rpartition(":")[2] == "list_is_closed"
    assert close(own_client, made, []).status_code == 409


def test_a_new_list_takes_the_place_of_the_old_one_whose_rows_stay_to_be_done(own_client: TestClient) -> None:
    old = make(own_client)
    other_unit = make(own_client, **{**HOME, "unit": "agency"})
    draft = make(own_client, **{**HOME, "seed": 6, "issue": False})

    def superseded_by(made: dict[str, Any]) -> str | None:
        return own_client.get(f"/v1/priority-lists/{made['list_id']}").json()["superseded_by"]

    assert superseded_by(old) is None
    new = own_client.post(f"/v1/priority-lists/{draft['list_id']}/issue").json()
    assert [superseded_by(made) for made in (old, other_unit, new)] == [new["list_id"], None, None]
    assert do(own_client, old["list_id"], 1, "accept").status_code == 200


def test_a_change_names_the_version_that_was_seen(own_client: TestClient) -> None:
    list_id = make(own_client)["list_id"]
    address = f"/v1/priority-lists/{list_id}/rows/1/override"
    assert own_client.post(address, json=WHY_RAISE).status_code == 428
    done = own_client.post(address, json=WHY_RAISE, headers={"If-Match": '"1"'})
    assert done.headers["ETag"] == '"2"'
    late = own_client.post(address, json=WHY_RAISE, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert "2" in late.json()["detail"]


def test_a_row_that_is_handed_over_is_seen_by_both_offices_and_done_by_the_new_one(client_as: ClientAs) -> None:
    home, other = client_as("inspector", "BP3MI-NTT"), client_as("inspector", "NAKERTRANS-NTT")
    stranger = client_as("inspector", "KJRI-HONG-KONG")
    made = make(client_as("national"))
    address = f"/v1/priority-lists/{made['list_id']}"
    assert other.get(address).status_code == 404
    assert do(home, made["list_id"], 3, "hand-over").status_code == 200
    seen = other.get(address).json()["rows"]
    assert [row["rank"] for row in seen] == [3]
    assert [head["list_id"] for head in other.get("/v1/priority-lists").json()["lists"]] == [made["list_id"]]
    gone = [(row["office"], row["handed_over"]) for row in home.get(address).json()["rows"]]
    assert gone.count(("NAKERTRANS-NTT", True)) == 1
    assert len(gone) == len(made["rows"])
    refused = do(home, made["list_id"], 3, "accept")
    assert (refused.status_code, "NAKERTRANS-NTT" in refused.json()["detail"]) == (409, True)
    assert do(other, made["list_id"], 3, "accept").status_code == 200
    assert other.get(f"{address}/rows/1").status_code == 404
    for path in (address, f"{address}/rows/3"):
        assert stranger.get(path).status_code == 404


def test_a_row_goes_only_to_an_office_that_may_act_on_it(own_client: TestClient) -> None:
    list_id = make(own_client)["list_id"]
    abroad = do(own_client, list_id, 1, "hand-over", {**WHY_HAND, "office": "KJRI-HONG-KONG"})
    assert abroad.status_code == 422
    assert "bp3mi" in abroad.json()["errors"][0]["detail"]
    unknown = do(own_client, list_id, 1, "hand-over", {**WHY_HAND, "office": "BP3MI-NTB"})
    assert "BP3MI-NTT" in unknown.json()["errors"][0]["detail"]
    assert do(own_client, list_id, 1, "hand-over", {**WHY_HAND, "office": "BP3MI-NTT"}).status_code == 409


def test_a_supervisor_gives_rows_to_staff_of_the_office_and_is_warned_of_too_many(
    client_as: ClientAs, running: Running
) -> None:
    add_staff(running, "ana", "BP3MI-NTT", monthly_visits=1)
    add_staff(running, "budi", "LTSA-NTT")
    add_staff(running, "cici", "BP3MI-NTT", active=False)
    supervisor, inspector = client_as("supervisor", "BP3MI-NTT"), client_as("inspector", "BP3MI-NTT")
    list_id = make(supervisor)["list_id"]
    given = [do(supervisor, list_id, rank, "assign") for rank in (1, 2)]
    assert [answer.json()["inspector"] for answer in given] == ["user:ana", "user:ana"]
    assert [[warning["code"] for warning in answer.json()["warnings"]] for answer in given] == [[], ["over_capacity"]]
    for elsewhere in ("budi", "cici", "nobody"):
        assert do(supervisor, list_id, 3, "assign", {"inspector": elsewhere}).status_code == 422
    assert do(inspector, list_id, 3, "assign").status_code == 403


def test_an_inspector_raises_and_lowers_by_judgement_while_rank_and_arm_stay(
    client_as: ClientAs, running: Running
) -> None:
    inspector = client_as("inspector", "BP3MI-NTT")
    made = make(client_as("supervisor", "BP3MI-NTT"))
    before = drawn(running, made["list_id"])
    assert do(inspector, made["list_id"], 2, "override").json()["priority"] == "raised"
    lowered = do(inspector, made["list_id"], 2, "override", {"direction": "down", "reason_code": "sudah_ditangani"})
    assert lowered.json()["priority"] == "lowered"
    assert drawn(running, made["list_id"]) == before
    told = inspector.get(f"/v1/priority-lists/{made['list_id']}/rows/2").json()["actions"]
    assert [(action["action"], action["reason_code"]) for action in told] == [
        ("override", "informasi_baru"),
        ("override", "sudah_ditangani"),
    ]


@pytest.mark.parametrize(
    ("action", "body", "pointer", "said"),
    [
        ("defer", {**WHY_DEFER, "until": "2026-01-11"}, "#/until", "after 2026-01-11"),
        ("defer", {**WHY_DEFER, "reason_code": "cuaca"}, "#/reason_code", "cuaca_transportasi"),
        ("defer", {"until": "2026-02-01"}, "#/reason_code", "is required"),
        ("defer", {**WHY_DEFER, "reason_code": "lainnya"}, "#", "needs a note"),
        ("not-reached", {"reason_code": "sudah_pulang"}, "#/reason_code", "not a known code"),
        ("override", {"direction": "down", "reason_code": "kondisi_mendesak"}, "#", "for this direction"),
        ("override", {**WHY_RAISE, "note": "hubungi 0812-3456-7890"}, "#/note", "identifying number"),
    ],
)
def test_a_reason_that_does_not_fit_is_refused_with_its_repair(
    listed: tuple[TestClient, str], action: str, body: dict[str, Any], pointer: str, said: str
) -> None:
    client, list_id = listed
    answer = do(client, list_id, 1, action, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert said in answer.json()["errors"][0]["detail"]


def test_a_list_closes_only_with_a_reason_for_each_row_not_visited_and_keeps_them_for_estimates(
    own_client: TestClient, running: Running
) -> None:
    made = make(own_client)
    done = {1: "visit", 2: "defer", 3: "not-reached", 4: "accept"}
    for rank, action in done.items():
        assert do(own_client, made["list_id"], rank, action).status_code in (200, 201)
    ranks = [row["rank"] for row in made["rows"]]
    refused = close(own_client, made, ranks[5:])
    assert (refused.status_code, refused.json()["rows"]) == (409, [4, 5])
    assert close(own_client, made, [1, *ranks[3:]]).json()["rows"] == [1]
    assert close(own_client, made, ranks[3:]).status_code == 200
    with running.engine.connect() as connection:
        told = connection.execute(select(inspections).where(inspections.c.list_id == made["list_id"])).mappings().all()
        rows = {row["rank"]: row for row in connection.execute(select(list_rows)).mappings()}
    assert sorted(visit["rank"] for visit in told) == ranks
    assert {visit["outcome"] for visit in told if visit["rank"] > 3} == {"deferred"}
    for visit in told:
        row = rows[visit["rank"]]
        assert (visit["arm"], visit["inclusion_probability"]) == (row["arm"], row["inclusion_probability"])
    statuses = {row["status"] for row in own_client.get(f"/v1/priority-lists/{made['list_id']}").json()["rows"]}
    assert statuses == {"visited", "deferred", "not_reached", "dropped"}


def test_completion_by_arm_and_stratum_adds_up_and_stays_from_those_who_visit(client_as: ClientAs) -> None:
    made = make(client_as("national"), **WHOLE)
    national, analyst = client_as("national"), client_as("analyst")
    for rank, action in {1: "visit", 2: "accept", 3: "defer", 4: "accept"}.items():
        do(national, made["list_id"], rank, action)
    do(national, made["list_id"], 4, "override")
    told = analyst.get(f"/v1/priority-lists/{made['list_id']}/completion").json()
    for parts in (told["by_arm"], told["by_stratum"]):
        assert sum(part["rows"] for part in parts) == 61
        assert [sum(part[name] for part in parts) for name in ("visited", "deferred", "waiting")] == [1, 1, 59]
        assert all(part["completed"] == part["visited"] / part["rows"] for part in parts)
    assert told["decisions"] | {"hours_to_accept": None} == {
        "decided": 3,
        "accepted_untouched": 1,
        "untouched_share": pytest.approx(1 / 3),
        "untouched_alarm": False,
        "raised": 1,
        "lowered": 0,
        "handed_over": 0,
        "hours_to_accept": None,
    }
    assert (
        client_as("inspector", "BP3MI-NTT").get(f"/v1/priority-lists/{made['list_id']}/completion").status_code == 403
    )


@pytest.mark.parametrize(("touched", "rows", "alarm"), [(0, 20, True), (0, 19, False), (1, 20, False), (1, 40, True)])
def test_an_alarm_says_that_nearly_everything_is_accepted_untouched(touched: int, rows: int, alarm: bool) -> None:
    issued = datetime(2026, 1, 1)
    accepted = [
        {"rank": rank, "action": "accept", "at": issued + timedelta(hours=rank), "detail": {}}
        for rank in range(1, rows + 1)
    ]
    raised = [
        {"rank": rank, "action": "override", "at": issued, "detail": {"direction": "up"}}
        for rank in range(1, touched + 1)
    ]
    found = decisions([*accepted, *raised], issued_at=issued)
    assert (found.untouched_alarm, found.decided) == (alarm, rows)
    assert found.hours_to_accept == (rows + 1) / 2


def test_the_database_itself_refuses_to_alter_what_was_drawn(own_client: TestClient, running: Running) -> None:
    list_id = make(own_client)["list_id"]
    before = drawn(running, list_id)
    changes = [
        update(list_rows).values(arm="random"),
        update(list_rows).values(inclusion_probability=0.5),
        update(list_probabilities).values(inclusion_probability=0.5),
        update(lists).values(seed=1),
        delete(list_probabilities),
        text("DELETE FROM list_rows"),
    ]
    for change in changes:
        with pytest.raises(DBAPIError, match="never changed"), running.engine.begin() as connection:
            connection.execute(change)
    assert drawn(running, list_id) == before


def test_lists_from_before_they_had_a_life_count_as_issued(
    databases: Any, make_settings: Callable[..., Settings]
) -> None:
    running = Running(make_settings(databases.new()))
    migrate(running.engine, "0002")
    with running.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO lists VALUES ('old', '2025-12-01 08:00:00', '2025-12-01 00:00:00', 'BP3MI-NTT', "
                "'placement', 1, 5, 0.05, 0.15, 9, 'placement-risk-1', 'scorecard', 'simulated', '[]', '[]')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO list_rows (list_id, rank, unit_id, placements, arm, inclusion_probability, band, "
                "supported, reasons) VALUES ('old', 1, '0001', 1, 'risk', 1.0, 'high', :supported, '[]')"
            ),
            {"supported": True},
        )
    migrate(running.engine)
    with running.engine.connect() as connection:
        life = read_life(connection, "old")
        head = find_head(connection, "old", None)
    running.close()
    assert head is not None
    assert (head["state"], head["issued_at"]) == ("issued", datetime(2025, 12, 1, 8))
    assert [(state["status"], state["office"]) for state in life.states.values()] == [("open", "BP3MI-NTT")]


STEPS = st.lists(st.tuples(st.sampled_from([*ALLOWED, "undo", "close"]), st.integers(1, 6)), min_size=4, max_size=14)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_whatever_people_do_no_row_leaves_silently_and_nothing_drawn_changes(
    own_client: TestClient, running: Running, steps: list[tuple[str, int]]
) -> None:
    if not own_client.get("/v1/priority-lists").json()["lists"]:
        add_staff(running, "ana")
    made = make(own_client, **{**HOME, "seed": abs(hash(tuple(steps))) % 2**31, "capacity": 6})
    list_id, before = made["list_id"], drawn(running, made["list_id"])
    for action, rank in steps:
        answer = close(own_client, made, []) if action == "close" else do(own_client, list_id, rank, action)
        assert answer.status_code in (200, 201, 409), answer.text
    found = own_client.get(f"/v1/priority-lists/{list_id}").json()
    assert [row["rank"] for row in found["rows"]] == [row["rank"] for row in made["rows"]]
    assert drawn(running, list_id) == before
    with running.engine.connect() as connection:
        stands = connection.execute(select(row_states).where(row_states.c.list_id == list_id)).mappings().all()
        told = set(connection.execute(select(inspections.c.inspection_id)).scalars())
    for state in stands:
        recorded = state["inspection_id"] in told
        assert recorded or state["status"] in ("open", "accepted"), "an end without a visit or a reason"
        assert state["status"] != "dropped" or state["reason_code"]
    waiting = sorted(state["rank"] for state in stands if state["status"] in ("open", "accepted"))
    assert found["state"] != "closed" or not waiting


def test_flags_stand_beside_a_row_newest_first(own_client: TestClient, running: Running) -> None:
    list_id = make(own_client)["list_id"]
    at = datetime(2026, 1, 11, 9)
    with running.engine.begin() as connection:
        for hour, kind in enumerate(("complaint", "band_changed")):
            row = {"list_id": list_id, "rank": 2, "kind": kind, "at": at + timedelta(hours=hour), "detail": {}}
            connection.execute(insert(row_flags), row)
    rows = own_client.get(f"/v1/priority-lists/{list_id}").json()["rows"]
    assert [[flag["kind"] for flag in row["flags"]] for row in rows[:3]] == [[], ["band_changed", "complaint"], []]


def test_rows_say_where_to_go_and_which_trip_serves_them(own_client: TestClient) -> None:
    rows = make(own_client, **{**HOME, "capacity": 20})["rows"]
    trips: dict[int, set[str]] = {}
    for row in rows:
        trips.setdefault(row["trip"], set()).add(row["origin"])
        assert [place["code"] for place in row["places"]] == ["53", row["origin"]]
    assert all(len(origins) == 1 for origins in trips.values())
    assert list(trips) == list(range(1, len(trips) + 1)), "numbered by their best row"
    assert rows[0]["places"][1]["label_en"] in ("East Sumba Regency", "Southwest Sumba Regency")
    abroad = make(own_client, capacity=30, office="KBRI-KUALA-LUMPUR", seed=1)["rows"]
    assert {row["trip"] for row in abroad} == {1}


def test_an_analyst_gets_arms_and_probabilities_but_nobody(client_as: ClientAs) -> None:
    made = make(client_as("national"))
    row = client_as("analyst").get(f"/v1/priority-lists/{made['list_id']}?fields=design").json()["rows"][0]
    assert 0 < row["inclusion_probability"] <= 1
    assert {row[name] for name in ("placement_id", "unit_id", "agency_id", "employer_ref", "source_link")} == {None}


def test_every_reading_and_every_decision_is_in_the_audit_log(client_as: ClientAs, running: Running) -> None:
    supervisor = client_as("supervisor", "BP3MI-NTT")
    list_id = make(supervisor)["list_id"]
    supervisor.get(f"/v1/priority-lists/{list_id}?format=xlsx")
    do(supervisor, list_id, 1, "accept")
    do(supervisor, list_id, 1, "visit")
    with running.engine.connect() as connection:
        told = connection.execute(select(audit_log.c.action, audit_log.c.object).order_by(audit_log.c.seq)).all()
    assert [action for action, _ in told] == [
        "list.draw",
        "list.issue",
        "list.read",
        "row.read",
        "row.accept",
        "row.read",
        "visit.record",
    ]
    assert told[2].object == list_id
    assert told[4].object == f"{list_id}/1"
