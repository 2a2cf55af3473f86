"""How does somebody sign in by the provider of identities that the settings name?"""

import logging
import secrets
from typing import Annotated, Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from service.identity import access_of, address_of, give_session, session_token
from service.oidc import Asking, NotShownError, Provider, ProviderAwayError
from service.opened_session import SignedIn
from service.pages.request import PageLanguage
from service.pages.sign_in import FIRST_PAGE, LONGEST_ADDRESS, landing, own_page, sign_in_form
from service.problems import NOT_FOUND, NOT_SIGNED_IN, UNAVAILABLE, ProblemError
from service.running import Now, Running, Service
from service.signing_in import sign_in_as

router = APIRouter(prefix="/sign-in")
log = logging.getLogger(__name__)

SEE_OTHER: Final = 303
COOKIES: Final = {False: "risk-sign-in", True: "__Host-risk-sign-in"}
"""Name of the cookie of a sign-in on its way, without TLS and with it."""
COOKIE_SECONDS: Final = 600
"""How long somebody may take at the provider."""
SECRET_BYTES: Final = 32
LONGEST_CODE: Final = 4000
SEPARATOR: Final = "."


@router.get("/provider")
def leave(
    request: Request,
    running: Service,
    language: PageLanguage,
    wanted: Annotated[str, Query(alias="next", max_length=LONGEST_ADDRESS)] = FIRST_PAGE,
) -> Response:
    """Go to the provider; a cookie keeps the secret of this sign-in, and the page that was wanted."""
    asking = Asking(secrets.token_urlsafe(SECRET_BYTES))
    try:
        there = _provider(request, running).address(asking)
    except ProviderAwayError as error:
        return sign_in_form(request, running, language, own_page(wanted), problem=_said(error))
    response = RedirectResponse(there, SEE_OTHER)
    secure = running.settings.sends_secure_cookies
    kept = f"{asking.secret}{SEPARATOR}{quote(own_page(wanted), safe='')}"
    response.set_cookie(COOKIES[secure], kept, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure)
    return response


@router.get("/return")
def come_back(
    request: Request,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    code: Annotated[str, Query(max_length=LONGEST_CODE)] = "",
    state: Annotated[str, Query(max_length=LONGEST_CODE)] = "",
) -> Response:
    """Open the session of whom the provider names and go where they wanted, or say why not."""
    provider, secure = _provider(request, running), running.settings.sends_secure_cookies
    secret, _, wanted = request.cookies.get(COOKIES[secure], "").partition(SEPARATOR)
    asking, there = Asking(secret), own_page(unquote(wanted))
    try:
        if not secret or not code or not asking.is_answered_by(state):
            raise NotShownError("no sign-in on its way is answered by this")
        opened: SignedIn | None = sign_in_as(
            running, provider.login(asking, code, now=now), session_token(request, running.settings), now=now
        )
        problem = None
    except (NotShownError, ProviderAwayError) as error:
        opened, problem = None, _said(error)
    except ProblemError as error:
        opened, problem = None, error
    response = (
        RedirectResponse(landing(there, opened.user.role), SEE_OTHER)
        if opened
        else sign_in_form(request, running, language, there, problem=problem)
    )
    response.delete_cookie(COOKIES[secure], httponly=True, samesite="lax", secure=secure)
    if opened:
        give_session(response, opened.token, running.settings)
    return response


def _provider(request: Request, running: Running) -> Provider:
    access_of(request).rates.check(f"address:{address_of(request)}")
    if running.provider is None:
        raise ProblemError(NOT_FOUND, "no_such_address", path=request.url.path)
    return running.provider


def _said(error: NotShownError | ProviderAwayError) -> ProblemError:
    log.warning("signing in by the provider: %s", error)
    if isinstance(error, ProviderAwayError):
        return ProblemError(UNAVAILABLE, "provider_away")
    return ProblemError(NOT_SIGNED_IN, "not_shown")
