"""Does training see only closed windows, each visit once, and nothing later?"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_model.data.schema import Tables
from risk_model.errors import NotEnoughDataError, SpecificationError
from risk_model.placements.feature_table import feature_table
from risk_model.placements.training_table import grid, training_table
from risk_model.specification import Specification, parse_specification

AS_OF = pd.Timestamp("2025-06-01")
HORIZON = pd.Timedelta(days=180)
MakeTables = Callable[..., Tables]


def changed(specification: Specification, **cohort: Any) -> Specification:
    raw = specification.model_dump(mode="json")
    horizon = cohort.pop("horizon_days", raw["horizon_days"])
    return parse_specification(raw | {"horizon_days": horizon, "cohort": raw["cohort"] | cohort})


@pytest.fixture(scope="module")
def looking_back(specification: Specification) -> Specification:
    """The product's specification with fewer dates to look at."""
    return changed(specification, history_days=540, step_days=60)


@pytest.fixture(scope="module")
def expected(world: Tables, looking_back: Specification) -> pd.DataFrame:
    return training_table(world, looking_back, AS_OF)


@settings(deadline=None)
@given(
    horizon=st.integers(1, 400),
    step=st.integers(1, 500),
    history=st.integers(1, 1500),
)
def test_every_moment_before_the_last_cohort_belongs_to_one_date_and_cohorts_do_not_overlap(
    specification: Specification, horizon: int, step: int, history: int
) -> None:
    dates = list(grid(changed(specification, horizon_days=horizon, step_days=step, history_days=history), AS_OF))
    for before, after in pairwise(dates):
        assert before.as_of + pd.Timedelta(days=before.visit_days) == after.as_of
    whole = [date.as_of for date in dates if date.whole]
    assert all(after - before == pd.Timedelta(days=horizon) for before, after in pairwise(whole))
    for date in dates:
        assert date.closed == (date.as_of + pd.Timedelta(days=horizon) <= AS_OF)
        assert date.closed or not date.whole
    assert all(date.as_of < AS_OF for date in dates)
    assert all(date.visit_days <= min(horizon, step) for date in dates)


def test_reports_count_only_where_their_window_has_closed_and_no_row_comes_twice(expected: pd.DataFrame) -> None:
    closed = expected["as_of"] + HORIZON <= AS_OF
    assert closed[expected["whole_cohort"]].all()
    assert not closed.all()
    assert expected.loc[~closed, "reported"].isna().all()
    assert set(expected.loc[closed, "reported"]) == {0, 1}
    assert not expected.duplicated(["placement_id", "as_of"]).any()


def test_the_whole_cohort_stands_at_dates_one_horizon_apart_and_elsewhere_only_the_visited(
    world: Tables, looking_back: Specification, expected: pd.DataFrame
) -> None:
    whole = expected[expected["whole_cohort"]]
    assert (pd.Series(whole["as_of"].unique()).diff().dropna() == HORIZON).all()
    assert expected.loc[~expected["whole_cohort"], "found_within"].notna().all()
    date = whole["as_of"].iloc[-1]
    there = whole.loc[whole["as_of"] == date, ["placement_id", "as_of", *looking_back.input_columns]]
    pd.testing.assert_frame_equal(there.reset_index(drop=True), feature_table(world, looking_back, date))


def test_each_visit_labels_exactly_one_row_the_last_date_not_after_it(
    world: Tables, looking_back: Specification, expected: pd.DataFrame
) -> None:
    visits = world.inspections
    visits = visits[
        visits["outcome"].isin(["harm_found", "no_harm_found"])
        & visits["placement_id"].notna()
        & (visits["recorded_at"] < AS_OF)
    ].assign(found=lambda rows: (rows["outcome"] == "harm_found").astype(float))
    dates = pd.DataFrame(
        [(date.as_of, date.visit_days) for date in grid(looking_back, AS_OF)], columns=["as_of", "days"]
    ).astype({"as_of": "datetime64[us]"})
    placed = pd.merge_asof(visits.sort_values("visited_at"), dates, left_on="visited_at", right_on="as_of")
    placed = placed[placed["visited_at"] < placed["as_of"] + pd.to_timedelta(placed["days"], unit="D")]
    told = placed.groupby(["placement_id", "as_of"])["found"].max()
    labelled = expected[expected["visited"]].set_index(["placement_id", "as_of"])["found"]
    assert len(labelled) > 50
    pd.testing.assert_series_equal(labelled.sort_index(), told[told.index.isin(labelled.index)].sort_index())
    lost = told[~told.index.isin(labelled.index)]
    for placement, date in lost.index:
        assert placement not in set(feature_table(world, looking_back, date)["placement_id"])
    assert expected.loc[~expected["visited"], "found"].isna().all()


@settings(deadline=None, max_examples=3)
@given(seed=st.integers(0, 2**32 - 1))
def test_neither_later_records_nor_the_order_of_rows_change_the_table(
    world: Tables, looking_back: Specification, expected: pd.DataFrame, seed: int
) -> None:
    known = (frame[frame["recorded_at"] < AS_OF] for frame in (world.placements, world.events, world.inspections))
    shuffled = Tables(*(frame.sample(frac=1, random_state=seed) for frame in known))
    pd.testing.assert_frame_equal(training_table(shuffled, looking_back, AS_OF), expected)


