"""What is one sitting of benchmarks: what may be asked of it, and what does each part hand over?"""

import argparse
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[1]
ROUNDS = 3
LIBRARIES = ("fastapi", "uvicorn", "pydantic", "numpy", "pandas", "scikit-learn", "mlflow", "sqlalchemy")
GIBIBYTE = 1 << 30
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Part:
    """The answer to one question: a table, what is to be said of it, and which bars were set.

    `chart` names a figure per row (by the row's first cell) and its unit; None where a picture shows no more.
    """

    name: str
    question: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    chart: tuple[str, tuple[tuple[str, float], ...]] | None = None


@dataclass(frozen=True)
class Asked:
    """How long a sitting may take, and what it is about."""

    quick: bool
    rounds: int
    model_dir: Path
    public_key: Path
    store: str
    data: Path | None
    environments: Path


def asked(words: Sequence[str] | None = None, *, about: str | None = None) -> Asked:
    """Read the command line that every part shares."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round of each, to see that it runs")
    parser.add_argument("--rounds", type=int, help=f"default {ROUNDS}, 1 with --quick")
    parser.add_argument("--model-dir", type=Path, default=REPOSITORY / "models" / "champion")
    parser.add_argument("--public-key", type=Path, default=REPOSITORY / "var" / "keys" / "release_key.pub")
    parser.add_argument("--store", default=f"sqlite:///{REPOSITORY / 'var' / 'mlflow.db'}", help="MLflow store")
    parser.add_argument("--data", type=Path, help="data set made before; default: one is simulated")
    parser.add_argument("--environments", type=Path, default=REPOSITORY / "benchmarks" / "environments")
    given = parser.parse_args(words)
    given.rounds = given.rounds or (1 if given.quick else ROUNDS)
    return Asked(**vars(given))


def told(part: Part) -> str:
    """Return a part as Markdown."""
    table = (
        [_line(part.columns), _line("---" for _ in part.columns), *map(_line, part.rows), ""] if part.columns else []
    )
    return "\n".join([f"## {part.question}", "", *table, *(f"- {note}" for note in part.notes)]).rstrip() + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def judged(what: str, found: float, bar: float, *, at_most: bool = False, unit: str = "") -> str:
    """Return one sentence: what was found, what was wanted, and whether that was met."""
    met = found <= bar if at_most else found >= bar
    wanted = "at most" if at_most else "at least"
    return f"{what}: {figure(found)}{unit}; wanted {wanted} {figure(bar)}{unit}: {'met' if met else 'MISSED'}"


def figure(value: float) -> str:
    """Return a number with about three digits that count.

    >>> [figure(number) for number in (12345.6, 42.42, 0.123456)]
    ['12,346', '42.4', '0.123']
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def in_rounds(rounds: int, measures: Mapping[str, Callable[[], dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Measure each in turn, round after round, and return the median of every figure.

    Turns are taken so that what disturbs the machine for a while falls on all alike.
    """
    found: dict[str, list[dict[str, float]]] = {name: [] for name in measures}
    for number in range(rounds):
        for name, measure in measures.items():
            print(f"round {number + 1} of {rounds}: {name}", flush=True)
            found[name].append(measure())
    return {name: {key: statistics.median(one[key] for one in each) for key in each[0]} for name, each in found.items()}


def machine() -> str:
    """Return on what, with what and when this was measured, and how busy the machine was before."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    cores, memory = os.cpu_count(), psutil.virtual_memory().total / GIBIBYTE
    load = os.getloadavg()[0]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {model}, {cores} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, OMP_NUM_THREADS=1; "
        f"load before the sitting {load:.1f}. {libraries}."
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).is_file() else []
