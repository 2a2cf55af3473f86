"""What does a caller read about segments?"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from risk_model.prioritisation.segment_names import NOT_RECORDED, NOT_VERIFIED, OTHER
from service.payloads.requests import DataOrigin

Share = Annotated[float, Field(ge=0, le=1)]
Change = Annotated[float, Field(ge=-1, le=1)]
Count = Annotated[int, Field(ge=10, description="rounded to five; null below ten")]

SPECIAL: Final = {
    OTHER: ("lainnya, digabung", "others, together"),
    NOT_RECORDED: ("tidak tercatat", "not recorded"),
    NOT_VERIFIED: ("dinyatakan sendiri, belum diverifikasi", "declared, not verified"),
}
"""Labels of groups that no code names."""
EXAMPLE: Final[dict[str, Any]] = {
    "as_of": "2026-04-01T00:00:00Z",
    "made_at": "2026-04-01T01:00:00Z",
    "by": ["sector"],
    "data_origin": "simulated",
    "suppressed_below": 10,
    "note_id": "Angka ini menyertai ciri segmen; tidak mengatakan apa yang terjadi bila cirinya lain.",
    "note_en": "These figures go together with what a segment is; they do not say what would happen otherwise.",
    "segments": [
        {
            "cell": [{"column": "sector", "code": "domestic", "label_id": "Rumah tangga", "label_en": "Domestic work"}],
            "placements": 2140,
            "list_visits": 120,
            "usual_visits": 340,
            "rate": 0.14,
            "low": 0.09,
            "high": 0.2,
            "prior_rate": 0.13,
            "prior_visits": 15,
            "prior_source": "surveys: ILO 2023, Justice Centre Hong Kong 2016; other segments of this register",
            "trend": 0.02,
            "trend_low": -0.03,
            "trend_high": 0.07,
            "trend_from": "lists",
            "reported_per_1000": 12,
            "reports_ratio": 1.1,
            "reports_low": 0.8,
            "reports_high": 1.5,
            "found": 45,
            "expected": 40,
            "ratio": 1.1,
            "ratio_low": 0.8,
            "ratio_high": 1.5,
            "not_reached": 0.1,
        }
    ],
}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class CellPart(_Answer):
    """One column of a segment and the value its placements share; `(other)` holds cells too small to show."""

    column: str
    code: str
    label_id: str
    label_en: str


class Segment(_Answer):
    """How often visits find harm in one segment, how sure that is, and whether it moved; null under ten."""

    cell: tuple[CellPart, ...]
    placements: Count
    list_visits: Count | None = Field(description="visits of lists that reached somebody, last 12 months")
    usual_visits: Count | None = Field(description="visits that officers chose, last 12 months")
    rate: Share = Field(description="share of visits that find harm, shrunken; under ten visits the prior alone")
    low: Share = Field(description="lower end of the 90 % interval")
    high: Share = Field(description="upper end of the 90 % interval")
    prior_rate: Share
    prior_visits: int = Field(ge=0, description="for how many visits the prior counts")
    prior_source: str
    trend: Change | None = Field(description="rate less that of the 12 months before")
    trend_low: float | None
    trend_high: float | None
    trend_from: Literal["lists", "usual"] | None
    reported_per_1000: int | None = Field(description="complaints a year per 1,000 placements")
    reports_ratio: float | None = Field(description="complaints per placement against the year before")
    reports_low: float | None
    reports_high: float | None
    found: Count | None = Field(description="visits of the last 12 months that found harm")
    expected: int | None = Field(description="found, if they found as their mix of employer and stage does elsewhere")
    ratio: float | None = Field(description="found against expected")
    ratio_low: float | None
    ratio_high: float | None
    not_reached: Share | None = Field(description="share of visits that reached nobody")


class Segments(_Answer):
    """The segments of the register, in order of their names; they add up to all placements, rounding aside."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    as_of: datetime
    made_at: datetime
    by: tuple[str, ...]
    data_origin: DataOrigin
    suppressed_below: int
    note_id: str
    note_en: str
    segments: tuple[Segment, ...] = Field(description="empty where the whole register holds fewer than ten")
