"""Who is signed in, since when, and until when?"""

from dataclasses import asdict
from datetime import UTC

from fastapi import APIRouter, Request, Response

from service.access import PERMISSIONS
from service.identity import Caller, address_of, give_session, session_token, take_session
from service.own_password import PasswordWish, change_own_password
from service.payloads.people import Me, OwnPassword, SessionOpened, SignInRequest
from service.problems import (
    CONFLICT,
    FORBIDDEN,
    NOT_SIGNED_IN,
    TOO_MANY,
    UNAVAILABLE,
    UNPROCESSABLE,
    ProblemError,
    responses,
)
from service.running import Now, Service
from service.signing_in import Attempt, sign_in, sign_out

router = APIRouter(prefix="/v1", tags=["people"])


@router.post(
    "/sessions",
    status_code=201,
    responses=responses(NOT_SIGNED_IN, UNPROCESSABLE, TOO_MANY, UNAVAILABLE),
)
def open_session(
    request: Request, wanted: SignInRequest, running: Service, now: Now, response: Response
) -> SessionOpened:
    """Sign in. The answer sets the session's cookie; a session that the browser had before is closed.

    After several failures the next try has to wait (`Retry-After`), whether or not the login exists.
    """
    settings = running.settings
    attempt = Attempt(wanted.login, wanted.password, address_of(request), session_token(request, settings))
    opened = sign_in(running, attempt, now=now)
    give_session(response, opened.token, settings)
    return SessionOpened(form_token=opened.form_token, expires_at=opened.expires_at.replace(tzinfo=UTC))


@router.delete(
    "/sessions/current",
    status_code=204,
    responses=responses(NOT_SIGNED_IN, FORBIDDEN, CONFLICT, TOO_MANY, UNAVAILABLE),
)
def close_session(request: Request, caller: Caller, running: Service, now: Now, response: Response) -> None:
    """Sign out: the session ends at once."""
    token = session_token(request, running.settings)
    if token is None or caller.form_token is None:
        raise ProblemError(CONFLICT, "no_session")
    sign_out(running, caller, token, now=now)
    take_session(response, running.settings)


@router.get("/me", responses=responses(NOT_SIGNED_IN, TOO_MANY, UNAVAILABLE))
def read_me(caller: Caller) -> Me:
    """Who the caller is, and what they may do."""
    may = tuple(sorted(name for name in PERMISSIONS if caller.may(name)))
    return Me.model_validate({**asdict(caller), "scopes": tuple(sorted(caller.scopes)), "permissions": may})


@router.post(
    "/me/password",
    responses=responses(NOT_SIGNED_IN, FORBIDDEN, CONFLICT, UNPROCESSABLE, TOO_MANY, UNAVAILABLE),
)
def change_my_password(
    request: Request, caller: Caller, wanted: OwnPassword, running: Service, *, now: Now, response: Response
) -> SessionOpened:
    """Change the own password. Every session ends; the answer sets the cookie of a new one."""
    wish = PasswordWish(wanted.old_password, wanted.new_password, address_of(request))
    opened = change_own_password(running, caller, wish, now=now)
    give_session(response, opened.token, running.settings)
    return SessionOpened(form_token=opened.form_token, expires_at=opened.expires_at.replace(tzinfo=UTC))
