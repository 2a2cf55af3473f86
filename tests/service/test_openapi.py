"""The description of the API: every route with examples, every reference resolved."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

DESCRIPTION = json.loads((Path(__file__).resolve().parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
]


def has_example(content: dict[str, Any]) -> bool:
    if "example" in content or "examples" in content:
        return True
    schema = content["schema"]
    options = schema.get("anyOf", [schema])
    return all("examples" in DESCRIPTION["components"]["schemas"][one["$ref"].split("/")[-1]] for one in options)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_route_shows_what_is_sent_and_what_comes_back(operation: dict[str, Any]) -> None:
    assert operation["description"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert has_example(content)
    for status, answer in operation["responses"].items():
        if status == "204":
            assert "content" not in answer
        elif status.startswith("2"):
            assert all(has_example(content) for content in answer["content"].values())
        elif "health" not in operation["tags"]:
            assert list(answer["content"]) == ["application/problem+json"]


def test_every_reference_leads_somewhere() -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DESCRIPTION)))
    assert named <= set(DESCRIPTION["components"]["schemas"])
