"""What may be done with a list and its rows, and what is answered?"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from risk_model import vocabulary
from risk_model.errors import nearest
from risk_model.vocabulary import LIST_SEPARATOR
from service.payloads import life_examples as examples
from service.payloads.free_text import Note
from service.payloads.requests import Id, IsoDate, no_code

Arm = Literal["mandatory", "risk", "coverage", "random"]
RowStatus = Literal["open", "accepted", "deferred", "not_reached", "visited", "dropped"]
OTHER_REASON: Final = "lainnya"
"""The code that says nothing by itself: its note is required."""
LARGEST_RANK: Final = 100_000
MOST_REASONS: Final = 10_000


def _fits(action: str) -> list[str]:
    rows = vocabulary.table("override_reasons")
    return [code for code, row in rows.items() if action in row.extra["applies_to"].split(LIST_SEPARATOR)]


def _reason(*actions: str) -> tuple[AfterValidator, WithJsonSchema]:
    allowed = sorted({code for action in actions for code in _fits(action)})

    def check(code: str) -> str:
        if code not in allowed:
            raise no_code(code, nearest(code, allowed) or allowed[0])
        return code

    return AfterValidator(check), WithJsonSchema({"type": "string", "enum": allowed})


OverrideReason = Annotated[str, *_reason("raise", "lower")]
HandOverReason = Annotated[str, *_reason("hand_over")]
DeferReason = Annotated[str, *_reason("defer")]
NotReachedReason = Annotated[str, *_reason("not_reached")]
VisitReason = Annotated[str, *_reason("not_reached", "defer")]
CloseReason = Annotated[str, *_reason("close")]


class _Request(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _WithReason(_Request):
    """Something for which a person gives a reason."""

    reason_code: str
    note: Note | None = None

    @model_validator(mode="after")
    def _other_reasons_are_written_down(self) -> "_WithReason":
        if self.reason_code == OTHER_REASON and self.note is None:
            raise PydanticCustomError("note_required", "the note is required")
        return self


class Assign(_Request):
    """Whose visit it is: the id of a member of staff of the office that has the row now."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ASSIGN]})

    inspector: Id


class HandOver(_WithReason):
    """Which office is to make the visit; it then sees the row, and the first office sees that it went."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.HAND_OVER]})

    office: Id
    reason_code: HandOverReason


class Defer(_WithReason):
    """Until which day the visit waits, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DEFER]})

    until: IsoDate
    reason_code: DeferReason


class Override(_WithReason):
    """Raise or lower what a person judges otherwise; rank and arm stay as drawn."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.OVERRIDE]})

    direction: Literal["up", "down"]
    reason_code: OverrideReason

    @model_validator(mode="after")
    def _reason_goes_with_the_direction(self) -> "Override":
        allowed = _fits("raise" if self.direction == "up" else "lower")
        if self.reason_code not in allowed:
            context = {"found": repr(self.reason_code), "expected": ", ".join(allowed)}
            raise PydanticCustomError("reason_of_other_direction", "not a reason for it", context)
        return self


class NotReached(_WithReason):
    """Somebody went and reached nobody: why."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.NOT_REACHED]})

    reason_code: NotReachedReason


class RowReason(_WithReason):
    """Why one row of a list was not visited."""

    rank: Annotated[int, Field(ge=1, le=LARGEST_RANK)]
    reason_code: CloseReason


class Close(_Request):
    """A reason for each row that was neither visited, deferred nor tried in vain."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CLOSE]})

    reasons: Annotated[list[RowReason], Field(max_length=MOST_REASONS)] = []


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class Warned(_Answer):
    """What the caller should know, although the request was carried out."""

    code: str
    text_id: str
    text_en: str


class RowState(_Answer):
    """Where a row stands; `version` is also the ETag that the next change has to name."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ROW_STATE]})

    list_id: str
    rank: int
    status: RowStatus
    office: str | None = Field(description="the office that is to make the visit now")
    inspector: str | None = Field(description="opaque id of whose visit it is")
    priority: Literal["raised", "lowered"] | None = Field(description="where a person overrode the order")
    reason_code: str | None
    note: str | None
    deferred_until: datetime | None
    inspection_id: str | None = Field(description="the visit or attempt recorded last")
    version: int
    updated_at: datetime
    warnings: tuple[Warned, ...] = ()


class RowAction(_Answer):
    """One thing that somebody did with a row."""

    action: str
    by: str
    at: datetime
    reason_code: str | None
    note: str | None
    detail: dict[str, Any]


class RowHistory(_Answer):
    """Where a row stands, and everything that was done with it, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ROW_HISTORY]})

    row: RowState
    actions: tuple[RowAction, ...]


class Completion(_Answer):
    """How many rows of an arm, or of an arm in a stratum, came to which end."""

    arm: Arm
    stratum: str | None = Field(description="destination and sector; null: the whole arm")
    rows: int
    visited: int
    not_reached: int
    deferred: int
    dropped: int
    waiting: int = Field(description="open or accepted")
    completed: float = Field(description="share of the rows at which somebody was reached")


class Decisions(_Answer):
    """How people treat what the list proposes.

    `untouched_share` is the share of the rows decided on that were accepted and never raised, lowered, deferred or
    handed over; above 95 % of at least 20 the alarm says that the list may no longer be judged (R19).
    """

    decided: int
    accepted_untouched: int
    untouched_share: float | None
    untouched_alarm: bool
    raised: int
    lowered: int
    handed_over: int
    hours_to_accept: float | None = Field(description="median from issue to the first acceptance")


class ListCompletion(_Answer):
    """What became of a list, by arm and by arm and stratum, so that estimates can adjust."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.COMPLETION]})

    list_id: str
    state: str
    by_arm: tuple[Completion, ...]
    by_stratum: tuple[Completion, ...]
    decisions: Decisions
