"""Which visits should an office make, and what became of them?"""

import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from service.access import Principal, offices_seen
from service.completion import list_completion
from service.identity import allowed, sees_office
from service.kinds import most_wanted
from service.list_answers import SeenList, design_answer, head_answer, list_answer, seen_list
from service.list_filters import Asking, chosen_rows
from service.list_life import close_list, issue_list
from service.list_sheets import XLSX_TYPE, list_csv, list_xlsx
from service.paper import PDF_TYPE, paper
from service.payloads.answers import ListDesign, Lists, PriorityList
from service.payloads.list_life import Close, ListCompletion
from service.payloads.requests import LARGEST_SEED, ListRequest
from service.problems import (
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    UNAVAILABLE,
    UNPROCESSABLE,
    ProblemError,
    bad_field,
    responses,
    unknown_code,
)
from service.read_log import reads
from service.routes.dependencies import KnownList, ReaderLanguage
from service.running import Now, Running, Service
from service.storage.lists import newest_lists
from service.versions import IfMatch, etag, sent_version
from service.working_rows import Why

router = APIRouter(prefix="/v1/priority-lists", tags=["priority lists"])

MOST_LISTS, USUAL_LISTS = 100, 20
CSV_TYPE = "text/csv"
FILES: dict[str, Any] = {
    CSV_TYPE: {"schema": {"type": "string"}, "example": '\ufeff"rank";"unit_id"\r\n"1";"CONTOH-0017"\r\n'},
    XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}, "example": "a workbook of one sheet"},
    PDF_TYPE: {"schema": {"type": "string", "format": "binary"}, "example": "pages of A4 with boxes for results"},
}
CHANGES = (FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE, UNAVAILABLE)

Form = Literal["json", "csv", "xlsx", "pdf"]
Format = Annotated[Form | None, Query(alias="format", description="before the Accept header")]
Maker = Annotated[Principal, allowed("lists.make")]
Reader = Annotated[Principal, allowed("lists.see")]
Estimator = Annotated[Principal, allowed("lists.read_design")]
Fields = Annotated[Literal["design"] | None, Query(description="design: with seed, arms and probabilities")]


@router.post("", status_code=201, responses=responses(FORBIDDEN, CONFLICT, UNPROCESSABLE, UNAVAILABLE))
def make_list(caller: Maker, wanted: ListRequest, running: Service, now: Now, response: Response) -> PriorityList:
    """Draw a list as a draft; it is stored, with every probability, before it is answered.

    The same wish with the same seed, from the same data, gives the same list. A list may be longer than its
    capacity where mandatory cases leave the random visits no room. An office's list holds what the office may
    act on. `issue` issues it at once.
    """
    from service.drawing import NoCapacityError, NoDataError, Wanted, draw_list

    if wanted.office is None and not sees_office(caller, running, None):
        raise ProblemError(FORBIDDEN, "whole_register", role=caller.role)
    known = [code for code in running.offices if sees_office(caller, running, code)]
    if wanted.office is not None and wanted.office not in known:
        raise unknown_code("office", wanted.office, known)
    seed = secrets.randbelow(LARGEST_SEED + 1) if wanted.seed is None else wanted.seed
    asked = Wanted(wanted.capacity, wanted.office, wanted.unit, seed)
    try:
        drawn = draw_list(running, asked, now=now, by=(caller.who, caller.role))
    except NoDataError:
        raise ProblemError(CONFLICT, "no_data") from None
    except NoCapacityError:
        raise bad_field("capacity", "capacity_unknown") from None
    if wanted.issue:
        issue_list(running, drawn.list_id, caller=caller, now=now)
    response.headers["Location"] = f"{router.prefix}/{drawn.list_id}"
    return _shown(running, drawn.list_id, caller, now, response)


@router.get("", responses=responses(FORBIDDEN, UNPROCESSABLE, UNAVAILABLE))
def read_lists(
    caller: Reader,
    running: Service,
    office: Annotated[str | None, Query(description="only this office's lists")] = None,
    after: Annotated[str | None, Query(description="continue after this list")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTS)] = USUAL_LISTS,
) -> Lists:
    """The heads of lists, newest first: those of the caller's offices, and those with a row handed over to them."""
    seen = offices_seen(caller, running.offices)
    found = newest_lists(running.engine, office=office, after=after, limit=limit + 1, seen_by=seen)
    heads = tuple(head_answer(head) for head in found[:limit])
    return Lists(lists=heads, next=heads[-1].list_id if len(found) > limit else None)


def _form(wanted: Format = None, accept: Annotated[str, Header(include_in_schema=False)] = "") -> str:
    types = {CSV_TYPE: "csv", XLSX_TYPE: "xlsx", PDF_TYPE: "pdf"}
    return wanted or types.get(most_wanted(accept, ("application/json", *types)), "json")


