"""How much longer does retraining with temporal validation take than the bare fits it contains?

    python -m benchmarks.retraining [--quick]

One process. The bare fits are those of every candidate on every rolling test, and one more of the chosen one on all
rows, taken to last as long as its longest. Simulated placements.
"""

import resource
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.live_service import BIN
from benchmarks.served_model import SPECIFICATION
from benchmarks.sitting import GIBIBYTE, REPOSITORY, Asked, Part, asked, figure, judged, told
from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.learning.training import train
from risk_model.placements.training_table import training_table
from risk_model.specification import read_specification

PLACEMENTS, QUICK_PLACEMENTS = 300_000, 6_000
KIBIBYTE = 1024
BAR = 1.5


def part(given: Asked) -> Part:
    """Train once; return the table."""
    specification = read_specification(SPECIFICATION)
    with tempfile.TemporaryDirectory(prefix="risk-retraining-") as name:
        data, number = given.data or Path(name), QUICK_PLACEMENTS if given.quick else PLACEMENTS
        if given.data is None:
            words = ("simulate", "--out", name, "--placements", str(number), "--seed", "7", "--reporting", "rich")
            subprocess.run([BIN / "risk-model", *words], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
        tables = read_data(data)
    print(f"training on {number:,} placements", flush=True)
    begun = time.monotonic()
    table = training_table(tables, specification, schema.day_after_last_record(tables))
    built = time.monotonic() - begun
    begun = time.monotonic()
    result = train(table, specification, random_state=0)
    took = time.monotonic() - begun
    fits = result.scores.drop_duplicates(["candidate", "split"])[["candidate", "fit_seconds"]]
    bare = fits["fit_seconds"].sum() + fits.loc[fits["candidate"] == result.chosen, "fit_seconds"].max()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE / GIBIBYTE
    measured = {
        f"training table of {len(table):,} rows": built,
        "retraining with temporal validation": took,
        "bare fits within it": float(bare),
    }
    return Part(
        "retraining",
        f"Retraining: {number:,} placements, one process, one round",
        ("what", "seconds"),
        tuple((what, figure(seconds)) for what, seconds in measured.items()),
        (
            judged("retraining over its bare fits", took / bare, BAR, at_most=True, unit="×"),
            f"chosen: {result.chosen}; peak memory of the process {figure(peak)} GiB",
        ),
    )


if __name__ == "__main__":
    print(told(part(asked(about=__doc__))))
