"""The audit log: every entry stays, and whatever was done to it shows, on both databases."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from service.access import ADMIN, Principal
from service.audit_anchor import anchor_path, drop_anchor, read_anchor, verify
from service.audit_notes import record_read
from service.running import Running
from service.settings import Settings
from service.storage.audit import Entry, append, append_all, row_hash, seal
from service.storage.audit_check import Verdict, check
from service.storage.engine import for_writing, migrate
from service.tables.keeping import audit_head, audit_log

AT = datetime(2026, 1, 12, 3, 4, 5, 678, tzinfo=UTC)
SOMEBODY = Principal("user:abc", ADMIN)


def fill(running: Running, rows: int = 8) -> None:
    with for_writing(running.engine).begin() as connection:
        append_all(connection, [entry(n) for n in range(rows)], key=running.audit_key)


def entry(n: int) -> Entry:
    return Entry(AT + timedelta(minutes=n), "user:abc", ADMIN, "list.read", f"list-{n}", {"rows": n, "kata": "é"})


@pytest.fixture(scope="module")
def unwritten(databases: Any, make_settings: Callable[..., Settings]) -> Iterator[Running]:
    """An empty database that tests leave empty."""
    running = Running(make_settings(databases.new()))
    migrate(running.engine)
    yield running
    running.close()


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    return anchor_path(tmp_path / "audit.key")


def checked(running: Running, anchor: Path) -> Verdict:
    return verify(running.engine, key=running.audit_key, path=anchor)


def unguarded(connection: Connection) -> None:
    """Take away what refuses changes, as somebody with full rights to the database can."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TRIGGER audit_log_no_update"))
        connection.execute(text("DROP TRIGGER audit_log_no_delete"))
    else:
        connection.execute(text("DROP TRIGGER audit_log_no_change ON audit_log"))


def sealed_anew(connection: Connection, key: bytes) -> None:
    """Make the head fit the newest row."""
    newest = connection.execute(select(audit_log).order_by(audit_log.c.seq.desc()).limit(1)).mappings().one()
    fitting = {"seq": newest["seq"], "hash": newest["hash"], "seal": seal(newest["seq"], newest["hash"], key)}
    connection.execute(update(audit_head).values(**fitting))


def edit(connection: Connection, _key: bytes) -> None:
    connection.execute(update(audit_log).where(audit_log.c.seq == 3).values(who="user:nobody"))


def edit_and_hash_again(connection: Connection, _key: bytes) -> None:
    row = dict(connection.execute(select(audit_log).where(audit_log.c.seq == 3)).mappings().one()) | {"who": "user:x"}
    connection.execute(update(audit_log).where(audit_log.c.seq == 3).values(who="user:x", hash=row_hash(row)))


def delete_one(connection: Connection, _key: bytes) -> None:
    connection.execute(delete(audit_log).where(audit_log.c.seq == 3))


def delete_first(connection: Connection, _key: bytes) -> None:
    connection.execute(delete(audit_log).where(audit_log.c.seq == 1))


def swap(connection: Connection, _key: bytes) -> None:
    for before, after in ((3, 900), (4, 3), (900, 4)):
        connection.execute(update(audit_log).where(audit_log.c.seq == before).values(seq=after))


def cut_tail(connection: Connection, _key: bytes) -> None:
    connection.execute(delete(audit_log).where(audit_log.c.seq >= 7))


def cut_tail_and_head(connection: Connection, _key: bytes) -> None:
    cut_tail(connection, _key)
    sealed_anew(connection, b"a guess of the key")


def add_past_the_head(connection: Connection, _key: bytes) -> None:
    newest = dict(connection.execute(select(audit_log).where(audit_log.c.seq == 8)).mappings().one())
    added = newest | {"seq": 9, "previous_hash": newest["hash"]}
    connection.execute(insert(audit_log), added | {"hash": row_hash(added)})


def drop_head(connection: Connection, _key: bytes) -> None:
    connection.execute(delete(audit_head))


@pytest.mark.parametrize(
    ("tamper", "first_bad"),
    [
        (edit, 3),
        (edit_and_hash_again, 4),
        (delete_one, 3),
        (delete_first, 1),
        (swap, 3),
        (cut_tail, 7),
        (cut_tail_and_head, 6),
        (add_past_the_head, 9),
        (drop_head, 1),
    ],
)
def test_whatever_is_done_to_the_log_shows_at_its_first_bad_row(
    unwritten: Running, tamper: Any, first_bad: int
) -> None:
    key = unwritten.audit_key
    with for_writing(unwritten.engine).connect() as connection:  # rolled back, so that all share one database
        append_all(connection, [entry(n) for n in range(8)], key=key)
        assert check(connection, key=key).is_whole
        unguarded(connection)
        tamper(connection, key)
        found = check(connection, key=key)
    assert (found.is_whole, found.first_bad) == (False, first_bad), found.fault


