"""Did the rows that people moved up or down find more or less harm than those they left?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from risk_model.prioritisation.yield_ratio import Found, YieldRatio, found_by, yield_ratio

if TYPE_CHECKING:
    import pandas as pd

RAISED, LOWERED = "raised", "lowered"
COLUMNS: Final = ("priority", "found")


@dataclass(frozen=True)
class OverrideOutcomes:
    """What the visits of raised, lowered and untouched rows found; None under ten visits that reached somebody.

    The two ratios are against untouched rows. A row is raised because somebody knows something, so
    a ratio tells whether such knowledge goes with findings, not what raising does.
    `share_untouched` is the share of all rows, visited or not, that nobody moved; None without rows.
    """

    raised: Found | None
    lowered: Found | None
    untouched: Found | None
    raised_ratio: YieldRatio | None
    lowered_ratio: YieldRatio | None
    share_untouched: float | None


def override_outcomes(rows: pd.DataFrame) -> OverrideOutcomes:
    """Compare the findings of rows by what people did with their priority.

    Args:
        rows: rows of lists with `priority` (raised, lowered, null where nobody moved it) and `found`: 1
            or 0, null where nobody was reached or no visit was made.
    """
    untouched = rows["priority"].isna()
    raised, lowered = (found_by(rows.loc[rows["priority"] == way, "found"]) for way in (RAISED, LOWERED))
    usual = found_by(rows.loc[untouched, "found"])
    return OverrideOutcomes(
        raised=raised,
        lowered=lowered,
        untouched=usual,
        raised_ratio=yield_ratio(raised, usual) if raised and usual else None,
        lowered_ratio=yield_ratio(lowered, usual) if lowered and usual else None,
        share_untouched=float(untouched.mean()) if len(rows) else None,
    )
