"""A simulated world as the service would have been told of it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Table, insert

from risk_model.data.schema import Tables
from service.storage.engine import for_writing
from service.tables.happenings import events, inspections, placement_versions, placement_workers
from service.tables.register import imports

ROWS_AT_ONCE = 5000


def tell(engine: Engine, tables: Tables, *, as_of: datetime) -> None:
    """Write every version, event and visit, and one import as of `as_of`."""
    with for_writing(engine).begin() as connection:
        write(connection, placement_versions, tables.placements.assign(import_id=1))
        write(connection, events, tables.events.assign(source="simulated", import_id=1))
        write(connection, inspections, tables.inspections.assign(import_id=1))
        known = tables.placements[["placement_id", "worker_ref"]].dropna().drop_duplicates("placement_id")
        write(connection, placement_workers, known)
        connection.execute(insert(imports), import_row(as_of))


def import_row(as_of: datetime) -> dict[str, Any]:
    """Return an import that brought nothing but its date."""
    return {
        "as_of": as_of,
        "imported_at": as_of,
        "source": "test",
        "placements": 0,
        "model_version": "none",
        "data_origin": "simulated",
        "snapshot": '{"as_of": "NaT", "values": {}}',
        "events_seq": 0,
        "inspections_seq": 0,
    }


def write(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert the columns of `frame` that `table` has."""
    names = [column.name for column in table.c if column.name in frame]
    dates = {column.name for column in table.c if str(column.type) == "DATE"}
    columns = [plain(frame[name], as_date=name in dates) for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(table), rows[start : start + ROWS_AT_ONCE])


def plain(values: pd.Series, *, as_date: bool) -> Iterable[Any]:
    """Return plain Python values, null as None."""
    if values.dtype.kind == "M":
        values = values.dt.date if as_date else pd.Series(values.dt.to_pydatetime(), dtype=object)
    nulls: Collection[bool] = values.isna().tolist()
    return [None if null else value for null, value in zip(nulls, values.tolist(), strict=True)]
