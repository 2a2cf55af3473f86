"""Where does harm come home that no placement list can hold?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from risk_model import vocabulary
from risk_model.prioritisation.area_list import WINDOW_DAYS
from service.access import ANALYST, OFFICE_ROLES, Principal
from service.audit_notes import record_read
from service.identity import allowed
from service.pages import areas_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.paging import PAGE_ROWS, pages
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.problems import NOT_FOUND, ProblemError
from service.running import Now, Running, Service
from service.storage.areas import Row, events_within, placements_within, scored_by_area
from service.storage.register import events_by_area, newest_import

router = APIRouter()

Reader = Annotated[Principal, allowed("segments.read")]
LONGEST_CODE, LAST_PAGE = 13, 100_000


@router.get("/areas")
def area_page(
    request: Request,
    reader: Reader,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    province: Annotated[str | None, Query(max_length=LONGEST_CODE)] = None,
) -> Response:
    """Deaths, deportations and interceptions by area, beside the placements recorded from there."""
    newest = newest_import(running.engine)
    scored = _scored(running, now)
    areas = views.known_areas(events_by_area(running.engine), scored, running.served.model.thresholds, language)
    chosen = _province(reader, running, areas, province)
    codes = sorted({code[: views.PROVINCE_LENGTH] for code in areas})
    words = texts.words(language)
    name = vocabulary.label("areas", chosen, language)
    view = views.AreasPage(
        frame=frame(request, language),
        words=words,
        notices=notices_of(running, None, newest, language),
        data_until=texts.day(newest.as_of, language) if newest else None,
        provinces=views.province_choices(codes, chosen, language),
        table_title=words["ar_table"].format(province=name),
        tiles=views.tiles(areas, language) if chosen == views.NTT else (),
        areas=views.lines(
            [area for code, area in areas.items() if vocabulary.contains(chosen, code)],
            language,
            opens=_covers(reader, running, chosen),
        ),
    )
    return keep_language(request, page(view))


@router.get("/areas/{area}")
def area_events_page(
    request: Request,
    reader: Reader,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    area: Annotated[str, Path(max_length=LONGEST_CODE)],
    number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """Events and recorded placements of one area; it exists for who sees all offices, and for offices that cover it."""
    newest = newest_import(running.engine)
    if newest is None or vocabulary.area(area) is None or not _covers(reader, running, area):
        raise ProblemError(NOT_FOUND, "no_such_area", name=area)
    found = events_within(running.engine, area, since=_since(newest.as_of), before=newest.as_of)
    offset, named = (number - 1) * PAGE_ROWS, reader.role != ANALYST
    total, recorded = placements_within(running.engine, area, limit=PAGE_ROWS, offset=offset)
    if named:
        record_read(running, reader, "area.read", area, now, rows=len(recorded))
    view = views.AreaEventsPage(
        frame=frame(request, language),
        words=texts.words(language),
        notices=notices_of(running, None, newest, language),
        name=vocabulary.label("areas", area, language),
        back=f"/areas?province={area[: views.PROVINCE_LENGTH]}#a-{area}",
        rows_link=f"/supervision/rows?area={area}" if reader.may("supervision.read") else None,
        events=views.event_lines(found, language, precise=named),
        count=texts.whole_number(total, language),
        placements=views.placement_lines(recorded, language, names_persons=named),
        pages=pages(total, number, {}, language),
    )
    return keep_language(request, page(view))


def _scored(running: Running, now: datetime) -> list[Row]:
    """Placements and scores by area, counted again at most every few minutes."""
    version = running.served.version
    return running.kept_figures("scored_by_area", now=now, also=version, make=lambda: scored_by_area(running.engine))


def _since(as_of: datetime) -> datetime:
    return as_of - timedelta(days=WINDOW_DAYS)


def _province(reader: Principal, running: Running, areas: Mapping[str, views.Area], asked: str | None) -> str:
    """The province that was asked for, else that of the reader's office, else the one with most placements."""
    present = {code[: views.PROVINCE_LENGTH] for code in areas}
    if asked in present:
        return str(asked)
    own = running.offices.get(reader.office or "")
    for code in own.areas if own else ():
        if code[: views.PROVINCE_LENGTH] in present:
            return code[: views.PROVINCE_LENGTH]
    if views.NTT in present or not present:
        return views.NTT
    sizes = {code: sum(area.placements for area in areas.values() if area.code.startswith(code)) for code in present}
    return max(sorted(present), key=lambda code: sizes[code])


def _covers(reader: Principal, running: Running, area: str) -> bool:
    """Whether the events of `area` exist for the reader."""
    if reader.role not in OFFICE_ROLES:
        return True
    own = running.offices.get(reader.office or "")
    return own is not None and any(vocabulary.contains(covered, area) for covered in own.areas)
