"""Does counting one fact after another give what counting all of them at once gives?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_model.data.schema import Tables, as_of_view
from risk_model.placements.histories import Snapshot, snapshot
from risk_model.placements.live_histories import Fact, LiveHistories, fact_columns
from risk_model.specification import Specification, parse_specification

AS_OF = pd.Timestamp("2024-07-01")
TABLES = ("placements", "events", "inspections")
HARM_TOLD = {"table": "events", "where": {"type": ["complaint"], "harm": ["yes"]}}
VISITED = {"table": "inspections", "where": {"outcome": ["harm_found", "no_harm_found"]}}
FOUND = {"table": "inspections", "where": {"outcome": ["harm_found"]}}
MORE: dict[str, dict[str, Any]] = {
    "partner_harm": {"entity": ["overseas_agency_id"], "numerator": HARM_TOLD, "denominator": {"table": "placements"}},
    "employer_found": {"entity": ["employer_ref"], "numerator": FOUND, "denominator": VISITED, "parent": ["agency_id"]},
    "agency_visits": {"entity": ["agency_id"], "numerator": VISITED},
    "corridor_harm": {"entity": ["destination", "sector"], "numerator": HARM_TOLD},
}


@pytest.fixture(scope="module")
def rich(specification: Specification) -> Specification:
    """The product's specification with histories of every kind of entity added."""
    raw = specification.model_dump()
    for name, history in MORE.items():
        measure = "rate" if "denominator" in history else "count"
        told = {"window_days": 200, "measure": measure, **history}
        raw["features"] = [*raw["features"], {"name": name, "kind": "history", "history": told}]
    return parse_specification(raw)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): stamp(value) for name, value in row.items()} for row in rows]


def stamp(value: Any) -> Any:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def count(live: LiveHistories, fact: Fact) -> None:
    live.add(fact)
    live.add_to_corridors(fact)


def same(live: LiveHistories, counted: Snapshot) -> bool:
    return Snapshot(live.snapshot.as_of, dict(live.snapshot.values)) == counted


def about(table: str, row: dict[str, Any], owners: dict[str, Any], times: int = 1) -> Fact:
    return Fact(table, row, None if table == "placements" else owners.get(row["placement_id"]), times)


@given(seed=st.integers(0, 10_000), kept=st.floats(0, 1))
@settings(max_examples=12)
def test_facts_in_any_order_add_up_to_the_snapshot_of_all_of_them(
    rich: Specification, world: Tables, seed: int, kept: float
) -> None:
    rng = np.random.default_rng(seed)
    view = as_of_view(world, AS_OF)
    known = {name: rng.random(len(getattr(view, name))) < kept for name in TABLES}
    start = Tables(**{name: getattr(view, name)[known[name]] for name in TABLES})
    live = LiveHistories(snapshot(start, rich, AS_OF), rich)
    earlier = {row["placement_id"]: row for row in records(start.placements)}
    owners = {row["placement_id"]: row for row in records(view.placements)}
    facts = [about(name, row, owners) for name in TABLES for row in records(getattr(view, name)[~known[name]])] + [
        # a fact whose placement was not known yet belonged to nobody; now it moves to whom it is about
        fact
        for name in ("events", "inspections")
        for row in records(getattr(start, name))
        if row["placement_id"] is not None and row["placement_id"] not in earlier and row["placement_id"] in owners
        for fact in (about(name, row, earlier, -1), about(name, row, owners))
    ]
    for place in rng.permutation(len(facts)):
        count(live, facts[place])
    assert same(live, snapshot(view, rich, AS_OF))


def test_the_snapshot_it_starts_from_stays_as_it_was(rich: Specification, world: Tables) -> None:
    view = as_of_view(world, AS_OF)
    start = snapshot(view, rich, AS_OF)
    live = LiveHistories(start, rich)
    for row in records(view.events):
        count(live, about("events", row, {}))
    assert start == snapshot(view, rich, AS_OF)
    assert not same(live, start)


def test_what_is_taken_out_again_was_never_there(rich: Specification, world: Tables) -> None:
    view = as_of_view(world, AS_OF)
    start = snapshot(view, rich, AS_OF)
    live = LiveHistories(start, rich)
    owners = {row["placement_id"]: row for row in records(view.placements)}
    facts = [about("inspections", row, owners) for row in records(view.inspections)]
    for fact in facts:
        count(live, fact)
    assert not same(live, start)
    for fact in reversed(facts):
        count(live, replace(fact, times=-1))
    assert same(live, start)


def test_corridors_wait_until_they_are_told(make_tables: Callable[..., Tables], rich: Specification) -> None:
    view = as_of_view(make_tables([{"agency_id": "A"}]), AS_OF)
    live = LiveHistories(snapshot(view, rich, AS_OF), rich)
    [owner] = records(view.placements)
    visit = {"placement_id": "P1", "arm": "outside_list", "outcome": "harm_found", "visited_at": "2024-08-01"}
    fact = Fact("inspections", {**visit, "agency_id": None, "recorded_at": "2024-08-02"}, owner)
    live.add(fact)
    attention, corridor = live.snapshot.values["agency_attention"], live.snapshot.values["corridor_found_rate"]
    # one visit and one placement, shrunken with the weight of 30 to the agency's, and that to the overall rate of 0
    assert attention.value("A\x1fMYS", "A") == pytest.approx((1 + 30 * (1 + 30 * 0) / 31) / 31)
    assert np.isnan(corridor.value("MYS\x1fdomestic", "MYS"))
    live.add_to_corridors(fact)
    assert live.snapshot.values["corridor_found_rate"].value("MYS\x1fdomestic", "MYS") == 1
    assert live.snapshot.values["agency_attention"].overall == (1, 1)


def test_it_is_known_whose_histories_a_fact_moves(make_tables: Callable[..., Tables], rich: Specification) -> None:
    empty = as_of_view(make_tables([{}]), AS_OF)
    live = LiveHistories(snapshot(empty, rich, AS_OF), rich)
    owner = {"agency_id": "A", "overseas_agency_id": "O", "employer_ref": "E", "destination": "MYS", "sector": "care"}
    usual = {"placement_id": "P9", "recorded_at": "2024-06-02", "category": "gaji_tidak_dibayar"}
    complaint = Fact("events", {**usual, "type": "complaint", "occurred_at": "2024-06-01"}, owner)
    assert live.moves([complaint]) == {("overseas_agency_id", "O")}
    assert live.moves([replace(complaint, row={**complaint.row, "type": "contact"})]) == frozenset()
    assert live.moves([complaint, replace(complaint, times=-1)]) == frozenset()
    visit = {**usual, "agency_id": None, "arm": "outside_list", "outcome": "not_reached", "visited_at": "2024-06-01"}
    assert live.moves([Fact("inspections", visit, owner)]) == {("agency_id", "A")}


def test_only_the_columns_it_names_are_read(rich: Specification, world: Tables) -> None:
    view = as_of_view(world, AS_OF)
    read = fact_columns(rich)
    empty = {name: getattr(view, name).iloc[:0] for name in TABLES}
    live = LiveHistories(snapshot(Tables(**empty), rich, AS_OF), rich)
    owners = {row["placement_id"]: {name: row[name] for name in read["owner"]} for row in records(view.placements)}
    for name in TABLES:
        for row in records(getattr(view, name)):
            count(live, about(name, {key: row[key] for key in read[name]}, owners))
    assert same(live, snapshot(view, rich, AS_OF))
