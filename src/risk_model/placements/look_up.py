"""What do the histories, as they stood at a date, say about a placement?

Numpy only, so the live service answers one row with the code that training used.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from risk_model.scoring.coding import NULL_KEY, SEPARATOR, key_of_row
from risk_model.scoring.columns import ReadColumns

Floats = NDArray[np.float64]
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Tally:
    """How many numerator and denominator rows each key has; a key without rows is left out."""

    numerator: Counts
    denominator: Counts


@dataclass(frozen=True)
class HistoryTable:
    """What was counted for one history before a date.

    A count has `shrinkage` None and nothing but numerators. A rate also has the rows of each
    parent (where `parent` names columns) and `overall`, the sums over all rows whose entity or
    parent is known.
    """

    entity: tuple[str, ...]
    parent: tuple[str, ...]
    shrinkage: float | None
    by_entity: Tally
    by_parent: Tally
    overall: tuple[int, int]

    @cached_property
    def key_columns(self) -> tuple[tuple[str, ...], ...]:
        """The column sets whose keys `value` takes."""
        return (self.entity, self.parent) if self.parent else (self.entity,)

    def value(self, key: str, parent_key: str = NULL_KEY) -> float:
        """Return the history of the entity `key`, whose parent is `parent_key`.

        NaN where the entity is not recorded. A count is 0 where nothing was counted. A rate is
        (n + k p) / (d + k), where p is the parent's rate, shrunk in the same way to the overall
        rate; so an entity never seen has its parent's rate. NaN where no denominator row exists at all.
        """
        if key == NULL_KEY or key[0] == SEPARATOR or key[-1] == SEPARATOR:
            return math.nan
        if self.shrinkage is None:
            return float(self.by_entity.numerator.get(key, 0))
        numerator, denominator = self.overall
        rate = numerator / denominator if denominator else math.nan
        if self.parent:
            rate = _shrunk(self.by_parent, parent_key, rate, self.shrinkage)
        return _shrunk(self.by_entity, key, rate, self.shrinkage)


@dataclass(frozen=True)
class Snapshot:
    """Every history as it stood at `as_of` (datetime64[us]), by feature name."""

    as_of: np.datetime64
    values: Mapping[str, HistoryTable]

    @cached_property
    def key_columns(self) -> frozenset[tuple[str, ...]]:
        """The column sets by which rows are looked up."""
        return frozenset(names for table in self.values.values() for names in table.key_columns)

    def to_json(self) -> str:
        """Return the snapshot as JSON text that `from_json` reads back exactly."""
        return json.dumps(
            {"as_of": str(self.as_of), "values": {name: asdict(table) for name, table in self.values.items()}}
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the snapshot that `to_json` wrote."""
        raw = json.loads(text)
        return cls(np.datetime64(raw["as_of"], "us"), {name: _table(part) for name, part in raw["values"].items()})


def look_up(snapshot: Snapshot, columns: Mapping[str, Any]) -> dict[str, Floats]:
    """Return every history of every row, by feature name; `columns` has the rows' entity columns."""
    read = ReadColumns(columns)
    return {name: _values(table, read) for name, table in snapshot.values.items()}


def _values(table: HistoryTable, read: ReadColumns) -> Floats:
    """Return the history of every row, worked out once for each entity under each parent."""
    both = read.distinct(tuple(dict.fromkeys(name for names in table.key_columns for name in names)))
    if not len(both.places):
        return np.empty(0)
    row = np.zeros(len(both.keys), dtype=np.int64)
    row[both.places] = np.arange(len(both.places))  # any row that has the key
    parts = (read.distinct(names) for names in table.key_columns)
    keys = ([part.keys[place] for place in part.places[row].tolist()] for part in parts)
    values = np.fromiter(map(table.value, *keys), np.float64, count=len(row))
    of_rows: Floats = values[both.places]
    return of_rows


def look_up_row(snapshot: Snapshot, row: Mapping[str, Any]) -> dict[str, float]:
    """Return every history of one row, by feature name, as `look_up` gives it; a missing column is not recorded."""
    keys = {names: key_of_row(row, names) for names in snapshot.key_columns}
    return {name: table.value(*[keys[names] for names in table.key_columns]) for name, table in snapshot.values.items()}


def _table(raw: dict[str, Any]) -> HistoryTable:
    return HistoryTable(
        entity=tuple(raw["entity"]),
        parent=tuple(raw["parent"]),
        shrinkage=raw["shrinkage"],
        by_entity=Tally(**raw["by_entity"]),
        by_parent=Tally(**raw["by_parent"]),
        overall=(raw["overall"][0], raw["overall"][1]),
    )


def _shrunk(tally: Tally, key: str, rate: float, shrinkage: float) -> float:
    weight = tally.denominator.get(key, 0) + shrinkage
    return (tally.numerator.get(key, 0) + shrinkage * rate) / weight if weight else rate
