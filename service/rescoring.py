"""Which scores does what was told change, and who has to hear of it?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

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


def scope_of(placement: Row) -> str:
    """Return whose clock holds for a placement: its agency's, or its own where it has none."""
    agency = placement["agency_id"]
    return f"agency:{agency}" if agency is not None else f"placement:{placement['placement_id']}"


def rescore(
    connection: Connection,
    scoring: LiveScoring,
    wanted: tuple[Collection[str], Collection[str]],
    *,
    causes: Mapping[str, str],
    now: datetime,
) -> list[Row]:
    """Score the placements of the wanted agencies, and the wanted placements, anew; return the changed bands.

    Only scores that changed are written. `causes` says of a placement what changed its band.

    Args:
        connection: of a turn.
        scoring: the model, with the histories as they are within the turn.
        wanted: ids of agencies and of placements.
        causes: by placement; for all others it was something about their agency.
        now: when (naive UTC).
    """
    rows = _of(connection, *wanted)
    if not rows:
        return []
    made = scoring.score_rows(rows, _dates(connection, scoring, rows))
    pairs = [(row, score) for row, score in zip(rows, made, strict=True) if not _same(row, score)]
    _write(connection, pairs)
    told = [
        {
            "placement_id": score["placement_id"],
            "at": now,
            "band_before": row[f"{PREFIX}band"],
            "band_after": score["band"],
            "cause": causes.get(str(score["placement_id"]), BY_ITS_AGENCY),
            "model_version": score["model_version"],
        }
        for row, score in pairs
        if row[f"{PREFIX}band"] != score["band"]
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


def _of(connection: Connection, agencies: Collection[str], ids: Collection[str]) -> list[Row]:
    kept = [scores.c[name].label(f"{PREFIX}{name}") for name in SCORED]
    query = select(placements, *kept).join(scores, scores.c.placement_id == placements.c.placement_id, isouter=True)
    found: dict[str, Row] = {}
    for column, names in ((placements.c.agency_id, sorted(agencies)), (placements.c.placement_id, sorted(ids))):
        for start in range(0, len(names), NAMES_AT_ONCE):
            part = connection.execute(query.where(column.in_(names[start : start + NAMES_AT_ONCE]))).mappings()
            found |= {str(row["placement_id"]): dict(row) for row in part}
    return [found[placement_id] for placement_id in sorted(found)]


def _dates(connection: Connection, scoring: LiveScoring, rows: Sequence[Row]) -> list[datetime]:
    """Return up to when each placement is known: by the newest import, or by what was told since."""
    imported = scoring.histories.as_of
    start = imported.replace(tzinfo=None) if imported is not None else datetime.min
    scopes = [scope_of(row) for row in rows]
    clocks = clocks_of(connection, set(scopes))
    return [max(start, clocks.get(scope, start)) for scope in scopes]


def _same(row: Row, score: Row) -> bool:
    if any(row[f"{PREFIX}{name}"] != score[name] for name in ("stage", "band", "supported", "model_version")):
        return False
    return all(_close(row[f"{PREFIX}{name}"], score[name]) for name in ("risk", "low", "high"))


def _close(before: float | None, after: float | None) -> bool:
    return before == after if before is None or after is None else abs(before - after) <= SAME


def _write(connection: Connection, pairs: Sequence[tuple[Row, Row]]) -> None:
    new = [dict(score) for row, score in pairs if row[f"{PREFIX}band"] is None]
    old = [{**score, "whose": score["placement_id"]} for row, score in pairs if row[f"{PREFIX}band"] is not None]
    if new:
        connection.execute(insert(scores), new)
    if old:
        this = scores.c.placement_id == bindparam("whose")
        connection.execute(update(scores).where(this).values({name: bindparam(name) for name in SCORED}), old)


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
