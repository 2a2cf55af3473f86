"""Does harm follow the facts: surveys by corridor, relative risks, onset and end, and a corridor that turns?"""

import numpy as np
import pandas as pd
import pytest

from risk_model.data.simulator.latent.harm import AGENCY_SD, DURING, GROUP_OF_KIND, KINDS, survey_harm
from risk_model.data.simulator.register import WorldState
from risk_model.data.simulator.simulate import Simulation, true_risk
from risk_model.data.simulator.worlds import DEFAULT_UNTIL, QUIET_CORRIDOR, days, shift_date


@pytest.fixture(scope="session")
def state(worlds: dict[str, Simulation]) -> WorldState:
    return worlds["open"].world


def at_work(state: WorldState, day: float) -> np.ndarray:
    return (state.careers.departed < day - 90) & (state.careers.returned > day)


def test_harm_at_work_is_as_frequent_as_the_surveys_found(state: WorldState) -> None:
    facts, day = state.population.facts, days(pd.Timestamp("2025-01-01"))
    household = at_work(state, day) & (facts["employer_type"] == "household")
    present = state.harm.present(day - 1e-6, day)
    for destination, survey in (("MYS", 0.29), ("HKG", 0.17), ("SGP", 0.07)):
        here = household & (facts["destination"] == destination)
        error = np.sqrt(survey * (1 - survey) / here.sum())
        assert abs(present[here].mean() - survey) < 0.03 + 3 * error


def test_facts_order_employers_and_corridors(state: WorldState) -> None:
    facts = state.population.facts
    rate = pd.Series(survey_harm(state.population)).groupby([facts["destination"], facts["sector"]]).mean()

    assert rate["TWN", "fishing"] == pytest.approx(4 * rate["TWN", "manufacturing"])
    assert rate["MYS", "domestic"] == pytest.approx(2 * rate["MYS", "plantation"])
    assert rate["SAU", "domestic"] > 3 * rate["HKG", "domestic"]
    assert rate.max() <= 0.6


def test_debt_worry_and_bad_agencies_raise_the_chance_and_a_signed_contract_lowers_it(state: WorldState) -> None:
    people, chance = state.population, state.harm.probability[0]
    here = (people.facts["destination"] == "HKG").to_numpy()

    def gap(flag: np.ndarray) -> float:
        return float(chance[here & flag].mean() / chance[here & ~flag].mean())

    assert 3 < gap(people.burden >= 0.3) < 6
    assert gap(people.worry > 0) > 1.2
    assert gap(state.harm.agency_effect > 0) > 1.2
    assert 0.5 < gap(people.signed) < 0.9


def test_sex_and_origin_do_nothing_of_their_own(state: WorldState) -> None:
    facts, chance = state.population.facts, state.harm.probability[0]
    maids = (facts["destination"] == "HKG") & (facts["position"] == "house_maid")
    by_province = pd.Series(chance)[maids].groupby(facts["origin"].str[:2]).agg(["mean", "std", "size"])
    large = by_province[by_province["size"] > 200]

    assert (abs(large["mean"] - chance[maids].mean()) < 4 * large["std"] / np.sqrt(large["size"])).all()


def test_agencies_drift(state: WorldState) -> None:
    frame = pd.DataFrame(
        {
            "agency": state.population.agency,
            "effect": state.harm.agency_effect,
            "year": np.floor((state.careers.registered - state.run.start) / 365.25),
        }
    )
    yearly = frame[frame["agency"] >= 0].groupby(["agency", "year"])["effect"].mean().unstack()
    near, far = yearly[0].corr(yearly[1]), yearly[0].corr(yearly[3])

    assert 0.3 < far < near < 0.95
    assert yearly[0].std() == pytest.approx(AGENCY_SD, rel=0.2)


def test_harm_at_work_begins_soon_after_the_departure_and_lasts_to_the_return(state: WorldState) -> None:
    harm, careers = state.harm, state.careers
    working = np.isfinite(harm.begins[0]) & (GROUP_OF_KIND[harm.kind[0]] == DURING)
    wait = harm.begins[0][working] - careers.departed[working]

    assert (wait > 0).all()
    assert 20 < np.median(wait) + 10 < 45
    assert (harm.ends[0][working] >= careers.returned[working]).all()
    unresolved = (harm.ends[0] > careers.returned)[working]
    assert 0.25 < unresolved.mean() < 0.35


def test_a_failed_departure_begins_before_it_and_ends_with_it(state: WorldState) -> None:
    harm, careers = state.harm, state.careers
    failed = np.isfinite(harm.begins[0]) & (harm.kind[0] == KINDS.index("gagal_berangkat"))

    assert (harm.begins[0] >= careers.registered)[failed].all()
    assert (harm.ends[0] == careers.left)[failed].all()
    assert not careers.extension[failed].any()


def test_a_quiet_corridor_turns_bad_on_its_day_and_no_other_does(worlds: dict[str, Simulation]) -> None:
    calm, turned = worlds["open"].world, worlds["shift"].world
    facts = turned.population.facts.set_index("placement_id")
    date = pd.Timestamp(0) + pd.Timedelta(days=shift_date(turned.run))
    assert date == DEFAULT_UNTIL - pd.Timedelta(days=365)

    def raised(as_of: pd.Timestamp) -> pd.Series:
        before, after = true_risk(calm, as_of), true_risk(turned, as_of)
        shared = before.index.intersection(after.index)
        there = (facts["destination"] == QUIET_CORRIDOR.destination) & (facts["sector"] == QUIET_CORRIDOR.sector)
        means = pd.DataFrame({"before": before[shared], "after": after[shared]}).groupby(there[shared]).mean()
        return means["after"] / means["before"]

    assert raised(date - pd.Timedelta(days=181))[True] == pytest.approx(1)
    assert 3 < raised(DEFAULT_UNTIL - pd.Timedelta(days=90))[True] < 5.5
    assert raised(DEFAULT_UNTIL)[False] == pytest.approx(1)
