"""What do the benchmarks say that print lines of their own?

    python -m benchmarks.printed [--quick]

Events and big files are measured by programs with switches of their own; a sitting runs them and keeps their lines.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from benchmarks.live_service import LiveService
from benchmarks.sitting import REPOSITORY, Asked, Part, asked, told

PLACEMENTS, QUICK_PLACEMENTS = 300_000, 6_000
RATE, SECONDS, QUICK_SECONDS = 50, 60, 5
A_DAY = timedelta(days=1)
PARQUET = "benchmarks.parquet_scoring"


def events(given: Asked) -> Part:
    """Return how soon events show, at a fixed rate, on a register of the size the bar names."""
    number = QUICK_PLACEMENTS if given.quick else PLACEMENTS
    with tempfile.TemporaryDirectory(prefix="risk-events-") as name:
        service = LiveService(Path(name), model_dir=given.model_dir, public_key=given.public_key)
        print(f"importing {number:,} placements", flush=True)
        service.prepare(placements=number, until=f"{datetime.now(UTC) - A_DAY:%Y-%m-%d}")  # as an office's own data
        seconds = QUICK_SECONDS if given.quick else SECONDS
        words = ("--data", f"{name}/data", "--imported", "--rate", str(RATE), "--seconds", str(seconds))
        lines = _lines("benchmarks.event_latency", words, service.environment)
    return _part("events", f"Event to updated list: {RATE} events a second (wanted: p99 under 1 s)", lines)


def parquet(given: Asked) -> Part:
    """Return how fast ten million rows go from Parquet to Parquet."""
    question = "Ten million rows, Parquet to Parquet (wanted: half the rate of copying, under 1 GB)"
    if find_spec(PARQUET) is None:
        return _part("parquet", question, [f"not measured: {PARQUET} is not there"])
    words = [*(["--quick"] if given.quick else []), *(["--data", str(given.data)] if given.data else [])]
    return _part("parquet", question, _lines(PARQUET, words, {}))


def _lines(module: str, words: Sequence[str], environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=REPOSITORY,
        env=environment or None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return [f"failed: {' '.join(done.stderr.strip().splitlines()[-1:])}"]
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def _part(name: str, question: str, lines: list[str]) -> Part:
    return Part(name, question, (), (), tuple(lines))


if __name__ == "__main__":
    given = asked(about=__doc__)
    for part in (events, parquet):
        print(told(part(given)))
