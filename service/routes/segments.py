"""In which segments do visits find harm, and how sure is that?"""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from risk_model.prioritisation.segment_names import GROUPABLE
from service.access import Principal
from service.identity import allowed
from service.payloads.segments import Segments
from service.problems import CONFLICT, UNAVAILABLE, UNPROCESSABLE, ProblemError, responses
from service.running import Now, Service
from service.segments_answer import segments_answer

router = APIRouter(prefix="/v1/segments", tags=["figures"])

FORBIDDEN = 403
USUAL: Final = "destination,sector,certification_level"
ONE: Final = f"({'|'.join(GROUPABLE)})"

By = Annotated[
    str,
    Query(
        pattern=f"^{ONE}(,{ONE}){{0,{len(GROUPABLE) - 1}}}$",
        description=f"columns from coarse to fine, of {', '.join(GROUPABLE)}; one named twice counts once",
    ),
]


@router.get("", responses=responses(FORBIDDEN, CONFLICT, UNPROCESSABLE, UNAVAILABLE))
def read_segments(
    running: Service, now: Now, caller: Annotated[Principal, allowed("segments.read")], by: By = USUAL
) -> Segments:
    """Shrunken rates of findings with intervals, trend, counts, and found against expected.

    Figures of fewer than ten are suppressed, and what is left cannot be found by subtracting. They
    tell what goes together, never what brings it about.
    """
    made = segments_answer(running, tuple(dict.fromkeys(by.split(","))), now=now)
    if made is None:
        raise ProblemError(CONFLICT, "no_data")
    return made
