"""A backup taken while others write is one state of everything, and comes back whole or not at all."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import func, insert, select

from risk_model.errors import InputError, UnreadableFileError
from service.audit_anchor import anchor_path, verify
from service.backup import back_up, read_manifest
from service.restoring import restore
from service.running import Running
from service.settings import Settings
from service.storage.audit import Entry, append
from service.storage.engine import for_writing, is_current
from service.tables.keeping import audit_log, switches
from service.tables.schema import metadata
from tests.service.conftest import NOW

MakeSettings = Callable[..., Settings]


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Path]:
    """Settings of an installation with a key of its own."""
    return {"audit_key_file": tmp_path / "keys" / "audit.key"}


@pytest.fixture
def kept(databases: Any, filled: str, make_settings: MakeSettings, keys: dict[str, Path]) -> Iterator[Running]:
    """What a service holds that is to be kept: the small world, and some entries of the log."""
    running = Running(make_settings(databases.new(copy_of=filled), **keys))
    for n in range(3):
        tell(running, n)
    yield running
    running.close()


def tell(running: Running, n: int) -> None:
    """Write one row and tell of it in the log, in one transaction."""
    with for_writing(running.engine).begin() as connection:
        row = {"name": f"n{n}", "value": "x", "changed_at": NOW.replace(tzinfo=None), "changed_by": "tests"}
        connection.execute(insert(switches), row)
        append(connection, Entry(NOW, "user:x", "admin", "switch.set", f"n{n}"), key=running.audit_key)


def everything(running: Running) -> dict[str, set[str]]:
    with running.engine.connect() as connection:
        return {table.name: {str(row) for row in connection.execute(select(table))} for table in metadata.sorted_tables}


def test_what_was_kept_comes_back_with_every_row(
    kept: Running, databases: Any, make_settings: MakeSettings, keys: dict[str, Path], tmp_path: Path
) -> None:
    before, file = everything(kept), tmp_path / "kept.zip"
    manifest = back_up(kept, file, now=NOW)
    assert manifest.rows["placements"] == 61
    settings = make_settings(databases.new(), **keys)
    restored = restore(settings, file, now=NOW)
    assert restored == manifest
    again = Running(settings)
    after = everything(again)
    log = anchor_path(settings.audit_key_file)
    assert is_current(again.engine)
    assert {name for name in before if after[name] != before[name]} == {"audit_log", "audit_head"}
    assert len(after["audit_log"] - before["audit_log"]) == 1, "that it was restored"
    assert verify(again.engine, key=again.audit_key, path=log).is_whole
    tell(again, 99)
    with for_writing(again.engine).begin() as connection:  # numbers go on after the highest
        connection.execute(insert(metadata.tables["recent_visits"]), {"area": "53"})
    again.close()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_backup_while_others_write_is_one_state(
    kept: Running, databases: Any, make_settings: MakeSettings, keys: dict[str, Path], tmp_path: Path
) -> None:
    stop, begun, told = threading.Event(), threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            tell(kept, 100 + len(told))
            told.append(1)
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    manifests = [back_up(kept, tmp_path / f"{n}.zip", now=NOW) for n in range(3)]
    stop.set()
    writer.join()
    assert len({manifest.total for manifest in manifests}) > 1, "it was written to meanwhile"
    for n, manifest in enumerate(manifests):
        assert manifest.rows["switches"] == manifest.rows["audit_log"], "both rows of a transaction or neither"
        settings = make_settings(databases.new(), **keys)
        restore(settings, tmp_path / f"{n}.zip", now=NOW)
        running = Running(settings)
        with running.engine.connect() as connection:
            rows = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (switches, audit_log)
            ]
        running.close()
        assert rows == [manifest.rows["switches"], manifest.rows["audit_log"] + 1]


def test_only_an_empty_database_is_filled(
    kept: Running, databases: Any, make_settings: MakeSettings, keys: dict[str, Path], tmp_path: Path
) -> None:
    file = tmp_path / "kept.zip"
    back_up(kept, file, now=NOW)
    before = everything(kept)
    with pytest.raises(InputError, match="not empty"):
        restore(kept.settings, file, now=NOW)
    assert everything(kept) == before
    with pytest.raises(InputError, match="is there already"):
        back_up(kept, file, now=NOW)


def test_a_backup_that_is_damaged_fills_nothing(
    kept: Running, databases: Any, make_settings: MakeSettings, keys: dict[str, Path], tmp_path: Path
) -> None:
    file = tmp_path / "kept.zip"
    back_up(kept, file, now=NOW)
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    file.write_bytes(content)
    settings = make_settings(databases.new(), **keys)
    with pytest.raises(UnreadableFileError, match="another"):
        restore(settings, file, now=NOW)
    running = Running(settings)
    if is_current(running.engine):
        assert {len(rows) for rows in everything(running).values()} == {0}
    running.close()
    file.write_bytes(b"no archive")
    with pytest.raises(UnreadableFileError, match="no backup"):
        read_manifest(file)


def test_a_backup_whose_log_was_altered_fills_nothing(
    kept: Running, databases: Any, make_settings: MakeSettings, keys: dict[str, Path], tmp_path: Path
) -> None:
    with for_writing(kept.engine).begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        trigger = "audit_log_no_update" if sqlite else "audit_log_no_change ON audit_log"
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.execute(audit_log.update().where(audit_log.c.seq == 2).values(who="user:nobody"))
    file = tmp_path / "kept.zip"
    back_up(kept, file, now=NOW)
    with pytest.raises(UnreadableFileError, match="row 2 was altered"):
        restore(make_settings(databases.new(), **keys), file, now=NOW)


def test_without_the_key_of_the_log_it_says_what_to_copy(
    kept: Running, databases: Any, make_settings: MakeSettings, keys: dict[str, Path], tmp_path: Path
) -> None:
    file = tmp_path / "kept.zip"
    back_up(kept, file, now=NOW)
    settings = make_settings(databases.new(), audit_key_file=tmp_path / "new" / "audit.key")
    with pytest.raises(InputError, match="copy the key"):
        restore(settings, file, now=NOW)
    restore(settings, file, now=NOW, without_key=True)
    running = Running(settings)
    assert verify(running.engine, key=running.audit_key, path=anchor_path(settings.audit_key_file)).is_whole
    running.close()


def test_a_backup_is_readable_by_its_owner_alone_and_holds_no_key(kept: Running, tmp_path: Path) -> None:
    file = tmp_path / "kept.zip"
    back_up(kept, file, now=NOW)
    assert file.stat().st_mode & 0o077 == 0
    key = kept.settings.audit_key_file.read_bytes()
    with ZipFile(file) as archive:
        assert not any(key in archive.read(name) for name in archive.namelist())


def test_a_backup_of_another_kind_is_refused(
    kept: Running, make_settings: MakeSettings, keys: dict[str, Path], tmp_path: Path, request: Any
) -> None:
    file = tmp_path / "kept.zip"
    back_up(kept, file, now=NOW)
    if kept.engine.dialect.name == "sqlite":
        other = request.getfixturevalue("postgres_url")
    else:
        other = f"sqlite:///{tmp_path / 'other.db'}"
    with pytest.raises(InputError, match="the backup is of"):
        restore(make_settings(other, **keys), file, now=NOW)
