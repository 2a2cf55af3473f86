"""What does a service's database hold, as the three tables of a data set?

The visits, events and placements that a service recorded flow back to learning, to the estimate of
prevalence and to segments through here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pandas as pd
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from risk_model.data.schema import Tables, columns, conform
from risk_model.errors import TableError

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


def is_database(source: str) -> bool:
    """Return whether `source` is the address of a database and not a folder.

    >>> is_database("sqlite:///var/service.db"), is_database("var/data")
    (True, False)
    """
    return source.partition("://")[0] in KINDS and "://" in source


def read_database_tables(source: Engine | str) -> Tables:
    """Return all versions, events and visits of a service's database, read at one moment.

    Personal traits are null, for a service keeps none; `data` of events and notes of visits are not read.

    Args:
        source: an engine, or the address of a database as `RISK_DATABASE_URL` has it.

    Raises:
        TableError: the database does not answer, or holds no such tables.
    """
    with _engine(source) as engine:
        try:
            with engine.connect() as connection:
                _at_one_moment(connection)
                return Tables(**{name: _table(connection, name) for name in FROM})
        except DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            shown = engine.url.render_as_string(hide_password=True)
            raise TableError(f"{shown}: {reason}; name the service's database, and run: risk-service migrate") from None


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
