"""Can the parties of a placement learn why it has its score, and nothing that tells who complained?"""

import math
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from service.running import Running
from service.tables.keeping import audit_log
from service.tables.register import placements

COMPLAINED, QUIET = "0001", "0000"


def explanation(client: TestClient, placement_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/placements/{placement_id}/explanation")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_staff_read_every_input_and_terms_that_add_up_to_the_score(client: TestClient) -> None:
    told = explanation(client, COMPLAINED)
    log_odds = told["intercept"] + sum(reason["weight"] for reason in told["reasons"])
    found = 1 / (1 + math.exp(-log_odds))
    assert told["risk"] == pytest.approx(min(1.0, found / 0.92))
    inputs = {each["name"]: each["value"] for each in told["inputs"]}
    assert inputs == {
        "destination": "HKG",
        "sector": "domestic",
        "certification_level": 3,
        "certification_verified": False,
        "placement_complaints": 1.0,
    }
    assert told["withheld"] == []
    assert (told["model_version"], told["data_origin"]) == ("placement-risk-1", "simulated")
    assert "refusal" in told["permitted_use"]["never"]


def test_a_system_reads_its_own_records_without_what_tells_who_complained(
    running: Running, client_of: Callable[..., TestClient]
) -> None:
    with running.engine.begin() as connection:
        connection.execute(
            update(placements).where(placements.c.placement_id == COMPLAINED).values(registered_by="p3mi-a")
        )
    system = client_of(running, "placement_system", owner="p3mi-a")
    told = explanation(system, COMPLAINED)
    assert [each["name"] for each in told["withheld"]] == ["placement_complaints"]
    assert "placement_complaints" not in {reason["feature"] for reason in told["reasons"]}
    assert {each["name"] for each in told["inputs"]} >= {"destination"}
    assert [told[name] for name in ("risk", "low", "high", "intercept")] == [None] * 4
    assert told["model_version"] == "placement-risk-1"
    assert system.get(f"/v1/placements/{QUIET}/explanation").status_code == 404
    other = client_of(running, "placement_system", owner="p3mi-b")
    assert other.get(f"/v1/placements/{COMPLAINED}/explanation").status_code == 404


def test_a_placement_of_another_office_is_as_one_that_does_not_exist(
    running: Running, client_of: Callable[..., TestClient]
) -> None:
    ntt = client_of(running, "inspector", "BP3MI-NTT")
    assert explanation(ntt, QUIET)["placement_id"] == QUIET
    for name in ("0002", "nobody"):
        answer = ntt.get(f"/v1/placements/{name}/explanation")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:placement-risk:problem:no_such_placement")


def test_without_support_there_are_terms_and_no_number(client: TestClient) -> None:
    told = explanation(client, "0060")
    assert (told["supported"], told["risk"], told["band"]) == (False, None, "insufficient_data")


def test_reading_an_explanation_is_audited(running: Running, own_client: TestClient) -> None:
    explanation(own_client, QUIET)
    with running.engine.connect() as connection:
        query = select(audit_log.c.object).where(audit_log.c.action == "placement.explained")
        assert connection.execute(query).scalars().all() == [QUIET]


@pytest.mark.parametrize("role", ["analyst", "admin"])
def test_roles_that_see_no_placement_read_no_explanation(
    running: Running, client_of: Callable[..., TestClient], role: str
) -> None:
    assert client_of(running, role).get(f"/v1/placements/{QUIET}/explanation").status_code == 403
