"""Who is signed in, and how do they change their password?"""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from service.identity import Caller, address_of, give_session
from service.language import Language
from service.own_password import PasswordWish, change_own_password
from service.pages import texts
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.sign_in_views import AccountPage
from service.payloads.people import LONGEST_PASSWORD, SHORTEST_PASSWORD, OwnPassword
from service.problems import UNPROCESSABLE, ProblemError, said
from service.running import Now, Service

router = APIRouter(prefix="/account")

SEE_OTHER: Final = 303
DONE: Final = "/account?done=1"
LONGEST_FIELD: Final = 1000
Field = Annotated[str, Form(max_length=LONGEST_FIELD)]


@router.get("")
def account_page(request: Request, _: Caller, language: PageLanguage) -> Response:
    """Who is signed in, and the form for another password."""
    return _answer(request, language)


@router.post("/password")
def change_password(
    request: Request,
    caller: Caller,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    old_password: Field = "",
    new_password: Field = "",
    again: Field = "",
) -> Response:
    """Change the own password and go on in a new session, or show the form again with what was wrong."""
    if new_password != again:
        return _answer(request, language, ("ac_not_the_same",), UNPROCESSABLE)
    try:
        OwnPassword(old_password=old_password, new_password=new_password)
        wish = PasswordWish(old_password, new_password, address_of(request))
        opened = change_own_password(running, caller, wish, now=now)
    except ValidationError:
        return _answer(request, language, ("ac_length",), UNPROCESSABLE)
    except ProblemError as problem:
        refused = _answer(request, language, said(problem, language), problem.status)
        refused.headers.update(problem.headers or {})
        return refused
    response = RedirectResponse(DONE, SEE_OTHER)
    give_session(response, opened.token, running.settings)
    return response


def _answer(request: Request, language: Language, trouble: tuple[str, ...] = (), status: int = 200) -> Response:
    words = texts.words(language)
    limits = {"least": SHORTEST_PASSWORD, "most": LONGEST_PASSWORD}
    view = AccountPage(
        frame=frame(request, language),
        words=words,
        trouble=tuple(words[name].format(**limits) if name in words else name for name in trouble),
        done="done" in request.query_params,
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )
    return keep_language(request, page(view, status))
