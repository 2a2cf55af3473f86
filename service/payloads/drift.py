"""What did the newest comparison of a version with its training find, as `risk-model drift` writes it?"""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Severity = Literal["steady", "watch", "alarm"]


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class FieldMoved(_Found):
    """How far one field moved; `ks` is null for text, the shares are of rows without a value."""

    field: str
    psi: float
    ks: float | None
    missing_then: float
    missing_now: float
    severity: Severity


class CorridorMoved(_Found):
    """A corridor that is new or moved: shares of the cohort and mean risk, null where unscored."""

    corridor: str
    share_then: float
    share_now: float
    risk_then: float | None
    risk_now: float | None
    severity: Severity


class Expected(_Found):
    """A figure that calibrated scores expect of themselves, null without scores."""

    figure: str
    then: float | None
    now: float | None


class Bet(_Found):
    """What the bets on all drawn visits, or on the random arm alone, came to."""

    visits: str
    made: int
    evidence: float
    needed: float
    alarm: bool
    in_round: int | None


class Stream(_Found):
    """One of the bets that `Bet` adds up: visits, findings, and as many as predictions allow."""

    stream: str
    direction: str
    visits: int
    found: int
    allowed: float
    evidence: float
    needed: float
    alarm: bool


class GroupGap(_Found):
    """Recall of a group less that of everybody else on visits of the random arm; nulls where too few were found."""

    trait: str
    group: str
    cases: int
    gap_before: float | None
    gap: float | None
    low: float | None
    high: float | None
    status: Literal["changed side", "steady", "not sure", "not enough data"]


class Drift(_Found):
    """Everything that was found, with the version and both dates that were compared."""

    made_at: datetime
    model_version: str
    trained_as_of: date
    as_of: date
    data_origin: str
    severity: Severity
    fields: tuple[FieldMoved, ...]
    corridors: tuple[CorridorMoved, ...]
    performance_without_outcomes: tuple[Expected, ...]
    alarm_on_outcomes: tuple[Bet, ...]
    alarm_streams: tuple[Stream, ...]
    groups_by_chance: tuple[GroupGap, ...]
