"""What does a version, or the release in use, say about every placement of a date, or every row of a table?"""

from pathlib import Path
from typing import Any

import pandas as pd

from risk_model import registry
from risk_model.data.database import read_data
from risk_model.errors import InputError, ReleaseError
from risk_model.placements.feature_table import feature_table
from risk_model.placements.scored_cohort import scored_cohort
from risk_model.result_files import write_frame
from risk_model.scoring import release
from risk_model.scoring.scorer import BANDS, INSUFFICIENT_DATA, CompiledModel
from risk_model.scoring.signing_keys import load_or_create_keys
from risk_model.specification import read_specification
from risk_model.workflows.any_table import read_dated_table, scored_table
from risk_model.workflows.data_files import KEYS, RELEASES


def load_model(reference: str | None, specification_file: Path) -> tuple[CompiledModel, str]:
    """Return a model and its name: the released one for `champion`, else the registered version.

    None stands for the newest trained version.

    Raises:
        ReleaseError: there is no release, or it is of another specification.
    """
    name = read_specification(specification_file).name
    if reference == registry.CHAMPION:
        folder = release.current_release(RELEASES)
        model = release.read_release(folder, public_key=load_or_create_keys(KEYS).public)
        learnt = model.card.get("specification", name)
        if learnt != name:
            raise ReleaseError(
                f"the release in use is of {learnt}, not of {name}; give its specification, or a version number"
            )
        return model, folder.name
    stored = registry.fetch(name, reference or registry.CHALLENGER)
    return stored.model, f"{stored.specification.name}-{stored.version}"


def score(data: Path, as_of: pd.Timestamp, *, reference: str | None, specification_file: Path) -> pd.DataFrame:
    """Score every placement in the cohort at `as_of`, one row each."""
    model, version = load_model(reference, specification_file)
    cohort = feature_table(read_data(data), read_specification(specification_file), as_of)
    return scored_cohort(cohort, model, version=version)


def score_to_file(
    data: Path, as_of: pd.Timestamp | None, out: Path, *, reference: str | None, specification_file: Path
) -> dict[str, Any]:
    """Score the cohort of `as_of`, or every row of a table known before it, and write the scores to `out`.

    Args:
        data: the folder of a data set, or the file of a table (Parquet or CSV; it needs no outcome).
        as_of: the date; a table may go without one, then all its rows are scored.
        out: Parquet or CSV file.
        reference: version number, `challenger` or `champion`; None: the newest trained.
        specification_file: of the model.

    Raises:
        InputError: a data set without a date.
    """
    if data.is_file():
        specification = read_specification(specification_file)
        model, version = load_model(reference, specification_file)
        table = read_dated_table(data, specification)
        known = table if as_of is None else table[table[specification.time] < as_of].reset_index(drop=True)
        scored = scored_table(known, model, specification, version=version)
    elif as_of is None:
        raise InputError(f"{data}: a data set is scored at a date; give --as-of YYYY-MM-DD")
    else:
        scored = score(data, as_of, reference=reference, specification_file=specification_file)
    write_frame(scored, out)
    counts = scored["band"].value_counts()
    unit = "rows" if data.is_file() else "placements"
    bands = [{"band": band, unit: int(counts[band])} for band in (*BANDS, INSUFFICIENT_DATA) if band in counts]
    return {
        "scored": len(scored),
        "file": str(out),
        "model_version": scored["model_version"].iloc[0] if len(scored) else None,
        "data_origin": scored["data_origin"].iloc[0] if len(scored) else None,
        "bands": bands,
    }
