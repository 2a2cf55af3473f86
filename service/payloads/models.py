"""What is said of the models that may be served?"""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

RELEASE: Final = "placement-risk-3-20260401T080000"
STATE: Final[dict[str, Any]] = {
    "model_version": RELEASE,
    "model_kind": "joint",
    "switched_off": False,
    "release_in_use": RELEASE,
    "reason": None,
}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class ModelState(_Answer):
    """Which model answers in this process; every other one follows within a second."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATE]})

    model_version: str
    model_kind: str
    switched_off: bool = Field(description="whether somebody chose the two-line rule on published rates")
    release_in_use: str | None = Field(description="what the release pointer names; null where nothing was promoted")
    reason: str | None = Field(description="why another model answers than the release in use, with the repair")


class Release(_Answer):
    """One release that is kept, with its card and the verdict of the gate that let it through."""

    release_id: str
    in_use: bool
    sound: bool = Field(description="whether every byte is as it was signed")
    fault: str | None
    created_at: datetime | None
    kind: str | None
    data_origin: str | None
    previous: str | None = Field(description="the release that a roll-back from this one goes to")
    card: dict[str, Any] | None
    gate: dict[str, Any] | None = Field(description="null where the release was made without the gate's verdict in it")


class Models(ModelState):
    """What answers, and every release there is, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **STATE,
                    "releases": [
                        {
                            "release_id": RELEASE,
                            "in_use": True,
                            "sound": True,
                            "fault": None,
                            "created_at": "2026-04-01T08:00:00Z",
                            "kind": "joint",
                            "data_origin": "simulated",
                            "previous": None,
                            "card": {"title": {"id": "Risiko pelindungan penempatan", "en": "Protection risk"}},
                            "gate": {"approver": "R. Wulan", "judged_at": "2026-04-01T08:00:00+00:00", "checks": []},
                        }
                    ],
                }
            ]
        }
    )

    releases: tuple[Release, ...]


class RollBack(BaseModel):
    """Which release is to be left; where another is in use by now, nothing happens."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [{"leaving": RELEASE}]}
    )

    leaving: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="null: the one in use when the request arrives"
    )
