"""A single score is answered quickly, as its route would answer it, and never before its receipt is on disk."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text
from starlette.testclient import TestClient

from service.app import create_app
from service.payloads.requests import PlacementIn
from service.running import Running, utc_now
from service.storage.engine import for_writing
from service.storage.receipts import find_receipt
from service.tables.keeping import receipt_bundles
from tests.service.conftest import NOW, new_key
from tests.service.test_scores import JSON, PLACEMENT

TO_THE_ROUTE = {"for": "the route"}
"""A parameter that nobody reads: with one, a request is the route's."""
SEVERAL = 40

VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str)
FITTING = st.fixed_dictionaries(
    {},
    optional={
        "destination": st.sampled_from(["MYS", "HKG", "FJI"]),
        "certification_level": st.none() | st.integers(0, 6),
        "certification_verified": st.none() | st.booleans(),
        "fee_idr": st.none() | st.integers(0, 10**9) | st.floats(0, 1e9),
        "departed_on": st.none() | st.dates().map(str),
        "agency_id": st.none() | st.text(min_size=1, max_size=5),
    },
)
ANYTHING = st.dictionaries(st.sampled_from(sorted(PlacementIn.model_fields)), VALUES)


def without_receipt(answer: httpx2.Response) -> tuple[int, dict[str, Any]]:
    told = dict(answer.json())
    told.pop("receipt", None)
    return answer.status_code, told


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=FITTING | ANYTHING)
def test_it_answers_as_the_route_does(client: TestClient, changed: dict[str, object]) -> None:
    body = json.dumps({**PLACEMENT, **changed})
    quick = client.post("/v1/scores", content=body, headers=JSON)
    of_the_route = client.post("/v1/scores", content=body, headers=JSON, params=TO_THE_ROUTE)
    assert without_receipt(quick) == without_receipt(of_the_route)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe{\x00}\x00", b'{"placement_id": "\\ud800"}', b"1" * 70_000]
)
def test_what_is_no_placement_is_refused_by_the_route(client: TestClient, body: bytes) -> None:
    quick = client.post("/v1/scores", content=body, headers=JSON)
    of_the_route = client.post("/v1/scores", content=body, headers=JSON, params=TO_THE_ROUTE)
    assert quick.status_code in (400, 422)
    assert quick.json() == of_the_route.json()


@pytest.mark.parametrize(("role", "status"), [("placement_system", 200), ("analyst", 200), ("admin", 403)])
def test_who_may_not_score_is_refused_as_ever(client_as: Callable[..., TestClient], role: str, status: int) -> None:
    assert client_as(role).post("/v1/scores", json=PLACEMENT).status_code == status


def test_an_answer_has_the_headers_of_every_answer(client: TestClient) -> None:
    quick = client.post("/v1/scores", json=PLACEMENT).headers
    of_the_route = client.post("/v1/scores", json=PLACEMENT, params=TO_THE_ROUTE).headers
    assert {*of_the_route} - {*quick} <= {"content-encoding", "vary"}
    assert quick["cache-control"] == "no-store"


def on_one_loop(running: Running, work: Callable[[httpx2.AsyncClient], Coroutine[Any, Any, Any]]) -> Any:
    """Do `work` with a client of the real application, all of it in one event loop as in a worker."""
    app = create_app(running)
    app.dependency_overrides[utc_now] = lambda: NOW

    async def run() -> Any:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://risk") as client:
            return await work(client)

    return asyncio.run(run())


def of_key(running: Running, owner: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {new_key(running, 'placement_system', owner=owner)}"}


def test_many_at_once_have_their_own_receipts_on_disk_written_together(running: Running) -> None:
    mine, others = of_key(running, "mine"), of_key(running, "others")
    commits: list[object] = []
    event.listen(running.engine, "commit", commits.append)

    async def ask(client: httpx2.AsyncClient) -> list[httpx2.Response]:
        rows = [{**PLACEMENT, "placement_id": f"N{n}", "certification_level": n % 7} for n in range(SEVERAL)]
        asked = [client.post("/v1/scores", json=row, headers=(mine, others)[n % 2]) for n, row in enumerate(rows)]
        return list(await asyncio.gather(*asked))

    answers = on_one_loop(running, ask)
    assert [answer.status_code for answer in answers] == [200] * SEVERAL
    assert [answer.json()["placement_id"] for answer in answers] == [f"N{n}" for n in range(SEVERAL)]
    assert len(commits) < SEVERAL / 2
    for n, answer in enumerate(answers):
        told = answer.json()
        kept = find_receipt(running.engine, told["receipt"]["receipt_id"])
        assert kept is not None
        assert (kept[0].signature, kept[0].owner) == (told["receipt"]["signature"], ("mine", "others")[n % 2])
        assert json.loads(kept[0].body)["score"]["risk"] == told["risk"]


def test_while_another_writes_nobody_is_answered_and_nobody_else_waits(running: Running) -> None:
    mine = of_key(running, "mine")
    receipts_so_far = select(func.sum(receipt_bundles.c.number))

    async def ask(client: httpx2.AsyncClient) -> tuple[httpx2.Response, httpx2.Response, bool]:
        other = for_writing(running.engine).connect()
        writing = other.begin()
        if running.engine.dialect.name == "postgresql":
            other.execute(text("LOCK TABLE receipt_bundles IN EXCLUSIVE MODE"))
        score = asyncio.ensure_future(client.post("/v1/scores", json=PLACEMENT, headers=mine))
        meanwhile = await client.get("/health/live")
        early = score.done()
        writing.rollback()
        other.close()
        return await score, meanwhile, early

    score, meanwhile, early = on_one_loop(running, ask)
    assert (score.status_code, meanwhile.status_code, early) == (200, 200, False)
    with running.engine.connect() as connection:
        assert connection.execute(receipts_so_far).scalar_one() == 1


def test_without_a_place_for_receipts_nobody_gets_a_score(running: Running) -> None:
    mine = of_key(running, "mine")
    with running.engine.begin() as connection:
        connection.execute(text("ALTER TABLE receipt_bundles RENAME TO elsewhere"))

    async def ask(client: httpx2.AsyncClient) -> list[int]:
        asked = [client.post("/v1/scores", json=PLACEMENT, headers=mine) for _ in range(3)]
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    refused = 503 if running.engine.dialect.name == "sqlite" else 500  # a database without its tables is no usual one
    assert on_one_loop(running, ask) == [refused] * 3


def test_who_asks_more_than_allowed_is_told_to_wait(running: Running, make_settings: Callable[..., Any]) -> None:
    strict = Running(make_settings(running.settings.database_url, caller_rate=0.001, caller_burst=2))
    mine = of_key(running, "mine")

    async def ask(client: httpx2.AsyncClient) -> list[int]:
        return [(await client.post("/v1/scores", json=PLACEMENT, headers=mine)).status_code for _ in range(3)]

    assert on_one_loop(strict, ask) == [200, 200, 429]
    strict.close()
