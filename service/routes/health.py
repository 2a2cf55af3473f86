"""Does the service run, and can it do its work?"""

from fastapi import APIRouter, Response

from service.payloads.answers import Live, Ready
from service.problems import UNAVAILABLE
from service.readiness import readiness
from service.running import Service

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> Live:
    """The process answers; nothing else is looked at."""
    return Live()


@router.get("/ready", responses={UNAVAILABLE: {"model": Ready, "description": "Something needs repair"}})
def ready(running: Service, response: Response) -> Ready:
    """Whether lists and scores can be made, with the repair where not."""
    state = readiness(running)
    if state.status != "ready":
        response.status_code = UNAVAILABLE
    return state
