"""What is to be learnt, from which columns, and how is it judged?

A specification is a YAML file that names every column. The learning core takes a table and a
specification and nothing else, so it learns from any dated table with an outcome.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from risk_model.errors import SpecificationError, repair_hint
from risk_model.gate_limits import Gate
from risk_model.specified_features import Columns, Feature, Rows, Share, Text

ALWAYS_BARRED = frozenset(
    (
        "sex",
        "gender",
        "age",
        "birth_year",
        "birth_date",
        "religion",
        "ethnicity",
        "marital_status",
        "care_status",
        "disability",
        "origin",
        "origin_district",
        "education",
        "language_spoken",
        "inspector_ref",
        "worker_ref",
        "service_office",
        "employer_nationality",
        "staff_remarks",
    )
)
"""Columns no specification can allow: personal traits, identities and who inspected (safeguards R01, R02, R21, R34)."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Offset(_Part):
    """What is believed of an offset before the data speak: its mean and standard deviation, in log-odds."""

    mean: float = 0.0
    sd: Annotated[float, Field(gt=0)]


class Look(_Part):
    """How and when a look came about; used in fitting, never at scoring.

    `column` is what the first look within the horizon found, `lag_days` how long after the row's date
    it came, `weight` what the row counts (the rows of one look count once together). `moment` names
    the feature that, with the lag, says how much of the horizon's harm a look sees. `selection` names
    flags of looks that were chosen for reasons the columns do not show, each with the prior of its
    offset; a number alone is the standard deviation around 0.
    """

    column: str
    lag_days: str
    weight: str
    moment: str
    selection: dict[str, Offset] = {}

    @field_validator("selection", mode="before")
    @classmethod
    def _deviations_alone(cls, named: Any) -> Any:
        if not isinstance(named, dict):
            return named
        return {name: {"sd": each} if isinstance(each, int | float) else each for name, each in named.items()}


class Outcome(_Part):
    """Which column says what was found, and how it came to be known.

    `column` is 1, 0 or null (nobody looked). `reported` is 0 or 1 on every row whose window has
    closed. `probability` is the known probability of the look; null where no list led to it.
    `detection` is the declared share of true cases that a look finds. Reports are learnt from the rows
    where `reported_where` is true (not given: all), each counting `reported_weight` times (once).
    `reporting` names the features on which it depends whether harm is reported.
    """

    column: str
    reported: str | None = None
    reported_where: str | None = None
    reported_weight: str | None = None
    probability: str | None = None
    detection: Annotated[float, Field(gt=0, le=1)] = 1.0
    look: Look | None = None
    reporting: tuple[str, ...] = ()


class Rule(_Part):
    """The two-line rule: the outcome rates of two column sets, multiplied, each shrunk to the overall rate."""

    first: Columns
    second: Columns
    shrinkage: Annotated[float, Field(gt=0)] = 50.0


class Splits(_Part):
    """Rolling-origin tests (`tests` windows of `window_days`), or the published split in `column`."""

    tests: Annotated[int, Field(ge=1)] = 4
    window_days: Annotated[int, Field(ge=1)] = 90
    column: str | None = None
    train: tuple[str, ...] = ()
    test: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _published_split_is_complete(self) -> Self:
        if self.column is not None and not (self.train and self.test):
            raise ValueError("a published split names its train and test values")
        return self


class Candidates(_Part):
    """The grid: every combination of a family's lists is one candidate; a family of its own needs no lists.

    `joint` needs reports and looks; where it is given, it is kept unless another is better beyond one
    standard error.
    """

    joint: dict[str, tuple[float, ...]] = {}
    scorecard: dict[str, tuple[float, ...]] = {}
    boosting: dict[str, tuple[float, ...]] = {}
    yardstick: dict[str, tuple[float, ...]] = {}


class Bands(_Part):
    """The share of the training cohort in and above each band; the rest is `lower_priority`."""

    very_high: Share = 0.02
    high: Share = 0.10
    medium: Share = 0.30


class Cohort(_Part):
    """Which placements a date has, and at which dates training looks: every `step_days`."""

    step_days: Annotated[int, Field(ge=1)] = 30
    history_days: Annotated[int, Field(ge=1)] = 1095
    reported: tuple[Rows, ...] = ()


