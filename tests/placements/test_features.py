"""Are the derived features right, and is one row worth the same as many?"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables, as_of_view
from risk_model.placements.feature_table import feature_table
from risk_model.placements.features import feature_row, features
from risk_model.placements.histories import Snapshot, snapshot
from risk_model.specification import Specification

AS_OF = np.datetime64("2024-07-01", "us")
NO_HISTORIES = Snapshot(AS_OF, {})


def derived(**row: Any) -> dict[str, Any]:
    return feature_row(row, NO_HISTORIES, AS_OF)


@pytest.mark.parametrize(
    "departed",
    [
        "2024-06-01",
        date(2024, 6, 1),
        datetime(2024, 6, 1),
        datetime(2024, 6, 1, 7, tzinfo=timezone(timedelta(hours=7))),
        datetime(2024, 6, 1, tzinfo=UTC),
        np.datetime64("2024-06-01"),
        pd.Timestamp("2024-06-01"),
    ],
)
def test_a_departure_is_read_from_any_kind_of_date(departed: object) -> None:
    row = derived(departed_on=departed)
    assert row["stage"] == "during"
    assert row["months_since_departure"] == pytest.approx(30 / 30.4375)


@pytest.mark.parametrize("nothing", [None, pd.NaT, float("nan"), pd.NA, ""])
def test_who_has_not_departed_has_no_months_since(nothing: object) -> None:
    row = derived(departed_on=nothing, returned_on=nothing)
    assert row["stage"] == "before"
    assert row["months_since_departure"] is None


def test_a_departure_or_return_to_come_has_not_happened() -> None:
    row = derived(departed_on="2024-07-01", returned_on="2025-01-01")
    assert (row["stage"], row["months_since_departure"]) == ("before", None)
    assert derived(departed_on="2024-06-30T23:59:59", returned_on="2024-07-01")["months_since_departure"] > 0


@pytest.mark.parametrize(
    ("fee", "wage", "expected"),
    [(6e6, 3e6, 2.0), (0, 3e6, 0.0), (6e6, 0, None), (None, 3e6, None), (6e6, None, None), (6e6, float("nan"), None)],
)
def test_the_fee_is_measured_in_months_of_wage_where_both_are_known(
    fee: float | None, wage: float | None, expected: float | None
) -> None:
    assert derived(fee_idr=fee, wage_monthly_idr=wage)["fee_months"] == expected


@pytest.mark.parametrize(
    ("destination", "sector", "employer_type", "expected"),
    [
        ("MYS", "domestic", "household", 0.29),
        ("MYS", "manufacturing", "legal_entity", 0.145),
        ("HKG", "fishing", "sea_based", 0.34),
        ("FJI", "domestic", "household", None),
        (None, None, None, None),
    ],
)
def test_the_published_rate_is_that_of_the_destination_and_kind_of_work(
    destination: str | None, sector: str | None, employer_type: str | None, expected: float | None
) -> None:
    rate = derived(destination=destination, sector=sector, employer_type=employer_type)["published_rate"]
    assert rate == (pytest.approx(expected) if expected is not None else None)


def test_the_row_itself_stays_as_it_was() -> None:
    row = {"destination": "MYS", "departed_on": "2024-06-01", "anything": object()}
    assert derived(**row).items() >= row.items()
    columns = {name: [None, "2024-01-01"] for name in ("departed_on", "returned_on", "fee_idr")}
    columns["wage_monthly_idr"] = columns["fee_idr"] = [1.0, 2.0]
    columns |= {name: ["MYS", None] for name in ("destination", "sector", "employer_type")}
    made = features(columns, NO_HISTORIES, AS_OF)
    assert made["departed_on"] is columns["departed_on"]
    assert made["stage"].tolist() == ["before", "after"]


def test_a_row_alone_has_exactly_the_features_it_has_among_many(world: Tables, specification: Specification) -> None:
    as_of = pd.Timestamp("2025-06-01")
    view = as_of_view(world, as_of)
    made = Snapshot.from_json(snapshot(view, specification, as_of).to_json())
    batch = feature_table(world, specification, as_of).set_index("placement_id")
    live = view.placements.set_index("placement_id", drop=False).loc[batch.index[:1000]]
    assert len(live) == 1000
    plain = live.astype(object).where(live.notna(), None).to_dict("records")
    for row, (_, expected) in zip(plain, batch.iterrows(), strict=False):
        found = feature_row(row, made, np.datetime64(as_of))
        for name in specification.input_columns:
            if pd.isna(expected[name]):
                assert found[name] is None
            else:
                assert found[name] == expected[name]
