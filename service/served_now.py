"""Which model answers in this process at this moment?

Every process looks twice a second whether the pointer to the release in use, or a switch in the
database, has changed. A new model is read beside the old one and takes its place at once: requests
that began with the old one end with it, none is dropped. A model that may not be used changes nothing
but the reason that is said.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_model.scoring.release import POINTER
from service.champion import Served, rule_served, served_model
from service.settings import Settings
from service.storage.switches import MODEL, OFF, RELEASE, read_switches

LOOK_EVERY: Final = 0.5
"""Seconds between two looks, so that every process follows within one."""

Seen = tuple[tuple[int, ...], str | None]


class ServedNow:
    """The model that answers, kept up with what was promoted, gone back to, or switched off."""

    def __init__(self, settings: Settings, engine: Engine, clock: Callable[[], float] = monotonic) -> None:
        """Read the model in use; `clock` counts seconds."""
        self._settings, self._engine, self._clock = settings, engine, clock
        self._lock = threading.Lock()
        self._switches: dict[str, str] = {}
        self._seen = self._look_around()
        self._chosen = self._read()
        self._rule = rule_served(None, refused=False, switched_off=True)
        self._served = self._as_switched()
        self._looked = clock()

    def get(self) -> Served:
        """Return what answers; while one thread reads a new model, the others go on with the one before."""
        if self._clock() - self._looked >= LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._served

    @property
    def last(self) -> Served:
        """What answered when somebody last looked."""
        return self._served

    def look(self) -> Served:
        """Look now, and return what answers."""
        with self._lock:
            self._look()
        return self._served

    def _look(self) -> None:
        self._looked = self._clock()
        seen = self._look_around()
        if seen != self._seen:
            self._chosen = self._kept_or(self._read())
            self._seen = seen
        self._served = self._as_switched()

    def _look_around(self) -> Seen:
        """Return what a change of the release in use shows in: the pointer's file, and the word to look again."""
        with suppress(SQLAlchemyError):  # no database, or none with these tables: what was switched before holds
            self._switches = read_switches(self._engine)
        try:
            told = (self._settings.model_dir / POINTER).stat()
        except OSError:
            return (), self._switches.get(RELEASE)
        return (told.st_mtime_ns, told.st_ino, told.st_size), self._switches.get(RELEASE)

    def _read(self) -> Served:
        return served_model(self._settings.model_dir, self._settings.public_key, self._settings.specification)

    def _kept_or(self, found: Served) -> Served:
        """Return the model found, or the one in memory where the one promoted may not be used."""
        if found.refused and not self._chosen.is_published_rule:
            return replace(self._chosen, reason=found.reason, refused=True)
        return found

    def _as_switched(self) -> Served:
        return self._rule if self._switches.get(MODEL) == OFF else self._chosen