class Specification(_Part):
    """Everything the learning core needs to know about a table.

    `baselines` are orders to beat besides random and oldest first: a name, and the column whose
    highest values come first. `data_origin` says of a table whether a generator made its rows
    (safeguard R36); a data set of placements says so in every row.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Text
    identifier: str
    time: str
    horizon_days: Annotated[int, Field(ge=0)] = 180
    outcome: Outcome
    cohort: Cohort | None = None
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]
    rule: Rule
    support: Columns
    barred: tuple[str, ...] = ()
    audit_groups: tuple[str, ...] = ()
    baselines: dict[str, str] = {}
    splits: Splits = Splits()
    data_origin: Literal["real", "simulated"] = "real"
    candidates: Candidates
    capacity_share: Share = 0.10
    bands: Bands = Bands()
    gate: Gate = Gate()

    @model_validator(mode="after")
    def _no_barred_column_is_used(self) -> Self:
        used = {column: f.name for f in self.features for column in (*f.columns, *(f.parent or ()))}
        used |= {column: f.name for f in self.features if f.history for column in f.history.entity}
        used |= {f.counts_if: f.name for f in self.features if f.counts_if}
        used |= dict.fromkeys((*self.rule.first, *self.rule.second, *self.support), "rule")
        for column in sorted(set(self.baselines.values()) & set(self.outcome_columns)):
            raise ValueError(f"baselines rank by {column!r}, which is part of the outcome; remove it")
        for column in sorted(used):
            if column in ALWAYS_BARRED or column in self.barred:
                raise ValueError(f"{used[column]} reads {column!r}, which is barred from every model; remove it")
            if column in self.outcome_columns:
                raise ValueError(f"{used[column]} reads {column!r}, which is part of the outcome; remove it")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        repeated = [name for name, n in Counter(feature.name for feature in self.features).items() if n > 1]
        if repeated:
            raise ValueError(f"feature name(s) given twice: {', '.join(repeated)}")
        return self

    @model_validator(mode="after")
    def _outcome_names_features(self) -> Self:
        features = {feature.name for feature in self.features}
        look = self.outcome.look
        for name in (*self.outcome.reporting, *([look.moment] if look else [])):
            if name not in features:
                raise ValueError(f"outcome names the feature {name!r}; {repair_hint(name, features)}")
        if self.candidates.joint and (self.outcome.look is None or self.outcome.reported is None):
            raise ValueError(
                "candidates.joint fits visits and reports together: give outcome.look and outcome.reported"
            )
        return self

    @property
    def outcome_columns(self) -> tuple[str, ...]:
        """The columns that say what happened; never features."""
        outcome = self.outcome
        named = [outcome.column, outcome.reported, outcome.probability, outcome.reported_where, outcome.reported_weight]
        if outcome.look is not None:
            named += [outcome.look.column, outcome.look.lag_days, outcome.look.weight, *outcome.look.selection]
        return tuple(column for column in named if column)

    @property
    def input_columns(self) -> tuple[str, ...]:
        """The columns a row must have to be scored, each once, in the order of the features."""
        named = [column for f in self.features for column in (*f.columns, *(f.parent or ()), f.counts_if or "")]
        named += [*self.support, *self.rule.first, *self.rule.second]
        return tuple(dict.fromkeys(column for column in named if column))


def read_specification(path: Path) -> Specification:
    """Read and check the specification in the YAML file `path`.

    Raises:
        SpecificationError: naming each field at fault, what was found and what is allowed.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        there = [file.stem for file in path.parent.glob("*.yaml")]
        raise SpecificationError(f"{path}: no such specification; {repair_hint(path.stem, there)}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecificationError(f"{path}: not readable as YAML: {error}") from error
    return parse_specification(raw, origin=str(path))


def parse_specification(raw: object, *, origin: str = "specification") -> Specification:
    """Check `raw` (what a YAML or JSON file held) and return it as a specification.

    Raises:
        SpecificationError: as `read_specification`.
    """
    try:
        return Specification.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'specification'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise SpecificationError(f"{origin}: " + "; ".join(faults)) from error
