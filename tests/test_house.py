"""Does every file keep the limits of the house?"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
MODULES = sorted(
    path for root in ("src", "service") for path in (REPOSITORY / root).rglob("*.py") if "versions" not in path.parts
)
LONGEST_MODULE, LONGEST_BODY, MOST_ARGUMENTS = 300, 40, 5
SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa|pragma)")


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(REPOSITORY))) for path in paths]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", named(MODULES))
def test_a_module_is_short_and_says_which_question_it_answers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "__init__.py":
        assert text.strip() == "", f"{path}: package __init__ files stay empty"
        return
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(ast.parse(text)), f"{path}: open the module with the question it answers"


@pytest.mark.parametrize("path", named(MODULES))
def test_functions_are_short_and_take_few_arguments(path: Path) -> None:
    for function in functions(path):
        where = f"{path.name}:{function.lineno} {function.name}"
        assert body_lines(function) <= LONGEST_BODY, f"{where} has a body of {body_lines(function)} lines"
        positional = [a.arg for a in function.args.posonlyargs + function.args.args if a.arg not in ("self", "cls")]
        assert len(positional) <= MOST_ARGUMENTS, f"{where} takes {len(positional)} positional arguments"


@pytest.mark.parametrize("path", named(MODULES))
def test_every_public_name_is_documented(path: Path) -> None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}:{node.lineno} {node.name} has no docstring"


def test_suppressions_are_rare() -> None:
    lines = [line for path in MODULES for line in path.read_text(encoding="utf-8").splitlines()]
    suppressions = sum(bool(SUPPRESSION.search(line)) for line in lines)
    assert suppressions <= 3 * len(lines) / 1000 + 1


def test_no_tracked_file_names_a_registry_host_or_a_machine_path() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    index_line = re.compile(r"--(extra-)?index-url|files\.pythonhosted|pypi\.org/simple|registry\.npmjs")
    machine_path = re.compile(r"[\"' (=](/root|/home|/Users)/[a-z]")
    for name in tracked.splitlines():
        path = REPOSITORY / name
        if not path.is_file() or path == Path(__file__) or path.suffix in (".png", ".xlsx", ".parquet"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not index_line.search(text), f"{name} names a package registry"
        assert not machine_path.search(text), f"{name} names a path of one machine"


def test_documents_that_everybody_needs_are_there_and_the_readme_is_short() -> None:
    for name in (
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/decisions.md",
        "docs/evidence.md",
        "docs/glossary.md",
    ):
        assert (REPOSITORY / name).is_file(), f"{name} is missing"
    assert len((REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()) < 100


def test_the_lock_names_hashes_and_no_host() -> None:
    for lock in (REPOSITORY / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
