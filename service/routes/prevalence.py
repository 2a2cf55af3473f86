"""How much harm is being missed?"""

from typing import Annotated

from fastapi import APIRouter, Query

from service.access import Principal, offices_seen
from service.identity import allowed, sees_office
from service.payloads.prevalence import Asked, Prevalence
from service.prevalence_answer import prevalence_answer
from service.problems import NOT_FOUND, UNAVAILABLE, UNPROCESSABLE, ProblemError, responses
from service.running import Now, Service

router = APIRouter(prefix="/v1/prevalence", tags=["figures"])

FORBIDDEN = 403
USUAL_MONTHS, MOST_MONTHS = 24, 120

Office = Annotated[str | None, Query(description="code of an office; default: all whose lists you see")]
Months = Annotated[int, Query(ge=1, le=MOST_MONTHS, description="lists of how many months")]


@router.get("", responses=responses(FORBIDDEN, NOT_FOUND, UNPROCESSABLE, UNAVAILABLE))
def read_prevalence(
    running: Service,
    now: Now,
    caller: Annotated[Principal, allowed("prevalence.read")],
    office: Office = None,
    months: Months = USUAL_MONTHS,
) -> Prevalence:
    """Harm in the cohorts that lists were drawn from, found and missed, with intervals.

    From the probabilities logged before the visits and what the visits found; a list counts once it is
    closed, or 45 days old. Without enough data it says so and gives no number.
    """
    if office is not None and not (office in running.offices and sees_office(caller, running, office)):
        raise ProblemError(NOT_FOUND, "no_such_office", name=office)
    return prevalence_answer(running, Asked(office, offices_seen(caller, running.offices), months), now=now)
