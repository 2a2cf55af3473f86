"""What does a service's database hold, as the three tables of a data set?

The visits, events and placements that a service recorded flow back to learning, to the estimate of
prevalence and to segments through here.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Engine, TextClause, bindparam, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from risk_model.data.schema import Tables, conform, read_tables
from risk_model.data.states import STATE_EVENTS, state_of
from risk_model.data.table_columns import TABLES, columns
from risk_model.errors import TableError

Row = Mapping[str, Any]

KINDS: Final = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")
NOT_KEPT: Final = frozenset({"sex", "birth_year", "education", "marital_status"})
"""Personal traits; no service keeps them."""
FROM: Final = {
    "placements": (
        "placement_versions LEFT JOIN placement_workers USING (placement_id) ORDER BY recorded_at, version_id"
    ),
    "events": "events ORDER BY seq",
    "inspections": "inspections WHERE replaced_by IS NULL ORDER BY seq",
}
"""A visit that was corrected is left out: the row that corrects it stands for it, from when that was recorded."""
WORKER: Final = "worker_ref"
ROWS_AT_ONCE: Final = 5000
"""Rows that become columns at a time: held all at once, a million rows cost more than their values."""
STORED_AS: Final = {"inspector_ref": "inspector"}
CHANGED_BY_EVENTS: Final = "import_id IS NULL AND placement_id IS NOT NULL AND type IN :types"
"""Events of an import change nothing: the import says itself how things stand."""
CHANGING: Final = text(f"SELECT * FROM events WHERE {CHANGED_BY_EVENTS}").bindparams(  # noqa: S608  constants
    bindparam("types", expanding=True)
)
DRAWN_FROM: Final = text(
    "SELECT list_id, office, placement_id FROM list_probabilities JOIN lists USING (list_id) WHERE unit = 'placement'"
)
VERSIONS_CHANGED: Final = text(
    "SELECT * FROM placement_versions WHERE placement_id IN "  # noqa: S608  constants
    f"(SELECT placement_id FROM events WHERE {CHANGED_BY_EVENTS}) ORDER BY version_id"
).bindparams(bindparam("types", expanding=True))


def read_data(data: Path) -> Tables:
    """Return the tables of a data set: a folder, or a service's database named by its address.

    Raises:
        TableError: neither holds readable tables.
    """
    address = address_of(data)
    return read_tables(data) if address is None else read_database_tables(address)


def address_of(data: Path) -> str | None:
    """Return the address of a database that came as a path, which has lost its repeated slashes; None: a folder.

    >>> address_of(Path("postgresql://risk@db/risk")), address_of(Path("var/data"))
    ('postgresql://risk@db/risk', None)
    """
    kind, colon, rest = data.as_posix().partition(":/")
    if not colon or kind not in KINDS:
        return None
    if kind == "sqlite":
        return f"sqlite:///{rest}" if Path(rest).exists() else f"sqlite:////{rest}"
    return f"{kind}://{rest}"


def is_database(source: str) -> bool:
    """Return whether `source` is the address of a database and not a folder.

    >>> is_database("sqlite:///var/service.db"), is_database("var/data")
    (True, False)
    """
    return source.partition("://")[0] in KINDS and "://" in source


def read_database_tables(source: Engine | str, *, needed: Collection[str] | None = None) -> Tables:
    """Return all versions, events and visits of a service's database, read at one moment.

    Where a system told of events that change a placement, each of them makes a version: the placement
    as it was known from then on. Personal traits are null, for a service keeps none; notes are not read.

    Args:
        source: an engine, or the address of a database as `RISK_DATABASE_URL` has it.
        needed: columns to read beyond those that are never null, to save time; the others are null. Default: all.

    Raises:
        TableError: the database does not answer, or holds no such tables.
    """
    read = {name: _columns(name, needed) for name in FROM}
    with _engine(source) as engine:
        try:
            with engine.connect() as connection:
                _at_one_moment(connection)
                tables = {name: _table(connection, name, read[name]) for name in FROM}
                folded = _folded(connection, [name for name in read["placements"] if name != WORKER])
        except DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            shown = engine.url.render_as_string(hide_password=True)
            raise TableError(f"{shown}: {reason}; name the service's database, and run: risk-service migrate") from None
    return Tables(_with_folded(tables["placements"], folded), tables["events"], tables["inspections"])


def read_frames(source: Engine | str) -> pd.DataFrame:
    """Return from which placements each list of placements of a service was drawn: list_id, office (null: all), id.

    Raises:
        TableError: the database does not answer, or holds no such tables.
    """
    with _engine(source) as engine, engine.connect() as connection:
        try:
            rows = connection.execute(DRAWN_FROM).all()
        except DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise TableError(f"{engine.url.render_as_string()}: {reason}; run: risk-service migrate") from None
    return pd.DataFrame(rows, columns=["list_id", "office", "placement_id"], dtype=object)


def _columns(name: str, needed: Collection[str] | None) -> list[str]:
    required = {key for key, column in TABLES[name].items() if column.required}
    return [
        key for key in columns(name) if key not in NOT_KEPT and (needed is None or key in required or key in needed)
    ]


def _table(connection: Connection, name: str, names: Sequence[str]) -> pd.DataFrame:
    wanted = ", ".join(STORED_AS.get(key, key) for key in names)
    values: list[list[Any]] = [[] for _ in names]
    rows = connection.execute(text(f"SELECT {wanted} FROM {FROM[name]}"))  # noqa: S608  names of the contract
    for part in rows.partitions(ROWS_AT_ONCE):
        for column, told in zip(values, zip(*part, strict=True), strict=True):
            column.extend(told)
    series = {key: pd.Series(column, dtype=object) for key, column in zip(names, values, strict=True)}
    return conform(name, pd.DataFrame(series))


def _folded(connection: Connection, names: Sequence[str]) -> pd.DataFrame | None:
    """Return the columns `names` of every placement that events changed, as it was known over time; None: no such."""
    told, versions = (_by_placement(connection, query) for query in (CHANGING, VERSIONS_CHANGED))
    made = [
        [_text(state[key]) for key in names]
        for placement_id, known in versions.items()
        for state in _known_over_time(known, told[placement_id])
    ]
    return conform("placements", pd.DataFrame(made, columns=list(names), dtype=object)) if made else None


def _with_folded(stored: pd.DataFrame, folded: pd.DataFrame | None) -> pd.DataFrame:
    if folded is None:
        return stored
    workers = stored.drop_duplicates("placement_id").set_index("placement_id")[WORKER]
    known = folded.assign(**{WORKER: workers.reindex(folded["placement_id"]).array})
    others = stored[~stored["placement_id"].isin(folded["placement_id"])]
    return pd.concat([others, known]).sort_values("recorded_at", kind="stable", ignore_index=True)


def _known_over_time(versions: Sequence[Row], told: Sequence[Row]) -> Iterator[Row]:
    """Yield the placement as it was known from each moment on at which something was recorded of it."""
    for moment in sorted({row["recorded_at"] for row in (*versions, *told)}):
        known = [row for row in versions if row["recorded_at"] <= moment]
        if known:
            state = state_of(known, [event for event in told if event["recorded_at"] <= moment])
            yield {**state, "recorded_at": moment}


def _by_placement(connection: Connection, query: TextClause) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in connection.execute(query, {"types": sorted(STATE_EVENTS)}).mappings():
        found.setdefault(str(row["placement_id"]), []).append(_read(dict(row)))
    return found


def _read(values: dict[str, Any]) -> Row:
    """Return a row with its instants and its JSON read; SQLite keeps both as text."""
    for name in ("recorded_at", "occurred_at"):
        if isinstance(values.get(name), str):
            values[name] = datetime.fromisoformat(values[name])
    if isinstance(values.get("data"), str):
        values["data"] = json.loads(values["data"])
    return values


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _at_one_moment(connection: Connection) -> None:
    """Let all queries see the same state; SQLite does so within any transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")  # the driver of SQLite begins none for queries


@contextmanager
def _engine(source: Engine | str) -> Iterator[Engine]:
    if isinstance(source, Engine):
        yield source
        return
    kind, _, rest = source.partition("://")
    try:
        engine = create_engine(make_url(f"postgresql+psycopg://{rest}" if kind.startswith("postgres") else source))
    except ArgumentError:
        raise TableError(f"{source!r} is no address of a database; write sqlite:///file or postgresql://…") from None
    if kind == "sqlite":
        event.listen(engine, "begin", _begin)
    try:
        yield engine
    finally:
        engine.dispose()
