"""How often does each drift detector cry wolf, and how soon does it see a planted change?

Simulated worlds only. Every month for 36 months a list is drawn with the product's own probabilities, and each
visit that reaches somebody finds harm with the chance the world gives it. "Calibrated" means that the chance is
what was predicted, until the plant; the published rule stands for a model that is not calibrated.

    python benchmarks/drift_power.py --placements 60000 --seeds 2 --repetitions 100
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.data.simulator.latent.harm import true_risk
from risk_model.data.simulator.register import WorldState, in_cohort, stage
from risk_model.data.simulator.simulate import simulate_scenario
from risk_model.data.simulator.worlds import DETECTION, NOT_REACHED, WORLDS, Scenario, Shift, days
from risk_model.evaluation.anytime_alarm import AlarmRule, alarm, corridor_weights, stage_factors
from risk_model.evaluation.drift import CRITICAL, USUAL, field_drift
from risk_model.evaluation.expected_performance import expected_performance
from risk_model.placements.published_rule import published_rule
from risk_model.prioritisation.sampling import Eligible, Shares, inclusion_probabilities
from risk_model.scoring.scorer import score_columns

Floats = NDArray[np.float64]

ROUNDS, BASELINE_ROUNDS, ROUND_DAYS = 36, 12, 30
TURNS_IN_ROUND = 6
VISITS_PER_PLACEMENT = 160 / 60_000
MOMENT_DAYS = 0.01
LEVEL_Z = 1.6448536269514722
STAGES = np.array(["before", "during", "after"])
ARMS = ("risk", "coverage", "random")
FACTS = ("placement_id", "destination", "sector", "employer_type", "certification_level")
QUIET = ("SGP", "domestic")
PLANTS: dict[str, tuple[str | None, str | None, float]] = {
    "none": (None, None, 1.0),
    "odds x1.15 everywhere (tolerated)": (None, None, 1.15),
    "odds x1.6 everywhere": (None, None, 1.6),
    "SGP domestic x2.5": (*QUIET, 2.5),
    "SGP domestic x5 (world shift)": (*QUIET, 5.0),
    "SGP domestic x8": (*QUIET, 8.0),
    "TWN care x2": ("TWN", "care", 2.0),
    "HKG domestic x2": ("HKG", "domestic", 2.0),
}
CBPE = "CBPE (expected precision changes by a fifth)"
CBPE_CHANGE = 0.2


@dataclass(frozen=True)
class Month:
    """One month of a world: who is there, what is predicted and true, and with what probability each is visited."""

    number: int
    facts: pd.DataFrame
    predicted: Floats
    true: Floats
    by_arm: Floats

    @property
    def turned(self) -> bool:
        """Whether the plant has happened."""
        return self.number >= TURNS_IN_ROUND


def world(seed: int, placements: int, shift: Shift | None) -> WorldState:
    """Return a world that goes on for three years, with or without a corridor that turns."""
    turned = replace(WORLDS["open"], shift=shift)
    ahead = ROUNDS * ROUND_DAYS // 28 + 1
    return simulate_scenario(Scenario(turned, placements=placements, random_state=seed, months_ahead=ahead)).world


def months(calm: WorldState, *, rule: bool) -> Iterator[Month]:
    """Yield the months of a world where nothing turns; predicted is what is true, or the published rule's risk."""
    capacity = round(VISITS_PER_PLACEMENT * calm.run.placements)
    past: list[pd.Series] = []
    for number in range(-BASELINE_ROUNDS, ROUNDS):
        at = days(calm.run.until) + number * ROUND_DAYS
        here = np.flatnonzero(in_cohort(calm, at))
        facts = calm.population.facts.iloc[here][list(FACTS)].reset_index(drop=True)
        facts["corridor"] = facts["destination"].astype("str") + "-" + facts["sector"].astype("str")
        facts["stage"], facts["place"] = STAGES[stage(calm, at)[here]], here
        true = chance_of_a_finding(calm, at)[here]
        columns = {name: facts[name].to_numpy() for name in ("destination", "sector")}
        predicted = score_columns(published_rule(), columns).risk if rule else true
        counts = pd.concat(past[-12:]).groupby(level=0).sum() if past else pd.Series(dtype=float)
        eligible = Eligible(
            ids=facts["placement_id"].to_numpy(dtype=np.str_),
            risk=predicted,
            cells=facts["corridor"].to_numpy(dtype=np.str_),
            visits=facts["corridor"].map(counts).fillna(0).to_numpy(dtype=float),
            mandatory=np.zeros(len(facts), dtype=bool),
        )
        drawn = inclusion_probabilities(eligible, capacity=capacity, shares=Shares())
        by_arm = np.stack([drawn[arm] for arm in ARMS])
        past.append(pd.Series(by_arm.sum(axis=0), index=facts["corridor"].to_numpy()).groupby(level=0).sum())
        yield Month(number, facts, predicted, true, by_arm)


