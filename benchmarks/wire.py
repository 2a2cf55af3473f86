"""How quickly does a server answer so many connections that each wait for their answer?

One thread and one epoll: a request is bytes made before, an answer is read to its last byte and its status counted.
It takes about half the processor time of the quickest server here (21 of 42 µs a request), on a core of its own, and
is no slower than `wrk`: the server is what is measured.
"""

import re
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

import numpy as np

CONNECTIONS = 16
CHUNK = 1 << 20
OK = 200
NOBODY_ANSWERS = 120.0
"""Seconds without any answer after which a server counts as gone."""
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Answers:
    """What came back: seconds from sending to the last byte, by answer; statuses that were not 200; wall seconds."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    wall: float = 0.0
    received: int = 0

    @property
    def per_second(self) -> float:
        """Good answers per second."""
        return (len(self.seconds) - len(self.wrong)) / self.wall

    def quantile(self, share: float) -> float:
        """Seconds within which that share of all answers came."""
        return float(np.quantile(self.seconds, share))


def request(path: str, body: bytes, *, headers: Sequence[str] = (), content_type: str = "application/json") -> bytes:
    """Return one POST as it goes over the wire."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {content_type}",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Connection:
    """One connection that is kept open, and what has come of the present answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sent_at = 0.0
        self.came: list[bytes] = []
        self.socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=NOBODY_ANSWERS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def send(self, content: bytes) -> None:
        self.came = []
        self.sent_at = time.perf_counter()
        self.socket.sendall(content)

    def status_when_done(self) -> int | None:
        """Read what has come; return the status once the answer is whole."""
        part = self.socket.recv(CHUNK)
        if not part:
            raise ConnectionError("the server closed a connection within an answer")
        self.came.append(part)
        head, blank, rest = self.came[0].partition(b"\r\n\r\n")
        if not blank:
            self.came = [b"".join(self.came)]
            return None
        length = LENGTH.search(head)
        if length is not None:
            whole = len(rest) + sum(map(len, self.came[1:])) >= int(length.group(1))
        else:
            tail = part if len(part) >= len(LAST_CHUNK) else b"".join(self.came[-2:])
            whole = tail.endswith(LAST_CHUNK)
        return int(head[9:12]) if whole else None


def drive(port: int, requests: Sequence[bytes], *, seconds: float, connections: int = CONNECTIONS) -> Answers:
    """Send `requests` in turn, again and again, on so many connections at once; return the answers.

    Raises:
        ConnectionError: the server went away, or closed a connection within an answer.
    """
    answers, following = Answers(), cycle(requests)
    selector = selectors.DefaultSelector()
    opened = [_Connection(port) for _ in range(connections)]
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    begun = time.perf_counter()
    for connection in opened:
        connection.send(next(following))
    working = connections
    while working:
        ready = selector.select(NOBODY_ANSWERS)
        if not ready:
            raise ConnectionError(f"no answer for {NOBODY_ANSWERS:.0f} s")
        for key, _ in ready:
            connection = key.data
            status = connection.status_when_done()
            if status is None:
                continue
            now = time.perf_counter()
            answers.seconds.append(now - connection.sent_at)
            answers.received += sum(map(len, connection.came))
            if status != OK:
                answers.wrong.append(status)
            if now - begun < seconds:
                connection.send(next(following))
            else:
                working -= 1
    answers.wall = time.perf_counter() - begun
    for connection in opened:
        connection.socket.close()
    selector.close()
    return answers
