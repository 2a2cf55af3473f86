"""Canaries: a NIK, a passport, a phone number and a name, pushed through every way in, come out nowhere.

Not in what is logged, measured or answered as a problem, not in the database, not in what is exported.
"""

import io
import json
import logging
import zlib
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from opentelemetry import trace
from sqlalchemy import LargeBinary, select
from starlette.testclient import TestClient

from service.access import ADMIN, NATIONAL, PLACEMENT_SYSTEM, SUPERVISOR
from service.backup import back_up
from service.payloads.events import EXAMPLE
from service.payloads.examples import PLACEMENT
from service.request_log import JsonLines
from service.running import Running
from service.tables.schema import metadata
from tests.service.conftest import NOW

EVENT = EXAMPLE | {"time": "2026-01-05T04:15:00Z"}
NIK, PASSPORT, PHONE, PERSON = "3171234567890123", "C7654321", "081298765432", "Kanaria Rahasia Melati"
CANARIES = (NIK, PASSPORT, PHONE, PERSON)
TO_IDS = (NIK, PHONE)
"""What an opaque id must not be; a passport has the form of many a case number, a name that of any word."""

ClientAs = Callable[..., TestClient]


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Everything that is logged, at any level and by any library, as the service prints it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, own = logging.getLogger(), logging.getLogger("service")
    root.addHandler(handler)
    before, own_before = root.level, own.level
    root.setLevel(logging.DEBUG)
    own.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
    own.setLevel(own_before)


@pytest.fixture
def clients(client_as: ClientAs) -> dict[str, TestClient]:
    return {
        NATIONAL: client_as(NATIONAL),
        SUPERVISOR: client_as(SUPERVISOR, "BP3MI-NTT"),
        PLACEMENT_SYSTEM: client_as(PLACEMENT_SYSTEM, scopes=("verify",)),
        ADMIN: client_as(ADMIN),
    }


