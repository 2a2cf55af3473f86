"""How do the rows of many requests reach the disk together, each before its answer is sent?

Whoever comes first writes for all who wait meanwhile, in one transaction: a commit costs far more
than a row. A request goes on only once its rows are on disk; where that fails, the request fails.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from service.storage.engine import AT_ONCE, BOOKKEEPING, for_writing

Row = TypeVar("Row")


@dataclass
class _Waiting(Generic[Row]):
    """The rows of one request and what became of them."""

    rows: Sequence[Row]
    written: bool = False
    failure: BaseException | None = None


class TogetherWriter(Generic[Row]):
    """Writes rows of many requests of one process in one transaction.

    Not for a request that holds a transaction open for writing: it would wait for itself. Entries of
    the audit log that tell of such a transaction are written in it, by `audit_notes.note`.
    """

    def __init__(self, engine: Engine, write: Callable[[Connection, Sequence[Row]], None]) -> None:
        """`write` stores rows through a connection that is open for writing."""
        self._engine, self._write_rows = engine, write
        self._waiting: list[_Waiting[Row]] = []
        self._list_lock, self._turn = threading.Lock(), threading.Lock()

    def write(self, rows: Sequence[Row]) -> None:
        """Return once `rows` are on disk.

        Raises:
            SQLAlchemyError: they could not be written.
        """
        mine = _Waiting(rows)
        with self._list_lock:
            self._waiting.append(mine)
        with self._turn:
            if not mine.written and mine.failure is None:
                self._write_all()
        if mine.failure is not None:
            raise mine.failure

    def write_if_free(self, rows: Sequence[Row]) -> bool:
        """Write `rows` and return true; false, and nothing written, where others are writing and it would have to wait.

        For the thread that all requests share, which must not wait. Only SQLite can tell without asking over a
        network.

        Raises:
            SQLAlchemyError: they could not be written.
        """
        if self._engine.dialect.name != "sqlite" or not self._turn.acquire(blocking=False):
            return False
        try:
            with self._begin(at_once=True) as connection:
                self._write_rows(connection, rows)
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorname", "") != "SQLITE_BUSY":
                raise
            return False
        finally:
            self._turn.release()
        return True

    def _begin(self, *, at_once: bool = False) -> AbstractContextManager[Connection]:
        return for_writing(self._engine).execution_options(**{BOOKKEEPING: True, AT_ONCE: at_once}).begin()

    def _write_all(self) -> None:
        with self._list_lock:
            taken, self._waiting = self._waiting, []
        try:
            with self._begin() as connection:
                self._write_rows(connection, [row for waiting in taken for row in waiting.rows])
        except BaseException as failure:
            for waiting in taken:
                waiting.failure = failure
        else:
            for waiting in taken:
                waiting.written = True
