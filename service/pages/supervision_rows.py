"""Which rows stand behind a figure of the supervisor's pages?"""

from dataclasses import fields, replace
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from service.access import ANALYST, OFFICE_ROLES, Principal, offices_seen
from service.audit_notes import record_read
from service.language import Language
from service.pages import supervision_rows_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.paging import PAGE_ROWS, pages
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.supervision import MOST_MONTHS, USUAL_MONTHS, Reader, chosen_office, scope_of
from service.pages.views import office_label
from service.payloads.prevalence import Asked
from service.problems import FORBIDDEN, ProblemError
from service.running import Now, Running, Service
from service.storage.register import newest_import
from service.storage.supervision import Filters, filtered_rows, staff

router = APIRouter()

USER: Final = "user:"
LAST_PAGE, LONGEST = 100_000, 200
ALLOWED: Final = tuple(field.name for field in fields(Filters) if field.name != "office")


@router.get("/supervision/rows")
def supervision_rows_page(
    request: Request,
    reader: Reader,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    office: Annotated[str | None, Query(max_length=LONGEST)] = None,
    months: Annotated[int, Query(ge=1, le=MOST_MONTHS)] = USUAL_MONTHS,
    number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """Rows of lists that the filters in the address keep; who may not know how rows were chosen cannot ask by it."""
    asked = Asked(chosen_office(reader, running, office), offices_seen(reader, running.offices), months)
    filters = _filters(request, reader)
    with running.engine.connect() as connection:
        total, rows = filtered_rows(
            connection,
            scope_of(asked, now),
            filters,
            limit=PAGE_ROWS,
            offset=(number - 1) * PAGE_ROWS,
        )
        names = _names(connection, running, reader, language)
    if names.inspectors is not None:
        record_read(running, reader, "rows.read", asked.office, now, rows=len(rows))
    query = {name: value for name, value in request.query_params.items() if name not in ("page", "lang") and value}
    above = {name: value for name, value in query.items() if name in ("office", "months")}
    words = texts.words(language)
    view = views.SupervisionRowsPage(
        frame=frame(request, language),
        words=words,
        notices=notices_of(running, None, newest_import(running.engine), language),
        back=f"/supervision?{urlencode(above)}",
        clear=f"/supervision/rows?{urlencode(above)}",
        filters=views.said_filters(replace(filters, office=asked.office), language, names),
        names_inspectors=names.inspectors is not None,
        count=words["sv_rows_count"].format(count=texts.whole_number(total, language)),
        rows=views.row_lines(rows, language, names, opens_lists=reader.may("lists.read")),
        pages=pages(total, number, query, language),
    )
    return keep_language(request, page(view))


def _filters(request: Request, reader: Principal) -> Filters:
    asked = {name: request.query_params[name][:LONGEST] for name in ALLOWED if request.query_params.get(name)}
    if "arm" in asked and not reader.may("lists.read_design"):
        raise ProblemError(FORBIDDEN, "not_allowed", permission="lists.read_design", role=reader.role)
    if "inspector" in asked and reader.role == ANALYST:
        raise ProblemError(FORBIDDEN, "not_allowed", permission="lists.read", role=reader.role)
    return Filters(**asked)


def _names(connection: Connection, running: Running, reader: Principal, language: Language) -> views.Names:
    offices = {code: office_label(code, running.offices, language) for code in running.offices}
    if reader.role == ANALYST:
        return views.Names(offices, None)
    known = staff(connection, offices_seen(reader, running.offices), OFFICE_ROLES)
    return views.Names(offices, {f"{USER}{each['user_id']}": str(each["login"]) for each in known})
