"""Is what happened before a date counted once, for the right entity, and no more?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables, as_of_view
from risk_model.errors import SpecificationError
from risk_model.placements.histories import Snapshot, look_up, snapshot
from risk_model.specification import Specification

AS_OF = pd.Timestamp("2024-07-01")
COMPLAINTS = {"table": "events", "where": {"type": ["complaint"]}}
FOUND = {"table": "inspections", "where": {"outcome": ["harm_found"]}}
SEEN = {"table": "inspections", "where": {"outcome": ["harm_found", "no_harm_found"]}}
WithHistory = Callable[..., Specification]
MakeTables = Callable[..., Tables]


def value(tables: Tables, specification: Specification, **row: Any) -> float:
    """The history of one row, as the snapshot of AS_OF and its JSON both say."""
    made = snapshot(as_of_view(tables, AS_OF), specification, AS_OF)
    assert Snapshot.from_json(made.to_json()) == made
    return float(look_up(made, {name: [found] for name, found in row.items()})["history"][0])


def count_of(with_history: WithHistory, rows: dict[str, Any] = COMPLAINTS, **changes: Any) -> Specification:
    return with_history(
        **({"entity": ["agency_id"], "measure": "count", "numerator": rows, "window_days": 100} | changes)
    )


def rate_of(with_history: WithHistory, **changes: Any) -> Specification:
    usual = {
        "entity": ["agency_id"],
        "measure": "rate",
        "numerator": FOUND,
        "denominator": SEEN,
        "window_days": 365,
        "shrinkage": 10,
    }
    return with_history(**(usual | changes))


@pytest.mark.parametrize(
    ("event", "counted"),
    [
        ({"recorded_at": "2024-06-30"}, 1),
        ({"recorded_at": "2024-07-01"}, 0),
        ({"occurred_at": "2024-06-30", "recorded_at": "2024-07-02"}, 0),
        ({"occurred_at": "2024-07-02", "recorded_at": "2024-06-30"}, 0),
        ({"occurred_at": "2024-03-23", "recorded_at": "2024-06-30"}, 1),
        ({"occurred_at": "2024-03-22", "recorded_at": "2024-06-30"}, 0),
        ({"recorded_at": "2024-03-22"}, 0),
        ({"type": "contact"}, 0),
        ({"placement_id": None, "area": "53.11"}, 0),
        ({"placement_id": "never seen"}, 0),
    ],
)
def test_an_event_counts_once_known_and_within_the_window_of_its_own_date(
    make_tables: MakeTables, with_history: WithHistory, event: dict[str, Any], counted: int
) -> None:
    tables = make_tables([{"agency_id": "A"}], events=[{"recorded_at": "2024-06-01"} | event])
    assert value(tables, count_of(with_history), agency_id="A") == counted


def test_a_count_of_nothing_is_0_and_of_an_unrecorded_entity_null(
    make_tables: MakeTables, with_history: WithHistory
) -> None:
    tables = make_tables([{"agency_id": "A"}, {"placement_id": "P2"}], events=[{}, {"placement_id": "P2"}])
    specification = count_of(with_history, window_days=1000)
    assert value(tables, specification, agency_id="A") == 1
    assert value(tables, specification, agency_id="B") == 0
    assert np.isnan(value(tables, specification, agency_id=None))


def test_the_newest_known_version_says_whose_an_event_is(make_tables: MakeTables, with_history: WithHistory) -> None:
    versions = [
        {"agency_id": "A"},
        {"agency_id": "B", "recorded_at": "2024-06-30"},
        {"agency_id": "C", "recorded_at": "2024-07-01"},
    ]
    tables = make_tables([{"placement_id": "P1"} | version for version in versions], events=[{}])
    specification = count_of(with_history, window_days=1000)
    assert [value(tables, specification, agency_id=agency) for agency in "ABC"] == [0, 1, 0]


def test_a_visit_counts_for_the_agency_it_names(make_tables: MakeTables, with_history: WithHistory) -> None:
    visits = [{"placement_id": None, "agency_id": "A"}, {}, {"placement_id": "P1", "agency_id": "B"}]
    tables = make_tables([{"agency_id": "A"}], inspections=visits)
    specification = count_of(with_history, FOUND, window_days=365)
    assert value(tables, specification, agency_id="A") == 2
    assert value(tables, specification, agency_id="B") == 1


def test_a_rate_is_shrunk_to_the_overall_rate(make_tables: MakeTables, with_history: WithHistory) -> None:
    people = [{"placement_id": f"P{n}", "agency_id": "A" if n < 4 else "B"} for n in range(8)]
    visits = [
        {"placement_id": f"P{n}", "outcome": "harm_found" if n in (0, 1, 4) else "no_harm_found"} for n in range(8)
    ]
    tables = make_tables(people, inspections=[*visits, {"placement_id": "P5", "outcome": "not_reached"}])
    specification = rate_of(with_history)
    assert value(tables, specification, agency_id="A") == pytest.approx((2 + 10 * 3 / 8) / (4 + 10))
    assert value(tables, specification, agency_id="never seen") == pytest.approx(3 / 8)
    assert np.isnan(value(tables, specification, agency_id=None))


def test_a_corridor_is_shrunk_to_its_destination_and_that_to_all(
    make_tables: MakeTables, with_history: WithHistory
) -> None:
    where = [("MYS", "domestic"), ("MYS", "care"), ("TWN", "care")]
    people = [{"placement_id": f"P{n}", "destination": d, "sector": s} for n, (d, s) in enumerate(where)]
    visits = [{"placement_id": f"P{n}", "outcome": "harm_found" if n == 0 else "no_harm_found"} for n in range(3)]
    tables = make_tables(people, inspections=visits)
    specification = rate_of(with_history, entity=["destination", "sector"], parent=["destination"])
    malaysia, taiwan = (1 + 10 / 3) / (2 + 10), (0 + 10 / 3) / (1 + 10)
    assert value(tables, specification, destination="MYS", sector="domestic") == pytest.approx((1 + 10 * malaysia) / 11)
    assert value(tables, specification, destination="MYS", sector="fishing") == pytest.approx(malaysia)
    assert value(tables, specification, destination="TWN", sector="care") == pytest.approx(10 * taiwan / 11)
    assert value(tables, specification, destination="JPN", sector="care") == pytest.approx(1 / 3)


def test_without_any_denominator_a_rate_is_null_and_without_shrinkage_it_is_the_plain_quotient(
    make_tables: MakeTables, with_history: WithHistory
) -> None:
    people = [{"agency_id": "A"}]
    assert np.isnan(value(make_tables(people), rate_of(with_history), agency_id="A"))
    plain = rate_of(with_history, shrinkage=0)
    seen = make_tables(people, inspections=[{}, {"outcome": "no_harm_found"}])
    assert value(seen, plain, agency_id="A") == 0.5
    assert value(seen, plain, agency_id="never seen") == 0.5


@pytest.mark.parametrize(
    ("dates", "counted"),
    [
        ({"registered_on": "2024-06-01"}, 1),
        ({"registered_on": None, "recorded_at": "2024-06-01"}, 1),
        ({"registered_on": "2020-01-01"}, 0),
        ({"registered_on": "2020-01-01", "departed_on": "2020-03-01"}, 1),
        ({"registered_on": "2020-01-01", "departed_on": "2020-03-01", "returned_on": "2024-03-23"}, 1),
        ({"registered_on": "2020-01-01", "departed_on": "2020-03-01", "returned_on": "2024-03-22"}, 0),
        ({"registered_on": "2020-01-01", "departed_on": "2024-07-01"}, 0),
    ],
)
def test_a_placement_is_counted_where_it_was_registered_or_at_work_within_the_window(
    make_tables: MakeTables, with_history: WithHistory, dates: dict[str, Any], counted: int
) -> None:
    tables = make_tables([{"agency_id": "A", "recorded_at": "2020-01-02"} | dates])
    assert value(tables, count_of(with_history, {"table": "placements"}), agency_id="A") == counted


@pytest.mark.parametrize(
    ("where", "counted"),
    [
        ({"severity": ["3"]}, 1),
        ({"severity": ["2", "3"]}, 2),
        ({"arm": ["random"], "severity": ["2"]}, 0),
        ({"severity": [""]}, 1),
        ({"inclusion_probability": ["0.5"]}, 1),
    ],
)
def test_a_filter_compares_numbers_and_text_by_their_keys(
    make_tables: MakeTables, with_history: WithHistory, where: dict[str, list[str]], counted: int
) -> None:
    visits = [{"severity": 3.0, "arm": "random", "inclusion_probability": 0.5}, {"severity": 2}, {"severity": None}]
    tables = make_tables([{"agency_id": "A"}], inspections=visits)
    rows = {"table": "inspections", "where": where}
    assert value(tables, count_of(with_history, rows, window_days=365), agency_id="A") == counted


def test_flags_compare_as_true_and_false(make_tables: MakeTables, with_history: WithHistory) -> None:
    people = [
        {"placement_id": f"P{n}", "agency_id": "A", "has_bpjs": flag} for n, flag in enumerate([True, False, None])
    ]
    rows = {"table": "placements", "where": {"has_bpjs": ["true"]}}
    assert value(make_tables(people), count_of(with_history, rows, window_days=365), agency_id="A") == 1


@pytest.mark.parametrize(
    ("category", "harm"),
    [
        ("gaji_tidak_dibayar", "yes"),
        ("Unpaid wages", "yes"),
        ("ingin_dipulangkan", "request"),
        ("K-17 of another system", "unknown"),
        (None, "unknown"),
    ],
)
def test_whether_a_complaint_tells_of_harm_follows_from_its_category(
    make_tables: MakeTables, with_history: WithHistory, category: str | None, harm: str
) -> None:
    tables = make_tables([{"agency_id": "A"}], events=[{"category": category, "recorded_at": "2024-06-01"}])
    counts = {
        told: value(tables, count_of(with_history, {"table": "events", "where": {"harm": [told]}}), agency_id="A")
        for told in ("yes", "request", "unknown")
    }
    assert counts == {told: float(told == harm) for told in counts}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"entity": ["agency"]}, "did you mean 'agency_id'"),
        ({"numerator": {"table": "event"}}, "did you mean 'events'"),
        ({"numerator": {"table": "events", "where": {"kind": ["x"]}}}, "history reads 'kind'"),
        ({"numerator": {"table": "placements", "where": {"sex": ["F"]}}}, "history reads 'sex'"),
        ({"numerator": {"table": "inspections", "where": {"inspector_ref": ["x"]}}}, "history reads 'inspector_ref'"),
        ({"parent": ["origin"]}, "reads 'origin'"),
    ],
)
def test_a_history_of_what_is_not_there_or_barred_is_refused(
    make_tables: MakeTables, with_history: WithHistory, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(SpecificationError, match=named):
        snapshot(as_of_view(make_tables([{}]), AS_OF), count_of(with_history, **changes), AS_OF)


def test_odd_identifiers_keep_their_histories_through_json(make_tables: MakeTables, with_history: WithHistory) -> None:
    odd = ["A/B", 'quote"', "back\\slash", "\u00fc\u2028", "1.0", "true", "nan"]
    people = [{"placement_id": f"p{n}", "agency_id": name} for n, name in enumerate(odd)]
    tables = make_tables(people, events=[{"placement_id": f"p{n}"} for n in range(len(odd))])
    for name in odd:
        assert value(tables, count_of(with_history, window_days=365), agency_id=name) == 1
