"""How are figures made without the worker growing by what that needs?

Figures over the whole register need the libraries for tables, and the register, in memory: several times what
a worker holds, and Python gives little of it back. So a process makes them, hands them over as data and ends.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final, TypeVar, TypeVarTuple

from sqlalchemy import Engine

from service.problems import UNAVAILABLE, ProblemError
from service.storage.engine import engine_of

Value = TypeVar("Value")
Given = TypeVarTuple("Given")

AT_ONCE: Final = 2
"""Processes of one worker at a time; each holds the register, so more would only move the memory."""
RETRY: Final = {"Retry-After": "5"}
PROCESSES: Final = multiprocessing.get_context("spawn")
"""A copy of a worker that has threads and connections (fork) would share what it must not."""


class Apart:
    """The processes in which one worker makes figures; none outlives it."""

    def __init__(self, database_url: str) -> None:
        """Start nothing yet; each process opens the database at `database_url` for itself."""
        self._database_url = database_url
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._guard = threading.Lock()
        self._at_work: set[BaseProcess] = set()
        self._stopped = False

    def make(self, work: Callable[[Engine, *Given], Value], *given: *Given) -> Value:
        """Return what `work` makes of the database and what is `given`, in a process that ends with it.

        `work` stands at the top of a module and imports inside what the worker is not to load. What it is given
        and what it returns are pickled, so neither may be of a library that the worker does without.

        Raises:
            ProblemError: the process ended without an answer, or the service stops.
            Exception: what `work` raised.
        """
        with self._room:
            mine, theirs = PROCESSES.Pipe(duplex=False)
            with mine:
                with theirs:  # the process holds its own; once that one is gone too, there is nothing to wait for
                    process = self._started(theirs, work, given)
                try:
                    told, where = mine.recv()
                except EOFError:
                    raise ProblemError(UNAVAILABLE, "figures_not_made", headers=RETRY) from None
                finally:
                    self._end(process)
        if where is not None:
            told.add_note(where)
            raise told
        value: Value = told
        return value

    def stop(self) -> None:
        """End what is at work and begin no more; whoever waits is told at once."""
        with self._guard:
            self._stopped = True
            for process in self._at_work:
                process.kill()

    def _started(self, theirs: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> BaseProcess:
        process = PROCESSES.Process(target=_answer, args=(theirs, self._database_url, work, given), daemon=True)
        with self._guard:
            if self._stopped:
                raise ProblemError(UNAVAILABLE, "figures_not_made", headers=RETRY)
            process.start()
            self._at_work.add(process)
        return process

    def _end(self, process: BaseProcess) -> None:
        """Let nobody wait for what a process does after its answer; it has let go of the database by then."""
        with self._guard:
            self._at_work.discard(process)
            process.kill()
        process.join()


def _answer(theirs: Connection, database_url: str, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches every process; the worker ends this one
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    engine = engine_of(database_url)
    told: tuple[Any, str | None]
    try:
        told = (work(engine, *given), None)
    except Exception as error:
        told = (_portable(error), traceback.format_exc())
    engine.dispose()
    theirs.send(told)


def _end_with_the_worker() -> None:
    worker = multiprocessing.parent_process()
    if worker is not None:
        wait([worker.sentinel])
        os._exit(1)


def _portable(error: Exception) -> Exception:
    """Return `error` as something that arrives whole in the worker."""
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:  # its class asks for more than an error keeps
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
