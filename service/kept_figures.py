"""Which figures that took long to compute are still good?

Figures over the whole register take seconds. They are made once, whoever asks meanwhile waits for them and for no
others, and they are answered again until what they rest on has changed. Where they have only grown old, the old
ones are answered while new ones are made.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

MOST_KEPT: Final = 64
"""Answers held at a time; the one that was made longest ago goes first."""


@dataclass(frozen=True)
class Basis:
    """What figures rest on: `ground` must be the same, `later` may have moved on for a while."""

    ground: Hashable
    later: Hashable


@dataclass(frozen=True)
class _Kept:
    basis: Basis
    made_at: datetime
    value: Any


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


class KeptFigures:
    """The newest figures by name; for one process."""

    def __init__(self, beside: Callable[[Callable[[], None]], None] = _in_thread) -> None:
        """Hold nothing yet; `beside` does work while the caller goes on."""
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._beside, self._guard = beside, threading.Lock()
        self._turns: WeakValueDictionary[Hashable, threading.Lock] = WeakValueDictionary()
        self._in_work: set[Hashable] = set()

    def get(
        self, name: Hashable, basis: Basis, *, now: datetime, good_for: timedelta, make: Callable[[], Value]
    ) -> Value:
        """Return the figures called `name`, made by `make` unless those that are there still hold.

        They hold while nothing of `basis` changed, and for `good_for` after they were made while only its `later`
        part did. After that they are answered once more, and made anew beside.
        """

        def made() -> Any:
            with self._turn(name):
                kept = self._kept.get(name)
                if kept is None or not self._holds(kept, basis, now, good_for):
                    kept = _Kept(basis, now, make())
                    self._keep(name, kept)
                return kept.value

        kept = self._kept.get(name)
        usable = kept is not None and kept.basis.ground == basis.ground
        if usable and not self._holds(kept, basis, now, good_for):
            self._make_beside(name, made)
        value: Value = kept.value if kept is not None and usable else made()
        return value

    def _turn(self, name: Hashable) -> threading.Lock:
        """The lock of who makes the figures called `name`; it is there for as long as somebody holds or awaits it."""
        with self._guard:
            return self._turns.setdefault(name, threading.Lock())

    def _keep(self, name: Hashable, kept: _Kept) -> None:
        with self._guard:
            self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def _make_beside(self, name: Hashable, made: Callable[[], Any]) -> None:
        """Make figures while the caller goes on, unless somebody does already."""

        def work() -> None:
            try:
                made()
            except Exception:
                logger.exception("figures could not be made anew; the next request tries again")
            finally:
                self._in_work.discard(name)

        if name not in self._in_work:
            self._in_work.add(name)
            self._beside(work)

    @staticmethod
    def _holds(kept: _Kept | None, basis: Basis, now: datetime, good_for: timedelta) -> bool:
        if kept is None or kept.basis.ground != basis.ground:
            return False
        return kept.basis.later == basis.later or now - kept.made_at < good_for
