"""What does a caller get back?"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.payloads import examples
from service.payloads.list_life import RowStatus
from service.payloads.receipts import ReceiptOfScore
from service.payloads.requests import DataOrigin, Unit

Stage = Literal["before", "during", "after"]
Band = Literal["very_high", "high", "medium", "lower_priority", "insufficient_data"]
Probability = Annotated[float, Field(gt=0, le=1)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class Reason(_Answer):
    """One term of the score: how much the placement's value raises or lowers it, in words."""

    feature: str
    value: str | None
    direction: Literal["raises", "lowers"]
    weight: float = Field(description="contribution to the log-odds; the terms of a score add up to it")
    text_id: str
    text_en: str


class PermittedUse(_Answer):
    """What a score may be used for, and what never."""

    allowed: tuple[str, ...] = ("visit", "call", "document_check", "support")
    never: tuple[str, ...] = ("refusal", "sanction", "debt", "publication_of_a_name")
    text_id: str = examples.PERMITTED_USE["text_id"]
    text_en: str = examples.PERMITTED_USE["text_en"]


class Score(_Answer):
    """The score of one placement; without support there is no number and a person decides."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SCORE]})

    placement_id: str
    as_of: datetime
    histories_as_of: datetime | None = Field(description="up to when complaints and visits are known; null: none are")
    stage: Stage
    risk: float | None = Field(description="probability of harm within the horizon; null where supported is false")
    low: float | None = Field(description="lower end of the 90 % interval")
    high: float | None = Field(description="upper end of the 90 % interval")
    band: Band
    supported: bool
    notice_id: str | None = Field(description="what a person has to know about this score, if anything")
    notice_en: str | None
    reasons: tuple[Reason, ...]
    model_version: str
    model_kind: str
    valid_until: datetime
    permitted_use: PermittedUse
    data_origin: DataOrigin
    receipt: ReceiptOfScore = Field(description="signed: from what this score was made")


class Body(_Answer):
    """An authority that can act on a row at its stage."""

    code: str
    label_id: str
    label_en: str


class Notice(_Answer):
    """What a reader must know that the rows cannot show."""

    code: str
    text_id: str
    text_en: str
    source: str | None = None


class Place(_Answer):
    """One area that a place lies in."""

    code: str
    label_id: str
    label_en: str


class Flag(_Answer):
    """What happened to a row's placement after the list was issued; the row itself stays as drawn."""

    kind: str = Field(description="band_changed, complaint, corrected, returned, …")
    at: datetime
    detail: dict[str, Any]


class ListRow(_Answer):
    """One visit to make. `placement_id` is null where the visit stands for several placements (`placements`)."""

    rank: int
    unit_id: str | None = Field(description="null where the caller may not see it")
    placement_id: str | None
    placements: int
    stage: Stage | None
    band: Band
    supported: bool
    risk: float | None = Field(description="one placement: probability; several: number expected to come to harm")
    low: float | None
    high: float | None
    bodies: tuple[Body, ...]
    origin: str | None
    destination: str | None
    sector: str | None
    position: str | None
    agency_id: str | None
    employer_ref: str | None
    recorded_at: datetime | None
    grave_complaint: str | None = Field(description="category of a grave complaint that nobody followed up yet")
    source_link: str | None
    reasons: tuple[Reason, ...]
    places: tuple[Place, ...] = Field(description="province, kabupaten/kota, kecamatan and desa, as far as known")
    trip: int = Field(description="rows of one trip lie near each other; trips are numbered by their best row")
    waiting_days: int = Field(description="whole days from issue until now, or until the row was finished")
    flags: tuple[Flag, ...] = Field(description="newest first")
    status: RowStatus
    version: int = Field(description="ETag of the row; the next change names it in If-Match")
    office: str | None = Field(description="the office that is to make the visit now")
    handed_over: bool = Field(description="whether that is another office than the list's")
    inspector: str | None = Field(description="opaque id of whose visit it is")
    priority: Literal["raised", "lowered"] | None
    reason_code: str | None
    note: str | None
    deferred_until: datetime | None
    inspection_id: str | None


class DesignRow(ListRow):
    """A row with the reason why it was drawn; not for inspectors."""

    arm: Literal["mandatory", "risk", "coverage", "random"]
    inclusion_probability: Probability


class ListHead(_Answer):
    """What a list was made for, and from what."""

    list_id: str
    created_at: datetime
    as_of: datetime
    office: str | None
    unit: Unit
    capacity: int
    eligible: int = Field(description="units that could have been drawn, each with a probability above 0")
    model_version: str
    model_kind: str
    data_origin: DataOrigin
    state: Literal["draft", "issued", "in_progress", "closed"]
    version: int = Field(description="ETag of the list; closing names it in If-Match")
    issued_at: datetime | None
    closed_at: datetime | None
    superseded_by: str | None = Field(description="the newer list of this office and unit; open rows stay to be done")


class PriorityList(ListHead):
    """A list as an inspector may see it: bands, never arms."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PRIORITY_LIST]})

    notices: tuple[Notice, ...]
    rows: tuple[ListRow, ...]


class Price(_Answer):
    """What one arm or rule gives up in expected harm found, against a list by highest score alone.

    `part_of` names the arms whose prices contain that of a rule; null where a price stands beside the others.
    """

    arm: str
    visits: float
    expected_harm: float
    given_up: float
    share: float
    part_of: str | None = None


class ListDesign(ListHead):
    """A list with its sampling design: seed, shares, arms and probabilities."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.LIST_DESIGN]})

    seed: int
    random_share: float
    coverage_share: float
    price: tuple[Price, ...]
    notices: tuple[Notice, ...]
    rows: tuple[DesignRow, ...]


class Lists(_Answer):
    """Heads of lists, newest first; `next` continues where this page ends, null at the end."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.LISTS]})

    lists: tuple[ListHead, ...]
    next: str | None


class Live(_Answer):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "live"}]})

    status: Literal["live"] = "live"


class Ready(_Answer):
    """Whether lists and scores can be made, and what to repair where not."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.READY]})

    status: Literal["ready", "not_ready"]
    model_version: str
    model_kind: str
    data_as_of: datetime | None
    placements: int
    repairs: tuple[str, ...]
