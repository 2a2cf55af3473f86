"""How often do the intervals of segments hold the truth? Simulated worlds only.

The truth of a segment is the mean chance that a visit finds harm among its placements, which only the simulator
knows, at the four quarters of the last year.

    python benchmarks/segment_coverage.py --placements 60000 --seeds 3
"""

import argparse

import numpy as np
import pandas as pd

from risk_model.data.simulator.latent.harm import true_risk
from risk_model.data.simulator.simulate import Simulation, simulate
from risk_model.data.simulator.worlds import DETECTION, days
from risk_model.prioritisation.segment_counts import count
from risk_model.prioritisation.segments import segments

MOMENT_DAYS = 0.01
QUARTERS = (0, 91, 182, 273)
GROUPINGS = (("sector",), ("destination",), ("destination", "sector"), ("destination", "sector", "certification_level"))


def truth(simulation: Simulation, by: tuple[str, ...]) -> pd.DataFrame:
    """Return the true chance of a finding per segment, averaged over the quarters of the last year."""
    world = simulation.world
    counted = count(simulation.tables, world.run.until, by)
    place = world.places(counted.placements["placement_id"])
    at = days(world.run.until)
    chances = [true_risk(world.harm, world.careers, at - back, horizon=MOMENT_DAYS)[place] for back in QUARTERS]
    # a placement that was not registered yet has no chance of a finding and is left out of that quarter
    there = [world.population.registered[place] < at - back for back in QUARTERS]
    chance = np.average(np.stack(chances), weights=np.stack(there) + 1e-9, axis=0)
    told = counted.placements[counted.cells].assign(truth=DETECTION * chance, n=1)
    summed = told.groupby(counted.cells, as_index=False).agg(truth=("truth", "mean"), n=("n", "size"))
    return summed.rename(columns=dict(zip(counted.cells, by, strict=True)))


def main() -> None:
    """Print, per world and grouping, the share of segments and of placements whose interval holds the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--worlds", nargs="*", default=["open", "hidden", "silenced"])
    asked = parser.parse_args()
    rows = []
    for world in asked.worlds:
        for seed in range(asked.seeds):
            simulation = simulate(world, reporting="rich", placements=asked.placements, random_state=seed)
            for by in GROUPINGS:
                shown = segments(simulation.tables, simulation.world.run.until, by=by)
                both = shown.merge(truth(simulation, by), on=list(by))
                holds = both["truth"].between(both["low"] - 0.005, both["high"] + 0.005)
                rows += [
                    (world, ", ".join(by), hold, n, high - low, gap, not np.isnan(visits))
                    for hold, n, low, high, gap, visits in zip(
                        holds,
                        both["n"],
                        both["low"],
                        both["high"],
                        (both["rate"] - both["truth"]).abs(),
                        both["list_visits"].astype(float),
                        strict=True,
                    )
                ]
    table = pd.DataFrame(rows, columns=["world", "by", "holds", "n", "width", "error", "seen"])
    table["by_placement"], table["width_n"], table["error_n"] = (
        table[c] * table["n"] for c in ("holds", "width", "error")
    )
    grouped = table.groupby(["world", "by"], sort=False)
    summary = grouped.agg(segments=("holds", "size"), holds=("holds", "mean"), seen=("seen", "mean"))
    for name in ("by_placement", "width_n", "error_n"):
        summary[name] = grouped[name].sum() / grouped["n"].sum()
    print(f"simulated; {asked.placements:,} placements, {asked.seeds} seeds; intervals of 90 %")
    print("seen: share of segments with ten visits of lists; the last three columns weigh segments by placements")
    print(summary.round(3).to_string())


if __name__ == "__main__":
    main()
