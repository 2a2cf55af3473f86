"""What does each command do, from files to files?

Every function reads what it needs from disk, calls the parts that know how, writes whole files or
none, and returns plain data that the command line prints.
"""

import getpass
import hashlib
import subprocess
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pandas as pd

from risk_model import registry
from risk_model.data import schema
from risk_model.errors import NotEnoughDataError, UnreadableFileError
from risk_model.evaluation import gate, report
from risk_model.learning.training import TrainingResult, train
from risk_model.placements.feature_table import feature_table
from risk_model.placements.published_rule import published_rule
from risk_model.placements.scored_cohort import scored_cohort
from risk_model.placements.training_table import training_table
from risk_model.prioritisation.mandatory import mandatory_placements
from risk_model.prioritisation.priority_list import ListRequest, priority_list
from risk_model.prioritisation.units import eligible_placements, recent_visits
from risk_model.result_files import write_frame
from risk_model.scoring import release
from risk_model.scoring.scorer import BANDS, INSUFFICIENT_DATA, CompiledModel
from risk_model.scoring.signing_keys import load_or_create_keys
from risk_model.specification import Specification, read_specification

Progress = Callable[[int, int, str], None]

DEFAULT_SPECIFICATION = Path("models/placement_risk.yaml")
RELEASES = Path("models/champion")
KEYS = Path("var/keys")
READ_CHUNK = 1 << 20


def train_on_placements(
    data: Path,
    specification_file: Path,
    *,
    as_of: pd.Timestamp | None,
    random_state: int,
    jobs: int,
    progress: Progress,
) -> dict[str, Any]:
    """Train on the data set in `data` as it was known before `as_of`, and register the version."""
    specification = read_specification(specification_file)
    tables = schema.read_tables(data)
    date = as_of if as_of is not None else schema.day_after_last_record(tables)
    table = training_table(tables, specification, date, progress=progress)
    result = train(table, specification, random_state=random_state, jobs=jobs, progress=progress)
    origin = "simulated" if (tables.placements["data_origin"] == "simulated").any() else "real"
    card = _card(specification, result, as_of=str(date.date()), files=_files(data), origin=origin)
    return _registered(specification, result, {**card, "random_state": random_state}, table)


def train_on_table(
    file: Path, specification_file: Path, *, random_state: int, jobs: int, progress: Progress
) -> dict[str, Any]:
    """Train on any dated table with an outcome, as its specification says, and register the version."""
    specification = read_specification(specification_file)
    table = _read_any_table(file)
    result = train(table, specification, random_state=random_state, jobs=jobs, progress=progress)
    card = _card(specification, result, as_of=str(table[specification.time].max()), files=[file], origin="real")
    return _registered(specification, result, {**card, "random_state": random_state}, table)


def _registered(
    specification: Specification, result: TrainingResult, card: dict[str, Any], table: pd.DataFrame
) -> dict[str, Any]:
    inputs = table.reindex(columns=list(specification.input_columns))
    version = registry.register(registry.Evidence(specification, result, card, inputs))
    return {
        "version": version,
        "chosen": result.chosen,
        "learned_from": result.learned_from,
        "data_origin": card["data_origin"],
        "candidates": [_line_of(row) for row in result.summary.to_dict("records")],
        "note": f"precision: share with harm found among the {specification.capacity_share:.0%} visited first, mean of "
        f"{result.scores['split'].nunique()} rolling tests, with its 90 % interval; 'by …' orders need no model",
    }


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


def promote(
    reference: str, data: Path, *, approver: str, specification_file: Path, created_at: datetime
) -> dict[str, Any]:
    """Hold a version against the gate; when it passes, publish its release and then move the alias.

    Raises:
        GateRefusedError: naming each failed check; the release in use stays in use.
    """
    name = read_specification(specification_file).name
    stored = registry.fetch(name, reference)
    verdict = gate.judge(
        stored.scored, specification=stored.specification, card=stored.card, data_hash=data_hash(_files(data))
    )
    registry.store_verdict(name, stored.version, verdict.as_dict(), approver=approver)
    verdict.require()
    release_id = f"{name}-{stored.version}-{created_at:%Y%m%dT%H%M%S}"
    key = load_or_create_keys(KEYS).private
    release.write_release(stored.model, RELEASES, private_key=key, release_id=release_id, created_at=created_at)
    registry.follow_release(name, stored.version, release_id)
    return {
        "version": stored.version,
        "release": release_id,
        "approver": approver,
        "passed": verdict.passed,
        "checks": verdict.as_dict()["checks"],
    }


def roll_back(specification_file: Path) -> dict[str, Any]:
    """Serve the previous release again, and let the alias follow it."""
    name = read_specification(specification_file).name
    restored = release.roll_back(RELEASES, public_key=load_or_create_keys(KEYS).public).name
    registry.follow_release(name, registry.version_of_release(name, restored), restored)
    return {"release": restored}


