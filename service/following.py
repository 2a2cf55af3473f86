"""Which histories does this process count with, and how do they keep up with what other processes write?

A process reads the newest import's snapshot once, and from then on the entries after it. Whoever
writes entries has the turn, so a process that has counted the newest entry knows what all know.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, insert, select

from risk_model.placements.live_histories import Fact, LiveHistories
from risk_model.placements.look_up import Snapshot
from risk_model.specification import Specification
from service.live_scoring import NO_HISTORIES, NONE_IMPORTED, Histories
from service.storage.engine import for_writing, write_in_turn
from service.storage.happenings import Row, add_rows, counted_so_far, entries_after
from service.storage.register import import_of
from service.tables.happenings import corridor_refreshes, tally_entries

LATELY: Final = 0.05
"""Seconds for which a single score may not have heard what another process wrote."""


@dataclass
class _Counted:
    """What is counted: of which import, up to which entry, and up to which one in the histories of corridors."""

    position: tuple[int, int, int]
    histories: Histories
    live: LiveHistories

    def has(self, newest: tuple[int, int, int]) -> bool:
        """Whether all that the database holds is counted."""
        return all(held >= there for held, there in zip(self.position, newest, strict=True))

    def count(self, rows: Iterable[Row], of_corridors: Iterable[Row]) -> None:
        """Count entries of the log."""
        for row in rows:
            self.live.add(_fact(row))
        for row in of_corridors:
            self.live.add_to_corridors(_fact(row))


class Following:
    """The histories of one process. One thread at a time writes; others read what was counted before."""

    def __init__(
        self, engine: Engine, specification: Callable[[], Specification], clock: Callable[[], float] = monotonic
    ) -> None:
        """Follow what `engine` holds; nothing is read yet. `clock` counts seconds."""
        self._clock, self._looked = clock, -LATELY
        self.engine, self.specification = engine, specification
        self._lock = threading.RLock()
        self._counted: _Counted | None = None

    def histories_lately(self) -> Histories:
        """Return the histories as they are now for this process, and as they were a moment ago for all others."""
        known = self.histories_known()
        if known is None:
            known = self.histories()
            self._looked = self._clock()
        return known

    def histories_known(self) -> Histories | None:
        """Return the same where the database was asked a moment ago; None where it has to be."""
        counted = self._counted
        return counted.histories if counted is not None and self._clock() - self._looked < LATELY else None

    def histories(self) -> Histories:
        """Return the histories as they are now; while another thread writes, as they were just before."""
        counted = self._counted
        with self.engine.connect() as connection:
            if counted is not None and counted.has(counted_so_far(connection)):
                return counted.histories
            if not self._lock.acquire(blocking=counted is None):
                return counted.histories if counted is not None else NONE_IMPORTED
            try:
                return self.catch_up(connection).histories
            finally:
                self._lock.release()

    @contextmanager
    def turn(self) -> Iterator["Turn"]:
        """Open a transaction that writes in turn; where it fails, the histories are read anew."""
        with self._lock:
            before = None
            try:
                with for_writing(self.engine).begin() as connection:
                    write_in_turn(connection)
                    before = self.catch_up(connection).position
                    yield Turn(connection, self)
            except BaseException:
                if self._counted is not None and self._counted.position != before:
                    self._counted = None
                raise

    def catch_up(self, connection: Connection) -> _Counted:
        """Count what `connection` sees and is not counted yet; only for who holds the lock."""
        newest = counted_so_far(connection)
        counted = self._counted
        if counted is None or newest[0] > counted.position[0]:
            counted = self._counted = self._from_import(connection)
        if counted.has(newest) or newest[0] < counted.position[0]:
            return counted  # nothing is new, or this transaction began before an import that another thread has read
        import_id, seq, corridors = counted.position
        counted.count(entries_after(connection, seq, newest[1]), entries_after(connection, corridors, newest[2]))
        counted.position = (import_id, max(seq, newest[1]), max(corridors, newest[2]))
        return counted

    def _from_import(self, connection: Connection) -> _Counted:
        head = import_of(connection)
        if head is None:
            live = LiveHistories(NO_HISTORIES, self.specification())
            return _Counted((0, 0, 0), replace(NONE_IMPORTED, snapshot=live.snapshot), live)
        live = LiveHistories(Snapshot.from_json(head["snapshot"]), self.specification())
        as_of = head["as_of"].replace(tzinfo=UTC)
        histories = Histories(head["import_id"], as_of, head["data_origin"], live.snapshot)
        return _Counted((head["import_id"], head["entries_seq"], head["entries_seq"]), histories, live)


class Turn:
    """A transaction that writes in turn, and the histories as they are within it."""

    def __init__(self, connection: Connection, following: Following) -> None:
        """Write through `connection`."""
        self.connection, self._following = connection, following

    @property
    def histories(self) -> Histories:
        """The histories with all that was counted in this turn."""
        return self._following.catch_up(self.connection).histories

    @property
    def specification(self) -> Specification:
        """Which histories are counted."""
        return self._following.specification()

    def count(self, facts: Sequence[Fact]) -> frozenset[tuple[str, str]]:
        """Count `facts` into the histories, for this process and all others; corridors wait for their refresh.

        Returns:
            whose histories changed, beside those of single placements: columns, each with a value.
        """
        add_rows(self.connection, tally_entries, [_entry(fact) for fact in facts])
        live = self._following.catch_up(self.connection).live
        return live.moves(facts)

    def refresh_corridors(self, now: datetime, *, every: timedelta) -> int:
        """Let the histories of corridors count all entries there are; return how many they lacked.

        Nothing is done where they were refreshed less than `every` before `now` (naive UTC).
        """
        last = self.connection.execute(select(func.max(corridor_refreshes.c.at))).scalar_one()
        if last is not None and last > now - every:
            return 0
        _, newest, _ = counted_so_far(self.connection)
        start = self._following.catch_up(self.connection).position[2]
        if newest > start:
            self.connection.execute(insert(corridor_refreshes), {"at": now, "entries_seq": newest})
        return max(0, newest - start)


def _entry(fact: Fact) -> dict[str, Any]:
    return {"about": fact.table, "times": fact.times, "row": _plain(fact.row), "owner": _plain(fact.owner)}


def _plain(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def _fact(row: Row) -> Fact:
    return Fact(row["about"], row["row"], row["owner"], row["times"])
