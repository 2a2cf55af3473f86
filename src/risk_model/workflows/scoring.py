"""What does a version, or the release in use, say about every placement of a date?"""

from pathlib import Path
from typing import Any

import pandas as pd

from risk_model import registry
from risk_model.data import schema
from risk_model.placements.feature_table import feature_table
from risk_model.placements.scored_cohort import scored_cohort
from risk_model.result_files import write_frame
from risk_model.scoring import release
from risk_model.scoring.scorer import BANDS, INSUFFICIENT_DATA, CompiledModel
from risk_model.scoring.signing_keys import load_or_create_keys
from risk_model.specification import read_specification
from risk_model.workflows.data_files import KEYS, RELEASES


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
