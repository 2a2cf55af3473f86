from collections.abc import Callable

import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.prioritisation.units import checked, eligible_placements, recent_visits, roll_up, visits_per_cell
from risk_model.scoring.scorer import BANDS

Cohort, Register = Callable[..., pd.DataFrame], Callable[..., Tables]
AS_OF = pd.Timestamp("2026-01-01")


def test_the_risk_of_an_agency_is_the_number_of_its_placements_expected_to_come_to_harm(cohort: Cohort) -> None:
    scored = cohort(400)
    units = roll_up(checked(scored), "agency").set_index("unit_id")
    expected = scored.dropna(subset=["agency_id"]).groupby("agency_id")["risk"].sum()
    pd.testing.assert_series_equal(units["risk"], expected, check_names=False, check_index_type=False)


def test_a_unit_none_of_whose_placements_has_a_score_has_none(cohort: Cohort) -> None:
    units = roll_up(checked(cohort(50, unscored=1.0)), "area")
    assert units["risk"].isna().all()
    assert (units["band"] == "insufficient_data").all()
    assert not units["supported"].any()


def test_bands_of_units_follow_their_risk(cohort: Cohort) -> None:
    units = roll_up(checked(cohort(900, unscored=0)), "employer").sort_values("risk", ascending=False)
    places = [BANDS.index(band) for band in units["band"]]
    assert places == sorted(places)
    assert set(units["band"]) == set(BANDS)


def test_what_placements_of_a_unit_disagree_on_stays_empty(cohort: Cohort) -> None:
    scored = cohort(6).assign(agency_id="P3MI-01", destination="MYS", stage=["before"] * 5 + ["after"], risk=0.1)
    unit = roll_up(checked(scored), "agency").iloc[0]
    assert unit["destination"] == "MYS"
    assert pd.isna(unit["stage"])
    assert unit["placements"] == 6


def test_the_reasons_of_a_unit_are_those_of_its_highest_score(cohort: Cohort) -> None:
    scored = cohort(5).assign(agency_id="P3MI-01", risk=[0.1, 0.2, 0.5, float("nan"), 0.3])
    assert roll_up(checked(scored), "agency").iloc[0]["reasons"] == "reasons of SIM-00002"


def test_an_area_is_a_kabupaten_or_the_province_where_no_more_is_known(cohort: Cohort) -> None:
    scored = cohort(3).assign(origin=["53.11.05.2003", "53.11", "53"], risk=0.1)
    assert roll_up(checked(scored), "area")["unit_id"].tolist() == ["53", "53.11"]


def test_scores_are_joined_with_the_newest_version_in_the_register(register: Register) -> None:
    view = register(
        placements=[
            {"placement_id": "SIM-1"},
            {"placement_id": "SIM-1", "origin": "53.01", "recorded_at": "2025-04-01"},
        ]
    )
    scores = pd.DataFrame({"placement_id": ["SIM-1"], "risk": [0.2], "band": ["high"], "stage": ["before"]})
    joined = checked(eligible_placements(scores, view.placements))
    assert joined[["origin", "corridor", "area"]].iloc[0].tolist() == ["53.01", "MYS-domestic", "53.01"]


def test_recent_visits_count_for_what_they_name_or_their_placement_names(register: Register) -> None:
    view = register(
        placements=[{"placement_id": "SIM-1", "agency_id": "P3MI-01"}],
        inspections=[
            {"placement_id": "SIM-1"},
            {"placement_id": None, "agency_id": "P3MI-02"},
            {"placement_id": None, "area": "53.21.01"},
        ],
    )
    visits = recent_visits(view, AS_OF)
    assert visits["agency_id"].dropna().tolist() == ["P3MI-01", "P3MI-02"]
    assert visits["corridor"].dropna().tolist() == ["MYS-domestic"]
    assert visits["area"].dropna().tolist() == ["53.11", "53.21"]


@pytest.mark.parametrize(
    "changes",
    [{"outcome": "not_reached"}, {"outcome": "deferred"}, {"visited_at": "2024-06-01", "recorded_at": "2024-06-02"}],
)
def test_visits_that_reached_nobody_or_are_long_past_teach_nothing(register: Register, changes: dict[str, str]) -> None:
    assert recent_visits(register(placements=[{}], inspections=[changes]), AS_OF).empty


def test_visits_are_counted_per_cell(cohort: Cohort) -> None:
    units = roll_up(checked(cohort(60)), "placement")
    visits = pd.DataFrame({"corridor": ["MYS-domestic"] * 3 + ["SAU-domestic"]})
    counts = visits_per_cell(units, visits, "placement")
    assert (counts == (units["corridor"] == "MYS-domestic") * 3).all()
    for nothing in (None, visits.head(0), visits.assign(corridor=None)):
        assert (visits_per_cell(units, nothing, "placement") == 0).all()
