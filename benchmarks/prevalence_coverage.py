"""How often does the interval around the prevalence hold the truth, and how wide is it?

    python benchmarks/prevalence_coverage.py [--runs 500] [--worlds open,hidden,silenced,shift]
        [--random 0.05] [--coverage 0.15] [--capacity 160] [--scores rule|true] [--jobs 2]

In each world a run draws 24 monthly lists with the project's own draw, visits them, and estimates. Worlds are made
once per seed, and so are the probabilities, from one course of 24 lists; the draw and the day of each visit, and with
it the luck of reaching and finding, are new in every run.
"""

import argparse
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import norm

from risk_model.data.simulator import visiting
from risk_model.data.simulator.register import WorldState, in_cohort, stage
from risk_model.data.simulator.simulate import simulate_scenario, true_risk
from risk_model.data.simulator.worlds import DETECTION, WORLDS, Scenario, days
from risk_model.placements.published_rule import published_rule
from risk_model.prioritisation.coverage import ROUNDING
from risk_model.prioritisation.expected_harm import expected_by_corridor, expected_of
from risk_model.prioritisation.prevalence import estimate_prevalence, plain_share
from risk_model.prioritisation.sampling import Eligible, Shares, draw_from, inclusion_probabilities
from risk_model.prioritisation.units import RECENT_VISIT_DAYS
from risk_model.scoring.scorer import score_columns

MONTHS = 24
WINDOW_DAYS = 27
RANDOM_ONLY_LISTS = 6
FOUND = {"harm_found": 1.0, "no_harm_found": 0.0}


@dataclass(frozen=True)
class Month:
    """One list before it is drawn; arrays of shape (n_eligible,) in order of id."""

    as_of: float
    place: np.ndarray
    corridor: np.ndarray
    cells: np.ndarray
    by_arm: dict[str, np.ndarray]
    in_harm: float


