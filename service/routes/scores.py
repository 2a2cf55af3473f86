"""What is the risk of this placement?"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from service.access import Principal
from service.answering import score_answer
from service.identity import allowed
from service.payloads.answers import Score
from service.payloads.requests import PlacementIn
from service.problems import UNAVAILABLE, UNPROCESSABLE, ProblemError, responses
from service.running import Now, Service

router = APIRouter(prefix="/v1/scores", tags=["scores"])

Asker = Annotated[Principal, allowed("scores.make")]
AsOf = Annotated[date | None, Query(description="score as of this date (UTC midnight); default: now")]


@router.post("", responses=responses(UNPROCESSABLE, UNAVAILABLE))
def score_placement(_: Asker, placement: PlacementIn, running: Service, now: Now, as_of: AsOf = None) -> Score:
    """Score one placement. Nothing is stored.

    Without support (`supported: false`) there is no number: a person decides. A certificate that is
    not verified changes nothing. A score orders visits and support; it never refuses a worker.
    """
    scoring = running.scoring()
    moment = now if as_of is None else datetime.combine(as_of, time(), tzinfo=UTC)
    known_until = scoring.histories.as_of
    if known_until is not None and moment < known_until:
        raise ProblemError(UNPROCESSABLE, "too_early", found=as_of or now.date(), allowed=known_until.date())
    scored = scoring.score(placement.model_dump(), moment)
    valid_for = timedelta(hours=running.settings.score_valid_hours)
    return score_answer(placement, scored, scoring, as_of=moment, valid_for=valid_for)
