"""Who is in the cohort of a date, and at which stage?"""

from collections.abc import Callable

import pandas as pd
import pytest

from risk_model.data.schema import Tables, as_of_view
from risk_model.placements.cohort import cohort

AS_OF = pd.Timestamp("2024-07-01")
HORIZON = 180


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({}, "before"),
        ({"departed_on": "2024-07-01"}, "before"),
        ({"departed_on": "2024-06-30"}, "during"),
        ({"departed_on": "2019-01-01", "contract_end_on": "2021-01-01"}, "during"),
        ({"departed_on": "2023-01-01", "registered_on": "2023-12-01", "scheme": "EXT_ABROAD"}, "during"),
        ({"departed_on": "2023-01-01", "returned_on": "2024-07-01"}, "during"),
        ({"departed_on": "2023-01-01", "returned_on": "2024-06-30"}, "after"),
        ({"departed_on": "2023-01-01", "returned_on": "2024-01-03"}, "after"),
        ({"returned_on": "2024-06-01"}, "after"),
        ({"departed_on": "2023-01-01", "returned_on": "2024-01-02"}, None),
    ],
)
def test_a_placement_is_before_during_or_after_work_or_long_back(
    make_tables: Callable[..., Tables], dates: dict[str, str], expected: str | None
) -> None:
    members = cohort(as_of_view(make_tables([dates]), AS_OF), AS_OF, horizon_days=HORIZON)
    assert members["stage"].tolist() == ([expected] if expected else [])


def test_members_come_in_order_of_their_identifier_whatever_the_order_of_rows(
    make_tables: Callable[..., Tables],
) -> None:
    ids = ["b/2", "a 1", "ü-3", "10", "9"]
    members = cohort(
        as_of_view(make_tables([{"placement_id": id_} for id_ in ids]), AS_OF), AS_OF, horizon_days=HORIZON
    )
    assert members["placement_id"].tolist() == sorted(ids)
    assert (members["as_of"] == AS_OF).all()


def test_a_date_before_the_first_record_has_an_empty_cohort(make_tables: Callable[..., Tables]) -> None:
    early = pd.Timestamp("2024-01-02")
    members = cohort(as_of_view(make_tables([{}]), early), early, horizon_days=HORIZON)
    assert len(members) == 0
    assert {"as_of", "stage", "placement_id"} <= set(members)
