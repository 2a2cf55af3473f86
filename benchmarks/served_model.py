"""Which model stands behind all servers, and which rows are they asked about?

The release that the service answers with, and the registered version it was made from, as MLflow loads it.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import mlflow
import pandas as pd
from sklearn.pipeline import Pipeline

from benchmarks.live_service import LiveService
from benchmarks.sitting import REPOSITORY, Asked
from risk_model import registry
from risk_model.scoring.release import current_release
from risk_model.specification import read_specification
from service.payloads.requests import PlacementIn

SPECIFICATION = REPOSITORY / "models" / "placement_risk.yaml"
MOST_ROWS = 2000
"""Different rows that are sent in turn."""
PLACEMENTS, FEW_PLACEMENTS = 60_000, 6_000


@dataclass(frozen=True)
class ServedModel:
    """A registered version on disk: `folder` as MLflow logged it, the fitted `pipeline`, and tested rows.

    `rows` are inputs in the types the signature declares; `numeric` names those declared double.
    """

    folder: Path
    pipeline: Path
    rows: Sequence[dict[str, Any]]
    numeric: tuple[str, ...]


def stored_version(asked: Asked) -> tuple[registry.StoredVersion, Pipeline]:
    """Return the registered version of the release in use, and the pipeline as it was fitted."""
    os.environ["MLFLOW_TRACKING_URI"] = asked.store
    name = read_specification(SPECIFICATION).name
    stored = registry.fetch(name, registry.version_of_release(name, current_release(asked.model_dir).name))
    run = mlflow.MlflowClient().get_model_version(name, stored.version).run_id
    with tempfile.TemporaryDirectory() as folder:
        return stored, joblib.load(_pipeline(run, Path(folder)))


def _pipeline(run: str | None, folder: Path) -> Path:
    return Path(mlflow.artifacts.download_artifacts(run_id=run, artifact_path="model.joblib", dst_path=str(folder)))


@cache
def registered_model(asked: Asked) -> ServedModel:
    """Copy the registered version of the release in use into the sitting's folder."""
    folder = Path(_folder().name)
    stored, pipeline = stored_version(asked)
    joblib.dump(pipeline, folder / "model.joblib")
    address = f"models:/{stored.specification.name}/{stored.version}"
    logged = mlflow.artifacts.download_artifacts(address, dst_path=str(folder / "registered"))
    signature = stored.signature or {}
    numeric = tuple(column for column, kind in signature.items() if kind == "double")
    inputs = stored.inputs[list(signature)]
    return ServedModel(Path(logged), folder / "model.joblib", _declared(inputs, numeric), numeric)


def _declared(inputs: pd.DataFrame, numeric: Sequence[str]) -> list[dict[str, Any]]:
    """Rows as the signature wants them: numbers as floats, yes and no as text, nothing as null."""
    kinds = dict.fromkeys(numeric, "float64")
    texts = {name: inputs[name].map(_text, na_action="ignore") for name in inputs.columns if name not in numeric}
    rows: list[dict[str, Any]] = json.loads(inputs.assign(**texts).astype(kinds).to_json(orient="records"))
    return rows


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """The sitting's own folder; it goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="risk-sitting-")


@cache
def prepared_service(asked: Asked) -> tuple[LiveService, dict[str, str]]:
    """Return a service with a register of its own, not yet started, and its keys by name; all parts share it."""
    limits = {"caller_rate": 1e9, "caller_burst": 10**9}  # a benchmark is one caller; systems are many
    folder = Path(_folder().name) / "service"
    folder.mkdir()
    service = LiveService(folder, model_dir=asked.model_dir, public_key=asked.public_key, workers=1, **limits)
    if asked.data is not None:
        (folder / "data").symlink_to(asked.data.resolve())
    return service, service.prepare(placements=FEW_PLACEMENTS if asked.quick else PLACEMENTS)


def placement_rows(service: LiveService) -> list[dict[str, Any]]:
    """Return placements of the register as a system sends them: what is not recorded is left away."""
    data = pd.read_parquet(service.folder / "data" / "placements.parquet").drop_duplicates("placement_id", keep="last")
    known = data[[name for name in data.columns if name in PlacementIn.model_fields]].tail(MOST_ROWS)
    dates = {name: known[name].dt.strftime("%Y-%m-%d") for name in known.columns if name.endswith("_on")}
    rows = json.loads(known.assign(**dates).to_json(orient="records"))
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
