"""Which list does an officer see in the browser?

Everything works without JavaScript: links, and forms that are answered by a redirect.
"""

import secrets
from typing import Annotated, Final, get_args
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Header, Query, Request
from fastapi.responses import RedirectResponse, Response

from service.access import INSPECTOR, Principal, offices_seen
from service.audit_notes import record_read
from service.identity import allowed, sees_office
from service.language import Language
from service.list_answers import SeenList, list_answer, seen_list
from service.list_filters import Asking, chosen_rows
from service.pages import list_view, texts, views
from service.pages.not_on_list import why_not
from service.pages.notices import notices_of
from service.pages.paging import pages
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.row_parts import Reading
from service.pages.visit_form import visit_form
from service.payloads.requests import LARGEST_CAPACITY, LARGEST_SEED, LONGEST_ID, Unit
from service.problems import NOT_FOUND, ProblemError
from service.running import Now, Running, Service
from service.storage.lists import AT_WORK, CLOSED, DRAFT, Row, newest_lists
from service.storage.register import newest_import

router = APIRouter()

EARLIER_LISTS: Final = 8
USUAL_VISITS: Final = 20
"""Visits that the form offers where an office never stated its own number."""
ROWS_ON_A_PAGE: Final = 60
"""Rows that a slow link carries in a few seconds; most lists have fewer."""
LAST_PAGE: Final = 100_000
ISSUED_STATES: Final = (*AT_WORK, CLOSED)
DONE: Final = ("draft", "issue", "close")
"""What an address may say was just done with a list."""
SEE_OTHER, FORBIDDEN, CONFLICT, UNPROCESSABLE = 303, 403, 409, 422
Reader = Annotated[Principal, allowed("lists.see")]
Maker = Annotated[Principal, allowed("lists.make")]
OWN_SITE: Final = ("", "same-origin", "none")
"""What a browser says of a form that this site sent; other programs say nothing."""


class Asked:
    """What a request for the page of a list says."""

    def __init__(
        self,
        request: Request,
        language: PageLanguage,
        now: Now,
        filters: Asking,
        *,
        page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
        find: Annotated[str, Query(max_length=LONGEST_ID)] = "",
        done: Annotated[str, Query(max_length=LONGEST_ID)] = "",
    ) -> None:
        """Take it from the address."""
        self.request, self.language, self.now, self.filters = request, language, now, filters
        self.page, self.find, self.done = page, find.strip(), done if done in DONE else ""


AskedFor = Annotated[Asked, Depends()]


@router.get("/")
def newest_list_page(reader: Reader, running: Service, asked: AskedFor, office: str | None = None) -> Response:
    """The newest list, of one office where `office` names it ("" stands for the whole register)."""
    seen = offices_seen(reader, running.offices)
    if office is not None and not sees_office(reader, running, office or None):
        raise ProblemError(NOT_FOUND, "no_such_office", name=office)
    of_office = office if office is not None else reader.office
    found = newest_lists(
        running.engine,
        limit=1,
        office=of_office or None,
        whole_register=of_office == "",
        seen_by=seen,
        states=_states(reader),
    )
    shown = seen_list(running.engine, str(found[0]["list_id"]), seen) if found else None
    chosen = shown.stored.head["office"] or "" if shown and of_office is None else of_office
    return _list_page(reader, running, asked, shown, office=chosen)


@router.get("/lists/{list_id}")
def list_page(reader: Reader, running: Service, asked: AskedFor, list_id: str) -> Response:
    """One list by its number; an office to which rows of it were handed over sees these."""
    shown = seen_list(running.engine, list_id, offices_seen(reader, running.offices))
    if shown is None:
        return message(asked.request, asked.language, "not_found", status=NOT_FOUND)
    of_list = shown.stored.head["office"]
    chosen = of_list or "" if sees_office(reader, running, of_list) else reader.office
    return _list_page(reader, running, asked, shown, office=chosen)


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
    """Draw a list as a draft and go to it."""
    from service.drawing import NoDataError, Wanted, draw_list

    if sec_fetch_site not in OWN_SITE:
        return message(request, language, "foreign_form", status=FORBIDDEN)
    if not (capacity.isascii() and capacity.isdigit() and 1 <= int(capacity) <= LARGEST_CAPACITY):
        return message(request, language, "bad_capacity", status=UNPROCESSABLE)
    known = office in running.offices if office else True
    if not (known and sees_office(maker, running, office or None)) or unit not in get_args(Unit):
        return message(request, language, "bad_office", status=UNPROCESSABLE)
    wanted = Wanted(int(capacity), office or None, unit, secrets.randbelow(LARGEST_SEED + 1))
    try:
        stored = draw_list(running, wanted, now=now, by=(maker.who, maker.role))
    except NoDataError:
        return message(request, language, "no_data", status=CONFLICT)
    return RedirectResponse(f"/lists/{quote(stored.list_id)}?done=draft", SEE_OTHER)


