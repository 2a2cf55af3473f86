"""How much may be asked of one process at a time?

Beyond that it says so at once, with `Retry-After`, rather than answer everybody late: the body's
size, the time until an answer begins, the requests in work, and the requests of one caller.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import TOO_LARGE, TOO_MANY, UNAVAILABLE, ProblemError, answer

MEGABYTE: Final = 2**20
UPLOADS: Final = ("/v1/placements/import", "/v1/scores/batch")
"""Where bodies may be large, and take long to arrive."""
ALWAYS: Final = ("/health/", "/metrics")
"""What is answered however busy the service is."""
EVENT_STREAM: Final = "text/event-stream"
"""An answer that stays open; it stops counting as work once it has begun."""
RETRY: Final = {"Retry-After": "1"}
MOST_CALLERS: Final = 10_000
"""Callers remembered at a time; the one that asked longest ago has its full allowance again anyway."""


@dataclass(frozen=True)
class Bounds:
    """What one process takes on: body sizes in bytes, seconds until an answer begins, requests in work."""

    body_bytes: int
    upload_bytes: int
    seconds: float
    upload_seconds: float
    in_work: int


class CallerRates:
    """Remembers how many requests each caller has left: `rate` per second, `burst` at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        """Begin with everybody's full allowance; `clock` counts seconds."""
        self.rate, self.burst, self._clock = rate, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: str) -> float:
        """Take one request from the caller's allowance; return 0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(caller, (self.burst, now))
            left = min(self.burst, left + (now - since) * self.rate)
            wait = 0.0 if left >= 1 else (1 - left) / self.rate
            self._left[caller] = (left if wait else left - 1, now)
            if len(self._left) > MOST_CALLERS:
                self._left.popitem(last=False)
            return wait

    def check(self, caller: str) -> None:
        """Take one request from the caller's allowance.

        Raises:
            ProblemError: 429, where there is none left.
        """
        wait = self.take(caller)
        if wait:
            raise ProblemError(TOO_MANY, "too_many", headers={"Retry-After": str(ceil(wait))}, rate=f"{self.rate:g}")


class Limits:
    """Answers 503 while too much is in work or an answer takes too long, and 413 to a body over the limit."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        """Wrap `app`."""
        self.app, self.bounds = app, bounds
        self.in_work = 0
        self._late: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(ALWAYS):
            await self.app(scope, receive, send)
            return
        upload = scope["path"] in UPLOADS
        most_bytes = self.bounds.upload_bytes if upload else self.bounds.body_bytes
        if self.in_work >= self.bounds.in_work:
            await _refuse(ProblemError(UNAVAILABLE, "busy", headers=RETRY), scope, receive, send)
        elif _declared_bytes(scope) > most_bytes:
            await _refuse(ProblemError(TOO_LARGE, "too_large"), scope, receive, send)
        else:
            seconds = self.bounds.upload_seconds if upload else self.bounds.seconds
            await self._within(seconds, scope, _counted(receive, most_bytes), send)

    async def _within(self, seconds: float, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503 where the application has not begun to answer in time.

        What runs in a thread cannot be stopped: it ends by itself, is heard no more, and counts as
        work until then.
        """
        answering = _Answering(send, self._one_less)
        work = asyncio.ensure_future(self.app(scope, receive, answering))
        self.in_work += 1
        work.add_done_callback(answering.end)
        try:
            await asyncio.wait_for(answering.begun.wait(), seconds)
            await work
        except asyncio.CancelledError:
            work.cancel()
            raise
        except TimeoutError:
            if answering.begun.is_set():
                raise
            answering.abandoned = True
            self._late.add(work)
            work.add_done_callback(self._late.discard)
            problem = ProblemError(UNAVAILABLE, "too_slow", headers=RETRY, seconds=f"{seconds:g}")
            await _refuse(problem, scope, receive, send)

    def _one_less(self) -> None:
        self.in_work -= 1


class _Answering:
    """Hands on what the application sends, until nobody waits for it any more."""

    def __init__(self, send: Send, leave: Callable[[], None]) -> None:
        """`leave` is called once, when the request stops counting as work."""
        self._send, self._leave = send, leave
        self.begun = asyncio.Event()
        self.abandoned = self._left = False

    async def __call__(self, message: Message) -> None:
        """Send one part of the answer."""
        if self.abandoned:
            return
        self.begun.set()
        if message["type"] == "http.response.start" and _is_event_stream(message):
            self._leave_once()
        await self._send(message)

    def end(self, work: asyncio.Future[None]) -> None:
        """Note that the application is done, well or not."""
        self._leave_once()
        self.begun.set()
        if self.abandoned and not work.cancelled():
            work.exception()  # nobody waits for it: without this line Python would report it as lost

    def _leave_once(self) -> None:
        if not self._left:
            self._left = True
            self._leave()


def _counted(receive: Receive, most_bytes: int) -> Receive:
    """Return `receive`, which fails where more arrives than `most_bytes`, whatever was declared."""
    arrived = 0

    async def receive_counted() -> Message:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > most_bytes:
            raise HTTPException(TOO_LARGE)
        return message

    return receive_counted


def _declared_bytes(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isdecimal() and declared.isascii() else 0


def _is_event_stream(message: Message) -> bool:
    return Headers(raw=message.get("headers", [])).get("content-type", "").startswith(EVENT_STREAM)


async def _refuse(problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    await answer(Request(scope), problem, headers=problem.headers)(scope, receive, send)
