"""What may be asked about one person, and what comes of it?"""

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from service.payloads import worker_examples as examples
from service.payloads.answers import Band
from service.payloads.requests import Id, PlacementIn

NOT_CORRECTED_HERE: Final = frozenset(
    {"placement_id", "worker_ref", "data_origin", "certification_verified", "language_certificate"}
)
"""A certificate is not corrected but verified: an event `certificate_verified`, an import, a key with `verify`."""

NEVER_NULL: Final = frozenset({"origin"})
"""What every placement has, though a score can do without it."""

Value = str | int | float | bool | None
Correctable = Literal[
    "origin",
    "service_office",
    "destination",
    "sector",
    "position",
    "employer_type",
    "scheme",
    "certification_level",
    "agency_id",
    "overseas_agency_id",
    "employer_ref",
    "wage_monthly_idr",
    "fee_idr",
    "contract_months",
    "contract_signed_before_departure",
    "has_work_visa",
    "has_bpjs",
    "has_health_certificate",
    "attended_opp",
    "prior_placements",
    "registered_on",
    "departed_on",
    "contract_end_on",
    "returned_on",
]
Source = Literal["worker", "document", "agency", "employer", "office", "mission", "other_system"]
ObjectionReason = Literal["data_wrong", "reasons_wrong", "no_automated_score", "other"]
DecisionReason = Literal["facts_confirmed", "facts_corrected", "person_decides", "withdrawn", "other"]


def _value_by_field(schema: dict[str, Any]) -> None:
    """Let the description of a correction say which values each field can have."""
    described = PlacementIn.model_json_schema()["properties"]
    schema["oneOf"] = [
        {"properties": {"field": {"const": name}, "value": _value_of(described[name], nullable=name not in NEVER_NULL)}}
        for name in get_args(Correctable)
    ]


def _described(schema: dict[str, Any]) -> None:
    schema["examples"] = [examples.CORRECTION]
    _value_by_field(schema)


def _value_of(described: dict[str, Any], *, nullable: bool) -> dict[str, Any]:
    shown = {key: part for key, part in described.items() if key not in ("default", "title")}
    options = [option for option in shown.get("anyOf", ()) if nullable or option != {"type": "null"}]
    return {**shown, "anyOf": options} if options else shown


class _Request(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class CorrectionIn(_Request):
    """What is wrong about a placement, what is right, and who says so; the worker has to prove nothing."""

    model_config = ConfigDict(json_schema_extra=_described)

    placement_id: Id
    field: Correctable
    value: Annotated[str, Field(max_length=200)] | int | float | bool | None = Field(
        description="as in PUT /v1/placements; null: not recorded"
    )
    source: Source


class ObjectionIn(_Request):
    """An objection to the automated score of a placement."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.OBJECTION]})

    placement_id: Id
    reason: ObjectionReason


class DecisionIn(_Request):
    """What a person decided about an objection: upheld, the score orders nothing; dismissed, it does again."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DECISION]})

    outcome: Literal["upheld", "dismissed"]
    reason: DecisionReason


class OnList(_Answer):
    """A row of a list."""

    list_id: str
    rank: int


class ShortScore(_Answer):
    """Band and risk; no risk without support."""

    band: Band
    risk: float | None


class Corrected(_Answer):
    """What a correction changed: the value, the score, and every row of an open list that was flagged."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CORRECTED]})

    request_id: str
    placement_id: str
    field: str
    before: Value
    after: Value
    changed: bool
    score_before: ShortScore | None = Field(description="null where the placement is not in the register")
    score_after: ShortScore | None
    lists: tuple[OnList, ...]


class Objection(_Answer):
    """An objection, where it stands, and every row of an open list that was flagged."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.OBJECTED]})

    request_id: str
    placement_id: str
    state: Literal["open", "upheld", "dismissed"]
    lists: tuple[OnList, ...]
    note_id: str | None
    note_en: str | None


class ErasedWorker(_Answer):
    """How many rows the erasure changed, and what stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ERASED]})

    request_id: str
    placements: int = Field(description="links from a placement to the worker that were cut")
    receipts: int = Field(description="links from a receipt to a placement that were cut")
    notes: int = Field(description="notes of visits and rows that were cleared")
    events: int = Field(description="events whose further details were cleared")
    answers: int = Field(description="stored answers to repeated requests that were removed, of anybody")
    requests: int = Field(description="earlier requests that no longer name the worker")
    kept_id: str
    kept_en: str
