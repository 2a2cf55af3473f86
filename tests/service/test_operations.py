"""What an operator sees: logs and metrics without personal data, a doctor, several workers, a clean stop."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from starlette.testclient import TestClient
from typer.testing import CliRunner

from service.access import ADMIN
from service.audit_anchor import anchor_path, read_anchor
from service.examining import examine
from service.main import app as commands
from service.request_log import JsonLines
from service.running import Running
from service.settings import Settings
from service.storage.engine import for_writing
from service.tables.keeping import audit_log
from tests.service.conftest import NOW

REPOSITORY = Path(__file__).resolve().parents[2]
ClientAs = Callable[..., TestClient]


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged, as it would be printed."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    for name in ("service", "uvicorn"):
        logging.getLogger(name).addHandler(handler)
    logging.getLogger("service").setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for name in ("service", "uvicorn"):
        logging.getLogger(name).removeHandler(handler)


def test_each_request_is_one_line_with_its_template_and_nothing_that_was_sent(
    own_client: TestClient, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    found = own_client.get("/v1/placements/0001?lang=en")
    missing = own_client.get("/v1/nothing/3171234567890123")
    told = [line for line in lines() if line["logger"] == "service.requests"]
    assert [(line["route"], line["status"]) for line in told] == [
        ("/v1/placements/{placement_id}", found.status_code),
        ("(none)", 404),
    ]
    assert told[0].keys() == {"at", "level", "logger", "event", "request", "method", "route", "status", "ms", "caller"}
    assert told[0]["caller"] == "key/national"
    assert told[0]["request"] == found.headers["x-request-id"] != missing.headers["x-request-id"]


def test_an_error_is_logged_by_its_kind_and_place_but_never_by_its_message(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    def fail(number: str) -> None:
        raise ValueError(f"no such person: {number}")

    try:
        fail("3171234567890123")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("failed for %s", "3171234567890123")
    (line,) = lines()
    assert line["error"] == ["ValueError"]
    assert line["where"][-1].endswith(" fail")
    assert "3171234567890123" not in json.dumps(line)


def test_metrics_count_requests_by_route_and_tell_what_the_service_stands_on(own_client: TestClient) -> None:
    for _ in range(3):
        own_client.get("/v1/placements/0001")
    own_client.get("/v1/priority-lists/none")
    told = own_client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain")
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
    }
    assert found["risk_requests_total", "/v1/placements/{placement_id}", "200", "GET"] == 3
    assert found["risk_requests_total", "/v1/priority-lists/{list_id}", "404", "GET"] == 1
    assert found["risk_request_seconds_count", "/v1/placements/{placement_id}"] == 3
    assert found["risk_placements",] == 61
    assert found["risk_database_answers",] == 1
    assert found["risk_audit_rows",] >= 3


def test_the_head_of_the_log_is_kept_outside_the_database_when_the_service_stops(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: ClientAs, tmp_path: Path
) -> None:
    running = Running(make_settings(databases.new(copy_of=filled), audit_key_file=tmp_path / "audit.key"))
    with client_of(running) as client:
        assert client.get("/v1/placements/0001").status_code == 200
        assert read_anchor(anchor_path(tmp_path / "audit.key")) is None
    anchor = read_anchor(anchor_path(tmp_path / "audit.key"))
    assert anchor is not None


# -- the command line ----------------------------------------------------------------------------------


@pytest.fixture
def installed(
    databases: Any, filled: str, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """An environment in which a service could run; commands in this process see it."""
    for name in [name for name in os.environ if name.startswith("RISK_")]:
        monkeypatch.delenv(name)
    settings = {
        "RISK_DATABASE_URL": databases.new(copy_of=filled),
        "RISK_MODEL_DIR": str(release / "champion"),
        "RISK_PUBLIC_KEY": str(release / "keys" / "release_key.pub"),
        "RISK_AUDIT_KEY_FILE": str(tmp_path / "keys" / "audit.key"),
        "RISK_WORKER_KEY_FILE": str(tmp_path / "keys" / "worker.key"),
        "RISK_RECEIPT_KEY": str(tmp_path / "keys" / "receipt.pem"),
        "RISK_SPECIFICATION": str(REPOSITORY / "models" / "placement_risk.yaml"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return settings


def command(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(commands, words)
    return done.exit_code, done.output


def test_verify_audit_names_the_first_bad_row(
    installed: dict[str, str], make_settings: Callable[..., Settings]
) -> None:
    command("create-key", "--owner", "siskop", "--role", "placement_system")
    command("create-key", "--owner", "siskop", "--role", "placement_system")
    code, said = command("verify-audit")
    assert code == 0, said
    rows = int(re.findall(r"whole: (\d+) rows", said)[0])
    assert rows >= 2
    running = Running(make_settings(installed["RISK_DATABASE_URL"]))
    with for_writing(running.engine).begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql(
            f"DROP TRIGGER {'audit_log_no_update' if sqlite else 'audit_log_no_change ON audit_log'}"
        )
        connection.execute(update(audit_log).where(audit_log.c.seq == rows).values(role=ADMIN))
    running.close()
    code, said = command("verify-audit")
    assert code == 1
    assert f"First bad row: {rows}." in said
    assert json.loads(command("verify-audit", "--json")[1])["first_bad"] == rows


def test_what_was_backed_up_is_restored_by_command(
    installed: dict[str, str], databases: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = str(tmp_path / "kept.zip")
    code, said = command("backup", file)
    assert code == 0, said
    assert command("restore", file)[0] == 1, "the database is not empty"
    monkeypatch.setenv("RISK_DATABASE_URL", databases.new())
    code, said = command("restore", file)
    assert code == 0, said
    assert "every table counted" in said
    assert command("verify-audit")[0] == 0


def test_a_healthy_installation_has_no_fault(installed: dict[str, str]) -> None:
    now = NOW + timedelta(days=1)
    assert [check for check in examine(now) if check.state == "fault" and check.name != "clock"] == []


@pytest.mark.parametrize(
    ("variable", "value", "part", "repair"),
    [
        ("RISK_PORT", "http", "settings", "RISK_PORT"),
        ("RISK_PROT", "8001", "settings", "RISK_PORT"),
        ("RISK_DEFAULT_OFFICE", "BP3MI-NTB", "offices", "RISK_DEFAULT_OFFICE"),
        ("RISK_SPECIFICATION", "nowhere.yaml", "specification", "nowhere.yaml"),
        ("RISK_PUBLIC_KEY", "nowhere.pub", "release", "release_key.pub"),
        ("RISK_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "database", "RISK_DATABASE_URL"),
        ("RISK_DATABASE_URL", "sqlite:///{tmp}/missing/new.db", "database", "risk-service migrate"),
    ],
)
def test_the_doctor_names_what_is_broken_and_its_repair(
    installed: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
    value: str,
    part: str,
    repair: str,
) -> None:
    monkeypatch.setenv(variable, value.format(tmp=tmp_path))
    (check,) = [check for check in examine(NOW) if check.name == part and check.state != "ok"]
    assert repair in f"{check.found} {check.repair}"
    assert not (tmp_path / "missing").exists(), "who looks makes nothing"


def test_a_clock_behind_the_database_is_a_fault(installed: dict[str, str]) -> None:
    (clock,) = [check for check in examine(NOW - timedelta(hours=2)) if check.name == "clock"]
    assert clock.state == "fault"


def test_the_doctor_exits_by_what_it_found(installed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISK_DEFAULT_OFFICE", "BP3MI-NTB")
    code, said = command("doctor")
    assert (code, "FAULT offices" in said) == (1, True)
    assert {"offices", "release", "disk"} <= {check["name"] for check in json.loads(command("doctor", "--json")[1])}


# -- several workers -----------------------------------------------------------------------------------


@contextmanager
def serving(settings: dict[str, str], **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "service.main", "serve"],
        cwd=REPOSITORY,
        env={**os.environ, **settings, **more, "RISK_PORT": port},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        while "http://" not in (line := server.stdout.readline()):
            assert line, server.communicate()[1]
        yield server, f"http://127.0.0.1:{port}"
    finally:
        if server.poll() is None:
            server.kill()
        server.communicate(timeout=30)


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return str(answer.read().decode())


def test_two_workers_answer_on_one_socket_and_count_together(installed: dict[str, str]) -> None:
    many = 12
    with serving(installed, RISK_WORKERS="2") as (server, address):
        for _ in range(many):  # each on a connection of its own, so that both workers get some
            get(f"{address}/health/live")
        told = get(f"{address}/metrics")
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    assert f'risk_requests_total{{method="GET",route="/health/live",status="200"}} {many}.0' in told


def test_a_service_that_is_told_to_stop_ends_well_and_logs_json_alone(installed: dict[str, str]) -> None:
    with serving(installed) as (server, address):
        get(f"{address}/health/ready")
        server.send_signal(signal.SIGTERM)
        logged = server.communicate(timeout=60)[1].splitlines()
        assert server.returncode == 0
    assert [json.loads(line)["route"] for line in logged if '"answered"' in line] == ["/health/ready"]
    assert all(line.startswith("{") for line in logged), logged
