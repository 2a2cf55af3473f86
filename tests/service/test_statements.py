"""What does not grow with the register: statements per request, and rows that a query reads to find its own."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert
from starlette.testclient import TestClient

from benchmarks.top_scores import fill, highest
from service.running import Running
from service.tables.lists import row_actions

FEW, MANY = 100, 1000
ONCE_A_SECOND = 4
"""Statements, BEGIN included, that look for changed keys and newer histories once a second, not once a request."""
OFFICE = "BP3MI-NTT"
PLACEMENT = {
    "placement_id": "NEW-1",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "agency_id": "P3MI-A",
    "data_origin": "simulated",
}
GROWING = (
    "placements|placement_versions|scores|list_rows|list_probabilities|row_states|row_flags|row_actions"
    "|events|inspections|changes|receipts|receipt_bundles|audit_log"
)
WHOLE = re.compile(rf"(?:SCAN|Seq Scan on) (?:{GROWING})\b")
IN_ORDER = re.compile(rf"Index (?:Only )?Scan(?: Backward)? using \w+ on (?:{GROWING})\b")
Statement = tuple[str, Any]


@contextmanager
def told(engine: Engine) -> Iterator[list[Statement]]:
    """Collect every statement with its parameters."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def whole_tables_read(engine: Engine, statements: list[Statement]) -> set[str]:
    """Return which growing tables the queries among `statements` read from end to end.

    PostgreSQL is told to shun that, for a small table would be read whole with the best of indexes. Then it may
    read a whole table in the order of an index: no condition stands below such a scan, no limit above it.
    """
    found = set()
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        asks = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        for statement, parameters in statements:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                plan = ["", *(str(row[-1]) for row in connection.exec_driver_sql(asks + statement, parameters)), ""]
                found |= {whole.group() for line in plan if (whole := WHOLE.search(line))}
                found |= {
                    scan.group()
                    for above, line, below in zip(plan, plan[1:], plan[2:], strict=False)
                    if (scan := IN_ORDER.search(line)) and "Index Cond" not in below and "Limit" not in above
                }
    return found


def complaint(number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "/tests",
        "type": "complaint",
        "subject": "0001",
        "time": "2026-01-05T00:00:00Z",
        "data": {"category": "gaji_tidak_dibayar", "data_origin": "simulated"},
    }


def list_of(client: TestClient, capacity: int) -> str:
    wanted = {"capacity": capacity, "office": OFFICE, "issue": True}
    made = client.post("/v1/priority-lists", json=wanted)
    assert made.status_code == 201, made.text
    assert len(made.json()["rows"]) == capacity
    return str(made.json()["list_id"])


@pytest.fixture
def ask(client_as: Callable[..., TestClient]) -> Callable[[str, int], None]:
    """Sends one request of a kind; the number makes it another than those before."""
    national, system = client_as("national"), client_as("placement_system")

    def one(kind: str, number: int) -> None:
        sent = {
            "score": lambda: national.post("/v1/scores", json=PLACEMENT),
            "event": lambda: system.post("/v1/events", json=complaint(number)),
            "lists": lambda: national.get("/v1/priority-lists"),
        }
        answer = sent[kind]()
        assert answer.status_code == 200, answer.text

    return one


@pytest.mark.parametrize("kind", ["score", "event", "lists"])
def test_a_request_takes_as_many_statements_whatever_the_register_holds(
    running: Running, ask: Callable[[str, int], None], kind: str
) -> None:
    taken = []
    for number, size in enumerate((FEW, MANY)):
        fill(running.engine, size)
        ask(kind, 2 * number)  # what is read once per process has been read
        with told(running.engine) as statements:
            ask(kind, 2 * number + 1)
        taken.append(len(statements))
    assert 0 < taken[1] <= taken[0] + ONCE_A_SECOND
    assert taken[0] > 0


@pytest.mark.parametrize("path", ["/v1/priority-lists/{}", "/lists/{}"])
def test_a_list_takes_as_many_statements_however_long_it_is(
    running: Running, client_as: Callable[..., TestClient], path: str
) -> None:
    fill(running.engine, 3 * MANY)
    national, supervisor = client_as("national"), client_as("supervisor", OFFICE)
    taken = []
    for capacity in (FEW, MANY):
        list_id = list_of(national, capacity)
        assert supervisor.get(path.format(list_id)).status_code == 200
        with told(running.engine) as statements:
            assert supervisor.get(path.format(list_id)).status_code == 200
        taken.append(len(statements))
        assert whole_tables_read(running.engine, statements) == set()
    assert 0 < taken[1] <= taken[0] + ONCE_A_SECOND


@pytest.mark.parametrize("path", ["/v1/priority-lists/{}/rows/1", "/lists/{}/rows/1"])
def test_a_row_is_shown_without_reading_what_was_done_with_others(
    running: Running, client_as: Callable[..., TestClient], path: str
) -> None:
    fill(running.engine, MANY)
    list_id, supervisor = list_of(client_as("national"), FEW), client_as("supervisor", OFFICE)
    done = {"list_id": list_id, "action": "accept", "by": "user:test", "at": datetime(2026, 1, 11, 8), "detail": {}}
    with running.engine.begin() as connection:
        connection.execute(insert(row_actions), [{**done, "rank": 1 + number % FEW} for number in range(MANY)])
    fill(running.engine, MANY)  # statistics of what was added
    assert supervisor.get(path.format(list_id)).status_code == 200  # what is counted once an hour has been counted
    with told(running.engine) as statements:
        assert supervisor.get(path.format(list_id)).status_code == 200
    assert any("FROM row_actions" in statement for statement, _ in statements)
    assert whole_tables_read(running.engine, statements) == set()


@pytest.mark.parametrize("kind", ["score", "event", "lists"])
def test_no_request_reads_a_growing_table_from_end_to_end(
    running: Running, ask: Callable[[str, int], None], kind: str
) -> None:
    fill(running.engine, MANY)
    ask(kind, 0)
    with told(running.engine) as statements:
        ask(kind, 1)
    assert whole_tables_read(running.engine, statements) == set()


def test_the_highest_scores_of_a_stage_and_a_band_are_found_by_an_index(running: Running) -> None:
    fill(running.engine, MANY)
    with told(running.engine) as statements, running.engine.connect() as connection:
        found = connection.execute(highest("during", "medium")).mappings().all()
    assert len(found) == 100
    risks = [row["risk"] for row in found]
    assert risks == sorted(risks, reverse=True)
    assert whole_tables_read(running.engine, statements) == set()
