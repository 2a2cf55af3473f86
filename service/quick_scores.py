"""How is a single score answered with little between the socket and the tables?

`POST /v1/scores` as placement systems send it (an API key, one JSON body, no further wish) is answered
here. What asks for more, or has any fault, goes on to the route unchanged, which says what is wrong: so
no rule is written twice. Receipts of scores made while others are being written are written with the
next, in one transaction, and nothing is answered before its receipt is on disk.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from risk_model.errors import RiskModelError
from service.access import OFFICE_ROLES, Principal
from service.asked import Asked
from service.idempotency import HEADER
from service.identity import Access, principal_of_key
from service.instants import naive_utc
from service.live_scoring import LiveScoring
from service.payloads.requests import PlacementIn
from service.problems import ProblemError
from service.receipt_signing import Signed, ToSign, sign_together
from service.routes.scores import router
from service.running import Running
from service.score_answers import PLACEMENT, score_answer, scored
from service.storage.people import Key

ROUTE: Final = router.routes[0]
"""What the log and the metrics call it."""
PATH, METHOD, PERMISSION, JSON = "/v1/scores", "POST", "scores.make", b"application/json"
IDEMPOTENCY_KEY: Final = HEADER.encode()
LONGEST_BODY: Final = 65_536
"""Bytes; a placement takes about a thousand."""
BODY_SECONDS: Final = 5.0
"""How long a body may take to arrive here; the route waits longer."""
MOST_WAITING: Final = 256
"""Requests that wait at a time; those beyond it are the route's, which sheds what it cannot hold."""


@dataclass
class Together:
    """What the requests of one event loop share: scores whose receipts wait, and who writes or looks now."""

    waiting: list[tuple[ToSign, asyncio.Future[Signed | None]]] = field(default_factory=list)
    writing: asyncio.Task[None] | None = None
    looking: asyncio.Future[LiveScoring] | None = None


