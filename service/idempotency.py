"""Was this request carried out before, under the same `Idempotency-Key`?

Then its first answer is sent again and nothing is done twice. Effect and key cannot diverge: every
transaction of the request also marks its key, and a run that lost its key cannot commit. A process
that dies before it committed frees the key after `free_at`; one that dies between its commit and its
answer leaves a key that says so (409), never one that runs again. Answers are kept for seven days,
encrypted with the audit key and the caller's own key, which is stored as a hash: they may hold what
is shown once, such as a new API key.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from sqlalchemy import Connection, event
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access import Principal
from service.identity import FORM_TOKEN_HEADER, access_of, identify
from service.instants import naive_utc
from service.kept_answers import IN_MEMORY, Answer, Keeping, content_hash, read_into, received_again
from service.limits import RETRY, UPLOADS
from service.problems import BROKEN, CONFLICT, DATABASE_AWAY, UNPROCESSABLE, ProblemError, answer, as_problem
from service.routing import has_route
from service.running import Running
from service.storage import idempotency as store
from service.storage.engine import BOOKKEEPING, WRITES, for_writing

HEADER: Final = "idempotency-key"
WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")
"""Methods that the header counts for; others change nothing anyway."""
PREFIX: Final = "/v1/"
STREAMED: Final = ("/v1/scores/batch",)
"""Answers of any length that change nothing of the register: they are made again."""
LONGEST_KEY: Final = 255
KEY_PATTERN: Final = "^[!-~]+$"
KEY_FORM: Final = re.compile(f"[!-~]{{1,{LONGEST_KEY}}}")
KEPT_FOR: Final = timedelta(days=7)
MARGIN: Final = timedelta(seconds=30)
"""How long after the limit for its answer a request counts as dead."""
NOT_BEGUN: Final = (401, 403, 413, 415, 422, 429)
"""Answers that say the request was never carried out; the key stays free for one that is mended."""
TOKEN_BYTES: Final = 8
REFUSED: Final = {store.CHANGED: (UNPROCESSABLE, "key_reused"), store.LOST: (CONFLICT, "key_lost")}

_mine: ContextVar["Run | None"] = ContextVar("run", default=None)


@dataclass
class Run:
    """One run of a request that has a key; `applied` once it committed something."""

    claim: store.Claim
    secret: bytes
    applied: bool = False


def watch(running: Running) -> None:
    """Make every transaction that writes for a request with a key mark the key as well."""
    if not event.contains(running.engine, "commit", _mark):
        event.listen(running.engine, "commit", _mark)


def _mark(connection: Connection) -> None:
    run, options = _mine.get(), connection.get_execution_options()
    if run is not None and options.get(WRITES) and not options.get(BOOKKEEPING):
        store.mark_applied(connection, run.claim)
        run.applied = True


class Idempotency:
    """Answers a request that was carried out before with its first answer."""

    def __init__(self, app: ASGIApp, running: Running, clock: Callable[[], datetime]) -> None:
        """Wrap `app`; `clock` gives the present instant."""
        self.app, self.running, self._clock = app, running, clock
        watch(running)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not _counts(scope):
            await self.app(scope, receive, send)
            return
        with SpooledTemporaryFile(IN_MEMORY) as body:
            request = Request(scope)
            try:
                first, run = await self._first(request, body, receive)
            except (HTTPException, ProblemError, ClientDisconnect, *DATABASE_AWAY) as error:
                await answer(request, as_problem(request, error))(scope, receive, send)
                return
            if first is not None:
                await first.send(send)
            elif run is not None:
                await self._run(run, scope, received_again(body, receive), send)
            else:
                await self.app(scope, receive, send)

    async def _first(self, request: Request, body: IO[bytes], receive: Receive) -> tuple[Answer | None, Run | None]:
        """Return the first answer; where there is none the run that may make it, and none where nobody is known."""
        caller = await run_in_threadpool(self._caller, request)
        if caller is None:
            return None, None
        sent = _valid_key(request)
        await read_into(body, receive)
        found, run = await run_in_threadpool(self._claim, request, caller, sent, body)
        if found.what != store.NEW:  # else the route itself counts the request
            access_of(request).rates.check(caller.who)
        return _unpacked(found, run.secret), run

    def _caller(self, request: Request) -> Principal | None:
        """Return who sends the request, None where nobody may: the application says so then."""
        try:
            return identify(request, self.running, self._clock(), request.headers.get(FORM_TOKEN_HEADER))
        except ProblemError:
            return None

    async def _run(self, run: Run, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry the request out; the answer is kept before it is sent."""
        keeping = Keeping(send)
        token = _mine.set(run)
        try:
            await self.app(scope, receive, keeping)
        except Exception:
            await run_in_threadpool(self._finish, run, None)
            raise
        finally:
            _mine.reset(token)
        kept = keeping.answer if keeping.whole and _is_kept(run, keeping.answer.status) else None
        await run_in_threadpool(self._finish, run, kept)
        await keeping.send_rest()

    def _claim(self, request: Request, caller: Principal, sent: str, body: IO[bytes]) -> tuple[store.Found, Run]:
        at = naive_utc(self._clock())
        settings = self.running.settings
        seconds = settings.upload_seconds if request.url.path in UPLOADS else settings.request_seconds
        who = f"{caller.who}/{caller.role}/{caller.office or ''}"
        secret = _derived(self.running.audit_key, who, sent)
        claim = store.Claim(who, hashlib.sha256(sent.encode()).hexdigest(), secrets.token_hex(TOKEN_BYTES))
        with _bookkeeping(self.running) as connection:
            store.forget_before(connection, at - KEPT_FOR)
            free_at = at + timedelta(seconds=seconds) + MARGIN
            found = store.claim(connection, claim, _request_hash(request, body), at=at, free_at=free_at)
        return found, Run(claim, secret)

    def _finish(self, run: Run, kept: Answer | None) -> None:
        """Keep the answer, or let the key go; where the database is away, `free_at` lets it go."""
        at = naive_utc(self._clock())
        with suppress(*DATABASE_AWAY), _bookkeeping(self.running) as connection:
            if kept is None:
                store.let_go(connection, run.claim, at=at)
            else:
                store.keep_answer(connection, run.claim, kept.packed(run.secret))


