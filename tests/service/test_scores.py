"""POST /v1/scores: one placement in, one score out."""

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.payloads import examples
from service.payloads.requests import PlacementIn
from service.running import Running
from service.storage.register import find_placements, scored_placements

JSON = {"Content-Type": "application/json"}
PLACEMENT = {
    "placement_id": "NEW-1",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "data_origin": "simulated",
}


def score(client: TestClient, **changed: object) -> dict:
    answer = client.post("/v1/scores", json={**PLACEMENT, **changed})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_score_says_what_it_is_for_and_how_long_it_holds(client: TestClient) -> None:
    answer = score(client)
    assert answer["low"] < answer["risk"] < answer["high"]
    assert answer["supported"] is True
    assert "refusal" in answer["permitted_use"]["never"]
    assert answer["model_version"] == "placement-risk-1"
    assert answer["data_origin"] == "simulated"
    assert datetime.fromisoformat(answer["valid_until"]) > datetime.fromisoformat(answer["as_of"])


def test_reasons_come_in_both_languages_with_a_direction(client: TestClient) -> None:
    first = score(client)["reasons"][0]
    assert first["feature"] == "destination"
    assert first["direction"] == "raises"
    assert first["text_id"].startswith("Negara tujuan: Malaysia")
    assert first["text_en"].startswith("Destination: Malaysia")


def test_without_support_there_is_no_number_and_a_person_decides(client: TestClient) -> None:
    answer = score(client, destination="FJI")
    assert (answer["risk"], answer["low"], answer["high"]) == (None, None, None)
    assert answer["band"] == "insufficient_data"
    assert "an officer judges" in answer["notice_en"]


def test_a_certificate_counts_only_when_it_is_verified(client: TestClient) -> None:
    bare, claimed, verified = (
        score(client),
        score(client, certification_level=6),
        score(client, certification_level=6, certification_verified=True),
    )
    assert claimed["risk"] == bare["risk"]
    assert verified["risk"] < bare["risk"]


@pytest.mark.parametrize(
    ("dates", "stage"),
    [
        ({}, "before"),
        ({"departed_on": "2025-06-01"}, "during"),
        ({"departed_on": "2099-06-01"}, "before"),
        ({"departed_on": "2025-06-01", "returned_on": "2025-12-01"}, "after"),
    ],
)
def test_the_stage_follows_the_dates(client: TestClient, dates: dict[str, str], stage: str) -> None:
    assert score(client, **dates)["stage"] == stage


def test_what_belongs_to_the_person_changes_no_score(client: TestClient) -> None:
    plain = score(client)
    assert score(client, origin="53.11", service_office="BP3MI-NTT", worker_ref="abc")["risk"] == plain["risk"]


def test_the_live_score_of_a_stored_placement_is_its_batch_score(client: TestClient, shared_running: Running) -> None:
    stored = scored_placements(shared_running.engine, None, ("placement_id", "risk", "band", "stage"))
    rows = find_placements(shared_running.engine, [row[0] for row in stored])
    known = PlacementIn.model_fields
    for placement_id, risk, band, stage in stored:
        row = {
            name: str(value) if name.endswith("_on") and value else value for name, value in rows[placement_id].items()
        }
        sent = {name: value for name, value in row.items() if name in known}
        answer = client.post("/v1/scores?as_of=2026-01-01", json=sent).json()
        expected = None if risk is None else pytest.approx(risk, rel=1e-9)
        assert (answer["risk"], answer["band"], answer["stage"]) == (expected, band, stage)


def test_a_date_before_the_histories_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/scores?as_of=2025-06-01", json=PLACEMENT)
    assert answer.status_code == 422
    assert "2026-01-01 or later" in answer.json()["detail"]


def test_the_example_of_the_description_is_answered(client: TestClient) -> None:
    assert client.post("/v1/scores", json=examples.PLACEMENT).status_code == 200


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@settings(deadline=None, max_examples=60)
@given(body=st.dictionaries(st.sampled_from(sorted(PlacementIn.model_fields)), VALUES))
def test_whatever_is_sent_the_answer_is_a_score_or_a_problem(client: TestClient, body: dict[str, object]) -> None:
    answer = client.post("/v1/scores", content=json.dumps({**PLACEMENT, **body}), headers=JSON)
    assert answer.status_code in (200, 422)
