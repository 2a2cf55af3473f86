"""Does the service run, can it do its work, and how much does it?"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from service.measuring import MEDIA_TYPE, Meters
from service.payloads.answers import Live, Ready
from service.problems import UNAVAILABLE
from service.readiness import readiness
from service.running import Service

router = APIRouter(tags=["health"])
METRICS_ANSWER = {
    "description": "Prometheus text format",
    "content": {
        "text/plain": {
            "schema": {"type": "string"},
            "example": 'risk_requests_total{method="GET",route="/health/live",status="200"} 1.0\n',
        }
    },
}


@router.get("/health/live")
def live() -> Live:
    """The process answers; nothing else is looked at."""
    return Live()


@router.get("/health/ready", responses={UNAVAILABLE: {"model": Ready, "description": "Something needs repair"}})
def ready(running: Service, response: Response) -> Ready:
    """Whether lists and scores can be made, with the repair where not."""
    state = readiness(running)
    if state.status != "ready":
        response.status_code = UNAVAILABLE
    return state


@router.get("/metrics", response_class=PlainTextResponse, responses={200: METRICS_ANSWER})
def metrics(request: Request, running: Service) -> Response:
    """Requests by route and status, how fast they were, and what the service stands on; nothing personal."""
    meters: Meters = request.app.state.meters
    return Response(meters.exposition(running), media_type=MEDIA_TYPE)
