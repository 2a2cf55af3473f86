"""Where does the next page of a list begin?

A cursor holds the key of the last row shown, never a number of rows, so rows that come or go
meanwhile shift nothing. It is opaque: callers hand it back as they got it.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from fastapi.exceptions import RequestValidationError

LONGEST_CURSOR: Final = 1000
LARGEST_SEQ: Final = 2**31 - 1
"""The largest number that a row can have where rows are numbered."""
INSTANT: Final = "@"
"""Marks a key part that is an instant."""

Row = TypeVar("Row")


def cursor_after(*key: str | int | datetime) -> str:
    """Return the cursor that continues after the row with this sort key.

    >>> key_of(cursor_after(datetime(2026, 4, 1), "a")) == [datetime(2026, 4, 1), "a"]
    True
    """
    parts = [{INSTANT: part.isoformat()} if isinstance(part, datetime) else part for part in key]
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def key_of(cursor: str, *, parameter: str = "after") -> list[Any]:
    """Return the sort key that `cursor` continues after.

    Raises:
        RequestValidationError: it is none that `cursor_after` made.
    """
    try:
        padded = cursor[:LONGEST_CURSOR] + "=" * (-len(cursor[:LONGEST_CURSOR]) % 4)
        parts = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        if not isinstance(parts, list):
            raise ValueError("no key")
        return [datetime.fromisoformat(part[INSTANT]) if isinstance(part, dict) else part for part in parts]
    except (ValueError, KeyError, TypeError):
        fault = {"type": "bad_cursor", "loc": ("query", parameter), "msg": "not a cursor", "ctx": {}}
        raise RequestValidationError([fault]) from None


def page_of(found: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """Split `limit + 1` rows that were asked for into those of this page, and whether more follow.

    >>> page_of([1, 2, 3], 2), page_of([1, 2], 2)
    (([1, 2], True), ([1, 2], False))
    """
    return found[:limit], len(found) > limit
