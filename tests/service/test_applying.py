"""What events and registrations do to placements, scores and lists, on both databases."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from service.access import ADMIN, NATIONAL, PLACEMENT_SYSTEM, Principal
from service.applying import Applied, apply_events, refresh_corridors, register_placements
from service.importing import import_data_set
from service.running import Running
from service.settings import Settings
from service.tables import happenings, keeping, lists, register

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
STAFF = Principal("user:1", NATIONAL)
SISKO = Principal("key:1", PLACEMENT_SYSTEM, owner="siskop2mi")
ADMIN_USER = Principal("user:2", ADMIN)
OTHER = Principal("key:2", PLACEMENT_SYSTEM, owner="other")


def event(kind: str, placement: str | None, at: str = "2026-01-05T10:00:00", **told: Any) -> dict[str, Any]:
    event_id = told.pop("event_id", f"{kind}-{placement}-{at}")
    columns = {name: told.pop(name, None) for name in ("area", "category", "procedural")}
    return {
        "source": "test",
        "event_id": event_id,
        "placement_id": placement,
        "type": kind,
        "occurred_at": datetime.fromisoformat(at),
        "data": told or None,
        "data_origin": "simulated",
        **columns,
    }


def version(placement: str, **told: Any) -> dict[str, Any]:
    blank = {
        column.name: None
        for column in happenings.placement_versions.c
        if column.name not in ("version_id", "import_id", "registered_by", "recorded_at")
    }
    usual = {
        "placement_id": placement,
        "origin": "53.11",
        "destination": "MYS",
        "sector": "domestic",
        "employer_type": "household",
        "scheme": "P_TO_P",
        "agency_id": "P3MI-A",
        "registered_on": date(2026, 1, 2),
        "data_origin": "simulated",
    }
    return blank | usual | told


def tell(running: Running, *events: dict[str, Any], caller: Principal = STAFF) -> Applied:
    return apply_events(running, events, NOW, caller=caller)


def put(running: Running, *versions: dict[str, Any], caller: Principal = SISKO, now: datetime = NOW) -> int:
    return register_placements(running, versions, now, caller=caller, workers={}).versions


def rows(running: Running, table: Any, *where: Any) -> list[dict[str, Any]]:
    with running.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).where(*where)).mappings()]


def placement(running: Running, placement_id: str) -> dict[str, Any]:
    [found] = rows(running, register.placements, register.placements.c.placement_id == placement_id)
    return found


def score(running: Running, placement_id: str) -> dict[str, Any]:
    [found] = rows(running, register.scores, register.scores.c.placement_id == placement_id)
    return found


def test_a_complaint_raises_the_score_and_tells_the_changed_band(running: Running) -> None:
    before = score(running, "0005")
    assert tell(running, event("complaint", "0005", category="gaji_tidak_dibayar")) == Applied(1, 0, 0, 1)
    after = score(running, "0005")
    assert after["risk"] > before["risk"]
    [change] = rows(running, happenings.changes)
    assert (change["placement_id"], change["band_before"], change["band_after"], change["cause"]) == (
        "0005",
        before["band"],
        after["band"],
        "complaint",
    )


def test_what_is_told_twice_counts_once(running: Running) -> None:
    told = event("complaint", "0005", category="gaji_tidak_dibayar")
    tell(running, told, told)
    after = score(running, "0005")
    assert tell(running, told) == Applied(0, 1, 0, 0)
    assert score(running, "0005") == after
    assert len(rows(running, happenings.events, happenings.events.c.import_id.is_(None))) == 1


def test_a_departure_and_a_return_move_the_stage(running: Running) -> None:
    assert score(running, "0003")["stage"] == "before"
    tell(running, event("status_change", "0003", status="departed", on="2026-01-04"))
    assert placement(running, "0003")["departed_on"] == date(2026, 1, 4)
    assert score(running, "0003")["stage"] == "during"
    tell(running, event("repatriation", "0003", "2026-01-06T09:00:00"))
    assert placement(running, "0003")["returned_on"] == date(2026, 1, 6)
    assert score(running, "0003")["stage"] == "after"


def test_a_return_long_ago_takes_the_placement_off_the_register(running: Running) -> None:
    tell(running, event("status_change", "0002", "2026-01-05T10:00:00", status="returned", on="2025-05-01"))
    assert not rows(running, register.placements, register.placements.c.placement_id == "0002")
    assert not rows(running, register.scores, register.scores.c.placement_id == "0002")


def test_who_has_been_back_long_leaves_the_register_once_the_agency_is_known_that_far(running: Running) -> None:
    back = register.placements.c.placement_id == "0002"
    tell(running, event("status_change", "0002", "2026-01-01T10:00:00", status="returned", on="2025-07-08"))
    assert rows(running, register.placements, back)
    tell(running, event("contact", "0004", "2026-01-10T10:00:00"))
    assert not rows(running, register.placements, back)


def test_a_new_employer_and_a_longer_contract_are_taken_over(running: Running) -> None:
    tell(
        running,
        event("employer_change", "0004", employer_ref="E-NEW", wage_monthly_idr=7_000_000.0),
        event("contract_extension", "0004", contract_end_on="2027-03-01", contract_months=36),
    )
    now = placement(running, "0004")
    assert (now["employer_ref"], now["wage_monthly_idr"]) == ("E-NEW", 7_000_000.0)
    assert (now["contract_end_on"], now["contract_months"]) == (date(2027, 3, 1), 36)


def test_only_a_verified_certificate_lowers_a_score_and_only_for_its_level(running: Running) -> None:
    put(running, version("N-1"))
    without = score(running, "N-1")["risk"]
    put(running, version("N-1", certification_level=3), now=NOW + timedelta(minutes=1))
    assert score(running, "N-1")["risk"] == pytest.approx(without)
    tell(running, event("certificate_verified", "N-1", certification_level=3))
    assert score(running, "N-1")["risk"] < without
    put(running, version("N-1", certification_level=6), now=NOW + timedelta(minutes=2))
    assert score(running, "N-1")["risk"] == pytest.approx(without)


def test_an_event_waits_for_its_placement(running: Running) -> None:
    early = event("complaint", "N-2", category="gaji_tidak_dibayar")
    assert tell(running, early) == Applied(1, 0, 1, 0)
    put(running, version("N-2"), version("N-3"))
    assert score(running, "N-2")["risk"] > score(running, "N-3")["risk"]


def test_a_system_cannot_tell_of_what_another_registered(running: Running) -> None:
    put(running, version("N-4"), caller=SISKO)
    before = score(running, "N-4")
    tell(running, event("complaint", "N-4", category="perdagangan_orang"), caller=OTHER)
    assert score(running, "N-4")["risk"] == before["risk"]
    tell(running, event("complaint", "N-4", category="perdagangan_orang", event_id="own"), caller=SISKO)
    assert score(running, "N-4")["risk"] > before["risk"]


def test_the_same_registration_again_is_no_new_version(running: Running) -> None:
    assert put(running, version("N-5")) == 1
    assert put(running, version("N-5"), now=NOW + timedelta(hours=1)) == 0
    assert put(running, version("N-5", sector="care"), now=NOW + timedelta(hours=2)) == 1
    assert len(rows(running, happenings.placement_versions, happenings.placement_versions.c.placement_id == "N-5")) == 2


def test_a_grave_complaint_makes_a_visit_mandatory_and_ends_a_rest(running: Running) -> None:
    assert [row["placement_id"] for row in rows(running, register.resting_placements)] == ["0002"]
    tell(running, event("complaint", "0002", category="kekerasan_majikan"))
    cases = {row["placement_id"]: row["category"] for row in rows(running, register.mandatory_cases)}
    assert cases == {"0007": "perdagangan_orang", "0002": "kekerasan_majikan"}
    assert rows(running, register.resting_placements) == []


def test_what_comes_home_to_an_area_is_counted_there(running: Running) -> None:
    tell(running, event("death", None, area="53.21.02"), event("deportation", None, area="53.18"))
    found = {row["area"]: (row["deaths"], row["deportations"]) for row in rows(running, register.area_events)}
    assert found == {"53.21": (2, 1), "53.18": (0, 1)}


def issue(running: Running, placements: Sequence[str]) -> str:
    """An issued list of these placements."""
    head = {column.name: 0 for column in lists.lists.c} | {
        "list_id": "L-1",
        "created_at": NOW.replace(tzinfo=None),
        "as_of": NOW.replace(tzinfo=None),
        "office": None,
        "unit": "placement",
        "model_version": "m",
        "model_kind": "scorecard",
        "data_origin": "simulated",
        "notices": [],
        "price": [],
    }
    row = {"list_id": "L-1", "placements": 1, "arm": "risk", "inclusion_probability": 1.0, "band": "high"}
    listed = [
        {**row, "rank": rank, "unit_id": name, "placement_id": name, "supported": True, "reasons": []}
        for rank, name in enumerate(placements, start=1)
    ]
    drawn = [
        {"list_id": "L-1", "placement_id": name, "unit_id": name, "inclusion_probability": 1.0} for name in placements
    ]
    state = {
        "list_id": "L-1",
        "state": "issued",
        "version": 1,
        "changed_at": NOW.replace(tzinfo=None),
        "changed_by": "x",
    }
    with running.engine.begin() as connection:
        connection.execute(insert(lists.lists), head)
        connection.execute(insert(lists.list_rows), listed)
        connection.execute(insert(lists.list_probabilities), drawn)
        connection.execute(insert(lists.list_states), state)
    return "L-1"


def test_rows_of_an_issued_list_are_flagged_and_stay_as_they_are(running: Running) -> None:
    issue(running, ["0005", "0003"])
    listed = rows(running, lists.list_rows)
    tell(
        running,
        event("complaint", "0005", category="gaji_tidak_dibayar"),
        event("status_change", "0003", status="departed"),
        event("complaint", "0008", category="gaji_tidak_dibayar"),
    )
    flags = {(row["rank"], row["kind"]) for row in rows(running, lists.row_flags)}
    assert flags == {(1, "complaint"), (1, "band_changed"), (2, "departed")}
    assert rows(running, lists.list_rows) == listed


def test_a_closed_list_gets_no_flags(running: Running) -> None:
    issue(running, ["0005"])
    with running.engine.begin() as connection:
        connection.execute(update(lists.list_states).values(state="closed"))
    tell(running, event("complaint", "0005", category="gaji_tidak_dibayar"))
    assert rows(running, lists.row_flags) == []


def test_another_process_counts_the_same(running: Running, make_settings: Callable[..., Settings]) -> None:
    other = Running(make_settings(str(running.settings.database_url)))
    before = other.scoring().histories.snapshot.values["placement_complaints"].value("0005")
    tell(running, event("complaint", "0005", category="gaji_tidak_dibayar"))
    mine, others = (held.scoring().histories.snapshot for held in (running, other))
    assert mine.values == others.values
    assert others.values["placement_complaints"].value("0005") == before + 1
    other.close()


def test_nothing_is_stored_or_counted_where_a_batch_fails(running: Running) -> None:
    held = running.scoring().histories.snapshot.values["placement_complaints"].value("0005")
    wrong = event("complaint", "0006") | {"type": None}
    with pytest.raises(Exception, match=r"(?i)null"):
        tell(running, event("complaint", "0005"), wrong)
    assert not rows(running, happenings.events, happenings.events.c.import_id.is_(None))
    assert running.scoring().histories.snapshot.values["placement_complaints"].value("0005") == held


def test_an_import_again_changes_nothing_and_keeps_what_was_told(running: Running, data_set: Path) -> None:
    put(running, version("N-6", agency_id="P3MI-B"), caller=ADMIN_USER)
    put(running, version("0009", agency_id="P3MI-A", destination="TWN"), caller=ADMIN_USER)
    tell(
        running,
        event("complaint", "0005", category="kekerasan_majikan"),
        event("complaint", "N-6", category="gaji_tidak_dibayar"),
        event("status_change", "0003", status="departed"),
        event("death", None, area="53.21"),
    )
    refresh_corridors(running, NOW)
    kept = (register.placements, register.mandatory_cases, register.resting_placements, register.area_events)
    before = {table.name: sorted(map(repr, rows(running, table))) for table in kept}
    scores = {row["placement_id"]: (row["band"], row["stage"]) for row in rows(running, register.scores)}
    values = dict(running.scoring().histories.snapshot.values)
    import_data_set(running, data_set, as_of=datetime(2026, 1, 1), now=NOW, progress=lambda *_: None)
    assert {table.name: sorted(map(repr, rows(running, table))) for table in kept} == before
    assert {row["placement_id"]: (row["band"], row["stage"]) for row in rows(running, register.scores)} == scores
    assert dict(running.scoring().histories.snapshot.values) == values


def test_corridors_follow_when_they_are_refreshed(running: Running) -> None:
    assert refresh_corridors(running, NOW) == 0
    tell(running, event("complaint", "0005", category="gaji_tidak_dibayar"))
    assert refresh_corridors(running, NOW) > 0
    assert refresh_corridors(running, NOW) == 0


def test_every_batch_is_in_the_audit_log(running: Running) -> None:
    tell(running, event("complaint", "0005"), event("contact", "0006"))
    [entry] = rows(running, keeping.audit_log, keeping.audit_log.c.action == "events.told")
    assert entry["who"] == "user:1"
    assert "0005" not in entry["detail"]
