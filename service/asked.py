"""Who asks for scores, as of when, and with which model and histories are they made?"""

from datetime import UTC, date, datetime, time, timedelta

from service.access import PLACEMENT_SYSTEM, Principal
from service.language import Language
from service.live_scoring import LiveScoring
from service.problems import UNPROCESSABLE, ProblemError
from service.running import Running


class Asked:
    """Who asks for scores, as of when, and in which language problems are said."""

    def __init__(
        self,
        running: Running,
        caller: Principal,
        *,
        as_of: date | None,
        now: datetime,
        language: Language = "id",
        scoring: LiveScoring | None = None,
    ) -> None:
        """Check the date; `as_of` None stands for now, `scoring` None for the model and the histories as they are now.

        Raises:
            ProblemError: 422 where the histories are known beyond that date.
        """
        self.running, self.caller, self.now, self.language = running, caller, now, language
        self.as_of = now if as_of is None else datetime.combine(as_of, time(), tzinfo=UTC)
        self.scoring = running.scoring() if scoring is None else scoring
        known_until = self.scoring.histories.as_of
        if known_until is not None and self.as_of < known_until:
            raise ProblemError(UNPROCESSABLE, "too_early", found=as_of or now.date(), allowed=known_until.date())

    @property
    def until(self) -> datetime:
        """How long the scores hold."""
        return self.as_of + timedelta(hours=self.running.settings.score_valid_hours)

    @property
    def made_for(self) -> tuple[str | None, str | None]:
        """For which office, and for which system, receipts are made."""
        return self.caller.office, self.caller.owner if self.caller.role == PLACEMENT_SYSTEM else None
