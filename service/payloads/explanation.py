"""From which inputs, by which terms and by which version was a placement scored?"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from service.payloads import worker_examples as examples
from service.payloads.answers import Band, PermittedUse, Reason, Stage
from service.payloads.requests import DataOrigin
from service.payloads.workers import Value


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class Input(_Answer):
    """One value that the model read."""

    name: str
    value: Value
    value_id: str | None
    value_en: str | None


class Withheld(_Answer):
    """An input that is named and not shown."""

    name: str
    why_id: str
    why_en: str


class Explanation(_Answer):
    """Inputs, all terms and the version of a placement's score.

    With `intercept` the weights of all terms add up to the log-odds that a visit finds harm. A system is told neither
    number nor intercept, and no input that could tell who complained.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EXPLANATION]})

    placement_id: str
    as_of: datetime
    histories_as_of: datetime | None
    stage: Stage
    band: Band
    supported: bool
    risk: float | None
    low: float | None
    high: float | None
    intercept: float | None
    inputs: tuple[Input, ...]
    reasons: tuple[Reason, ...]
    withheld: tuple[Withheld, ...]
    model_version: str
    model_kind: str
    permitted_use: PermittedUse
    correct_id: str
    correct_en: str
    data_origin: DataOrigin
