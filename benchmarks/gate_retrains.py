"""Does the gate let clean retrainings through? Bar: at least 19 of 20.

    python -m benchmarks.gate_retrains [--placements 60000] [--seeds 4] [--months 5] [--world hidden]

Each seed is one simulated office that trains and promotes at the end of several months in a row, with no defect
planted; from the second month on there is a champion. Prints one line per retraining, then the count.
"""

import argparse
import os
import tempfile
from datetime import UTC
from pathlib import Path

import pandas as pd

from risk_model.data.schema import Tables, write_tables
from risk_model.data.simulator.simulate import DEFAULT_UNTIL, Simulation, simulate
from risk_model.errors import GateRefusedError
from risk_model.workflows import promotion, training

SPECIFICATION = Path(__file__).resolve().parents[1] / "models" / "placement_risk.yaml"
MONTH_DAYS = 30


SHOWN = ("AUC over the two-line rule", "AUC over the champion", "list exchanged")


def retrain(simulation: Simulation, as_of: pd.Timestamp, office: Path) -> tuple[bool, str]:
    """Train on what was known before `as_of` and ask for promotion; return whether and with what figures."""
    tables = simulation.tables
    known = (f[f["recorded_at"] < as_of] for f in (tables.placements, tables.events, tables.inspections))
    data = office / "data"
    write_tables(Tables(*known), data)
    made = training.train_on_placements(data, SPECIFICATION, as_of=as_of, random_state=0, progress=lambda *told: None)
    try:
        promoted = promotion.promote(
            str(made["version"]),
            data,
            approver="Benchmark Approver",
            specification_file=SPECIFICATION,
            created_at=as_of.to_pydatetime().replace(tzinfo=UTC),
        )
    except GateRefusedError as refusal:
        return False, str(refusal)
    figures = {check["name"]: check["figure"] for check in promoted["checks"]}
    return True, ", ".join(f"{name} {figures[name]}" for name in SHOWN if name in figures)


def main() -> None:
    """Run the benchmark in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--months", type=int, default=5)
    parser.add_argument("--world", default="hidden")
    chosen = parser.parse_args()
    accepted, asked = 0, 0
    for seed in range(1, chosen.seeds + 1):
        simulation = simulate(chosen.world, reporting="rich", placements=chosen.placements, random_state=seed)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"
            for back in range(chosen.months - 1, -1, -1):
                as_of = DEFAULT_UNTIL - pd.Timedelta(days=MONTH_DAYS * back)
                passed, said = retrain(simulation, as_of, Path(folder))
                accepted, asked = accepted + passed, asked + 1
                word = "accepted" if passed else "refused"
                print(f"seed {seed} as of {as_of.date()}: {word}, {said}", flush=True)
            os.chdir(Path(__file__).parent)
    print(f"simulated, {chosen.world}, {chosen.placements:,} placements: {accepted} of {asked} accepted")


if __name__ == "__main__":
    main()
