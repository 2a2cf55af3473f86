"""How does somebody sign in and out in the browser?"""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Header, Query, Request
from fastapi.responses import RedirectResponse, Response

from service.access import Principal
from service.identity import Caller, address_of, give_session, session_token, take_session
from service.language import Language
from service.pages import texts
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.sign_in_views import SignInPage
from service.problems import FORBIDDEN, ProblemError, said
from service.running import Now, Running, Service
from service.signing_in import Attempt, sign_in, sign_out

router = APIRouter()

SEE_OTHER: Final = 303
FIRST_PAGE, SIGN_IN, ACCOUNT, PROVIDER = "/", "/sign-in", "/account", "/sign-in/provider"
OWN_SITE: Final = ("", "same-origin", "none")
"""What a browser says of a form that this site sent; other programs say nothing."""
LONGEST_FIELD, LONGEST_ADDRESS = 200, 2000

Field = Annotated[str, Form(max_length=LONGEST_FIELD)]


@router.get("/sign-in")
def sign_in_page(
    request: Request,
    running: Service,
    language: PageLanguage,
    wanted: Annotated[str, Query(alias="next", max_length=LONGEST_ADDRESS)] = FIRST_PAGE,
) -> Response:
    """The form; `next` is the page that the reader wanted."""
    return sign_in_form(request, running, language, own_page(wanted))


@router.post("/sign-in")
def open_session(
    request: Request,
    running: Service,
    language: PageLanguage,
    now: Now,
    *,
    login: Field = "",
    password: Field = "",
    wanted: Annotated[str, Form(alias="next", max_length=LONGEST_ADDRESS)] = FIRST_PAGE,
    sec_fetch_site: Annotated[str, Header()] = "",
) -> Response:
    """Sign in and go to the page that was wanted, or show the form again with what was wrong."""
    if sec_fetch_site not in OWN_SITE:
        raise ProblemError(FORBIDDEN, "foreign_form")
    attempt = Attempt(login, password, address_of(request), session_token(request, running.settings))
    try:
        opened = sign_in(running, attempt, now=now)
    except ProblemError as problem:
        return sign_in_form(request, running, language, own_page(wanted), login=login, problem=problem)
    response = RedirectResponse(landing(own_page(wanted), opened.user.role), SEE_OTHER)
    give_session(response, opened.token, running.settings)
    return response


@router.post("/sign-out")
def close_session(request: Request, caller: Caller, running: Service, now: Now) -> Response:
    """End the session and go to the sign-in page."""
    token = session_token(request, running.settings)
    if token is not None and caller.form_token is not None:
        sign_out(running, caller, token, now=now)
    response = RedirectResponse(SIGN_IN, SEE_OTHER)
    take_session(response, running.settings)
    return response


def own_page(wanted: str) -> str:
    """Return `wanted` where it is a page of this site, else the first page: a link must not lead elsewhere.

    >>> own_page("/lists/7?lang=en"), own_page("//elsewhere.example"), own_page("https://elsewhere.example")
    ('/lists/7?lang=en', '/', '/')
    """
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if inside and plain else FIRST_PAGE


def landing(wanted: str, role: str) -> str:
    """Return where somebody of this role goes after signing in: where they wanted, if there is something to read."""
    return ACCOUNT if wanted == FIRST_PAGE and not Principal("", role).may("lists.see") else wanted


def sign_in_form(
    request: Request,
    running: Running,
    language: Language,
    wanted: str,
    *,
    login: str = "",
    problem: ProblemError | None = None,
) -> Response:
    """Return the page for signing in, with what went wrong before and the way to the provider where there is one."""
    sentence = (
        " ".join(part + ("" if part.endswith(".") else ".") for part in said(problem, language)) if problem else None
    )
    elsewhere = f"{PROVIDER}?{urlencode({'next': wanted})}" if running.settings.oidc_issuer else None
    view = SignInPage(frame(request, language), texts.words(language), sentence, login, wanted, elsewhere)
    response = keep_language(request, page(view, problem.status if problem else 200))
    response.headers.update((problem.headers or {}) if problem else {})
    return response
