"""Who complains, and does the world show it as it says?"""

import numpy as np
import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.simulate import Simulation, simulate
from risk_model.data.simulator.worlds import DEFAULT_UNTIL


def complaints(simulation: Simulation) -> pd.DataFrame:
    events = simulation.tables.events
    return events[(events["type"] == "complaint") & events["placement_id"].notna()]


def reports_per_harm(simulation: Simulation) -> pd.Series:
    """Complaints of people in harm over people in harm, by employer type."""
    employer = simulation.world.population.facts["employer_type"]
    harmed = np.isfinite(simulation.world.harm.begins).any(axis=0)
    reported = np.zeros(len(harmed), dtype=bool)
    reported[simulation.world.places(complaints(simulation)["placement_id"])] = True
    return pd.Series(reported & harmed).groupby(employer).sum() / pd.Series(harmed).groupby(employer).sum()


def test_isolated_groups_hardly_report_in_the_hidden_worlds(worlds: dict[str, Simulation]) -> None:
    for name, most in (("open", 1.0), ("hidden", 0.25), ("silenced", 0.25)):
        rate = reports_per_harm(worlds[name])
        assert rate["household"] < most * rate["legal_entity"]
        assert rate["sea_based"] < most * rate["legal_entity"]
    assert reports_per_harm(worlds["open"])["household"] > 0.25 * reports_per_harm(worlds["open"])["legal_entity"]


def test_bad_agencies_silence_complaints_only_in_the_silenced_world(worlds: dict[str, Simulation]) -> None:
    def share_of_bad(simulation: Simulation) -> float:
        effect = simulation.world.harm.agency_effect
        places = simulation.world.places(complaints(simulation)["placement_id"])
        return float((effect[places] > 0.25).mean())

    assert share_of_bad(worlds["silenced"]) < 0.6 * share_of_bad(worlds["hidden"])


def test_complaints_come_at_about_the_published_rate_or_ten_times_it(worlds: dict[str, Simulation]) -> None:
    published = simulate("hidden", placements=30_000, random_state=6)
    for simulation, per_thousand in ((published, 0.9), (worlds["hidden"], 9.0), (worlds["open"], 9.0)):
        last_year = DEFAULT_UNTIL - pd.DateOffset(years=1)
        newest = simulation.tables.placements.drop_duplicates("placement_id")
        expected = (newest["registered_on"] >= last_year).sum() * per_thousand / 1000
        reported = (complaints(simulation)["recorded_at"] >= last_year).sum()

        assert abs(reported - expected) < 0.2 * expected + 3 * np.sqrt(expected)


def test_reports_come_weeks_to_months_after_the_harm_began(worlds: dict[str, Simulation]) -> None:
    simulation = worlds["open"]
    reports = complaints(simulation)
    begins = simulation.world.harm.begins[0][simulation.world.places(reports["placement_id"])]
    told = np.isfinite(begins)
    onset = pd.Timestamp(0) + pd.to_timedelta(begins[told], unit="D")

    months = (reports["recorded_at"][told].to_numpy() - onset.to_numpy()) / np.timedelta64(30, "D")

    assert 1 < np.median(months) < 8


def test_some_complaints_tell_of_no_harm_and_most_of_them_are_requests(worlds: dict[str, Simulation]) -> None:
    simulation = worlds["open"]
    reports = complaints(simulation)
    harmed = np.isfinite(simulation.world.harm.begins).any(axis=0)
    without = reports[~harmed[simulation.world.places(reports["placement_id"])]]
    kinds = {code: row.extra["harm"] for code, row in vocabulary.table("complaint_categories").items()}

    assert 0.1 < len(without) / len(reports) < 0.4
    assert (without["category"].map(kinds) == "request").mean() > 0.5


def test_complaints_with_a_placement_are_procedural_and_the_others_have_none(worlds: dict[str, Simulation]) -> None:
    events = worlds["open"].tables.events
    reports = events[events["type"] == "complaint"]
    with_record = reports["placement_id"].notna()

    assert reports.loc[with_record, "procedural"].all()
    assert not reports.loc[~with_record, "procedural"].fillna(False).any()
    assert reports.loc[~with_record, "procedural"].isna().any()
    assert reports.loc[~with_record, "area"].notna().all()


def test_whoever_dies_or_is_deported_is_back_and_complains_no_more_than_shortly_after(
    worlds: dict[str, Simulation],
) -> None:
    events = worlds["open"].tables.events
    ends = events[events["type"].isin(["death", "deportation"]) & events["placement_id"].notna()]
    careers = worlds["open"].world.careers
    places = worlds["open"].world.places(ends["placement_id"])
    died = (ends["occurred_at"].to_numpy() - np.datetime64(0, "us")) / np.timedelta64(1, "D")

    assert len(ends) > 5
    assert (careers.back[places] <= died).all()


def test_frequent_reporting_changes_who_tells_and_not_who_comes_to_harm() -> None:
    rich, published = (simulate("open", reporting=words, placements=1_000) for words in ("rich", "published"))

    assert np.array_equal(rich.world.harm.begins, published.world.harm.begins)
    assert len(complaints(rich)) > len(complaints(published))
