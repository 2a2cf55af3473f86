"""What does a caller read about changed bands?"""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from service.payloads.answers import Band

CHANGE: Final[dict[str, Any]] = {
    "seq": 4711,
    "placement_id": "CONTOH-0017",
    "at": "2026-03-30T04:15:01Z",
    "band_before": "medium",
    "band_after": "high",
    "cause": "complaint",
    "model_version": "placement-risk-3",
}


class Change(BaseModel):
    """One changed band; `band_before` is null for a placement that was registered just now.

    `cause` is the type of an event, registered, visit, agency (something about another placement of the agency),
    corridors (the refresh of their histories) or model.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    seq: int
    placement_id: str
    at: datetime
    band_before: Band | None
    band_after: Band
    cause: str
    model_version: str


class Changes(BaseModel):
    """Changes in their order; ask again with `?after=` this `next`."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [{"changes": [CHANGE], "next": 4711}]})

    changes: tuple[Change, ...]
    next: int = Field(description="the number to go on after; also where nothing was found")
