"""What do the tables look like, and which of their rows exist at a date?

Column meanings: dates are naive UTC `datetime64`, null means "not recorded" and never "no". Rows
are append-only; `recorded_at` is when a fact became known to us.
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
from risk_model.data.casting import DATE, FLAG, NUMBER, TEXT, WHOLE, cast, nothing
from risk_model.errors import TableError, repair_hint

EVENT_TYPES = (
    "status_change",
    "contact",
    "missed_contact",
    "complaint",
    "employer_change",
    "contract_extension",
    "certificate_verified",
    "repatriation",
    "deportation",
    "interception",
    "death",
)
ARMS = ("mandatory", "risk", "coverage", "random", "outside_list")
VISIT_OUTCOMES = ("harm_found", "no_harm_found", "not_reached", "deferred")
DATA_ORIGINS = ("simulated", "real")
HIGHEST_CERTIFICATION_LEVEL = 6
HIGHEST_SEVERITY = 3
SHOWN_FAULTS = 5
"""How many faults of a table one message lists."""


@dataclass(frozen=True)
class Tables:
    """The three tables a data set consists of; every version of every row."""

    placements: pd.DataFrame
    events: pd.DataFrame
    inspections: pd.DataFrame


def _column(dtype: str, check: pa.Check | None = None, *, required: bool = False) -> pa.Column:
    return pa.Column(dtype, checks=check, nullable=not required, required=True)


def _one_of(allowed: Mapping[str, object] | tuple[str, ...] | frozenset[str]) -> pa.Check:
    return pa.Check.isin(sorted(allowed), error=f"one of {', '.join(sorted(allowed)[:12])}")


def _at_least_zero() -> pa.Check:
    return pa.Check.ge(0, error="0 or more")


PLACEMENTS = pa.DataFrameSchema(
    {
        "placement_id": _column(TEXT, required=True),
        "worker_ref": _column(TEXT),
        "origin": _column(TEXT, pa.Check.str_matches(r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$"), required=True),
        "service_office": _column(TEXT),
        "destination": _column(TEXT, _one_of(vocabulary.codes("destinations")), required=True),
        "sector": _column(TEXT, _one_of(vocabulary.codes("sectors")), required=True),
        "position": _column(TEXT, _one_of(vocabulary.codes("positions"))),
        "employer_type": _column(TEXT, _one_of(vocabulary.codes("employer_types")), required=True),
        "scheme": _column(TEXT, _one_of(vocabulary.codes("schemes")), required=True),
        "certification_level": _column(WHOLE, pa.Check.in_range(0, HIGHEST_CERTIFICATION_LEVEL)),
        "certification_verified": _column(FLAG),
        "language_certificate": _column(FLAG),
        "agency_id": _column(TEXT),
        "overseas_agency_id": _column(TEXT),
        "employer_ref": _column(TEXT),
        "wage_monthly_idr": _column(NUMBER, _at_least_zero()),
        "fee_idr": _column(NUMBER, _at_least_zero()),
        "contract_months": _column(WHOLE, _at_least_zero()),
        "contract_signed_before_departure": _column(FLAG),
        "has_work_visa": _column(FLAG),
        "has_bpjs": _column(FLAG),
        "has_health_certificate": _column(FLAG),
        "attended_opp": _column(FLAG),
        "prior_placements": _column(WHOLE, _at_least_zero()),
        "sex": _column(TEXT),
        "birth_year": _column(WHOLE),
        "education": _column(TEXT),
        "marital_status": _column(TEXT),
        "registered_on": _column(DATE),
        "departed_on": _column(DATE),
        "contract_end_on": _column(DATE),
        "returned_on": _column(DATE),
        "recorded_at": _column(DATE, required=True),
        "data_origin": _column(TEXT, _one_of(DATA_ORIGINS), required=True),
    },
    name="placements",
)
"""One row per placement and version."""

EVENTS = pa.DataFrameSchema(
    {
        "event_id": _column(TEXT, required=True),
        "placement_id": _column(TEXT),
        "area": _column(TEXT),
        "type": _column(TEXT, _one_of(EVENT_TYPES), required=True),
        "category": _column(TEXT),  # ingest maps to codes; a code of another system is no reason to refuse a table
        "procedural": _column(FLAG),
        "occurred_at": _column(DATE),
        "recorded_at": _column(DATE, required=True),
        "source": _column(TEXT),
        "data_origin": _column(TEXT, _one_of(DATA_ORIGINS), required=True),
    },
    name="events",
)
"""One row per thing that happened to a placement or in an area."""

INSPECTIONS = pa.DataFrameSchema(
    {
        "inspection_id": _column(TEXT, required=True),
        "placement_id": _column(TEXT),
        "agency_id": _column(TEXT),
        "area": _column(TEXT),
        "list_id": _column(TEXT),
        "arm": _column(TEXT, _one_of(ARMS), required=True),
        "inclusion_probability": _column(
            NUMBER, pa.Check.in_range(0, 1, include_min=False, error="above 0 and at most 1")
        ),
        "visited_at": _column(DATE, required=True),
        "outcome": _column(TEXT, _one_of(VISIT_OUTCOMES), required=True),
        "category": _column(TEXT),
        "severity": _column(WHOLE, pa.Check.in_range(0, HIGHEST_SEVERITY)),
        "inspector_ref": _column(TEXT),
        "recorded_at": _column(DATE, required=True),
        "data_origin": _column(TEXT, _one_of(DATA_ORIGINS), required=True),
    },
    name="inspections",
)
"""One row per visit; `inclusion_probability` is null where no list with known probabilities led to it."""

TRUTH = pa.DataFrameSchema(
    {
        "placement_id": _column(TEXT, required=True),
        "as_of": _column(DATE, required=True),
        "true_risk": _column(NUMBER, pa.Check.in_range(0, 1), required=True),
        "harm": _column(FLAG, required=True),
        "harm_at": _column(DATE),
        "category": _column(TEXT),
        "severity": _column(WHOLE),
    },
    name="truth",
)
"""What only a simulator knows; read by evaluation alone."""

SCHEMAS: Mapping[str, pa.DataFrameSchema] = {
    schema.name: schema for schema in (PLACEMENTS, EVENTS, INSPECTIONS, TRUTH) if schema.name is not None
}


def columns(name: str) -> list[str]:
    """Return the columns of table `name` in the order they are written."""
    return list(SCHEMAS[name].columns)


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` as table `name`: its columns in order, its types, nulls where a column is missing.

    Columns the contract does not know are dropped, so personal fields cannot slip in.

    Raises:
        TableError: naming column, row (counted from 0) and value of the first faults.
    """
    schema = SCHEMAS[name]
    missing = [key for key, column in schema.columns.items() if not column.nullable and key not in frame]
    if missing:
        hints = "; ".join(f"{key}: {repair_hint(key, map(str, frame.columns))}" for key in missing)
        raise TableError(f"table {name} lacks the required column(s) {', '.join(missing)} ({hints})")
    rows = frame.reset_index(drop=True)
    conformed = pd.DataFrame({key: _conform_column(name, key, rows) for key in schema.columns})
    try:
        schema.validate(conformed, lazy=True)
    except SchemaErrors as error:
        raise TableError(_describe(name, error.failure_cases)) from error
    return conformed


def _conform_column(name: str, key: str, frame: pd.DataFrame) -> pd.Series:
    dtype = _dtype_of(SCHEMAS[name].columns[key])
    if key not in frame:
        return nothing(frame.index, dtype)
    try:
        return cast(frame[key], dtype)
    except (TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise TableError(f"table {name}: column {key} cannot be read as {dtype}: {reason}") from error


def _dtype_of(column: pa.Column) -> str:
    declared = str(column.dtype)  # pandera tells neither how strings are stored nor a date's unit
    return {"string": TEXT, "datetime64": DATE}.get(declared.partition("[")[0], declared)


def _describe(name: str, faults: pd.DataFrame) -> str:
    shown = [
        f"row {fault['index']}: {fault['column']} is {fault['failure_case']!r}, expected {fault['check']}"
        for fault in faults.head(SHOWN_FAULTS).to_dict("records")
    ]
    return f"table {name} breaks its contract in {len(faults)} place(s): " + "; ".join(shown)


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