def plain(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return bytes(value)


def in_database(running: Running) -> str:
    """Everything in every table, as one text; what is encrypted as well, and what is compressed as it was before."""
    with running.engine.connect() as connection:
        held = [
            [plain(value) if isinstance(column.type, LargeBinary) and value else value for column, value in row]
            for table in metadata.sorted_tables
            for row in (list(zip(table.columns, row, strict=True)) for row in connection.execute(select(table)))
        ]
    return "\n".join(map(repr, held))


def sheet(canary: str, kind: str) -> bytes:
    """An export of an office in which the canary stands in columns of persons, in a code and in an unknown one."""
    row = {
        "ID Penempatan": "EKSPOR-1",
        "NIK": canary,
        "Nama": canary,
        "No Paspor": canary,
        "No HP": canary,
        "Kode Kab": "53.11",
        "Negara Tujuan": "Malaysia",
        "Jabatan": canary,
        "Skema": "P to P",
        "Keterangan": canary,
    }
    frame = pd.DataFrame([row, {**row, "ID Penempatan": "EKSPOR-2", "Jabatan": "House Maid"}], dtype=str)
    content = io.BytesIO()
    if kind == "xlsx":
        frame.to_excel(content, index=False)
    else:
        frame.to_csv(content, index=False)
    return content.getvalue()


def bodies(canary: str) -> Iterator[tuple[str, str, str, Any]]:
    """Yield every way in for a body: role, method, address and what is sent, with the canary where it may stand."""
    note = f"hubungi {canary} segera"
    for field in ("worker_ref", "service_office", "destination", "position", "origin", "departed_on", "sex", canary):
        yield NATIONAL, "POST", "/v1/scores", {**PLACEMENT, field: canary}
        yield NATIONAL, "POST", "/v1/scores/batch", [PLACEMENT, {**PLACEMENT, field: canary}]
        yield PLACEMENT_SYSTEM, "POST", "/v1/alternatives", {**PLACEMENT, field: canary}
        yield PLACEMENT_SYSTEM, "PUT", "/v1/placements/CONTOH-0017", {**PLACEMENT, field: canary}
    for field in ("type", "time", "name", canary):
        yield PLACEMENT_SYSTEM, "POST", "/v1/events", {**EVENT, field: canary}
    for field in ("category", "on", "nama", canary):
        yield PLACEMENT_SYSTEM, "POST", "/v1/events", {**EVENT, "data": {**EVENT["data"], field: canary}}
    yield PLACEMENT_SYSTEM, "POST", "/v1/events", {**EVENT, "id": "x1", "nama": canary, "phone": canary}
    for field in ("outcome", "category", "visited_at", "area", canary):
        visit = {"placement_id": "0001", "outcome": "no_harm_found", "visited_at": "2026-01-10"}
        yield SUPERVISOR, "POST", "/v1/inspections", {**visit, field: canary}
    yield SUPERVISOR, "POST", "/v1/priority-lists", {"capacity": 5, "office": canary}
    yield (
        NATIONAL,
        "POST",
        "/v1/workers/0123456789abcdef/corrections",
        {"placement_id": "0001", "field": "destination", "value": canary, "source": "worker"},
    )
    yield ADMIN, "POST", "/v1/users", {"login": canary, "role": canary, "office": None}
    yield ADMIN, "POST", "/v1/keys", {"owner": "siskop", "role": NATIONAL, "office": canary}
    yield ADMIN, "POST", "/v1/sessions", {"login": canary, "password": canary}
    if canary != PERSON:  # words of a note cannot be told from a name
        visit = {"placement_id": "0001", "outcome": "no_harm_found", "visited_at": "2026-01-10", "note": note}
        yield SUPERVISOR, "POST", "/v1/inspections", visit
    if canary in TO_IDS:
        for field in ("placement_id", "agency_id", "employer_ref"):
            yield NATIONAL, "POST", "/v1/scores", {**PLACEMENT, field: canary}
            yield PLACEMENT_SYSTEM, "PUT", "/v1/placements/CONTOH-0017", {**PLACEMENT, field: canary}
        for field in ("id", "source", "subject"):
            yield PLACEMENT_SYSTEM, "POST", "/v1/events", {**EVENT, field: canary}


def push(clients: dict[str, TestClient], canary: str) -> list[str]:
    """Push `canary` through every way in; return every problem that was answered."""
    answers = []
    for role, method, path, body in bodies(canary):
        answers.append(clients[role].request(method, path, json=body, headers={"Idempotency-Key": quote(canary)}))
        answers.append(clients[role].request(method, path, json=body))
    anybody = clients[NATIONAL]
    raw = json.dumps(PLACEMENT)[:-1] + f', "x": "{canary}"'  # cut off: no JSON
    for path in ("/v1/scores", "/v1/scores/batch", "/v1/events", "/v1/inspections"):
        answers.append(anybody.post(path, content=raw.encode(), headers={"Content-Type": "application/json"}))
        answers.append(anybody.post(path, content=canary.encode(), headers={"Content-Type": "text/plain"}))
    lines = f'{json.dumps({**PLACEMENT, "sector": canary})}\n{{"{canary}\n'
    answers.append(anybody.post("/v1/scores/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}))
    for kind in ("csv", "xlsx", "parquet", canary):
        file = {"file": (f"{canary}.{kind}", sheet(canary, kind))}
        mapping = {"mapping": "siskop2mi"}
        answers.append(clients[PLACEMENT_SYSTEM].post("/v1/placements/import", files=file, data=mapping))
    sent = quote(canary)
    for path in ("placements/{}", "priority-lists/{}", "workers/{}/record", "nothing/{}", "receipts/{}"):
        answers.append(anybody.get(f"/v1/{path.format(sent)}"))
    for query in ("after={}", "office={}", "limit={}", "lang={}", "{}=1"):
        answers.append(anybody.get(f"/v1/priority-lists?{query.format(sent)}"))
    answers.append(anybody.get(f"/v1/segments?by={sent}"))
    for header in ("Accept", "Accept-Language", "User-Agent", "X-Request-Id", "If-Match", "Cookie", "Authorization"):
        answers.append(anybody.get("/v1/priority-lists", headers={header: canary}))
        answers.append(clients[PLACEMENT_SYSTEM].post("/v1/events", json=EVENT, headers={header: canary}))
    assert all(answer.status_code < 500 for answer in answers), [answer.text for answer in answers]
    assert sum(answer.status_code < 300 for answer in answers) > 10, "some ways in took it"
    return [answer.text + repr(answer.headers) for answer in answers if answer.status_code >= 400]


def test_the_framework_traces_nothing_even_where_a_tracer_is_installed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Tracers(trace.TracerProvider):
        def get_tracer(self, *_: Any, **__: Any) -> trace.Tracer:
            asked.append(True)
            return trace.NoOpTracer()

    monkeypatch.setattr(trace, "_TRACER_PROVIDER", Tracers())
    assert client.get("/v1/placements/0001").status_code == 200
    assert not asked, "a span would hold the address, and so the id"


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_pushed_through_every_way_in_comes_out_nowhere(
    running: Running, clients: dict[str, TestClient], logged: StringIO, canary: str, tmp_path: Path
) -> None:
    problems = push(clients, canary)
    forms = {canary, quote(canary), canary.replace(" ", "+"), canary.lower()}
    metrics = clients[ADMIN].get("/metrics").text
    made = clients[NATIONAL].post("/v1/priority-lists", json={"capacity": 20, "office": "BP3MI-NTT"})
    exports = [
        clients[NATIONAL].get(f"/v1/priority-lists/{made.json()['list_id']}?format={form}").content
        for form in ("json", "csv")
    ]
    places = {
        "logs": logged.getvalue(),
        "metrics": metrics,
        "problems": "\n".join(problems),
        "database": in_database(running),
        "exports": repr(exports),
    }
    found = [
        f"{place}: …{text[max(0, text.find(form) - 200) :][:400]}…"
        for place, text in places.items()
        for form in forms
        if form in text
    ]
    assert found == []
    assert "POST" in places["logs"], "requests were logged"
    file = tmp_path / "kept.zip"
    back_up(running, file, now=NOW)
    assert canary.encode() not in file.read_bytes()
