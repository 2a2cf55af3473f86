"""What does the description of the API say of every route alike?

What each route may answer beside its own: who is not known, not allowed, asks too much or sends too
much, and that the service is busy. Routes that change something take an `Idempotency-Key`.
"""

from collections.abc import Iterator
from typing import Any, Final

from service.idempotency import KEY_PATTERN, LONGEST_KEY, STREAMED, WRITING
from service.payloads import events
from service.problems import (
    CONFLICT,
    FORBIDDEN,
    NOT_SIGNED_IN,
    NOT_UNDERSTOOD,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    UNPROCESSABLE,
    WRONG_TYPE,
    responses,
    schemas,
)

OF_ALL: Final = (NOT_SIGNED_IN, FORBIDDEN, UNPROCESSABLE, TOO_MANY, UNAVAILABLE)
OF_BODIES: Final = (NOT_UNDERSTOOD, TOO_LARGE, WRONG_TYPE)
PREFIX: Final = "/v1/"
WITHOUT_CALLER: Final = ("/v1/sessions",)
"""Whoever signs in is not known yet, and nobody's keys are kept."""
KEY_PARAMETER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A key of the caller's choice, such as a UUID. The first answer is kept for seven days and sent again to the "
        "same request, marked `Idempotent-Replayed`; another request under the key is refused (422), one that still "
        "runs too (409)."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": KEY_PATTERN},
}
SECURITY: Final = {
    "key": {"type": "http", "scheme": "bearer", "description": "API key of a system: rk_…"},
    "session": {"type": "apiKey", "in": "cookie", "name": "risk-session", "description": "set by POST /v1/sessions"},
}


def complete(described: dict[str, Any]) -> None:
    """Add to `described`, in place, what holds of every route."""
    described["components"]["schemas"].update({**schemas(), **events.schemas()})
    described["components"]["securitySchemes"] = SECURITY
    for path, method, operation in _operations(described):
        keyed = method.upper() in WRITING and path not in (*WITHOUT_CALLER, *STREAMED)
        statuses = (*OF_ALL, *((CONFLICT,) if keyed else ()), *(OF_BODIES if "requestBody" in operation else ()))
        for status, answer in responses(*statuses).items():
            operation["responses"].setdefault(str(status), answer)
        operation["responses"] = dict(sorted(operation["responses"].items()))
        if keyed:
            operation.setdefault("parameters", []).append(KEY_PARAMETER)
        operation["security"] = [] if path in WITHOUT_CALLER and method == "post" else [{"key": []}, {"session": []}]


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        if path.startswith(PREFIX):
            for method, operation in methods.items():
                yield path, method, operation
