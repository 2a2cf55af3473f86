"""What do the random and the coverage arm cost in harm found?

    python benchmarks/list_price.py [--seeds 5] [--world hidden] [--placements 60000] [--learnt]

For each share of the cohort that can be visited: the true harm expected on the list with both arms (5 % + 15 %)
and with the random arm alone (5 %), against the list by score alone. Scores are the true risk, the hardest case, for
then every place taken from the risk arm costs most, and the published rule; with --learnt also the model of record,
learnt anew for each seed: for learnt scores alone the limit on unclear corridors holds. Simulated.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from risk_model.data.simulator.register import WorldState
from risk_model.data.simulator.simulate import simulate, true_risk
from risk_model.placements.published_rule import published_rule
from risk_model.prioritisation.risk_arm import unclear
from risk_model.prioritisation.sampling import Eligible, Shares, draw_from, inclusion_probabilities
from risk_model.prioritisation.units import RECENT_VISIT_DAYS
from risk_model.replay.learners import learn, scored
from risk_model.scoring.scorer import score_columns
from risk_model.specification import read_specification

CAPACITIES = (0.10, 0.05, 0.01)
BOTH, RANDOM_ALONE = Shares(), Shares(coverage=0.0)
NO_MINIMUM = Shares(minimum_coverage=False)
SPECIFICATION = Path(__file__).resolve().parents[1] / "models" / "placement_risk.yaml"


def main() -> None:
    """Print one line per score and capacity: per cent of harm found given up, mean and worst over seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--world", default="hidden")
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--learnt", action="store_true")
    asked = parser.parse_args()
    rows = [
        row for seed in range(asked.seeds) for row in prices(asked.world, asked.placements, seed, learnt=asked.learnt)
    ]
    table = pd.DataFrame(rows).groupby(["scores", "capacity"], sort=False)
    shown = table.agg(
        both=("both", "mean"),
        worst_both=("both", "max"),
        random_alone=("random_alone", "mean"),
        worst_alone=("random_alone", "max"),
        minimum_coverage=("minimum", "mean"),
        limit=("limit", "mean"),
        worst_limit=("limit", "max"),
        every_arm_on_draws=("drawn", "mean"),
    )
    print(f"simulated, world {asked.world}, {asked.seeds} seeds; per cent of harm found given up")
    print((100 * shown).round(2).to_string())


def prices(world: str, placements: int, seed: int, *, learnt: bool = False) -> list[dict[str, float | str]]:
    """Return the prices in one world, by score and capacity."""
    simulation = simulate(world, placements=placements, random_state=seed)
    state = simulation.world
    truth = true_risk(state, state.run.until)
    place = state.places(truth.index)
    facts = state.population.facts.iloc[place]
    rule = score_columns(published_rule(), {name: facts[name].to_numpy() for name in ("destination", "sector")}).risk
    unknown = np.full(len(place), np.nan)  # without an interval no limit holds
    scores = {"true risk": (truth.to_numpy(), unknown), "published rule": (rule, unknown)}
    if learnt:
        known, until = read_specification(SPECIFICATION), state.run.until
        model = learn(simulation.tables, known, until, random_state=seed)
        of_model = scored(simulation.tables, known, until, model).set_index("placement_id").loc[truth.index]
        scores["learnt"] = (of_model["risk"].to_numpy(), of_model["low"].to_numpy())
    cells = (facts["destination"].astype(str) + "-" + facts["sector"].astype(str)).to_numpy(dtype=np.str_)
    visits = visits_of(state, simulation.tables.inspections, cells, place)
    capacities = [*(round(share * len(place)) for share in CAPACITIES), round(placements * 160 / 60_000)]
    made = []
    for name, (risk, low) in scores.items():
        eligible = Eligible(
            truth.index.to_numpy(dtype=np.str_),
            risk,
            cells,
            visits,
            np.zeros(len(place), dtype=bool),
            unclear=unclear(risk, low),
        )
        for label, capacity in zip(("10 %", "5 %", "1 %", "160 a month"), capacities, strict=True):
            made.append(price(eligible, truth.to_numpy(), capacity) | {"scores": name, "capacity": label})
    return made


def visits_of(state: WorldState, past: pd.DataFrame, cells: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return how many visits of the last year each placement's cell had."""
    since = state.run.until - pd.Timedelta(days=RECENT_VISIT_DAYS)
    recent = past[(past["visited_at"] >= since) & past["placement_id"].notna()]["placement_id"]
    seen = state.population.facts.iloc[state.places(recent)]
    counts = (seen["destination"].astype(str) + "-" + seen["sector"].astype(str)).value_counts()
    return pd.Series(cells).map(counts).fillna(0).to_numpy(dtype=np.float64)


def price(eligible: Eligible, truth: np.ndarray, capacity: int) -> dict[str, float]:
    """Return the shares of true harm given up against the list by score alone."""
    found = {
        name: inclusion_probabilities(eligible, capacity=capacity, shares=shares)
        for name, shares in (("both", BOTH), ("random_alone", RANDOM_ALONE), ("free", NO_MINIMUM))
    }
    found["unlimited"] = inclusion_probabilities(replace(eligible, unclear=None), capacity=capacity, shares=BOTH)
    expected = {name: float((sum(arms.values()) * truth).sum()) for name, arms in found.items()}
    alone = by_score_alone(eligible, truth, capacity)
    drawn = draw_from(found["both"], eligible.cells, random_state=capacity).selected

    return {
        "both": 1 - expected["both"] / alone,
        "random_alone": 1 - expected["random_alone"] / alone,
        "minimum": (expected["free"] - expected["both"]) / alone,
        "limit": (expected["unlimited"] - expected["both"]) / alone,
        "drawn": 1 - float(truth[drawn].sum()) / alone,
    }


def by_score_alone(eligible: Eligible, truth: np.ndarray, capacity: int) -> float:
    """Return the true harm expected on the list of the highest scores; those tied at its edge share its last places."""
    risk = np.where(np.isnan(eligible.risk), -np.inf, eligible.risk)
    edge = np.sort(risk)[-capacity]
    above, tied = risk > edge, risk == edge
    return float(truth[above].sum() + truth[tied].mean() * (capacity - above.sum()))


if __name__ == "__main__":
    main()
