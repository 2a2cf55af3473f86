"""What does a browser print of a list?

Its own page with every row that the filters keep: a heading on every sheet, boxes for results, and on
each row a code that leads back to the row.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.access import Principal, offices_seen
from service.audit_notes import record_read
from service.identity import allowed
from service.list_answers import list_answer, seen_list
from service.list_filters import Asking, chosen_rows
from service.pages.paper_view import PaperPage, code_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.paper import OUTCOMES, SEVERITIES, paper
from service.paper_texts import words
from service.problems import NOT_FOUND, ProblemError
from service.running import Now, Service

router = APIRouter()

Reader = Annotated[Principal, allowed("lists.see")]


@router.get("/lists/{list_id}/print")
def print_page(
    request: Request,
    reader: Reader,
    running: Service,
    language: PageLanguage,
    now: Now,
    *,
    list_id: str,
    filters: Asking,
) -> Response:
    """A list for A4."""
    seen = seen_list(running.engine, list_id, offices_seen(reader, running.offices))
    if seen is None:
        raise ProblemError(NOT_FOUND, "no_such_list", name=list_id)
    record_read(running, reader, "list.read", seen.stored.list_id, now)
    told = list_answer(seen, reader, source_link=running.settings.source_link, now=now)
    rows = chosen_rows(told, filters, reader, language)
    address = f"{request.base_url}lists/{told.list_id}/rows/"
    sheet = paper(told, rows, language, offices=running.offices, link=lambda rank: f"{address}{rank}")
    said = words(language)
    view = PaperPage(
        frame=frame(request, language),
        words=said,
        sheet=sheet,
        codes={row.rank: code_of(row.link) for row in sheet.rows},
        outcomes=tuple(said[name] for name in OUTCOMES),
        severities=tuple(said[name] for name in SEVERITIES),
        query=urlencode(filters.query),
    )
    return keep_language(request, page(view))
