"""How soon does an event show in the scores, at so many events a second?

Run: python benchmarks/event_latency.py --data FOLDER [--model-dir DIR --public-key FILE] [--rate 50] [--seconds 60]

Starts a real server on a fresh database with the data set imported, sends single events at a fixed rate (each
when it is due, whether or not the one before was answered), and watches two things from outside: the answer to
the POST, after which the new score is stored, and the change on the stream of `GET /v1/changes`.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from service.running import Running
from service.settings import read_settings
from service.tables.happenings import changes
from service.tables.people import api_keys
from service.tables.register import placements

KINDS = ("complaint", "contact", "missed_contact", "departure")
SENDERS = 64
SOURCE = f"/benchmark/{secrets.token_hex(4)}"


def new_key(running: Running, role: str) -> str:
    """Store a key of the benchmark's own and return it."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    made = datetime.now(UTC).replace(tzinfo=None)
    row = {
        "key_id": key_id,
        "key_hash": hashlib.sha256(secret.encode()).hexdigest(),
        "owner": "benchmark",
        "role": role,
        "office": None,
        "scopes": [],
        "created_at": made,
        "expires_at": made + timedelta(days=1),
    }
    with running.engine.begin() as connection:
        connection.execute(insert(api_keys), row)
    return f"rk_{key_id}_{secret}"


def watch(port: int, key: str, after: int, seen: dict[str, float], stop: threading.Event) -> None:
    """Note when each placement first shows on the stream of changes after number `after`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {key}"}
    connection.request("GET", f"/v1/changes?after={after}", headers=headers)
    answer = connection.getresponse()
    while not stop.is_set():
        try:
            line = answer.readline()
        except TimeoutError:
            return
        if line.startswith(b"data: "):
            seen.setdefault(json.loads(line[6:])["placement_id"], time.perf_counter())


def send(port: int, key: str, number: int, placement: str) -> tuple[str, float, int]:
    """Send one event; return its placement, when it was answered, and with what status."""
    kind = KINDS[0] if number % 2 else KINDS[1 + number // 2 % (len(KINDS) - 1)]
    body = {
        "specversion": "1.0",
        "id": str(number),
        "source": SOURCE,
        "type": kind,
        "subject": placement,
        "time": datetime.now(UTC).isoformat(),
        "data": {"data_origin": "simulated", **({"category": "gaji_tidak_dibayar"} if kind == "complaint" else {})},
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/cloudevents+json", "Authorization": f"Bearer {key}"}
    connection.request("POST", "/v1/events", json.dumps(body), headers)
    answer = connection.getresponse()
    answer.read()
    return placement, time.perf_counter(), answer.status


def quantiles(values: list[float]) -> str:
    """Return median, 95th and 99th percentile and the longest, in milliseconds."""
    ordered = sorted(values)
    found = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99, 1)]
    return "median {:.0f} ms, p95 {:.0f} ms, p99 {:.0f} ms, longest {:.0f} ms".format(*(1000 * v for v in found))


def main() -> None:
    """Import, serve, send, and print what was seen."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--rate", type=float, default=50)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--imported", action="store_true", help="the database of RISK_DATABASE_URL holds the data set")
    given = asked.parse_args()
    folder = tempfile.mkdtemp(prefix="risk-latency-")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    os.environ.setdefault("RISK_DATABASE_URL", f"sqlite:///{folder}/service.db")
    os.environ.update({"RISK_PORT": str(port), "RISK_CALLER_RATE": "1000", "RISK_CALLER_BURST": "1000"})
    commands = [sys.executable, "-m", "service.main"]
    if not given.imported:
        subprocess.run([*commands, "import", "--data", str(given.data)], check=True)
    running = Running(read_settings())
    keys = [new_key(running, role) for role in ("placement_system", "national")]
    with running.engine.connect() as connection:
        ids = sorted(connection.execute(select(placements.c.placement_id)).scalars())
        given.after = connection.execute(select(func.max(changes.c.seq))).scalar_one() or 0
    running.close()
    log = (Path(folder) / "service.log").open("w")
    server = subprocess.Popen([*commands, "serve"], stdout=log, stderr=log)
    try:
        measure(port, keys, ids, given)
    finally:
        server.terminate()
        server.wait()


def measure(port: int, keys: list[str], ids: list[str], given: argparse.Namespace) -> None:
    """Send at the rate and print the times."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.2)
    chosen = random.Random(given.seed).sample(ids, int(given.rate * given.seconds) + 1)
    send(port, keys[0], 0, chosen[0])  # the first request reads the histories
    seen: dict[str, float] = {}
    stop = threading.Event()
    threading.Thread(target=watch, args=(port, keys[1], given.after, seen, stop), daemon=True).start()
    time.sleep(1)
    start, due, sent = time.perf_counter(), {}, []
    with ThreadPoolExecutor(SENDERS) as pool:
        for number, placement in enumerate(chosen[1:], start=1):
            at = start + (number - 1) / given.rate
            time.sleep(max(0, at - time.perf_counter()))
            due[placement] = at
            sent.append(pool.submit(send, port, keys[0], number, placement))
    answers = [future.result() for future in sent]
    time.sleep(2)
    stop.set()
    wrong = [status for _, _, status in answers if status != 200]
    took = max(at for _, at, _ in answers) - start
    rate = len(answers) / took
    print(f"{len(ids)} placements, {len(answers)} events in {took:.1f} s ({rate:.1f}/s), {len(wrong)} refused")
    print("POST answered, new score stored:", quantiles([at - due[placement] for placement, at, _ in answers]))
    told = [seen[placement] - due[placement] for placement in due if placement in seen]
    if told:
        print(f"changed band on the stream ({len(told)} changes):", quantiles(told))


if __name__ == "__main__":
    main()