def test_two_visits_in_one_window_label_two_rows_at_most_once_each(
    make_tables: MakeTables, specification: Specification
) -> None:
    start = AS_OF - 2 * HORIZON
    days = {5: "no_harm_found", 20: "harm_found", 100: "no_harm_found"}
    visits = [
        {
            "visited_at": start + pd.Timedelta(days=day),
            "recorded_at": start + pd.Timedelta(days=day),
            "outcome": outcome,
        }
        for day, outcome in days.items()
    ]
    table = training_table(make_tables([{}], inspections=visits), specification, AS_OF)
    seen = table[table["visited"]]
    assert [(date - start).days for date in seen["as_of"]] == [0, 90]
    assert seen["found"].tolist() == [1.0, 0.0]
    assert seen["whole_cohort"].tolist() == [True, False]


def test_every_row_in_the_horizon_before_a_visit_says_what_it_found_and_together_they_count_once(
    world: Tables, expected: pd.DataFrame
) -> None:
    seen = expected[expected["found_within"].notna()]
    assert seen["visit_lag_days"].between(0, 180, inclusive="left").all()
    at = (seen["as_of"] + pd.to_timedelta(seen["visit_lag_days"], unit="D")).dt.round("s")
    by_visit = seen.groupby([seen["placement_id"], at])
    np.testing.assert_allclose(by_visit["visit_weight"].sum(), 1.0)
    assert (by_visit["found_within"].nunique() == 1).all()
    visits = world.inspections.set_index("placement_id")
    for row in seen.assign(at=at).sample(20, random_state=0).to_dict("records"):
        told = visits.loc[[row["placement_id"]]]
        told = told[told["visited_at"] == row["at"]]
        assert row["found_within"] in set((told["outcome"] == "harm_found").astype(float))
        assert row["outside_list"] in set(told["inclusion_probability"].isna().astype(float))
    nearest = expected[expected["visited"]]
    assert (nearest["visit_lag_days"] < 60).all()


@pytest.mark.parametrize(("days_before", "follows"), [(10, 1.0), (179, 1.0), (190, 0.0), (-1, 0.0)])
def test_a_visit_follows_a_complaint_that_was_recorded_in_the_horizon_before_it(
    make_tables: MakeTables, specification: Specification, days_before: int, follows: float
) -> None:
    visited = AS_OF - pd.Timedelta(days=100)
    complained = visited - pd.Timedelta(days=days_before)
    table = training_table(
        make_tables(
            [{}],
            inspections=[{"visited_at": visited, "recorded_at": visited, "outcome": "no_harm_found"}],
            events=[{"type": "complaint", "recorded_at": complained, "category": "ingin_dipulangkan"}],
        ),
        specification,
        AS_OF,
    )
    seen = table[table["found_within"].notna()]
    assert len(seen) > 1
    assert set(seen["after_complaint"]) == {follows}


def test_a_large_cohort_is_sampled_by_known_weights_and_nobody_with_an_outcome_is_left_out(
    world: Tables, looking_back: Specification, expected: pd.DataFrame
) -> None:
    sampled, again = (
        training_table(world, looking_back, AS_OF, random_state=1, most_cohort_rows=900) for _ in range(2)
    )
    pd.testing.assert_frame_equal(again, sampled)
    assert sampled["whole_cohort"].sum() <= 900
    assert set(expected["row_weight"]) == {1.0}
    for column in ("visited", "reported"):
        assert sampled[column].sum() == expected[column].sum()
        assert (sampled.loc[sampled[column] == 1, "row_weight"] == 1).all()
    weights, sizes = (
        table[table["whole_cohort"]].groupby("as_of")["row_weight"].sum() for table in (sampled, expected)
    )
    np.testing.assert_allclose(weights, sizes)


def test_progress_is_told_date_by_date(world: Tables, looking_back: Specification) -> None:
    told: list[tuple[int, int, str]] = []
    training_table(world, looking_back, AS_OF, progress=lambda *step: told.append(step))
    assert [done for done, _, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, total, _ in told} == {len(told)}


@pytest.mark.parametrize(
    ("placements", "said"),
    [([], "no placement was recorded"), ([{"recorded_at": "2025-03-01"}], "training is possible from 2025-08-29")],
)
def test_where_no_window_has_closed_the_message_says_when_one_will_have(
    make_tables: MakeTables, specification: Specification, placements: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(NotEnoughDataError, match=said):
        training_table(make_tables(placements), specification, AS_OF)


def test_training_is_possible_on_the_day_the_message_names(
    make_tables: MakeTables, specification: Specification
) -> None:
    tables = make_tables([{"recorded_at": "2025-03-01"}])
    assert len(training_table(tables, specification, pd.Timestamp("2025-08-29"))) == 1


def test_a_specification_of_another_kind_of_table_is_refused(
    make_tables: MakeTables, specification: Specification
) -> None:
    raw = specification.model_dump(mode="json") | {"cohort": None}
    with pytest.raises(SpecificationError, match="cohort"):
        training_table(make_tables([{}]), parse_specification(raw), AS_OF)


def test_tables_without_events_visits_or_agencies_train_on_nothing_reported(
    make_tables: MakeTables, specification: Specification
) -> None:
    table = training_table(make_tables([{"departed_on": "2024-02-01"}]), specification, AS_OF)
    assert table["reported"].tolist() == [0] * len(table)
    assert table[["found", "inclusion_probability", "arm", "corridor_found_rate"]].isna().all(axis=None)
    assert not table["visited"].any()
