"""How does every read get into the audit log before its answer is sent, without a transaction each?

Whoever comes first writes for all who wait meanwhile. A request goes on only once its entry is on
disk; where that fails, the request fails, so nothing is read unseen.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from service.storage.audit import Entry, append_all
from service.storage.engine import BOOKKEEPING, for_writing


@dataclass
class _Waiting:
    """An entry and what became of it."""

    entry: Entry
    written: bool = False
    failure: BaseException | None = None


class AuditWriter:
    """Writes the entries of many requests of one process in one transaction.

    Not for a request that holds a transaction open for writing: it would wait for itself. There,
    `storage.audit.append` writes in the transaction of what it tells.
    """

    def __init__(self, engine: Engine, key: Callable[[], bytes]) -> None:
        """Write into the log of `engine`, sealed with `key`."""
        self._engine, self._key = engine, key
        self._waiting: list[_Waiting] = []
        self._list_lock, self._turn = threading.Lock(), threading.Lock()

    def write(self, entry: Entry) -> None:
        """Return once `entry` is on disk.

        Raises:
            SQLAlchemyError: it could not be written.
        """
        mine = _Waiting(entry)
        with self._list_lock:
            self._waiting.append(mine)
        with self._turn:
            if not mine.written and mine.failure is None:
                self._write_all()
        if mine.failure is not None:
            raise mine.failure

    def _write_all(self) -> None:
        with self._list_lock:
            taken, self._waiting = self._waiting, []
        try:
            with for_writing(self._engine).execution_options(**{BOOKKEEPING: True}).begin() as connection:
                append_all(connection, [waiting.entry for waiting in taken], key=self._key())
        except BaseException as failure:
            for waiting in taken:
                waiting.failure = failure
        else:
            for waiting in taken:
                waiting.written = True
