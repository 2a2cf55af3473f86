"""A service that is asked too much says so at once and goes on answering the others."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from service import problems
from service.identity import Access
from service.limits import Bounds, CallerRates, Limits
from service.running import Running
from service.settings import Settings

WIDE = Bounds(body_bytes=1000, upload_bytes=5000, seconds=20, upload_seconds=20, in_work=2)


@given(
    rate=st.floats(0.5, 50),
    burst=st.integers(1, 20),
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=200),
)
def test_nobody_gets_more_than_the_burst_and_what_time_brings(rate: float, burst: int, gaps: list[float]) -> None:
    now = [0.0]
    rates = CallerRates(rate, burst, clock=lambda: now[0])
    granted = 0
    for gap in gaps:
        now[0] += gap
        wait = rates.take("one")
        granted += wait == 0
        if wait:
            before, now[0] = now[0], now[0] + wait + 1e-6
            assert rates.take("one") == 0, "the wait that was told is enough"
            granted += 1
            assert now[0] > before
    assert granted <= burst + rate * now[0] + 1e-3


def test_one_caller_does_not_take_from_another() -> None:
    rates = CallerRates(1, 2, clock=lambda: 0.0)
    assert [rates.take("one") > 0 for _ in range(3)] == [False, False, True]
    assert rates.take("two") == 0


def test_a_caller_who_asks_too_much_hears_when_to_come_back(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> None:
    settings = make_settings(databases.new(copy_of=filled), caller_rate=0.5, caller_burst=3)
    running = Running(settings)
    client, other = client_of(running), client_of(running)
    seconds = [0.0]
    client.app.state.access = Access(settings, clock=lambda: seconds[0])
    answers = [client.get("/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "2"
    assert answers[3].json()["type"].endswith("too_many")
    assert client.get("/health/live").status_code == 200
    assert other.get("/v1/me").status_code == 200
    seconds[0] += 2
    assert client.get("/v1/me").status_code == 200
    running.close()


def test_guessing_keys_is_slowed_by_address(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> None:
    running = Running(make_settings(databases.new(copy_of=filled), caller_rate=0.001, caller_burst=3))
    client = client_of(running)
    guesses = [client.get("/v1/me", headers={"Authorization": f"Bearer rk_{n}_x"}).status_code for n in range(5)]
    running.close()
    assert guesses == [401, 401, 401, 429, 429]


class Slow:
    """An application behind the limits whose answers wait until the test lets them go."""

    def __init__(self, bounds: Bounds) -> None:
        """Nothing waits yet."""
        self.app = FastAPI()
        problems.install(self.app, ())
        self.entered, self.go = threading.Semaphore(0), threading.Event()
        self.app.get("/wait")(self.wait)
        self.app.get("/stream")(self.stream)
        self.app.get("/health/live")(lambda: {"status": "live"})
        self.app.post("/echo")(self.echo)
        self.app.post("/v1/scores/batch")(self.echo)
        self.app.add_middleware(Limits, bounds=bounds)
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def wait(self) -> str:
        """Answer when the test says so."""
        self.entered.release()
        self.go.wait(30)
        return "done"

    def stream(self) -> StreamingResponse:
        """Begin a stream of events that goes on until the test ends it."""

        def events() -> Iterator[bytes]:
            yield b"data: 1\n\n"
            self.entered.release()
            self.go.wait(30)

        return StreamingResponse(events(), media_type="text/event-stream")

    def echo(self, sent: list[str]) -> int:
        """Count what was sent."""
        return len(sent)

    def ask_many(self, path: str, times: int) -> tuple[list[int], list[threading.Thread]]:
        """Ask several times at once; return the growing list of what came back, and who asks."""
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(self.client.get(path).status_code)) for _ in range(times)
        ]
        for thread in threads:
            thread.start()
        for _ in range(times):
            assert self.entered.acquire(timeout=20)
        return answers, threads

    def release(self, threads: list[threading.Thread]) -> None:
        """Let everybody go."""
        self.go.set()
        for thread in threads:
            thread.join(30)


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow(WIDE)
    with made.client:
        yield made
    made.go.set()


def test_beyond_what_it_can_work_on_it_sheds_at_once_and_recovers(slow: Slow) -> None:
    answers, threads = slow.ask_many("/wait", 2)
    shed = slow.client.get("/wait")
    assert (shed.status_code, shed.headers["retry-after"]) == (503, "1")
    assert shed.json()["type"].endswith("busy")
    assert slow.client.get("/health/live").status_code == 200
    slow.release(threads)
    assert answers == [200, 200]
    assert slow.client.get("/wait").status_code == 200


def test_an_open_stream_is_no_work(slow: Slow) -> None:
    _, threads = slow.ask_many("/stream", 2)
    assert slow.client.post("/echo", json=["a"]).json() == 1
    slow.release(threads)


def test_an_answer_that_takes_too_long_is_given_up_and_counts_until_it_ends() -> None:
    slow = Slow(Bounds(body_bytes=1000, upload_bytes=1000, seconds=0.05, upload_seconds=20, in_work=1))
    with slow.client:
        late = slow.client.get("/wait")
        assert late.status_code == 503
        assert late.json()["type"].endswith("too_slow")
        assert slow.client.get("/wait").json()["type"].endswith("busy")
        slow.go.set()
        assert slow.entered.acquire(timeout=20)


def test_a_body_over_the_limit_is_refused_whether_or_not_it_says_how_long_it_is(slow: Slow) -> None:
    def parts() -> Iterator[bytes]:
        yield b'["' + b"x" * 900
        yield b"x" * 900 + b'"]'

    declared = slow.client.post("/echo", json=["x" * 1500])
    streamed = slow.client.post("/echo", content=parts(), headers={"content-type": "application/json"})
    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert answer.json()["type"].endswith("too_large")
    assert slow.client.post("/echo", json=["x" * 900]).status_code == 200
    assert slow.client.post("/v1/scores/batch", json=["x" * 1500]).status_code == 200, "batches may be larger"


def test_the_application_has_its_limits(own_client: TestClient) -> None:
    answer = own_client.post("/v1/scores", content=b" " * (3 * 2**20), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["x-content-type-options"] == "nosniff"
