"""In which segments do visits find harm?"""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from risk_model.prioritisation.segment_names import OTHER
from service.access import Principal
from service.identity import allowed
from service.pages import segments_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.paging import pages
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.payloads.segments import Segment
from service.problems import CONFLICT, ProblemError
from service.running import Now, Service
from service.segments_answer import segments_answer
from service.storage.register import newest_import

router = APIRouter()

LONGEST, LAST_PAGE = 32, 1000
FIGURES: Final = 10
"""Segments on a page: each has nine figures."""
IN_ROWS: Final = ("destination", "sector")
"""What rows of lists can be found by."""


@router.get("/segments")
def segments_page(
    request: Request,
    reader: Annotated[Principal, allowed("segments.read")],
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """Two of destination, sector and certification against each other, and all figures of each segment."""
    asked = {column: request.query_params.get(column, "")[:LONGEST] for column in views.COLUMNS}
    chosen = {column: code for column, code in asked.items() if code}
    by = views.by_of(chosen)
    made = segments_answer(running, by, now=now)
    if made is None:
        raise ProblemError(CONFLICT, "no_data")
    kept = views.kept(made.segments, chosen)
    shown = kept[(number - 1) * FIGURES : number * FIGURES]

    def rows_link(each: Segment) -> str | None:
        codes = {part.column: part.code for part in each.cell}
        openable = reader.may("supervision.read") and all(column in IN_ROWS for column in codes)
        if not openable or OTHER in codes.values():
            return None
        return f"/supervision/rows?{urlencode({**codes, 'found': 'reached'})}"

    view = views.SegmentsPage(
        frame=frame(request, language),
        words=texts.words(language),
        notices=notices_of(running, None, newest_import(running.engine), language),
        filters=views.filters(made.segments, chosen, language),
        note=made.note_id if language == "id" else made.note_en,
        data_until=texts.day(made.as_of, language),
        matrix=views.matrix(kept, chosen, by, language),
        lines=tuple(views.segment_line(each, language, rows_link) for each in shown),
        pages=pages(len(kept), number, chosen, language, of=FIGURES),
    )
    return keep_language(request, page(view))
