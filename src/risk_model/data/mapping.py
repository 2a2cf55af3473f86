"""How do an office's columns become ours?

A mapping is a YAML file: the table it fills and, for each of our columns, the headings offices
write over it and what its cells hold. `docs/how-to-ingest.md` explains each key.
"""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from risk_model import vocabulary
from risk_model.data import table_columns
from risk_model.data.cells.cell import key
from risk_model.errors import MappingError, repair_hint

MAPPINGS_DIR: Final = Path(__file__).parent / "mappings"
BLANKS_FILE: Final = MAPPINGS_DIR / "blanks.yaml"
"""The spellings of "not recorded" that every mapping starts from."""

Kind = Literal[
    "id", "text", "worker", "reference", "code", "flag", "area", "date", "instant", "money", "months", "whole",
    "probability",
]  # fmt: skip
MOMENTS: Final = frozenset({"date", "instant"})
TAKES_CODES: Final = frozenset({"code", "flag", "money", "months", "whole", "text", "id"})
RANGED: Final = frozenset({"money", "months", "whole"})
Value = str | int | float | bool


def _as_words(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


Words = Annotated[tuple[str, ...], BeforeValidator(_as_words)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Pattern(_Part):
    """A regular expression for whole cells (case does not count) and the value they become."""

    match: str
    becomes: Value

    @field_validator("match")
    @classmethod
    def _compiles(cls, raw: str) -> str:
        try:
            re.compile(raw)
        except re.error as error:
            raise ValueError(f"{raw!r} is no regular expression: {error}") from error
        return raw


class Otherwise(_Part):
    """Where a blank cell's value comes from: `days` after the date in `column`, or what `extra` says of its code."""

    column: str
    days: int | None = None
    extra: str | None = None

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if (self.days is None) == (self.extra is None):
            raise ValueError("give either days (for a date) or extra (a column of the code's reference table)")
        return self


class Column(_Part):
    """One of our columns: where it stands in the export and what its cells hold."""

    headings: Words = Field(default=(), alias="from")
    names: Words = ()
    kind: Kind
    vocabulary: Words = ()
    codes: dict[str, Value] = {}
    patterns: tuple[Pattern, ...] = ()
    highest_of_several: bool = False
    blanks: Words = ()
    required: bool = False
    default: Value | None = None
    otherwise: Otherwise | None = None
    range: tuple[float, float] | None = None
    if_unreadable: Literal["refuse", "blank", "keep"] = "refuse"

    @field_validator("codes", mode="before")
    @classmethod
    def _keys_are_text(cls, raw: object) -> object:
        return {str(word): value for word, value in raw.items()} if isinstance(raw, dict) else raw

    @field_validator("vocabulary")
    @classmethod
    def _tables_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in vocabulary.table_names():
                raise ValueError(f"{name!r} is no reference table; {repair_hint(name, vocabulary.table_names())}")
        return names

    @model_validator(mode="after")
    def _values_are_codes(self) -> Self:
        known = frozenset().union(*map(vocabulary.codes, self.vocabulary))
        given = [*self.codes.values(), *(pattern.becomes for pattern in self.patterns), self.default]
        for value in given if known else ():
            if value is not None and str(value) not in known:
                tables = " or ".join(self.vocabulary)
                raise ValueError(f"{value!r} is no code of {tables}; {repair_hint(str(value), known)}")
        return self

    @model_validator(mode="after")
    def _parts_fit_kind(self) -> Self:
        if self.kind == "code" and not (self.vocabulary or self.codes):
            raise ValueError("kind code needs a vocabulary, codes, or both")
        if self.kind in RANGED and self.range is None:
            raise ValueError(f"kind {self.kind} needs a range, for example [0, 100]")
        if self.kind not in TAKES_CODES and (self.codes or self.default is not None):
            raise ValueError(f"kind {self.kind} takes neither codes nor a default")
        if self.if_unreadable == "keep" and self.kind != "code":
            raise ValueError("only kind code can keep a word it does not know")
        if self.names and self.kind not in ("area", "worker"):
            raise ValueError("names belongs to kind area (the area's name) or kind worker (the ID PMI)")
        return self


class Order(_Part):
    """Two dates in their order: `then` may not lie before `first`.

    `unless` names a column and, for some of its codes, the number of days from which `then` may lie
    before `first` after all.
    """

    first: str
    then: str
    unless: dict[str, dict[str, int]] = {}


class ExportMapping(_Part):
    """Everything that is needed to read one kind of export into one table."""

    table: Literal["placements", "events", "inspections"]
    description: str
    area_system: Literal["kemendagri", "bps"] | None = None
    blanks: Words = ()
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    order: tuple[Order, ...] = ()
    one_of: Words = ()

    @model_validator(mode="after")
    def _columns_are_ours(self) -> Self:
        ours = table_columns.columns(self.table)
        for name in self.columns:
            if name not in ours:
                raise ValueError(f"{name!r} is no column of {self.table}; {repair_hint(name, ours)}")
        needed = table_columns.TABLES[self.table].items()
        missing = [name for name, ours in needed if ours.required and name not in self.columns]
        if missing:
            raise ValueError(f"{self.table} needs the column(s) {', '.join(missing)}; say where each comes from")
        return self

    @model_validator(mode="after")
    def _references_fit(self) -> Self:
        sources = [column.otherwise for column in self.columns.values() if column.otherwise]
        moments = [rule.column for rule in sources if rule.days is not None]
        moments += [name for rule in self.order for name in (rule.first, rule.then)]
        coded = [rule.column for rule in sources if rule.extra] + [name for rule in self.order for name in rule.unless]
        for name in (*moments, *coded, *self.one_of):
            if name not in self.columns:
                raise ValueError(f"{name!r} is not among the columns; {repair_hint(name, self.columns)}")
        for name in moments:
            if self.columns[name].kind not in MOMENTS:
                raise ValueError(f"{name!r} holds no dates, so nothing can be counted from it")
        for name in coded:
            if self.columns[name].kind != "code":
                raise ValueError(f"{name!r} holds no codes, so nothing can be looked up by it")
        return self

    @property
    def identifier(self) -> str:
        """Our column that holds the id of a row."""
        return table_columns.columns(self.table)[0]

    @property
    def never_blank(self) -> frozenset[str]:
        """Our columns that every row needs; events and visits without an id get one from their content."""
        needed = {name for name, ours in table_columns.TABLES[self.table].items() if ours.required}
        return frozenset(needed if self.table == "placements" else needed - {self.identifier})

    @cached_property
    def blank_keys(self) -> frozenset[str]:
        """The words that mean "not recorded" in every column, as keys."""
        return _common_blanks() | {key(word) for word in self.blanks}


def read_mapping(mapping: str | Path) -> ExportMapping:
    """Read the mapping with this name (one that ships) or in this YAML file.

    Raises:
        MappingError: naming each key at fault, what was found and what is allowed.
    """
    if str(mapping) in mapping_names():
        return _shipped(str(mapping))
    path = Path(mapping)
    if not path.is_file():
        raise MappingError(
            f"mapping {str(mapping)!r}: no such mapping and no such file; {repair_hint(path.stem, mapping_names())} "
            "Or give the path of a YAML file of your own."
        )
    return _read(path)


@cache
def _shipped(name: str) -> ExportMapping:
    return _read(MAPPINGS_DIR / f"{name}.yaml")


def _read(path: Path) -> ExportMapping:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return ExportMapping.model_validate(raw)
    except ValidationError as error:
        raise MappingError(f"{path.name}: {_describe(error)}") from error
    except (yaml.YAMLError, ValueError, OSError) as error:
        raise MappingError(f"{path}: not readable as YAML: {error}") from error


def mapping_names() -> tuple[str, ...]:
    """Return the mappings that ship."""
    return tuple(sorted(path.stem for path in MAPPINGS_DIR.glob("*.yaml") if path != BLANKS_FILE))


@cache
def _common_blanks() -> frozenset[str]:
    raw: Mapping[str, list[str]] = yaml.safe_load(BLANKS_FILE.read_text(encoding="utf-8"))
    return frozenset(key(str(word)) for word in raw["blanks"])


def _describe(error: ValidationError) -> str:
    faults = []
    for fault in error.errors():
        where = ".".join(map(str, fault["loc"])) or "mapping"
        message = fault["msg"].removeprefix("Value error, ")
        found = fault["input"] if isinstance(fault["input"], str | int | float) else ""
        faults.append(f"{where}: {message}" + (f" (found {found!r})" if found != "" else ""))
    return "; ".join(faults)
