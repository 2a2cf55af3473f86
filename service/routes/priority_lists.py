"""Which visits should an office make?"""

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from service.access import Principal, offices_seen
from service.answering import design_answer, head_answer, list_answer, list_csv
from service.drawing import NoDataError, Wanted, draw_list
from service.identity import allowed, sees_office
from service.payloads.answers import ListDesign, Lists, PriorityList
from service.payloads.requests import LARGEST_SEED, ListRequest
from service.problems import (
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    UNAVAILABLE,
    UNPROCESSABLE,
    ProblemError,
    responses,
    unknown_code,
)
from service.routes.dependencies import KnownList, ReaderLanguage
from service.running import Now, Service
from service.storage.lists import newest_lists

router = APIRouter(prefix="/v1/priority-lists", tags=["priority lists"])

MOST_LISTS, USUAL_LISTS = 100, 20
CSV_TYPE = "text/csv"
CSV_ANSWER = {CSV_TYPE: {"schema": {"type": "string"}, "example": '\ufeff"rank";"unit_id"\r\n"1";"CONTOH-0017"\r\n'}}

Format = Annotated[Literal["json", "csv"] | None, Query(alias="format", description="before the Accept header")]
Maker = Annotated[Principal, allowed("lists.make")]
Reader = Annotated[Principal, allowed("lists.see")]
Fields = Annotated[Literal["design"] | None, Query(description="design: with seed, arms and probabilities")]


@router.post("", status_code=201, responses=responses(CONFLICT, UNPROCESSABLE, UNAVAILABLE))
def make_list(caller: Maker, wanted: ListRequest, running: Service, now: Now, response: Response) -> PriorityList:
    """Draw a list from the newest import; it is stored, with every probability, before it is answered.

    The same wish with the same seed, from the same data, gives the same list. A list may be longer
    than its capacity where mandatory cases leave the random visits no room.
    """
    if wanted.office is None and not sees_office(caller, running, None):
        raise ProblemError(FORBIDDEN, "whole_register", role=caller.role)
    known = [code for code in running.offices if sees_office(caller, running, code)]
    if wanted.office is not None and wanted.office not in known:
        raise unknown_code("office", wanted.office, known)
    seed = secrets.randbelow(LARGEST_SEED + 1) if wanted.seed is None else wanted.seed
    try:
        stored = draw_list(
            running, Wanted(wanted.capacity, wanted.office, wanted.unit, seed), now=now, by=(caller.who, caller.role)
        )
    except NoDataError:
        raise ProblemError(CONFLICT, "no_data") from None
    response.headers["Location"] = f"{router.prefix}/{stored.list_id}"
    return list_answer(stored, source_link=running.settings.source_link)


@router.get("", responses=responses(UNPROCESSABLE, UNAVAILABLE))
def read_lists(
    caller: Reader,
    running: Service,
    office: Annotated[str | None, Query(description="only this office's lists")] = None,
    after: Annotated[str | None, Query(description="continue after this list")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTS)] = USUAL_LISTS,
) -> Lists:
    """The heads of lists, newest first."""
    seen = offices_seen(caller, running.offices)
    found = newest_lists(running.engine, office=office, after=after, limit=limit + 1, seen_by=seen)
    heads = tuple(head_answer(head) for head in found[:limit])
    return Lists(lists=heads, next=heads[-1].list_id if len(found) > limit else None)


def _form(wanted: Format = None, accept: Annotated[str, Header(include_in_schema=False)] = "") -> str:
    return wanted or ("csv" if CSV_TYPE in accept else "json")


@router.get(
    "/{list_id}",
    response_model=PriorityList | ListDesign,
    responses={200: {"content": CSV_ANSWER}, **responses(NOT_FOUND, UNPROCESSABLE, UNAVAILABLE)},
)
def read_list(
    caller: Reader,
    stored: KnownList,
    running: Service,
    *,
    language: ReaderLanguage,
    form: Annotated[str, Depends(_form)],
    fields: Fields = None,
) -> PriorityList | ListDesign | Response:
    """One list as JSON, or as CSV for a spreadsheet.

    Inspectors see bands, never arms; the sampling design (seed, arms, probabilities) comes with
    `?fields=design` for those who estimate from the visits.
    """
    if fields == "design" and not caller.may("lists.read_design"):
        raise ProblemError(FORBIDDEN, "not_allowed", permission="lists.read_design", role=caller.role)
    if form == "csv":
        name = {"Content-Disposition": f'attachment; filename="{stored.list_id}.csv"'}
        return Response(list_csv(stored, language), media_type=CSV_TYPE, headers=name)
    shown = design_answer if fields == "design" else list_answer
    return shown(stored, source_link=running.settings.source_link)
