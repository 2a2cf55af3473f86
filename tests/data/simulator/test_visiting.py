"""Are visits chosen, drawn and answered as the worlds say?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_model.data.simulator.simulate import Simulation, true_risk, visit
from risk_model.data.simulator.visiting import list_probabilities, systematic_sample
from risk_model.data.simulator.worlds import DEFAULT_UNTIL, DETECTION, NOT_REACHED, days

OWN_ARMS = {"mandatory", "risk", "coverage", "random"}


def at_placements(simulation: Simulation) -> pd.DataFrame:
    visits = simulation.tables.inspections
    return visits[visits["placement_id"].notna()]


def worry_of(simulation: Simulation, visits: pd.DataFrame) -> float:
    places = simulation.world.places(visits["placement_id"])
    return float(simulation.world.population.worry[places].mean())


def test_a_visit_finds_present_harm_as_often_as_declared_and_never_harm_that_is_not_there(small: Simulation) -> None:
    harm, found, reached, visited = small.world.harm, 0, 0, 0
    for day in pd.date_range("2025-01-01", "2025-12-01", freq="MS"):
        ids = true_risk(small.world, day).index
        answers = visit(small.world, ids, day)
        place = small.world.places(ids)
        present = ((harm.begins[:, place] <= days(day)) & (harm.ends[:, place] > days(day))).any(axis=0)
        met = answers["outcome"].isin(["harm_found", "no_harm_found"]).to_numpy()
        hit = (answers["outcome"] == "harm_found").to_numpy()
        assert not (hit & ~present).any()
        found, reached = found + (hit & present).sum(), reached + (met & present).sum()
        visited += met.mean() / 12

    assert abs(found / reached - DETECTION) < 4 * np.sqrt(DETECTION * (1 - DETECTION) / reached)
    assert abs(1 - visited - NOT_REACHED) < 0.03


def test_only_a_finding_has_a_category_and_a_visit_without_contact_has_no_severity(small: Simulation) -> None:
    visits = at_placements(small)
    found = visits["outcome"] == "harm_found"
    missed = visits["outcome"].isin(["not_reached", "deferred"])

    assert (visits["category"].notna() == found).all()
    assert visits.loc[found, "severity"].between(1, 3).all()
    assert visits.loc[missed, "severity"].isna().all()
    assert (visits.loc[~found & ~missed, "severity"] == 0).all()


def test_usual_visits_have_no_probabilities_and_own_lists_have_them(
    small: Simulation,
) -> None:
    visits = at_placements(small)
    usual = visits[visits["visited_at"] < DEFAULT_UNTIL - pd.DateOffset(years=1)]
    own = visits[visits["visited_at"] >= DEFAULT_UNTIL - pd.DateOffset(years=1)]

    assert (usual["arm"] == "outside_list").all()
    assert usual[["list_id", "inclusion_probability"]].isna().all().all()
    assert set(own["arm"]) <= OWN_ARMS
    assert own["list_id"].notna().all()
    assert own["inclusion_probability"].between(0, 1, inclusive="right").all()
    assert own["list_id"].nunique() == 12
    assert usual["visited_at"].min() >= DEFAULT_UNTIL - pd.DateOffset(years=3)


def test_officers_make_about_160_visits_a_month_for_60_000_placements(worlds: dict[str, Simulation]) -> None:
    for simulation in worlds.values():
        visits = at_placements(simulation)
        monthly = visits.groupby(visits["visited_at"].dt.to_period("M")).size()
        assert monthly.iloc[:-1].between(53, 54).all()


def test_usual_visits_follow_the_hidden_worry_only_where_the_world_has_it(worlds: dict[str, Simulation]) -> None:
    for name, simulation in worlds.items():
        visits = at_placements(simulation)
        usual = visits[visits["arm"] == "outside_list"]
        drawn = visits[visits["arm"].isin(["coverage", "random"])]
        if name in ("hidden", "silenced"):
            assert worry_of(simulation, usual) > 0.6
        else:
            assert abs(worry_of(simulation, usual)) < 0.15
        assert abs(worry_of(simulation, drawn)) < 0.3


def test_what_usual_visits_find_says_too_much_about_the_others_in_a_hidden_world(worlds: dict[str, Simulation]) -> None:
    def found(name: str) -> float:
        visits = at_placements(worlds[name])
        met = visits[(visits["arm"] == "outside_list") & visits["outcome"].isin(["harm_found", "no_harm_found"])]
        return float((met["outcome"] == "harm_found").mean())

    assert found("hidden") > found("open") + 0.02


def test_a_few_visits_are_to_agencies_and_areas_and_name_no_placement(worlds: dict[str, Simulation]) -> None:
    visits = worlds["open"].tables.inspections
    elsewhere = visits[visits["placement_id"].isna()]

    assert elsewhere["agency_id"].notna().sum() > 10
    assert elsewhere["area"].notna().sum() > 10
    assert (elsewhere["agency_id"].notna() ^ elsewhere["area"].notna()).all()
    assert elsewhere["inclusion_probability"].isna().all()


units = st.integers(2, 60).flatmap(
    lambda size: st.tuples(
        st.lists(st.sampled_from([0.1, 0.2, 0.5]), min_size=size, max_size=size),
        st.lists(st.booleans(), min_size=size, max_size=size),
        st.lists(st.integers(0, 4), min_size=size, max_size=size),
        st.integers(1, 40),
    )
)


@given(units)
@settings(deadline=None)
def test_list_probabilities_add_up_and_leave_nobody_out(
    drawn: tuple[list[float], list[bool], list[int], int],
) -> None:
    score, grave, cell, capacity = drawn
    visits = np.array([0, 3, 1, 0, 9])

    by_arm = list_probabilities(np.array(score), np.array(grave), np.array(cell), visits, capacity=capacity)
    total = by_arm.sum(axis=0)

    expected = min(max(capacity, sum(grave)), len(score))
    assert by_arm.shape == (4, len(score))
    assert (by_arm >= 0).all()
    assert (total <= 1 + 1e-9).all()
    assert total.sum() == pytest.approx(expected)
    assert (by_arm[0] == np.array(grave)).all()
    if capacity > sum(grave):
        assert (total > 0).all()


def test_each_unit_is_drawn_as_often_as_its_probability_says() -> None:
    rng = np.random.default_rng(11)
    score, grave = rng.choice([0.1, 0.3, 0.6], 80), rng.random(80) < 0.03
    cell, draws = rng.integers(0, 5, 80), 4_000
    by_arm = list_probabilities(score, grave, cell, np.array([0, 5, 2, 0, 1]), capacity=20)
    total = by_arm.sum(axis=0)

    samples = [systematic_sample(total, rng) for _ in range(draws)]

    assert {len(sample) for sample in samples} == {20}
    seen = np.bincount(np.concatenate(samples), minlength=80) / draws
    error = np.sqrt(np.maximum(total * (1 - total), 1e-12) / draws)
    assert (np.abs(seen - total) <= 4.5 * error + 1e-9).all()


def test_the_recorded_probability_is_what_the_list_gave(small: Simulation) -> None:
    visits = at_placements(small)
    own = visits[visits["arm"].isin(OWN_ARMS)]

    certain = own[own["arm"] == "mandatory"]["inclusion_probability"]
    assert (certain == 1).all()
    rare = own[own["arm"].isin(["coverage", "random"])]["inclusion_probability"]
    assert (rare < 1).all()
