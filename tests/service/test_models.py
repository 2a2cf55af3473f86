"""Another model takes over while requests are answered, in every process, or is refused."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from risk_model.scoring.release import write_release
from risk_model.scoring.signing_keys import load_or_create_keys
from service.model_change import follow_model
from service.running import Running
from service.served_now import LOOK_EVERY, ServedNow
from service.settings import Settings
from service.storage.register import scored_placements
from service.tables.happenings import changes
from service.tables.keeping import audit_log

CREATED = datetime(2026, 1, 11, 8, tzinfo=UTC)
PLACEMENT = {
    "placement_id": "NEW-1",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "data_origin": "simulated",
}
MakeProcess = Callable[[], Running]


@pytest.fixture
def process(running: Running, make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[MakeProcess]:
    """Starts a process of a service with three releases of its own: r1, r2 and, in use, r3."""
    keys = load_or_create_keys(tmp_path / "keys")
    for number in (1, 2, 3):
        model = replace(running.served.model, intercept=-2.0 - number / 10)
        made = CREATED + timedelta(days=number)
        folder = tmp_path / "champion"
        write_release(model, folder, private_key=keys.private, release_id=f"r{number}", created_at=made)
    own = {"model_dir": tmp_path / "champion", "public_key": tmp_path / "keys" / "release_key.pub"}
    url = running.engine.url.render_as_string(hide_password=False)
    started = []

    def start() -> Running:
        started.append(Running(make_settings(url, **own)))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def first(process: MakeProcess) -> Running:
    """One process of it."""
    return process()


@pytest.fixture
def admin(first: Running, client_of: Callable[..., TestClient]) -> TestClient:
    """Its administrator."""
    return client_of(first, "admin")


@pytest.fixture
def staff(first: Running, client_of: Callable[..., TestClient]) -> TestClient:
    """Somebody who asks it for scores."""
    return client_of(first)


def score(client: TestClient) -> dict[str, Any]:
    answer = client.post("/v1/scores", json=PLACEMENT)
    assert answer.status_code == 200, answer.text
    return answer.json()


def alter(model_dir: Path, release_id: str) -> None:
    path = model_dir / "releases" / release_id / "model.json"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_going_back_is_followed_by_every_process(
    process: MakeProcess, admin: TestClient, staff: TestClient, client_of: Callable[..., TestClient]
) -> None:
    other = process()
    assert (score(staff)["model_version"], other.served.version) == ("r3", "r3")
    assert admin.post("/v1/models/rollback").json()["model_version"] == "r2"
    assert score(staff)["model_version"] == "r2"
    other.serving.look()
    assert score(client_of(other))["model_version"] == "r2"


def test_a_process_looks_twice_a_second(process: MakeProcess, admin: TestClient) -> None:
    time = [100.0]
    own = process()
    serving = ServedNow(own.settings, own.engine, clock=lambda: time[0])
    admin.post("/v1/models/rollback")
    time[0] += LOOK_EVERY - 0.01
    assert serving.get().version == "r3"
    time[0] += 0.01
    assert serving.get().version == "r2"
    assert LOOK_EVERY <= 1


def test_no_request_is_dropped_while_models_change(admin: TestClient, staff: TestClient, first: Running) -> None:
    stop = threading.Event()

    def ask() -> list[tuple[str, float]]:
        told = []
        while not stop.is_set():
            answer = score(staff)
            told.append((answer["model_version"], answer["risk"]))
        return told

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        for path in ("rollback", "switch-off", "switch-on", "reload", "rollback"):
            assert admin.post(f"/v1/models/{path}").status_code == 200
            score(staff)
        stop.set()
        answers = {answer for one in asking for answer in one.result()}
    assert {version for version, _ in answers} <= {"r1", "r2", "r3", "published_rule"}
    assert len({version for version, _ in answers}) == len(answers), "a version has one risk: no answer mixes two"
    assert first.served.version == "r1"


def test_an_altered_release_is_refused_and_the_model_before_goes_on_answering(
    process: MakeProcess, admin: TestClient, staff: TestClient, first: Running, client_of: Callable[..., TestClient]
) -> None:
    alter(first.settings.model_dir, "r3")
    state = admin.post("/v1/models/reload").json()
    assert state["model_version"] == "r3"
    assert "altered since it was signed" in state["reason"]
    assert score(staff)["model_version"] == "r3"
    ready = staff.get("/health/ready")
    assert ready.status_code == 503
    assert "altered since it was signed" in ready.json()["repairs"][0]
    started_after = process()
    assert started_after.served.version == "r2"
    assert "altered since it was signed" in str(started_after.served.reason)
    alter(first.settings.model_dir, "r3")
    assert admin.post("/v1/models/reload").json()["reason"] is None
    assert staff.get("/health/ready").status_code == 200


def test_a_release_that_was_left_on_purpose_does_not_come_back_by_itself(
    process: MakeProcess, admin: TestClient, first: Running
) -> None:
    admin.post("/v1/models/rollback")
    alter(first.settings.model_dir, "r2")
    assert process().served.version == "r1"


def test_going_back_to_an_altered_release_changes_nothing(admin: TestClient, first: Running) -> None:
    alter(first.settings.model_dir, "r2")
    answer = admin.post("/v1/models/rollback")
    assert answer.status_code == 409
    assert "altered since it was signed" in answer.json()["detail"]
    assert first.serving.look().version == "r3"


def test_of_many_who_go_back_at_once_one_wins(
    process: MakeProcess, client_of: Callable[..., TestClient], first: Running
) -> None:
    clients = [client_of(process(), "admin") for _ in range(4)]
    together = threading.Barrier(len(clients))

    def go_back(client: TestClient) -> int:
        together.wait()
        return client.post("/v1/models/rollback", json={"leaving": "r3"}).status_code

    with ThreadPoolExecutor(len(clients)) as pool:
        statuses = sorted(pool.map(go_back, clients))
    assert statuses == [200, 409, 409, 409]
    assert first.serving.look().version == "r2"


def test_switched_off_the_rule_answers_with_a_notice_everywhere(
    process: MakeProcess, admin: TestClient, staff: TestClient
) -> None:
    other = process()
    state = admin.post("/v1/models/switch-off").json()
    assert (state["switched_off"], state["model_version"], state["release_in_use"]) == (True, "published_rule", "r3")
    answer = score(staff)
    assert answer["model_version"] == "published_rule"
    assert "switched off" in answer["notice_en"]
    assert "dimatikan" in answer["notice_id"]
    assert "Model dimatikan" in staff.get("/").text
    assert other.serving.look().switched_off
    assert process().served.switched_off, "also a process that starts later"
    admin.post("/v1/models/switch-on")
    assert (score(staff)["model_version"], other.serving.look().version) == ("r3", "r3")


def test_a_score_by_the_rule_is_replayed_as_well(admin: TestClient, staff: TestClient) -> None:
    admin.post("/v1/models/switch-off")
    receipt_id = score(staff)["receipt"]["receipt_id"]
    admin.post("/v1/models/switch-on")
    assert staff.post(f"/v1/receipts/{receipt_id}/replay").json()["equal"]


def test_a_score_of_a_release_no_longer_in_use_is_replayed_with_that_release(
    admin: TestClient, staff: TestClient, first: Running
) -> None:
    receipt_id = score(staff)["receipt"]["receipt_id"]
    admin.post("/v1/models/rollback")
    replayed = staff.post(f"/v1/receipts/{receipt_id}/replay").json()
    assert (replayed["equal"], replayed["model_version"]) == (True, "r3")
    alter(first.settings.model_dir, "r3")
    answer = staff.post(f"/v1/receipts/{receipt_id}/replay")
    assert answer.status_code == 409
    assert "restore it from the backup" in answer.json()["detail"]


def test_every_release_is_shown_with_its_card_and_whether_it_is_whole(admin: TestClient, first: Running) -> None:
    alter(first.settings.model_dir, "r1")
    shown = admin.get("/v1/models").json()
    assert (shown["model_version"], shown["release_in_use"]) == ("r3", "r3")
    known = {one["release_id"]: one for one in shown["releases"]}
    assert [(one["in_use"], one["sound"]) for one in (known["r3"], known["r2"], known["r1"])] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert known["r3"]["previous"] == "r2"
    assert known["r3"]["card"]["data_origin"] == "simulated"
    assert "altered since it was signed" in known["r1"]["fault"]


def test_who_changed_what_is_served_is_in_the_audit_log(admin: TestClient, first: Running) -> None:
    for path in ("reload", "rollback", "switch-off", "switch-on"):
        admin.post(f"/v1/models/{path}")
    with first.engine.connect() as connection:
        rows = connection.execute(select(audit_log.c.action, audit_log.c.object).order_by(audit_log.c.seq)).all()
    told = [tuple(row) for row in rows if row.action.startswith("model.")]
    assert told == [
        ("model.reload", None),
        ("model.roll_back", "r3"),
        ("model.switch_off", None),
        ("model.switch_on", None),
    ]


def test_after_a_change_the_register_is_scored_anew_and_changed_bands_are_told(
    admin: TestClient, first: Running
) -> None:
    follow_model(first, CREATED)
    known = {row[0]: row[1] for row in scored_placements(first.engine, None, ("placement_id", "band"))}
    admin.post("/v1/models/switch-off")
    assert follow_model(first, CREATED)
    after = scored_placements(first.engine, None, ("placement_id", "band", "model_version"))
    assert {version for _, _, version in after} == {"published_rule"}
    with first.engine.connect() as connection:
        query = select(changes).where(changes.c.model_version == "published_rule")
        told = {row.placement_id: (row.band_before, row.band_after, row.cause) for row in connection.execute(query)}
    different = {name: (known[name], band, "model") for name, band, _ in after if known[name] != band}
    assert told == different
    assert different
    assert not follow_model(first, CREATED), "once is enough"
