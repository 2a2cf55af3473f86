"""Does each policy visit whom it says it visits?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.data.schema import as_of_view
from risk_model.data.simulator.simulate import Simulation, recorded, true_risk
from risk_model.data.simulator.worlds import DEFAULT_UNTIL
from risk_model.errors import InputError
from risk_model.placements.published_rule import published_rule
from risk_model.prioritisation.mandatory import mandatory_placements
from risk_model.prioritisation.priority_list import ListRequest, priority_list
from risk_model.prioritisation.units import eligible_placements, recent_visits
from risk_model.replay.learners import learn_rule, scored
from risk_model.replay.policies import POLICIES, Situation, find_policies, highest
from risk_model.specification import Specification


@pytest.fixture(scope="module")
def situation(world: Simulation, specification: Specification) -> Situation:
    """The first round, with the published rule as the model and every second member of the cohort eligible."""
    tables = recorded(world, DEFAULT_UNTIL)
    return Situation(
        as_of=DEFAULT_UNTIL,
        capacity=40,
        random_state=7,
        specification=specification,
        world=world.world,
        tables=tables,
        view=as_of_view(tables, DEFAULT_UNTIL),
        eligible=true_risk(world.world, DEFAULT_UNTIL).index[::2],
        model=published_rule(horizon_days=specification.horizon_days),
    )


def test_the_products_policy_draws_the_products_list(situation: Situation) -> None:
    scores = scored(situation.tables, situation.specification, situation.as_of, situation.model)
    view = situation.view
    drawn = priority_list(
        eligible_placements(scores[scores["placement_id"].isin(situation.eligible)], view.placements),
        ListRequest(40, situation.as_of, 7),
        visits=recent_visits(view, situation.as_of),
        mandatory=mandatory_placements(view, situation.as_of),
        learnt=False,
    )
    probabilities = drawn.all_probabilities.set_index("placement_id")["inclusion_probability"]
    chosen = POLICIES["ours"].choose(situation).visits

    assert chosen["placement_id"].tolist() == drawn.rows["placement_id"].tolist()
    np.testing.assert_array_equal(chosen["inclusion_probability"], probabilities.loc[chosen["placement_id"]])
    assert (chosen["list_id"] == drawn.list_id).all()


@pytest.mark.parametrize("name", ["ours", "ours-5", "greedy", "complaints", "usual", "random", "oracle"])
def test_no_policy_visits_anybody_who_is_not_eligible(situation: Situation, name: str) -> None:
    visits = POLICIES[name].choose(situation).visits

    assert visits["placement_id"].isin(situation.eligible).all()
    assert visits["placement_id"].is_unique
    assert len(visits) >= situation.capacity


def test_greedy_takes_the_highest_scores_and_the_oracle_the_highest_true_risks(situation: Situation) -> None:
    for name in ("greedy", "oracle"):
        choice = POLICIES[name].choose(situation)
        assert choice.scores is not None
        visited = choice.scores.loc[choice.visits["placement_id"]]
        assert visited.min() >= choice.scores.drop(visited.index).max()


def test_without_the_coverage_arm_only_risk_mandatory_and_random_visits_are_made(situation: Situation) -> None:
    assert "coverage" in set(POLICIES["ours"].choose(situation).visits["arm"])
    assert set(POLICIES["ours-5"].choose(situation).visits["arm"]) <= {"mandatory", "risk", "random"}


def test_complaints_first_takes_the_newest_complaints_and_then_anybody(situation: Situation) -> None:
    events = situation.view.events
    told = events[(events["type"] == "complaint") & events["placement_id"].isin(situation.eligible)]
    newest = told.groupby("placement_id")["recorded_at"].max().sort_values(ascending=False)
    newest = newest[newest >= situation.as_of - pd.Timedelta(days=365)]
    visits = POLICIES["complaints"].choose(situation).visits

    expected = list(newest.index[:40])
    assert visits["placement_id"].tolist()[: len(expected)] == expected
    assert len(visits) == 40


def test_the_two_line_rule_knows_the_rates_of_the_visits_and_nothing_else(situation: Situation) -> None:
    placements = situation.view.placements
    there = placements.set_index("placement_id").loc[situation.eligible]
    bad = (there["destination"] + there["sector"]).value_counts().index[1]
    is_bad = (there["destination"] + there["sector"] == bad).to_numpy()
    visits = pd.DataFrame(
        {
            "placement_id": situation.eligible,
            "outcome": np.where(is_bad, "harm_found", "no_harm_found"),
        }
    )
    learnt = learn_rule(visits, placements, situation.specification)
    known = Situation(**{**vars(situation), "model": learnt, "capacity": int(is_bad.sum())})

    assert set(POLICIES["rule"].choose(known).visits["placement_id"]) == set(situation.eligible[is_bad])
    assert learn_rule(visits.iloc[:0], placements, situation.specification) is None


@given(st.lists(st.sampled_from([0.1, 0.2, 0.5, np.nan]), min_size=1, max_size=40), st.integers(1, 50))
def test_ties_at_the_edge_share_its_places_and_the_chances_add_up(
    situation: Situation, scores: list[float], capacity: int
) -> None:
    score = pd.Series(scores, index=[f"P{number:02d}" for number in range(len(scores))])
    visits = highest(score, Situation(**{**vars(situation), "capacity": capacity}))
    ranked = score.fillna(-1.0)
    edge = ranked.loc[visits["placement_id"]].min()
    chance = visits.set_index("placement_id")["inclusion_probability"]
    at_edge = ranked == edge

    assert len(visits) == min(capacity, len(scores))
    assert (chance[ranked.loc[chance.index] > edge] == 1).all()
    expected = (ranked > edge).sum() + at_edge.sum() * chance[ranked.loc[chance.index] == edge].iloc[0]
    assert expected == pytest.approx(len(visits))


def test_policies_are_found_by_name_and_the_nearest_is_suggested() -> None:
    assert find_policies("oracle, ours,oracle", world="open") == ("oracle", "ours")
    assert "ceiling" not in find_policies(None, world="hidden")
    assert "ceiling" in find_policies(None, world="shift")
    with pytest.raises(InputError, match="did you mean 'greedy'"):
        find_policies("gredy", world="open")
    with pytest.raises(InputError, match="no policy is named"):
        find_policies(" ,", world="open")
