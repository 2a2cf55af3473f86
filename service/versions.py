"""Has the caller seen the newest version of what it wants to change?

Every object that people change carries a version, sent as its ETag; a change names the version it
was made for in `If-Match`, so that nobody overwrites what somebody else did meanwhile.
"""

from typing import Annotated, Final

from fastapi import Header, Request

from service.problems import PRECONDITION_FAILED, PRECONDITION_REQUIRED, ProblemError

EXAMPLE_TAG: Final = '"3"'
MOST_DIGITS: Final = 9
"""A version that has more digits was never given out."""

IfMatch = Annotated[str | None, Header(alias="If-Match", description=f"the ETag read last, such as {EXAMPLE_TAG}")]


def etag(version: int) -> str:
    """Return the ETag of a version.

    >>> etag(3)
    '"3"'
    """
    return f'"{version}"'


def sent_version(if_match: str | None) -> int | None:
    """Return the version that an `If-Match` header names; None where it names none.

    >>> sent_version('"3"'), sent_version('W/"3"'), sent_version("*"), sent_version(None)
    (3, 3, None, None)
    """
    digits = (if_match or "").strip().removeprefix("W/").strip('"')
    return int(digits[:MOST_DIGITS]) if digits.isascii() and digits.isdigit() else None


def require_version(current: int, seen: int | None) -> None:
    """Go on only where the caller has seen the present version.

    Raises:
        ProblemError: 428 where the caller names none, 412 where it is another.
    """
    if seen is None:
        raise ProblemError(PRECONDITION_REQUIRED, "if_match_missing", example=EXAMPLE_TAG)
    if seen != current:
        raise ProblemError(PRECONDITION_FAILED, "changed_meanwhile", current_version=current, seen=seen)


def require_match(request: Request, current: int) -> None:
    """Go on only where the `If-Match` of `request` names the present version.

    Raises:
        ProblemError: 428 where the caller names none, 412 where it is another.
    """
    require_version(current, sent_version(request.headers.get("if-match")))
