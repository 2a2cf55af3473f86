"""Can a person be told all that is held, have it corrected, object, and be forgotten?"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from starlette.testclient import TestClient

from service.drawing import Wanted, draw_list
from service.running import Running
from service.storage.persons import placements_not_ordered
from service.storage.receipts import BUNDLE_ID_LETTERS, Bundle, save_bundles
from service.tables.happenings import changes, events, inspections, placement_versions, placement_workers
from service.tables.keeping import (
    audit_log,
    idempotency_keys,
    receipt_bundles,
    receipt_links,
    receipts,
    worker_requests,
)
from service.tables.lists import list_rows, list_states, row_actions, row_flags, row_states
from service.tables.register import placements, scores

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
THEN = datetime(2026, 1, 5)
REF, OTHER_REF = "ref-of-one-worker", "ref-of-another"
OWN, ELSEWHERE, OTHERS = "0000", "0002", "0004"
"""Two placements of one worker, from NTT and from East Java, and one of somebody else."""
BUNDLE = "b" * BUNDLE_ID_LETTERS
NAMES = "Ibu Maria, tetangga"
BY = ("user:x", "national")


def link(running: Running) -> None:
    """Say whose the three placements are, and nobody else's."""
    with running.engine.begin() as connection:
        connection.execute(placement_workers.delete())
        told = [(OWN, REF), (ELSEWHERE, REF), (OTHERS, OTHER_REF)]
        connection.execute(insert(placement_workers), [{"placement_id": name, "worker_ref": ref} for name, ref in told])


@pytest.fixture
def known(running: Running) -> Running:
    link(running)
    return running


@pytest.fixture
def issued(known: Running) -> str:
    """An issued list of the whole register that every placement of the worker is on."""
    drawn = draw_list(known, Wanted(61, None, "placement", 1), now=NOW, by=BY)
    state = {"state": "issued", "version": 1, "changed_at": THEN, "changed_by": "user:x", "issued_at": THEN}
    with known.engine.begin() as connection:
        connection.execute(list_states.delete())
        connection.execute(insert(list_states), {**state, "list_id": drawn.list_id})
    return drawn.list_id


def happen(running: Running, list_id: str | None = None) -> None:
    """Tell an event with further details, a visit with a note, and a receipt of the worker's first placement."""
    said = {"data_origin": "simulated", "recorded_at": THEN}
    with running.engine.begin() as connection:
        event = {"source": "s", "event_id": "x1", "placement_id": OWN, "type": "complaint", "occurred_at": THEN, **said}
        connection.execute(insert(events), {**event, "category": "gaji_tidak_dibayar", "data": {"told": NAMES}})
        visit = {"inspection_id": "v9", "placement_id": OWN, "arm": "random", "visited_at": THEN, **said}
        by = {"outcome": "not_reached", "note": NAMES, "inspector": "user:inspector-7", "list_id": list_id}
        connection.execute(insert(inspections), {**visit, **by})
        made = {"receipt_id": "r1", "made_at": THEN, "body": '{"risk":0.1}', "signature": "s"}
        connection.execute(insert(receipts), made)
        connection.execute(insert(receipt_links), {"receipt_id": "r1", "placement_id": OWN})
        later = THEN + timedelta(days=1)
        save_bundles(connection, [Bundle(BUNDLE, later, (b"{}", b"{}"), "s", None, None, (OWN, OTHERS))])
        change = {"placement_id": OWN, "at": THEN, "band_before": "medium", "band_after": "high", "cause": "complaint"}
        connection.execute(insert(changes), {**change, "model_version": "m"})


def count(running: Running, table: Any, *where: Any) -> int:
    with running.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def record(client: TestClient, ref: str = REF) -> dict[str, Any]:
    answer = client.get(f"/v1/workers/{ref}/record")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_record_holds_everything_about_the_worker_and_nobody_else(
    known: Running, issued: str, client_of: Callable[..., TestClient]
) -> None:
    happen(known, issued)
    told = record(client_of(known))
    assert [each["placement_id"] for each in told["placements"]] == [OWN, ELSEWHERE]
    own = told["placements"][0]
    assert {"field": "destination", "value": "MYS", "value_en": "Malaysia"}.items() <= next(
        fact for fact in own["facts"] if fact["field"] == "destination"
    ).items()
    assert own["versions"][0]["facts"]["wage_monthly_idr"] == 5_000_000
    assert [(each["type"], each["category_en"]) for each in own["events"]] == [("complaint", "Unpaid wages")]
    assert own["events"][0]["data"] == {"told": NAMES}
    assert [(each["outcome"], each["has_note"]) for each in own["visits"]] == [("not_reached", True)]
    assert own["receipts"] == [
        {"receipt_id": "r1", "made_at": "2026-01-05T00:00:00Z"},
        {"receipt_id": f"{BUNDLE}a", "made_at": "2026-01-06T00:00:00Z"},
    ]
    assert [(each["list_id"], each["list_state"]) for each in own["lists"]] == [(issued, "issued")]
    assert [(each["band_before"], each["band_after"]) for each in own["bands"]] == [("medium", "high")]
    assert own["score"]["orders"] is True
    assert told["data_origin"] == "simulated"
    assert told["rights_id"] != told["rights_en"]


