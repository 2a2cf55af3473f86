"""Does the report judge on truth where there is one, on visits where there is none, and say which?"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from risk_model.cli import app
from risk_model.data.simulator.simulate import simulate, write
from risk_model.workflows import training

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small simulated office with a trained version; `real` is the same data without the truth."""
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        raw = yaml.safe_load((MODELS / "placement_risk.yaml").read_text(encoding="utf-8"))
        quick = raw | {"candidates": {"scorecard": {"C": [0.1]}}}
        (folder / "spec.yaml").write_text(yaml.safe_dump(quick), encoding="utf-8")
        write(simulate("hidden", reporting="rich", placements=3_000, random_state=2), folder / "data")
        shutil.copytree(folder / "data", folder / "real")
        (folder / "real" / "truth.parquet").unlink()
        training.train_on_placements(
            folder / "data", folder / "spec.yaml", as_of=None, random_state=0, progress=lambda *told: None
        )
        yield folder


def evaluated(folder: Path, *arguments: str) -> dict[str, Any]:
    told = CliRunner().invoke(app, ["evaluate", "--spec", str(folder / "spec.yaml"), "--json", *arguments])
    assert told.exit_code == 0, told.output
    return dict(json.loads(told.stdout))


def test_with_a_truth_everything_is_judged_on_true_harm(office: Path) -> None:
    judged = evaluated(office, "--data", "data", "--out", "report.html")
    assert judged["design"].startswith("simulated")
    assert {row["capacity_share"] for row in judged["comparison"]} == {0.01, 0.05, 0.1}
    assert {"ece", "slope", "predicted_over_observed", "coverage", "mean_width"} <= set(judged["calibration"])
    assert {row["trait"] for row in judged["groups"]} == {"sex", "age band", "province", "education"}
    assert {row["trait"] for row in judged["proxies"]} == {"sex", "age band", "province", "education"}
    assert all(row["later"] + row["earlier"] <= 1 for row in judged["made_later"])
    assert "Every figure on this page is simulated" in Path("report.html").read_text(encoding="utf-8")


def test_without_a_truth_visits_of_the_tests_judge(office: Path) -> None:
    judged = evaluated(office, "--data", "real", "--seed", "3")
    assert "retrospective" in judged["design"]
    assert judged["calibration"] is None
    assert "share" not in judged["comparison"][0]
    assert {"model", "two-line rule"} <= {row["order"] for row in judged["comparison"]}
    assert all(row["recall"] is None for row in judged["groups_random_arm"] if row["status"])


def test_asking_for_a_truth_that_is_not_there_is_refused(office: Path) -> None:
    told = CliRunner().invoke(app, ["evaluate", "--spec", "spec.yaml", "--data", "real", "--truth"])
    assert told.exit_code == 1
    assert "leave out --truth" in str(told.exception)
