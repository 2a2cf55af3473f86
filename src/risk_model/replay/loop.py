"""What happens when a policy's visits are what it learns from, month after month?"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables, as_of_view
from risk_model.data.simulator.simulate import Simulation, recorded, true_risk, visit
from risk_model.data.simulator.worlds import VISITS_PER_MONTH_PER_PLACEMENT, days
from risk_model.errors import InputError
from risk_model.prioritisation.mandatory import REACHED
from risk_model.prioritisation.resting import resting_placements
from risk_model.prioritisation.units import corridor
from risk_model.replay.measures import share_of_oracle
from risk_model.replay.policies import DEFAULT_POLICIES, POLICIES, Choice, Situation
from risk_model.specification import Specification

Progress = Callable[[int, int, str], object]

VISIT_DAYS: Final = (7, 21)
"""Days after a round's date on which visits are made; a placement has the same day under every policy."""
FOUND: Final = "harm_found"
SCORED_SHARE: Final = 0.10
"""Capacity at which the order of all scores is judged, beside the list itself: the share the project compares at."""


@dataclass(frozen=True)
class Course:
    """How the loop runs.

    `visits` are those of a month (None: as many as the simulator's offices make); what is learnt is learnt anew every
    `retrain_every` rounds; `random_state` seeds every choice, and none of what is true.
    """

    rounds: int = 24
    policies: tuple[str, ...] = DEFAULT_POLICIES
    visits: float | None = None
    retrain_every: int = 1
    random_state: int = 0

    def __post_init__(self) -> None:
        for name in ("rounds", "retrain_every"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; give 1 or more")
        if self.visits is not None and self.visits <= 0:
            raise InputError(f"visits is {self.visits}; give more than 0 a month")
        if self.random_state < 0:
            raise InputError(f"the seed is {self.random_state}; give 0 or more")

    def capacity(self, number: int, placements: int) -> int:
        """Return the visits of round `number` in a world of `placements`; fractions add up over the rounds."""
        monthly = VISITS_PER_MONTH_PER_PLACEMENT * placements if self.visits is None else self.visits
        return max(round(monthly * (number + 1)) - round(monthly * number), 1)


@dataclass(frozen=True)
class Replay:
    """What happened; all of it simulated.

    `rounds`: one row per policy and round, as `_round_row` says. `visits`: the rows that each policy's visits added to
    the inspections, with `policy` and `round`. `truth`: one row per round and placement of its cohort: `true_risk`
    within the horizon, `present` (harm holds at some moment until the next round) and `corridor`. `known_before` are
    the placements in which visits before the loop had found harm; they are in no policy's count.
    """

    rounds: pd.DataFrame
    visits: pd.DataFrame
    truth: pd.DataFrame
    known_before: pd.Index


@dataclass(frozen=True)
class _Month:
    """What a round is the same in for every policy: its date, what the register shows, and what is true."""

    number: int
    as_of: pd.Timestamp
    capacity: int
    tables: Tables
    view: Tables
    truth: pd.DataFrame
    """By placement id."""
    learnt: dict[Callable[[Situation], Any], Any] = field(default_factory=dict)
    """What was learnt from the register alone, by how; all policies start from it."""


@dataclass
class _Standing:
    """Where one policy stands: its own visits so far, and what it has learnt."""

    visits: pd.DataFrame
    model: Any = None


def replay(
    simulation: Simulation, specification: Specification, course: Course, *, progress: Progress | None = None
) -> Replay:
    """Run every policy of `course` through the same world, each learning from its own visits.

    Every round: list, visits within the following weeks, rows appended to the policy's inspections with their arm, list
    and probability. A placement may be visited unless harm was found in it before, or a visit reached it within the
    last horizon and nobody complained since.

    Args:
        simulation: a world that goes on for `course.rounds` months, as `world_ahead` makes it.
        specification: what is learnt.
        course: how the loop runs.
        progress: called with (done, total, text).

    Raises:
        InputError: the world ends before the last round.
    """
    if simulation.world.run.months_ahead < course.rounds:
        months = simulation.world.run.months_ahead
        raise InputError(
            f"{course.rounds} rounds in a world that goes on for {months} months; make it with world_ahead"
        )
    standing = {name: _Standing(simulation.tables.inspections.iloc[:0]) for name in course.policies}
    rows, logged, truth = [], [], []
    for number in range(course.rounds):
        month = _month(simulation, course, number)
        truth.append(month.truth.assign(round=number).reset_index())
        for place, name in enumerate(course.policies):
            if progress is not None:
                done = number * len(course.policies) + place
                progress(done, course.rounds * len(course.policies), f"round {number + 1} of {course.rounds}: {name}")
            situation = _situation(simulation, specification, course, month, standing[name])
            made, row = _one_round(name, situation, month, standing[name], course)
            rows.append(row)
            logged.append(made.assign(policy=name, round=number))
    if progress is not None:
        total = course.rounds * len(course.policies)
        progress(total, total, f"{course.rounds} rounds done")
    past = recorded(simulation, month.as_of).inspections
    found = past.loc[(past["outcome"] == FOUND) & past["placement_id"].notna(), "placement_id"]
    return Replay(
        pd.DataFrame(rows), pd.concat(logged, ignore_index=True), pd.concat(truth, ignore_index=True), pd.Index(found)
    )


def _month(simulation: Simulation, course: Course, number: int) -> _Month:
    world = simulation.world
    as_of, then = (world.run.until + pd.DateOffset(months=number + ahead) for ahead in (0, 1))
    tables = recorded(simulation, as_of)
    view = as_of_view(tables, as_of)
    risk = true_risk(world, as_of)
    present = world.harm.present(days(as_of), days(then))[world.places(risk.index)]
    where = corridor(view.placements.set_index("placement_id")).reindex(risk.index)
    truth = pd.DataFrame({"true_risk": risk, "present": present, "corridor": where})
    return _Month(number, as_of, course.capacity(number, world.run.placements), tables, view, truth)


def _situation(
    simulation: Simulation, specification: Specification, course: Course, month: _Month, standing: _Standing
) -> Situation:
    own = standing.visits[standing.visits["recorded_at"] < month.as_of]
    inspections = pd.concat([month.tables.inspections, own], ignore_index=True)
    view = replace(month.view, inspections=inspections)
    not_now = resting(view, month.as_of, specification.horizon_days)
    return Situation(
        as_of=month.as_of,
        capacity=month.capacity,
        random_state=course.random_state,
        specification=specification,
        world=simulation.world,
        tables=replace(month.tables, inspections=inspections),
        view=view,
        eligible=month.truth.index[~month.truth.index.isin(not_now)],
        model=standing.model,
    )


def resting(view: Tables, as_of: pd.Timestamp, horizon_days: int) -> pd.Index:
    """Return who is not to be visited: harm was found there, or a visit reached them and nobody complained since.

    A visit counts for `horizon_days` before `as_of`; ids, each once. `view` is what was known before `as_of`.
    """
    visits = view.inspections
    known = visits.loc[(visits["outcome"] == FOUND) & visits["placement_id"].notna(), "placement_id"]
    at_rest: pd.Index = pd.Index(known).union(resting_placements(view, as_of, days=horizon_days))
    return at_rest


def _one_round(
    name: str, situation: Situation, month: _Month, standing: _Standing, course: Course
) -> tuple[pd.DataFrame, dict[str, object]]:
    policy = POLICIES[name]
    if policy.learn is not None and month.number % course.retrain_every == 0:
        standing.model = _learnt(policy.learn, situation, month, standing)
    choice = policy.choose(replace(situation, model=standing.model))
    made = _visit(situation, choice.visits)
    before = set(standing.visits.loc[standing.visits["outcome"] == FOUND, "placement_id"])
    standing.visits = pd.concat([standing.visits, made], ignore_index=True)
    return made, {"policy": name, **_round_row(situation, month, choice, made, before)}


def _learnt(learn: Callable[[Situation], Any], situation: Situation, month: _Month, standing: _Standing) -> Any:
    """Return what `learn` makes of the situation; policies without visits of their own yet learn the same, once."""
    if len(standing.visits):
        return learn(situation)
    if learn not in month.learnt:
        month.learnt[learn] = learn(situation)
    return month.learnt[learn]


def _visit(situation: Situation, chosen: pd.DataFrame) -> pd.DataFrame:
    """Visit the chosen, each on its day, and return the rows with what the list says of each."""
    place = situation.world.places(chosen["placement_id"])
    rows = []
    for number, day in enumerate(VISIT_DAYS):
        todays = chosen[place % len(VISIT_DAYS) == number]
        if len(todays):
            answers = visit(situation.world, todays["placement_id"], situation.as_of + pd.Timedelta(days=day))
            logged = todays.drop_duplicates("placement_id").set_index("placement_id").loc[answers["placement_id"]]
            rows.append(answers.assign(**{column: logged[column].to_numpy() for column in logged.columns}))
    made = pd.concat(rows, ignore_index=True)
    return made.astype({column: answers[column].dtype for column in made.columns})


def _round_row(
    situation: Situation, month: _Month, choice: Choice, made: pd.DataFrame, before: set[str]
) -> dict[str, object]:
    """Return what a round brought.

    `reached`: visits that somebody could be looked at; `harm_found`: placements in which harm was found for the first
    time; `harm_present`: those of the eligible in harm until the next round; `mean_true_risk` of the visited;
    `share` of the list; `share_at_10`: of the tenth with the highest scores, null where a policy has no scores.
    """
    risk = month.truth["true_risk"].reindex(situation.eligible)
    found = set(made.loc[made["outcome"] == FOUND, "placement_id"]) - before
    at_10 = np.nan
    if choice.scores is not None:
        ranked = choice.scores.reindex(situation.eligible).fillna(-np.inf).sort_values(ascending=False, kind="stable")
        at_10 = share_of_oracle(risk, ranked.index[: max(round(SCORED_SHARE * len(risk)), 1)])
    return {
        "round": month.number,
        "as_of": month.as_of,
        "eligible": len(situation.eligible),
        "visits": len(made),
        "reached": int(made["outcome"].isin(REACHED).sum()),
        "harm_found": len(found),
        "harm_present": int(month.truth["present"].reindex(situation.eligible).sum()),
        "mean_true_risk": float(risk.reindex(made["placement_id"]).mean()),
        "share": share_of_oracle(risk, pd.Index(made["placement_id"])),
        "share_at_10": at_10,
    }
