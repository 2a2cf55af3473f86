"""Does a feature table know its past, nothing later, and nothing personal?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_model.data.schema import Tables
from risk_model.errors import SpecificationError
from risk_model.placements.feature_table import feature_table
from risk_model.specification import ALWAYS_BARRED, Specification, parse_specification

AS_OF = pd.Timestamp("2025-06-01")
PERSONAL = ["sex", "birth_year", "education", "marital_status", "origin", "service_office", "worker_ref"]
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def expected(world: Tables, specification: Specification) -> pd.DataFrame:
    table = feature_table(world, specification, AS_OF)
    assert len(table) > 500
    return table


def of_the_future(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some rows again, as recorded on AS_OF or later, with the content of other rows."""
    rows = rng.integers(0, len(frame), size=20)
    keys = {name for name in ("placement_id", "event_id", "inspection_id") if name in frame}
    later = pd.DataFrame(
        {
            name: frame[name].iloc[rows if name in keys else rng.permutation(rows)].reset_index(drop=True)
            for name in frame
        }
    )
    days = rng.integers(0, 400, size=len(rows))
    return later.assign(recorded_at=(AS_OF + pd.to_timedelta(days, unit="D")).astype("datetime64[us]"))


@settings(deadline=None, max_examples=12)
@given(seed=SEEDS)
def test_no_row_recorded_later_changes_a_feature(
    world: Tables, specification: Specification, expected: pd.DataFrame, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    known = {
        name: getattr(world, name)[getattr(world, name)["recorded_at"] < AS_OF]
        for name in ("placements", "events", "inspections")
    }
    added = {
        name: pd.concat([frame, of_the_future(frame, rng)]).sample(frac=1, random_state=seed)
        for name, frame in known.items()
    }
    for tables in (Tables(**known), Tables(**added)):
        pd.testing.assert_frame_equal(feature_table(tables, specification, AS_OF), expected)


@settings(deadline=None, max_examples=10)
@given(seed=SEEDS)
def test_dates_to_come_are_not_visible(
    world: Tables, specification: Specification, expected: pd.DataFrame, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    placements = world.placements.copy()
    for name in ("departed_on", "returned_on"):
        free = np.flatnonzero((placements[name].isna() | (placements[name] >= AS_OF)).to_numpy())
        moved = rng.choice(free, size=len(free) // 2, replace=False)
        planned = AS_OF + pd.to_timedelta(rng.integers(0, 900, size=len(moved)), unit="D")
        placements.iloc[moved, placements.columns.get_loc(name)] = planned
    moved_on = replace(world, placements=placements)
    pd.testing.assert_frame_equal(feature_table(moved_on, specification, AS_OF), expected)
    dates = expected.select_dtypes("datetime")
    assert list(dates) == ["as_of"]


@settings(deadline=None, max_examples=10)
@given(seed=SEEDS)
def test_neither_the_order_of_rows_nor_a_personal_trait_changes_a_feature(
    world: Tables, specification: Specification, expected: pd.DataFrame, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    placements = world.placements.copy()
    for name in PERSONAL:
        placements[name] = placements[name].iloc[rng.permutation(len(placements))].array
    shuffled = (
        frame.sample(frac=1, random_state=rng.integers(2**31))
        for frame in (placements, world.events, world.inspections)
    )
    pd.testing.assert_frame_equal(feature_table(Tables(*shuffled), specification, AS_OF), expected)


def test_the_columns_are_the_identifier_the_date_and_the_inputs_and_nothing_personal(
    expected: pd.DataFrame, specification: Specification
) -> None:
    assert list(expected) == ["placement_id", "as_of", *specification.input_columns]
    assert not set(expected) & (ALWAYS_BARRED | set(specification.barred))
    assert expected["placement_id"].is_unique


def test_what_was_found_since_is_no_feature(make_tables: Callable[..., Tables], specification: Specification) -> None:
    visit = {"visited_at": "2025-06-01", "recorded_at": "2025-06-02"}
    with_visit, without = make_tables([{}], inspections=[visit]), make_tables([{}])
    pd.testing.assert_frame_equal(
        feature_table(with_visit, specification, AS_OF), feature_table(without, specification, AS_OF)
    )


@pytest.mark.parametrize(
    "extra",
    [{}, {"agency_id": None}, {"agency_id": "P3MI/Ünï'\""}, {"scheme": "EXT_ABROAD", "departed_on": "2020-01-01"}],
)
def test_one_placement_without_events_or_visits_is_a_row(
    make_tables: Callable[..., Tables], specification: Specification, extra: dict[str, Any]
) -> None:
    table = feature_table(make_tables([extra]), specification, AS_OF)
    assert len(table) == 1
    assert table[["corridor_found_rate"]].isna().all(axis=None)
    assert table["placement_complaints"].tolist() == [0.0]


def test_an_empty_cohort_is_an_empty_table_with_every_column(
    make_tables: Callable[..., Tables], specification: Specification, expected: pd.DataFrame
) -> None:
    table = feature_table(make_tables([]), specification, AS_OF)
    assert len(table) == 0
    assert dict(table.dtypes) == dict(expected.dtypes)


def test_of_versions_recorded_at_the_same_time_the_later_row_counts(
    make_tables: Callable[..., Tables], specification: Specification
) -> None:
    tables = make_tables([{"position": "caregiver"}, {"position": "house_maid"}])
    assert feature_table(tables, specification, AS_OF)["position"].tolist() == ["house_maid"]


def test_a_column_that_no_placement_has_is_named_with_the_nearest(
    make_tables: Callable[..., Tables], specification: Specification
) -> None:
    raw = specification.model_dump(mode="json")
    raw["features"][0] |= {"columns": ["destinaton"]}
    with pytest.raises(SpecificationError, match="did you mean 'destination'"):
        feature_table(make_tables([{}]), parse_specification(raw), AS_OF)
