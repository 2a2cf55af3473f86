"""Does docs/simulator.md state every parameter with the value the code has?"""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SIMULATOR = REPOSITORY / "src" / "risk_model" / "data" / "simulator"
MODULES = [
    *(SIMULATOR / name for name in ("worlds.py", "reporting.py", "register.py", "visiting.py", "area_events.py")),
    *(path for path in sorted((SIMULATOR / "latent").glob("*.py")) if path.name != "__init__.py"),
]
LONGEST_SHOWN = 120
"""Longer values are tables; they stand in the module, not on the page."""


def parameters(path: Path) -> dict[str, str]:
    source = path.read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            value = re.sub(r"\s+", " ", ast.get_source_segment(source, node.value) or "")
            found[node.target.id] = re.sub(r"^MappingProxyType\(\s*(.*?)\s*\)$", r"\1", value)
    return {name: value for name, value in found.items() if name.isupper() and not value.startswith('"')}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in MODULES])
def test_every_parameter_stands_on_the_page_with_its_value(path: Path) -> None:
    page = (REPOSITORY / "docs" / "simulator.md").read_text(encoding="utf-8")
    names_only = {"OUTCOMES", "ARMS", "GRAVE"}

    for name, value in parameters(path).items():
        if name in names_only:
            continue
        shown = f"`{value}`".replace("|", "\\|") if len(value) <= LONGEST_SHOWN else "table in the module"
        assert f"| `{name}` | {shown} |" in page, f"{path.name}: {name} is {shown}; write it into docs/simulator.md"