def test_the_terms_of_the_record_add_up_to_the_score(known: Running, client_of: Callable[..., TestClient]) -> None:
    score = record(client_of(known))["placements"][0]["score"]
    assert {reason["feature"] for reason in score["reasons"]} >= {"destination"}
    assert all(reason["text_id"] and reason["text_en"] for reason in score["reasons"])
    with known.engine.connect() as connection:
        held = connection.execute(select(scores.c.risk).where(scores.c.placement_id == OWN)).scalar_one()
    assert score["risk"] == pytest.approx(held)


def test_neither_notes_nor_officers_nor_arms_are_handed_out(
    known: Running, issued: str, client_of: Callable[..., TestClient]
) -> None:
    happen(known, issued)
    with known.engine.begin() as connection:
        connection.execute(update(events).values(data=None))
    text = client_of(known).get(f"/v1/workers/{REF}/record").text
    for word in (NAMES, "inspector-7", "inclusion_probability", '"arm"', OTHER_REF):
        assert word not in text


def test_reading_a_record_is_audited_without_naming_the_worker(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    record(client_of(known))
    with known.engine.connect() as connection:
        row = connection.execute(select(audit_log).where(audit_log.c.action == "worker.read")).mappings().one()
    assert row["object"].startswith("worker:")
    assert REF not in str(dict(row))


def test_a_supervisor_sees_the_placements_of_the_own_office_alone_and_of_others_none(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    own = client_of(known, "supervisor", "BP3MI-NTT")
    assert [each["placement_id"] for each in record(own)["placements"]] == [OWN]
    elsewhere = {"placement_id": ELSEWHERE, "field": "fee_idr", "value": 1.0, "source": "worker"}
    assert own.post(f"/v1/workers/{REF}/corrections", json=elsewhere).status_code == 404
    with known.engine.begin() as connection:
        mine = placement_workers.c.placement_id == OWN
        connection.execute(placement_workers.delete().where(mine))
    answer = own.get(f"/v1/workers/{REF}/record")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:placement-risk:problem:no_such_worker")
    assert answer.json()["detail"] == own.get("/v1/workers/nobody/record").json()["detail"]


def test_other_roles_read_correct_and_erase_nobody(known: Running, client_of: Callable[..., TestClient]) -> None:
    correction = {"placement_id": OWN, "field": "fee_idr", "value": 1.0, "source": "worker"}
    for role, office in (("inspector", "BP3MI-NTT"), ("analyst", None), ("placement_system", None), ("admin", None)):
        client = client_of(known, role, office)
        assert client.get(f"/v1/workers/{REF}/record").status_code == 403
        assert client.post(f"/v1/workers/{REF}/corrections", json=correction).status_code == 403
        assert client.delete(f"/v1/workers/{REF}").status_code == 403
    assert client_of(known, "supervisor", "BP3MI-NTT").delete(f"/v1/workers/{REF}").status_code == 403


# -- corrections ---------------------------------------------------------------------------------


def test_a_correction_scores_anew_and_flags_the_row_of_every_issued_list(
    known: Running, issued: str, client_of: Callable[..., TestClient]
) -> None:
    client = client_of(known)
    asked = {"placement_id": OWN, "field": "destination", "value": "TWN", "source": "document"}
    answer = client.post(f"/v1/workers/{REF}/corrections", json=asked)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["before"], made["after"], made["changed"]) == ("MYS", "TWN", True)
    assert [row["list_id"] for row in made["lists"]] == [issued]
    with known.engine.connect() as connection:
        kinds = connection.execute(select(row_flags.c.kind).where(row_flags.c.rank == made["lists"][0]["rank"]))
        assert "corrected" in kinds.scalars().all()
        row = select(list_rows.c.destination).where(list_rows.c.placement_id == OWN, list_rows.c.list_id == issued)
        assert connection.execute(row).scalar_one() == "MYS"
        state = connection.execute(select(placements).where(placements.c.placement_id == OWN)).mappings().one()
    assert (state["destination"], state["registered_by"]) == ("TWN", None)
    assert made["score_before"] != made["score_after"]
    asked_for = record(client)["requests"]
    assert [(each["kind"], each["detail"]["source"]) for each in asked_for] == [("correction", "document")]


def test_the_corrected_value_is_known_from_the_correction_on_and_not_before(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    before = count(known, placement_versions, placement_versions.c.placement_id == OWN)
    asked = {"placement_id": OWN, "field": "departed_on", "value": "2025-04-01", "source": "agency"}
    assert client_of(known).post(f"/v1/workers/{REF}/corrections", json=asked).status_code == 201
    with known.engine.connect() as connection:
        query = select(placement_versions).where(placement_versions.c.placement_id == OWN)
        told = connection.execute(query.order_by(placement_versions.c.version_id)).mappings().all()
    assert len(told) == before + 1
    assert (told[-1]["departed_on"], told[-1]["recorded_at"]) == (date(2025, 4, 1), NOW.replace(tzinfo=None))


def test_a_correction_that_changes_nothing_flags_nothing(
    known: Running, issued: str, client_of: Callable[..., TestClient]
) -> None:
    asked = {"placement_id": OWN, "field": "destination", "value": "MYS", "source": "worker"}
    made = client_of(known).post(f"/v1/workers/{REF}/corrections", json=asked).json()
    assert (made["changed"], made["lists"]) == (False, [])
    assert count(known, row_flags) == 0


def test_another_certification_level_lowers_no_score_until_it_is_verified(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    asked = {"placement_id": OWN, "field": "certification_level", "value": 6, "source": "document"}
    made = client_of(known).post(f"/v1/workers/{REF}/corrections", json=asked).json()
    assert made["score_after"]["risk"] > made["score_before"]["risk"]
    with known.engine.connect() as connection:
        query = select(placements.c.certification_verified).where(placements.c.placement_id == OWN)
        assert connection.execute(query).scalar_one() is None


REFUSED = [
    ("destination", "HGK", "#/value"),
    ("destination", None, "#/value"),
    ("origin", None, "#/value"),
    ("wage_monthly_idr", -1, "#/value"),
    ("departed_on", "soon", "#/value"),
    ("certification_verified", True, "#/field"),
    ("language_certificate", True, "#/field"),
    ("sex", "F", "#/field"),
]


def test_a_value_that_the_field_cannot_have_is_refused_with_the_repair(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    client = client_of(known)
    for field, value, pointer in REFUSED:
        asked = {"placement_id": OWN, "field": field, "value": value, "source": "worker"}
        answer = client.post(f"/v1/workers/{REF}/corrections", json=asked)
        assert answer.status_code == 422, field
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert count(known, worker_requests) == 0


def test_nobody_corrects_the_placement_of_somebody_else(known: Running, client_of: Callable[..., TestClient]) -> None:
    asked = {"placement_id": OTHERS, "field": "fee_idr", "value": 1.0, "source": "worker"}
    answer = client_of(known).post(f"/v1/workers/{REF}/corrections", json=asked)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:placement-risk:problem:no_such_placement")


# -- objections ----------------------------------------------------------------------------------


def test_after_an_objection_the_score_orders_nothing_until_a_person_dismisses_it(
    known: Running, issued: str, client_of: Callable[..., TestClient]
) -> None:
    client = client_of(known)
    asked = {"placement_id": OWN, "reason": "no_automated_score"}
    made = client.post(f"/v1/workers/{REF}/objections", json=asked).json()
    assert (made["state"], [row["list_id"] for row in made["lists"]]) == ("open", [issued])
    assert placements_not_ordered(known.engine) == [OWN]
    assert record(client)["placements"][0]["score"]["orders"] is False
    again = client.post(f"/v1/workers/{REF}/objections", json=asked)
    assert (again.status_code, again.json()["type"]) == (409, "urn:placement-risk:problem:objection_open")
    address = f"/v1/workers/{REF}/objections/{made['request_id']}/decision"
    decided = client.post(address, json={"outcome": "dismissed", "reason": "facts_confirmed"})
    assert decided.json()["state"] == "dismissed"
    assert placements_not_ordered(known.engine) == []
    assert client.post(address, json={"outcome": "upheld", "reason": "other"}).status_code == 409
    with known.engine.connect() as connection:
        kinds = connection.execute(select(row_flags.c.kind).order_by(row_flags.c.flag_id)).scalars().all()
    assert kinds == ["objection", "objection_decided"]


def test_an_upheld_objection_keeps_the_score_from_ordering(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    client = client_of(known)
    made = client.post(f"/v1/workers/{REF}/objections", json={"placement_id": OWN, "reason": "data_wrong"}).json()
    address = f"/v1/workers/{REF}/objections/{made['request_id']}/decision"
    client.post(address, json={"outcome": "upheld", "reason": "person_decides"})
    drawn = draw_list(known, Wanted(61, None, "placement", 3), now=NOW + timedelta(days=1), by=BY)
    row = next(each for each in drawn.rows if each["placement_id"] == OWN)
    assert (row["band"], row["risk"], row["supported"]) == ("insufficient_data", None, False)
    assert row["arm"] in ("coverage", "random")
    assert row["inclusion_probability"] > 0


def test_nobody_decides_an_objection_that_is_not_the_workers(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    client = client_of(known)
    made = client.post(f"/v1/workers/{REF}/objections", json={"placement_id": OWN, "reason": "data_wrong"}).json()
    address = f"/v1/workers/{OTHER_REF}/objections/{made['request_id']}/decision"
    assert client.post(address, json={"outcome": "upheld", "reason": "other"}).status_code == 404


# -- erasure -------------------------------------------------------------------------------------


def texts_of(running: Running) -> str:
    """Everything that the database holds, as one text."""
    from service.tables.schema import metadata

    with running.engine.connect() as connection:
        return "\n".join(str(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def test_erasing_leaves_nothing_that_leads_to_the_person_and_keeps_receipts_and_counts(
    known: Running, issued: str, client_of: Callable[..., TestClient]
) -> None:
    happen(known, issued)
    client = client_of(known)
    corrected = {"placement_id": OWN, "field": "wage_monthly_idr", "value": 7_123_456.0, "source": "worker"}
    client.post(f"/v1/workers/{REF}/corrections", json=corrected)
    with known.engine.begin() as connection:
        rank = connection.execute(select(list_rows.c.rank).where(list_rows.c.placement_id == OWN)).scalar_one()
        of_row = {"list_id": issued, "rank": rank, "note": NAMES}
        connection.execute(row_states.delete())
        state = {"status": "open", "version": 1, "updated_at": THEN}
        connection.execute(insert(row_states), {**of_row, **state})
        deed = {"action": "defer", "by": "user:x", "at": THEN, "detail": {"before": {"note": NAMES}}}
        connection.execute(insert(row_actions), {**of_row, **deed})
        kept = {"caller": "key:x", "key": "k", "request_hash": "h", "state": "answered", "token": "t", "free_at": THEN}
        kept |= {"answer": REF.encode(), "created_at": THEN}
        connection.execute(insert(idempotency_keys), kept)
    visits = count(known, inspections)
    erased = client.delete(f"/v1/workers/{REF}")
    assert erased.status_code == 200, erased.text
    assert {"placements": 2, "receipts": 2, "notes": 4, "events": 1, "answers": 1}.items() <= erased.json().items()
    held = texts_of(known)
    assert REF not in held
    assert NAMES not in held
    assert (count(known, receipts), count(known, receipt_bundles), count(known, inspections)) == (1, 1, visits)
    with known.engine.connect() as connection:
        assert connection.execute(select(receipt_links.c.placement_id)).scalars().all() == [OTHERS]
    assert count(known, placement_workers, placement_workers.c.worker_ref == OTHER_REF) == 1
    assert client.get(f"/v1/workers/{REF}/record").status_code == 404
    with known.engine.connect() as connection:
        told = connection.execute(select(audit_log.c.action).where(audit_log.c.action == "worker.erased")).scalars()
        assert told.all() == ["worker.erased"]
        assert connection.execute(select(worker_requests.c.kind)).scalars().all() == ["correction", "erasure"]


def test_erasing_keeps_what_the_state_of_the_placement_follows_from(
    known: Running, client_of: Callable[..., TestClient]
) -> None:
    said = {"data_origin": "simulated", "recorded_at": THEN, "occurred_at": THEN, "source": "s"}
    data = {"status": "departed", "on": "2026-01-04", "escort": NAMES}
    with known.engine.begin() as connection:
        event = {"event_id": "x2", "placement_id": OWN, "type": "status_change", "data": data, **said}
        connection.execute(insert(events), event)
    client_of(known).delete(f"/v1/workers/{REF}")
    with known.engine.connect() as connection:
        kept = connection.execute(select(events.c.data).where(events.c.event_id == "x2")).scalar_one()
    assert kept == {"status": "departed", "on": "2026-01-04"}


def test_an_objection_holds_after_the_person_is_erased(known: Running, client_of: Callable[..., TestClient]) -> None:
    client = client_of(known)
    client.post(f"/v1/workers/{REF}/objections", json={"placement_id": OWN, "reason": "data_wrong"})
    client.delete(f"/v1/workers/{REF}")
    assert placements_not_ordered(known.engine) == [OWN]