def chance_of_a_finding(state: WorldState, at: float) -> Floats:
    """Return the chance that a visit at this moment finds harm, for every placement of the world."""
    return DETECTION * true_risk(state.harm, state.careers, at, horizon=MOMENT_DAYS)


def planted(run: list[Month], seed: int, plant: tuple[str | None, str | None, float]) -> list[Month]:
    """Return the same months, lists and predictions with what a plant changes in the truth."""
    destination, sector, factor = plant
    if destination is None or sector is None:
        return [
            replace(month, true=factor * month.true / (1 + (factor - 1) * month.true)) if month.turned else month
            for month in run
        ]
    shift = Shift(destination, sector, factor, days_before_until=-TURNS_IN_ROUND * ROUND_DAYS)
    state = world(seed, round(run[0].facts.attrs["placements"]), shift)
    start = days(state.run.until)
    return [
        replace(month, true=chance_of_a_finding(state, start + month.number * ROUND_DAYS)[month.facts["place"]])
        for month in run
    ]


def least_months(run: list[Month], corridor: str) -> float:
    """Return the months that any valid test of one corridor needs on average (ln 20 over the information a month)."""
    gained = []
    for month in run:
        if month.turned:
            here = (month.facts["corridor"] == corridor).to_numpy()
            p, q = np.clip(month.predicted[here], 1e-6, 1 - 1e-6), np.clip(month.true[here], 1e-6, 1 - 1e-6)
            information = q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))
            gained.append(float((month.by_arm[:, here].sum(axis=0) * (1 - NOT_REACHED) * information).sum()))
    return float(np.log(20) / np.mean(gained))


def visits(run: list[Month], rng: np.random.Generator) -> pd.DataFrame:
    """Draw every month's visits and what they find."""
    parts = []
    for month in run:
        total = np.minimum(month.by_arm.sum(axis=0), 1.0)
        listed = np.flatnonzero((rng.random(len(total)) < total * (1 - NOT_REACHED)) & ~np.isnan(month.predicted))
        cumulated = np.cumsum(month.by_arm[:, listed], axis=0)
        arm = (rng.random(len(listed)) * cumulated[-1] >= cumulated).sum(axis=0)
        part = month.facts.iloc[listed][["corridor", "stage"]].assign(
            round=month.number,
            arm=np.array(ARMS)[np.minimum(arm, 2)],
            predicted=month.predicted[listed],
            found=(rng.random(len(listed)) < month.true[listed]).astype(float),
        )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def monthly_test(since: pd.DataFrame) -> int | None:
    """Return the first month whose findings exceed the predictions at 5 %: a test made again every month."""
    for number, part in since.groupby("round"):
        spread = np.sqrt((part["predicted"] * (1 - part["predicted"])).sum())
        if (part["found"] - part["predicted"]).sum() > LEVEL_Z * spread:
            return int(number)
    return None


def on_outcomes(run: list[Month], weights: dict[str, float], rng: np.random.Generator) -> dict[str, int | None]:
    """Return the round in which each detector that reads outcomes first alarms."""
    drawn, rule = visits(run, rng), AlarmRule()
    before, since = drawn[drawn["round"] < 0], drawn[drawn["round"] >= 0]
    factors = stage_factors(before, rule)
    return {
        "alarm, risk + coverage + random arms": alarm(since, factors, weights, rule).first_round,
        "alarm, random arm alone": alarm(since[since["arm"] == "random"], factors, weights, rule).first_round,
        "a 5 % test every month (not valid)": monthly_test(since),
    }


