"""What may a caller send?

Strictly: an unknown field, a text where a number belongs or an unknown code is refused
with the field it stands in.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from risk_model import vocabulary
from service.payloads import examples
from service.payloads.free_text import without_identifiers, without_person

HIGHEST_CERTIFICATION_LEVEL = 6
PERSONAL_TRAITS: Final = ("sex", "birth_year", "education", "marital_status")
"""Columns of the placement table that are for the fairness audit alone and have no business at this door."""
LONGEST_ID, LARGEST_COUNT, LARGEST_CAPACITY, LARGEST_SEED = 200, 1200, 10_000, 2**31 - 1


def no_code(found: str, guess: str | None) -> PydanticCustomError:
    """Return the error for a text that is none of the known codes; `guess` is what may have been meant."""
    return PydanticCustomError("unknown_code", "not a known code", {"found": repr(found), "guess": guess})


def _in_table(table: str) -> AfterValidator:
    def check(value: str) -> str:
        if value in vocabulary.codes(table):
            return value
        meant = vocabulary.find(table, value) or vocabulary.find(table, vocabulary.nearest_code(table, value) or "")
        raise no_code(value, meant)

    return AfterValidator(check)


def _listed(table: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": sorted(vocabulary.codes(table))})


def _area(value: str) -> str:
    if vocabulary.area(value) is None:
        raise no_code(value, vocabulary.find("areas", value))
    return value


def _iso_date(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("iso_date", "not a date") from None


def in_range(moment: datetime) -> datetime:
    """Return an instant that can be told in UTC: the first and the last day of the calendar have none in some zones.

    Raises:
        PydanticCustomError: it cannot.
    """
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("datetime_parsing", "not a time") from None
    return moment


Reference = Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=r"^[^\x00-\x1f\x7f]+$")]
Id = Annotated[Reference, AfterValidator(without_person)]
"""An opaque id; a NIK or a phone number in its place is refused, so that it is never kept."""
OfficeCode = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9._/-]+$"), AfterValidator(without_identifiers)]
"""Code of an office, also of one that is in no table here."""
IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Amount = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
Area = Annotated[str, AfterValidator(_area)]
Destination = Annotated[str, _in_table("destinations"), _listed("destinations")]
Sector = Annotated[str, _in_table("sectors"), _listed("sectors")]
Position = Annotated[str, _in_table("positions"), _listed("positions")]
EmployerType = Annotated[str, _in_table("employer_types"), _listed("employer_types")]
Scheme = Annotated[str, _in_table("schemes"), _listed("schemes")]
ComplaintCategory = Annotated[str, _in_table("complaint_categories"), _listed("complaint_categories")]
Unit = Literal["placement", "agency", "employer", "area"]
DataOrigin = Literal["simulated", "real"]


class _Request(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class PlacementIn(_Request):
    """One placement as the source system knows it; a field left away or null means "not recorded", never "no".

    `origin`, `service_office` and `worker_ref` may stand in the row, but no model reads them.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PLACEMENT]})

    placement_id: Id
    worker_ref: Reference | None = None
    origin: Area | None = None
    service_office: OfficeCode | None = None
    destination: Destination
    sector: Sector
    position: Position | None = None
    employer_type: EmployerType
    scheme: Scheme
    certification_level: Annotated[int, Field(ge=0, le=HIGHEST_CERTIFICATION_LEVEL)] | None = None
    certification_verified: bool | None = None
    language_certificate: bool | None = None
    agency_id: Id | None = None
    overseas_agency_id: Id | None = None
    employer_ref: Id | None = None
    wage_monthly_idr: Amount | None = None
    fee_idr: Amount | None = None
    contract_months: Count | None = None
    contract_signed_before_departure: bool | None = None
    has_work_visa: bool | None = None
    has_bpjs: bool | None = None
    has_health_certificate: bool | None = None
    attended_opp: bool | None = None
    prior_placements: Count | None = None
    registered_on: IsoDate | None = None
    departed_on: IsoDate | None = None
    contract_end_on: IsoDate | None = None
    returned_on: IsoDate | None = None
    data_origin: DataOrigin = "real"


class ListRequest(_Request):
    """What a priority list is wanted for."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.LIST_REQUEST]})

    capacity: Annotated[int, Field(ge=1, le=LARGEST_CAPACITY)] | None = Field(
        None, description="visits that can be made; null: what the office planned for the month"
    )
    office: str | None = Field(None, description="code of the office; null: the whole register")
    unit: Unit = "placement"
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = Field(None, description="to draw the same list again")
    issue: bool = Field(False, description="issue the list at once; else it is a draft until it is issued")
