"""Who may sign in, which systems hold a key, and how does an administrator change that?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from risk_model.errors import UnknownCodeError
from service.access import Principal
from service.identity import access_of, allowed
from service.instants import naive_utc
from service.language import Language
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
from service.pages import people_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.payloads.people import USUAL_DAYS, KeyWanted, UserChange, UserWanted
from service.problems import CONFLICT, NOT_FOUND, UNPROCESSABLE, ProblemError, refused_row, said
from service.running import Now, Running, Service
from service.storage.people import User, find_user, list_keys, list_users
from service.storage.register import newest_import

router = APIRouter(prefix="/people")

SEE_OTHER: Final = 303
LINES: Final = 30
LONGEST_ID: Final = 64
MOST_DIGITS: Final = 9
DONE: Final = "/people?done=1"
LABELS: Final = {
    **{"login": "login", "role": "role", "office": "office", "monthly_visits": "pp_visits"},
    **{"owner": "pp_owner", "days": "pp_days"},
}
"""What the form calls the fields that a problem names."""
Manager = Annotated[Principal, allowed("people.manage")]
After = Annotated[str | None, Query(max_length=LONGEST_ID)]


async def _fields(request: Request) -> dict[str, str]:
    return {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(_fields)]


@dataclass(frozen=True)
class _Asked:
    """Who asks for the page; `after` are the login and the key that the pages before ended with."""

    request: Request
    caller: Principal
    running: Running
    language: Language
    now: datetime
    after: tuple[str | None, str | None] = (None, None)
    chosen: str | None = None

    @property
    def by(self) -> By:
        return By(self.caller.who, self.caller.role, self.now)


def _asked(
    request: Request,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    caller: Manager,
    user_id: str | None = None,
) -> _Asked:
    return _Asked(request, caller, running, language, now, chosen=user_id)


Change = Annotated[_Asked, Depends(_asked)]


@dataclass(frozen=True)
class _Filled:
    """What was sent with the form that is shown again, and what is shown this once."""

    new_user: Mapping[str, str]
    chosen: Mapping[str, str]
    new_key: Mapping[str, str]
    once: views.Once | None = None


EMPTY: Final = _Filled({}, {}, {})


@router.get("")
def people_page(asked: Change, user: After = None, after: After = None, keys_after: After = None) -> Response:
    """Users and keys, and the form of one user (`user`)."""
    opened = _Asked(asked.request, asked.caller, asked.running, asked.language, asked.now, (after, keys_after), user)
    return _answer(opened, EMPTY)


@router.post("/users")
def make_user(asked: Change, fields: Fields) -> Response:
    """Let somebody sign in, and show the password this once."""

    def make() -> Response:
        sent = {"login": fields.get("login", "").casefold(), "role": fields.get("role"), **_place(fields)}
        wanted = UserWanted.model_validate(sent)
        user, password = create_user(asked.running, NewUser(**wanted.model_dump()), asked.by)
        told = texts.words(asked.language)["pp_password_of"].format(login=user.login)
        return _answer(asked, _Filled({}, {}, {}, views.Once(told, password)))

    return _tried(asked, make, _Filled(fields, {}, {}))


@router.post("/users/{user_id}")
def change_user(asked: Change, user_id: str, fields: Fields) -> Response:
    """Change role, office, visits, or whether somebody may sign in."""

    def change() -> Response:
        sent = {"role": fields.get("role"), "active": "active" in fields, **_place(fields)}
        wanted = UserChange.model_validate(sent).model_dump()
        update_user(asked.running, user_id, int(fields.get("version", "")[:MOST_DIGITS] or 0), wanted, asked.by)
        return RedirectResponse(DONE, SEE_OTHER)

    return _tried(asked, change, _Filled({}, fields, {}))


@router.post("/users/{user_id}/password")
def make_password(asked: Change, user_id: str) -> Response:
    """Draw another password, and show it this once."""
    password = reset_password(asked.running, user_id, asked.by)
    user = _user(asked.running, user_id)
    told = texts.words(asked.language)["pp_password_of"].format(login=user.login)
    return _answer(asked, _Filled({}, {}, {}, views.Once(told, password)))


@router.post("/keys")
def make_key(asked: Change, fields: Fields) -> Response:
    """Give a system a key, and show it this once."""

    def make() -> Response:
        scopes = ["verify"] if "verify" in fields else []
        sent = {"owner": fields.get("owner", ""), "role": fields.get("role"), "scopes": scopes}
        place = {"office": fields.get("office") or None, "days": _number(fields.get("days", ""))}
        wanted = KeyWanted.model_validate({**sent, **place}).model_dump()
        key, secret = create_key(asked.running, NewKey(**{**wanted, "scopes": tuple(scopes)}), asked.by)
        told = texts.words(asked.language)["pp_secret_of"].format(owner=key.owner)
        return _answer(asked, _Filled({}, {}, {}, views.Once(told, secret)))

    return _tried(asked, make, _Filled({}, {}, fields))


@router.post("/keys/{key_id}/revoke")
def revoke(asked: Change, key_id: str) -> Response:
    """Make a key worthless."""
    end_key(asked.running, key_id, asked.by)
    access_of(asked.request).keys.forget()
    return RedirectResponse(DONE, SEE_OTHER)


def _tried(asked: _Asked, deed: Callable[[], Response], filled: _Filled) -> Response:
    """Return the answer to `deed`, or the form again with what does not fit."""
    words = texts.words(asked.language)
    try:
        return deed()
    except ValidationError as error:
        faults: list[Any] = error.errors()
    except PlaceError as error:
        faults = [{"type": error.fault, "loc": ("office",), "msg": ""}]
    except UnknownCodeError as error:
        faults = [{"type": "unknown_code", "loc": (error.column,), "msg": "", "ctx": {"found": repr(error.found)}}]
    except (LoginTakenError, ProblemError) as error:
        problem = error if isinstance(error, ProblemError) else ProblemError(CONFLICT, "login_taken")
        if problem.status == NOT_FOUND:
            raise
        return _answer(asked, filled, said(problem, asked.language), problem.status)
    found = refused_row(faults, asked.language, LABELS).errors or ()
    return _answer(asked, filled, tuple(_labelled(each.detail, words) for each in found), UNPROCESSABLE)


def _labelled(detail: str, words: Mapping[str, str]) -> str:
    name, _, rest = detail.partition(" ")
    return f"{words[LABELS[name]] if name in LABELS else name} {rest}."


def _place(fields: Mapping[str, str]) -> dict[str, Any]:
    return {"office": fields.get("office") or None, "monthly_visits": _number(fields.get("visits", ""))}


def _number(sent: str) -> int | str | None:
    """What a field for a number holds: one, nothing, or what the check of the field refuses."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= MOST_DIGITS else sent or None


