"""Is anything lost, doubled or left half done when the service is killed at any moment?

    python -m benchmarks.service_kills [--rounds 50] [--placements 6000] [--import-every 5] [--postgresql] [--seed 1]

Each round starts `risk-service serve`, lets threads record visits, tell events, upload files and two programs promote
and roll back releases at once, and kills all of them (SIGKILL) at a random moment. Then: every acknowledged row must
be there, none twice, every release whole, the audit log whole, and the service must answer within 10 s. Some
rounds kill `risk-service import` as well. A server of PostgreSQL goes on; its client is killed. Simulated.
"""

import argparse
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from sqlalchemy import func, select

from benchmarks.live_service import REPOSITORY, LiveService, ask, databases
from risk_model.errors import ReleaseError
from risk_model.scoring.release import current_release, read_release, release_path, releases
from risk_model.scoring.signing_keys import read_public_key
from service.audit_anchor import anchor_path, verify
from service.audit_key import load_or_create_audit_key
from service.payloads.examples import PLACEMENT
from service.storage.engine import open_engine
from service.storage.receipts import ids_of_bundle
from service.tables.happenings import events, inspections
from service.tables.keeping import receipt_bundles
from service.tables.register import imports, placements

MOST_SECONDS = 10.0
LONGEST_LIFE = 4.0
"""Seconds of writing before the kill, at most."""
CREATED = (200, 201)
PROMOTERS = 2
PROMOTER = """
import sys, time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from risk_model.errors import ReleaseBusyError
from risk_model.scoring.release import current_release, read_release, roll_back, write_release
from risk_model.scoring.signing_keys import load_or_create_keys

folder, keys, name = Path(sys.argv[1]), load_or_create_keys(Path(sys.argv[2])), sys.argv[3]
model = read_release(current_release(folder), public_key=keys.public)
for number in range(1_000_000):
    time.sleep(0.01)
    with suppress(ReleaseBusyError):  # the other one has the turn
        now = datetime.now(UTC)
        write_release(model, folder, private_key=keys.private, release_id=f"{name}-{number}", created_at=now)
    with suppress(ReleaseBusyError):
        if number % 2:
            roll_back(folder, public_key=keys.public)
"""


@dataclass
class Acknowledged:
    """What the service said it has: numbers of visits and receipts, ids of events and of placements uploaded."""

    visits: set[str] = field(default_factory=set)
    receipts: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    uploaded: set[str] = field(default_factory=set)


