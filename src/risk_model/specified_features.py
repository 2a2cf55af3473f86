"""Which columns is a term of the model made of?"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

CROSS_COLUMNS = 2
"""The most columns a readable term may have."""

Share = Annotated[float, Field(gt=0, lt=1)]
Columns = Annotated[tuple[str, ...], Field(min_length=1, max_length=CROSS_COLUMNS)]


class Part(BaseModel):
    """Part of a specification: nothing but what it names, and fixed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Part):
    """One label in both languages."""

    id: str
    en: str


class Rows(Part):
    """Which rows of a source table a history counts: those with one of the listed values in each column."""

    table: str
    where: dict[str, tuple[str, ...]] = {}


class History(Part):
    """How a history is counted: for each entity, over the window before `as_of`.

    `count` counts numerator rows; `rate` divides them by denominator rows and shrinks the quotient
    towards the rate of `parent` (none: towards the overall rate) with the weight of `shrinkage` rows.
    """

    entity: Columns
    measure: Literal["count", "rate"]
    numerator: Rows
    denominator: Rows | None = None
    window_days: Annotated[int, Field(gt=0)]
    parent: Columns | None = None
    shrinkage: Annotated[float, Field(ge=0)] = 20.0

    @model_validator(mode="after")
    def _rates_have_denominators(self) -> Self:
        if (self.measure == "rate") != (self.denominator is not None):
            raise ValueError("a rate needs a denominator, a count has none")
        return self


class Feature(Part):
    """One term of the model.

    `categorical`, `ordered`, `flag` and `numeric` read `columns` (default: the feature's own name).
    `rate` is the outcome rate of its columns' value, learnt in training and shrunk towards the rate
    of `parent` with the weight of `shrinkage` rows (not given: the weight that tells outcomes apart
    best on rows left out). `effect` is the shrunken effect of each value of a column that recurs (an
    agency, a partner), or of each pair of values of two. `history` is counted from events before
    `as_of` by the data preparation.
    """

    name: str
    kind: Literal["categorical", "ordered", "numeric", "flag", "rate", "effect", "history"]
    columns: Columns = Field(default=(), min_length=0)
    label: Text | None = None
    monotone: Literal["increasing", "decreasing"] | None = None
    evidence: Literal["verifiable", "self_declared"] = "verifiable"
    counts_if: str | None = None
    parent: Columns | None = None
    shrinkage: Annotated[float, Field(gt=0)] | None = None
    history: History | None = None

    @model_validator(mode="before")
    @classmethod
    def _own_name_by_default(cls, data: object) -> object:
        if isinstance(data, dict) and not data.get("columns"):
            return {**data, "columns": (data.get("name", ""),)}
        return data

    @model_validator(mode="after")
    def _parts_fit_kind(self) -> Self:
        if (self.kind == "history") != (self.history is not None):
            raise ValueError(f"feature {self.name}: kind history and a history block go together")
        if len(self.columns) > 1 and self.kind not in ("categorical", "rate", "effect"):
            raise ValueError(f"feature {self.name}: only categorical, rate and effect features may cross two columns")
        if self.evidence == "self_declared" and self.counts_if is None:
            raise ValueError(f"feature {self.name} is self-declared: name the column that verifies it in counts_if")
        return self

    def title(self, language: str) -> str:
        """Return the feature's label in `language` (`id` or `en`), or its name where none is given."""
        return str(getattr(self.label, language)) if self.label else self.name
