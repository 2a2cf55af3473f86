"""What does a caller ask and read about how much harm is being missed?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.payloads.requests import DataOrigin

Share = Annotated[float, Field(ge=0, le=1)]
Placements = Annotated[int, Field(ge=0, description="per list, on average")]

IN_HARM: Final[dict[str, Any]] = {"estimate": 0.121, "low_90": 0.094, "high_90": 0.152, "low_95": 0.09, "high_95": 0.16}
WHAT: Final[dict[str, str]] = {
    "says_id": "Dihitung dari peluang yang dicatat sebelum kunjungan.",
    "says_en": "Computed from the probabilities logged before the visits.",
    "what_id": "bagian kohort yang mengalami kerugian pada saat kunjungan, bukan dalam horizon",
    "what_en": "mean share of the cohorts in harm at the time of a visit; not harm within the horizon",
    "not_counted_id": "kerugian yang tidak terlihat saat kunjungan, dan pekerja tanpa catatan penempatan",
    "not_counted_en": "harm that a visit cannot see, and workers without a placement record",
}
EXAMPLE: Final[dict[str, Any]] = {
    "status": "estimated",
    **WHAT,
    "office": "BP3MI-NTT",
    "offices": ["BP3MI-NTT"],
    "made_at": "2026-04-01T01:00:00Z",
    "data_origin": "simulated",
    "lists": 12,
    "first_list": "2025-04-01",
    "last_list": "2026-03-01",
    "months": 24,
    "detection": 0.92,
    "visits_by_chance": 340,
    "visits_needed": 30,
    "effective_visits": 210,
    "placements": 8430,
    "in_harm": IN_HARM,
    "inspected_only": {"estimate": 0.166, "low_90": 0.15, "high_90": 0.18, "low_95": 0.15, "high_95": 0.19},
    "harm": {"estimate": 1020, "low_90": 790, "high_90": 1280, "low_95": 760, "high_95": 1350},
    "found": 24,
    "missed": {"estimate": 996, "low_90": 766, "high_90": 1256, "low_95": 736, "high_95": 1326},
    "corridors": [
        {"corridor": "MYS-domestic", "placements": 1250, "reached": 65, "in_harm": IN_HARM},
        {"corridor": "TWN-fishing", "placements": 40, "reached": None, "in_harm": None},
    ],
    "corridors_suppressed": 14,
}


@dataclass(frozen=True)
class Asked:
    """What the estimate is wanted for: one office, or all whose lists the caller sees (`seen` None: every list)."""

    office: str | None
    seen: frozenset[str] | None
    months: int

    @property
    def offices(self) -> Collection[str] | None:
        """Whose lists count; None stands for all."""
        return self.seen if self.office is None else frozenset({self.office})


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class EstimatedShare(_Answer):
    """A share with its two-sided intervals."""

    estimate: Share
    low_90: Share
    high_90: Share
    low_95: Share
    high_95: Share


class EstimatedNumber(_Answer):
    """A number of placements per list with its two-sided intervals."""

    estimate: Placements
    low_90: Placements
    high_90: Placements
    low_95: Placements
    high_95: Placements


class Corridor(_Answer):
    """Harm in one corridor; `in_harm` is null where there is not enough data to say."""

    corridor: str
    placements: int = Field(ge=10, description="per list, rounded to five")
    reached: int | None = Field(ge=10, description="visits that reached somebody, rounded to five; null below ten")
    in_harm: EstimatedShare | None


class Prevalence(_Answer):
    """How much harm there is, how much was found and how much missed, or that there is not enough data to say.

    `inspected_only` is found / reached without weights: what a report of visits alone would say.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    status: Literal["estimated", "not_enough_data"]
    says_id: str
    says_en: str
    what_id: str = WHAT["what_id"]
    what_en: str = WHAT["what_en"]
    not_counted_id: str = WHAT["not_counted_id"]
    not_counted_en: str = WHAT["not_counted_en"]
    office: str | None = Field(description="whose lists; null: of all offices that the caller sees")
    offices: tuple[str | None, ...] = Field(description="whose lists were pooled; null: of the whole register")
    made_at: datetime
    data_origin: DataOrigin
    lists: int
    first_list: date | None
    last_list: date | None
    months: int
    detection: float = Field(gt=0, le=1, description="declared: share of present harm that a visit finds")
    visits_by_chance: int = Field(description="reached somebody, drawn with a probability below 1")
    visits_needed: int
    effective_visits: int | None = Field(description="visits of a plain random sample that would say as much")
    placements: int | None = Field(description="mean size of the cohorts, rounded to five")
    in_harm: EstimatedShare | None
    inspected_only: EstimatedShare | None
    harm: EstimatedNumber | None
    found: Placements | None
    missed: EstimatedNumber | None
    corridors: tuple[Corridor, ...]
    corridors_suppressed: int
