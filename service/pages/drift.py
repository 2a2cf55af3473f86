"""Does the model still fit the placements, and what visits find among them?"""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from risk_model.errors import UnreadableFileError
from service.access import Principal
from service.identity import allowed
from service.kept_drift import read_drift
from service.pages import drift_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.running import Service
from service.storage.register import newest_import

router = APIRouter()


@router.get("/drift")
def drift_page(
    request: Request, _: Annotated[Principal, allowed("models.read")], running: Service, language: PageLanguage
) -> Response:
    """What `risk-model drift` found last, or how to make it find something."""
    words, served = texts.words(language), running.served
    missing = words["df_none"]
    try:
        found = read_drift(running.settings.model_dir)
    except UnreadableFileError:
        found, missing = None, words["df_unreadable"]
    view = views.DriftPage(
        frame=frame(request, language),
        words=words,
        notices=notices_of(running, None, newest_import(running.engine), language),
        missing=missing,
        found=views.found_view(found, served.version, served.model.card.get("labels") or {}, language)
        if found
        else None,
    )
    return keep_language(request, page(view))
