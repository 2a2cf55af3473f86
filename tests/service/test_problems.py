"""Errors are problem details that say where and how to repair."""

import pytest
from starlette.testclient import TestClient

from service.payloads.requests import PERSONAL_TRAITS

PLACEMENT = {
    "placement_id": "NEW-1",
    "destination": "HKG",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
}


def fault(client: TestClient, language: str = "en", **changed: object) -> dict:
    answer = client.post("/v1/scores", json={**PLACEMENT, **changed}, headers={"Accept-Language": language})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    return problem["errors"][0]


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        ({"destination": "HGK"}, "#/destination", "destination is 'HGK', not a known code; did you mean 'HKG'?"),
        ({"destination": "Hongkong"}, "#/destination", "did you mean 'HKG'?"),
        ({"position": "house maid"}, "#/position", "did you mean 'house_maid'?"),
        ({"origin": "5311"}, "#/origin", "not a known code"),
        ({"sectr": "domestic"}, "#/sectr", "is not a known field; did you mean 'sector'?"),
        ({"contract_months": "24"}, "#/contract_months", "must be a whole number"),
        ({"has_bpjs": 1}, "#/has_bpjs", "must be true or false"),
        ({"certification_level": 9}, "#/certification_level", "must be 6 or less"),
        ({"departed_on": "03/02/2026"}, "#/departed_on", "must be a date like 2026-03-31"),
        ({"fee_idr": -1}, "#/fee_idr", "must be 0 or more"),
        ({"placement_id": ""}, "#/placement_id", "must not be empty"),
        ({"a/b~c": 1}, "#/a~1b~0c", "is not a known field"),
    ],
)
def test_each_bad_field_is_named_with_its_repair(
    client: TestClient, changed: dict[str, object], pointer: str, said: str
) -> None:
    found = fault(client, **changed)
    assert found["pointer"] == pointer
    assert said in found["detail"]


def test_a_personal_trait_is_refused_because_no_model_may_read_it(client: TestClient) -> None:
    for trait in PERSONAL_TRAITS:
        found = fault(client, **{trait: "x"})
        assert found["pointer"] == f"#/{trait}"
        assert found["detail"].startswith(f"{trait} is a personal trait")


def test_a_missing_field_is_named(client: TestClient) -> None:
    answer = client.post("/v1/scores", json={"placement_id": "x"})
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "#/destination",
        "#/sector",
        "#/employer_type",
        "#/scheme",
    }


def test_the_reader_gets_indonesian_unless_english_is_asked_for(client: TestClient) -> None:
    assert fault(client, "id", destination="HGK")["detail"] == (
        "destination bernilai 'HGK', bukan kode yang dikenal; mungkin maksudnya 'HKG'?"
    )
    assert "mungkin maksudnya" in fault(client, "fr", destination="HGK")["detail"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"", b"\xff\xfe", b"null"])
def test_a_body_that_is_no_object_is_a_problem_and_no_crash(client: TestClient, body: bytes) -> None:
    answer = client.post("/v1/scores", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_another_kind_says_what_to_send(client: TestClient) -> None:
    answer = client.post("/v1/scores", content=b'{"a": 1}', headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("DELETE", "/v1/scores", 405), ("GET", "/v1/priority-lists/none", 404)],
)
def test_a_wrong_address_is_a_problem_too(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["type"].startswith("urn:placement-risk:problem:")


def test_a_bad_parameter_is_named(client: TestClient) -> None:
    answer = client.get("/v1/priority-lists?limit=0")
    assert answer.json()["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/priority-lists", "GET, POST"),
        ("OPTIONS", "/v1/users/abc", "GET, PATCH"),
        ("GET", "/v1/scores", "POST"),
        ("OPTIONS", "/v1/placements/import", "POST"),
    ],
)
def test_a_wrong_method_is_answered_with_all_that_are_right(
    client: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path, headers={"Idempotency-Key": "x"})
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"
