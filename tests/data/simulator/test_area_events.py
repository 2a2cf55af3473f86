"""Do NTT's deaths come home in the published numbers, to other districts than the recorded workers leave from?"""

import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.simulate import Simulation


def area_events(simulation: Simulation) -> pd.DataFrame:
    events = simulation.tables.events
    return events[events["type"].isin(["death", "deportation", "interception"]) & events["placement_id"].isna()]


def test_each_is_in_a_kabupaten_of_ntt_and_names_no_placement(small: Simulation) -> None:
    events = area_events(small)

    assert set(events["type"]) == {"death", "deportation", "interception"}
    assert all(vocabulary.contains("53", area) and area != "53" for area in events["area"])


def test_their_number_is_that_of_the_province_whatever_the_size_of_the_run(
    small: Simulation, worlds: dict[str, Simulation]
) -> None:
    for simulation in (small, worlds["open"]):
        deaths = area_events(simulation).query("type == 'death'")
        by_year = deaths.groupby(deaths["occurred_at"].dt.year).size()
        assert by_year.loc[[2022, 2023, 2024]].to_list() == [106, 151, 125]


def test_most_of_the_dead_had_left_outside_procedure(small: Simulation) -> None:
    deaths = area_events(small).query("type == 'death'")

    assert deaths["procedural"].mean() < 0.1


def test_bodies_come_home_to_other_districts_than_recorded_workers_leave_from(worlds: dict[str, Simulation]) -> None:
    newest = worlds["open"].tables.placements.drop_duplicates("placement_id", keep="last")
    left = newest[newest["origin"].str.startswith("53.")]["origin"].value_counts(normalize=True)
    died = area_events(worlds["open"]).query("type == 'death'")["area"].value_counts(normalize=True)
    sumba, east = ["53.11", "53.12", "53.17", "53.18"], ["53.21", "53.04", "53.08", "53.06"]

    assert left.reindex(sumba).sum() > 2 * died.reindex(sumba).sum()
    assert died.reindex(east).sum() > 2 * left.reindex(east).sum()
