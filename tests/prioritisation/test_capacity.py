import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.errors import InputError, TableError, UnknownCodeError
from risk_model.prioritisation.capacity import capacity_of_month, checked_plan, planned_by_month

PLAN = pd.DataFrame(
    {
        "month": ["2026-01", "2026-02", "2026-01", "2026-02", "2025-12"],
        "visits": ["10", "12", "4", "0", "99"],
        "office": ["BP3MI-NTT", "BP3MI-NTT", "P4MI-TAMBOLAKA", "P4MI-TAMBOLAKA", "BP3MI-NTT"],
    }
)
FEBRUARY = pd.Timestamp("2026-02-15")


@given(st.integers(1, 100_000))
def test_a_yearly_number_is_spread_evenly_and_nothing_is_lost(yearly: int) -> None:
    planned = planned_by_month(yearly, 2026)
    assert planned.sum() == yearly
    assert planned.max() - planned.min() <= 1


@pytest.mark.parametrize(("office", "visits"), [(None, 12), ("BP3MI-NTT", 12)])
def test_the_plan_gives_the_month_of_the_list(office: str | None, visits: int) -> None:
    assert capacity_of_month(checked_plan(PLAN, office=office), FEBRUARY) == visits


def test_a_plan_without_offices_counts_for_any_and_several_offices_together() -> None:
    january = pd.Timestamp("2026-01-01")
    assert capacity_of_month(checked_plan(PLAN, office=None), january) == 14
    assert capacity_of_month(checked_plan(PLAN.iloc[:2].drop(columns="office"), office="ANY"), january) == 10


def test_visits_not_made_are_carried_over_within_the_year() -> None:
    planned = checked_plan(PLAN, office="BP3MI-NTT")
    assert capacity_of_month(planned, FEBRUARY, made=7) == 15
    assert capacity_of_month(planned, FEBRUARY, made=13) == 9


@pytest.mark.parametrize(("made", "said"), [(22, "22 are made"), (40, "40 are made")])
def test_a_plan_that_is_used_up_names_the_repair(made: int, said: str) -> None:
    with pytest.raises(InputError, match=f"{said}.*raise the plan"):
        capacity_of_month(checked_plan(PLAN, office="BP3MI-NTT"), FEBRUARY, made=made)


def test_a_month_without_visits_and_one_outside_the_plan_name_the_repair() -> None:
    planned = checked_plan(PLAN, office="P4MI-TAMBOLAKA")
    with pytest.raises(InputError, match="plans none"):
        capacity_of_month(planned, FEBRUARY)
    with pytest.raises(InputError, match="2026-01 to 2026-02: add a row"):
        capacity_of_month(planned, pd.Timestamp("2026-03-01"))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("month", "2026-13", "row 3 of the plan: month"),
        ("month", "Feb 2026", "row 3 of the plan: month"),
        ("visits", "12.5", "row 3 of the plan: visits"),
        ("visits", "-3", "row 3 of the plan: visits"),
        ("visits", "", "row 3 of the plan: visits"),
        ("month", "2026-01", "row 3 of the plan repeats"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(column: str, value: str, said: str) -> None:
    broken = PLAN.copy()
    broken.loc[1, column] = value
    with pytest.raises(TableError, match=said):
        checked_plan(broken, office=None)


def test_a_missing_column_and_an_unknown_office_name_the_nearest() -> None:
    with pytest.raises(TableError, match="did you mean 'visit'"):
        checked_plan(PLAN.rename(columns={"visits": "visit"}), office=None)
    with pytest.raises(UnknownCodeError, match="BP3MI-NTT"):
        checked_plan(PLAN, office="BP3MI-NTB")


def test_a_year_without_visits_is_refused() -> None:
    with pytest.raises(InputError, match="1 or more"):
        planned_by_month(0, 2026)
