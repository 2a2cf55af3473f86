"""How does a data set, or any table with an outcome, become a registered version?"""

import getpass
import subprocess
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pandas as pd

from risk_model import registry
from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.evaluation import plots
from risk_model.evaluation.windows import windows_of_tests
from risk_model.learning.training import TrainingResult, train
from risk_model.placements.training_table import training_table
from risk_model.specification import Specification, read_specification
from risk_model.workflows.any_table import read_dated_table
from risk_model.workflows.data_files import digest_of
from risk_model.workflows.spreading import HERE, Where, joblib_over

Progress = Callable[[int, int, str], None]


def train_on_placements(
    data: Path,
    specification_file: Path,
    *,
    as_of: pd.Timestamp | None,
    random_state: int,
    where: Where = HERE,
    progress: Progress,
) -> dict[str, Any]:
    """Train on the data set in `data` as it was known before `as_of`, and register the version.

    Candidates are fitted in processes here, or on the machines of a cluster.
    """
    specification = read_specification(specification_file)
    tables = read_data(data)
    date = as_of if as_of is not None else schema.day_after_last_record(tables)
    table = training_table(tables, specification, date, progress=progress)
    with joblib_over(where):
        result = train(table, specification, random_state=random_state, jobs=where.jobs, progress=progress)
    origin = "simulated" if (tables.placements["data_origin"] == "simulated").any() else "real"
    card = _card(specification, result, as_of=str(date.date()), data=data, origin=origin)
    return _registered(specification, result, {**card, "random_state": random_state}, table)


def train_on_table(
    file: Path, specification_file: Path, *, random_state: int, where: Where = HERE, progress: Progress
) -> dict[str, Any]:
    """Train on any dated table with an outcome, as its specification says, and register the version."""
    specification = read_specification(specification_file)
    table = read_dated_table(file, specification)
    with joblib_over(where):
        result = train(table, specification, random_state=random_state, jobs=where.jobs, progress=progress)
    card = _card(
        specification,
        result,
        as_of=str(table[specification.time].max()),
        data=file,
        origin=specification.data_origin,
    )
    return _registered(specification, result, {**card, "random_state": random_state}, table)


def _registered(
    specification: Specification, result: TrainingResult, card: dict[str, Any], table: pd.DataFrame
) -> dict[str, Any]:
    named = (specification.identifier, specification.time, *specification.input_columns)
    inputs = table.reindex(columns=list(dict.fromkeys(named)))
    outcome = specification.outcome
    column = outcome.column if result.learned_from == "found" else str(outcome.reported)
    card = {**card, "tests": windows_of_tests(table, specification, result.scored, column=column)}
    pictures = {
        "precision_by_split.png": plots.precision_by_split(result.scores),
        "calibration.png": plots.calibration(result.scored, "chosen"),
    }
    version = registry.register(registry.Evidence(specification, result, card, inputs, pictures))
    return {
        "version": version,
        "chosen": result.chosen,
        "learned_from": result.learned_from,
        "data_origin": card["data_origin"],
        "candidates": [_line_of(row) for row in result.summary.to_dict("records")],
        "note": f"precision: share with harm found among the {specification.capacity_share:.0%} visited first, "
        f"{_tests(specification, result)}, with its 90 % interval; 'by …' orders need no model",
    }


def _tests(specification: Specification, result: TrainingResult) -> str:
    if specification.splits.column is not None:
        return "on the published test (the candidate was chosen on training rows)"
    return f"mean of {result.scores['split'].nunique()} rolling tests"


def _line_of(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return one candidate's means as a line that fits a terminal."""
    return {
        "candidate": row["candidate"],
        "kept": row["kept"],
        "precision": row["precision_at_capacity"],
        "interval": f"{row['low']:.2f}–{row['high']:.2f}",
        "AUC": row["auc"],
        "Brier": row["brier"],
        "log loss": row["log_loss"],
        "ECE": row["ece"],
    }


def _card(
    specification: Specification, result: TrainingResult, *, as_of: str, data: Path, origin: str
) -> dict[str, Any]:
    return {
        "specification": specification.name,
        "as_of": as_of,
        "data_hash": digest_of(data),
        "data_origin": origin,
        "learned_from": result.learned_from,
        "chosen": result.chosen,
        "trained_by": getpass.getuser(),
        "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": _code_version(),
    }


def _code_version() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=Path(__file__).parent
    )
    return f"{installed('pmi-placement-risk')}+{commit.stdout.strip() or 'unknown'}"
