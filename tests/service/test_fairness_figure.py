"""What supervision says of groups: the gate's figures, then those of chance visits, and never fair without data."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from risk_model.result_files import write_json
from risk_model.scoring.release import DRIFT_FILE, write_release
from risk_model.scoring.signing_keys import load_or_create_keys
from service.access import NATIONAL
from service.running import Running
from service.settings import Settings

MADE = datetime(2026, 1, 10, 8, tzinfo=UTC)
ORDER = {"name": "lift over the rule", "figure": 1.7, "limit": 1.0, "passed": True}
RECALL = {"name": "recall by group over the rule", "figure": "sex female: +0.02", "limit": 0.0, "passed": True}
MEASURED = [
    {"trait": "sex", "group": "male", "gain": 0.11, "low": 0.02, "high": 0.2},
    {"trait": "age_band", "group": "under 25", "gain": 0.2, "low": 0.1, "high": 0.3},
    {"trait": "education", "group": "primary", "gain": 0.05, "low": -0.04, "high": 0.14},
    {"trait": "province", "group": "53", "gain": 0.3, "low": 0.1, "high": 0.5},
    {"trait": "sex", "group": "female", "gain": -0.05, "low": -0.12, "high": 0.02},
]
WOMEN = {"trait": "sex", "group": "female", "cases": 31, "gap_before": 0.04, "gap": -0.12, "low": -0.2, "high": -0.04}
FEW = {"trait": "sex", "group": "male", "cases": 7, "gap_before": None, "gap": None, "low": None, "high": None}
GROUPS = [{**WOMEN, "status": "changed side"}, {**FEW, "status": "not enough data"}]
DRIFT: dict[str, Any] = {
    "made_at": MADE.isoformat(),
    "model_version": "placement-risk-1",
    "trained_as_of": "2025-05-01",
    "as_of": "2025-10-01",
    "data_origin": "simulated",
    "severity": "alarm",
    "fields": [],
    "corridors": [],
    "performance_without_outcomes": [],
    "alarm_on_outcomes": [],
    "alarm_streams": [],
    "groups_by_chance": GROUPS,
}


@pytest.fixture
def served_from(
    running: Running, make_settings: Callable[..., Settings], tmp_path: Path
) -> Iterator[Callable[..., Running]]:
    """Gives a service whose release carries these checks of the gate, as a promotion writes them."""
    opened = []

    def serve(*checks: dict[str, Any]) -> Running:
        keys, folder = load_or_create_keys(tmp_path / "keys"), tmp_path / "champion"
        model = running.served.model
        told = replace(model, card={**model.card, "gate": {"passed": True, "checks": list(checks)}})
        write_release(told, folder, private_key=keys.private, release_id="placement-risk-1-x", created_at=MADE)
        url = running.engine.url.render_as_string(hide_password=False)
        opened.append(Running(make_settings(url, model_dir=folder, public_key=tmp_path / "keys" / "release_key.pub")))
        return opened[-1]

    yield serve
    for one in opened:
        one.close()


def said(client: TestClient, language: str = "en") -> str:
    page = client.get(f"/supervision?lang={language}").text
    heading = {"en": "Fairness between groups", "id": "Keadilan antar kelompok"}[language]
    figure = page[page.index(heading) :].partition("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", figure)).split())


def test_the_gates_figures_by_group_are_shown_as_the_release_carries_them(
    served_from: Callable[..., Running], client_of: Callable[..., TestClient]
) -> None:
    figure = said(client_of(served_from(ORDER, RECALL), NATIONAL))
    assert "passed Measured before the release came into use" in figure
    assert "recall by group over the rule sex female: +0.02" in figure
    assert "lift" not in figure


@pytest.mark.parametrize("age", ["under 25", "45 and over"])
def test_ages_are_told_in_indonesian(
    served_from: Callable[..., Running], client_of: Callable[..., TestClient], age: str
) -> None:
    measured = {"trait": "age_band", "group": age, "gain": 0.1, "low": 0.0, "high": 0.2}
    indonesian = said(client_of(served_from({**RECALL, "groups": [measured]}), NATIONAL), "id")
    assert "Umur: " in indonesian
    assert age not in indonesian


def test_the_groups_that_gained_least_are_told_in_the_readers_language(
    served_from: Callable[..., Running], client_of: Callable[..., TestClient]
) -> None:
    client = client_of(served_from({**RECALL, "groups": MEASURED}), NATIONAL)
    indonesian, english = said(client, "id"), said(client)
    women, primary, men = (indonesian.index(name) for name in ("perempuan", "SD", "laki-laki"))
    assert women < primary < men
    assert "Jenis kelamin: perempuan, dibanding aturan dua baris −5 poin (−12 sampai 2)" in indonesian
    assert "terendah dari 5 kelompok" in indonesian
    assert "recall" not in indonesian
    assert "Sex: women, against the two-line rule −5 points (−12 to 2)" in english
    assert "Nusa Tenggara" not in english


@pytest.mark.parametrize(("language", "rule"), [("id", "aturan dua baris"), ("en", "two-line rule")])
def test_a_release_measured_against_the_one_before_speaks_of_no_rule(
    served_from: Callable[..., Running], client_of: Callable[..., TestClient], language: str, rule: str
) -> None:
    measured = {**RECALL, "name": "recall by group over the champion", "groups": MEASURED}
    assert rule not in said(client_of(served_from(measured), NATIONAL), language)


def test_a_group_that_fell_is_not_passed(
    served_from: Callable[..., Running], client_of: Callable[..., TestClient]
) -> None:
    assert "groups failed" in said(client_of(served_from({**RECALL, "passed": False}), NATIONAL))


def test_chance_visits_since_training_stand_beside_them_with_intervals_and_date(
    served_from: Callable[..., Running], client_of: Callable[..., TestClient]
) -> None:
    running = served_from(RECALL)
    write_json(DRIFT, running.settings.model_dir / DRIFT_FILE)
    figure = said(client_of(running, NATIONAL))
    assert "Sex: women −12 points (−20 to −4), changed side" in figure
    assert "until 1 Oct 2025" in figure
    assert "Groups without enough data: 1; that does not mean fair." in figure
    assert "men " not in figure.replace("women ", ""), "a group of seven shows no count"
    assert "Figures from simulated data." in figure
    assert "Jenis kelamin: perempuan −12 poin" in said(client_of(running, NATIONAL), "id")


@pytest.mark.parametrize("kept", [None, "{}"], ids=["nothing", "damaged"])
def test_without_figures_it_says_what_to_run_and_nothing_is_called_fair(
    served_from: Callable[..., Running], client_of: Callable[..., TestClient], kept: str | None
) -> None:
    running = served_from(ORDER)
    if kept is not None:
        (running.settings.model_dir / DRIFT_FILE).write_text(kept)
    figure = said(client_of(running, NATIONAL))
    assert "Not enough data The release in use carries no figures by group." in figure
    assert "risk-model promote" in figure
    assert "Run: risk-model drift --data" in figure