def main() -> None:
    """Print the table of coverage, as Markdown lines, and a JSON document after it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--worlds", default=",".join(WORLDS))
    parser.add_argument("--random", type=float, default=0.05)
    parser.add_argument("--coverage", type=float, default=0.15)
    parser.add_argument("--capacity", type=int, default=160)
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--scores", choices=("rule", "true"), default="rule")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    rows = []
    for world in asked.worlds.split(","):
        parts = Parallel(n_jobs=asked.jobs)(
            delayed(runs_of_one_world)(world, seed, asked.runs // asked.seeds, asked) for seed in range(asked.seeds)
        )
        rows.append(summary(world, pd.concat(parts, ignore_index=True)))
        print(json.dumps(rows[-1]), flush=True)
    print(pd.DataFrame(rows).to_string(index=False))


def runs_of_one_world(world: str, seed: int, runs: int, asked: argparse.Namespace) -> pd.DataFrame:
    """Return one row per run: truth, estimate, its interval, and that of the inspected alone."""
    run = Scenario(WORLDS[world], "published", asked.placements, seed, months_ahead=MONTHS)
    simulation = simulate_scenario(run)
    months = prepared(simulation.world, simulation.tables.inspections, asked)
    placements = [len(month.place) for month in months]
    drawn = sum(float(sum(month.by_arm.values()).sum()) for month in months)
    truth = sum(month.in_harm for month in months) / sum(placements)
    sizes = [pd.Series(month.corridor).value_counts() for month in months]
    generator = np.random.default_rng([seed, MONTHS])
    made = pd.DataFrame([one_run(simulation.world, months, sizes, generator) for _ in range(runs)])
    bound = least_width(simulation.world, months, float(made["reached"].mean()) / drawn)
    return made.assign(truth=truth, seed=seed, least_width=bound)


def prepared(state: WorldState, past: pd.DataFrame, asked: argparse.Namespace) -> list[Month]:
    """Return the lists of two years after the last day: who is eligible, with what probability, how many in harm."""
    facts = state.population.facts
    scores = score_columns(published_rule(), {name: facts[name].to_numpy() for name in ("destination", "sector")}).risk
    corridor = (facts["destination"].astype(str) + "-" + facts["sector"].astype(str)).to_numpy(dtype=np.str_)
    codes = np.unique(corridor, return_inverse=True)[1]
    named = past[past["placement_id"].notna() & past["outcome"].isin(list(FOUND))]
    log = [(codes[state.places(named["placement_id"])], (named["visited_at"] - state.run.until).dt.days.to_numpy())]
    made = []
    for month in range(MONTHS):
        date = state.run.until + pd.DateOffset(months=month)
        since = days(date) - days(state.run.until) - RECENT_VISIT_DAYS
        visits = sum(np.bincount(cell[when >= since], minlength=codes.max() + 1) for cell, when in log)
        place = np.flatnonzero(in_cohort(state, days(date)))
        risk = true_risk(state, date).to_numpy() if asked.scores == "true" else scores[place]
        ids = facts["placement_id"].to_numpy(dtype=np.str_)[place]
        mine = codes[place]
        eligible = Eligible(
            ids, risk, mine.astype(np.str_), visits[mine].astype(np.float64), np.zeros(len(place), dtype=bool)
        )
        by_arm = inclusion_probabilities(
            eligible, capacity=asked.capacity, shares=Shares(random=asked.random, coverage=asked.coverage)
        )
        course = draw_from(by_arm, mine, random_state=month).selected
        log.append((mine[course], np.full(int(course.sum()), days(date) - days(state.run.until))))
        made.append(Month(days(date), place, corridor[place], mine, by_arm, harm_in_window(state, days(date), place)))
    return made


def harm_in_window(state: WorldState, at: float, place: np.ndarray) -> float:
    """Return how many are in harm at a moment of the window in which visits are made, on average over its moments."""
    begins, ends = state.harm.begins[:, place], state.harm.ends[:, place]
    first, last = at + 1, at + 1 + WINDOW_DAYS
    present = np.clip(np.minimum(ends, last) - np.maximum(begins, first), 0, None) / WINDOW_DAYS
    return float(np.minimum(present.sum(axis=0), 1).sum())


def least_width(state: WorldState, months: list[Month], reached: float) -> float:
    """Return the width that no unbiased estimate from these lists can go below, whatever it expects of placements.

    Godambe and Joshi (1965): the variance expected of n draws is at least (sum of standard deviations)^2 / n. The
    deviations are those left when the true risk and the stage are known; rows that are certain cost no variance.
    """
    spread, visits, everybody = 0.0, 0.0, 0
    for month in months[:: MONTHS // 4]:
        date = pd.Timestamp(0) + pd.Timedelta(days=month.as_of)
        risk, part = true_risk(state, date).to_numpy(), stage(state, month.as_of)[month.place]
        begins, ends = state.harm.begins[:, month.place], state.harm.ends[:, month.place]
        middle = month.as_of + 1 + WINDOW_DAYS / 2
        there = ((begins <= middle) & (ends > middle)).any(axis=0)
        likely = np.zeros(len(risk))
        for each in np.unique(part):
            mine = part == each
            likely[mine] = np.polyval(np.polyfit(risk[mine], there[mine], 2), risk[mine])
        likely = np.clip(likely, 0, 1)
        total = sum(month.by_arm.values())
        chance = total < 1 - ROUNDING
        spread += float(np.sqrt(likely / DETECTION - likely**2)[chance].sum())
        visits += float(total[chance].sum()) * reached
        everybody += len(risk)
    return 2 * float(norm.ppf(0.975)) * spread / np.sqrt(visits * MONTHS / 4) / everybody


def one_run(
    state: WorldState, months: list[Month], sizes: list[pd.Series], generator: np.random.Generator
) -> dict[str, float]:
    """Draw and visit every list once, and estimate from the visits."""
    rows = pd.concat([visited(state, number, month, generator) for number, month in enumerate(months)])
    rows = rows.reset_index(drop=True)
    expected = expected_by_corridor(rows, detection=DETECTION)
    totals = []
    for number, size in enumerate(sizes):
        mine = expected_of(pd.Series(size.index), expected.loc[number]).to_numpy()
        totals.append(
            pd.DataFrame({"list_id": number, "corridor": size.index, "placements": size, "expected": size * mine})
        )
    stacked = expected.stack()
    rows["expected"] = stacked.reindex(pd.MultiIndex.from_frame(rows[["list_id", "corridor"]])).to_numpy()
    rows["expected"] = rows["expected"].fillna(rows["list_id"].map(expected[""]))
    made = estimate_prevalence(rows, pd.concat(totals, ignore_index=True), detection=DETECTION, by_corridor=False)
    nine, ninetyfive = made.in_harm.intervals
    plain = made.inspected_only.intervals[1]
    alone = rows[(rows["arm"] == "random") & (rows["list_id"] < RANDOM_ONLY_LISTS) & rows["found"].notna()]
    half_year = plain_share(int(alone["found"].sum()), len(alone)).intervals[1]
    return {
        "estimate": made.in_harm.estimate,
        "low": ninetyfive.low,
        "high": ninetyfive.high,
        "low90": nine.low,
        "high90": nine.high,
        "plain": made.inspected_only.estimate,
        "plain_low": plain.low,
        "plain_high": plain.high,
        "half_year": half_year.high - half_year.low,
        "reached": made.reached,
    }


def visited(state: WorldState, number: int, month: Month, generator: np.random.Generator) -> pd.DataFrame:
    """Draw one list and visit each row on a day of its own."""
    drawn = draw_from(month.by_arm, month.cells, random_state=int(generator.integers(2**32)))
    chosen = np.flatnonzero(drawn.selected)
    place = month.place[chosen]
    at = month.as_of + 1 + generator.random(len(chosen)) * WINDOW_DAYS
    return pd.DataFrame(
        {
            "list_id": number,
            "corridor": month.corridor[chosen],
            "arm": drawn.arm[chosen],
            "inclusion_probability": drawn.inclusion_probability[chosen],
            "found": visiting.findings(state, place, at)["outcome"].map(FOUND).astype("float64").to_numpy(),
        }
    )


def summary(world: str, runs: pd.DataFrame) -> dict[str, float | str | int]:
    """Return the figures of one world: shares in per cent, widths in percentage points."""
    holds = (runs["low"] <= runs["truth"]) & (runs["truth"] <= runs["high"])
    holds90 = (runs["low90"] <= runs["truth"]) & (runs["truth"] <= runs["high90"])
    plain = (runs["plain_low"] <= runs["truth"]) & (runs["truth"] <= runs["plain_high"])
    by_seed = holds.groupby(runs["seed"]).mean() * 100
    return {
        "world": world,
        "runs": len(runs),
        "truth": round(100 * runs["truth"].mean(), 2),
        "estimate": round(100 * runs["estimate"].mean(), 2),
        "holds_95": round(100 * holds.mean(), 1),
        "holds_90": round(100 * holds90.mean(), 1),
        "above": round(100 * (runs["low"] > runs["truth"]).mean(), 1),
        "below": round(100 * (runs["high"] < runs["truth"]).mean(), 1),
        "width_95": round(100 * (runs["high"] - runs["low"]).mean(), 2),
        "least_width": round(100 * runs["least_width"].mean(), 2),
        "sd": round(100 * (runs["estimate"] - runs["truth"]).std(), 2),
        "worst_seed": round(float(by_seed.min()), 1),
        "inspected_only": round(100 * runs["plain"].mean(), 1),
        "inspected_holds": round(100 * plain.mean(), 1),
        "half_year_random_width": round(100 * runs["half_year"].mean(), 1),
    }


if __name__ == "__main__":
    main()
