"""Whom does each policy visit in a round?

A policy sees what was recorded before the round, its own visits included, and nothing else; only the oracle and the
ceiling know the truth. All choose from the same kind of eligible placements, with the same number of visits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables
from risk_model.data.simulator import visiting
from risk_model.data.simulator.register import WorldState
from risk_model.data.simulator.simulate import true_risk
from risk_model.data.simulator.worlds import days
from risk_model.errors import InputError, repair_hint
from risk_model.placements.feature_table import feature_table
from risk_model.placements.published_rule import KIND
from risk_model.prioritisation.mandatory import mandatory_placements
from risk_model.prioritisation.priority_list import ListRequest, priority_list
from risk_model.prioritisation.sampling import RANDOM, RISK, Shares
from risk_model.prioritisation.units import eligible_placements, recent_visits
from risk_model.replay import learners
from risk_model.specification import Specification

LOGGED: Final = ("placement_id", "arm", "list_id", "inclusion_probability")
COMPLAINT_DAYS: Final = 365
"""How long a complaint comes first: a year."""


@dataclass(frozen=True)
class Situation:
    """Where a policy stands when a round's visits are chosen.

    `tables` hold what was recorded before `as_of`, the policy's own visits among it; `view` is their as-of view.
    `eligible` are the ids that may be visited, in order. `model` is what the policy has learnt, if it learns.
    """

    as_of: pd.Timestamp
    capacity: int
    random_state: int
    specification: Specification
    world: WorldState
    tables: Tables
    view: Tables
    eligible: pd.Index
    model: Any = None

    @property
    def generator(self) -> np.random.Generator:
        """The random numbers of this round, the same for every policy."""
        return np.random.default_rng([self.random_state, self.as_of.toordinal()])


@dataclass(frozen=True)
class Choice:
    """A round's visits with the columns `LOGGED`, and the score of every eligible placement where there is one."""

    visits: pd.DataFrame
    scores: pd.Series | None = None


@dataclass(frozen=True)
class Policy:
    """How visits are chosen, how what is known is learnt (None: not at all), and how the policy is called in words."""

    title: str
    choose: Callable[[Situation], Choice]
    learn: Callable[[Situation], Any] | None = None


def four_arms(situation: Situation, *, shares: Shares) -> Choice:
    """Draw the product's priority list; each visit carries the probability its list gave it."""
    scores = _model_scores(situation)
    drawn = priority_list(
        eligible_placements(scores, situation.view.placements),
        ListRequest(situation.capacity, situation.as_of, situation.random_state, shares=shares),
        visits=recent_visits(situation.view, situation.as_of),
        mandatory=mandatory_placements(situation.view, situation.as_of),
        learnt=situation.model.kind != KIND,
    )
    return Choice(drawn.rows.assign(list_id=drawn.list_id)[list(LOGGED)], scores.set_index("placement_id")["risk"])


def greedy(situation: Situation) -> Choice:
    """Visit the highest scores alone.

    Those visited were certain to be, and are logged so; that all others had no chance at all stands in no row.
    """
    risk = _model_scores(situation).set_index("placement_id")["risk"]
    return Choice(highest(risk, situation), risk)


def two_line_rule(situation: Situation) -> Choice:
    """Visit the highest products of two outcome rates, learnt from all visits so far."""
    learnt = situation.model
    if learnt is None:
        return random(situation)
    rule, values = learnt
    placements = situation.view.placements.set_index("placement_id").loc[situation.eligible]
    lines = learners.rule_lines(placements, situation.specification)
    known = [value.get_indexer(lines[name]) for name, value in zip(lines, values, strict=True)]
    codes = np.column_stack([np.where(code < 0, len(value), code) for code, value in zip(known, values, strict=True)])
    score = pd.Series(rule.decision_function(codes), index=situation.eligible)
    return Choice(highest(score, situation), score)


def complaints_first(situation: Situation) -> Choice:
    """Visit whoever complained last, the newest first; then anybody."""
    events = situation.view.events
    fresh = events[
        (events["type"] == "complaint") & (events["recorded_at"] >= situation.as_of - pd.Timedelta(days=COMPLAINT_DAYS))
    ]
    newest = fresh.groupby("placement_id")["recorded_at"].max().reindex(situation.eligible)
    age = -(situation.as_of - newest).dt.total_seconds()
    chosen = highest(age, situation)["placement_id"]
    return Choice(_outside_lists(chosen), age.fillna(-np.inf))


def business_as_usual(situation: Situation) -> Choice:
    """Visit as the simulator's officers do: fresh complaints, then whom they reach easily or worry about."""
    world, events = situation.world, situation.view.events
    told = events[(events["type"] == "complaint") & events["placement_id"].notna()]
    reports = pd.DataFrame(
        {"place": world.places(told["placement_id"]), "recorded": [days(moment) for moment in told["recorded_at"]]}
    )
    last = np.full(len(world.population.registered), np.inf)
    last[world.places(situation.eligible)] = -np.inf
    # what earlier months leave behind, for the simulator's own door: nobody but the eligible may be visited
    past = visiting._Past(last, np.zeros(len(last), dtype=np.int64), situation.generator)
    usual = visiting.usual_visits(world, past, reports, as_of=days(situation.as_of), capacity=situation.capacity)
    return Choice(_outside_lists(world.population.facts["placement_id"].iloc[usual["place"]]))