def load_model(reference: str | None, specification_file: Path) -> tuple[CompiledModel, str]:
    """Return a model and its name: the released one for `champion`, else the registered version.

    None stands for the newest trained version.
    """
    if reference == registry.CHAMPION:
        folder = release.current_release(RELEASES)
        return release.read_release(folder, public_key=load_or_create_keys(KEYS).public), folder.name
    stored = registry.fetch(read_specification(specification_file).name, reference or registry.CHALLENGER)
    return stored.model, f"{stored.specification.name}-{stored.version}"


def score(data: Path, as_of: pd.Timestamp, *, reference: str | None, specification_file: Path) -> pd.DataFrame:
    """Score every placement in the cohort at `as_of`, one row each."""
    model, version = load_model(reference, specification_file)
    cohort = feature_table(schema.read_tables(data), read_specification(specification_file), as_of)
    return scored_cohort(cohort, model, version=version)


def score_to_file(
    data: Path, as_of: pd.Timestamp, out: Path, *, reference: str | None, specification_file: Path
) -> dict[str, Any]:
    """Score the cohort and write the scores to `out`, Parquet or CSV."""
    scored = score(data, as_of, reference=reference, specification_file=specification_file)
    write_frame(scored, out)
    counts = scored["band"].value_counts()
    bands = [{"band": band, "placements": int(counts[band])} for band in (*BANDS, INSUFFICIENT_DATA) if band in counts]
    return {
        "scored": len(scored),
        "file": str(out),
        "model_version": scored["model_version"].iloc[0] if len(scored) else None,
        "data_origin": scored["data_origin"].iloc[0] if len(scored) else None,
        "bands": bands,
    }


def list_to_file(
    data: Path, request: ListRequest, *, out: Path | None, reference: str | None, specification_file: Path
) -> dict[str, Any]:
    """Draw a priority list; with `out` write its rows there and every eligible probability beside it."""
    scores = score(data, request.as_of, reference=reference, specification_file=specification_file)
    view = schema.as_of_view(schema.read_tables(data), request.as_of)
    drawn = priority_list(
        eligible_placements(scores, view.placements),
        request,
        visits=recent_visits(view, request.as_of),
        mandatory=mandatory_placements(view, request.as_of),
    )
    if out is not None:
        write_frame(drawn.rows, out)
        write_frame(drawn.all_probabilities, out.with_name(f"{out.stem}.probabilities{out.suffix}"))
    shown = ["rank", "unit_id", "arm", "inclusion_probability", "band", "stage", "area", "corridor"]
    return {
        "list_id": drawn.list_id,
        "eligible": drawn.eligible,
        "file": str(out) if out else None,
        "notices": [{"notice": notice.text_en} for notice in drawn.notices],
        "rows": drawn.rows[shown].to_dict("records"),
    }


def evaluation(
    data: Path, *, as_of: pd.Timestamp | None, reference: str | None, specification_file: Path, random_state: int
) -> dict[str, Any]:
    """Compare the model's order with the baselines on simulated true harm at `as_of`.

    Raises:
        NotEnoughDataError: when `data` has no truth table, as real data never has.
    """
    truth = schema.read_truth(data)
    if truth is None:
        raise NotEnoughDataError(f"{data} has no truth.parquet; only simulated data has, real data is judged on visits")
    date = as_of if as_of is not None else pd.Timestamp(truth["as_of"].max())
    cohort = feature_table(schema.read_tables(data), read_specification(specification_file), date)
    model, version = load_model(reference, specification_file)
    orders = report.baselines(cohort, random_state=random_state)
    orders["published rule"] = scored_cohort(cohort, published_rule(), version="")["risk"].to_numpy(float)
    orders["model"] = scored_cohort(cohort, model, version=version)["risk"].to_numpy(float)
    compared = report.judge_on_truth(orders, cohort, truth, as_of=date)
    return {
        "model_version": version,
        "as_of": str(date.date()),
        "data_origin": "simulated",
        "cohort": len(cohort),
        "comparison": compared.to_dict("records"),
    }


def data_hash(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and bytes of `files`."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            while chunk := stream.read(READ_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _files(data: Path) -> list[Path]:
    return sorted(path for path in data.glob("*.parquet") if path.stem in ("placements", "events", "inspections"))


def _card(
    specification: Specification, result: TrainingResult, *, as_of: str, files: list[Path], origin: str
) -> dict[str, Any]:
    return {
        "specification": specification.name,
        "as_of": as_of,
        "data_hash": data_hash(files),
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


def _read_any_table(file: Path) -> pd.DataFrame:
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise UnreadableFileError(f"{file}: a table is read from .parquet or .csv; convert it first")
    try:
        return reader(file)
    except FileNotFoundError:
        raise UnreadableFileError(f"{file}: no such file") from None
    except (ValueError, OSError) as error:
        raise UnreadableFileError(f"{file}: not a readable {file.suffix} file ({error})") from error
