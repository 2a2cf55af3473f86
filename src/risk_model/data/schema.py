"""What do the tables look like, and which of their rows exist at a date?

Their columns are in `table_columns`. Rows are append-only; `recorded_at` is when a fact became known to us.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow
from pandera.errors import SchemaErrors

from risk_model import vocabulary
from risk_model.data.casting import cast, nothing
from risk_model.data.cells.identifiers import mask, shown
from risk_model.data.table_columns import TABLES, Column, columns
from risk_model.errors import TableError, repair_hint

SHOWN_FAULTS = 5
"""How many faults of a table one message lists."""


@dataclass(frozen=True)
class Tables:
    """The three tables a data set consists of; every version of every row."""

    placements: pd.DataFrame
    events: pd.DataFrame
    inspections: pd.DataFrame


def _contract(name: str, declared: Mapping[str, Column]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            key: pa.Column(column.dtype, checks=_check(column), nullable=not column.required, required=True)
            for key, column in declared.items()
        },
        name=name,
    )


def _check(column: Column) -> pa.Check | None:
    allowed = sorted(vocabulary.codes(column.codes_of) if column.codes_of else column.one_of)
    if allowed:
        return pa.Check.isin(allowed, error=f"one of {', '.join(allowed[:12])}")
    if column.pattern:
        return pa.Check.str_matches(column.pattern)
    if column.lowest is None:
        return None
    if column.highest is None:
        return pa.Check.ge(column.lowest, error=f"{column.lowest} or more")
    if column.above_lowest:
        error = f"above {column.lowest} and at most {column.highest}"
        return pa.Check.in_range(column.lowest, column.highest, include_min=False, error=error)
    return pa.Check.in_range(column.lowest, column.highest)


SCHEMAS: Mapping[str, pa.DataFrameSchema] = {name: _contract(name, declared) for name, declared in TABLES.items()}
"""The contract of each table in `table_columns`."""


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` as table `name`: its columns in order, its types, nulls where a column is missing.

    Columns the contract does not know are dropped, so personal fields cannot slip in.

    Raises:
        TableError: naming column, row (counted from 0) and value of the first faults.
    """
    missing = [key for key, column in TABLES[name].items() if column.required and key not in frame]
    if missing:
        hints = "; ".join(f"{key}: {repair_hint(key, map(str, frame.columns))}" for key in missing)
        raise TableError(f"table {name} lacks the required column(s) {', '.join(missing)} ({hints})")
    rows = frame.reset_index(drop=True)
    conformed = pd.DataFrame({key: _conform_column(name, key, rows) for key in columns(name)})
    try:
        SCHEMAS[name].validate(conformed, lazy=True)
    except SchemaErrors as error:
        raise TableError(_describe(name, error.failure_cases)) from error
    return conformed


def _conform_column(name: str, key: str, frame: pd.DataFrame) -> pd.Series:
    dtype = TABLES[name][key].dtype
    if key not in frame:
        return nothing(frame.index, dtype)
    try:
        return cast(frame[key], dtype)
    except (TypeError, ValueError) as error:
        reason = mask(str(error).partition("\n")[0])
        raise TableError(f"table {name}: column {key} cannot be read as {dtype}: {reason}") from error


def _describe(name: str, faults: pd.DataFrame) -> str:
    listed = [
        f"row {fault['index']}: {fault['column']} is {shown(repr(fault['failure_case']))}, expected {fault['check']}"
        for fault in faults.head(SHOWN_FAULTS).to_dict("records")
    ]
    return f"table {name} breaks its contract in {len(faults)} place(s): " + "; ".join(listed)


def read_table(path: Path) -> pd.DataFrame:
    """Read one Parquet table and hold it to the contract its file name states.

    Raises:
        TableError: when the file is missing, is not Parquet, or breaks the contract.
    """
    if not path.exists():
        raise TableError(f"{path}: no such table; a data set is one folder with placements.parquet, made by ingest")
    try:
        frame = pd.read_parquet(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise TableError(f"{path}: not a readable Parquet file ({error}); write it again") from error
    return conform(path.stem, frame)


def read_tables(folder: Path) -> Tables:
    """Read the data set in `folder`; missing events or inspections read as empty tables."""
    if not folder.is_dir():
        raise TableError(f"{folder}: no such folder; a data set is a folder with placements.parquet")
    tables = {
        field.name: read_table(folder / f"{field.name}.parquet")
        if field.name == "placements" or (folder / f"{field.name}.parquet").exists()
        else conform(field.name, pd.DataFrame({key: [] for key in columns(field.name)}))
        for field in fields(Tables)
    }
    return Tables(**tables)


def read_truth(folder: Path) -> pd.DataFrame | None:
    """Read what the simulator knows of the data set in `folder`; None for a real one."""
    path = folder / "truth.parquet"
    return read_table(path) if path.exists() else None


def write_table(name: str, frame: pd.DataFrame, folder: Path) -> Path:
    """Write `frame` as table `name`; the file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path, partial = folder / f"{name}.parquet", folder / f".{name}.parquet.partial"
    conform(name, frame).to_parquet(partial, index=False)
    partial.replace(path)
    return path


def write_tables(tables: Tables, folder: Path) -> None:
    """Write the three tables of a data set into `folder`."""
    for field in fields(Tables):
        write_table(field.name, getattr(tables, field.name), folder)


def as_of_view(tables: Tables, as_of: pd.Timestamp) -> Tables:
    """Return what was known before `as_of`: no later row, no later version, no date still to come.

    Of several versions of a placement the one recorded last counts (at a tie, the later row).
    A departure or return dated on or after `as_of` reads as null, whenever it was recorded.
    Rows keep their order; cheapest where the placements are in order of `recorded_at`.
    """
    placements, events, inspections = (
        frame[frame["recorded_at"] < as_of] for frame in (tables.placements, tables.events, tables.inspections)
    )
    order = np.argsort(placements["recorded_at"].to_numpy(), kind="stable")
    newest = np.sort(order[~placements["placement_id"].iloc[order].duplicated(keep="last").to_numpy()])
    placements = placements.iloc[newest].reset_index(drop=True)
    to_come = {key: placements[key].where(placements[key] < as_of) for key in ("departed_on", "returned_on")}
    return Tables(placements.assign(**to_come), events, inspections)


def day_after_last_record(tables: Tables) -> pd.Timestamp:
    """Return the first midnight at which every row is known: the default `as_of` of a data set.

    Raises:
        TableError: no table holds a row.
    """
    frames = (tables.placements, tables.events, tables.inspections)
    last = [frame["recorded_at"].max() for frame in frames if len(frame)]
    if not last:
        raise TableError("the data set holds no row, so it has no date; ingest placements first")
    return pd.Timestamp(max(last)).normalize() + pd.Timedelta(days=1)
