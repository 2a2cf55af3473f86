"""What does a version, or the release in use, say about every placement of a date, or every row of a table?"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from risk_model.data.database import read_data
from risk_model.errors import InputError, ReleaseError
from risk_model.frame_files import write_frame
from risk_model.placements.feature_table import feature_table
from risk_model.placements.scored_cohort import origin_of, scored_cohort
from risk_model.scoring import release
from risk_model.scoring.scorer import ALL_BANDS, CompiledModel
from risk_model.scoring.signing_keys import load_or_create_keys
from risk_model.specification import read_specification
from risk_model.workflows.any_table import read_dated_table, scored_table
from risk_model.workflows.data_files import KEYS, RELEASES
from risk_model.workflows.parquet_scoring import Progress, score_parquet
from risk_model.workflows.row_batches import Rows
from risk_model.workflows.spreading import Where, spread_over

CHAMPION: Final = "champion"
"""The word for the release in use, as in the registry."""

COHORT_GROUP: Final = 50_000
"""Placements of a cohort that a cluster scores at a time."""


def load_model(reference: str | None, specification_file: Path) -> tuple[CompiledModel, str]:
    """Return a model and its name: the released one for `champion`, else the registered version.

    None stands for the newest trained version.

    Raises:
        ReleaseError: there is no release, or it is of another specification.
    """
    name = read_specification(specification_file).name
    if reference == CHAMPION:
        folder = release.current_release(RELEASES)
        model = release.read_release(folder, public_key=load_or_create_keys(KEYS).public)
        learnt = model.card.get("specification", name)
        if learnt != name:
            raise ReleaseError(
                f"the release in use is of {learnt}, not of {name}; give its specification, or a version number"
            )
        return model, folder.name
    from risk_model import registry  # noqa: PLC0415  mlflow: seconds and 150 MB that the release in use does without

    stored = registry.fetch(name, reference or registry.CHALLENGER)
    return stored.model, f"{stored.specification.name}-{stored.version}"


def score(data: Path, as_of: pd.Timestamp, *, reference: str | None, specification_file: Path) -> pd.DataFrame:
    """Score every placement in the cohort at `as_of`, one row each."""
    model, version = load_model(reference, specification_file)
    cohort = feature_table(read_data(data), read_specification(specification_file), as_of)
    return scored_cohort(cohort, model, version=version)


def score_to_file(
    data: Path,
    as_of: pd.Timestamp | None,
    out: Path,
    *,
    reference: str | None,
    specification_file: Path,
    where: Where,
    progress: Progress,
) -> dict[str, Any]:
    """Score the cohort of `as_of`, or every row of a table known before it, and write the scores to `out`.

    Args:
        data: the folder of a data set, the file of a table (Parquet or CSV; it needs no outcome), or a folder of
            Parquet files that are one table.
        as_of: the date; a table may go without one, then all its rows are scored.
        out: Parquet or CSV file; of a Parquet table also a folder to be, then of one Parquet file per row group.
        reference: version number, `challenger` or `champion`; None: the newest trained.
        specification_file: of the model.
        where: the processes and machines a Parquet table is spread over.
        progress: called with (done, total, text).

    Raises:
        InputError: a data set without a date.
    """
    specification = read_specification(specification_file)
    model, version = load_model(reference, specification_file)
    is_table = data.is_file() or _is_folder_of_a_table(data)
    rows = Rows(model, version, specification, as_of)
    if is_table and data.suffix.lower() in ("", ".parquet") and out.suffix.lower() != ".csv":
        with spread_over(where) as spread:
            bands = score_parquet(rows, data, out, spread=spread, progress=progress)
    elif is_table:
        bands = _score_in_memory(read_dated_table(data, specification), rows, out)
    elif as_of is None:
        raise InputError(f"{data}: a data set is scored at a date; give --as-of YYYY-MM-DD")
    else:
        cohort = feature_table(read_data(data), specification, as_of)
        if where.engine == "dask":
            bands = _score_on_cluster(cohort, rows, out, where, progress)
        else:
            bands = _written(scored_cohort(cohort, model, version=version), out)
    unit = "rows" if is_table else "placements"
    return {
        "scored": sum(bands.values()),
        "file": str(out),
        "model_version": version,
        "data_origin": origin_of(model),
        "bands": [{"band": band, unit: bands[band]} for band in ALL_BANDS if band in bands],
    }


def _is_folder_of_a_table(data: Path) -> bool:
    return data.is_dir() and not (data / "placements.parquet").exists() and any(data.glob("*.parquet"))


def _score_in_memory(table: pd.DataFrame, rows: Rows, out: Path) -> Counter[str]:
    known = table if rows.as_of is None else table[table[rows.specification.time] < rows.as_of].reset_index(drop=True)
    return _written(scored_table(known, rows.model, rows.specification, version=rows.version), out)


def _written(scored: pd.DataFrame, out: Path) -> Counter[str]:
    write_frame(scored, out)
    return Counter(scored["band"].tolist())


def _score_on_cluster(cohort: pd.DataFrame, rows: Rows, out: Path, where: Where, progress: Progress) -> Counter[str]:
    """Let a cluster score features that were counted here, from the whole history; it reads them beside `out`."""
    inputs = out.with_name(f".{out.name}.inputs.parquet")
    inputs.parent.mkdir(parents=True, exist_ok=True)
    cohort.to_parquet(inputs, index=False, row_group_size=COHORT_GROUP)
    try:
        with spread_over(where) as spread:
            # the features are already those of the date
            of_cohort = replace(rows, as_of=None, kept=("stage",))
            return score_parquet(of_cohort, inputs, out, spread=spread, progress=progress)
    finally:
        inputs.unlink()
