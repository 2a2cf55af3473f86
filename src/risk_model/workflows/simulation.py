"""What does `risk-model simulate` write?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from risk_model.data.simulator import simulate as simulating
from risk_model.data.simulator.calibration_check import check as calibration_check
from risk_model.data.simulator.office_exports import export_office_files

Progress = Callable[[int, int, str], None]

STEPS = 4


def simulate(
    out: Path,
    *,
    world: str,
    reporting: str,
    placements: int,
    random_state: int,
    until: pd.Timestamp | None,
    export: Path | None,
    check: bool,
    progress: Progress,
) -> dict[str, Any]:
    """Simulate one world and write its tables to `out`; with `export` also messy office files.

    Returns:
        Row counts by table; with `check` also the simulated figures against the published ones.
    """
    progress(0, STEPS, f"simulating {placements:,} placements")
    dated = {} if until is None else {"until": until}
    simulation = simulating.simulate(
        world, reporting=reporting, placements=placements, random_state=random_state, **dated
    )
    progress(1, STEPS, "writing the tables")
    simulating.write(simulation, out)
    shown: dict[str, Any] = {
        "data_origin": "simulated",
        "world": world,
        "reporting": reporting,
        "folder": str(out),
        "placements": int(simulation.tables.placements["placement_id"].nunique()),
        "events": len(simulation.tables.events),
        "inspections": len(simulation.tables.inspections),
    }
    if export is not None:
        progress(2, STEPS, "writing office exports")
        shown["exports"] = [str(path) for path in export_office_files(simulation, export)]
    if check:
        progress(3, STEPS, "comparing with the published figures")
        shown["simulated_against_published"] = calibration_check(simulation).to_dict("records")
    progress(STEPS, STEPS, "simulated")
    return shown
