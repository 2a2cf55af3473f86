"""Which scores does what was told change, and who has to hear of it?"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Insert, Update, bindparam, insert, select, update

from service.ageing import who_ages
from service.live_scoring import LiveScoring
from service.storage.happenings import add_rows, clocks_of
from service.tables.happenings import changes
from service.tables.lists import list_probabilities, list_rows, list_states, row_flags
from service.tables.register import placements, scores

Row = Mapping[str, Any]

BY_ITS_AGENCY: Final = "agency"
"""Cause of a changed band where something was told of another placement of the agency."""
SAME: Final = 1e-12
"""Differences of a risk that are rounding and nothing else."""
WATCHED: Final = ("issued", "in_progress")
"""States of lists whose rows are told what happens meanwhile."""
SCORED: Final = tuple(column.name for column in scores.c if column.name != "placement_id")
PREFIX: Final = "score_"
NAMES_AT_ONCE: Final = 5000


@dataclass(frozen=True)
class Flag:
    """What happened to a placement that is on a list: kind, and `detail` without anything personal."""

    placement_id: str
    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which scores may have changed: those of `ids`, of who shares something, and of who ages.

    `sharing` names columns such as agency_id, each with a value; `aged` agencies, each with the instant up to
    which it was known and is known now (naive UTC).
    """

    ids: Collection[str] = ()
    sharing: Collection[tuple[str, str]] = ()
    aged: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)


def scope_of(placement: Row) -> str:
    """Return whose clock holds for a placement: its agency's, or its own where it has none."""
    return _scope(placement["agency_id"], placement["placement_id"])


def rescore(
    connection: Connection,
    scoring: LiveScoring,
    wanted: Wanted,
    *,
    causes: Mapping[str, str],
    now: datetime,
) -> list[Row]:
    """Score the wanted placements anew; return the changed bands.

    Only scores that changed are written. `causes` says of a placement what changed its band.

    Args:
        connection: of a turn.
        scoring: the model, with the histories as they are within the turn.
        wanted: whose scores may have changed.
        causes: by placement; for all others it was something about their agency.
        now: when (naive UTC).
    """
    columns = _columns(connection, scoring, wanted)
    ids = columns["placement_id"]
    if not len(ids):
        return []
    as_of = _dates(connection, scoring, columns)
    made = {
        "as_of": as_of,
        "model_version": np.full(len(ids), scoring.served.version),
        **_scored(scoring, columns, as_of),
    }
    changed = np.flatnonzero(~_same(columns, made))
    new = [ids[changed].tolist(), *(_plain(made[name][changed]) for name in SCORED)]
    rows = [dict(zip(("placement_id", *SCORED), values, strict=True)) for values in zip(*new, strict=True)]
    before = columns[f"{PREFIX}band"][changed]
    _write(connection, [row for row, band in zip(rows, before, strict=True) if band is None], insert(scores))
    this = update(scores).where(scores.c.placement_id == bindparam("whose"))
    known = [{**row, "whose": row["placement_id"]} for row, band in zip(rows, before, strict=True) if band is not None]
    _write(connection, known, this.values({name: bindparam(name) for name in SCORED}))
    told = [
        {
            "placement_id": row["placement_id"],
            "at": now,
            "band_before": band,
            "band_after": row["band"],
            "cause": causes.get(row["placement_id"], BY_ITS_AGENCY),
            "model_version": row["model_version"],
        }
        for row, band in zip(rows, before, strict=True)
        if row["band"] != band
    ]
    return add_rows(connection, changes, told)


def flag_rows(connection: Connection, flags: Sequence[Flag], *, now: datetime) -> int:
    """Put `flags` beside every row of an issued list that stands for their placements; return how many were put."""
    by_placement: dict[str, list[Flag]] = {}
    for flag in flags:
        by_placement.setdefault(flag.placement_id, []).append(flag)
    told = [
        {"list_id": row.list_id, "rank": row.rank, "kind": flag.kind, "at": now, "detail": {**flag.detail}}
        for row in _rows_of_lists(connection, sorted(by_placement))
        for flag in by_placement[row.placement_id]
    ]
    if told:
        connection.execute(insert(row_flags), told)
    return len(told)


def band_flags(changed: Sequence[Row]) -> list[Flag]:
    """Return the flags of changed bands; the first band of a placement is no change."""
    return [
        Flag(row["placement_id"], "band_changed", {"before": row["band_before"], "after": row["band_after"]})
        for row in changed
        if row["band_before"] is not None
    ]


