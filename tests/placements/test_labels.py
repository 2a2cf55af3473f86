"""Is what became known told apart: reported, found, and nobody looked?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.errors import SpecificationError
from risk_model.placements.labels import known_outcomes, labels
from risk_model.specification import Specification, parse_specification

AS_OF = pd.Timestamp("2024-03-01")
LATER = pd.Timestamp("2025-01-01")
MakeTables = Callable[..., Tables]


def label(tables: Tables, specification: Specification, *, known_before: pd.Timestamp = LATER, **changes: Any) -> Any:
    outcomes = known_outcomes(tables, specification, known_before=known_before)
    window: dict[str, Any] = {"as_of": AS_OF, "horizon_days": 180} | changes
    return labels(outcomes, pd.Series(["P1"], dtype="str"), **window).iloc[0]


@pytest.mark.parametrize(
    ("event", "reported"),
    [
        ({"category": "gaji_tidak_dibayar"}, 1),
        ({"category": "ingin_dipulangkan"}, 0),
        ({"type": "deportation"}, 1),
        ({"type": "death"}, 1),
        ({"type": "missed_contact"}, 0),
        ({"type": "death", "recorded_at": "2024-02-29T23:59:59"}, 0),
        ({"type": "death", "recorded_at": "2024-08-27T23:59:59"}, 1),
        ({"type": "death", "recorded_at": "2024-08-28"}, 0),
        ({"type": "death", "occurred_at": "2024-01-01"}, 1),
        ({"type": "death", "placement_id": "P2"}, 0),
        ({"type": "death", "placement_id": None, "area": "53.11"}, 0),
    ],
)
def test_harm_is_reported_where_the_specification_says_so_and_it_became_known_in_time(
    make_tables: MakeTables, specification: Specification, event: dict[str, Any], reported: int
) -> None:
    assert label(make_tables([{}], events=[event]), specification)["reported"] == reported


@pytest.mark.parametrize(
    ("visits", "found"),
    [
        ([], None),
        ([{"outcome": "not_reached"}, {"outcome": "deferred"}], None),
        ([{"outcome": "no_harm_found"}], 0),
        ([{"outcome": "no_harm_found"}, {"outcome": "harm_found"}, {"outcome": "not_reached"}], 1),
        ([{"placement_id": None, "agency_id": "A"}], None),
        ([{"placement_id": "P2"}], None),
        ([{"visited_at": "2024-02-29"}], None),
        ([{"visited_at": "2024-08-27"}], 1),
        ([{"visited_at": "2024-08-28"}], None),
    ],
)
def test_a_finding_needs_a_visit_to_this_placement_that_took_place_in_the_window(
    make_tables: MakeTables, specification: Specification, visits: list[dict[str, Any]], found: int | None
) -> None:
    row = label(make_tables([{"agency_id": "A"}], inspections=visits), specification)
    assert (None if np.isnan(row["found"]) else row["found"]) == found
    assert row["visited"] == (found is not None)


def test_what_was_recorded_too_late_labels_nothing(make_tables: MakeTables, specification: Specification) -> None:
    tables = make_tables(
        [{}], events=[{"type": "death", "recorded_at": "2024-06-01"}], inspections=[{"recorded_at": "2024-06-01"}]
    )
    row = label(tables, specification, known_before=pd.Timestamp("2024-06-01"))
    assert row["reported"] == 0
    assert np.isnan(row["found"])


def test_the_window_of_visits_may_be_shorter_than_that_of_reports(
    make_tables: MakeTables, specification: Specification
) -> None:
    tables = make_tables([{}], inspections=[{"visited_at": "2024-03-31", "recorded_at": "2024-04-02"}])
    assert label(tables, specification)["found"] == 1
    assert np.isnan(label(tables, specification, visit_days=30)["found"])


def test_probability_and_arm_are_those_of_the_first_visit_drawn_with_a_known_probability(
    make_tables: MakeTables, specification: Specification
) -> None:
    undrawn = {"visited_at": "2024-03-02", "outcome": "harm_found"}
    drawn = [
        {"visited_at": f"2024-03-{day}", "arm": arm, "inclusion_probability": p, "outcome": "no_harm_found"}
        for day, arm, p in (("20", "random", 0.2), ("10", "risk", 0.9))
    ]
    row = label(make_tables([{}], inspections=[undrawn, *drawn]), specification)
    assert (row["found"], row["arm"], row["inclusion_probability"]) == (1, "risk", 0.9)
    alone = label(make_tables([{}], inspections=[undrawn]), specification)
    assert alone["arm"] == "outside_list"
    assert np.isnan(alone["inclusion_probability"])


def test_a_specification_that_does_not_say_what_counts_as_reported_is_refused(
    make_tables: MakeTables, specification: Specification
) -> None:
    raw = specification.model_dump(mode="json")
    raw["cohort"]["reported"] = []
    with pytest.raises(SpecificationError, match=r"cohort\.reported"):
        label(make_tables([{}]), parse_specification(raw))
