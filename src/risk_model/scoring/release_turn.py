"""Whose turn is it to change which release is in use?

One at a time: whoever comes meanwhile is turned away at once, so that of two promotions or roll-backs
one wins and the other is told. The turn ends with its process, however that ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from risk_model.errors import ReleaseBusyError

PROMOTION, CHANGE = "promotion", "change"
"""What a turn is for: to hold a version against the gate and publish it, or to replace the release in use."""


@contextmanager
def sole_turn(folder: Path, purpose: str) -> Iterator[None]:
    """Hold the turn for `purpose` in the folder of releases while the context is open.

    Raises:
        ReleaseBusyError: another one holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{purpose}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ReleaseBusyError(
            f"{folder}: another {purpose} is under way; wait for its end, look which release is in use, then try again"
        ) from None
    try:
        yield
    finally:
        os.close(handle)