def random(situation: Situation) -> Choice:
    """Visit a simple random sample."""
    size = min(situation.capacity, len(situation.eligible))
    drawn = situation.generator.choice(situation.eligible, size=size, replace=False)
    probability = size / max(len(situation.eligible), 1)
    return Choice(_logged(drawn, RANDOM, probability, f"random-{situation.as_of:%Y%m%d}"))


def oracle(situation: Situation) -> Choice:
    """Visit the highest true risks, which nobody knows outside a simulation."""
    risk = true_risk(situation.world, situation.as_of, horizon=situation.specification.horizon_days)
    known = risk.reindex(situation.eligible)
    return Choice(_outside_lists(highest(known, situation)["placement_id"]), known)


def ceiling(situation: Situation) -> Choice:
    """Visit the highest scores of a model trained on true harm, which nobody has outside a simulation."""
    table = feature_table(situation.tables, situation.specification, situation.as_of)
    inputs = learners.plain(table[list(situation.specification.input_columns)])
    score = pd.Series(situation.model.decision_function(inputs), index=pd.Index(table["placement_id"]))
    known = score.reindex(situation.eligible)
    return Choice(_outside_lists(highest(known, situation)["placement_id"]), known)


def highest(score: pd.Series, situation: Situation) -> pd.DataFrame:
    """Return the visits to the highest of `score`, by placement id; ties at the edge share its places by chance.

    The logged probability is 1 above the edge and the share of the tied that are visited at it.
    """
    ranked = score.fillna(-np.inf)
    shuffled = ranked.iloc[situation.generator.permutation(len(ranked))]
    taken = shuffled.sort_values(ascending=False, kind="stable").iloc[: situation.capacity]
    edge = taken.iloc[-1] if len(taken) else np.inf
    at_edge = (len(taken) - int((ranked > edge).sum())) / max(int((ranked == edge).sum()), 1)
    probability = np.where(taken > edge, 1.0, at_edge)
    return _logged(taken.index, RISK, probability, f"highest-{situation.as_of:%Y%m%d}")


def _model_scores(situation: Situation) -> pd.DataFrame:
    scores = learners.scored(situation.tables, situation.specification, situation.as_of, situation.model)
    return scores[scores["placement_id"].isin(situation.eligible)]


def _outside_lists(placement_ids: Any) -> pd.DataFrame:
    return _logged(placement_ids, visiting.OUTSIDE, np.nan, None)


def _logged(placement_ids: Any, arm: str, probability: Any, list_id: str | None) -> pd.DataFrame:
    frame = pd.DataFrame({"placement_id": np.asarray(placement_ids, dtype=object)}, dtype="str")
    return frame.assign(arm=arm, list_id=list_id, inclusion_probability=probability)[list(LOGGED)]


def _learn_model(situation: Situation) -> Any:
    return learners.learn(
        situation.tables, situation.specification, situation.as_of, random_state=situation.random_state
    )


def _learn_rule(situation: Situation) -> Any:
    return learners.learn_rule(situation.view.inspections, situation.view.placements, situation.specification)


def _learn_ceiling(situation: Situation) -> Any:
    known = (situation.world, situation.tables, situation.specification, situation.as_of)
    return learners.learn_ceiling(*known, random_state=situation.random_state)


OURS, GREEDY, USUAL, ORACLE, CEILING = "ours", "greedy", "usual", "oracle", "ceiling"
RANDOM_ALONE: Final = "ours-5"
SHIFT: Final = "shift"
POLICIES: Final[Mapping[str, Policy]] = MappingProxyType(
    {
        OURS: Policy(
            "the model, four arms (15 % coverage, 5 % random)", partial(four_arms, shares=Shares()), _learn_model
        ),
        RANDOM_ALONE: Policy(
            "the model, 5 % random and no coverage", partial(four_arms, shares=Shares(coverage=0.0)), _learn_model
        ),
        GREEDY: Policy("the model, highest scores alone", greedy, _learn_model),
        "rule": Policy("two-line rule learnt from visits", two_line_rule, _learn_rule),
        "complaints": Policy("newest complaints first", complaints_first),
        USUAL: Policy("business as usual", business_as_usual),
        "random": Policy("simple random sample", random),
        ORACLE: Policy("highest true risk", oracle),
        CEILING: Policy("ridge logistic trained on true harm", ceiling, _learn_ceiling),
    }
)
"""Every policy by its short name."""
DEFAULT_POLICIES: Final = tuple(name for name in POLICIES if name != CEILING)


def find_policies(names: str | None, *, world: str) -> tuple[str, ...]:
    """Return the policies that `names` lists, with commas between.

    None stands for all, the ceiling only in `shift`, where it says when a policy has recovered.

    Raises:
        InputError: naming the nearest policy there is.
    """
    if names is None:
        return (*DEFAULT_POLICIES, CEILING) if world == SHIFT else DEFAULT_POLICIES
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    for name in wanted:
        if name not in POLICIES:
            raise InputError(f"policy is {name!r}, which does not exist; {repair_hint(name, POLICIES)}")
    if not wanted:
        raise InputError(f"no policy is named; allowed: {', '.join(POLICIES)}")
    return wanted
