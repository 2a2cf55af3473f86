"""In which simulated worlds can the loop run?"""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables
from risk_model.data.simulator.latent import harm as latent_harm
from risk_model.data.simulator.latent.harm import Harm
from risk_model.data.simulator.register import WorldState
from risk_model.data.simulator.simulate import Simulation, simulate_scenario, true_risk, visit
from risk_model.data.simulator.worlds import (
    DEFAULT_UNTIL,
    VISITS_PER_MONTH_PER_PLACEMENT,
    WORLDS,
    Scenario,
    scenario,
)
from risk_model.errors import InputError, repair_hint
from risk_model.prioritisation.units import corridor

EQUAL_RISK: Final = "equal-risk"
LOOP_WORLDS: Final = (*WORLDS, EQUAL_RISK)
"""The simulator's worlds, and one in which every placement is at equal risk while visits went to one corridor."""

ROUNDS_PER_TURN: Final = 4
"""A corridor turns after a fourth of the rounds: time before to learn, time after to recover."""
EQUAL_PROBABILITY: Final = 0.15
"""Chance of every placement in the equal-risk world to come to harm at all; about the average of the others."""
CROWDED_RANK: Final = 2
"""Which corridor had nearly all visits, counted from the largest (0): common enough to hold them, and no giant."""
CROWDED_SHARE: Final = 0.9
CROWDED_MONTHS: Final = 24
REPORTS: Final = ("complaint", "deportation", "death")


def world_ahead(
    world: str, *, reporting: str = "published", placements: int = 60_000, rounds: int = 24, random_state: int = 0
) -> Simulation:
    """Return a simulated world that goes on for `rounds` months after its last day.

    In `shift` the corridor turns `turning_round(rounds)` months after that day, so inside the loop.

    Raises:
        InputError: an unknown world or kind of reporting, no rounds, no placements, a negative seed.
    """
    if world not in LOOP_WORLDS:
        raise InputError(f"world is {world!r}, which does not exist; {repair_hint(world, LOOP_WORLDS)}")
    if rounds < 1:
        raise InputError(f"rounds is {rounds}; give 1 or more")
    base = "open" if world == EQUAL_RISK else world
    run = scenario(base, reporting=reporting, placements=placements, random_state=random_state, until=DEFAULT_UNTIL)
    simulation = simulate_scenario(_ahead(run, rounds))
    return with_equal_risk(simulation) if world == EQUAL_RISK else simulation


def turning_round(rounds: int) -> int:
    """Return the round, counted from 0, at whose date the corridor of the world `shift` turns."""
    return rounds // ROUNDS_PER_TURN


def _ahead(run: Scenario, rounds: int) -> Scenario:
    if run.world.shift is None:
        return replace(run, months_ahead=rounds)
    turns = run.until + pd.DateOffset(months=turning_round(rounds))
    shift = replace(run.world.shift, days_before_until=(run.until - turns).days)
    return replace(run, world=replace(run.world, shift=shift), months_ahead=rounds)


def with_equal_risk(simulation: Simulation) -> Simulation:
    """Return the same register where harm is equally likely for everyone, nobody reports, and visits went one way.

    Every placement comes to harm with one probability, whatever its corridor, agency or terms; only how far its career
    has gone still matters. Nine of ten past visits went to one corridor. So a policy that visits where it has
    visited is caught (safeguard R08).
    """
    state = replace(simulation.world, harm=_equal_harm(simulation.world))
    past, ahead = (_without_reports(tables) for tables in (simulation.tables, simulation.ahead))
    return replace(
        simulation, world=state, ahead=ahead, tables=replace(past, inspections=_crowded_visits(state, past.placements))
    )


def _equal_harm(state: WorldState) -> Harm:
    size = len(state.population.registered)
    always = np.full(size, -np.inf)
    # the simulator's own drawing of an episode, so that what happens and `true_risk` stay one thing
    episode = latent_harm._episode(
        state.run.stream("equal risk"), np.full(size, EQUAL_PROBABILITY), state.careers, always
    )
    probability, begins, ends = (part.astype(np.float64)[np.newaxis] for part in episode[:3])
    kind, severity = (part.astype(np.int64)[np.newaxis] for part in episode[3:])
    return Harm(probability, begins, ends, kind, severity, np.inf, np.zeros(size))


def _without_reports(tables: Tables) -> Tables:
    events = tables.events[~tables.events["type"].isin(REPORTS)].reset_index(drop=True)
    return Tables(tables.placements, events, tables.inspections.iloc[:0])


def _crowded_visits(state: WorldState, placements: pd.DataFrame) -> pd.DataFrame:
    rng = state.run.stream("crowded visits")
    where = corridor(placements.drop_duplicates("placement_id").set_index("placement_id"))
    crowded = where.value_counts().index[CROWDED_RANK]
    monthly = max(round(VISITS_PER_MONTH_PER_PLACEMENT * state.run.placements), 1)
    visits = []
    for back in range(CROWDED_MONTHS, 0, -1):
        at = state.run.until - pd.DateOffset(months=back)
        cohort = true_risk(state, at).index
        there = where.reindex(cohort).eq(crowded).to_numpy()
        weight = np.where(there, CROWDED_SHARE / max(there.sum(), 1), (1 - CROWDED_SHARE) / max((~there).sum(), 1))
        drawn = rng.choice(cohort, size=min(monthly, len(cohort)), replace=False, p=weight / weight.sum())
        visits.append(visit(state, list(drawn), at))
    return pd.concat(visits, ignore_index=True)
