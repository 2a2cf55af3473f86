"""How long do backup and restore of a large register take, and how fast is a list's page on it?

    python -m benchmarks.backup_restore [--placements 1000000] [--postgresql]

A simulated register is imported and multiplied in the database to so many scored placements. While a client goes on
registering placements, `risk-service backup` writes everything into a file; `risk-service restore` fills an empty
database from it. Then every table is counted and the audit log checked. Simulated.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, func, insert, literal, select

from benchmarks.live_service import STOPPED_OFFICE, LiveService, ask, databases
from service.payloads.examples import PLACEMENT
from service.storage.engine import for_writing, open_engine
from service.tables.register import placements, scores
from service.tables.schema import metadata

MOST_SECONDS, MOST_PAGE = 300.0, 0.200
PAGES = 200
FIRST = 20_000
"""Placements that are simulated; the others are copies of them under other ids."""


def main() -> None:
    """Print what was measured; exit 1 where a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--placements", type=int, default=1_000_000)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--model-dir", type=Path, help="release to serve; default: models/champion")
    parser.add_argument("--public-key", type=Path)
    parser.add_argument("--data", type=Path, help="data set made before; default: one is simulated")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="risk-backup-") as folder,
        databases(Path(folder), ("service", "restored"), postgresql=asked.postgresql) as urls,
    ):
        good = measure(asked, Path(folder), urls)
    print("every bar met" if good else "a bar was MISSED")
    sys.exit(not good)


def measure(asked: argparse.Namespace, folder: Path, urls: tuple[str, ...]) -> bool:
    """Fill, back up while it is written to, restore, compare; return whether every bar was met."""
    options = {"model_dir": asked.model_dir, "public_key": asked.public_key}
    service = LiveService(folder, **options, database_url=urls[0], request_seconds=600)  # a first list of a million
    if asked.data:
        (folder / "data").symlink_to(asked.data.resolve())
    keys = service.prepare(placements=min(FIRST, asked.placements))
    engine = open_engine(service.environment["RISK_DATABASE_URL"])
    multiply(engine, asked.placements)
    service.start()
    page = list_page(service, keys)
    file = folder / "kept.zip"
    written, seconds, manifest = back_up(service, keys, file)
    service.stop()
    print(
        f"backup: {manifest['total']:,} rows in {seconds:.1f} s, {manifest['bytes'] / 2**20:.0f} MiB, "
        f"while {written} placements were registered"
    )
    restored = LiveService(folder, **options, database_url=urls[1])
    begun = time.monotonic()
    restored.command("restore", str(file))
    took = time.monotonic() - begun
    verdict = json.loads(restored.command("verify-audit", "--json"))
    same = counts(open_engine(restored.environment["RISK_DATABASE_URL"])) == manifest["rows"] | {
        "audit_log": manifest["rows"]["audit_log"] + 1
    }
    print(f"restore: {took:.1f} s; every table as it was: {same}; audit log whole: {verdict['first_bad'] is None}")
    started = restored.start()
    ready = ask(restored.port, "GET", "/health/ready")[0]
    restored.stop()
    print(f"the restored service is ready ({ready}) after {started:.1f} s")
    return same and verdict["first_bad"] is None and took <= MOST_SECONDS and page <= MOST_PAGE and ready == 200


def multiply(engine: Engine, wanted: int) -> None:
    """Copy the scored placements under other ids until there are so many."""
    with for_writing(engine).begin() as connection:
        there = connection.execute(select(func.count()).select_from(scores)).scalar_one()
        first = connection.execute(select(func.max(placements.c.placement_id))).scalar_one()
        for copy in range(1, -(-wanted // there)):
            for table in (placements, scores):
                others = [column for column in table.c if column.name != "placement_id"]
                named = (table.c.placement_id + literal(f"-{copy}")).label("placement_id")
                rows = select(named, *others).where(func.length(table.c.placement_id) <= len(first))
                columns = ["placement_id", *(column.name for column in others)]
                connection.execute(insert(table).from_select(columns, rows))


def list_page(service: LiveService, keys: dict[str, str]) -> float:
    """Print how long the page of a list takes; return the 95th percentile in seconds."""
    wanted = {"capacity": 40, "office": STOPPED_OFFICE, "issue": True}
    begun = time.monotonic()
    status, made = ask(service.port, "POST", "/v1/priority-lists", wanted, key=keys["national"], timeout=600)
    assert status == 201, made
    drawn = time.monotonic() - begun
    seconds = []
    for _ in range(PAGES):
        begun = time.monotonic()
        status, _ = ask(service.port, "GET", f"/lists/{made['list_id']}", key=keys["supervisor"])
        seconds.append(time.monotonic() - begun)
        assert status == 200, status
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    print(f"a list of 40 is drawn in {drawn:.1f} s; its page: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms")
    return float(p95)


def back_up(service: LiveService, keys: dict[str, str], file: Path) -> tuple[int, float, dict[str, object]]:
    """Back up while a client writes; return how much it wrote meanwhile, the seconds, and what the file holds."""
    stop, written = threading.Event(), [0]

    def write() -> None:
        while not stop.is_set():
            name = f"BACKUP-{written[0]}"
            row = {**PLACEMENT, "placement_id": name}
            written[0] += ask(service.port, "PUT", f"/v1/placements/{name}", row, key=keys["system"])[0] in (200, 201)

    writer = threading.Thread(target=write)
    writer.start()
    begun = time.monotonic()
    manifest = json.loads(service.command("backup", str(file), "--json"))
    seconds = time.monotonic() - begun
    stop.set()
    writer.join()
    return written[0], seconds, manifest | {"total": sum(manifest["rows"].values())}


def counts(engine: Engine) -> dict[str, int]:
    """Return the rows of each table."""
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


if __name__ == "__main__":
    main()
