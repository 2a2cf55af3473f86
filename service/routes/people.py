"""Who may sign in, and which systems hold a key?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from risk_model.errors import UnknownCodeError
from service.access import Principal
from service.identity import access_of, allowed
from service.managing_people import (
    By,
    LoginTakenError,
    NewKey,
    NewUser,
    PlaceError,
    create_key,
    create_user,
    end_key,
    reset_password,
    update_user,
)
from service.payloads.people import (
    KeyMade,
    KeyOut,
    Keys,
    KeyWanted,
    NewPassword,
    UserChange,
    UserMade,
    UserOut,
    Users,
    UserWanted,
)
from service.problems import (
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    NOT_SIGNED_IN,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    TOO_MANY,
    UNAVAILABLE,
    UNPROCESSABLE,
    ProblemError,
    responses,
    unknown_code,
)
from service.running import Now, Running, Service
from service.storage.people import Key, User, find_user, list_keys, list_users

router = APIRouter(prefix="/v1", tags=["people"])

MOST_AT_ONCE, USUAL_AT_ONCE = 200, 50
EVERYWHERE = (NOT_SIGNED_IN, FORBIDDEN, UNPROCESSABLE, TOO_MANY, UNAVAILABLE)

Manager = Annotated[Principal, allowed("people.manage")]
Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE)]
IfMatch = Annotated[str | None, Header(alias="If-Match", description='the ETag read last, such as "3"')]


@router.get("/users", responses=responses(*EVERYWHERE))
def read_users(
    _: Manager,
    running: Service,
    after: Annotated[str | None, Query(description="continue after this login")] = None,
    limit: Limit = USUAL_AT_ONCE,
) -> Users:
    """Users by login, those who may no longer sign in as well."""
    found = list_users(running.engine, limit=limit + 1, after=after)
    shown = tuple(UserOut(**_user(user)) for user in found[:limit])
    return Users(users=shown, next=shown[-1].login if len(found) > limit else None)


@router.post("/users", status_code=201, responses=responses(CONFLICT, *EVERYWHERE))
def make_user(caller: Manager, wanted: UserWanted, running: Service, now: Now, response: Response) -> UserMade:
    """Let somebody sign in. The password, drawn where none is given, is answered this once."""
    with _said_by_field(running):
        user, password = create_user(running, NewUser(**wanted.model_dump()), _by(caller, now))
    response.headers["Location"] = f"{router.prefix}/users/{user.user_id}"
    response.headers["ETag"] = f'"{user.version}"'
    return UserMade(**_user(user), password=password)


@router.get("/users/{user_id}", responses=responses(NOT_FOUND, *EVERYWHERE))
def read_user(_: Manager, user_id: str, running: Service, response: Response) -> UserOut:
    """One user; the ETag is what a change has to send back as If-Match."""
    with running.engine.connect() as connection:
        user = find_user(connection, user_id)
    if user is None:
        raise ProblemError(NOT_FOUND, "no_such_user", user_id=user_id)
    response.headers["ETag"] = f'"{user.version}"'
    return UserOut(**_user(user))


@router.patch(
    "/users/{user_id}",
    responses=responses(NOT_FOUND, CONFLICT, PRECONDITION_FAILED, PRECONDITION_REQUIRED, *EVERYWHERE),
)
def change_user(
    caller: Manager,
    user_id: str,
    wanted: UserChange,
    *,
    running: Service,
    now: Now,
    response: Response,
    if_match: IfMatch = None,
) -> UserOut:
    """Change role, office, visits, or whether the user may sign in; the sessions of the user end with it.

    A role without an office needs `"office": null` beside it where the user has one.
    """
    changed = {name: value for name, value in wanted.model_dump(exclude_unset=True).items() if _counts(name, value)}
    with _said_by_field(running):
        user = update_user(running, user_id, _version(if_match), changed, _by(caller, now))
    response.headers["ETag"] = f'"{user.version}"'
    return UserOut(**_user(user))


@router.post("/users/{user_id}/password", responses=responses(NOT_FOUND, *EVERYWHERE))
def make_password(caller: Manager, user_id: str, running: Service, now: Now) -> NewPassword:
    """Draw another password for a user, answered this once; the user's sessions end."""
    return NewPassword(password=reset_password(running, user_id, _by(caller, now)))


@router.get("/keys", responses=responses(*EVERYWHERE))
def read_keys(
    _: Manager,
    running: Service,
    after: Annotated[str | None, Query(description="continue after this key")] = None,
    limit: Limit = USUAL_AT_ONCE,
) -> Keys:
    """The keys of systems, those revoked as well; never their secrets."""
    found = list_keys(running.engine, limit=limit + 1, after=after)
    shown = tuple(KeyOut(**_key(key)) for key in found[:limit])
    return Keys(keys=shown, next=shown[-1].key_id if len(found) > limit else None)


@router.post("/keys", status_code=201, responses=responses(*EVERYWHERE))
def make_key(caller: Manager, wanted: KeyWanted, running: Service, now: Now) -> KeyMade:
    """Give a system a key, answered this once."""
    asked = {**wanted.model_dump(), "scopes": tuple(wanted.scopes)}
    with _said_by_field(running):
        key, sent = create_key(running, NewKey(**asked), _by(caller, now))
    return KeyMade(**_key(key), key=sent)


@router.delete("/keys/{key_id}", status_code=204, responses=responses(NOT_FOUND, *EVERYWHERE))
def revoke_key(request: Request, caller: Manager, key_id: str, running: Service, now: Now) -> None:
    """Make a key worthless, on every worker within a second."""
    end_key(running, key_id, _by(caller, now))
    access_of(request).keys.forget()


def _by(caller: Principal, now: datetime) -> By:
    return By(caller.who, caller.role, now)


def _counts(name: str, value: object) -> bool:
    """Whether a field was sent to change something: null empties an office or a number, and is nothing elsewhere."""
    return value is not None or name in ("office", "monthly_visits")


def _version(if_match: str | None) -> int:
    version = (if_match or "").removeprefix("W/").strip('"')
    if not (version.isascii() and version.isdigit()):
        raise ProblemError(PRECONDITION_REQUIRED, "if_match_missing", example='"3"')
    return int(version[:9])


@contextmanager
def _said_by_field(running: Running) -> Iterator[None]:
    """Say what does not fit as a problem of the field it stands in."""
    try:
        yield
    except UnknownCodeError as error:
        raise unknown_code(error.column, str(error.found), running.offices) from None
    except PlaceError as error:
        raise RequestValidationError([{"type": error.fault, "loc": ("body", "office"), "msg": ""}]) from None
    except LoginTakenError:
        raise ProblemError(CONFLICT, "login_taken") from None


def _user(user: User) -> dict[str, Any]:
    return {**asdict(user), "created_at": user.created_at.replace(tzinfo=UTC)}


def _key(key: Key) -> dict[str, Any]:
    ended = key.revoked_at.replace(tzinfo=UTC) if key.revoked_at else None
    dates = {name: getattr(key, name).replace(tzinfo=UTC) for name in ("created_at", "expires_at")}
    return {**asdict(key), **dates, "revoked_at": ended}
