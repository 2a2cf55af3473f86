"""How quickly, and within how much memory, is a Parquet table of ten million placements scored?

    python -m benchmarks.parquet_scoring [--rows N] [--quick]

Inputs are the features of the demo's cohort (`make demo`), drawn with replacement under new identifiers. Beside the
command stands one process that reads the same columns and writes the same columns without scoring, with the same
settings: as little work as there can be.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.placements.feature_table import feature_table
from risk_model.specification import read_specification

GROUP = 500_000
BATCH = 1 << 16
SPECIFICATION = Path("models/placement_risk.yaml")
FEW = ["stage", "band", "model_version", "data_origin"]
WRITTEN_ONLY = ("risk", "low", "high", "band", "supported", "reasons", "model_version", "data_origin")


def make_table(data: Path, rows: int, out: Path) -> None:
    """Write `rows` rows of features, in row groups of half a million."""
    specification, tables = read_specification(SPECIFICATION), read_data(data)
    cohort = feature_table(tables, specification, schema.day_after_last_record(tables))
    table = pa.Table.from_pandas(cohort, preserve_index=False)
    random = np.random.default_rng(0)
    with pq.ParquetWriter(out, table.schema) as writer:
        for start in range(0, rows, GROUP):
            drawn = table.take(random.integers(0, len(table), min(GROUP, rows - start)))
            named = pa.array([f"PMI-{number:09}" for number in range(start, start + len(drawn))], table.schema[0].type)
            writer.write_table(drawn.set_column(0, table.schema[0], named), row_group_size=GROUP)


def copy_without_scoring(table: Path, scores: Path, out: Path) -> None:
    """Read the inputs and write finished scores, batch by batch: all the command does, but for scoring."""
    inputs = pq.ParquetFile(table, read_dictionary=_texts(table))
    finished = next(pq.ParquetFile(scores).iter_batches(BATCH, columns=list(WRITTEN_ONLY)))
    names = pq.read_schema(scores).names
    with pq.ParquetWriter(out, pq.read_schema(scores), use_dictionary=[n for n in FEW if n in names]) as writer:
        for batch in inputs.iter_batches(BATCH):
            parts = {name: finished[name].slice(0, len(batch)) for name in WRITTEN_ONLY}
            parts |= {name: batch[name] for name in names if name not in parts}
            writer.write_batch(pa.RecordBatch.from_arrays([parts[name] for name in names], schema=writer.schema))


def _texts(table: Path) -> list[str]:
    return [field.name for field in list(pq.read_schema(table))[1:] if _is_text(field.type)]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


class Memory:
    """The most memory that a process and its children held together, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        """Begin to look at process `pid`."""
        self.pid, self.most, self.done = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def stop(self) -> int:
        """Return the most bytes held at once, each shared page counted once."""
        self.done.set()
        self.thread.join()
        return self.most

    def _look(self) -> None:
        while not self.done.wait(0.1):
            self.most = max(self.most, sum(_held(pid) for pid in _family(self.pid)))


def _family(pid: int) -> list[int]:
    found, places = [pid], [pid]
    while places:
        try:
            tasks = Path(f"/proc/{places.pop()}/task").glob("*/children")
            children = [int(child) for task in tasks for child in task.read_text().split()]
        except OSError:
            continue
        found += children
        places += children
    return found


def _held(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    # proportional share, without pages of files: what is mapped of a file can be dropped at any time
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss_Anon:"))


def timed(command: list[str]) -> tuple[float, float, int]:
    """Run `command`; return its seconds, those of the processor, and the most memory it held."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    memory = Memory(process.pid)
    _, said = process.communicate()
    seconds, most = time.perf_counter() - started, memory.stop()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed: {said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, most


def measure(data: Path, rows: int, folder: Path) -> None:
    """Print the rates of the command, with one process and with all, and of copying."""
    table = folder / "table.parquet"
    make_table(data, rows, table)
    command = [str(Path(sys.executable).with_name("risk-model")), "score", "--data", str(table), "--model", "champion"]
    copying = [sys.executable, "-m", "benchmarks.parquet_scoring", "--copy", str(table), str(folder / "scores.parquet")]
    for name, told in (
        ("all cores, one file", [*command, "--out", str(folder / "scores.parquet")]),
        ("reading and writing alone, one process", copying),
        ("all cores, a folder", [*command, "--out", str(folder / "scores")]),
        ("one process, one file", [*command, "--jobs", "1", "--out", str(folder / "again.parquet")]),
    ):
        seconds, processor, most = timed(told)
        rate = f"{rows / seconds / 1e6:.2f} M rows/s, {seconds:.1f} s"
        print(f"{name}: {rate}, {processor:.1f} s of processor, {most / 2**20:.0f} MB", flush=True)


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--quick", action="store_true", help="half a million rows")
    parser.add_argument("--data", type=Path, default=Path("var/data"))
    parser.add_argument("--copy", type=Path, nargs=2, help="read and write alone: table, and scores made before")
    asked = parser.parse_args()
    if asked.copy:
        table, scores = asked.copy
        copy_without_scoring(table, scores, scores.with_name("copied.parquet"))
        return
    with tempfile.TemporaryDirectory(dir=Path("var")) as folder:
        measure(asked.data, GROUP if asked.quick else asked.rows, Path(folder))


if __name__ == "__main__":
    main()
