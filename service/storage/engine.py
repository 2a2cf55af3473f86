"""How does the service reach its database, and is the database up to date?

One code path for SQLite (write-ahead log, every acknowledged write on disk) and PostgreSQL.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from sqlalchemy import Connection, Engine, column, create_engine, event, inspect, make_url, select, table, text
from sqlalchemy.exc import DBAPIError, OperationalError

from risk_model.errors import InputError

MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"
STANDING: Final = table("alembic_version", column("version_num"))
"""Where alembic keeps the revision; read without it, so that a worker starts without it."""
WAIT_FOR_WRITER_MS: Final = 5000
"""How long a SQLite writer waits for another one before it gives up."""
ASK_EVERY: Final = 0.001
"""Seconds between two questions whether it may write now."""
WRITERS_TURN: Final = 7_305_002
"""Number of the PostgreSQL lock that lets one writer of events, visits and changes at a time go on."""
WRITES: Final = "writes"
"""Execution option of a connection that will write; SQLite then takes its lock at once and cannot deadlock."""

BOOKKEEPING: Final = "bookkeeping"
"""Execution option of a connection whose writes are no effect of the request that makes them."""


AT_ONCE: Final = "at_once"
"""Execution option of a connection that writes at once or, where another one writes, not at all."""


def open_engine(database_url: str) -> Engine:
    """Return an engine for `database_url`; a folder that a SQLite file needs is made.

    Raises:
        InputError: the database cannot be reached.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return _reachable(engine_of(database_url))


def engine_of(database_url: str) -> Engine:
    """Return an engine for `database_url`, which is not asked yet."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True)  # what is stored belongs into no message
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def for_writing(engine: Engine) -> Engine:
    """Return `engine` for a transaction that writes."""
    return engine.execution_options(**{WRITES: True})


def write_in_turn(connection: Connection) -> None:
    """Wait until no other transaction writes events, visits or changes, so that their numbers are in order of commit.

    SQLite has one writer anyway. The turn ends with the transaction.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": WRITERS_TURN})


@contextmanager
def one_state(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose every query sees the database as it was at the first, while others write."""
    postgresql = engine.dialect.name == "postgresql"  # SQLite's transactions are like that anyway
    wanted = engine.execution_options(isolation_level="REPEATABLE READ") if postgresql else engine
    with wanted.connect() as connection:
        yield connection


def is_reachable(engine: Engine) -> bool:
    """Return whether the database answers."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to `revision`, the newest by default, in one transaction; "base" removes them."""
    from alembic import command
    from alembic.config import Config

    with for_writing(engine).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def is_current(engine: Engine) -> bool:
    """Return whether the database has the tables this version expects."""
    with engine.connect() as connection:
        return current_revision(connection) == revisions()[-1]


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the tables that are there; None where there are none."""
    if not inspect(connection).has_table(STANDING.name):
        return None
    return connection.scalars(select(STANDING.c.version_num)).first()


@cache
def revisions() -> tuple[str, ...]:
    """Return the revisions that this version knows, oldest first: the numbers in the names of their files."""
    return tuple(sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py")))


def _reachable(engine: Engine) -> Engine:
    try:
        engine.connect().close()
    except OperationalError as error:
        shown = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[0]
        raise InputError(f"RISK_DATABASE_URL is {shown}: {reason}; start that database or name another") from None
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin transactions too late, and none around DDL
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={WAIT_FOR_WRITER_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        at_once = connection.get_execution_options().get(AT_ONCE, False)
        if at_once or not _begins_to_write(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails, in the words that callers know
    finally:
        driver.execute(f"PRAGMA busy_timeout={WAIT_FOR_WRITER_MS}")


def _begins_to_write(driver: Any) -> bool:
    """Ask every millisecond whether nobody else writes; return whether that was so in time.

    SQLite itself asks ever more seldom, at last every 100 ms, so that who waited long would wait longest.
    """
    last = monotonic() + WAIT_FOR_WRITER_MS / 1000
    while monotonic() < last:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            sleep(ASK_EVERY)
        else:
            return True
    return False
