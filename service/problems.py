"""What does a caller read when a request cannot be answered?

RFC 9457 problem details: what is wrong, where (a JSON pointer per bad field) and how to repair it,
in Bahasa Indonesia or English by `Accept-Language`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from risk_model.errors import nearest
from service.kinds import kind_sent
from service.language import Language, preferred
from service.payloads.free_text import identifier_in
from service.payloads.requests import PERSONAL_TRAITS
from service.problem_texts import DETAILS, FIELD_FAULTS, GUESS, OTHER_FAULT, TITLES, Text
from service.routing import methods_of

MEDIA_TYPE: Final = "application/problem+json"
NAMESPACE: Final = "urn:placement-risk:problem:"
NOT_SIGNED_IN, FORBIDDEN, PRECONDITION_FAILED, TOO_LARGE, PRECONDITION_REQUIRED, TOO_MANY = 401, 403, 412, 413, 428, 429
NOT_FOUND, WRONG_METHOD, CONFLICT, UNPROCESSABLE, BROKEN, UNAVAILABLE = 404, 405, 409, 422, 500, 503
NOT_UNDERSTOOD, NOT_ACCEPTABLE, WRONG_TYPE = 400, 406, 415
JSON_TYPE: Final = "application/json"
KEYS_OF_STATUS: Final = {
    NOT_UNDERSTOOD: "not_understood",
    NOT_ACCEPTABLE: "not_acceptable",
    WRONG_TYPE: "wrong_type",
    NOT_FOUND: "no_such_address",
    WRONG_METHOD: "wrong_method",
    TOO_LARGE: "too_large",
}
SCHEMA_REFERENCE: Final = "#/components/schemas/{model}"
DATABASE_AWAY: Final = (OperationalError, NoConnectionError)
"""What the database raises when it does not answer, or not in time."""
SENT: Final = ("name", "path", "user_id", "key_id")
"""Values of sentences that repeat a part of the address."""
CODE_LIKE: Final = re.compile(r"[\w.:/@~\[\]-]{1,100}")
HIDDEN: Final = "…"
UNKNOWN: Final = ("unknown_code", "unknown_event")
SAME_FAULT: Final = {
    "int_parsing": "int_type",
    "int_parsing_size": "int_type",
    "int_from_float": "int_type",
    "bool_parsing": "bool_type",
    "float_parsing": "float_type",
    "list_type": "tuple_type",
    "dict_type": "model_type",
    "date_type": "iso_date",
    "date_parsing": "iso_date",
    "date_from_datetime_parsing": "iso_date",
    "date_from_datetime_inexact": "iso_date",
    "datetime_type": "datetime_parsing",
    "datetime_object_invalid": "datetime_parsing",
}
"""Faults that read alike, whether of an address or of a body."""


EXAMPLE: Final = {
    "type": f"{NAMESPACE}invalid_fields",
    "title": "Invalid fields",
    "status": UNPROCESSABLE,
    "detail": "1 field(s) need repair; see errors.",
    "errors": [
        {"pointer": "#/destination", "detail": "destination is 'HGK', not a known code; did you mean 'HKG'?"},
    ],
}


class FieldProblem(BaseModel):
    """One bad field: where it stands in the body (`pointer`, RFC 6901) or in the address (`parameter`)."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details; `type` is stable, the sentences follow the reader's language."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


class ProblemError(Exception):
    """A request that cannot be answered; `key` names the sentence, `values` fill it."""

    def __init__(self, status: int, key: str, *, headers: Mapping[str, str] | None = None, **values: object) -> None:
        """Build the problem, answered with `headers` as well; nothing personal belongs into `values`."""
        super().__init__(key)
        self.status, self.key, self.values, self.headers = status, key, values, headers
        self.members: Mapping[str, Any] = {}

    def with_members(self, **members: Any) -> "ProblemError":
        """Return this problem with further members in its body, such as both versions of what collided."""
        self.members = members
        return self


def unknown_code(field: str, found: str, known: Iterable[str]) -> RequestValidationError:
    """Return the error for a body whose `field` holds a code that is none of `known`."""
    context = {"found": repr(found), "guess": nearest(found, known)}
    return RequestValidationError([{"type": "unknown_code", "loc": ("body", field), "msg": "", "ctx": context}])


def bad_field(field: str, fault: str, **values: object) -> RequestValidationError:
    """Return the error for a body whose `field` is at fault in a way that only the database shows."""
    return RequestValidationError([{"type": fault, "loc": ("body", field), "msg": "", "ctx": values}])


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the problems a route answers."""
    reference = SCHEMA_REFERENCE.format(model=ProblemDetails.__name__)
    return {
        status: {
            "description": "Problem details (RFC 9457)",
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": reference},
                    **({"example": EXAMPLE} if status == UNPROCESSABLE else {}),
                }
            },
        }
        for status in statuses
    }


def refused_row(faults: Sequence[Mapping[str, Any]], language: Language, fields: Iterable[str]) -> ProblemDetails:
    """Return the problem of one row among many, from pydantic's errors; `fields` are those a row may have."""
    known = list(fields)
    shown = [_field_problem({**fault, "loc": ("body", *fault["loc"])}, language, known) for fault in faults]
    return details(ProblemError(UNPROCESSABLE, "invalid_fields", count=len(shown)), language, shown)


