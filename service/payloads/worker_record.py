"""What is held and scored about one person, as it is handed out?"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from service.payloads import worker_examples as examples
from service.payloads.answers import Band, PermittedUse, Reason, Stage
from service.payloads.requests import DataOrigin
from service.payloads.workers import Value


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class Fact(_Answer):
    """One fact of a placement, as recorded and in words."""

    field: str
    label_id: str
    label_en: str
    value: Value
    value_id: str | None
    value_en: str | None


class HeldVersion(_Answer):
    """What was told of the placement at one time, and by which system; null: by an import."""

    recorded_at: datetime
    told_by: str | None
    facts: dict[str, Value]


class HeldEvent(_Answer):
    """One thing that happened, and what was said of it."""

    type: str
    label_id: str
    label_en: str
    category: str | None
    category_id: str | None
    category_en: str | None
    occurred_at: datetime
    recorded_at: datetime
    source: str
    data: dict[str, Any] | None


class HeldVisit(_Answer):
    """One visit, without who made it and without the note; `has_note` says whether there is one."""

    visited_at: datetime
    outcome: str
    label_id: str
    label_en: str
    category: str | None
    severity: int | None
    list_id: str | None
    has_note: bool


class HeldScore(_Answer):
    """The present score with all its terms; `orders` is false while an objection keeps it from ordering visits."""

    as_of: datetime
    stage: Stage
    risk: float | None
    low: float | None
    high: float | None
    band: Band
    supported: bool
    model_version: str
    orders: bool
    note_id: str | None
    note_en: str | None
    reasons: tuple[Reason, ...]


class BandChange(_Answer):
    """A change of the band."""

    at: datetime
    band_before: Band | None
    band_after: Band
    cause: str
    model_version: str


class HeldReceipt(_Answer):
    """A receipt of a score; GET /v1/receipts/{receipt_id} shows it."""

    receipt_id: str
    made_at: datetime


class HeldRow(_Answer):
    """A list that the placement was on, and what became of the row."""

    list_id: str
    rank: int
    as_of: datetime
    office: str | None
    model_version: str
    band: Band
    reasons: tuple[Reason, ...]
    list_state: str | None
    status: str | None


class HeldPlacement(_Answer):
    """Everything about one placement; `in_register` is false once it is not scored any more."""

    placement_id: str
    in_register: bool
    facts: tuple[Fact, ...]
    versions: tuple[HeldVersion, ...]
    events: tuple[HeldEvent, ...]
    visits: tuple[HeldVisit, ...]
    score: HeldScore | None
    bands: tuple[BandChange, ...]
    receipts: tuple[HeldReceipt, ...]
    lists: tuple[HeldRow, ...]


class HeldRequest(_Answer):
    """A correction or an objection of the worker."""

    request_id: str
    kind: Literal["correction", "objection"]
    placement_id: str | None
    state: str
    made_at: datetime
    detail: dict[str, Any]


class WorkerRecord(_Answer):
    """What is held and scored about one person, as far as the caller sees the placements."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RECORD]})

    worker_ref: str
    made_at: datetime
    data_origin: DataOrigin
    placements: tuple[HeldPlacement, ...]
    requests: tuple[HeldRequest, ...]
    permitted_use: PermittedUse
    not_shown_id: str
    not_shown_en: str
    rights_id: str
    rights_en: str