class Round:
    """One life of the service, from its start to its death."""

    def __init__(
        self, service: LiveService, keys: dict[str, str], known: list[str], acknowledged: Acknowledged
    ) -> None:
        """Write about `known` placements and add to what was acknowledged."""
        self.service, self.keys, self.known, self.acknowledged = service, keys, known, acknowledged
        self.dead = threading.Event()

    def visits(self) -> None:
        """Record visits one after the other."""
        told = {"outcome": "no_harm_found", "visited_at": "2026-01-01", "placement_id": random.choice(self.known)}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        status, made = self._send("POST", "/v1/inspections", told, "national", headers)
        if status in CREATED:
            self.acknowledged.visits.add(made["inspection_id"])

    def scores(self) -> None:
        """Ask for scores one after the other."""
        status, made = self._send("POST", "/v1/scores", PLACEMENT, "system")
        if status in CREATED:
            self.acknowledged.receipts.add(made["receipt"]["receipt_id"])

    def events(self) -> None:
        """Tell events, five at a time."""
        ids = [str(uuid.uuid4()) for _ in range(5)]
        batch = [
            {
                "specversion": "1.0",
                "id": each,
                "source": "/kills",
                "type": "contact",
                "subject": random.choice(self.known),
                "time": "2026-01-01T00:00:00Z",
            }
            for each in ids
        ]
        if self._send("POST", "/v1/events", batch, "system")[0] in CREATED:
            self.acknowledged.events |= set(ids)

    def uploads(self) -> None:
        """Upload files of twenty placements."""
        ids = [f"KILL-{uuid.uuid4().hex[:12]}" for _ in range(20)]
        row = {"Kode Kab": "53.11", "Negara Tujuan": "Malaysia", "Jabatan": "House Maid", "Skema": "P to P"}
        sheet = io.StringIO()
        pd.DataFrame([{"ID Penempatan": each, **row, "Tgl Daftar": "02/01/2026"} for each in ids]).to_csv(
            sheet, index=False
        )
        boundary = uuid.uuid4().hex
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="mapping"\r\n\r\nsiskop2mi\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            f"{sheet.getvalue()}\r\n--{boundary}--\r\n"
        )
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, told = self._send("POST", "/v1/placements/import", body.encode(), "system", kind)
        if status in CREATED and told["accepted"] == len(ids):
            self.acknowledged.uploaded |= set(ids)

    def live(self, seconds: float) -> None:
        """Write for so many seconds, and die."""
        threads = [threading.Thread(target=self._repeat, args=(work,)) for work in self.work()]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.dead.set()
        self.service.kill()
        for thread in threads:
            thread.join()

    def work(self) -> list[Callable[[], None]]:
        """What goes on at the same time."""
        return [self.visits, self.visits, self.events, self.events, self.uploads, *[self.scores] * 4]

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self.dead.is_set():
            work()

    def _send(
        self, method: str, path: str, body: object, key: str, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str]]:
        try:
            return ask(self.service.port, method, path, body, key=self.keys[key], headers=headers)
        except (OSError, ValueError):
            return 0, {}


def lost(service: LiveService, acknowledged: Acknowledged) -> dict[str, int]:
    """Return how many acknowledged rows of each kind are not there, and how many are there twice."""
    engine = open_engine(service.environment["RISK_DATABASE_URL"])
    with engine.connect() as connection:
        visits = list(connection.execute(select(inspections.c.inspection_id)).scalars())
        told = list(connection.execute(select(events.c.event_id).where(events.c.source == "/kills")).scalars())
        there = set(connection.execute(select(placements.c.placement_id)).scalars())
        bundles = connection.execute(select(receipt_bundles.c.bundle_id, receipt_bundles.c.number))
        signed = {receipt_id for bundle in bundles for receipt_id in ids_of_bundle(*bundle)}
    engine.dispose()
    return {
        "visits lost": len(acknowledged.visits - set(visits)),
        "receipts lost": len(acknowledged.receipts - signed),
        "events lost": len(acknowledged.events - set(told)),
        "placements lost": len(acknowledged.uploaded - there),
        "twice": len(visits) - len(set(visits)) + len(told) - len(set(told)),
    }


