"""Does the loop let each policy know what it may know, and log what its list said?"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables, as_of_view, conform
from risk_model.data.simulator.simulate import Simulation, recorded, true_risk
from risk_model.data.table_columns import INSPECTIONS
from risk_model.errors import InputError
from risk_model.replay.learners import learn
from risk_model.replay.loop import Course, Replay, replay, resting
from risk_model.replay.policies import POLICIES, Situation
from risk_model.specification import Specification

REACHED = ["harm_found", "no_harm_found"]
KNOWS_NOTHING_HIDDEN = ("ours", "rule", "complaints", "random")


def date_of(world: Simulation, number: int) -> pd.Timestamp:
    return world.world.run.until + pd.DateOffset(months=number)


def known_until(world: Simulation, moment: pd.Timestamp) -> Simulation:
    """The same world, in which nothing that is recorded from `moment` on ever comes in."""
    later = {name: getattr(world.ahead, name) for name in ("placements", "events", "inspections")}
    return replace(world, ahead=Tables(**{name: rows[rows["recorded_at"] < moment] for name, rows in later.items()}))


def choices(happened: Replay, *, rounds: int) -> pd.DataFrame:
    made = happened.visits[happened.visits["round"] < rounds]
    columns = ["policy", "round", "placement_id", "arm", "list_id", "inclusion_probability", "outcome"]
    return made[columns].reset_index(drop=True)


def test_the_same_seed_gives_the_same_rounds(world: Simulation, specification: Specification) -> None:
    course = Course(rounds=2, policies=("rule", "complaints", "usual", "random", "oracle"), visits=20, random_state=5)
    first, again = (replay(world, specification, course) for _ in range(2))
    other = replay(world, specification, replace(course, random_state=6))

    pd.testing.assert_frame_equal(first.rounds, again.rounds)
    pd.testing.assert_frame_equal(first.visits, again.visits)
    assert not choices(first, rounds=2).equals(choices(other, rounds=2))


def test_nothing_recorded_after_a_rounds_date_is_used_in_it(world: Simulation, specification: Specification) -> None:
    course = Course(rounds=2, policies=KNOWS_NOTHING_HIDDEN, visits=20, retrain_every=2, random_state=3)
    last = course.rounds - 1
    informed = replay(world, specification, course)
    cut_off = replay(known_until(world, date_of(world, last)), specification, course)

    assert (world.ahead.events["recorded_at"] >= date_of(world, last)).sum() > 100, "there is a future to leak"
    pd.testing.assert_frame_equal(choices(informed, rounds=course.rounds), choices(cut_off, rounds=course.rounds))


def test_what_was_recorded_before_a_round_is_used_in_it(world: Simulation, specification: Specification) -> None:
    course = Course(rounds=2, policies=("complaints",), visits=60, random_state=3)
    informed = replay(world, specification, course)
    cut_off = replay(known_until(world, date_of(world, 0)), specification, course)

    assert choices(informed, rounds=1).equals(choices(cut_off, rounds=1))
    assert not choices(informed, rounds=2).equals(choices(cut_off, rounds=2))


def test_only_members_of_the_cohort_are_visited(world: Simulation, happened: Replay) -> None:
    for (_, number), made in happened.visits.groupby(["policy", "round"]):
        cohort = true_risk(world.world, date_of(world, int(str(number)))).index
        assert made["placement_id"].isin(cohort).all()
        assert made["placement_id"].is_unique


def test_who_was_reached_rests_and_who_was_found_is_not_looked_for_again(world: Simulation, happened: Replay) -> None:
    complained = world.ahead.events.loc[world.ahead.events["type"] == "complaint", "placement_id"]
    for _, made in happened.visits.groupby("policy"):
        reached = made[made["outcome"].isin(REACHED)]
        twice = reached.loc[reached["placement_id"].duplicated(), "placement_id"]
        assert twice.isin(complained).all()
        assert made.loc[made["outcome"] == "harm_found", "placement_id"].is_unique


def test_visits_fall_between_rounds_and_are_recorded_before_the_next(world: Simulation, happened: Replay) -> None:
    starts = happened.visits["round"].map(lambda number: date_of(world, number))
    ends = happened.visits["round"].map(lambda number: date_of(world, number + 1))

    assert (happened.visits["visited_at"] > starts).all()
    assert (happened.visits["recorded_at"] < ends).all()


def test_every_policy_makes_as_many_visits_unless_mandatory_ones_make_the_list_grow(happened: Replay) -> None:
    made = happened.rounds.set_index("policy")["visits"]

    assert (made[~made.index.isin(["ours", "ours-5"])] == 30).all()
    assert (made >= 30).all()


def test_a_placement_gives_two_policies_one_answer_in_a_round(happened: Replay) -> None:
    answers = happened.visits.groupby(["round", "placement_id"])["outcome"].nunique()
    shared = happened.visits.groupby(["round", "placement_id"]).size()

    assert (shared > 1).sum() > 5
    assert (answers == 1).all()


def test_the_logged_rows_are_those_of_the_list_that_the_round_draws(
    world: Simulation, specification: Specification, happened: Replay
) -> None:
    as_of = date_of(world, 0)
    tables = recorded(world, as_of)
    view = as_of_view(tables, as_of)
    rest = resting(view, as_of, specification.horizon_days)
    situation = Situation(
        as_of=as_of,
        capacity=30,
        random_state=3,
        specification=specification,
        world=world.world,
        tables=tables,
        view=view,
        eligible=true_risk(world.world, as_of).index.difference(rest),
        model=learn(tables, specification, as_of, random_state=3),
    )
    drawn = POLICIES["ours"].choose(situation).visits.set_index("placement_id")
    logged = happened.visits[(happened.visits["policy"] == "ours") & (happened.visits["round"] == 0)]
    logged = logged.set_index("placement_id")[drawn.columns].loc[drawn.index]

    pd.testing.assert_frame_equal(logged, drawn, check_dtype=False)


def test_every_visit_of_a_list_has_an_arm_and_a_probability_that_fits_it(happened: Replay) -> None:
    ours = happened.visits[happened.visits["policy"] == "ours"]
    arms = ours.groupby("arm")["inclusion_probability"]

    assert set(ours["arm"]) >= {"risk", "coverage"}
    assert ours["inclusion_probability"].between(0, 1, inclusive="right").all()
    assert arms.get_group("risk").mean() > 5 * arms.get_group("coverage").mean()
    assert (arms.get_group("coverage") < 1).all()
    assert ours.groupby("round")["list_id"].nunique().eq(1).all()
    assert ours["list_id"].nunique() == 3


def test_a_simple_random_sample_is_logged_with_its_chance_and_usual_visits_with_none(happened: Replay) -> None:
    drawn = happened.visits[happened.visits["policy"] == "random"].merge(
        happened.rounds[["policy", "round", "eligible"]], on=["policy", "round"]
    )
    usual = happened.visits[happened.visits["policy"].isin(["usual", "complaints", "oracle", "ceiling"])]

    np.testing.assert_allclose(drawn["inclusion_probability"], 30 / drawn["eligible"])
    assert usual[["inclusion_probability", "list_id"]].isna().all().all()
    assert (usual["arm"] == "outside_list").all()


def test_the_appended_rows_keep_the_contract_of_the_inspections(happened: Replay) -> None:
    own = happened.visits[happened.visits["policy"] == "ours"]
    kept = conform("inspections", own)

    assert kept["inspection_id"].is_unique
    pd.testing.assert_frame_equal(kept, own[list(INSPECTIONS)].reset_index(drop=True))


def test_a_world_that_ends_too_early_and_settings_that_make_no_sense_name_their_repair(
    world: Simulation, specification: Specification
) -> None:
    with pytest.raises(InputError, match="make it with world_ahead"):
        replay(world, specification, Course(rounds=5, policies=("random",)))
    for wrong in ({"rounds": 0}, {"retrain_every": 0}, {"visits": 0}, {"random_state": -1}):
        with pytest.raises(InputError, match=r"give (0|1|more)"):
            Course(**wrong)


def test_visits_of_a_fraction_a_month_add_up(world: Simulation) -> None:
    course = Course(visits=2.5)

    assert sum(course.capacity(number, 3_000) for number in range(24)) == 60
    assert Course().capacity(0, 60_000) == 160
    assert set(POLICIES) >= {"ours", "greedy", "rule", "complaints", "usual", "random", "oracle"}
