"""What does a service's database hold, as the three tables of a data set?

The visits, events and placements that a service recorded flow back to learning, to the estimate of
prevalence and to segments through here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from risk_model.data.schema import Tables, columns, conform
from risk_model.data.states import STATE_EVENTS, state_of
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
STORED_AS: Final = {"inspector_ref": "inspector"}
CHANGED_BY_EVENTS: Final = "import_id IS NULL AND placement_id IS NOT NULL AND type IN :types"
"""Events of an import change nothing: the import says itself how things stand."""
CHANGING: Final = text(f"SELECT * FROM events WHERE {CHANGED_BY_EVENTS}").bindparams(  # noqa: S608  constants
    bindparam("types", expanding=True)
)
VERSIONS_CHANGED: Final = text(
    "SELECT * FROM placement_versions WHERE placement_id IN "  # noqa: S608  constants
    f"(SELECT placement_id FROM events WHERE {CHANGED_BY_EVENTS}) ORDER BY version_id"
).bindparams(bindparam("types", expanding=True))


def is_database(source: str) -> bool:
    """Return whether `source` is the address of a database and not a folder.

    >>> is_database("sqlite:///var/service.db"), is_database("var/data")
    (True, False)
    """
    return source.partition("://")[0] in KINDS and "://" in source


def read_database_tables(source: Engine | str) -> Tables:
    """Return all versions, events and visits of a service's database, read at one moment.

    Where a system told of events that change a placement, each of them makes a version: the placement
    as it was known from then on. Personal traits are null, for a service keeps none; notes are not read.

    Args:
        source: an engine, or the address of a database as `RISK_DATABASE_URL` has it.

    Raises:
        TableError: the database does not answer, or holds no such tables.
    """
    with _engine(source) as engine:
        try:
            with engine.connect() as connection:
                _at_one_moment(connection)
                return Tables(_placements(connection), _table(connection, "events"), _table(connection, "inspections"))
        except DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            shown = engine.url.render_as_string(hide_password=True)
            raise TableError(f"{shown}: {reason}; name the service's database, and run: risk-service migrate") from None


def _placements(connection: Connection) -> pd.DataFrame:
    stored = _table(connection, "placements")
    told: dict[str, list[Row]] = {}
    for row in connection.execute(CHANGING, {"types": sorted(STATE_EVENTS)}).mappings():
        told.setdefault(str(row["placement_id"]), []).append(_read(dict(row)))
    if not told:
        return stored
    versions: dict[str, list[Row]] = {}
    for row in connection.execute(VERSIONS_CHANGED, {"types": sorted(STATE_EVENTS)}).mappings():
        versions.setdefault(str(row["placement_id"]), []).append(_read(dict(row)))
    workers = stored.drop_duplicates("placement_id").set_index("placement_id")["worker_ref"]
    made = [row for name, known in versions.items() for row in _known_over_time(known, told[name])]
    folded = conform("placements", pd.DataFrame(made)).assign(
        worker_ref=lambda frame: workers.reindex(frame["placement_id"]).to_numpy()
    )
    others = stored[~stored["placement_id"].isin(list(versions))]
    return pd.concat([others, conform("placements", folded)]).sort_values(
        "recorded_at", kind="stable", ignore_index=True
    )


def _known_over_time(versions: Sequence[Row], told: Sequence[Row]) -> Iterator[Row]:
    """Yield the placement as it was known from each moment on at which something was recorded of it."""
    for moment in sorted({row["recorded_at"] for row in (*versions, *told)}):
        known = [row for row in versions if row["recorded_at"] <= moment]
        if known:
            state = state_of(known, [event for event in told if event["recorded_at"] <= moment])
            yield {name: _text(value) for name, value in {**state, "recorded_at": moment}.items()}


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


def _table(connection: Connection, name: str) -> pd.DataFrame:
    names = [key for key in columns(name) if key not in NOT_KEPT]
    wanted = ", ".join(STORED_AS.get(key, key) for key in names)
    rows = connection.execute(text(f"SELECT {wanted} FROM {FROM[name]}")).all()  # noqa: S608  names of the contract
    values = zip(*rows, strict=True) if rows else [()] * len(names)
    told = {key: pd.Series(list(column), dtype=object) for key, column in zip(names, values, strict=True)}
    return conform(name, pd.DataFrame(told))


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
