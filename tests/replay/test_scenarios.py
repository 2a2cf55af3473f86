"""Are the worlds of the loop what they claim to be?"""

import numpy as np
import pandas as pd
import pytest

from risk_model.data.simulator.simulate import Simulation, true_risk
from risk_model.data.simulator.worlds import DEFAULT_UNTIL, QUIET_CORRIDOR, days
from risk_model.errors import InputError
from risk_model.prioritisation.units import corridor
from risk_model.replay.loop import Course, replay
from risk_model.replay.measures import corridors
from risk_model.replay.scenarios import turning_round, world_ahead
from risk_model.specification import Specification


@pytest.fixture(scope="module")
def equal() -> Simulation:
    """Equal risk, visits in one corridor."""
    return world_ahead("equal-risk", placements=4_000, rounds=12, random_state=2)


def corridor_of(simulation: Simulation, ids: pd.Index | pd.Series) -> pd.Series:
    facts = simulation.world.population.facts.set_index("placement_id")
    return corridor(facts.loc[ids])


def test_the_corridor_of_shift_turns_at_the_date_of_a_round_inside_the_loop() -> None:
    simulation = world_ahead("shift", placements=3_000, rounds=8, random_state=1)
    turns = DEFAULT_UNTIL + pd.DateOffset(months=turning_round(8))
    where = corridor(simulation.world.population.facts)
    quiet = (where == f"{QUIET_CORRIDOR.destination}-{QUIET_CORRIDOR.sector}").to_numpy()
    second = np.isfinite(simulation.world.harm.begins[1])

    assert simulation.world.harm.turned == days(turns)
    assert second.any()
    assert not second[~quiet].any()
    assert simulation.world.harm.begins[1][second].min() >= days(turns)


def test_with_equal_risk_no_corridor_is_worse_than_another_and_nobody_reports(equal: Simulation) -> None:
    risk = true_risk(equal.world, DEFAULT_UNTIL)
    by_corridor = risk.groupby(corridor_of(equal, risk.index).to_numpy()).agg(["mean", "size"])
    common = by_corridor[by_corridor["size"] >= 100]["mean"]

    assert len(common) >= 5
    assert common.max() < 1.35 * common.min()
    assert not equal.tables.events["type"].isin(["complaint", "deportation", "death"]).any()
    assert not equal.ahead.events["type"].isin(["complaint", "deportation", "death"]).any()


def test_with_equal_risk_past_visits_crowd_into_one_corridor(equal: Simulation) -> None:
    visited = corridor_of(equal, equal.tables.inspections["placement_id"]).value_counts(normalize=True)
    living = corridor_of(equal, true_risk(equal.world, DEFAULT_UNTIL).index).value_counts(normalize=True)

    assert visited.iloc[0] > 0.8
    assert living[visited.index[0]] < 0.25
    assert (equal.tables.inspections["recorded_at"] < DEFAULT_UNTIL).all()


def test_a_crowded_history_does_not_go_on_by_itself(equal: Simulation, specification: Specification) -> None:
    course = Course(rounds=12, policies=("ours",), visits=60, retrain_every=6, random_state=2)
    happened = replay(equal, specification, course)
    crowded = corridor_of(equal, equal.tables.inspections["placement_id"]).value_counts().index[0]
    shares = corridors(happened.visits, happened.truth)
    judged = shares[shares["judged"]].set_index("corridor")

    assert crowded in judged.index
    assert len(judged) >= 10
    assert judged["ratio"].max() < 2


def test_a_world_that_does_not_exist_or_no_rounds_name_their_repair() -> None:
    with pytest.raises(InputError, match="did you mean 'equal-risk'"):
        world_ahead("equal_risk")
    with pytest.raises(InputError, match="give 1 or more"):
        world_ahead("open", rounds=0)
