"""Does the service keep its times under mixed load, and does it shed what it cannot hold?

    python -m benchmarks.service_load [--rate 50] [--minutes 10] [--placements 60000] [--workers 2]

`risk-service serve` on a simulated register; requests are sent when they are due, whether or not those before were
answered, and their time counts from when they were due. First the stated rate for so many minutes, then what the
service holds at most, then three times that, then the stated rate again until it keeps its times. Simulated.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import select

from benchmarks.live_service import STOPPED_OFFICE, LiveService, ask
from service.storage.engine import open_engine
from service.tables.register import placements

MOST_P95, MOST_P99, MOST_RECOVERY = 0.050, 0.150, 10.0
SHED = (429, 503)
BAD = 400
TOO_MUCH = 3
CONNECTIONS = 256
CAPACITY_SECONDS, OVERLOAD_SECONDS, LONGEST_RECOVERY = 15.0, 20.0, 60
CALLERS = 64
KEPT_OPEN = 20.0
"""Seconds for which an unused connection is kept, well below what the service allows."""

Request = tuple[str, str, str, Any, tuple[str, ...]]
"""What it is called, method, path, body, further header lines."""


@dataclass
class Measured:
    """Answers of one phase: kind, when it was due, seconds until it was answered, status (0: none)."""

    rows: list[tuple[str, float, float, int]] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """All answers."""
        return pd.DataFrame(self.rows, columns=["kind", "due", "seconds", "status"])


class Mix:
    """Draws requests as offices and systems send them."""

    def __init__(self, port: int, keys: dict[str, str], placements: pd.DataFrame, seed: int) -> None:
        """Make the list that is read, and choose from `placements`."""
        self.random = random.Random(seed)
        self.keys, self.placements = keys, placements.to_dict("records")
        wanted = {"capacity": 40, "office": STOPPED_OFFICE, "issue": True}
        status, made = ask(port, "POST", "/v1/priority-lists", wanted, key=keys["national"], timeout=120)
        assert status == 201, made
        self.list_id = made["list_id"]
        self.number = 0
        self.kinds: list[tuple[float, Callable[[], Request]]] = [
            (25, self.score),
            (20, self.event),
            (15, self.placement),
            (8, self.read_list),
            (7, self.lists),
            (8, self.register),
            (5, self.changes),
            (5, self.visit),
            (4, self.rows),
            (3, self.health),
        ]

    def __iter__(self) -> Iterator[Request]:
        """Yield requests without end."""
        weights, kinds = zip(*self.kinds, strict=True)
        while True:
            self.number += 1
            yield self.random.choices(kinds, weights)[0]()

    def _one(self) -> dict[str, Any]:
        return self.random.choice(self.placements)

    def _as(self, name: str, *more: str) -> tuple[str, ...]:
        return (f"Authorization: Bearer {self.keys[name]}", *more)

    def _plain(self, row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if not pd.isna(value)}

    def score(self) -> Request:
        """A score is asked for."""
        return "score", "POST", "/v1/scores", self._plain(self._one()), self._as("national")

    def event(self) -> Request:
        """Something happened to a placement."""
        told = {"category": "gaji_tidak_dibayar", "data_origin": "simulated"}
        kind = self.random.choice(("contact", "missed_contact", "complaint"))
        event = {
            "specversion": "1.0",
            "id": f"load-{self.number}",
            "source": "/benchmark",
            "type": kind,
            "subject": self._one()["placement_id"],
            "time": "2026-01-01T00:00:00Z",
            "data": told if kind == "complaint" else {"data_origin": "simulated"},
        }
        return "event", "POST", "/v1/events", event, self._as("system")

    def placement(self) -> Request:
        """A placement is looked up."""
        return "placement", "GET", f"/v1/placements/{self._one()['placement_id']}", None, self._as("national")

    def read_list(self) -> Request:
        """An inspector opens the list."""
        return "list", "GET", f"/v1/priority-lists/{self.list_id}", None, self._as("inspector")

    def lists(self) -> Request:
        """A supervisor looks which lists there are."""
        return "lists", "GET", "/v1/priority-lists", None, self._as("supervisor")

    def register(self) -> Request:
        """A placement system registers a placement."""
        row = self._plain(self._one()) | {"placement_id": f"BARU-{self.number}"}
        row.pop("certification_verified", None)
        path = f"/v1/placements/{row['placement_id']}"
        return "register", "PUT", path, row, self._as("system", f"Idempotency-Key: load-{self.number}")

    def changes(self) -> Request:
        """Somebody asks whose bands changed."""
        return "changes", "GET", "/v1/changes?after=0&limit=50", None, self._as("national")

    def visit(self) -> Request:
        """A visit outside any list is recorded."""
        told = {"placement_id": self._one()["placement_id"], "outcome": "no_harm_found", "visited_at": "2026-01-01"}
        headers = self._as("national", f"Idempotency-Key: visit-{self.number}")
        return "visit", "POST", "/v1/inspections", told, headers

    def rows(self) -> Request:
        """An inspector opens a row."""
        return "row", "GET", f"/v1/priority-lists/{self.list_id}/rows/1", None, self._as("inspector")

    def health(self) -> Request:
        """The monitoring asks."""
        return "health", "GET", "/health/ready", None, ()


class Pool:
    """Connections that are kept open, as those of a proxy in front of the service are."""

    def __init__(self, port: int) -> None:
        """Open none yet."""
        self.port = port
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, float]] = []
        self.slots = asyncio.Semaphore(CONNECTIONS)

    async def send(self, request: Request) -> int:
        """Send one request; return the status, 0 where the connection broke."""
        async with self.slots:
            try:
                reader, writer = await self._connected()
                writer.write(_as_bytes(request))
                status, closes = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError):
                return 0
            if closes:
                writer.close()
            else:
                self.free.append((reader, writer, time.monotonic()))
            return status

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection that was used a moment ago, or a new one."""
        while self.free:
            reader, writer, used = self.free.pop()
            if time.monotonic() - used < KEPT_OPEN:
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)