def _columns(connection: Connection, scoring: LiveScoring, wanted: Wanted) -> dict[str, NDArray[Any]]:
    """What the score of each wanted placement needs, and the score it has, as columns in order of their ids."""
    needed = sorted({*scoring.placement_columns, "placement_id", "agency_id"} & set(placements.c.keys()))
    names = [*needed, *(f"{PREFIX}{name}" for name in SCORED)]
    kept = [*(placements.c[name] for name in needed), *(scores.c[name] for name in SCORED)]
    query = select(*kept).join_from(
        placements, scores, scores.c.placement_id == placements.c.placement_id, isouter=True
    )
    at = needed.index("placement_id")
    found: dict[str, Any] = {}
    for condition in _conditions(scoring, wanted):
        found |= {row[at]: row for row in connection.execute(query.where(condition)).tuples()}
    rows = [found[placement_id] for placement_id in sorted(found)]
    told = zip(*rows, strict=True) if rows else [()] * len(names)
    return {name: np.array(values, dtype=object) for name, values in zip(names, told, strict=True)}


def _conditions(scoring: LiveScoring, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    named: dict[str, list[str]] = {"placement_id": sorted(wanted.ids)}
    for column, value in sorted(wanted.sharing):
        named.setdefault(column, []).append(value)
    for column, values in named.items():
        for start in range(0, len(values), NAMES_AT_ONCE):
            yield placements.c[column].in_(values[start : start + NAMES_AT_ONCE])
    yield from who_ages(scoring.served.model, wanted.aged)


def _dates(connection: Connection, scoring: LiveScoring, columns: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Return up to when each placement is known: by the newest import, or by what was told since."""
    imported = scoring.histories.as_of
    start = imported.replace(tzinfo=None) if imported is not None else datetime.min
    scopes = list(map(_scope, columns["agency_id"].tolist(), columns["placement_id"].tolist()))
    clocks = clocks_of(connection, set(scopes))
    return np.array([max(start, clocks.get(scope, start)) for scope in scopes], dtype="datetime64[us]")


def _scope(agency: str | None, placement_id: str) -> str:
    return f"placement:{placement_id}" if agency is None else f"agency:{agency}"


def _scored(scoring: LiveScoring, columns: Mapping[str, NDArray[Any]], as_of: NDArray[Any]) -> dict[str, NDArray[Any]]:
    own = {name: values for name, values in columns.items() if not name.startswith(PREFIX)}
    stages, found = scoring.score_table(own, as_of)
    by = np.full(len(as_of), scoring.served.version, dtype=object)
    return {
        "stage": stages,
        "model_version": by,
        **{name: getattr(found, name) for name in ("risk", "low", "high", "band", "supported")},
    }


def _same(columns: Mapping[str, NDArray[Any]], made: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    same = np.ones(len(columns["placement_id"]), dtype=np.bool_)
    for name in ("stage", "band", "supported", "model_version"):
        same &= columns[f"{PREFIX}{name}"] == made[name].astype(object)
    for name in ("risk", "low", "high"):
        same &= np.isclose(columns[f"{PREFIX}{name}"].astype(np.float64), made[name], rtol=0, atol=SAME, equal_nan=True)
    return same


def _plain(values: NDArray[Any]) -> list[Any]:
    """Return values as Python's own, null as None."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [None if math.isnan(value) else value for value in values.tolist()]


def _write(connection: Connection, rows: list[Any], statement: Insert | Update) -> None:
    if rows:
        connection.execute(statement, rows)


def _rows_of_lists(connection: Connection, placement_ids: Sequence[str]) -> list[Any]:
    """Rows of issued lists for the placements: their own, and those of a unit that holds them."""
    watched = list(connection.execute(select(list_states.c.list_id).where(list_states.c.state.in_(WATCHED))).scalars())
    if not watched or not placement_ids:
        return []
    query = (
        select(list_rows.c.list_id, list_rows.c.rank, list_probabilities.c.placement_id)
        .join(list_probabilities, list_probabilities.c.list_id == list_rows.c.list_id)
        .where(list_probabilities.c.unit_id == list_rows.c.unit_id, list_rows.c.list_id.in_(watched))
    )
    column = list_probabilities.c.placement_id
    return [
        row
        for start in range(0, len(placement_ids), NAMES_AT_ONCE)
        for row in connection.execute(query.where(column.in_(placement_ids[start : start + NAMES_AT_ONCE])))
    ]
