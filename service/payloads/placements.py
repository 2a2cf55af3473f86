"""What is registered of a placement, and what became of an upload?"""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.payloads.answers import Band, Stage
from service.payloads.examples import PERMITTED_USE, PLACEMENT
from service.payloads.requests import Area, DataOrigin, PlacementIn

SCORE: Final[dict[str, Any]] = {
    "as_of": "2026-03-30T04:15:00Z",
    "stage": "during",
    "risk": 0.18,
    "low": 0.12,
    "high": 0.26,
    "band": "high",
    "supported": True,
    "model_version": "placement-risk-3",
    "permitted_use": PERMITTED_USE["allowed"],
}
STATE: Final[dict[str, Any]] = {**PLACEMENT, "recorded_at": "2026-03-01T00:00:00Z", "score": SCORE}
REJECT: Final[dict[str, Any]] = {
    "file": "upload.csv",
    "row": 17,
    "placement_id": None,
    "column": "destination",
    "found": "HGK",
    "rule": "not a known code",
    "suggestion": "HKG",
}
UPLOADED: Final[dict[str, Any]] = {
    "table": "placements",
    "read": 250,
    "accepted": 249,
    "rejected": 1,
    "stored": 240,
    "repeated": 9,
    "waiting": 0,
    "rejects": [REJECT],
}


class PlacementWanted(PlacementIn):
    """A placement to register; the area it comes from must be known, so that an office can look after it."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLACEMENT]})

    origin: Area


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class CurrentScore(_Answer):
    """The score of a placement as it stands; no number where `supported` is false."""

    as_of: datetime
    stage: Stage
    risk: float | None
    low: float | None
    high: float | None
    band: Band
    supported: bool
    model_version: str
    permitted_use: tuple[str, ...]


class PlacementState(_Answer):
    """What is known of a placement after everything that was told of it; no trait of the person is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATE]})

    placement_id: str
    origin: str
    service_office: str | None = None
    destination: str
    sector: str
    position: str | None = None
    employer_type: str
    scheme: str
    certification_level: int | None = None
    certification_verified: bool | None = None
    language_certificate: bool | None = None
    agency_id: str | None = None
    overseas_agency_id: str | None = None
    employer_ref: str | None = None
    wage_monthly_idr: float | None = None
    fee_idr: float | None = None
    contract_months: int | None = None
    contract_signed_before_departure: bool | None = None
    has_work_visa: bool | None = None
    has_bpjs: bool | None = None
    has_health_certificate: bool | None = None
    attended_opp: bool | None = None
    prior_placements: int | None = None
    registered_on: date | None = None
    departed_on: date | None = None
    contract_end_on: date | None = None
    returned_on: date | None = None
    recorded_at: datetime
    data_origin: DataOrigin
    score: CurrentScore | None = Field(None, description="null where the worker has been back longer than the horizon")


class Reject(_Answer):
    """One reason why a row was refused; what is personal is masked.

    `row` is as a spreadsheet counts; null where the row could be read but the caller may not tell it: then
    `placement_id` says which it was.
    """

    file: str
    row: int | None
    placement_id: str | None = None
    column: str
    found: str
    rule: str
    suggestion: str


class Uploaded(_Answer):
    """What became of every row of an upload: accepted and rejected add up to read.

    Of the accepted ones `stored` said something new and `repeated` nothing; `waiting` are events of placements
    that are not registered yet. `sheets_not_read` names those of a workbook that are hidden or have no headings.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [UPLOADED]})

    table: Literal["placements", "events"]
    read: Annotated[int, Field(ge=0)]
    accepted: Annotated[int, Field(ge=0)]
    rejected: Annotated[int, Field(ge=0)]
    stored: Annotated[int, Field(ge=0)]
    repeated: Annotated[int, Field(ge=0)]
    waiting: Annotated[int, Field(ge=0)]
    rejects: tuple[Reject, ...]
    sheets_not_read: tuple[str, ...] = ()
