"""Does what is past its date go, and nothing else, and does the service say when an assessment is due?"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from service.examining import examine
from service.impact_assessment import impact_assessment_warning
from service.retention import limits_of, retention
from service.running import Running
from service.settings import Settings
from service.storage.receipts import BUNDLE_ID_LETTERS, Bundle, ids_of_bundle, save_bundles
from service.tables.happenings import events, inspections
from service.tables.keeping import audit_log, idempotency_keys, receipt_bundles, receipt_links, receipts
from service.tables.people import sessions, sign_in_attempts, users

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
AT = NOW.replace(tzinfo=None)
DAY = timedelta(days=1)
BY = ("user:local", "local")
PAST = {"answers": 7 * DAY, "receipts": 5 * 365.25 * DAY, "sessions": 0 * DAY, "notes": 2 * 365.25 * DAY}


def write(running: Running, aside: timedelta, name: str) -> None:
    """Write one row of each kind that is `aside` younger (older where below 0) than its date allows."""
    made = {kind: AT - age + aside for kind, age in PAST.items()}
    with running.engine.begin() as connection:
        key = {"caller": "key:x", "request_hash": "h", "state": "answered", "token": "t", "free_at": AT}
        connection.execute(insert(idempotency_keys), {**key, "key": name, "created_at": made["answers"]})
        receipt = {"receipt_id": name, "body": "{}", "signature": "s"}
        connection.execute(insert(receipts), {**receipt, "made_at": made["receipts"]})
        connection.execute(insert(receipt_links), {"receipt_id": name, "placement_id": "0001"})
        bundle_id = f"{name:a<{BUNDLE_ID_LETTERS}}"
        bundle = Bundle(bundle_id, made["receipts"], (b"{}", b"{}"), "s", None, None, ("0001", "0002"))
        save_bundles(connection, [bundle])
        user = {"user_id": name, "login": name, "role": "national", "active": True, "created_at": AT, "version": 1}
        connection.execute(insert(users), user)
        session = {"token_hash": name, "user_id": name, "form_token": "f", "created_at": AT, "seen_at": AT}
        connection.execute(insert(sessions), {**session, "expires_at": made["sessions"]})
        attempt = {"subject": name, "failures": 1, "newest_at": made["answers"]}
        connection.execute(insert(sign_in_attempts), attempt)
        visit = {"inspection_id": name, "arm": "risk", "visited_at": AT, "outcome": "deferred", "note": "free text"}
        connection.execute(
            insert(inspections), {**visit, "recorded_at": made["notes"], "data_origin": "simulated", "area": "53.11"}
        )
        told = {"source": "s", "event_id": name, "placement_id": "0001", "type": "status_change", "occurred_at": AT}
        data = {"status": "departed", "escort": "somebody"}
        connection.execute(
            insert(events), {**told, "recorded_at": made["notes"], "data": data, "data_origin": "simulated"}
        )


def held(running: Running, table: Any) -> int:
    with running.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_past_its_date_is_counted_and_dropped_only_when_applied(running: Running) -> None:
    write(running, -DAY, "old")
    write(running, DAY, "young")
    expected = {"answers": 1, "receipts": 3, "sessions": 1, "sign_in_attempts": 1, "notes": 1, "event_details": 1}
    assert retention(running, NOW, apply=False, by=BY) == expected
    assert held(running, receipts) == 2
    assert retention(running, NOW, apply=True, by=BY) == expected
    for table in (idempotency_keys, receipts, receipt_bundles, sessions, sign_in_attempts):
        assert held(running, table) == 1, table.name
    with running.engine.connect() as connection:
        links = connection.execute(select(receipt_links.c.receipt_id)).scalars().all()
    assert {*links} == {"young", *ids_of_bundle(f"{'young':a<{BUNDLE_ID_LETTERS}}", 2)}
    with running.engine.connect() as connection:
        notes = connection.execute(select(inspections.c.note).where(inspections.c.inspection_id.in_(["old", "young"])))
        assert sorted(map(str, notes.scalars())) == ["None", "free text"]
        data = connection.execute(select(events.c.data).where(events.c.event_id == "old")).scalar_one()
        assert data == {"status": "departed"}
        told = connection.execute(select(audit_log.c.who).where(audit_log.c.action == "retention.applied"))
        assert told.scalars().all() == ["user:local"]
    assert set(retention(running, NOW, apply=False, by=BY).values()) == {0}


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)))
def test_nothing_is_dropped_before_its_date_by_default(moment: datetime) -> None:
    limits = limits_of(Settings(database_url="sqlite://"), moment.replace(tzinfo=UTC))
    assert moment - limits.answers >= timedelta(days=7)
    assert moment - limits.receipts >= timedelta(days=5 * 365 + 1)
    assert moment - limits.notes >= timedelta(days=2 * 365)


@pytest.mark.parametrize(
    ("held_on", "model_made", "says"),
    [
        (None, None, "no impact assessment is stated"),
        (date(2025, 1, 10), None, "older than 12 months"),
        (date(2025, 1, 11), None, None),
        (date(2026, 1, 12), None, "still to come"),
        (date(2025, 12, 1), datetime(2025, 12, 2, tzinfo=UTC), "the model changed on 2025-12-02"),
        (date(2025, 12, 2), datetime(2025, 12, 2, tzinfo=UTC), None),
    ],
)
def test_an_impact_assessment_that_is_missing_old_or_of_another_model_is_warned_of(
    make_settings: Callable[..., Settings], held_on: date | None, model_made: datetime | None, says: str | None
) -> None:
    settings = make_settings("sqlite://", impact_assessment_on=held_on)
    told = impact_assessment_warning(settings, NOW, model_made=model_made)
    assert (told is None) if says is None else (told is not None and says in told)
    assert told is None or "state" in told


@pytest.mark.parametrize(
    ("held_on", "state", "found"),
    [
        ("", "note", "no impact assessment is stated"),
        ("2026-01-10", "note", "the model changed on 2026-01-11"),
        ("2026-01-11", "ok", "held on 2026-01-11"),
    ],
)
def test_the_doctor_tells_of_the_impact_assessment(
    monkeypatch: pytest.MonkeyPatch, release: Path, held_on: str, state: str, found: str
) -> None:
    for name, value in {
        "DATABASE_URL": "sqlite://",
        "MODEL_DIR": str(release / "champion"),
        "PUBLIC_KEY": str(release / "keys" / "release_key.pub"),
        "SPECIFICATION": str(Path(__file__).resolve().parents[2] / "models" / "placement_risk.yaml"),
        "IMPACT_ASSESSMENT_ON": held_on,
    }.items():
        monkeypatch.setenv(f"RISK_{name}", value) if value else monkeypatch.delenv(f"RISK_{name}", raising=False)
    check = next(each for each in examine(NOW) if each.name == "impact assessment")
    assert check.state == state
    assert found in check.found


def test_an_assessment_held_on_a_leap_day_is_good_for_a_year(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings("sqlite://", impact_assessment_on=date(2024, 2, 29))
    assert impact_assessment_warning(settings, datetime(2025, 3, 1, tzinfo=UTC)) is None
    assert impact_assessment_warning(settings, datetime(2025, 3, 2, tzinfo=UTC)) is not None