def _counts(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in WRITING or scope["path"] in STREAMED:
        return False
    kept = scope["path"].startswith(PREFIX) and HEADER in Headers(scope=scope)
    return kept and has_route(scope, scope["method"])


def _bookkeeping(running: Running) -> AbstractContextManager[Connection]:
    return for_writing(running.engine).execution_options(**{BOOKKEEPING: True}).begin()


def _valid_key(request: Request) -> str:
    sent = request.headers[HEADER]
    if not KEY_FORM.fullmatch(sent):
        raise ProblemError(UNPROCESSABLE, "key_malformed", most=LONGEST_KEY)
    return sent


def _unpacked(found: store.Found, secret: bytes) -> Answer | None:
    """Return the kept answer, None where the request is new."""
    if found.what == store.TAKEN:
        raise ProblemError(CONFLICT, "key_running", headers=RETRY)
    if found.what in REFUSED:
        raise ProblemError(*REFUSED[found.what])
    return None if found.answer is None else Answer.unpack(found.answer, secret)


def _is_kept(run: Run, status: int) -> bool:
    return status < BROKEN and (run.applied or status not in NOT_BEGUN)


def _derived(audit_key: bytes, who: str, sent: str) -> bytes:
    """Return the key that the answer is encrypted with; neither the database nor its backup holds it."""
    return hmac.new(audit_key, f"idempotency:{who}:{sent}".encode(), hashlib.sha256).digest()


def _request_hash(request: Request, body: IO[bytes]) -> str:
    """Return what makes a request the same: method, address, body, and the version it expects."""
    content = content_hash(body, request.headers.get("content-type", ""))
    parts = (request.method, request.url.path, request.url.query, content, request.headers.get("if-match", ""))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
