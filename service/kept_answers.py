"""How are a request and its answer held until it is known whether they count?

The body of a request is read wholly, to know whether it is the same as before; an answer is held
back until it is kept. Both lie in memory, large bodies in a file that has no name.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import IO, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Send

IN_MEMORY: Final = 2**20
"""Bytes of a body that stay in memory; as much as one part that is handed on."""
MOST_KEPT: Final = 8 * 2**20
"""Bytes of an answer that are held; a longer one is sent on as it comes, and is not kept."""
NONCE_BYTES: Final = 12
REPLAYED: Final = (b"idempotent-replayed", b"true")
NOT_REPEATED: Final = (b"set-cookie", b"date")


async def read_into(file: IO[bytes], receive: Receive) -> None:
    """Read the body of a request into `file`.

    Raises:
        ClientDisconnect: it ended half-way.
    """
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        file.write(message.get("body", b""))
        more = message.get("more_body", False)


def content_hash(file: IO[bytes], content_type: str) -> str:
    """Return the SHA-256 of the body in `file` and its kind.

    What parts a form with files is chosen anew each time it is sent, so it does not count.
    """
    kind, options = parse_options_header(content_type)
    hashed = hashlib.sha256(kind + b"\n")
    boundary = options.get(b"boundary", b"") if kind.startswith(b"multipart/") else b""
    rest = b""
    file.seek(0)
    while part := file.read(IN_MEMORY):
        known = (rest + part).replace(boundary, b"") if boundary else part
        rest = known[len(known) - len(boundary) :] if boundary else b""
        hashed.update(known[: len(known) - len(rest)])
    hashed.update(rest)
    return hashed.hexdigest()


def received_again(file: IO[bytes], rest: Receive) -> Receive:
    """Return what hands on the body in `file`, and then what comes after it on the connection."""
    file.seek(0)
    done = False

    async def hand_on() -> Message:
        nonlocal done
        if done:
            return await rest()
        part = file.read(IN_MEMORY)
        done = len(part) < IN_MEMORY
        return {"type": "http.request", "body": part, "more_body": not done}

    return hand_on


@dataclass
class Answer:
    """An answer as it is sent: status, headers and body."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    def packed(self, secret: bytes) -> bytes:
        """Return the answer encrypted with `secret`, 32 bytes."""
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in self.headers
            if name.lower() not in NOT_REPEATED
        ]
        content = json.dumps([self.status, headers]).encode() + b"\n" + self.body
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(secret).encrypt(nonce, content, None)

    @classmethod
    def unpack(cls, packed: bytes, secret: bytes) -> "Answer":
        """Return what `packed` made.

        Raises:
            InvalidTag: it was altered, or encrypted with another secret.
        """
        head, _, body = AESGCM(secret).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], None).partition(b"\n")
        status, headers = json.loads(head)
        return cls(status, [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers], body)

    async def send(self, send: Send) -> None:
        """Send the answer once more, marked as repeated."""
        headers = [*self.headers, REPLAYED]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Keeping:
    """Holds an answer back until it is whole; `whole` is false where it is too long for that."""

    def __init__(self, send: Send) -> None:
        """Hold what would be sent by `send`."""
        self._send = send
        self._held: list[Message] = []
        self._bytes = 0
        self.whole = True

    async def __call__(self, message: Message) -> None:
        """Take one part of the answer."""
        self._bytes += len(message.get("body", b""))
        self._held.append(message)
        if self._bytes > MOST_KEPT:
            self.whole = False
        if not self.whole:
            await self.send_rest()

    @property
    def answer(self) -> Answer:
        """The answer so far."""
        start = self._held[0]
        body = b"".join(message.get("body", b"") for message in self._held[1:])
        return Answer(start["status"], [(bytes(n), bytes(v)) for n, v in start.get("headers", [])], body)

    async def send_rest(self) -> None:
        """Send what is held back."""
        for message in self._held:
            await self._send(message)
        self._held = []
