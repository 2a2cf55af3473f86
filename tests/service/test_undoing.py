"""What somebody did with a row is taken back within seconds, by them alone, and the row stands exactly as before."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from risk_model.data.database import read_database_tables
from service.retention import retention
from service.running import Running, utc_now
from service.tables.keeping import audit_log
from tests.service.conftest import NOW
from tests.service.test_list_life import (
    BODIES,
    HOME,
    WHY_DEFER,
    WHY_HAND,
    WHY_MISSED,
    WHY_RAISE,
    add_staff,
    close,
    do,
    make,
    version_of,
)

ClientAs = Callable[..., TestClient]
OFFICE, OTHER, THIRD = "BP3MI-NTT", "NAKERTRANS-NTT", "LTSA-NTT"
RAISED, LOWERED = WHY_RAISE["reason_code"], "sudah_ditangani"
SECOND, YEARS = timedelta(seconds=1), timedelta(days=3 * 365)
MOVES = ("version", "updated_at", "warnings")
"""What an undo moves on, and what is said of an answer alone."""
NOTED = {**WHY_DEFER, "note": "jembatan putus"}
BEFORE: dict[str, list[tuple[str, Any]]] = {
    "an open row": [],
    "a raised row of somebody": [("override", WHY_RAISE), ("assign", {"inspector": "budi"})],
    "a deferred row with a note": [("defer", NOTED)],
    "a row of another office": [("hand-over", {**WHY_HAND, "note": "di wilayahnya"})],
}
"""What was done with a row before the deed that is taken back."""
DEEDS: dict[str, Any] = {
    **{deed: body for deed, body in BODIES.items() if deed != "undo"},
    "hand-over": {**WHY_HAND, "office": THIRD},
    "override": {"direction": "down", "reason_code": LOWERED, "note": "lihat berkas"},
    "visit": None,
}


def at(client: TestClient, moment: Any) -> TestClient:
    """The same caller, at another time."""
    client.app.dependency_overrides[utc_now] = lambda: moment  # type: ignore[attr-defined]
    return client


def row_of(client: TestClient, list_id: str, rank: int = 1) -> dict[str, Any]:
    return client.get(f"/v1/priority-lists/{list_id}/rows/{rank}").json()


def stands(client: TestClient, list_id: str, rank: int = 1) -> dict[str, Any]:
    return {name: value for name, value in row_of(client, list_id, rank)["row"].items() if name not in MOVES}


def undo(client: TestClient, list_id: str, rank: int = 1, *, seen: int | None = None) -> Any:
    """Take back what was done last with a row whose version the caller has just seen, unless one is given."""
    return do(client, list_id, rank, "undo", seen=seen)


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_row_stands_after_the_undo_exactly_as_before_the_deed(
    client_as: ClientAs, running: Running, deed: str, before: str
) -> None:
    for name in ("ana", "budi"):
        add_staff(running, name)
    mine, others = client_as("national"), client_as("national")
    list_id = make(mine)["list_id"]
    for action, body in BEFORE[before]:
        assert do(others, list_id, 1, action, body).status_code == 200
    row, actions = stands(mine, list_id), row_of(mine, list_id)["actions"]
    done = do(mine, list_id, 1, deed, DEEDS[deed])
    assert done.status_code in (200, 201), done.text
    assert stands(mine, list_id) != row
    seen = version_of(mine, list_id, 1)
    answer = undo(mine, list_id)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"{seen + 1}"'
    assert stands(mine, list_id) == row
    told = row_of(mine, list_id)["actions"]
    assert told[:-2] == actions, "nothing of the history is deleted"
    assert [action["action"] for action in told[-2:]] == [deed.replace("-", "_"), "undo"]
    assert told[-1]["detail"]["undone"] == told[-2]["action"]


@pytest.mark.parametrize(("deed", "body"), [("defer", WHY_DEFER), ("not-reached", WHY_MISSED), ("visit", None)])
def test_what_was_recorded_as_a_visit_counts_no_more(
    own_client: TestClient, running: Running, deed: str, body: Any
) -> None:
    list_id = make(own_client)["list_id"]
    counted = own_client.get(f"/v1/priority-lists/{list_id}/completion").json()["by_arm"]
    assert do(own_client, list_id, 1, deed, body).status_code in (200, 201)
    assert len(own_client.get("/v1/inspections").json()["inspections"]) == 2
    assert undo(own_client, list_id).status_code == 200
    newest = own_client.get("/v1/inspections").json()["inspections"][0]
    assert newest["replaced_by"] == "undone"
    assert read_database_tables(running.engine).inspections["list_id"].isna().all()
    assert own_client.get(f"/v1/priority-lists/{list_id}/completion").json()["by_arm"] == counted
    assert own_client.delete(f"/v1/inspections/{newest['inspection_id']}").status_code == 404


def test_what_was_taken_back_is_no_decision_but_what_stood_before_it_is(client_as: ClientAs) -> None:
    national, supervisor = client_as("national"), client_as("supervisor", OFFICE)
    list_id = make(national)["list_id"]
    do(national, list_id, 1, "override", WHY_RAISE)
    for rank, deed in ((1, "override"), (2, "accept"), (3, "hand-over"), (4, "defer")):
        do(national, list_id, rank, deed, DEEDS[deed])
        assert undo(national, list_id, rank).status_code == 200
    decisions = national.get(f"/v1/priority-lists/{list_id}/completion").json()["decisions"]
    names = ("decided", "raised", "lowered", "handed_over", "accepted_untouched")
    assert [decisions[name] for name in names] == [1, 1, 0, 0, 0]
    rows = f"/supervision/rows?months=24&list_id={list_id}&reason="
    given = {code: f"{list_id}</a> #1" in supervisor.get(f"{rows}{code}").text for code in (RAISED, LOWERED)}
    assert given == {RAISED: True, LOWERED: False}, "the reason that stands is the one before"


def test_only_who_did_it_takes_it_back_only_for_seconds_and_only_once(client_as: ClientAs) -> None:
    ana, budi = client_as("inspector", OFFICE), client_as("supervisor", OFFICE)
    list_id = make(budi)["list_id"]
    assert problem(undo(ana, list_id)) == (409, "nothing_to_undo")
    do(ana, list_id, 1, "override")
    refused = undo(budi, list_id)
    assert problem(refused) == (403, "not_your_deed")
    assert "change row 1 anew" in refused.json()["detail"]
    in_words = ana.post(
        f"/v1/priority-lists/{list_id}/rows/1/undo",
        headers={"If-Match": '"2"', "Accept-Language": "id"},
    )
    assert in_words.status_code == 200
    assert problem(undo(ana, list_id)) == (409, "nothing_to_undo")
    do(ana, list_id, 2, "override")
    assert problem(undo(at(ana, NOW + 10.001 * SECOND), list_id, 2)) == (409, "deed_too_late_to_undo")
    assert undo(at(ana, NOW + 10 * SECOND), list_id, 2).status_code == 200


def test_a_problem_is_said_in_both_languages(client_as: ClientAs) -> None:
    supervisor = client_as("supervisor", OFFICE)
    list_id = make(supervisor)["list_id"]
    said = [
        supervisor.post(
            f"/v1/priority-lists/{list_id}/rows/1/undo", headers={"If-Match": '"1"', "Accept-Language": language}
        ).json()["title"]
        for language in ("id", "en")
    ]
    assert said == ["Tidak ada yang dapat dibatalkan", "Nothing to take back"]


def test_an_undo_names_the_version_that_was_seen(own_client: TestClient) -> None:
    list_id = make(own_client)["list_id"]
    do(own_client, list_id, 1, "accept")
    assert own_client.post(f"/v1/priority-lists/{list_id}/rows/1/undo").status_code == 428
    assert undo(own_client, list_id, seen=1).status_code == 412
    assert undo(own_client, list_id, seen=2).status_code == 200


def test_nothing_is_taken_back_once_something_was_done_since(client_as: ClientAs) -> None:
    ana, budi = client_as("inspector", OFFICE), client_as("supervisor", OFFICE)
    list_id = make(budi)["list_id"]
    do(ana, list_id, 1, "accept")
    do(budi, list_id, 1, "override")
    assert problem(undo(ana, list_id)) == (409, "done_since")
    do(ana, list_id, 2, "not-reached")
    attempt = row_of(ana, list_id, 2)["row"]["inspection_id"]
    do(budi, list_id, 2, "override")
    assert problem(ana.delete(f"/v1/inspections/{attempt}")) == (409, "done_since")
    assert stands(ana, list_id, 2)["priority"] == "raised"


def test_nothing_is_taken_back_on_a_closed_list(own_client: TestClient) -> None:
    made = make(own_client)
    do(own_client, made["list_id"], 1, "not-reached")
    assert close(own_client, made, [row["rank"] for row in made["rows"][1:]]).status_code == 200
    assert problem(undo(own_client, made["list_id"])) == (409, "list_is_closed")
    assert problem(undo(own_client, made["list_id"], 2)) == (409, "list_is_closed")


def test_a_row_that_was_handed_over_comes_back_until_the_other_office_acts(client_as: ClientAs) -> None:
    home, other = client_as("inspector", OFFICE), client_as("inspector", OTHER)
    list_id = make(client_as("national"))["list_id"]
    row = stands(home, list_id)
    assert do(home, list_id, 1, "hand-over").status_code == 200
    assert problem(undo(other, list_id)) == (403, "not_your_deed")
    assert undo(home, list_id).status_code == 200
    assert stands(home, list_id) == row
    assert other.get(f"/v1/priority-lists/{list_id}/rows/1").status_code == 404
    assert do(home, list_id, 1, "hand-over").status_code == 200
    assert do(other, list_id, 1, "accept").status_code == 200
    assert problem(undo(home, list_id)) == (409, "done_since")


def test_who_hands_a_row_on_and_sees_it_no_more_can_take_it_back_too(client_as: ClientAs) -> None:
    home, other, third = (client_as("inspector", office) for office in (OFFICE, OTHER, THIRD))
    stranger = client_as("inspector", OTHER)
    list_id = make(client_as("national"))["list_id"]
    do(home, list_id, 1, "hand-over")
    row = stands(other, list_id)
    passed_on = do(other, list_id, 1, "hand-over", {**WHY_HAND, "office": THIRD})
    assert passed_on.status_code == 200
    assert other.get(f"/v1/priority-lists/{list_id}/rows/1").status_code == 404
    pages = [client.get(f"/lists/{list_id}/rows/1") for client in (other, stranger)]
    assert [page.status_code for page in pages] == [200, 404]
    assert "Dapat dibatalkan" in pages[0].text
    assert problem(undo(stranger, list_id, seen=3)) == (404, "no_such_list"), "a colleague did not do it"
    assert undo(other, list_id, seen=3).status_code == 200
    assert stands(other, list_id) == row
    assert do(other, list_id, 1, "hand-over", {**WHY_HAND, "office": THIRD}).status_code == 200
    assert do(third, list_id, 1, "accept").status_code == 200
    assert problem(undo(other, list_id, seen=5)) == (409, "done_since")
    late = undo(at(other, NOW + 11 * SECOND), list_id, seen=5)
    assert problem(late) == (409, "deed_too_late_to_undo"), "later nobody learns what the other office did"
    assert other.get(f"/lists/{list_id}/rows/1").status_code == 404


def test_a_note_that_is_kept_for_an_undo_is_dropped_with_the_note_itself(
    own_client: TestClient, running: Running
) -> None:
    list_id = make(own_client)["list_id"]
    do(own_client, list_id, 1, "defer", NOTED)
    do(own_client, list_id, 1, "override")
    kept = row_of(own_client, list_id)["actions"][1]["detail"]["before"]
    assert kept["note"] == NOTED["note"]
    by = ("user:local", "local")
    counted = [retention(running, NOW + YEARS, apply=apply, by=by)["notes"] for apply in (False, True, False)]
    assert counted == [4, 4, 0], "of the visit, of the row, of the deed, and of the deed after it"
    told = row_of(own_client, list_id)
    assert NOTED["note"] not in str(told), "nowhere in the history"
    assert told["actions"][1]["detail"]["before"] == {**kept, "note": None}


def test_the_audit_log_says_what_was_taken_back_and_holds_no_note(own_client: TestClient, running: Running) -> None:
    list_id = make(own_client, **HOME)["list_id"]
    do(own_client, list_id, 1, "defer", NOTED)
    undo(own_client, list_id)
    with running.engine.connect() as connection:
        query = select(audit_log).where(audit_log.c.action.in_(["row.defer", "row.undo"])).order_by(audit_log.c.seq)
        defer, taken_back = (dict(row) for row in connection.execute(query).mappings())
    assert (taken_back["object"], taken_back["who"]) == (f"{list_id}/1", defer["who"])
    assert json.loads(taken_back["detail"]) == {"undone": "defer", "inspection_id": f"{list_id}-1-2"}
    assert NOTED["note"] not in str(defer) + str(taken_back)
