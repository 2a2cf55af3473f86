"""Who reads the page, and in which language?"""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Cookie, Depends, Query, Request
from fastapi.responses import Response

from service.access import Principal
from service.language import DEFAULT, LANGUAGES, Language
from service.pages import texts
from service.pages.navigation import navigation
from service.pages.rendering import script, style_sheet
from service.pages.texts_inspector import SCRIPT
from service.pages.views import Frame, Reader
from service.undoing import UNDO_SECONDS

LANGUAGE_COOKIE: Final = "lang"
COOKIE_SECONDS: Final = 365 * 24 * 3600


def _language(
    lang: Annotated[str | None, Query()] = None,
    kept: Annotated[str | None, Cookie(alias=LANGUAGE_COOKIE)] = None,
) -> Language:
    return next((known for asked in (lang, kept) for known in LANGUAGES if known == asked), DEFAULT)


PageLanguage = Annotated[Language, Depends(_language)]


def frame(request: Request, language: Language) -> Frame:
    """Return what stands around the page that `request` asked for; its language link leads to the same page."""
    other: Language = "en" if language == "id" else "id"
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != LANGUAGE_COOKIE]
    path = request.url.path if request.method == "GET" else "/"
    link = f"{path}?{urlencode([*kept, (LANGUAGE_COOKIE, other)])}"
    caller: Principal | None = getattr(request.state, "caller", None)
    return Frame(
        language=language,
        other_language=other,
        language_link=link,
        style_sheet=style_sheet(),
        script=script(),
        script_data=_script_data(caller, language),
        navigation=navigation(caller, request.url.path, language),
        reader=_reader(caller, language),
    )


def language_of(request: Request) -> Language:
    """Return the language of the page that `request` asked for, where no dependency says it."""
    return _language(request.query_params.get(LANGUAGE_COOKIE), request.cookies.get(LANGUAGE_COOKIE))


def _script_data(caller: Principal | None, language: Language) -> dict[str, str]:
    if caller is None or caller.form_token is None:
        return {}
    words = texts.words(language)
    said = {name: words[f"script_{name}"] for name in SCRIPT}
    return {"who": caller.who, "token": caller.form_token, "undo-seconds": str(UNDO_SECONDS), **said}


def _reader(caller: Principal | None, language: Language) -> Reader | None:
    if caller is None:
        return None
    role = texts.words(language)[f"role_{caller.role}"]
    return Reader(
        name=caller.login or caller.owner or caller.who,
        role=f"{role}, {caller.office}" if caller.office else role,
        form_token=caller.form_token,
        sees_lists=caller.may("lists.see"),
        seeks=caller.may("placements.read"),
    )


def keep_language(request: Request, response: Response) -> Response:
    """Return `response`; where the reader has just chosen a language, the browser remembers it."""
    chosen = request.query_params.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
    return response
