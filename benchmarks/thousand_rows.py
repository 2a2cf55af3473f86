"""How many requests of 1,000 rows a second does the service answer, as JSON and as NDJSON, and is its memory flat?

    python -m benchmarks.thousand_rows [--quick]

Beside `mlflow models serve` with 1,000 rows, one process each; every row here has its reasons and a receipt. Memory is
that of the service before and while streams of NDJSON, a hundred times longer, are answered. Simulated placements.
"""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from typing import Any

from benchmarks.environments import NotInstalledError
from benchmarks.served_model import placement_rows, prepared_service, registered_model
from benchmarks.servers import MLFLOW, OURS, Server, Started, mlflow_serve, ours, started
from benchmarks.sitting import MEBIBYTE, Asked, Part, asked, figure, in_rounds, judged, told
from benchmarks.wire import drive, request

ROWS = 1000
CONNECTIONS = 2
SECONDS, WARM_SECONDS = 10.0, 3.0
QUICK_SECONDS, QUICK_WARM_SECONDS = 3.0, 1.0
BATCH, LINES = "/v1/scores/batch", "application/x-ndjson"
LONG, QUICK_LONG = 100, 10
"""How many times longer the long stream is."""
LOOK_EVERY = 0.05
JSON_BAR, NDJSON_BAR = 8, 12
MOST_GROWTH = 1.2
"""Memory of the long stream over that of the short one; more is not flat."""


def as_lines(rows: Sequence[Any], server: Server, times: int = 1) -> bytes:
    """Return one request with the rows as lines, so many times over."""
    lines = "".join(json.dumps(row) + "\n" for row in islice(cycle(rows), len(rows) * times)).encode()
    return request(server.path, lines, headers=server.headers, content_type=LINES)


def measure(server: Server, requests: Sequence[bytes], *, seconds: float, warm: float) -> dict[str, float]:
    """Start a server, warm it up, load it, and return what it did."""
    with started(server) as running:
        drive(running.port, requests, seconds=warm, connections=CONNECTIONS)
        before = running.cpu_seconds()
        answers = drive(running.port, requests, seconds=seconds, connections=CONNECTIONS)
        return {
            "per second": answers.per_second,
            "cpu": (running.cpu_seconds() - before) / len(answers.seconds),
            "p99": answers.quantile(0.99),
            "wrong": float(len(answers.wrong)),
        }


def memory(server: Server, rows: Sequence[Any], times: int) -> dict[str, float]:
    """Return the highest memory while a stream of these rows is answered, and while one so many times longer is."""
    with started(server) as running:
        short = _highest(running, as_lines(rows, server))
        return {"short": short, "long": _highest(running, as_lines(rows, server, times))}


def _highest(running: Started, stream: bytes) -> float:
    seen, done = [float(running.memory())], threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append(float(running.memory()))
            time.sleep(LOOK_EVERY)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        drive(running.port, [stream], seconds=0, connections=1)
    finally:
        done.set()
        looking.join()
    return max(seen)


def part(given: Asked) -> Part:
    """Compare in rounds; return the table."""
    service, keys = prepared_service(given)
    rows = placement_rows(service)[:ROWS]
    here = ours(service, keys["national"], rows, path=BATCH)
    loads = {"JSON": (here, here.requests(ROWS)), "NDJSON": (here, [as_lines(rows, here)])}
    missing = ""
    try:
        model = registered_model(given)
        same = [row for row, _ in zip(cycle(model.rows), range(ROWS), strict=False)]
        other = replace(mlflow_serve(model, given.environments), rows=same)
        loads[MLFLOW] = (other, other.requests(ROWS))
    except NotInstalledError as reason:
        missing = str(reason)
    seconds, warm = (QUICK_SECONDS, QUICK_WARM_SECONDS) if given.quick else (SECONDS, WARM_SECONDS)
    turns = {name: partial(measure, *load, seconds=seconds, warm=warm) for name, load in loads.items()}
    found = in_rounds(given.rounds, turns)
    times = QUICK_LONG if given.quick else LONG
    held = in_rounds(1, {"memory": partial(memory, here, rows, times)})["memory"]
    return Part(
        "thousand_rows",
        f"{ROWS:,} rows a request: one process, {CONNECTIONS} connections",
        ("server", "requests/s", "rows/s", "CPU ms each", "p99 ms", "× mlflow", "not good"),
        (
            *(_line(name, one, found) for name, one in found.items()),
            *([(MLFLOW, *("–",) * 5, f"not installed: {missing}")] if missing else []),
        ),
        tuple(_judgements(found, held, times)),
        ("rows a second", tuple((name, ROWS * one["per second"]) for name, one in found.items())),
    )


def _line(name: str, one: dict[str, float], found: dict[str, dict[str, float]]) -> tuple[str, ...]:
    return (
        name if name == MLFLOW else f"{OURS}, {name}",
        figure(one["per second"]),
        figure(ROWS * one["per second"]),
        figure(1000 * one["cpu"]),
        figure(1000 * one["p99"]),
        figure(one["per second"] / found[MLFLOW]["per second"]) if MLFLOW in found else "–",
        f"{one['wrong']:.0f}",
    )


def _judgements(found: dict[str, dict[str, float]], held: dict[str, float], times: int) -> list[str]:
    grown = held["long"] / held["short"]
    sizes = f"{ROWS:,} rows {held['short'] / MEBIBYTE:.0f} MiB, {ROWS * times:,} rows {held['long'] / MEBIBYTE:.0f} MiB"
    said = [judged(f"memory of NDJSON ({sizes})", grown, MOST_GROWTH, at_most=True, unit="×")]
    if MLFLOW in found:
        base = found[MLFLOW]["per second"]
        said += [
            judged("JSON over mlflow models serve", found["JSON"]["per second"] / base, JSON_BAR, unit="×"),
            judged("NDJSON over mlflow models serve", found["NDJSON"]["per second"] / base, NDJSON_BAR, unit="×"),
        ]
    return said


if __name__ == "__main__":
    print(told(part(asked(about=__doc__))))
