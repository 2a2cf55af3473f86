"""How do all tables of a PostgreSQL database get into an archive, and back?

By COPY in its binary form, the fastest there is; both sides must be at the same revision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from zipfile import ZipFile

from sqlalchemy import Connection, Table, func, inspect, select

from service.tables.schema import metadata

PART_BYTES: Final = 2**20


def write_tables(connection: Connection, archive: ZipFile) -> None:
    """Write every table into `archive`, as `connection` sees them."""
    for table in metadata.sorted_tables:
        out = f"COPY {_columns(connection, table)} TO STDOUT (FORMAT binary)"
        with archive.open(_member(table), "w", force_zip64=True) as member, _copy(connection, out) as copy:
            for part in copy:
                member.write(part)


def read_tables(connection: Connection, archive: ZipFile) -> None:
    """Fill the empty tables from `archive`, and let numbers go on after the highest."""
    held = set(archive.namelist())
    for table in metadata.sorted_tables:
        if _member(table) not in held:  # a table that came later
            continue
        into = f"COPY {_columns(connection, table)} FROM STDIN (FORMAT binary)"
        with archive.open(_member(table)) as member, _copy(connection, into) as copy:
            while part := member.read(PART_BYTES):
                copy.write(part)
        _go_on_numbering(connection, table)


def _go_on_numbering(connection: Connection, table: Table) -> None:
    for column in table.primary_key:
        sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar_one()
        if sequence is not None:
            highest = connection.execute(select(func.max(column))).scalar_one()
            if highest is not None:
                connection.execute(select(func.setval(sequence, highest)))


@contextmanager
def _copy(connection: Connection, statement: str) -> Iterator[Any]:
    psycopg: Any = connection.connection.driver_connection  # SQLAlchemy knows no COPY
    with psycopg.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def _columns(connection: Connection, table: Table) -> str:
    """The table and its columns as they are there, which may be those of an earlier version."""
    quote = connection.dialect.identifier_preparer.quote
    names = [quote(column["name"]) for column in inspect(connection).get_columns(table.name)]
    return f"{quote(table.name)} ({', '.join(names)})"


def _member(table: Table) -> str:
    return f"{table.name}.copy"
