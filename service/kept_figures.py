"""Which figures that took long to compute are still good?

Figures over the whole register take seconds. They are computed once, by one request at a time, and
answered again until what they rest on has changed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

Value = TypeVar("Value")

MOST_KEPT: Final = 64
"""Answers held at a time; the one that was asked for longest ago goes first."""


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


class KeptFigures:
    """The newest figures by name; for one process."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def get(
        self, name: Hashable, basis: Basis, *, now: datetime, good_for: timedelta, make: Callable[[], Value]
    ) -> Value:
        """Return the figures called `name`, made by `make` unless those that are there still hold.

        They hold while nothing of `basis` changed, and for `good_for` after they were made while only
        its `later` part did.
        """
        kept = self._held(name, basis, now, good_for)
        if kept is None:
            with self._one_at_a_time:
                kept = self._held(name, basis, now, good_for)
                if kept is None:
                    kept = self._kept[name] = _Kept(basis, now, make())
                    self._kept.move_to_end(name)
                    while len(self._kept) > MOST_KEPT:
                        self._kept.popitem(last=False)
        value: Value = kept.value
        return value

    def _held(self, name: Hashable, basis: Basis, now: datetime, good_for: timedelta) -> _Kept | None:
        kept = self._kept.get(name)
        if kept is None or kept.basis.ground != basis.ground:
            return None
        return kept if kept.basis.later == basis.later or now - kept.made_at < good_for else None
