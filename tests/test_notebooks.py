"""Do the notebooks run, and does each pair say the same?"""

from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.py"))
LONGEST_RUN_SECONDS = 180


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=path.stem) for path in paths]


@pytest.mark.parametrize("script", named(NOTEBOOKS))
def test_script_and_notebook_are_the_same_cells(script: Path) -> None:
    written = [(cell.cell_type, cell.source) for cell in jupytext.read(script).cells]
    paired = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    assert [(cell.cell_type, cell.source) for cell in paired.cells] == written, "run: make notebooks"


@pytest.mark.parametrize("script", named(NOTEBOOKS))
def test_notebooks_call_the_library_and_define_nothing(script: Path) -> None:
    assert "\ndef " not in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", named(NOTEBOOKS))
def test_a_notebook_runs_from_top_to_bottom(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    client = NotebookClient(notebook, timeout=LONGEST_RUN_SECONDS, resources={"metadata": {"path": str(script.parent)}})
    client.execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
