"""Is there an impact assessment, and is it still about the service as it is?

Law 27/2022 on personal data asks for one where decisions are automated (safeguard R26).
"""

from datetime import UTC, date, datetime
from typing import Final

from service.settings import PREFIX, Settings

GOOD_FOR_MONTHS: Final = 12
REPAIR: Final = f"hold one and state its date: {PREFIX}IMPACT_ASSESSMENT_ON=2026-03-31"


def impact_assessment_warning(settings: Settings, now: datetime, *, model_made: datetime | None = None) -> str | None:
    """Return what is wrong with the impact assessment and how to repair it, or None where nothing is.

    Args:
        settings: `impact_assessment_on` is its date.
        now: when.
        model_made: when the model now served was released, where a release answers.
    """
    held, today = settings.impact_assessment_on, now.astimezone(UTC).date()
    if held is None:
        return f"no impact assessment is stated; {REPAIR}"
    if held > today:
        return f"the impact assessment is dated {held}, which is still to come; state the date on which it was held"
    if _months_after(held, GOOD_FOR_MONTHS) < today:
        return f"the impact assessment of {held} is older than {GOOD_FOR_MONTHS} months; {REPAIR}"
    if model_made is not None and model_made.astimezone(UTC).date() > held:
        return (
            f"the model changed on {model_made.date()}, after the impact assessment of {held}; review it and {REPAIR}"
        )
    return None


def _months_after(day: date, months: int) -> date:
    """Return the same day some months later, the first of the next month where that month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return date(day.year + years, month + 2, 1)