def _user(running: Running, user_id: str) -> User:
    with running.engine.connect() as connection:
        user = find_user(connection, user_id)
    if user is None:
        raise ProblemError(NOT_FOUND, "no_such_user", user_id=user_id)
    return user


def _answer(asked: _Asked, filled: _Filled, trouble: tuple[str, ...] = (), status: int = 200) -> Response:
    running, language, offices = asked.running, asked.language, asked.running.offices
    users = list_users(running.engine, limit=LINES + 1, after=asked.after[0])
    keys = list_keys(running.engine, limit=LINES + 1, after=asked.after[1])
    chosen = _user(running, asked.chosen) if asked.chosen else None
    instant = naive_utc(asked.now)
    view = views.PeoplePage(
        frame=frame(asked.request, language),
        words=texts.words(language),
        notices=notices_of(running, None, newest_import(running.engine), language),
        trouble=trouble,
        done="done" in asked.request.query_params,
        once=filled.once,
        chosen=views.user_form(chosen, filled.chosen, offices, language) if chosen else None,
        users=tuple(views.user_line(user, offices, language) for user in users[:LINES]),
        more_users=views.more("after", users[LINES - 1].login) if len(users) > LINES else None,
        new_user=views.user_form(None, filled.new_user, offices, language),
        keys=tuple(views.key_line(key, offices, language, now=instant) for key in keys[:LINES]),
        more_keys=views.more("keys_after", keys[LINES - 1].key_id) if len(keys) > LINES else None,
        new_key=views.key_form(filled.new_key, offices, language, days=USUAL_DAYS),
    )
    return keep_language(asked.request, page(view, status))
