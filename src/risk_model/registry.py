"""Where is every trained version kept, with the evidence for it?

The only module that knows MLflow. The store is a local SQLite file unless MLFLOW_TRACKING_URI names
another. Aliases follow what was decided: `challenger` is the newest trained version, `champion` the
one whose release is served.
"""

import hashlib
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import mlflow
import pandas as pd
import yaml
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from risk_model.errors import NotEnoughDataError, ReleaseError
from risk_model.scoring.model_file import read_model, write_model
from risk_model.scoring.scorer import CompiledModel
from risk_model.specification import Specification, parse_specification

if TYPE_CHECKING:  # a rollback must not wait for what only training needs
    from matplotlib.figure import Figure

    from risk_model.learning.training import TrainingResult

DEFAULT_STORE = "sqlite:///var/mlflow.db"
CHALLENGER, CHAMPION = "challenger", "champion"
VERDICT_TAG, SUMS_TAG = "gate_verdict", "sha256"
VERDICT, INPUTS = "verdict.json", "tested_inputs.parquet"
FILES = ("compiled.json", "scored.parquet", "card.json", "specification.yaml", INPUTS)
"""What a version cannot be judged without."""
LIBRARIES = ("scikit-learn", "pandas", "numpy", "mlflow", "scipy")
ANSWERED = {"risk": "double", "low": "double", "high": "double", "band": "string", "supported": "boolean"}
"""What a registered version answers, by column."""
PICTURE_DPI = 110


@dataclass(frozen=True)
class StoredVersion:
    """One registered version: the compiled model, the tested rows with every candidate's score, and its card.

    `inputs` are what the tested rows were scored from, one row per identifier and time; `verdict` is what the
    gate said of it last (nothing before it was asked). `signature` is the declared type of each input by its name
    (`double`, `string`); None where MLflow has none.
    """

    version: str
    model: CompiledModel
    scored: pd.DataFrame
    card: Mapping[str, Any]
    specification: Specification
    inputs: pd.DataFrame
    verdict: Mapping[str, Any]
    signature: Mapping[str, str] | None


@dataclass(frozen=True)
class Evidence:
    """What a training run leaves behind, ready to be stored.

    `inputs` has identifier, time and every input column of the rows training was given; `pictures` are figures by
    the name of the file they become.
    """

    specification: Specification
    result: "TrainingResult"
    card: Mapping[str, Any]
    inputs: pd.DataFrame
    pictures: Mapping[str, "Figure"] = field(default_factory=dict)


def register(evidence: Evidence) -> str:
    """Store a training run and its model; return the new version, which becomes the challenger."""
    name = evidence.specification.name
    with _store() as client, tempfile.TemporaryDirectory() as folder:
        _experiment(name)
        with mlflow.start_run(run_name=f"{name} {evidence.card['as_of']}"):
            _log_figures(evidence)
            files = _write_files(evidence, Path(folder))
            mlflow.log_artifacts(folder)
            version = _log_model(evidence, files)
            sums = _sums(Path(folder))
        client.set_registered_model_alias(name, CHALLENGER, version)
        client.set_model_version_tag(name, version, SUMS_TAG, json.dumps(sums))
        for key in ("learned_from", "data_origin", "trained_by", "data_hash"):
            client.set_model_version_tag(name, version, key, str(evidence.card[key]))
    return version


def fetch(name: str, reference: str = CHALLENGER) -> StoredVersion:
    """Return the version that `reference` (a number, `challenger` or `champion`) stands for.

    Raises:
        NotEnoughDataError: when there is no such version; the message says how to make one.
        ReleaseError: when a file is not the one that was registered.
    """
    with _store() as client, tempfile.TemporaryDirectory() as folder:
        found = _version(client, name, reference)
        here = Path(mlflow.artifacts.download_artifacts(run_id=found.run_id, dst_path=folder))
        _require_as_registered(found, here)
        verdict = here / VERDICT
        return StoredVersion(
            version=str(found.version),
            model=read_model(here / "compiled.json"),
            scored=pd.read_parquet(here / "scored.parquet"),
            card=json.loads((here / "card.json").read_text(encoding="utf-8")),
            specification=parse_specification(yaml.safe_load((here / "specification.yaml").read_text("utf-8"))),
            inputs=pd.read_parquet(here / INPUTS),
            verdict=json.loads(verdict.read_text("utf-8")) if verdict.is_file() else {},
            signature=_signature(f"models:/{name}/{found.version}"),
        )


def _signature(address: str) -> Mapping[str, str] | None:
    signature = mlflow.models.get_model_info(address).signature
    if signature is None or signature.inputs is None:
        return None
    return {str(column.name): str(column.type).removeprefix("DataType.") for column in signature.inputs.inputs}


def version_number(name: str, reference: str) -> str:
    """Return the number of the version `reference` stands for, without reading its files; errors as `fetch`."""
    with _store() as client:
        return str(_version(client, name, reference).version)


def _version(client: mlflow.MlflowClient, name: str, reference: str) -> Any:
    try:
        if reference.isdigit():
            return client.get_model_version(name, reference)
        return client.get_model_version_by_alias(name, reference)
    except MlflowException as error:
        raise NotEnoughDataError(
            f"no version '{reference}' of {name} in {_uri()}; train one first: risk-model train --data DIR"
        ) from error


def _require_as_registered(found: Any, here: Path) -> None:
    sums = json.loads(found.tags.get(SUMS_TAG, "{}"))
    present = _sums(here)
    altered = sorted(name for name in {*sums, *FILES} if name not in sums or present.get(name) != sums[name])
    if altered:
        raise ReleaseError(
            f"version {found.version}: {', '.join(altered)} not as registered (SHA-256); restore the store, or train "
            "again: risk-model train --data DIR"
        )


