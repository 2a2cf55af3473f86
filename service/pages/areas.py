"""Where does harm come home that no placement list can hold?"""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.access import Principal
from service.identity import allowed
from service.pages import texts, views
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.running import Service
from service.storage.register import events_by_area, newest_import

router = APIRouter()


@router.get("/areas")
def area_page(
    request: Request, _: Annotated[Principal, allowed("segments.read")], running: Service, language: PageLanguage
) -> Response:
    """Deaths, deportations and interceptions by area, beside the placements recorded from there."""
    newest = newest_import(running.engine)
    view = views.AreaPage(
        frame=frame(request, language),
        words=texts.words(language),
        notices=notices_of(running, None, newest, language),
        data_until=texts.day(newest.as_of, language) if newest else None,
        areas=tuple(views.area_view(row, language) for row in events_by_area(running.engine)),
    )
    return keep_language(request, page(view))
