"""What does the service write down of each request, and of what goes wrong in it?

One line of JSON each, with nothing that a caller sent: no address, no body, no header, and of an
error its kind and where it happened, never its message, which may quote a value.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any, Final

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.measuring import Meters

NAME: Final = "service.requests"
REQUEST_ID: Final = b"x-request-id"
RUN_BYTES: Final = 8
"""Of an id: what tells this worker from all others; the number of the request in it follows."""
UNMATCHED: Final = "(none)"
"""Route of a request that no route is for."""
LINE: Final = msgspec.json.Encoder()
OWN: Final = ("service", "uvicorn")
"""Loggers whose messages are fixed sentences; of others only the name is written."""
MS: Final = 1000

logger = logging.getLogger(NAME)


class JsonLines(logging.Formatter):
    """Writes one line of JSON for each record, with the fields of `told` and nothing filled in."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name.split(".")[0] in OWN:
            line["event"] = str(record.msg).strip()  # without its values
        line.update(getattr(record, "told", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = _kinds(record.exc_info[1])
            line["where"] = [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return LINE.encode(line).decode()


def log_as_json(level: int = logging.INFO) -> None:
    """Make every logger of this process write JSON lines to standard error; what no line says is not looked up."""
    logging._srcfile = None  # as logging's own documentation advises
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("service").setLevel(level)
    logging.captureWarnings(capture=True)


class RequestLog:
    """Writes one line and counts one answer for each request, and gives it an id."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        """Wrap `app`."""
        self.app, self.meters = app, meters
        self._run, self._numbers = token_hex(RUN_BYTES), count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, begun, status = f"{self._run}{next(self._numbers):016x}", perf_counter(), 500
        scope.setdefault("state", {})

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID, request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._write(scope, request_id, status, perf_counter() - begun)

    def _write(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = _template(scope)
        self.meters.count(scope["method"], route, status, seconds)
        told = {
            "request": request_id,
            "method": scope["method"],
            "route": route,
            "status": status,
            "ms": round(seconds * MS, 1),
            "caller": _kind_of_caller(scope),
        }
        logger.info("answered", extra={"told": told})


def _template(scope: Scope) -> str:
    """The route as it is declared, with names in place of what was sent."""
    route = scope.get("route")
    return str(getattr(route, "path", UNMATCHED))


def _kind_of_caller(scope: Scope) -> str:
    caller = scope.get("state", {}).get("caller")
    return f"{caller.who.partition(':')[0]}/{caller.role}" if caller is not None else "nobody"


def _kinds(error: BaseException | None) -> list[str]:
    """The kinds of an error and of those that caused it, outermost first."""
    kinds = []
    while error is not None:
        kinds.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return kinds
