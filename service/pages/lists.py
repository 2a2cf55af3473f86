"""What does an officer see in the browser?

Everything works without JavaScript: links, and a form that is answered by a redirect.
"""

import secrets
from datetime import datetime
from typing import Annotated, Final, get_args
from urllib.parse import quote

from fastapi import APIRouter, Form, Header, Request
from fastapi.responses import RedirectResponse, Response

from service.access import Principal, offices_seen
from service.drawing import NoDataError, Wanted, draw_list
from service.identity import allowed, sees_office, shown_to
from service.language import Language
from service.list_answers import seen_list
from service.list_life import issue_list
from service.pages import texts, views
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.payloads.requests import LARGEST_CAPACITY, LARGEST_SEED, Unit
from service.problems import ProblemError
from service.read_log import record_read
from service.running import Now, Running, Service
from service.storage.lists import Row, StoredList, newest_lists
from service.storage.register import newest_import

router = APIRouter()

EARLIER_LISTS: Final = 8
USUAL_VISITS: Final = 20
"""Visits that the form offers where an office never stated its own number."""
SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE = 303, 403, 404, 409, 422
Reader = Annotated[Principal, allowed("lists.see")]
Maker = Annotated[Principal, allowed("lists.make")]
OWN_SITE: Final = ("", "same-origin", "none")
"""What a browser says of a form that this site sent; other programs say nothing."""


@router.get("/")
def newest_list_page(
    request: Request, reader: Reader, running: Service, language: PageLanguage, *, now: Now, office: str | None = None
) -> Response:
    """The newest list, of one office where `office` names it ("" stands for the whole register)."""
    seen = offices_seen(reader, running.offices)
    if office is not None and not sees_office(reader, running, office or None):
        raise ProblemError(NOT_FOUND, "no_such_office", name=office)
    asked = office if office is not None else reader.office
    found = newest_lists(running.engine, limit=1, office=asked or None, whole_register=asked == "", seen_by=seen)
    stored = _seen_list(running, reader, str(found[0]["list_id"])) if found else None
    chosen = stored.head["office"] or "" if stored and asked is None else asked
    return _list_page(request, reader, running, stored, language=language, now=now, office=chosen)


@router.get("/lists/{list_id}")
def list_page(
    request: Request, reader: Reader, running: Service, language: PageLanguage, *, now: Now, list_id: str
) -> Response:
    """One list by its number; an office to which rows of it were handed over sees these."""
    stored = _seen_list(running, reader, list_id)
    if stored is None:
        return _message(request, language, "not_found", status=NOT_FOUND)
    of_list = stored.head["office"]
    chosen = of_list or "" if sees_office(reader, running, of_list) else reader.office
    return _list_page(request, reader, running, stored, language=language, now=now, office=chosen)


@router.post("/lists")
def make_list(
    request: Request,
    maker: Maker,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    office: Annotated[str, Form()] = "",
    unit: Annotated[str, Form()] = "placement",
    capacity: Annotated[str, Form()] = "",
    sec_fetch_site: Annotated[str, Header()] = "",
) -> Response:
    """Draw a list, issue it and go to it."""
    if sec_fetch_site not in OWN_SITE:
        return _message(request, language, "foreign_form", status=FORBIDDEN)
    if not (capacity.isascii() and capacity.isdigit() and 1 <= int(capacity) <= LARGEST_CAPACITY):
        return _message(request, language, "bad_capacity", status=UNPROCESSABLE)
    known = office in running.offices if office else True
    if not (known and sees_office(maker, running, office or None)) or unit not in get_args(Unit):
        return _message(request, language, "bad_office", status=UNPROCESSABLE)
    wanted = Wanted(int(capacity), office or None, unit, secrets.randbelow(LARGEST_SEED + 1))
    try:
        stored = draw_list(running, wanted, now=now, by=(maker.who, maker.role))
    except NoDataError:
        return _message(request, language, "no_data", status=CONFLICT)
    issue_list(running, stored.list_id, caller=maker, now=now)
    return RedirectResponse(f"/lists/{quote(stored.list_id)}", SEE_OTHER)


def _seen_list(running: Running, reader: Principal, list_id: str) -> StoredList | None:
    """Return a list with the rows that exist for the reader, or None."""
    seen = seen_list(running.engine, list_id, offices_seen(reader, running.offices))
    return shown_to(reader, seen.stored) if seen else None


def _list_page(
    request: Request,
    reader: Principal,
    running: Running,
    stored: StoredList | None,
    *,
    language: Language,
    now: datetime,
    office: str | None,
) -> Response:
    newest, settings = newest_import(running.engine), running.settings
    chosen = settings.default_office if office is None else office
    shown = None
    if stored is not None:
        record_read(running, reader, "list.read", stored.list_id, now)
        shown = views.list_view(
            stored,
            language,
            office=office_name(stored.head["office"], running, language),
            now=now,
            source_link=settings.source_link,
        )
    view = views.ListPage(
        frame=frame(request, language),
        words=texts.words(language),
        notices=notices_of(running, stored, newest, language),
        offices=views.office_choices(running.offices, offices_seen(reader, running.offices), chosen, language),
        units=views.unit_choices(str(stored.head["unit"]) if stored else "placement", language),
        capacity=_usual_capacity(running, chosen, stored),
        most_visits=LARGEST_CAPACITY,
        may_make=reader.may("lists.make"),
        has_data=newest is not None,
        shown=shown,
        earlier=_earlier(running, reader, chosen, stored, language=language),
    )
    return keep_language(request, page(view))


def office_name(code: str | None, running: Running, language: Language) -> str:
    """Return what an office is called; None is the whole register."""
    if code is None:
        return texts.words(language)["whole_register"]
    return views.office_label(code, running.offices, language)


def _usual_capacity(running: Running, office: str, stored: StoredList | None) -> int:
    if stored is not None:
        return int(stored.head["capacity"])
    known = running.offices.get(office)
    return known.monthly_visits if known and known.monthly_visits else USUAL_VISITS


def _earlier(
    running: Running, reader: Principal, office: str, stored: StoredList | None, *, language: Language
) -> tuple[views.Earlier, ...]:
    """The newest other lists of `office`, or of all that an office's reader sees: rows are handed over from others."""
    seen = offices_seen(reader, running.offices)
    sees_all = seen is None
    heads = newest_lists(
        running.engine,
        limit=EARLIER_LISTS,
        office=office or None if sees_all else None,
        whole_register=sees_all and not office,
        seen_by=seen,
    )
    shown = stored.list_id if stored else None
    return tuple(
        views.Earlier(str(head["list_id"]), _list_label(head, office, running, language))
        for head in heads
        if head["list_id"] != shown
    )


def _list_label(head: Row, office: str, running: Running, language: Language) -> str:
    made = f"{texts.day(head['created_at'], language)} ({head['list_id']})"
    other = head["office"] or ""
    return made if other == office else f"{office_name(head['office'], running, language)}, {made}"


def _message(request: Request, language: Language, name: str, *, status: int) -> Response:
    words = texts.words(language)
    title = words.get(f"{name}_title", words["bad_form_title"])
    message = words[name].format(most=texts.whole_number(LARGEST_CAPACITY, language))
    return keep_language(request, page(views.MessagePage(frame(request, language), words, title, message), status))
