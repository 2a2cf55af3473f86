"""Which model answers, which others are kept, and how is another one put in its place?"""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from service.access import Principal
from service.identity import allowed
from service.language import Language
from service.models import models_shown, roll_back, switch
from service.pages import releases_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.paging import pages
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.payloads.models import Models, Release
from service.problems import ProblemError, said
from service.running import Now, Running, Service
from service.storage.register import newest_import

router = APIRouter(prefix="/releases")

SEE_OTHER: Final = 303
RELEASES: Final = 5
"""Releases on a page: each has its whole card."""
LONGEST_NAME, LAST_PAGE = 100, 1000
DONE: Final = "/releases?done=1"
Reader = Annotated[Principal, allowed("models.read")]
Changer = Annotated[Principal, allowed("models.change")]
Name = Annotated[str, Query(max_length=LONGEST_NAME)]


@dataclass(frozen=True)
class _Asked:
    request: Request
    reader: Principal
    running: Running
    language: Language
    first: str = ""
    second: str = ""
    number: int = 1


@router.get("")
def releases_page(
    request: Request,
    reader: Reader,
    running: Service,
    language: PageLanguage,
    *,
    a: Name = "",
    b: Name = "",
    number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """What answers, every release with card and verdict, and two of them (`a`, `b`) side by side."""
    return _answer(_Asked(request, reader, running, language, a, b, number))


@router.post("/roll-back")
def roll_back_release(
    request: Request,
    caller: Changer,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    leaving: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
) -> Response:
    """Serve the release before the one in use again, or show why that is not possible."""
    try:
        roll_back(running, caller, leaving or None, now=now)
    except ProblemError as problem:
        return _answer(_Asked(request, caller, running, language), problem)
    return RedirectResponse(DONE, SEE_OTHER)


@router.post("/switch-off")
def switch_off(caller: Changer, running: Service, now: Now) -> Response:
    """Let the two-line rule answer in place of the model."""
    switch(running, caller, on=False, now=now)
    return RedirectResponse(DONE, SEE_OTHER)


@router.post("/switch-on")
def switch_on(caller: Changer, running: Service, now: Now) -> Response:
    """Let the release in use answer again."""
    switch(running, caller, on=True, now=now)
    return RedirectResponse(DONE, SEE_OTHER)


def _answer(asked: _Asked, problem: ProblemError | None = None) -> Response:
    language, words = asked.language, texts.words(asked.language)
    shown = models_shown(asked.running)
    known = {each.release_id: each for each in shown.releases}
    wanted = [name for name in (asked.first, asked.second) if name]
    missing = [words["rl_not_there"].format(name=name) for name in wanted if name not in known]
    begun = (asked.number - 1) * RELEASES
    view = views.ReleasesPage(
        frame=frame(asked.request, language),
        words=words,
        notices=notices_of(asked.running, None, newest_import(asked.running.engine), language),
        trouble=(*(said(problem, language) if problem else ()), *missing),
        done="done" in asked.request.query_params,
        answers=shown.model_version,
        in_use=shown.release_in_use or words["rl_none_in_use"],
        switched_off=shown.switched_off,
        reason=shown.reason,
        change=_change(shown, known, language) if asked.reader.may("models.change") else None,
        releases=tuple(views.release_view(each, language) for each in shown.releases[begun : begun + RELEASES]),
        pages=pages(len(shown.releases), asked.number, {}, language, of=RELEASES),
        firsts=views.choices(shown.releases, asked.first or None),
        seconds=views.choices(shown.releases, asked.second or _before(shown)),
        comparison=_compared(asked, known),
    )
    return keep_language(asked.request, page(view, problem.status if problem else 200))


def _change(shown: Models, known: dict[str, Release], language: Language) -> views.Change:
    current = shown.release_in_use or ""
    previous = known[current].previous if current in known else None
    told = texts.words(language)["rl_roll_back_help"].format(previous=previous, current=current)
    return views.Change(current, told if previous in known else None, shown.switched_off)


def _before(shown: Models) -> str | None:
    """Which release to compare the first one with, until somebody chooses: the one below it."""
    return shown.releases[1].release_id if len(shown.releases) > 1 else None


def _compared(asked: _Asked, known: dict[str, Release]) -> views.Comparison | None:
    first, second = known.get(asked.first), known.get(asked.second)
    return views.compare(first, second, asked.language) if first and second else None
