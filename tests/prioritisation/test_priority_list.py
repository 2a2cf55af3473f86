from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from risk_model.errors import InputError, TableError, UnknownCodeError
from risk_model.prioritisation.priority_list import BAND_ORDER, ROW_COLUMNS, ListRequest, PriorityList, priority_list
from risk_model.prioritisation.sampling import Shares
from risk_model.prioritisation.units import UNITS
from risk_model.vocabulary import contains, offices

Cohort = Callable[..., pd.DataFrame]
REQUEST = ListRequest(capacity=40, as_of=pd.Timestamp("2026-01-01"), random_state=7)
GRAVE = pd.DataFrame({"placement_id": ["SIM-00003", "SIM-00010"], "category": "perdagangan_orang"})


@pytest.fixture(scope="module")
def scored(cohort: Cohort) -> pd.DataFrame:
    return cohort(900)


@pytest.fixture(scope="module")
def drawn(scored: pd.DataFrame) -> PriorityList:
    return priority_list(scored, REQUEST, mandatory=GRAVE)


def codes(made: PriorityList) -> set[str]:
    return {notice.code for notice in made.notices}


def test_a_list_has_its_capacity_and_a_probability_for_every_eligible_placement(
    drawn: PriorityList, scored: pd.DataFrame
) -> None:
    assert len(drawn.rows) == 40
    assert list(drawn.rows.columns) == list(ROW_COLUMNS)
    assert drawn.rows["rank"].tolist() == list(range(1, 41))
    assert set(drawn.all_probabilities["placement_id"]) == set(scored["placement_id"])
    assert drawn.eligible == 900
    assert drawn.all_probabilities["inclusion_probability"].between(0, 1, inclusive="right").all()
    assert drawn.all_probabilities["inclusion_probability"].sum() == pytest.approx(40)


def test_the_row_of_a_list_and_the_table_of_probabilities_agree(drawn: PriorityList) -> None:
    selected = drawn.all_probabilities.query("selected").set_index("placement_id")["inclusion_probability"]
    rows = drawn.rows.set_index("placement_id")["inclusion_probability"]
    pd.testing.assert_series_equal(selected.sort_index(), rows.sort_index())


def test_mandatory_rows_come_first_with_their_reason_then_bands_in_order(drawn: PriorityList) -> None:
    assert set(drawn.rows["placement_id"][:2]) == set(GRAVE["placement_id"])
    assert drawn.rows["arm"][:2].tolist() == ["mandatory"] * 2
    assert drawn.rows["mandatory_because"][:2].tolist() == ["perdagangan_orang"] * 2
    assert drawn.rows["mandatory_because"][2:].isna().all()
    places = [BAND_ORDER.index(band) for band in drawn.rows["band"][2:]]
    assert places == sorted(places)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), shuffle=st.integers(0, 2**31), unit=st.sampled_from(UNITS))
def test_the_same_wish_gives_the_same_list_in_any_order_of_rows(
    scored: pd.DataFrame, seed: int, shuffle: int, unit: str
) -> None:
    request = replace(REQUEST, random_state=seed, unit=unit)
    first = priority_list(scored, request, mandatory=GRAVE)
    again = priority_list(
        scored.sample(frac=1, random_state=shuffle), request, mandatory=GRAVE.iloc[::-1].reset_index(drop=True)
    )
    assert again.list_id == first.list_id
    pd.testing.assert_frame_equal(again.rows, first.rows)
    pd.testing.assert_frame_equal(again.all_probabilities, first.all_probabilities)
    assert again.price == first.price


@pytest.mark.parametrize(
    "changes",
    [
        {"random_state": 8},
        {"as_of": pd.Timestamp("2026-02-01")},
        {"office": "BP3MI-NTT"},
        {"capacity": 41},
        {"unit": "agency"},
        {"shares": Shares(random=0.1)},
    ],
)
def test_another_wish_is_another_list(drawn: PriorityList, scored: pd.DataFrame, changes: dict[str, object]) -> None:
    other = priority_list(scored, replace(REQUEST, **changes), mandatory=GRAVE)
    assert other.list_id != drawn.list_id
    assert set(other.rows["unit_id"]) != set(drawn.rows["unit_id"])


def test_changed_scores_make_another_list(drawn: PriorityList, scored: pd.DataFrame) -> None:
    assert priority_list(scored.assign(risk=scored["risk"] / 2), REQUEST, mandatory=GRAVE).list_id != drawn.list_id


