"""How do the histories of corridors, and what has grown old, keep up while the service runs?"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from service.applying import refresh_corridors
from service.model_change import follow_model
from service.running import Running, utc_now

logger = logging.getLogger(__name__)

A_MINUTE: Final = 60
LOOK_EVERY: Final = 60.0
"""Seconds between two looks whether a refresh is due; whichever process looks first makes it."""


@asynccontextmanager
async def corridors_kept(running: Running) -> AsyncIterator[None]:
    """Refresh the histories of corridors on schedule for as long as the context is open."""
    task = asyncio.create_task(_keep(running))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep(running: Running) -> None:
    every = timedelta(minutes=running.settings.corridor_refresh_minutes)
    while True:
        await asyncio.sleep(min(LOOK_EVERY, every.total_seconds()))
        try:
            await run_in_threadpool(follow_model, running, utc_now())
            await run_in_threadpool(refresh_corridors, running, utc_now(), every=every)
        except SQLAlchemyError:
            logger.exception("scores were not refreshed; the next look tries again")
