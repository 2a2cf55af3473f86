"""Which options near a draft placement go with less risk?"""

from typing import Annotated

from fastapi import APIRouter

from service.access import Principal
from service.alternatives import alternatives
from service.identity import allowed
from service.payloads.alternatives import Alternatives
from service.payloads.requests import PlacementIn
from service.problems import UNAVAILABLE, UNPROCESSABLE, responses
from service.running import Now, Service

router = APIRouter(prefix="/v1/alternatives", tags=["alternatives"])

Adviser = Annotated[Principal, allowed("alternatives.make")]


@router.post("", responses=responses(UNPROCESSABLE, UNAVAILABLE))
def suggest_alternatives(_: Adviser, draft: PlacementIn, running: Service, now: Now) -> Alternatives:
    """Suggest options for the same worker and destination: sector, position, employer, scheme, verified certificate.

    Only kinds of placements that the register has seen and the model supports, and only where the whole
    interval of the difference lies below 0. They go with less risk among similar placements; that is no
    promised effect. Advice, never a block; nothing is stored.
    """
    return alternatives(running, draft, now=now)
