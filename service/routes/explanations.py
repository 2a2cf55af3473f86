"""Why has this placement its score?"""

from typing import Annotated

from fastapi import APIRouter, Path

from service.access import Principal
from service.explaining import explanation
from service.identity import allowed
from service.payloads.explanation import Explanation
from service.payloads.requests import LONGEST_ID
from service.problems import FORBIDDEN, NOT_FOUND, NOT_SIGNED_IN, UNAVAILABLE, UNPROCESSABLE, responses
from service.running import Now, Service

router = APIRouter(prefix="/v1/placements/{placement_id}", tags=["rights of a person"])

PlacementId = Annotated[
    str, Path(min_length=1, max_length=LONGEST_ID, pattern=r"^[^\x00-\x1f\x7f/]+$", examples=["CONTOH-0017"])
]


@router.get("/explanation", responses=responses(NOT_SIGNED_IN, FORBIDDEN, NOT_FOUND, UNPROCESSABLE, UNAVAILABLE))
def explain_placement(
    placement_id: PlacementId, running: Service, now: Now, caller: Annotated[Principal, allowed("placements.read")]
) -> Explanation:
    """Inputs, all terms and version of the present score, for the office and for the system that registered it.

    A system is not told what could show who complained. Terms go with risk; they do not say what brings it about.
    """
    return explanation(running, caller, placement_id, now=now)