def test_the_place_within_a_band_says_nothing_about_the_arm(cohort: Cohort) -> None:
    same_band = cohort(300, unscored=0).assign(band="medium")
    places = [
        rank / 20
        for seed in range(60)
        for made in [priority_list(same_band, replace(REQUEST, capacity=20, random_state=seed)).rows]
        for rank, arm in zip(made["rank"], made["arm"], strict=True)
        if arm in ("coverage", "random")
    ]
    assert kstest(np.array(places) - 0.025, "uniform").pvalue > 0.01


@pytest.mark.parametrize("code", ["BP3MI-NTT", "P4MI-TAMBOLAKA", "KJRI-HONG-KONG", "KEMENP2MI"])
def test_an_office_gets_what_it_sees_and_all_of_it(scored: pd.DataFrame, code: str) -> None:
    office = next(each for each in offices() if each.code == code)
    sees = [
        any(contains(area, row.origin) for area in office.areas)
        or row.service_office == code
        or row.destination in office.destinations
        for row in scored.itertuples()
    ]
    made = priority_list(scored, replace(REQUEST, office=code))
    assert set(made.all_probabilities["placement_id"]) == set(scored.loc[sees, "placement_id"])


def test_an_unknown_office_is_refused_with_the_nearest(scored: pd.DataFrame) -> None:
    with pytest.raises(UnknownCodeError, match="did you mean 'BP3MI-NTT'"):
        priority_list(scored, replace(REQUEST, office="BP3MI-NTB"))


@pytest.mark.parametrize("unit", ["agency", "employer", "area"])
def test_a_unit_carries_the_probability_of_its_placements(scored: pd.DataFrame, unit: str) -> None:
    made = priority_list(scored, replace(REQUEST, unit=unit, capacity=4), mandatory=GRAVE)
    per_unit = made.all_probabilities.groupby("unit_id")["inclusion_probability"].agg(["nunique", "first", "size"])
    assert (per_unit["nunique"] == 1).all()
    assert per_unit["first"].sum() == pytest.approx(len(made.rows))
    assert len(per_unit) == made.eligible
    rows = made.rows.set_index("unit_id")
    assert (rows["placements"] == per_unit["size"].reindex(rows.index)).all()
    assert rows["placement_id"].isna().all()


def test_placements_without_the_unit_are_told_not_forgotten(scored: pd.DataFrame) -> None:
    made = priority_list(scored, replace(REQUEST, unit="agency"))
    without = int(scored["agency_id"].isna().sum())
    notice = next(each for each in made.notices if each.code == "without_unit")
    assert str(without) in notice.text_id
    assert str(without) in notice.text_en


def test_mandatory_cases_beyond_capacity_lengthen_the_list_and_are_told(scored: pd.DataFrame) -> None:
    many = pd.DataFrame({"placement_id": scored["placement_id"][:30], "category": "kekerasan_majikan"})
    made = priority_list(scored, replace(REQUEST, capacity=10), mandatory=many)
    assert set(many["placement_id"]) <= set(made.rows["placement_id"])
    assert len(made.rows) == 31
    assert "list_grew" in codes(made)


def test_a_mandatory_case_outside_the_cohort_is_told(scored: pd.DataFrame) -> None:
    stranger = pd.DataFrame({"placement_id": ["SIM-99999"], "category": "perdagangan_orang"})
    assert "mandatory_outside_cohort" in codes(priority_list(scored, REQUEST, mandatory=stranger))
    assert "mandatory_outside_cohort" not in codes(priority_list(scored, REQUEST, mandatory=GRAVE))


def test_every_list_says_what_the_register_cannot_see_and_what_is_simulated(scored: pd.DataFrame) -> None:
    made = priority_list(scored, REQUEST)
    assert {"register_blind_spot", "simulated", "without_score"} <= codes(made)
    real = priority_list(scored.assign(data_origin="real"), REQUEST)
    assert "register_blind_spot" in codes(real)
    assert "simulated" not in codes(real)


def test_who_can_act_follows_stage_and_destination(drawn: PriorityList) -> None:
    acting = dict(
        zip(
            zip(drawn.rows["stage"], drawn.rows["destination"], strict=True),
            drawn.rows["competent_bodies"],
            strict=True,
        )
    )
    assert acting["during", "MYS"] == "mission"
    assert acting["before", "MYS"].split("|")[0] == "bp3mi"
    assert all(isinstance(bodies, str) and bodies for bodies in acting.values())


@pytest.mark.parametrize("unit", UNITS)
def test_an_office_with_nothing_to_choose_from_gets_an_empty_list_that_says_so(scored: pd.DataFrame, unit: str) -> None:
    nobody = scored[scored["destination"] == "nowhere"]
    made = priority_list(nobody, replace(REQUEST, unit=unit), mandatory=GRAVE)
    assert len(made.rows) == len(made.all_probabilities) == made.eligible == 0
    assert "nothing_eligible" in codes(made)
    assert list(made.rows.columns) == list(ROW_COLUMNS)


