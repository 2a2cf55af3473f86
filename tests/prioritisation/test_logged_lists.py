from collections.abc import Callable

import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.errors import InputError, NotEnoughDataError
from risk_model.prioritisation.list_ages import CLOSED_AFTER_DAYS
from risk_model.prioritisation.logged_lists import check_cohort, logged_visits

AS_OF = pd.Timestamp("2026-01-01")
DRAWN = {"list_id": "20251001-abc", "arm": "risk", "inclusion_probability": 1.0, "visited_at": "2025-10-09"}
Register = Callable[..., Tables]


def logged(register: Register, *rows: dict[str, object], months: int = 24) -> pd.DataFrame:
    made = [{"recorded_at": "2025-12-30", **row} for row in rows]
    return logged_visits(register(inspections=made).inspections, AS_OF, months=months)


def test_only_visits_that_a_list_with_a_known_probability_led_to_count(register: Register) -> None:
    usual = {"visited_at": "2025-10-09", "placement_id": "SIM-2"}
    agency = {**DRAWN, "placement_id": None, "agency_id": "P3MI-1"}
    assert logged(register, DRAWN, usual, agency)["placement_id"].tolist() == ["SIM-1"]


def test_the_date_of_a_list_is_in_its_number_or_else_the_day_of_its_first_visit(register: Register) -> None:
    other = {**DRAWN, "list_id": "SIM-LIST-2025-09", "visited_at": "2025-09-04 10:00"}
    later = {**other, "placement_id": "SIM-2", "visited_at": "2025-09-20"}
    dates = logged(register, DRAWN, other, later).set_index(["list_id", "placement_id"])["list_date"]
    assert dates["20251001-abc", "SIM-1"] == pd.Timestamp("2025-10-01")
    assert (dates["SIM-LIST-2025-09"] == pd.Timestamp("2025-09-04")).all()


def test_a_list_that_may_still_be_under_way_waits(register: Register) -> None:
    open_ = {**DRAWN, "list_id": f"{AS_OF - pd.Timedelta(days=CLOSED_AFTER_DAYS - 1):%Y%m%d}-abc"}
    closed = {**DRAWN, "list_id": f"{AS_OF - pd.Timedelta(days=CLOSED_AFTER_DAYS):%Y%m%d}-abc"}
    assert logged(register, open_, closed)["list_id"].tolist() == [closed["list_id"]]


def test_lists_older_than_the_months_asked_for_are_left_out(register: Register) -> None:
    older = {**DRAWN, "list_id": "20250301-abc", "visited_at": "2025-03-04"}
    assert len(logged(register, DRAWN, older)) == 2
    assert logged(register, DRAWN, older, months=3)["list_id"].tolist() == ["20251001-abc"]


def test_a_second_visit_counts_where_the_first_reached_nobody(register: Register) -> None:
    first = {**DRAWN, "outcome": "not_reached"}
    second = {**DRAWN, "outcome": "harm_found", "visited_at": "2025-10-20"}
    third = {**DRAWN, "outcome": "no_harm_found", "visited_at": "2025-10-25"}
    assert logged(register, third, first, second)["found"].tolist() == [1.0]
    assert logged(register, first)["found"].isna().all()


def test_without_logged_probabilities_the_error_names_the_repair(register: Register) -> None:
    with pytest.raises(NotEnoughDataError, match="risk-model list"):
        logged(register, {"visited_at": "2025-10-09"})


def test_months_below_one_are_refused(register: Register) -> None:
    with pytest.raises(InputError, match="1 or more"):
        logged(register, DRAWN, months=0)


def test_lists_drawn_from_others_than_the_cohort_are_refused() -> None:
    rows = pd.DataFrame({"inclusion_probability": [0.1] * 100})
    check_cohort(rows, 1000)
    check_cohort(rows, 1300)
    with pytest.raises(InputError, match="--office"):
        check_cohort(rows, 4000)
