"""A request sent twice under one key is carried out once, on both databases and by several workers."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, insert, select, text, update
from starlette.testclient import TestClient

from service.access import ADMIN, NATIONAL
from service.running import Running, utc_now
from service.settings import Settings
from service.storage.engine import for_writing
from service.tables.keeping import idempotency_keys, switches
from service.tables.people import users
from tests.service.conftest import NOW

PERSON = {"login": "ina", "role": NATIONAL, "office": None}
KEY = {"Idempotency-Key": "0b5c1c9e-6d0f-4f2b-9f0e-1f4b7a3c2d10"}

ClientAs = Callable[..., TestClient]


@pytest.fixture
def admin(client_as: ClientAs) -> TestClient:
    return client_as(ADMIN)


def stored(running: Running) -> int:
    with running.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(users)).scalar_one()


def keys(running: Running) -> list[Any]:
    with running.engine.connect() as connection:
        return list(connection.execute(select(idempotency_keys)).all())


def later(client: TestClient, wait: timedelta) -> None:
    app: Any = client.app
    app.dependency_overrides[utc_now] = lambda: NOW + wait


def test_the_first_answer_is_sent_again_and_nothing_is_done_twice(admin: TestClient, running: Running) -> None:
    first, again = (admin.post("/v1/users", json=PERSON, headers=KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json(), "the password of the first answer as well"
    assert [again.headers[name] for name in ("etag", "location", "content-type")] == [
        first.headers[name] for name in ("etag", "location", "content-type")
    ]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert stored(running) == 1


def test_a_key_belongs_to_one_request(admin: TestClient, running: Running) -> None:
    assert admin.post("/v1/users", json=PERSON, headers=KEY).status_code == 201
    for method, path, body in (
        ("POST", "/v1/users", PERSON | {"login": "budi"}),
        ("POST", "/v1/users?x=1", PERSON),
        ("POST", "/v1/keys", PERSON),
    ):
        refused = admin.request(method, path, json=body, headers=KEY)
        assert refused.status_code == 422
        assert refused.json()["type"].endswith(":key_reused")
    assert stored(running) == 1


def test_callers_do_not_share_keys(client_as: ClientAs, running: Running) -> None:
    one, other = client_as(ADMIN), client_as(ADMIN)
    assert one.post("/v1/users", json=PERSON, headers=KEY).status_code == 201
    assert other.post("/v1/users", json=PERSON | {"login": "budi"}, headers=KEY).status_code == 201
    assert stored(running) == 2


def test_what_was_refused_before_it_began_leaves_the_key_free(admin: TestClient, running: Running) -> None:
    assert admin.post("/v1/users", json=PERSON | {"role": "chief"}, headers=KEY).status_code == 422
    assert admin.post("/v1/users", json=PERSON, headers=KEY).status_code == 201
    assert stored(running) == 1


def test_a_conflict_stays_the_answer(admin: TestClient, running: Running) -> None:
    admin.post("/v1/users", json=PERSON)
    first, again = (admin.post("/v1/users", json=PERSON, headers=KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.headers["idempotent-replayed"] == "true"


def test_nobody_without_an_identity_uses_or_learns_of_keys(admin: TestClient, running: Running) -> None:
    assert admin.post("/v1/users", json=PERSON, headers=KEY).status_code == 201
    for authorization in ("Bearer rk_none_none", ""):
        sent = admin.post("/v1/users", json=PERSON, headers=KEY | {"Authorization": authorization})
        assert sent.status_code == 401
    assert len(keys(running)) == 1


@pytest.mark.parametrize("sent", ["", "x" * 256, "two words"])
def test_a_key_that_is_none_is_refused(admin: TestClient, running: Running, sent: str) -> None:
    refused = admin.post("/v1/users", json=PERSON, headers={"Idempotency-Key": sent})
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":key_malformed")
    assert stored(running) == 0


def test_nothing_of_an_answer_can_be_read_in_the_database(admin: TestClient, running: Running) -> None:
    wanted = {"owner": "siskop", "role": "placement_system", "office": None, "scopes": [], "days": 30}
    made = admin.post("/v1/keys", json=wanted, headers=KEY)
    assert made.status_code == 201, made.text
    (kept,) = keys(running)
    held = repr(kept).encode() + bytes(kept.answer)
    assert made.json()["key"].encode() not in held
    assert KEY["Idempotency-Key"].encode() not in held
    assert b"siskop" not in held


def test_after_seven_days_a_key_is_new(admin: TestClient, running: Running) -> None:
    wanted = {"owner": "siskop", "role": "placement_system", "office": None, "scopes": [], "days": 30}
    first = admin.post("/v1/keys", json=wanted, headers=KEY).json()
    later(admin, timedelta(days=7))
    assert admin.post("/v1/keys", json=wanted, headers=KEY).json() == first
    later(admin, timedelta(days=7, seconds=1))
    assert admin.post("/v1/keys", json=wanted, headers=KEY).json()["key_id"] != first["key_id"]
    assert len(keys(running)) == 1


# -- what becomes of a process that dies, here a route that stops half-way ----------------------------


@pytest.fixture
def stopping(admin: TestClient, running: Running) -> Iterator[TestClient]:
    """The application with a route that writes one row and fails, before or after it committed."""

    def write(name: str) -> None:
        row = {"name": name, "value": "x", "changed_at": NOW.replace(tzinfo=None), "changed_by": "tests"}
        with for_writing(running.engine).begin() as connection:
            connection.execute(insert(switches), row)

    def before() -> None:
        raise RuntimeError

    def after() -> None:
        write("after")
        raise RuntimeError

    def overtaken() -> None:
        with running.engine.begin() as connection:
            connection.execute(update(idempotency_keys).values(token="of another run"))
        write("overtaken")

    app: Any = admin.app
    assert isinstance(app, FastAPI)
    for route in (before, after, overtaken):
        app.add_api_route(f"/v1/{route.__name__}", route, methods=["POST"])
    yield admin
    app.openapi_schema = None


def written(running: Running) -> list[str]:
    with running.engine.connect() as connection:
        return list(connection.execute(select(switches.c.name)).scalars())


def test_a_request_that_failed_before_it_wrote_may_be_sent_again(stopping: TestClient, running: Running) -> None:
    assert stopping.post("/v1/before", headers=KEY).status_code == 500
    assert keys(running) == []


def test_a_request_that_failed_after_it_wrote_is_never_carried_out_again(
    stopping: TestClient, running: Running
) -> None:
    assert stopping.post("/v1/after", headers=KEY).status_code == 500
    for _ in range(2):
        again = stopping.post("/v1/after", headers=KEY)
        assert again.status_code == 409
        assert again.json()["type"].endswith(":key_lost")
    assert written(running) == ["after"]


def test_a_run_that_lost_its_key_cannot_write(stopping: TestClient, running: Running) -> None:
    assert stopping.post("/v1/overtaken", headers=KEY).status_code == 500
    assert written(running) == []


def test_a_run_that_died_frees_its_key_once_it_cannot_be_alive(admin: TestClient, running: Running) -> None:
    assert admin.post("/v1/users", json=PERSON, headers=KEY).status_code == 201
    with running.engine.begin() as connection:  # as kill -9 leaves it before anything was committed
        connection.execute(text("DELETE FROM users"))
        connection.execute(update(idempotency_keys).values(state="running", answer=None))
    waiting = admin.post("/v1/users", json=PERSON, headers=KEY)
    assert (waiting.status_code, waiting.json()["type"].endswith(":key_running")) == (409, True)
    assert int(waiting.headers["retry-after"]) > 0
    later(admin, timedelta(seconds=running.settings.request_seconds + 30))
    assert admin.post("/v1/users", json=PERSON, headers=KEY).status_code == 201
    assert stored(running) == 1


def test_of_many_at_once_on_two_workers_one_is_carried_out(
    running: Running, make_settings: Callable[..., Settings], client_of: ClientAs
) -> None:
    other = Running(make_settings(str(running.engine.url.render_as_string(hide_password=False))))
    workers = [client_of(running, ADMIN), client_of(other, ADMIN)]
    for worker in workers:
        worker.headers["Authorization"] = workers[0].headers["Authorization"]
    many = 8
    together = threading.Barrier(many)

    def send(n: int) -> tuple[int, str]:
        together.wait()
        got = workers[n % 2].post("/v1/users", json=PERSON, headers=KEY)
        return got.status_code, got.json().get("password", got.json().get("type", ""))

    with ThreadPoolExecutor(many) as pool:
        answers = set(pool.map(send, range(many)))
    other.close()
    made = {told for told in answers if told[0] == 201}
    assert len(made) == 1, answers
    assert {told[1].rpartition(":")[2] for told in answers - made} <= {"key_running"}
    assert stored(running) == 1
