"""What is recorded of a visit, and what is answered?"""

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from risk_model import vocabulary
from service.payloads import life_examples as examples
from service.payloads.free_text import Note
from service.payloads.list_life import LARGEST_RANK, VisitReason
from service.payloads.requests import Area, DataOrigin, Id, in_range, no_code

Outcome = Literal["harm_found", "no_harm_found", "not_reached", "deferred"]
HIGHEST_SEVERITY = 3


def _instant(value: object) -> object:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("iso_instant", "not an instant") from None
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found, time())
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found


def _category(value: str) -> str:
    tables = ("complaint_categories", "findings")
    if any(value in vocabulary.codes(table) for table in tables):
        return value
    guess = next((found for table in tables if (found := vocabulary.find(table, value))), None)
    meant = guess or vocabulary.nearest_code(tables[0], value)
    raise no_code(value, meant)


Instant = Annotated[datetime, BeforeValidator(_instant), AfterValidator(in_range)]
Category = Annotated[str, Field(max_length=200), AfterValidator(_category)]


class InspectionIn(BaseModel):
    """The outcome of a visit.

    For a row of a list name `list_id` with `rank` (or `placement_id`): what the row stands for is taken from it.
    Outside any list name what was visited: `placement_id`, `agency_id` or `area`. `replaces` names
    the visit that this one corrects. An instant without an offset is UTC, a date its midnight.
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [examples.INSPECTION_IN]}
    )

    list_id: Id | None = None
    rank: Annotated[int, Field(ge=1, le=LARGEST_RANK)] | None = None
    placement_id: Id | None = None
    agency_id: Id | None = None
    area: Area | None = None
    outcome: Outcome
    category: Category | None = Field(None, description="code of a complaint category or of a finding")
    severity: Annotated[int, Field(ge=0, le=HIGHEST_SEVERITY)] | None = Field(
        None, description="0 none, 1 minor, 2 serious, 3 grave"
    )
    visited_at: Instant
    note: Note | None = None
    reason_code: VisitReason | None = Field(None, description="why nobody was reached, or it waits")
    deferred_until: Instant | None = None
    replaces: Id | None = Field(None, description="inspection_id of the visit that this one corrects")

    @model_validator(mode="after")
    def _names_what_was_visited(self) -> "InspectionIn":
        if self.list_id is not None and self.rank is None and self.placement_id is None and self.replaces is None:
            raise PydanticCustomError("row_not_named", "the row is not named")
        named = (self.list_id, self.placement_id, self.agency_id, self.area, self.replaces)
        if all(value is None for value in named):
            raise PydanticCustomError("nothing_visited", "nothing visited is named")
        return self

    @model_validator(mode="after")
    def _finding_goes_with_the_outcome(self) -> "InspectionIn":
        harmless = self.category is None and not self.severity
        if (self.outcome != "harm_found" and not harmless) or (self.outcome == "harm_found" and self.severity == 0):
            raise PydanticCustomError("finding_without_harm", "does not go with the outcome")
        return self


class Inspection(BaseModel):
    """A visit as recorded. `version` is its ETag; a correction has to name it. Arms stay hidden."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [examples.INSPECTION]})

    inspection_id: str
    placement_id: str | None
    agency_id: str | None
    area: str | None
    list_id: str | None
    rank: int | None
    visited_at: datetime
    outcome: Outcome
    category: str | None
    severity: int | None
    note: str | None
    inspector: str | None
    office: str | None
    recorded_at: datetime
    replaced_by: str | None = Field(description="the correction that stands for it; undone: taken back at once")
    version: int
    row_version: int | None = Field(description="version of the row of the list afterwards")
    data_origin: DataOrigin


class Inspections(BaseModel):
    """Visits, newest first; `next` continues where this page ends, null at the end."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [examples.INSPECTIONS]})

    inspections: tuple[Inspection, ...]
    next: int | None