def _states(reader: Principal) -> tuple[str, ...] | None:
    """An inspector gets lists that were issued; those who make them also drafts."""
    return ISSUED_STATES if reader.role == INSPECTOR else None


def _list_page(
    reader: Principal, running: Running, asked: Asked, seen: SeenList | None, *, office: str | None
) -> Response:
    newest, settings, language = newest_import(running.engine), running.settings, asked.language
    chosen = settings.default_office if office is None else office
    stored = seen.stored if seen else None
    words = texts.words(language)
    view = list_view.ListPage(
        frame=frame(asked.request, language),
        words=words,
        notices=notices_of(running, stored, newest, language),
        done=words[f"done_{asked.done}"] if asked.done else None,
        offices=views.office_choices(running.offices, offices_seen(reader, running.offices), chosen, language),
        units=views.unit_choices(str(stored.head["unit"]) if stored else "placement", language),
        capacity=int(stored.head["capacity"]) if stored else _usual_capacity(running, chosen),
        most_visits=LARGEST_CAPACITY,
        may_make=reader.may("lists.make"),
        has_data=newest is not None,
        shown=_shown(reader, running, asked, seen) if seen else None,
        earlier=_earlier(running, reader, chosen, stored.list_id if stored else None, language=language),
        visit=visit_form(language, asked.now),
    )
    return keep_language(asked.request, page(view))


def _shown(reader: Principal, running: Running, asked: Asked, seen: SeenList) -> list_view.ListView:
    language, filters = asked.language, asked.filters
    record_read(running, reader, "list.read", seen.stored.list_id, asked.now)
    told = list_answer(seen, reader, source_link=running.settings.source_link, now=asked.now)
    reading = Reading(told, reader, language, asked.now, running.offices)
    kept = chosen_rows(told, filters, reader, language)
    start = (asked.page - 1) * ROWS_ON_A_PAGE
    own = sees_office(reader, running, told.office)
    searches = bool(asked.find) and reader.may("placements.read")
    counts = {"shown": texts.whole_number(len(kept), language), "all": texts.whole_number(len(told.rows), language)}
    return list_view.ListView(
        list_id=told.list_id,
        version=told.version,
        office=office_name(told.office, running, language),
        state=told.state,
        newer=told.superseded_by,
        may_issue=own and told.state == DRAFT and reader.may("lists.make"),
        may_close=own and told.state in AT_WORK and reader.may("lists.make"),
        of_units=told.unit != "placement",
        bands=list_view.band_counts(told.rows, language),
        shown_text=reading.words["rows_shown"].format(**counts),
        groups=list_view.groups(kept[start : start + ROWS_ON_A_PAGE], reading),
        pages=pages(len(kept), asked.page, filters.query, language, of=ROWS_ON_A_PAGE),
        filters=list_view.filter_form(filters, told.rows, reading),
        query=urlencode(filters.query),
        search=asked.find,
        search_says=why_not(running, seen, reading, asked.find) if searches else None,
        **list_view.head_facts(told, len(told.rows), reading),
    )


def office_name(code: str | None, running: Running, language: Language) -> str:
    """Return what an office is called; None is the whole register."""
    if code is None:
        return texts.words(language)["whole_register"]
    return views.office_label(code, running.offices, language)


def _usual_capacity(running: Running, office: str) -> int:
    known = running.offices.get(office)
    return known.monthly_visits if known and known.monthly_visits else USUAL_VISITS


def _earlier(
    running: Running, reader: Principal, office: str, shown: str | None, *, language: Language
) -> tuple[list_view.Earlier, ...]:
    """The newest other lists of `office`, or of all that an office's reader sees: rows are handed over from others."""
    seen = offices_seen(reader, running.offices)
    sees_all = seen is None
    heads = newest_lists(
        running.engine,
        limit=EARLIER_LISTS,
        office=office or None if sees_all else None,
        whole_register=sees_all and not office,
        seen_by=seen,
        states=_states(reader),
    )
    return tuple(
        list_view.Earlier(str(head["list_id"]), _list_label(head, office, running, language))
        for head in heads
        if head["list_id"] != shown
    )


def _list_label(head: Row, office: str, running: Running, language: Language) -> str:
    made = f"{texts.day(head['created_at'], language)} ({head['list_id']})"
    other = head["office"] or ""
    return made if other == office else f"{office_name(head['office'], running, language)}, {made}"


def message(request: Request, language: Language, name: str, *, status: int) -> Response:
    """Return a page that says one thing."""
    words = texts.words(language)
    title = words.get(f"{name}_title", words["bad_form_title"])
    message = words[name].format(most=texts.whole_number(LARGEST_CAPACITY, language))
    return keep_language(request, page(views.MessagePage(frame(request, language), words, title, message), status))
