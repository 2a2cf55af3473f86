"""How do many events that arrive one by one share the work?

Whoever comes first writes for all who wait meanwhile: one transaction, one write to disk, and each
agency scored once. A caller is answered when its events and the scores that follow are on disk.
"""

import threading
from dataclasses import dataclass

from service.applying import Applied, Batch, apply_batches
from service.running import Running


@dataclass
class _Waiting:
    """What one caller tells, and what became of it."""

    batch: Batch
    applied: Applied | None = None
    failure: BaseException | None = None


class Intake:
    """Takes the events of all requests of one process."""

    def __init__(self, running: Running) -> None:
        """Write into the database of `running`."""
        self._running = running
        self._waiting: list[_Waiting] = []
        self._list_lock, self._turn = threading.Lock(), threading.Lock()

    def take(self, batch: Batch) -> Applied:
        """Return once the events and what follows from them are on disk.

        Raises:
            SQLAlchemyError: they could not be stored.
        """
        mine = _Waiting(batch)
        with self._list_lock:
            self._waiting.append(mine)
        with self._turn:
            if mine.applied is None and mine.failure is None:
                self._write_all()
        if mine.applied is None:
            raise mine.failure or RuntimeError("the events were neither stored nor refused")
        return mine.applied

    def _write_all(self) -> None:
        with self._list_lock:
            taken, self._waiting = self._waiting, []
        try:
            together = apply_batches(self._running, [waiting.batch for waiting in taken])
        except Exception:
            for waiting in taken:  # one of them is at fault, so each goes alone
                _write_alone(self._running, waiting)
        else:
            for waiting, applied in zip(taken, together, strict=True):
                waiting.applied = applied


def _write_alone(running: Running, waiting: _Waiting) -> None:
    try:
        waiting.applied = apply_batches(running, [waiting.batch])[0]
    except Exception as failure:
        waiting.failure = failure