def kill_import(service: LiveService, seconds: float) -> bool:
    """Kill an import after so many seconds; return whether the register is whole, as before or as after."""
    words = [sys.executable, "-m", "service.main", "import", "--data", str(service.folder / "data")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(words, env=service.environment, cwd=REPOSITORY, start_new_session=True, **quiet)
    time.sleep(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    engine = open_engine(service.environment["RISK_DATABASE_URL"])
    with engine.connect() as connection:
        head = connection.execute(select(imports).order_by(imports.c.import_id.desc()).limit(1)).one()
        brought = select(func.count()).select_from(placements).where(placements.c.registered_by.is_(None))
        there = connection.execute(brought).scalar_one()
    engine.dispose()
    return bool(there >= head.placements)


def main() -> None:
    """Print one line per ten rounds, and what was found; exit 1 where anything was lost or late."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--placements", type=int, default=6_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--import-every", type=int, default=5, help="rounds from one killed import to the next")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--release", type=Path, help="release to begin with; default: models/champion", default=None)
    parser.add_argument("--keys", type=Path, help="keys it was signed with; default: var/keys", default=None)
    asked = parser.parse_args()
    random.seed(asked.seed)
    with (
        tempfile.TemporaryDirectory(prefix="risk-kills-") as folder,
        databases(Path(folder), ("service",), postgresql=asked.postgresql) as (url,),
    ):
        good = kill_and_look(asked, Path(folder), url)
    print("nothing was lost" if good else "something was LOST or late")
    sys.exit(not good)


def kill_and_look(asked: argparse.Namespace, folder: Path, url: str) -> bool:
    """Kill as often as asked on the database at `url`; return whether every bar was met."""
    release, keys_folder = folder / "release", folder / "release-keys"
    shutil.copytree(asked.release or REPOSITORY / "models" / "champion", release)
    shutil.copytree(asked.keys or REPOSITORY / "var" / "keys", keys_folder)
    public = keys_folder / "release_key.pub"
    service = LiveService(folder, model_dir=release, public_key=public, workers=asked.workers, database_url=url)
    keys = service.prepare(placements=asked.placements)
    engine = open_engine(service.environment["RISK_DATABASE_URL"])
    with engine.connect() as connection:
        known = list(connection.execute(select(placements.c.placement_id)).scalars())
    engine.dispose()
    acknowledged, starts, faults = Acknowledged(), [service.start()], Counter[str]()
    for number in range(1, asked.rounds + 1):
        promoters = promote_at_once(release, keys_folder, number)
        Round(service, keys, known, acknowledged).live(random.uniform(0.05, LONGEST_LIFE))
        for promoter in promoters:
            promoter.kill()
            promoter.wait()
        faults["half a release"] += half_releases(release, public, f"r{number}-")
        if number % asked.import_every == 0:
            faults["half an import"] += not kill_import(service, random.uniform(0.5, 8.0))
        starts.append(service.start())
        faults.update(found(service, acknowledged, starts[-1]))
        if number % 10 == 0:
            print(
                f"{number:>3} kills, {told(acknowledged)}, slowest start {max(starts):.1f} s, {dict(+faults)}",
                flush=True,
            )
    service.stop()
    return not +faults


def promote_at_once(release: Path, keys: Path, number: int) -> list[subprocess.Popen[bytes]]:
    """Start programs that promote and roll back all the time; their turns exclude each other."""
    words = [sys.executable, "-c", PROMOTER, str(release), str(keys)]
    return [subprocess.Popen([*words, f"r{number}-{each}"]) for each in range(PROMOTERS)]


def half_releases(folder: Path, public: Path, prefix: str) -> int:
    """Count releases called `prefix`… that are not whole, and the one in use where it is not."""
    key, broken = read_public_key(public), 0
    for name in [None, *(name for name in releases(folder) if name.startswith(prefix))]:
        try:
            read_release(current_release(folder) if name is None else release_path(folder, name), public_key=key)
        except ReleaseError:
            broken += 1
    return broken


def found(service: LiveService, acknowledged: Acknowledged, seconds: float) -> Counter[str]:
    """Return what is wrong after a start that took so many seconds."""
    faults = Counter(lost(service, acknowledged))
    status, ready = ask(service.port, "GET", "/health/ready")
    faults["not ready"] = int(status != 200 or ready["model_kind"] == "published_rule")
    engine, key = open_engine(service.environment["RISK_DATABASE_URL"]), service.folder / "keys" / "audit.key"
    verdict = verify(engine, key=load_or_create_audit_key(key), path=anchor_path(key))
    engine.dispose()
    faults["audit log not whole"] = int(not verdict.is_whole)
    faults["late"] = int(seconds > MOST_SECONDS)
    if +faults:
        print(json.dumps({"found": dict(+faults), "ready": ready, "audit": verdict.fault}))
    return faults


def told(acknowledged: Acknowledged) -> str:
    """Say how much was acknowledged so far."""
    return (
        f"{len(acknowledged.visits)} visits, {len(acknowledged.receipts)} scores, {len(acknowledged.events)} events, "
        f"{len(acknowledged.uploaded)} uploaded placements acknowledged"
    )


if __name__ == "__main__":
    main()
