"""How often do visits find harm in each segment of the register?"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine

from service.payloads.segments import Segments
from service.running import Running
from service.storage.register import Import, newest_import


def segments_answer(running: Running, by: Sequence[str], *, now: datetime) -> Segments | None:
    """Return the segments of all that the service knows, or None where nothing was imported.

    Raises:
        InputError: `by` names a column by which placements are not grouped.
        ProblemError: the process that makes them ended before it was done.
    """
    newest = newest_import(running.engine)
    if newest is None:
        return None
    make = partial(running.apart.make, _segments, newest, tuple(by), now)
    return running.kept_figures(("segments", *by), now=now, make=make)


def hard_answer(running: Running, newest: Import, by: str, *, now: datetime) -> list[dict[Any, Any]]:
    """Return a row per segment by the column `by` with what makes it hard to supervise; None is not known.

    Raises:
        ProblemError: the process that makes them ended before it was done.
    """
    make = partial(running.apart.make, _hard, newest, by)
    return running.kept_figures(("hard", by), now=now, make=make)


def _segments(engine: Engine, newest: Import, by: Sequence[str], now: datetime) -> Segments:
    from service.segment_figures import segment_figures

    return segment_figures(engine, newest, by, now)


def _hard(engine: Engine, newest: Import, by: str) -> list[dict[Any, Any]]:
    from service.segment_figures import hard_figures

    return hard_figures(engine, newest, by)
