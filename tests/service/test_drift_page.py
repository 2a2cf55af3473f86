"""The page of drift shows what the command kept last, in both languages, and says what to run where nothing is kept."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from starlette.testclient import TestClient

from risk_model.data.simulator.simulate import simulate
from risk_model.placements.published_rule import published_rule
from risk_model.scoring.release import DRIFT_FILE
from risk_model.specification import read_specification
from risk_model.workflows import drift as drifting
from service.access import ANALYST
from service.running import Running
from service.settings import Settings

ClientOf = Callable[..., TestClient]
REPOSITORY = Path(__file__).resolve().parents[2]
MADE = datetime(2026, 1, 10, 8, tzinfo=UTC)
GROUP = {"trait": "sex", "group": "female", "cases": 31, "gap_before": 0.04, "gap": -0.12, "low": -0.2, "high": -0.04}


@pytest.fixture(scope="session")
def found() -> dict[str, Any]:
    """What the command finds in a small simulated world."""
    tables = simulate("hidden", reporting="rich", placements=3_000, random_state=4).tables
    trained, now = pd.Timestamp("2025-05-01"), pd.Timestamp("2025-10-01")
    specification = read_specification(REPOSITORY / "models" / "placement_risk.yaml")
    made = drifting.compare(
        tables, specification, published_rule(), trained=trained, now=now, progress=lambda done, total, text: None
    )
    return {"model_version": "placement-risk-1", **made}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where releases lie; the command keeps its result here."""
    monkeypatch.setattr(drifting, "RELEASES", tmp_path)
    return tmp_path


@pytest.fixture
def reader(
    running: Running, make_settings: Callable[..., Settings], client_of: ClientOf, folder: Path
) -> Iterator[TestClient]:
    url = running.engine.url.render_as_string(hide_password=False)
    own = Running(make_settings(url, model_dir=folder))
    yield client_of(own, ANALYST)
    own.close()


def shown(reader: TestClient, language: str = "en") -> str:
    answer = reader.get(f"/drift?lang={language}")
    assert answer.status_code == 200
    return answer.text


def line(page: str, name: str) -> str:
    found = re.search(rf'scope="row">{re.escape(name)}</th>.*?</tr>', page, re.DOTALL)
    assert found is not None, name
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def test_before_anybody_looked_the_page_says_what_to_run(reader: TestClient) -> None:
    assert "No figures yet. Run: <code>risk-model drift" in shown(reader)
    assert "Belum ada angka. Jalankan: <code>risk-model drift" in shown(reader, "id")


def test_what_the_command_keeps_is_what_the_page_shows(reader: TestClient, found: dict[str, Any], folder: Path) -> None:
    assert drifting.keep(found, MADE) == folder / DRIFT_FILE
    page = shown(reader)
    risk = next(row for row in found["fields"] if row["field"] == "risk")
    assert f"{risk['psi']:.2f}" in line(page, "Estimated risk")
    bets = found["alarm_on_outcomes"][0]
    assert f"{bets['made']} {bets['evidence']:.1f} 25 steady" in line(page, "All that were drawn")
    assert page.count('<rect class="') >= len(found["fields"]) + 2, "each field and each alarm has its picture"
    assert "Oct 2025" in page
    assert "10 Jan 2026" in page
    assert "Expected AUC" in page
    assert "AUC yang diharapkan" in shown(reader, "id")


def test_simulated_figures_say_so(reader: TestClient, found: dict[str, Any]) -> None:
    drifting.keep(found, MADE)
    assert "Figures from simulated data." in shown(reader)
    drifting.keep({**found, "data_origin": "real"}, MADE)
    assert "Figures from simulated data." not in shown(reader)


def test_figures_about_another_version_than_the_one_that_answers_say_so(
    reader: TestClient, found: dict[str, Any]
) -> None:
    drifting.keep(found, MADE)  # the folder holds no release, so the published rule answers
    assert "These figures are about placement-risk-1, while" in shown(reader)
    drifting.keep({**found, "model_version": "published_rule"}, MADE)
    assert "These figures are about" not in shown(reader)


def test_a_group_shows_its_gap_with_interval_and_a_small_one_no_count(
    reader: TestClient, found: dict[str, Any]
) -> None:
    small = {**GROUP, "group": "male", "cases": 7, "gap_before": None, "gap": None, "low": None, "high": None}
    groups = [{**GROUP, "status": "changed side"}, {**small, "status": "not enough data"}]
    drifting.keep({**found, "groups_by_chance": groups}, MADE)
    page = shown(reader)
    assert line(page, "Sex: women").endswith("31 4 −12 points (−20 to −4) changed side")
    assert line(page, "Sex: men").endswith("fewer than 10 – – not enough data")


def test_a_part_names_its_corridor_and_its_direction(reader: TestClient, found: dict[str, Any]) -> None:
    seen = {"visits": 12, "found": 5, "allowed": 3.4, "evidence": 7.5, "needed": 210, "alarm": False}
    drifting.keep({**found, "alarm_streams": [{"stream": "TWN-fishing", "direction": "worse", **seen}]}, MADE)
    assert line(shown(reader), "Taiwan · Fishing: more found").endswith("12 5 3.4 7.5 210 steady")


def test_an_alarm_is_drawn_full_and_named(reader: TestClient, found: dict[str, Any]) -> None:
    raised = {"visits": "random arm", "made": 90, "evidence": 31.0, "needed": 25, "alarm": True, "in_round": 4}
    drifting.keep({**found, "alarm_on_outcomes": [raised]}, MADE)
    page = shown(reader)
    assert line(page, "Random alone").endswith("90 31.0 25 alarm")
    assert '<rect class="raises" x="0.0" width="100.0"' in page


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"fields": 1}', "\x00"])
def test_a_damaged_result_breaks_nothing_and_says_what_to_run(reader: TestClient, folder: Path, content: str) -> None:
    (folder / DRIFT_FILE).write_text(content)
    assert "cannot be read. Run again:" in shown(reader)


def test_names_from_the_file_are_text_and_no_markup(reader: TestClient, found: dict[str, Any], folder: Path) -> None:
    fields = [{**found["fields"][0], "field": "<script>alert(1)</script>"}]
    (folder / DRIFT_FILE).write_text(json.dumps({"made_at": MADE.isoformat(), **found, "fields": fields}))
    assert "<script>alert" not in shown(reader)


def test_the_page_stands_in_the_menu_of_who_may_read_it(client_as: ClientOf) -> None:
    assert 'href="/drift"' in client_as("national").get("/releases").text
    assert 'href="/drift"' not in client_as("supervisor", "BP3MI-NTT").get("/supervision").text
    assert client_as("supervisor", "BP3MI-NTT").get("/drift").status_code == 403
