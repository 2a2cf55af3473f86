"""What does a reader in the browser see when a request cannot be answered?

The same sentence as a program gets, as a page; whoever is not signed in is led to the sign-in page
and back again.
"""

from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from service.pages import texts, views
from service.pages.rendering import page
from service.pages.request import frame, keep_language, language_of
from service.problems import ProblemError, answer, said

NO_PAGES: Final = ("/v1/", "/health/", "/metrics", "/openapi.json", "/static/")
SIGN_IN: Final = "/sign-in"
SEE_OTHER: Final = 303


def install(app: FastAPI) -> None:
    """Make `app` answer the problems of its pages as pages, all others as problem details."""

    @app.exception_handler(ProblemError)
    def of_our_own(request: Request, error: ProblemError) -> Response:
        if request.url.path.startswith(NO_PAGES):
            return answer(request, error, headers=error.headers)
        if error.key == "sign_in_needed":
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': _wanted(request)})}", SEE_OTHER)
        language = language_of(request)
        title, sentence = said(error, language)
        view = views.MessagePage(frame(request, language), texts.words(language), title, sentence)
        response = keep_language(request, page(view, error.status))
        response.headers.update(error.headers or {})
        return response


def _wanted(request: Request) -> str:
    """Where to go on after signing in: the page itself, or the first one where a form was sent."""
    if request.method != "GET":
        return "/"
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
