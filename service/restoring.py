"""How does a backup become the database again?

Only into an empty database, all of it or nothing: it is counted table by table, and its audit log is
checked, before anybody sees it.
"""

import os
import shutil
import zlib
from datetime import datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from sqlalchemy import Connection, Engine, inspect, select, text

from risk_model.errors import InputError, UnreadableFileError
from service.audit_anchor import anchor_path, drop_anchor, set_anchor_aside
from service.audit_key import load_or_create_audit_key
from service.backup import DATABASE, PART_BYTES, Manifest, in_file, part_of, read_manifest, rows_of
from service.managing_people import LOCAL
from service.settings import Settings
from service.storage.audit import Entry, append
from service.storage.audit_check import check
from service.storage.engine import for_writing, migrate, open_engine
from service.storage.postgresql_copy import read_tables
from service.storage.sqlite_copy import remove_side_files
from service.tables.schema import metadata


def restore(settings: Settings, file: Path, *, now: datetime, without_key: bool = False) -> Manifest:
    """Fill the empty database of `settings` from `file`, all of it or nothing; return what it holds.

    `without_key` seals the log with a new key where that of the backup is lost.

    Raises:
        InputError: the database holds something, is of another kind, or the key of the audit log is missing.
        UnreadableFileError: the file is damaged, or what it holds is not what it says.
    """
    manifest = read_manifest(file)
    engine = open_engine(settings.database_url)
    try:
        _check_target(engine, manifest)
        key = None if without_key else _key(settings, manifest)
        into = _restore_sqlite if manifest.kind == "sqlite" else _restore_postgresql
        try:
            with ZipFile(file) as archive:
                into(engine, archive, manifest, key)
        except (BadZipFile, zlib.error) as error:
            raise UnreadableFileError(f"{file}: damaged ({error}); take another backup") from error
        migrate(engine)
        _write_down(engine, settings, manifest, now)
    finally:
        engine.dispose()
    return manifest


def _check_target(engine: Engine, manifest: Manifest) -> None:
    kind = engine.dialect.name
    if kind != manifest.kind:
        raise InputError(f"the backup is of {manifest.kind}; RISK_DATABASE_URL names {kind}")
    there = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        filled = [
            table.name
            for table in metadata.sorted_tables
            if table.name in there and connection.execute(select(table).limit(1)).first() is not None
        ]
    if filled:
        raise InputError(f"the database is not empty ({filled[0]} has rows); name an empty one in RISK_DATABASE_URL")


def _key(settings: Settings, manifest: Manifest) -> bytes | None:
    path = settings.audit_key_file
    if manifest.audit is None:
        return None
    if not path.exists():
        raise InputError(
            f"{path} is missing: copy the key that the log was sealed with; where it is lost, add --without-key"
        )
    return load_or_create_audit_key(path)


def _restore_sqlite(engine: Engine, archive: ZipFile, manifest: Manifest, key: bytes | None) -> None:
    path = Path(str(engine.url.database))
    with part_of(path) as part:
        with archive.open(DATABASE) as member, part.open("wb") as file:
            shutil.copyfileobj(member, file, PART_BYTES)
            file.flush()
            os.fsync(file.fileno())
        in_file(part, lambda connection: _verify(connection, manifest, key))
        engine.dispose()
        remove_side_files(path)


def _restore_postgresql(engine: Engine, archive: ZipFile, manifest: Manifest, key: bytes | None) -> None:
    migrate(engine, "base")
    migrate(engine, manifest.revision)
    with for_writing(engine).begin() as connection:
        read_tables(connection, archive)
        _verify(connection, manifest, key)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _verify(connection: Connection, manifest: Manifest, key: bytes | None) -> None:
    found = rows_of(connection)
    wrong = [name for name, rows in manifest.rows.items() if found.get(name) != rows]
    if wrong:
        name = wrong[0]
        raise UnreadableFileError(f"{name} has {found.get(name)} rows, not {manifest.rows[name]}; take another backup")
    verdict = check(connection, key=key, anchor=manifest.audit)
    if not verdict.is_whole:
        raise UnreadableFileError(f"the audit log of the backup is not whole: {verdict.fault}; take another backup")


def _write_down(engine: Engine, settings: Settings, manifest: Manifest, now: datetime) -> None:
    """Tell in the log that it was restored, and let the anchor begin anew; an earlier one stays beside it."""
    anchor = anchor_path(settings.audit_key_file)
    set_anchor_aside(anchor)
    detail = {"made_at": manifest.made_at, "rows": manifest.total}
    with for_writing(engine).begin() as connection:
        key = load_or_create_audit_key(settings.audit_key_file)
        append(connection, Entry(now, *LOCAL, "database.restore", None, detail), key=key)
    drop_anchor(engine, anchor)
