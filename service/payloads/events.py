"""What does a system send when something happened, and what does it get back?

CloudEvents 1.0 in structured mode, one or an array; docs/events.md explains each type.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from risk_model.data.states import CHANGED_BY, DEPARTED, RETURNED, VERIFIED
from risk_model.data.table_columns import EVENT_TYPES
from risk_model.errors import nearest
from service.instants import naive_utc
from service.payloads.requests import (
    HIGHEST_CERTIFICATION_LEVEL,
    Amount,
    Area,
    ComplaintCategory,
    Count,
    DataOrigin,
    EmployerType,
    Id,
    IsoDate,
    Position,
    in_range,
)

MEDIA_TYPES: Final = ("application/cloudevents+json", "application/cloudevents-batch+json", "application/json")
REFERENCE: Final = "#/components/schemas/{model}"
MOST_EVENTS: Final = 1000
STATUS_CHANGE: Final = "status_change"
SHORT: Final[Mapping[str, str]] = {"departure": DEPARTED, "return": RETURNED}
"""Types that stand for a `status_change` with this status."""
TYPES: Final = (*EVENT_TYPES, *SHORT)
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {STATUS_CHANGE: ("status",), VERIFIED: ("certification_level",)}
"""What `data` must hold for an event of a type."""
KEPT_APART: Final = frozenset({"placement_id", "area", "category", "procedural", "data_origin"})
"""What of `data` has a column of its own."""

EXAMPLE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "aduan-2026-000117",
    "source": "/siskop2mi/ntt",
    "type": "id.siskop2mi.complaint",
    "subject": "CONTOH-0017",
    "time": "2026-03-30T04:15:00Z",
    "datacontenttype": "application/json",
    "data": {"category": "gaji_tidak_dibayar", "data_origin": "simulated"},
}
BATCH: Final = [EXAMPLE, {**EXAMPLE, "id": "berangkat-9", "type": "departure", "data": {"on": "2026-03-29"}}]
TAKEN: Final[dict[str, Any]] = {"accepted": 2, "repeated": 0, "waiting": 1}


class EventData(BaseModel):
    """What an event says beyond its envelope; which fields belong to which type is in docs/events.md."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    placement_id: Id | None = None
    area: Area | None = None
    category: ComplaintCategory | None = None
    procedural: bool | None = None
    status: Literal["departed", "returned"] | None = None
    on: IsoDate | None = None
    employer_ref: Id | None = None
    employer_type: EmployerType | None = None
    position: Position | None = None
    wage_monthly_idr: Amount | None = None
    contract_end_on: IsoDate | None = None
    contract_months: Count | None = None
    certification_level: Annotated[int, Field(ge=0, le=HIGHEST_CERTIFICATION_LEVEL)] | None = None
    data_origin: DataOrigin = "real"


class CloudEvent(BaseModel):
    """One event; `subject` is the placement, and the last part of `type` says what happened.

    Attributes of extensions are allowed and not kept.
    """

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    specversion: Literal["1.0"]
    id: Id
    source: Id
    type: Id
    subject: Id | None = None
    time: Annotated[AwareDatetime, AfterValidator(in_range)]
    datacontenttype: Literal["application/json"] | None = None
    data: EventData = EventData()

    @model_validator(mode="after")
    def _says_what_its_type_needs(self) -> Self:
        kind = self.kind
        if kind not in EVENT_TYPES:
            context = {"found": repr(self.type), "guess": nearest(self.type.rpartition(".")[2], TYPES)}
            raise PydanticCustomError("unknown_event", "not a known type", context)
        given = self.row()
        if given["placement_id"] is None and given["area"] is None:
            raise PydanticCustomError("event_of_nothing", "names neither a placement nor an area")
        if None not in (self.subject, self.data.placement_id) and self.subject != self.data.placement_id:
            raise PydanticCustomError("event_of_two", "names two placements")
        told = given["data"] or {}
        needed = [name for name in NEEDED.get(kind, ()) if name not in told]
        if kind in CHANGED_BY and not set(CHANGED_BY[kind]) & set(told):
            needed = list(CHANGED_BY[kind])
        if needed:
            context = {"kind": kind, "needed": ", ".join(needed)}
            raise PydanticCustomError("event_lacks", "lacks what its type needs", context)
        return self

    @property
    def kind(self) -> str:
        """What happened: the last part of `type`, as the table `events` knows it."""
        last = self.type.rpartition(".")[2]
        return STATUS_CHANGE if last in SHORT else last

    def row(self) -> dict[str, Any]:
        """Return the event as a row of the table `events`."""
        data = self.data.model_dump(mode="json", exclude_none=True)
        last = self.type.rpartition(".")[2]
        told = {name: value for name, value in data.items() if name not in KEPT_APART}
        if last in SHORT:
            told = {"status": SHORT[last], **told}
        return {
            "source": self.source,
            "event_id": self.id,
            "placement_id": self.subject if self.data.placement_id is None else self.data.placement_id,
            "area": self.data.area,
            "type": self.kind,
            "category": self.data.category,
            "procedural": self.data.procedural,
            "occurred_at": naive_utc(self.time),
            "data": told or None,
            "data_origin": self.data.data_origin,
        }


ONE: Final = TypeAdapter(CloudEvent)
MANY: Final = TypeAdapter(Annotated[tuple[CloudEvent, ...], Field(min_length=1, max_length=MOST_EVENTS)])


def read_events(body: bytes) -> list[tuple[tuple[str | int, ...], CloudEvent]]:
    """Return the event, or the array of events, in a body, each with its place there.

    Raises:
        ValidationError: whose locations are those of the body.
    """
    if body.lstrip()[:1] == b"[":
        return [(("body", place), event) for place, event in enumerate(MANY.validate_json(body))]
    return [(("body",), ONE.validate_json(body))]


def faults(error: ValidationError) -> list[ErrorDetails]:
    """Return what is wrong with a body, each with its place below `body`."""
    return [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]


def request_body() -> dict[str, Any]:
    """Return what OpenAPI says of the body: one event, or an array of them."""
    one = {"$ref": REFERENCE.format(model=CloudEvent.__name__)}
    batch = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_EVENTS}
    single, many, either = MEDIA_TYPES
    return {
        "required": True,
        "content": {
            single: {"schema": one, "example": EXAMPLE},
            many: {"schema": batch, "example": BATCH},
            either: {"schema": {"anyOf": [one, batch]}, "example": BATCH},
        },
    }


def schemas() -> dict[str, Any]:
    """Return the OpenAPI schemas that `request_body` refers to."""
    event = CloudEvent.model_json_schema(ref_template=REFERENCE)
    return {**event.pop("$defs"), CloudEvent.__name__: event}


class EventsTaken(BaseModel):
    """What became of the events: stored now, known already, and (of those stored) of a placement not yet registered."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [TAKEN]})

    accepted: int
    repeated: int
    waiting: int