def _sums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file straight in `folder`, but what the gate adds later."""
    files = [path for path in folder.iterdir() if path.is_file() and path.name != VERDICT]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def store_verdict(name: str, version: str, verdict: Mapping[str, Any], *, approver: str) -> None:
    """Store the gate's verdict, with every figure, and who asked for it, with the version.

    The figures are the file `verdict.json` beside the version's others; a tag says how it ended.
    """
    with _store() as client, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / VERDICT
        file.write_text(json.dumps(verdict, indent=2, ensure_ascii=False, default=str), encoding="utf-8")
        client.log_artifact(client.get_model_version(name, version).run_id, str(file))
        client.set_model_version_tag(name, version, VERDICT_TAG, "passed" if verdict["passed"] else "refused")
        client.set_model_version_tag(name, version, "approver", approver)


def follow_release(name: str, version: str, release_id: str) -> None:
    """Point the alias `champion` at the version whose release is served."""
    with _store() as client:
        client.set_model_version_tag(name, version, "release", release_id)
        client.set_registered_model_alias(name, CHAMPION, version)


def version_of_release(name: str, release_id: str) -> str:
    """Return the version that `release_id` was made from."""
    with _store() as client:
        for version in client.search_model_versions(f"name = '{name}'"):
            if version.tags.get("release") == release_id:
                return str(version.version)
    raise NotEnoughDataError(f"no version of {name} in {_uri()} was released as {release_id}")


def _uri() -> str:
    return os.environ.get("MLFLOW_TRACKING_URI", DEFAULT_STORE)


@contextmanager
def _store() -> Iterator[mlflow.MlflowClient]:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    uri = _uri()
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(uri)
    for logger in ("mlflow", "alembic", "mlflow.store.db.utils"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # MLflow warns of its own type hints and of integer columns; the signature declares those double
        warnings.simplefilter("ignore")
        yield mlflow.MlflowClient()


def _experiment(name: str) -> None:
    uri = _uri()
    if mlflow.get_experiment_by_name(name) is None:
        beside = Path(uri.removeprefix("sqlite:///")).resolve().parent / "mlartifacts"
        mlflow.create_experiment(name, artifact_location=beside.as_uri() if uri.startswith("sqlite:///") else None)
    mlflow.set_experiment(name)


def _log_figures(evidence: Evidence) -> None:
    result, specification = evidence.result, evidence.specification
    mlflow.log_params(
        {
            "chosen": result.chosen,
            "learned_from": result.learned_from,
            "horizon_days": specification.horizon_days,
            "capacity_share": specification.capacity_share,
            **{
                key: evidence.card[key] for key in ("as_of", "data_hash", "code_version", "data_origin", "random_state")
            },
            **{f"library_{library}": installed(library) for library in LIBRARIES},
        }
    )
    for figures in result.scores.to_dict("records"):
        candidate, split = str(figures.pop("candidate")), int(figures.pop("split"))
        for key, value in figures.items():
            if isinstance(value, int | float) and pd.notna(value):
                mlflow.log_metric(_metric_name(candidate, str(key)), float(value), step=split)


def _metric_name(candidate: str, key: str) -> str:
    allowed = [letter if letter.isalnum() or letter in "._- /" else " " for letter in f"{candidate}/{key}"]
    return "".join(allowed)


def _write_files(evidence: Evidence, folder: Path) -> Path:
    result = evidence.result
    write_model(replace(result.compiled, card={**result.compiled.card, **evidence.card}), folder / "compiled.json")
    result.scored.to_parquet(folder / "scored.parquet", index=False)
    result.scores.to_csv(folder / "scores.csv", index=False)
    card = json.dumps(evidence.card, indent=2, ensure_ascii=False, default=str)
    (folder / "card.json").write_text(card, encoding="utf-8")
    raw = evidence.specification.model_dump(mode="json", exclude_none=True)
    (folder / "specification.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), "utf-8")
    _tested_inputs(evidence).to_parquet(folder / INPUTS, index=False)
    joblib.dump(result.pipeline, folder / "model.joblib")
    for name, figure in evidence.pictures.items():
        figure.savefig(folder / name, dpi=PICTURE_DPI)
    return folder / "compiled.json"


def _tested_inputs(evidence: Evidence) -> pd.DataFrame:
    """The inputs of the tested rows, one per identifier and time."""
    keys = [evidence.specification.identifier, evidence.specification.time]
    dated = evidence.inputs.assign(**{keys[1]: pd.to_datetime(evidence.inputs[keys[1]])})
    wanted = evidence.result.scored[keys].drop_duplicates()
    return wanted.merge(dated.drop_duplicates(keys), on=keys, how="left", validate="one_to_one")


def _log_model(evidence: Evidence, compiled: Path) -> str:
    columns = list(evidence.specification.input_columns)
    info = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).with_name("registered_model.py")),
        artifacts={"compiled": str(compiled)},
        signature=_declared(evidence.inputs[columns]),
        pip_requirements=[f"numpy=={installed('numpy')}", f"pandas=={installed('pandas')}"],
        registered_model_name=evidence.specification.name,
    )
    return str(info.registered_model_version)


def _declared(inputs: pd.DataFrame) -> ModelSignature:
    """Declare numbers double and everything else text: nullable integers lose the signature (MLflow #25593).

    Said, not inferred: MLflow calls a column without a value `any`.
    """
    kinds = {
        name: DataType.double
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        else DataType.string
        for name, column in inputs.items()
    }
    read = Schema([ColSpec(kind, str(name), required=False) for name, kind in kinds.items()])
    return ModelSignature(inputs=read, outputs=Schema([ColSpec(kind, name) for name, kind in ANSWERED.items()]))
