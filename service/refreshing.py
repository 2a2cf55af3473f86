"""How do the histories of corridors, and what has grown old, keep up while the service runs?"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from risk_model.errors import TableError
from risk_model.prioritisation.segment_names import BY
from service.applying import refresh_corridors
from service.late_scores import score_late
from service.model_change import follow_model
from service.problems import ProblemError
from service.running import Running, utc_now
from service.segments_answer import segments_answer
from service.storage.register import newest_import

logger = logging.getLogger(__name__)

A_MINUTE: Final = 60
SOON: Final = 0.5
"""Seconds until scores that this process has put off are begun."""
LOOK_EVERY: Final = 60.0
"""Seconds between two looks whether a refresh is due; whichever process looks first makes it."""


@asynccontextmanager
async def corridors_kept(running: Running) -> AsyncIterator[None]:
    """Refresh the histories of corridors on schedule, and make scores that were put off, while the context is open."""
    tasks = [asyncio.create_task(work(running)) for work in (_keep, _score_late)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def figures_ready(running: Running, now: datetime, *, made_for: int | None) -> int | None:
    """Make the figures of segments where an import came after the one they were `made_for`; return the newest.

    So nobody waits for them: of 300,000 placements they take longer than an answer may.
    """
    newest = newest_import(running.engine)
    if newest is not None and newest.import_id != made_for:
        segments_answer(running, BY, now=now)
    return newest.import_id if newest is not None else None


async def _keep(running: Running) -> None:
    every = timedelta(minutes=running.settings.corridor_refresh_minutes)
    made_for: int | None = None
    while True:
        await asyncio.sleep(min(LOOK_EVERY, every.total_seconds()))
        try:
            running.scores_are_due.set()  # another process may have ended before it was done
            await run_in_threadpool(follow_model, running, utc_now())
            await run_in_threadpool(refresh_corridors, running, utc_now(), every=every)
            made_for = await run_in_threadpool(figures_ready, running, utc_now(), made_for=made_for)
        except (SQLAlchemyError, TableError, ProblemError):  # the database is away, or who made figures ended
            logger.exception("scores were not refreshed; the next look tries again")


async def _score_late(running: Running) -> None:
    while True:
        await asyncio.sleep(SOON)
        if not running.scores_are_due.is_set():
            continue
        running.scores_are_due.clear()
        try:
            await run_in_threadpool(score_late, running, utc_now())
        except SQLAlchemyError:
            logger.exception("scores that wait were not made; the next look tries again")