@router.get(
    "/{list_id}",
    response_model=PriorityList | ListDesign,
    dependencies=[reads("list.read", "list_id")],
    responses={200: {"content": FILES}, **responses(FORBIDDEN, NOT_FOUND, UNPROCESSABLE, UNAVAILABLE)},
)
def read_list(
    caller: Reader,
    seen: KnownList,
    running: Service,
    now: Now,
    response: Response,
    *,
    request: Request,
    language: ReaderLanguage,
    form: Annotated[str, Depends(_form)],
    filters: Asking,
    fields: Fields = None,
) -> PriorityList | ListDesign | Response:
    """One list as JSON, for a spreadsheet as CSV or XLSX, or on paper as PDF, with where each visit stands.

    Rows are those that the filters keep. In files they stand in the order of the list's page: grave complaints,
    then trip by trip; in JSON by rank. The design has every row.
    Inspectors see bands, never arms; the sampling design (seed, arms, probabilities) comes with
    `?fields=design` for those who estimate from the visits. An office to which rows were handed over
    sees these rows.
    """
    if fields == "design" and not caller.may("lists.read_design"):
        raise ProblemError(FORBIDDEN, "not_allowed", permission="lists.read_design", role=caller.role)
    response.headers["ETag"] = etag(int(seen.stored.head["version"]))
    if fields == "design":
        return design_answer(seen, caller, source_link=running.settings.source_link, now=now)
    whole = list_answer(seen, caller, source_link=running.settings.source_link, now=now)
    shown = whole.model_copy(update={"rows": tuple(chosen_rows(whole, filters, caller, language))})
    if form == "json":
        return shown.model_copy(update={"rows": tuple(sorted(shown.rows, key=lambda row: row.rank))})
    if form == "pdf":
        from service.list_pdf import list_pdf

        pages = f"{request.base_url}lists/{shown.list_id}/rows/"
        sheet = paper(whole, shown.rows, language, offices=running.offices, link=lambda rank: f"{pages}{rank}")
        return _file(list_pdf(sheet, language), PDF_TYPE, f"{shown.list_id}.pdf")
    if form == "xlsx":
        return _file(list_xlsx(shown, language), XLSX_TYPE, f"{shown.list_id}.xlsx")
    return _file(list_csv(shown, language), CSV_TYPE, f"{shown.list_id}.csv")


def _file(content: str | bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/{list_id}/issue", responses=responses(*CHANGES))
def issue(caller: Maker, list_id: str, running: Service, now: Now, response: Response) -> PriorityList:
    """Issue a draft, so that its rows can be worked on; issuing twice is once.

    It takes the place of earlier lists of the same office and unit (`superseded_by`); their open rows
    stay to be done until those lists are closed.
    """
    issue_list(running, list_id, caller=caller, now=now)
    return _shown(running, list_id, caller, now, response)


@router.post("/{list_id}/close", responses=responses(PRECONDITION_FAILED, PRECONDITION_REQUIRED, *CHANGES))
def close(
    caller: Maker,
    list_id: str,
    wanted: Close,
    running: Service,
    now: Now,
    *,
    response: Response,
    if_match: IfMatch = None,
) -> PriorityList:
    """Close a list, with a reason for each row that was neither visited, deferred nor tried in vain.

    Rows without a visit and without a reason are named (409, `rows`), and nothing is closed.
    """
    reasons = {reason.rank: Why(reason.reason_code, reason.note) for reason in wanted.reasons}
    close_list(running, list_id, reasons, seen=sent_version(if_match), caller=caller, now=now)
    return _shown(running, list_id, caller, now, response)


@router.get(
    "/{list_id}/completion",
    dependencies=[reads("list.read_completion", "list_id")],
    responses=responses(FORBIDDEN, NOT_FOUND, UNPROCESSABLE, UNAVAILABLE),
)
def read_completion(_: Estimator, seen: KnownList, running: Service) -> ListCompletion:
    """What became of a list by arm and stratum, and whether people still judge what it proposes.

    Estimates adjust by arm and stratum for rows that were not visited. `decisions` has the time to accept
    and the share of rows accepted as proposed, with an alarm above 95 %.
    """
    return list_completion(running.engine, seen.stored, seen.life)


def _shown(running: Running, list_id: str, caller: Principal, now: Now, response: Response) -> PriorityList:
    seen: SeenList | None = seen_list(running.engine, list_id, offices_seen(caller, running.offices))
    if seen is None:
        raise ProblemError(NOT_FOUND, "no_such_list", name=list_id)
    shown = list_answer(seen, caller, source_link=running.settings.source_link, now=now)
    response.headers["ETag"] = etag(shown.version)
    return shown
