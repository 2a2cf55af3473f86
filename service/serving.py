"""How do one or several workers answer on one socket, and stop without losing a request?

The socket is taken once, before anything else, and every worker listens on it. A worker that is
told to stop takes no new request and finishes those it has.
"""

import errno
import gc
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, NoReturn

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from risk_model.errors import InputError
from service.measuring import MULTIPROCESS_FOLDER
from service.request_log import log_as_json
from service.settings import Settings, read_settings

WAITING_CONNECTIONS: Final = 512
DRAIN_SECONDS: Final = 20
"""How long a worker that stops waits for what it has in work; streams of changes are cut then."""
KEPT_OPEN_SECONDS: Final = 75
"""How long a connection stays open between requests: longer than proxies keep theirs, so that these close first."""
START_SECONDS: Final = 60
"""How long a worker may take to start on a busy machine, or not to answer, before another takes its place."""
NEW_OBJECTS: Final = 50_000
"""New objects after which Python looks for circles among them. An answer to 1,000 rows makes 100,000 and hardly a
circle; looking after every 700, as is usual, took a fifth of its processor time."""
FACTORY: Final = "service.serving:worker_app"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; taken before anything else starts, so that a port in use stops all.

    Raises:
        InputError: the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=WAITING_CONNECTIONS)
        # what is accepted inherits it; without it each answer in two parts waits 40 ms for the other side
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"port {port} of {host} is in use by another program; stop it, or choose another: RISK_PORT={port + 1}"
            ) from None
        raise InputError(f"cannot listen on RISK_HOST={host}, RISK_PORT={port}: {error.strerror}") from None


def worker_app() -> FastAPI:
    """Return the application of one worker; each reads settings and release for itself."""
    from service.app import create_app
    from service.running import Running

    log_as_json()
    app = create_app(Running(read_settings()))
    gc.collect()
    gc.freeze()  # what lives as long as the worker is not looked through again
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    return app


def answer_requests(settings: Settings, listening: socket.socket) -> None:
    """Answer on `listening` until told to stop, with as many workers as the settings say."""
    log_as_json()
    options: dict[str, Any] = {
        "factory": True,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": KEPT_OPEN_SECONDS,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
        "timeout_worker_healthcheck": START_SECONDS,
    }
    for stop in (signal.SIGTERM, signal.SIGINT):  # uvicorn finishes what is in work, and then hands the signal on
        signal.signal(stop, _end_well)
    if settings.workers == 1:
        uvicorn.Server(uvicorn.Config(FACTORY, **options)).run(sockets=[listening])
        return
    with _shared_counts():
        Multiprocess(uvicorn.Config(FACTORY, workers=settings.workers, **options), sockets=[listening]).run()


def _end_well(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


@contextmanager
def _shared_counts() -> Iterator[None]:
    """Give the workers a folder in which each keeps its counts, so that any of them can tell the sum."""
    folder = tempfile.mkdtemp(prefix="risk-counts-")
    os.environ[MULTIPROCESS_FOLDER] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