def details(problem: ProblemError, language: Language, errors: list[FieldProblem] | None = None) -> ProblemDetails:
    """Return what is said of `problem` in the reader's language."""
    title, detail = said(problem, language)
    return ProblemDetails(
        type=NAMESPACE + problem.key, title=title, status=problem.status, detail=detail, errors=errors
    )


def schemas() -> dict[str, Any]:
    """Return the OpenAPI schemas that `responses` refers to."""
    own = ProblemDetails.model_json_schema(ref_template=SCHEMA_REFERENCE)
    return {**own.pop("$defs"), ProblemDetails.__name__: own}


def install(app: FastAPI, fields: Sequence[str]) -> None:
    """Make `app` answer every error as problem details; `fields` are those a body may have."""

    @app.exception_handler(RequestValidationError)
    def of_validation(request: Request, error: RequestValidationError) -> JSONResponse:
        if _is_of_another_kind(request, error):
            return answer(request, ProblemError(WRONG_TYPE, "wrong_type", expected=JSON_TYPE))
        language = preferred(request.headers.get("accept-language"))
        faults = [_field_problem(fault, language, fields) for fault in error.errors()]
        return answer(request, ProblemError(UNPROCESSABLE, "invalid_fields", count=len(faults)), faults)

    def of_others(request: Request, error: Exception) -> JSONResponse:
        return answer(request, as_problem(request, error))

    for kind in (HTTPException, ProblemError, ClientDisconnect, *DATABASE_AWAY, Exception):
        app.add_exception_handler(kind, of_others)


def _is_of_another_kind(request: Request, error: RequestValidationError) -> bool:
    """Whether the body was not read at all, because it does not say that it is JSON."""
    kind = kind_sent(request)
    unread = any(tuple(fault["loc"]) == ("body",) and fault["type"] != "missing" for fault in error.errors())
    return unread and bool(kind) and kind != JSON_TYPE and not kind.endswith("+json")


def as_problem(request: Request, error: Exception) -> ProblemError:
    """Return what went wrong with `request` as a problem that can be answered."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, HTTPException):
        key = KEYS_OF_STATUS.get(error.status_code, "refused")
        told = {"path": request.url.path, "method": request.method, "expected": JSON_TYPE}
        headers = error.headers
        if error.status_code == WRONG_METHOD:  # the framework names the methods of one route of several
            headers = {**(headers or {}), "Allow": ", ".join(methods_of(request.scope))}
        return ProblemError(error.status_code, key, headers=headers, **told)
    if isinstance(error, ClientDisconnect):  # nobody reads it, but it counts as their end and not as our fault
        return ProblemError(NOT_UNDERSTOOD, "not_understood")
    if isinstance(error, DATABASE_AWAY):
        return ProblemError(UNAVAILABLE, "database")
    return ProblemError(BROKEN, "internal")


def answer(
    request: Request,
    problem: ProblemError,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return `problem` in the language that `request` asks for, with one entry per bad field."""
    language = preferred(request.headers.get("accept-language"))
    sent = {**(headers or {}), **(problem.headers or {}), "Content-Language": language, "Vary": "Accept-Language"}
    told = {**details(problem, language, errors).model_dump(exclude_none=True), **problem.members}
    return JSONResponse(told, problem.status, headers=sent, media_type=MEDIA_TYPE)


def said(problem: ProblemError, language: Language) -> tuple[str, str]:
    """Return the title and the sentence of `problem` in the reader's language."""
    return _said(TITLES[problem.key], language), _said(DETAILS[problem.key], language, **problem.values)


def _said(text: Text, language: Language, **values: object) -> str:
    return text[language == "en"].format(**{name: _shown(name, value) for name, value in values.items()})


def _shown(name: str, value: object) -> object:
    """What may be said of a value: of what was sent only what looks like a code, never a number of a person."""
    if not isinstance(value, str):
        return value
    unlike_a_code = name in SENT and CODE_LIKE.fullmatch(value.strip("'")) is None
    return HIDDEN if unlike_a_code or identifier_in(value) else value


def _field_problem(fault: Mapping[str, Any], language: Language, fields: Sequence[str]) -> FieldProblem:
    where, *path = [_shown("name", part) for part in fault["loc"]] if fault["type"] != "json_invalid" else ("body",)
    name = str(path[-1]) if path else "body"
    key, values = SAME_FAULT.get(fault["type"], fault["type"]), fault.get("ctx", {})
    if key == "extra_forbidden" and name in PERSONAL_TRAITS:
        key = "personal_trait"
    if key in UNKNOWN and not values.get("guess"):  # what is like no code may be anything, also a name
        values = {**values, "found": HIDDEN}
    said = (
        _said(FIELD_FAULTS[key], language, **values)
        if key in FIELD_FAULTS
        else _said(OTHER_FAULT, language, reason=fault["msg"])
    )
    guess = (
        nearest(name, (known for known in fields if known != name)) if key == "extra_forbidden" else values.get("guess")
    )
    detail = f"{name} {said}" + (_said(GUESS, language, guess=repr(guess)) if guess else "")
    if where == "body":
        return FieldProblem(pointer="#" + "".join(f"/{_escaped(part)}" for part in path), detail=detail)
    return FieldProblem(parameter=name, detail=detail)


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
