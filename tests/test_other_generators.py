"""Does the whole chain work, and help, on tables that our simulator did not make?"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import as_of_view, read_tables
from risk_model.evaluation.report import baselines, top
from risk_model.learning.training import train
from risk_model.placements.feature_table import feature_table
from risk_model.placements.scored_cohort import scored_cohort
from risk_model.placements.training_table import training_table
from risk_model.specification import read_specification

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))
from other_generator import END, write_other_world  # noqa: E402  tests are no package

SPECIFICATION = read_specification(REPOSITORY / "models" / "placement_risk.yaml")
SEEDS = (1, 2)


def run(*arguments: str, cwd: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "risk_model.cli", *arguments, "--json"]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def shares(folder: Path, seed: int) -> dict[str, float]:
    """How far each order goes from chance (0) to the true order (1), at 10 % capacity."""
    truth = write_other_world(folder, seed=seed)
    tables = read_tables(folder)
    trained = train(training_table(tables, SPECIFICATION, END), SPECIFICATION, random_state=0)
    cohort = feature_table(tables, SPECIFICATION, END)
    risk = truth.set_index("placement_id")["true_risk"].reindex(cohort["placement_id"]).to_numpy()
    rates = cohort.groupby(["destination", "sector"])["corridor_found_rate"].transform("mean").to_numpy(float)
    orders = baselines(cohort, random_state=0) | {
        "model": scored_cohort(cohort, trained.compiled, version="")["risk"].to_numpy(float),
        "rule": rates + 1e-9 * np.random.default_rng(0).random(len(cohort)),
    }
    n = round(0.1 * len(cohort))
    best = risk[top(risk, n)].mean() - risk.mean()
    return {name: float((risk[top(order, n)].mean() - risk.mean()) / best) for name, order in orders.items()}


def test_the_model_finds_more_true_harm_than_complaints_and_the_rule(tmp_path: Path) -> None:
    found = pd.DataFrame([shares(tmp_path / str(seed), seed) for seed in SEEDS])
    assert (found["model"] > found["complaints first"]).all()
    assert found["model"].mean() > found["rule"].mean()
    assert (found["model"] > found["random"]).all()


def test_train_and_score_cover_every_placement_of_the_cohort(tmp_path: Path) -> None:
    write_other_world(tmp_path / "data", seed=4, n=4_000)
    trained = run("train", "--data", "data", "--jobs", "1", cwd=tmp_path)
    assert trained["learned_from"] == "found"
    out = tmp_path / "scores.parquet"
    day = str(END.date())
    run("score", "--data", "data", "--as-of", day, "--out", str(out), cwd=tmp_path)
    view = as_of_view(read_tables(tmp_path / "data"), END).placements
    gone = view["returned_on"].notna() & (view["returned_on"] < END - pd.Timedelta(days=180))
    scored = pd.read_parquet(out)
    assert set(scored["placement_id"]) == set(view.loc[~gone, "placement_id"])
    assert scored["placement_id"].is_unique
    assert scored.loc[scored["supported"], ["risk", "low", "high"]].notna().all(axis=None)
    assert (scored["low"] <= scored["risk"]).all() or scored["risk"].isna().any()
    assert scored["risk"].dropna().between(0, 1).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--data", "nowhere"], "nowhere"),
        (["train", "--data", "data", "--spec", "no.yaml"], "no such specification"),
        (["train", "--table", "notes.txt", "--spec", "SPEC"], "parquet or .csv"),
        (["score", "--data", "data", "--as-of", "2025-09-01", "--out", "s.doc"], "train one first"),
        (["promote", "--data", "data", "--approver", "A"], "train one first"),
        (["rollback"], "release"),
        (["ingest", "absent.csv", "--mapping", "siskop2mi", "--out", "o"], "absent.csv"),
        (["simulate", "--out", "w", "--world", "hiden"], "hidden"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_the_repair(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    named = [
        str(REPOSITORY / "models" / "customs_kr.yaml") if argument == "SPEC" else argument for argument in arguments
    ]
    command = [sys.executable, "-m", "risk_model.cli", *named]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
