"""Which model is served, and who may put another in its place?"""

from typing import Annotated

from fastapi import APIRouter, Body

from service import models
from service.access import Principal
from service.identity import allowed
from service.payloads.models import RELEASE, Models, ModelState, RollBack
from service.problems import CONFLICT, UNAVAILABLE, UNPROCESSABLE, responses
from service.running import Now, Service

router = APIRouter(prefix="/v1/models", tags=["models"])

Reader = Annotated[Principal, allowed("models.read")]
Changer = Annotated[Principal, allowed("models.change")]
Leaving = Annotated[RollBack | None, Body(openapi_examples={"from the one seen": {"value": {"leaving": RELEASE}}})]


@router.get("", responses=responses(UNAVAILABLE))
def list_models(_: Reader, running: Service) -> Models:
    """Which model answers, and every release that is kept, checked byte by byte, with card and gate verdict."""
    return models.models_shown(running)


@router.post("/reload", responses=responses(UNAVAILABLE))
def reload_model(caller: Changer, running: Service, now: Now) -> ModelState:
    """Read and check the release in use again, in every worker within a second; no request is dropped.

    A release that was altered is refused: the model that answered goes on answering, and `reason` says why.
    """
    return models.reload(running, caller, now=now)


@router.post("/rollback", responses=responses(CONFLICT, UNPROCESSABLE, UNAVAILABLE))
def roll_back_model(caller: Changer, running: Service, now: Now, wanted: Leaving = None) -> ModelState:
    """Serve the release before the one in use again, in every worker within a second; no request is dropped.

    Of two at once one wins; the other is told (409). The aliases of the registry follow at the next
    promotion or `risk-model rollback`: releases alone say what is served.
    """
    return models.roll_back(running, caller, wanted.leaving if wanted else None, now=now)


@router.post("/switch-off", responses=responses(UNAVAILABLE))
def switch_model_off(caller: Changer, running: Service, now: Now) -> ModelState:
    """Serve the two-line rule on published rates in place of the model, with a notice in every answer."""
    return models.switch(running, caller, on=False, now=now)


@router.post("/switch-on", responses=responses(UNAVAILABLE))
def switch_model_on(caller: Changer, running: Service, now: Now) -> ModelState:
    """Serve the release in use again."""
    return models.switch(running, caller, on=True, now=now)