def test_an_untouched_log_is_whole_and_becomes_the_anchor(empty: Running, anchor: Path) -> None:
    assert checked(empty, anchor) == Verdict(0, None, None)
    assert read_anchor(anchor) is None
    fill(empty)
    assert checked(empty, anchor) == Verdict(8, None, None)
    kept = read_anchor(anchor)
    assert kept is not None
    assert kept.seq == 8


def test_a_log_put_back_to_an_earlier_state_shows_by_the_anchor(empty: Running, anchor: Path) -> None:
    fill(empty)
    drop_anchor(empty.engine, anchor)
    with for_writing(empty.engine).begin() as connection:
        unguarded(connection)
        cut_tail(connection, empty.audit_key)
        sealed_anew(connection, empty.audit_key)  # as an older copy of the database, head and all, would be
    found = checked(empty, anchor)
    assert (found.is_whole, found.first_bad) == (False, 7)
    fill(empty, rows=4)  # going on from the older copy hides nothing
    assert checked(empty, anchor).first_bad == 8


def test_an_emptied_log_shows_by_the_anchor(empty: Running, anchor: Path) -> None:
    fill(empty)
    drop_anchor(empty.engine, anchor)
    with for_writing(empty.engine).begin() as connection:
        unguarded(connection)
        connection.execute(delete(audit_log))
        connection.execute(delete(audit_head))
    assert checked(empty, anchor).first_bad == 1


def test_an_altered_anchor_shows(empty: Running, anchor: Path) -> None:
    fill(empty)
    drop_anchor(empty.engine, anchor)
    anchor.write_text(anchor.read_text(encoding="ascii").replace('"seq": 8', '"seq": 2'), encoding="ascii")
    assert "anchor itself" in str(checked(empty, anchor).fault)


def test_an_earlier_head_never_replaces_a_later_anchor(empty: Running, anchor: Path) -> None:
    fill(empty)
    drop_anchor(empty.engine, anchor)
    kept = anchor.read_bytes()
    with for_writing(empty.engine).begin() as connection:
        unguarded(connection)
        cut_tail(connection, empty.audit_key)
        sealed_anew(connection, empty.audit_key)
    drop_anchor(empty.engine, anchor)
    assert anchor.read_bytes() == kept


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET who = 'x'", "DELETE FROM audit_log"])
def test_the_database_itself_refuses_to_change_the_log(empty: Running, anchor: Path, statement: str) -> None:
    fill(empty)
    with pytest.raises(DBAPIError, match="append-only"), for_writing(empty.engine).begin() as connection:
        connection.execute(text(statement))
    assert checked(empty, anchor).rows == 8


def test_what_is_rolled_back_was_never_logged(empty: Running, anchor: Path) -> None:
    fill(empty)
    with for_writing(empty.engine).connect() as connection:
        assert append(connection, entry(9), key=empty.audit_key) == 9
        connection.rollback()
    assert checked(empty, anchor) == Verdict(8, None, None)


def test_many_reads_at_once_are_all_logged_in_few_transactions(empty: Running, anchor: Path) -> None:
    commits: list[str] = []
    event.listen(empty.engine, "commit", lambda _: commits.append("commit"))
    readers, each = 12, 10
    together = threading.Barrier(readers)

    def read(reader: int) -> None:
        together.wait()
        for n in range(each):
            record_read(empty, SOMEBODY, "list.read", f"{reader}-{n}", AT)

    with ThreadPoolExecutor(readers) as pool:
        list(pool.map(read, range(readers)))
    with empty.engine.connect() as connection:
        logged = connection.execute(select(func.count(func.distinct(audit_log.c.object)))).scalar_one()
    assert logged == readers * each
    assert len(commits) < logged, "who waits shares a transaction, on however busy a machine"
    assert checked(empty, anchor) == Verdict(logged, None, None)


def test_a_read_that_cannot_be_logged_fails(empty: Running) -> None:
    with empty.engine.begin() as connection:
        connection.execute(text("DROP TABLE audit_head"))
    with pytest.raises(DBAPIError):
        record_read(empty, SOMEBODY, "list.read", "a-list", AT)
    with pytest.raises(DBAPIError):
        record_read(empty, SOMEBODY, "list.read", "a-list", AT)
