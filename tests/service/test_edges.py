"""What lies at the edge of calendars, numbers and alphabets is answered with its repair, on both databases."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

ClientAs = Callable[..., TestClient]

STREAM = {"Accept": "text/event-stream"}
PLACEMENT = {
    "placement_id": "TEPI-1",
    "origin": "53.11",
    "destination": "HKG",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
}
VISIT = {"placement_id": "0005", "outcome": "no_harm_found"}


def event(**changed: Any) -> dict[str, Any]:
    told = {"specversion": "1.0", "id": "1", "source": "/tepi", "type": "contact", "subject": "0005"}
    return {**told, "time": "2026-01-05T00:00:00Z", **changed}


def repairs(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error.get("pointer") or error["parameter"]: error["detail"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("sent", ["\xb2", "9" * 30, "2147483648", "-1", "abc"])
def test_a_stream_goes_on_only_where_one_can_have_stopped(client_as: ClientAs, sent: str) -> None:
    headers = {**STREAM, "Last-Event-ID": sent.encode("latin-1")}
    assert "last-event-id" in repairs(client_as("national").get("/v1/changes?seconds=0", headers=headers))


@pytest.mark.parametrize(("after", "status"), [("2147483647", 200), ("2147483648", 422), ("9007199254740992", 422)])
def test_changes_are_read_up_to_the_largest_number_there_can_be(client: TestClient, after: str, status: int) -> None:
    assert client.get(f"/v1/changes?after={after}").status_code == status


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/scores/batch"])
@pytest.mark.parametrize("as_of", ["9999-12-31", "2101-01-01"])
def test_a_score_is_of_a_day_that_can_be_followed_by_another(client: TestClient, path: str, as_of: str) -> None:
    body = PLACEMENT if path == "/v1/scores" else [PLACEMENT]
    assert repairs(client.post(f"{path}?as_of={as_of}", json=body))["as_of"] == "as_of must be 2100-12-31 or earlier"
    assert client.post(f"{path}?as_of=2100-12-31", json=body).status_code == 200


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-12:00"])
def test_an_instant_that_no_clock_in_utc_shows_is_named(client_as: ClientAs, time: str) -> None:
    told = client_as("placement_system").post("/v1/events", json=event(time=time))
    assert "like 2026-03-31T08:00:00Z" in repairs(told)["#/time"]
    visited = client_as("national").post("/v1/inspections", json={**VISIT, "visited_at": time})
    assert "like 2026-03-31T08:00:00Z" in repairs(visited)["#/visited_at"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/receipts/%00",
        "/v1/priority-lists/%00",
        "/v1/priority-lists/a%00b/rows/1",
        "/v1/priority-lists?after=%00",
        "/v1/priority-lists?office=a%00",
        "/v1/placements/%00",
    ],
)
def test_an_address_with_a_sign_that_no_text_can_hold_is_refused(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:placement-risk:problem:nul_in_address")


@pytest.mark.parametrize("path", ["/v1/users/%00", "/v1/users?after=%00", "/v1/keys?after=%00"])
def test_nor_does_an_administrator_find_anybody_by_it(client_as: ClientAs, path: str) -> None:
    assert client_as("admin").get(path).status_code == 422


@pytest.mark.parametrize("path", ["/v1/users/Siti%20Rambu", "/v1/keys/Siti%20Rambu"])
def test_what_is_like_no_id_is_not_repeated(client_as: ClientAs, path: str) -> None:
    method = "GET" if "users" in path else "DELETE"
    answer = client_as("admin").request(method, path)
    assert answer.status_code == 404
    assert "Rambu" not in answer.text


def test_a_note_and_a_login_hold_no_sign_that_a_database_cannot_keep(client_as: ClientAs) -> None:
    client = client_as("national")
    visit = {**VISIT, "visited_at": "2026-01-05", "note": "a\0b"}
    assert "not allowed" in repairs(client.post("/v1/inspections", json=visit))["#/note"]
    sent = {"login": "a\0b", "password": "contoh-bukan-sandi"}
    assert "not allowed" in repairs(client.post("/v1/sessions", json=sent))["#/login"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_events_of_another_kind_are_refused_with_the_kinds_there_are(client_as: ClientAs, kind: str) -> None:
    system = client_as("placement_system")
    answer = system.post("/v1/events", json=event(), headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert "application/cloudevents+json" in answer.json()["detail"]
    assert system.post("/v1/events", json=event()).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("path", "body", "where", "says"),
    [
        ("/v1/events", [], "#", "body harus memuat sedikitnya 1"),
        ("/v1/events", None, "#", "body harus objek JSON"),
        ("/v1/events", event(time=1), "#/time", "time harus waktu dengan zona seperti 2026-03-31T08:00:00Z"),
        (
            "/v1/scores",
            {**PLACEMENT, "departed_on": 1},
            "#/departed_on",
            "departed_on harus tanggal seperti 2026-03-31",
        ),
        ("/v1/scores", {**PLACEMENT, "agency_id": "\ud800"}, "#/agency_id", "agency_id mengandung huruf yang bukan"),
        ("/v1/scores?as_of=1.5", PLACEMENT, "as_of", "as_of harus tanggal seperti 2026-03-31"),
        ("/v1/scores?as_of=2026-13-01", PLACEMENT, "as_of", "as_of harus tanggal seperti 2026-03-31"),
        ("/v1/scores", {**PLACEMENT, "sex": "F"}, "#/sex", "sex adalah ciri pribadi"),
    ],
)
def test_whoever_reads_indonesian_reads_no_english_repair(
    client_as: ClientAs, path: str, body: Any, where: str, says: str
) -> None:
    headers = {"Accept-Language": "id", "Content-Type": "application/json"}
    answer = client_as("placement_system").post(path, content=json.dumps(body), headers=headers)
    assert repairs(answer)[where].startswith(says)
    assert "(Input" not in answer.text


def test_an_address_with_one_stroke_too_many_is_none_and_leads_nowhere(client: TestClient) -> None:
    answer = client.post("/v1/scores/", json=PLACEMENT, headers={"Host": "elsewhere.test"}, follow_redirects=False)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:placement-risk:problem:no_such_address")
    assert "location" not in answer.headers


def test_a_line_that_is_too_long_is_said_to_be_so(client: TestClient) -> None:
    lines = b"x" * 70_000 + b"\n" + json.dumps(PLACEMENT).encode()
    answer = client.post("/v1/scores/batch", content=lines, headers={"Content-Type": "application/x-ndjson"})
    refused, scored = [json.loads(line) for line in answer.text.splitlines()]
    assert refused["line"] == 1
    assert refused["errors"][0]["detail"].startswith("body has more than 65536 bytes in one line")
    assert scored["placement_id"] == "TEPI-1"


def test_an_event_is_about_one_placement(client_as: ClientAs) -> None:
    system = client_as("placement_system")
    twice = {"placement_id": "0005"}
    assert "names two placements" in repairs(system.post("/v1/events", json=event(subject="0006", data=twice)))["#"]
    assert system.post("/v1/events", json=event(data=twice)).json()["accepted"] == 1


@pytest.mark.parametrize(
    "named", ["NIK 5301015708990001", "KTP-5301015708990001", "hub. 081238887766", "No HP 0812-3888-7766"]
)
def test_a_number_of_a_person_is_no_id_under_its_own_name_either(client: TestClient, named: str) -> None:
    body = {**PLACEMENT, "placement_id": named, "agency_id": "SIP-081238887766"}
    assert list(repairs(client.post("/v1/scores", json=body))) == ["#/placement_id"]


@pytest.mark.parametrize(
    ("asked", "guess"), [("band=hihg", "'high'"), ("status=acepted", "'accepted'"), ("stage=x", "code")]
)
def test_a_filter_that_keeps_nothing_because_of_a_slip_is_refused(client_as: ClientAs, asked: str, guess: str) -> None:
    client = client_as("national")
    made = client.post("/v1/priority-lists", json={"capacity": 3}).headers["location"]
    assert guess in repairs(client.get(f"{made}?{asked}"))[asked.partition("=")[0]]
    assert client.get(f"{made}?band=high").status_code == 200


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("*/*", "application/json"),
    ],
)
def test_a_list_comes_as_the_kind_that_is_wanted_most(client_as: ClientAs, accept: str, kind: str) -> None:
    client = client_as("national")
    made = client.post("/v1/priority-lists", json={"capacity": 3}).headers["location"]
    assert client.get(made, headers={"Accept": accept}).headers["content-type"] == kind


@pytest.mark.parametrize("named", [{}, {"idempotency-key": "half"}])
@pytest.mark.parametrize("path", ["/v1/events", "/v1/scores", "/v1/scores/batch"])
def test_a_connection_that_ends_half_way_is_not_counted_as_a_fault_of_the_service(
    client_as: ClientAs, path: str, named: dict[str, str]
) -> None:
    client = client_as("placement_system")
    headers = {"content-type": "application/json", "authorization": client.headers["Authorization"], **named}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
    }
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()], "server": ("test", 80)}
    parts = iter([{"type": "http.request", "body": b"{", "more_body": True}])
    sent = []

    async def receive() -> dict[str, Any]:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(client.app({**scope, "http_version": "1.1", "client": ("test", 1), "root_path": ""}, receive, send))
    assert sent[0]["status"] == 400