def test_a_cell_that_was_visited_lately_is_drawn_less_often_by_chance(scored: pd.DataFrame) -> None:
    flat = scored.assign(risk=0.1, band="medium")
    visits = pd.DataFrame({"corridor": ["MYS-domestic"] * 500})
    by_corridor = [
        flat.set_index("placement_id")
        .assign(p=made.all_probabilities.set_index("placement_id")["inclusion_probability"])
        .assign(corridor=lambda frame: frame["destination"] + "-" + frame["sector"])
        .groupby("corridor")["p"]
        .mean()
        for made in (priority_list(flat, REQUEST), priority_list(flat, REQUEST, visits=visits))
    ]
    assert by_corridor[1]["MYS-domestic"] < by_corridor[0]["MYS-domestic"]
    assert by_corridor[1]["HKG-domestic"] > by_corridor[0]["HKG-domestic"]


def test_scores_of_two_models_make_no_list(scored: pd.DataFrame) -> None:
    mixed = scored.assign(model_version=np.where(np.arange(len(scored)) < 5, "a", "b"))
    with pytest.raises(InputError, match="2 models"):
        priority_list(mixed, REQUEST)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"capacity": 0}, "capacity is 0"), ({"unit": "agencies"}, "'agency'"), ({"random_state": -1}, "seed")],
)
def test_a_wish_that_cannot_be_met_is_refused(scored: pd.DataFrame, changes: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        priority_list(scored, replace(REQUEST, **changes))


def test_a_scored_table_without_origins_or_with_repeats_is_refused(scored: pd.DataFrame) -> None:
    with pytest.raises(TableError, match="origin"):
        priority_list(scored.drop(columns="origin"), REQUEST)
    with pytest.raises(TableError, match="scored twice"):
        priority_list(pd.concat([scored, scored.head(1)]), REQUEST)


def test_a_list_says_what_minimum_coverage_guarantees_and_what_it_costs(scored: pd.DataFrame) -> None:
    visits = pd.DataFrame({"corridor": scored["destination"] + "-" + scored["sector"]})
    unknown, known = (priority_list(scored, REQUEST, visits=each) for each in (None, visits))
    assert unknown.coverage.unvisited == unknown.coverage.strata > 0
    assert known.coverage.unvisited == 0
    assert unknown.coverage.lists == known.coverage.lists
    assert [price.given_up for price in known.minimum_price] == pytest.approx([0], abs=1e-9)


def test_who_was_visited_lately_is_not_on_the_next_list_for_risk_again(scored: pd.DataFrame) -> None:
    first = priority_list(scored, REQUEST, mandatory=GRAVE)
    listed = first.rows.loc[first.rows["arm"] == "risk", "placement_id"]
    again = priority_list(scored, REQUEST, mandatory=GRAVE, resting=[*listed, *GRAVE["placement_id"]])
    next_rows = again.rows.set_index("placement_id")["arm"]
    assert len(listed) > 5
    assert set(next_rows.reindex(listed).dropna()) <= {"coverage", "random"}
    assert (again.all_probabilities["inclusion_probability"] > 0).all(), "chance can still draw them"
    assert (next_rows[GRAVE["placement_id"]] == "mandatory").all()
    notice = next(each for each in again.notices if each.code == "at_rest")
    assert f"last 90 days: {len(listed)}." in notice.text_en
    assert "at_rest" not in codes(first)


def test_only_placements_rest(scored: pd.DataFrame) -> None:
    agencies = priority_list(scored, replace(REQUEST, unit="agency"), resting=["P3MI-01", "SIM-00001"])
    assert "at_rest" not in codes(agencies)


def test_a_list_says_what_the_limit_on_corridors_costs(scored: pd.DataFrame) -> None:
    alike = scored.assign(risk=scored["risk"] / 100 + 0.1 + 0.02 * (scored["destination"] == "HKG"))
    wide, narrow = (
        priority_list(alike.assign(low=low), REQUEST).limit_price for low in (alike["risk"] - 0.1, alike["risk"])
    )
    published = priority_list(alike.assign(low=alike["risk"] - 0.1), REQUEST, learnt=False).limit_price
    assert wide[0].given_up > 0
    assert published[0].given_up == pytest.approx(0), "chance leads no corridor of published rates"
    assert narrow[0].given_up == pytest.approx(0)
