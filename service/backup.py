"""How is everything that the service keeps written into one file, while it goes on?

One state of the database, however much is written meanwhile. The keys are not in the file: whoever
held both could write history anew. Keep the folder of the keys as well, elsewhere.
"""

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select

from risk_model.errors import InputError, UnreadableFileError
from service.audit_anchor import anchor_path, write_anchor
from service.running import Running
from service.storage.audit_check import Anchor, read_head
from service.storage.engine import current_revision, one_state, revisions
from service.storage.postgresql_copy import write_tables
from service.storage.sqlite_copy import copy_to
from service.tables.schema import metadata

FORMAT: Final = 1
MANIFEST, DATABASE = "manifest.json", "service.db"
FASTEST: Final = 1
OWNER_ONLY: Final = 0o600
PART_BYTES: Final = 2**20

Result = TypeVar("Result")


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: kind and revision of the database, when it was made, rows by table, head of the log."""

    format: int
    kind: str
    revision: str
    made_at: str
    rows: Mapping[str, int]
    audit: Anchor | None

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def back_up(running: Running, file: Path, *, now: datetime) -> Manifest:
    """Write everything into `file`, whole or not at all; return what it holds.

    Raises:
        InputError: the file is there already, or cannot be written.
    """
    if file.exists():
        raise InputError(f"{file} is there already; name a new file, or move it away")
    engine = running.engine
    with part_of(file) as part, ZipFile(part, "w", ZIP_DEFLATED, compresslevel=FASTEST) as archive:
        if engine.dialect.name == "sqlite":
            manifest = _add_sqlite(engine, archive, file, now)
        else:
            with one_state(engine) as connection:
                manifest = _manifest(connection, now)
                write_tables(connection, archive)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))
    if manifest.audit is not None:
        write_anchor(anchor_path(running.settings.audit_key_file), manifest.audit)
    return manifest


def _add_sqlite(engine: Engine, archive: ZipFile, file: Path, now: datetime) -> Manifest:
    with part_of(file, keep=False) as copied:
        copy_to(engine, copied)
        manifest = in_file(copied, lambda connection: _manifest(connection, now))
        archive.write(copied, DATABASE)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """Return what the backup in `file` holds.

    Raises:
        UnreadableFileError: it is no backup, or damaged.
    """
    try:
        with ZipFile(file) as archive:
            told = json.loads(archive.read(MANIFEST))
        head = told.pop("audit")
        manifest = Manifest(**told, audit=Anchor(**head) if head else None)
    except (OSError, BadZipFile, KeyError, ValueError, TypeError) as error:
        raise UnreadableFileError(f"{file}: no backup that can be read ({error}); take another one") from error
    if manifest.format != FORMAT or manifest.revision not in revisions():
        raise UnreadableFileError(f"{file}: made by a newer version; restore it with that version")
    return manifest


def _manifest(connection: Connection, now: datetime) -> Manifest:
    revision = current_revision(connection)
    if revision is None:
        raise InputError("the database has no tables yet; there is nothing to keep")
    made_at = now.astimezone(UTC).isoformat(timespec="seconds")
    return Manifest(
        FORMAT, connection.dialect.name, revision, made_at, rows=rows_of(connection), audit=read_head(connection)
    )


def rows_of(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    there = set(inspect(connection).get_table_names())
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
        if table.name in there
    }


def in_file(path: Path, read: Callable[[Connection], Result]) -> Result:
    """Return what `read` finds in the SQLite file `path`, beside which nothing is left."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return read(connection)
    finally:
        engine.dispose()


@contextmanager
def part_of(file: Path, *, keep: bool = True) -> Iterator[Path]:
    """Give a file that only the owner may read; where all went well and it is kept, it becomes `file`."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror}); name another place") from None
    try:
        yield part
        if keep:
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)
