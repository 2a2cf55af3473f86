"""What is the risk of a placement now, and why?

The same feature functions and tables as in training; the histories are those of the newest import.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from risk_model import vocabulary
from risk_model.errors import NotEnoughDataError
from risk_model.placements.features import READS, feature_row, features
from risk_model.placements.look_up import Snapshot
from risk_model.scoring.explanations import Reason
from risk_model.scoring.scorer import Score, Scores, rows_of, score_columns, score_row
from service.champion import Served
from service.instants import naive_utc

VALUE_TABLES: Final = {
    "destination": "destinations",
    "sector": "sectors",
    "position": "positions",
    "scheme": "schemes",
    "employer_type": "employer_types",
    "certification_level": "certification_levels",
    "stage": "stages",
}
"""Where the codes of a column have names."""

ROWS_AT_ONCE: Final = 5000
"""Placements scored and stored together: enough to be quick, few enough to show progress."""

NO_HISTORIES: Final = Snapshot(np.datetime64("NaT"), {})


NO_PLACEMENT: Final = "\x1e"
"""An id that no placement can have, so nothing was ever told of it."""


@dataclass(frozen=True)
class Histories:
    """What happened around placements, agencies and corridors before a date, by the newest import.

    `import_id` is 0 and `as_of` None where nothing was imported.
    """

    import_id: int
    as_of: datetime | None
    data_origin: str | None
    snapshot: Snapshot


NONE_IMPORTED: Final = Histories(0, None, None, NO_HISTORIES)


@dataclass(frozen=True)
class Scored:
    """One placement's score as of a date, with its stage, its strongest reasons, and every input the model read."""

    as_of: datetime
    stage: str
    score: Score
    reasons: tuple[Reason, ...]
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class LiveScoring:
    """A model together with the histories it reads."""

    served: Served
    histories: Histories

    def score(self, placement: Mapping[str, Any], as_of: datetime) -> Scored:
        """Score one placement, given by the columns of the contract, as of a date (UTC)."""
        row = feature_row(placement, self.histories.snapshot, _instant(as_of))
        return self._scored(as_of, str(row["stage"]), row, score_row(self.served.model, row))

    def score_many(self, placements: Sequence[Mapping[str, Any]], as_of: datetime) -> list[Scored]:
        """Score placements with the same columns, at least one, as of a date (UTC); each as `score` does."""
        columns = {name: [row[name] for row in placements] for name in placements[0]}
        table = features(columns, self.histories.snapshot, _instant(as_of))
        read = {name: _plain(table.get(name), len(placements)) for name in self.served.columns}
        found = score_columns(self.served.model, table | read)
        stages = np.asarray(table["stage"]).tolist()
        rows = (dict(zip(read, values, strict=True)) for values in zip(*read.values(), strict=True))
        return [
            self._scored(as_of, stage, row, score)
            for stage, row, score in zip(stages, rows, rows_of(found), strict=True)
        ]

    def _scored(self, as_of: datetime, stage: str, row: Mapping[str, Any], score: Score) -> Scored:
        found = self.served.kept_reasons.strongest(score.contributions, row, value_label)
        return Scored(as_of, stage, score, found, {name: row.get(name) for name in self.served.columns})

    def score_rows(self, placements: Sequence[Mapping[str, Any]], as_of: Sequence[datetime]) -> list[dict[str, Any]]:
        """Return the rows of the table `scores` for placements, each as of its own date (naive UTC)."""
        columns = {name: np.array([row[name] for row in placements], dtype=object) for name in placements[0]}
        stages, found = self.score_table(columns, np.array(as_of, dtype="datetime64[us]"))
        known = {name: _or_none(getattr(found, name)) for name in ("risk", "low", "high")}
        scored = _rows(known | {"stage": stages, "band": found.band, "supported": found.supported})
        return [
            {"placement_id": row["placement_id"], "as_of": moment, "model_version": self.served.version, **values}
            for row, moment, values in zip(placements, as_of, scored, strict=True)
        ]

    def score_table(self, columns: Mapping[str, NDArray[Any]], as_of: NDArray[Any]) -> tuple[NDArray[Any], Scores]:
        """Return stages and scores of placements given as columns, each as of its own date (datetime64[us]).

        Of a placement the columns in `placement_columns` have to be there.
        """
        table = features(columns, self.histories.snapshot, as_of)
        self._require(table)
        return table["stage"], score_columns(self.served.model, table)

    @cached_property
    def columns_by_source(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns that the model reads: those that follow from a placement alone, and the histories."""
        counted = self.histories.snapshot.values
        columns = self.served.columns
        return tuple(name for name in columns if name not in counted), tuple(
            name for name in columns if name in counted
        )

    @property
    def placement_columns(self) -> frozenset[str]:
        """The columns of a placement that its score needs."""
        keys = {name for names in self.histories.snapshot.key_columns for name in names}
        return frozenset({*self.served.columns, *READS, *keys})

    def _require(self, table: Mapping[str, Any]) -> None:
        for term in self.served.model.terms:
            missing = [name for name in term.coding.columns_read if name not in table]
            if missing:
                raise NotEnoughDataError(
                    f"{self.served.version} reads {missing[0]!r}, which the histories last imported do not have; "
                    "import the data set again: risk-service import --data FOLDER"
                )


def reasons_as_data(found: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return reasons as they are stored and answered: value, direction, weight (log-odds) and both texts."""
    return [
        {
            "feature": reason.feature,
            "value": reason.value,
            "direction": reason.direction,
            "weight": reason.contribution,
            "text_id": reason.text_id,
            "text_en": reason.text_en,
        }
        for reason in found
    ]


def value_label(column: str, value: str, language: str) -> str | None:
    """Return what a value is called, or None where its column has no names."""
    table = VALUE_TABLES.get(column)
    return vocabulary.label(table, value, language) if table else None


def _instant(moment: datetime) -> np.datetime64:
    return np.datetime64(naive_utc(moment) if moment.tzinfo else moment, "us")


def _or_none(values: NDArray[np.float64]) -> NDArray[Any]:
    objects = values.astype(object)
    objects[np.isnan(values)] = None
    return objects


def _plain(values: Any, count: int) -> list[Any]:
    """Return a column as Python values, null as None; a column that is not there was not recorded."""
    if values is None:
        return [None] * count
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    return [None if value != value else value for value in plain]  # noqa: PLR0124  no number, and no date, equals not even itself


def _rows(columns: Mapping[str, NDArray[Any]]) -> Iterator[dict[str, Any]]:
    for values in zip(*(column.tolist() for column in columns.values()), strict=True):
        yield dict(zip(columns, values, strict=True))