class QuickScores:
    """Answers single scores for callers with a key; hands on everything else."""

    def __init__(self, app: ASGIApp, running: Running, access: Access, clock: Callable[[], datetime]) -> None:
        """Wrap `app`."""
        self.app, self.running, self.access, self.clock = app, running, access, clock
        self._of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Together] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        sent = _key_sent(scope) if scope["type"] == "http" and scope["path"] == PATH else None
        if sent is None or len(self._together.waiting) >= MOST_WAITING:
            await self.app(scope, receive, send)
            return
        parts = await _received(receive)
        caller = await self._caller(sent)
        placement = _placement(parts) if caller is not None else None
        if caller is not None and placement is not None and not self.access.rates.take(caller.who):
            answer = await self._answer(caller, placement)
            if answer is not None:
                scope.setdefault("state", {})["caller"] = caller
                scope["route"] = ROUTE
                await _send(answer, send)
                return
        await self.app(scope, _received_again(parts, receive), send)

    @property
    def _together(self) -> Together:
        return self._of_loop.setdefault(asyncio.get_running_loop(), Together())

    async def _caller(self, sent: str) -> Principal | None:
        """Return who sends a key; None where the route has to look closer, or at an office's own placements."""
        try:
            key = self.access.keys.remembered(sent) or await self._found(sent)
            caller = principal_of_key(key, naive_utc(self.clock()))
        except (ProblemError, SQLAlchemyError):
            return None
        return caller if caller.may(PERMISSION) and caller.role not in OFFICE_ROLES else None

    async def _answer(self, caller: Principal, placement: PlacementIn) -> bytes | None:
        """Return the answer once its receipt is on disk; None where the route has to give it."""
        try:
            scoring = self.running.scoring_known() or await self._looked()
            asked = Asked(self.running, caller, as_of=None, now=self.clock(), scoring=scoring)
            made = scored(asked, [placement])[0]
        except (ProblemError, RiskModelError, SQLAlchemyError):
            return None
        receipt = await self._written(made)
        return None if receipt is None else score_answer(made, receipt)

    async def _looked(self) -> LiveScoring:
        """Return the model with the histories; of all who miss them at once, one asks the database."""
        together = self._together
        if together.looking is None:
            together.looking = asyncio.get_running_loop().run_in_executor(None, self.running.scoring_lately)
        looking = together.looking
        try:
            return await asyncio.shield(looking)
        finally:
            if together.looking is looking:
                together.looking = None

    async def _written(self, made: ToSign) -> Signed | None:
        """Return the receipt of a score once it is on disk; None where it cannot be written."""
        loop, together = asyncio.get_running_loop(), self._together
        written: asyncio.Future[Signed | None] = loop.create_future()
        together.waiting.append((made, written))
        if together.writing is None:
            together.writing = loop.create_task(self._write(together))
        return await written

    async def _write(self, together: Together) -> None:
        """Sign and write the receipts of all who wait, then of those who came meanwhile, until nobody waits."""
        try:
            while together.waiting:
                await asyncio.sleep(0)  # whoever is here already goes along
                taken, together.waiting = together.waiting, []
                receipts: Sequence[Signed | None] = [None] * len(taken)
                try:
                    receipts = await self._on_disk([made for made, _ in taken]) or receipts
                finally:  # whatever happened, nobody waits for ever
                    for (_, written), receipt in zip(taken, receipts, strict=True):
                        if not written.done():  # nobody waits any more where a connection ended
                            written.set_result(receipt)
        finally:
            together.writing = None

    async def _found(self, sent: str) -> Key | None:
        return await asyncio.get_running_loop().run_in_executor(None, self.access.keys.find, self.running, sent)

    async def _on_disk(self, made: Sequence[ToSign]) -> Sequence[Signed] | None:
        """Write receipts: here where nobody else writes, for two threads that take turns cost more than the disk."""
        writer = self.running.receipt_writer
        try:
            receipts, bundles = sign_together(self.running.receipt_keys.private, made)
            if not writer.write_if_free(bundles):
                await asyncio.get_running_loop().run_in_executor(None, writer.write, bundles)
        except (RiskModelError, SQLAlchemyError):  # the route meets it again, and says it
            return None
        return receipts


def _key_sent(scope: Scope) -> str | None:
    """Return the API key of a request that can be answered here; None where the route has to."""
    if scope["method"] != METHOD or scope["query_string"]:
        return None
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    scheme, _, sent = headers.get(b"authorization", b"").partition(b" ")
    plain = (
        scheme.lower() == b"bearer"
        and headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == JSON
        and length.isdigit()
        and 0 < int(length) <= LONGEST_BODY
        and IDEMPOTENCY_KEY not in headers
        and len(headers) == len(scope["headers"])  # what is sent twice is for the route to judge
    )
    return sent.strip().decode("latin-1") if plain else None


async def _received(receive: Receive) -> list[Message]:
    """Return the parts of the body, as far as they came in time; the length that was declared bounds them."""
    parts: list[Message] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(BODY_SECONDS):
            while not parts or parts[-1].get("more_body", False):
                parts.append(await receive())
    return parts


def _placement(parts: Sequence[Message]) -> PlacementIn | None:
    """Return the placement sent, where all of it is there and it has no fault."""
    if not parts or parts[-1]["type"] != "http.request" or parts[-1].get("more_body", False):
        return None
    try:
        return PLACEMENT.validate_json(b"".join([part.get("body", b"") for part in parts]))
    except ValidationError:
        return None


def _received_again(parts: Sequence[Message], receive: Receive) -> Receive:
    """Return `receive` with the parts that were taken from it put back."""
    left = list(parts)

    async def receive_again() -> Message:
        return left.pop(0) if left else await receive()

    return receive_again


async def _send(answer: bytes, send: Send) -> None:
    headers = [(b"content-type", JSON), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