def _as_bytes(request: Request) -> bytes:
    _, method, path, body, headers = request
    content = b"" if body is None else json.dumps(body, default=str).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}", *headers]
    lines += ["Content-Type: application/json"] if content else []
    return "\r\n".join([*lines, "", ""]).encode() + content


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "transfer-encoding: chunked" in head:
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    elif "content-length:" in head:
        await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
    return status, "connection: close" in head


async def open_loop(pool: Pool, mix: Iterator[Request], rate: float, seconds: float) -> Measured:
    """Send `rate` requests a second for so many seconds, each when it is due."""
    measured, begun, tasks = Measured(), time.monotonic(), set()

    async def one(due: float, request: Request) -> None:
        status = await pool.send(request)
        measured.rows.append((request[0], due - begun, time.monotonic() - due, status))

    for n in range(int(rate * seconds)):
        due = begun + n / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        task = asyncio.create_task(one(due, next(mix)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return measured


async def closed_loop(pool: Pool, mix: Iterator[Request], callers: int, seconds: float) -> float:
    """Return how many good answers a second so many callers get who each wait for the one before."""
    good, end = 0, time.monotonic() + seconds

    async def caller() -> None:
        nonlocal good
        while time.monotonic() < end:
            status = await pool.send(next(mix))
            good += 0 < status < BAD

    await asyncio.gather(*(caller() for _ in range(callers)))
    return good / seconds


async def recovery(pool: Pool, mix: Iterator[Request], rate: float) -> float:
    """Return the seconds until every answer of a second is good and in time again."""
    begun = time.monotonic()
    for _ in range(LONGEST_RECOVERY):
        second = (await open_loop(pool, mix, rate, 1)).table()
        if second["status"].between(200, 399).all() and second["seconds"].quantile(0.95) <= MOST_P95:
            return time.monotonic() - begun - 1
    return float("inf")


def told(name: str, table: pd.DataFrame) -> None:
    """Print one line: how many, how fast, and what was not answered well."""
    p50, p95, p99 = table["seconds"].quantile([0.50, 0.95, 0.99]) * 1000
    bad = Counter(table.loc[~table["status"].between(200, 399), "status"].tolist())
    print(f"{name:<10} {len(table):>7} p50 {p50:7.1f} p95 {p95:7.1f} p99 {p99:7.1f} ms  not good: {dict(bad) or 0}")


async def measure(asked: argparse.Namespace, service: LiveService, keys: dict[str, str]) -> bool:
    """Print the phases; return whether every bar was met."""
    columns = [
        "placement_id",
        "origin",
        "destination",
        "sector",
        "position",
        "employer_type",
        "scheme",
        "agency_id",
        "fee_idr",
    ]
    data = pd.read_parquet(service.folder / "data" / "placements.parquet").drop_duplicates("placement_id", keep="last")
    abroad = data[data["returned_on"].isna()]  # who came home long ago leaves the register while this runs
    known = abroad[[*columns, "wage_monthly_idr", "data_origin"]]
    known = known[known["placement_id"].isin(in_cohort(service))]
    mix, pool = iter(Mix(service.port, keys, known, asked.seed)), Pool(service.port)
    await open_loop(pool, mix, asked.rate, 10)  # every worker has read its histories
    steady = (await open_loop(pool, mix, asked.rate, asked.minutes * 60)).table()
    told("all", steady)
    for kind, part in steady.groupby("kind"):
        told(f"  {kind}", part)
    held = await closed_loop(pool, mix, CALLERS, CAPACITY_SECONDS)
    print(f"holds {held:.0f} good answers a second ({CALLERS} callers who wait)")
    over = (await open_loop(pool, mix, held * TOO_MUCH, OVERLOAD_SECONDS)).table()
    told("3 times", over)
    back = await recovery(pool, mix, asked.rate)
    print(f"back within its times after {back:.1f} s at {asked.rate:g} a second")
    p95, p99 = steady["seconds"].quantile([0.95, 0.99])
    shed = over.loc[~over["status"].between(200, 399), "status"]
    return bool(
        p95 <= MOST_P95
        and p99 <= MOST_P99
        and steady["status"].between(200, 399).all()
        and shed.isin(SHED).all()
        and back <= MOST_RECOVERY
    )


def in_cohort(service: LiveService) -> set[str]:
    """Return the placements that the service knows."""
    with open_engine(service.environment["RISK_DATABASE_URL"]).connect() as connection:
        return set(connection.execute(select(placements.c.placement_id)).scalars())


def main() -> None:
    """Print what was measured; exit 1 where a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model-dir", type=Path, help="release to serve; default: models/champion")
    parser.add_argument("--public-key", type=Path)
    parser.add_argument("--data", type=Path, help="data set made before; default: one is simulated")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="risk-load-") as folder:
        limits = {"caller_rate": 10_000, "caller_burst": 10_000}  # a benchmark is one caller; offices are many
        service = LiveService(
            Path(folder), model_dir=asked.model_dir, public_key=asked.public_key, workers=asked.workers, **limits
        )
        if asked.data:
            (Path(folder) / "data").symlink_to(asked.data.resolve())
        keys = service.prepare(placements=asked.placements)
        service.start()
        try:
            good = asyncio.run(measure(asked, service, keys))
        finally:
            service.stop()
    print("every bar met" if good else "a bar was MISSED")
    sys.exit(not good)


if __name__ == "__main__":
    main()
