"""Health says what works and what to repair."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.running import Running
from service.settings import Settings
from service.storage.engine import migrate

ClientOf = Callable[[Running], TestClient]


def test_a_service_with_data_and_a_release_is_ready(client: TestClient) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() | {"repairs": []} == answer.json()
    assert answer.json()["placements"] == 61
    assert client.get("/health/live").json() == {"status": "live"}


def test_without_data_the_import_is_named(empty: Running, client_of: ClientOf) -> None:
    answer = client_of(empty).get("/health/ready")
    assert answer.status_code == 503
    assert "risk-service import" in answer.json()["repairs"][0]


def test_without_a_release_the_rule_answers_and_the_repair_is_named(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: ClientOf, tmp_path: Path
) -> None:
    running = Running(make_settings(databases.new(copy_of=filled), model_dir=tmp_path))
    answer = client_of(running).get("/health/ready")
    running.close()
    assert answer.status_code == 200
    assert answer.json()["model_kind"] == "published_rule"
    assert "risk-model promote" in answer.json()["repairs"][0]


@pytest.fixture
def altered(
    databases: Any, filled: str, make_settings: Callable[..., Settings], release: Path, tmp_path: Path
) -> Running:
    champion = copytree(release / "champion", tmp_path / "champion")
    model = next(champion.rglob("model.json"))
    model.write_bytes(model.read_bytes().replace(b"0.9", b"0.8", 1))
    return Running(make_settings(databases.new(copy_of=filled), model_dir=champion))


def test_an_altered_release_is_refused_and_the_rule_answers(altered: Running, client_of: ClientOf) -> None:
    client = client_of(altered)
    ready = client.get("/health/ready")
    assert ready.status_code == 503
    assert "altered" in ready.json()["repairs"][0]
    body = {"placement_id": "1", "destination": "MYS", "sector": "domestic", "employer_type": "household"}
    score = client.post("/v1/scores", json={**body, "scheme": "P_TO_P"}).json()
    assert score["model_version"] == "published_rule"
    assert "two-line rule" in score["notice_en"]


def test_tables_of_another_version_are_named(
    databases: Any, make_settings: Callable[..., Settings], client_of: ClientOf
) -> None:
    running = Running(make_settings(databases.new()))
    answer = client_of(running).get("/health/ready")
    assert "risk-service migrate" in answer.json()["repairs"][0]
    migrate(running.engine)
    assert client_of(running).get("/health/ready").json()["repairs"] != answer.json()["repairs"]
    running.close()