def on_inputs(run: list[Month]) -> dict[str, int | None]:
    """Return the round in which each detector that reads no outcome first alarms, looking every quarter."""
    then = cohort_of(run[BASELINE_ROUNDS])
    fields = {
        "PSI and KS of inputs": dict.fromkeys(("destination", "sector"), CRITICAL)
        | dict.fromkeys(("employer_type", "certification_level"), USUAL),
        "PSI and KS of the score": {"risk": CRITICAL},
    }
    first: dict[str, int | None] = dict.fromkeys([*fields, CBPE])
    expected = expected_performance(then["risk"], capacity_share=0.1)["precision"]
    for month in run[BASELINE_ROUNDS + 3 :: 3]:
        now = cohort_of(month)
        alarms = {
            name: (field_drift(then, now, limits)["severity"] == "alarm").any() for name, limits in fields.items()
        }
        precision = expected_performance(now["risk"], capacity_share=0.1)["precision"]
        alarms[CBPE] = abs(precision / expected - 1) >= CBPE_CHANGE
        for name, raised in alarms.items():
            if raised and first[name] is None:
                first[name] = month.number
    return first


def cohort_of(month: Month) -> pd.DataFrame:
    """Return a month's cohort with its predicted risk."""
    return month.facts.assign(risk=month.predicted / DETECTION)


def mixed(run: list[Month]) -> list[Month]:
    """Plant a change of the mix: from the turning round on, two of three Hong Kong domestic placements are gone."""
    changed = []
    for month in run:
        domestic = (month.facts["corridor"] == "HKG-domestic").to_numpy()
        kept = ~domestic | (np.arange(len(domestic)) % 3 == 0) | (not month.turned)
        facts = month.facts[kept].reset_index(drop=True)
        changed.append(replace(month, facts=facts, predicted=month.predicted[kept]))
    return changed


def summarised(rows: pd.DataFrame) -> pd.DataFrame:
    """Return detection rate and median delay by plant, and the share of runs with an alarm before the turn."""
    rows = rows.assign(
        early=rows["round"] < np.where(rows["plant"].str.startswith("none"), ROUNDS, TURNS_IN_ROUND),
        delay=rows["round"] - TURNS_IN_ROUND + 1,
    )
    table = []
    for (detector, plant), part in rows.groupby(["detector", "plant"], sort=False):
        seen = part[part["round"].notna() & ~part["early"]]
        table.append(
            {
                "detector": detector,
                "plant": plant,
                "runs": len(part),
                "alarm without a change": f"{part['early'].mean():.1%}",
                "found": "" if plant.startswith("none") else f"{len(seen) / max(1, (~part['early']).sum()):.0%}",
                "median months": "" if plant.startswith("none") or seen.empty else f"{seen['delay'].median():.0f}",
            }
        )
    return pd.DataFrame(table)


def main() -> None:
    """Print detector x plant: alarms without a change in 36 rounds, share found, median delay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--plants", nargs="*", default=list(PLANTS))
    asked = parser.parse_args()
    rows: list[dict[str, object]] = []
    for seed in range(asked.seeds):
        calm = world(seed, asked.placements, None)
        run, ruled = (list(months(calm, rule=rule)) for rule in (False, True))
        run[0].facts.attrs["placements"] = asked.placements
        told = {name: planted(run, seed, PLANTS[name]) for name in asked.plants}
        for name, one in told.items():
            if PLANTS[name][0]:
                print(
                    f"world {seed}, {name}: no valid test needs fewer than "
                    f"{least_months(one, '-'.join(map(str, PLANTS[name][:2]))):.0f} months on average"
                )
        for name, one in (told | {"none, but the published rule as the model": ruled}).items():
            weights = corridor_weights(one[BASELINE_ROUNDS].facts["corridor"])
            for repetition in range(asked.repetitions):
                found = on_outcomes(one, weights, np.random.default_rng([seed, repetition]))
                rows += [{"plant": name, "detector": key, "round": value} for key, value in found.items()]
        # what reads no outcome sees the same in every plant that leaves inputs alone
        for name, one in {"none, and every plant above": run, "mix: HKG domestic / 3": mixed(run)}.items():
            rows += [{"plant": name, "detector": key, "round": value} for key, value in on_inputs(one).items()]
    print(f"simulated; {asked.placements:,} placements, {asked.seeds} worlds, {asked.repetitions} repetitions each")
    print(f"{ROUNDS} monthly rounds, the corridor turns in round {TURNS_IN_ROUND}; delay counts months of visits")
    print(summarised(pd.DataFrame(rows).astype({"round": "float"})).to_string(index=False))


if __name__ == "__main__":
    main()
