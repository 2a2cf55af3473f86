"""The documents name every route with what it needs, every permission, setting and command, as the code has them."""

import json
import re
from pathlib import Path

import pytest

from service.access import PERMISSIONS, ROLES
from service.main import app as commands
from service.settings import Settings
from tests.service.test_access import OPEN, ROUTES, SIGNED_IN

DOCS = Path(__file__).resolve().parents[2] / "docs"
DOCUMENT, OPERATIONS = ((DOCS / name).read_text(encoding="utf-8") for name in ("api.md", "operations.md"))
DESCRIPTION = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
NEEDS = {OPEN: "nothing", SIGNED_IN: "a caller"}
LONGEST = 300


def table(heading: str, document: str = DOCUMENT) -> list[str]:
    """The rows of the first table below a heading."""
    section = document[document.index(f"\n## {heading}\n") :].split("\n## ")[1]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def route_rows() -> list[str]:
    """Each route by purpose: what it needs, and the first sentence that the description says of it."""
    groups: dict[str, list[str]] = {}
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            needs = NEEDS.get(ROUTES[method.upper(), path].permission, f"`{ROUTES[method.upper(), path].permission}`")
            first = operation["description"].partition("\n")[0]
            groups.setdefault(operation["tags"][0], []).append(f"| `{method.upper()} {path}` | {needs} | {first} |")
    return [line for tag, rows in groups.items() for line in (f"| **{tag}** | | |", *rows)]


def test_every_route_stands_in_the_table_by_purpose() -> None:
    assert table("Every route") == route_rows(), "put these lines there:\n" + "\n".join(route_rows())


def test_every_permission_stands_there_with_its_roles() -> None:
    wanted = [
        f"| `{name}` | {', '.join(f'`{role}`' for role in ROLES if role in roles)} |"
        for name, roles in PERMISSIONS.items()
    ]
    assert table("Who may do what") == wanted, "put these lines there:\n" + "\n".join(wanted)


def test_every_setting_stands_there_with_its_default() -> None:
    rows = {
        found[1]: found[2]
        for line in table("Settings", OPERATIONS)
        if (found := re.match(r"\| `RISK_(\w+)` \| (.*?) \|", line))
    }
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        said = "none" if field.default is None else f"`{field.default}`"
        assert rows[name.upper()] == said, name


def test_every_command_stands_there() -> None:
    names = {command.name or command.callback.__name__ for command in commands.registered_commands if command.callback}
    assert {re.match(r"\| `risk-service ([\w-]+)", line)[1] for line in table("Commands", OPERATIONS)} == names  # type: ignore[index]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)", DOCUMENT + OPERATIONS))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (DOCS / link).exists()


def test_the_document_can_be_read_in_one_sitting() -> None:
    assert len(DOCUMENT.splitlines()) <= LONGEST
