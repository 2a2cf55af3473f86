"""Whatever is sent, the answer is one that the description of the API names, and never an error on our side."""

from collections.abc import Callable
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi import checks
from starlette.testclient import TestClient

from service.access import ADMIN, NATIONAL, PLACEMENT_SYSTEM
from service.running import Running
from service.settings import Settings

DESCRIBED = schemathesis.openapi.from_path(Path(__file__).resolve().parents[2] / "docs" / "openapi.json")
OPERATIONS = [found.ok() for found in DESCRIBED.get_all_operations() if found.ok().path.startswith("/v1/")]
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]
SIGN_IN = "/v1/sessions"
ROW_BY_ROW = "/v1/scores/batch"
"""Each row is answered in its place, a bad one by its problem, so the whole is not refused."""
EXAMPLES = 2
"""Of each operation, mode and role; benchmarks/schemathesis_run.py sends more than 20,000."""


@pytest.fixture(scope="module")
def callers(
    databases: object, filled: str, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> dict[str, TestClient]:
    """The application on a world of its own, for callers of three roles."""
    running = Running(make_settings(databases.new(copy_of=filled), caller_rate=10_000, caller_burst=10_000))
    return {role: client_of(running, role) for role in (NATIONAL, ADMIN, PLACEMENT_SYSTEM)}


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_one_that_the_description_names(
    callers: dict[str, TestClient], operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode
) -> None:
    refuses = operation.path != ROW_BY_ROW
    wanted = [check for check in CHECKS if refuses or check is not checks.negative_data_rejection]

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=HealthCheck)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        for role, client in callers.items():
            client.cookies.clear()  # known by the key alone
            asked = case.as_transport_kwargs(base_url="http://testserver")
            asked["headers"] = {**asked["headers"], "Authorization": client.headers["Authorization"]}
            answer = client.request(**{name: value for name, value in asked.items() if name != "cookies"})
            assert answer.status_code != 401 or operation.path == SIGN_IN, role
            answer.request.read()
            case.validate_response(answer, checks=wanted)

    send()
