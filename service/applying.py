"""How does what a system tells become the state of the register, its scores and what people are told?

One transaction for each batch, in turn with all other writers: what was told is stored once, its
consequences are drawn, the placements and the others of their agencies are scored anew, and rows of
issued lists are flagged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep
from typing import Any, Final

from sqlalchemy import select

from risk_model.data.states import counts, newest_version, says_the_same
from service.access import PLACEMENT_SYSTEM, Principal
from service.audit_notes import note
from service.cases import settle_areas, settle_cases
from service.following import Turn
from service.instants import naive_utc
from service.live_scoring import LiveScoring
from service.rescoring import Flag, Wanted, band_flags, flag_rows, rescore
from service.running import Running
from service.settling import JUST_AFTER, Settled, Told, settle
from service.storage.happenings import add_events, add_rows, versions_of
from service.storage.register import keep_workers, parts_of_register
from service.tables.happenings import events, inspections, placement_versions

Row = Mapping[str, Any]

COMPLAINT: Final = "complaint"
SCORED_AT_ONCE: Final = 500
"""Placements of one transaction where all are scored anew: some 50 ms in which nobody else can write."""
PAUSE: Final = 0.02
"""Seconds between two of them."""


@dataclass(frozen=True)
class Applied:
    """What became of a batch: events stored now, those that were there already, and those of no known placement.

    `changed_bands` counts the placements of its events that are in another band now.
    """

    accepted: int
    repeated: int
    waiting: int
    changed_bands: int


@dataclass(frozen=True)
class Batch:
    """What one caller tells at once.

    `events` are rows with the columns of the table `events`, but for `seq`, `recorded_at`, `told_by` and `import_id`.
    """

    events: Sequence[Row]
    now: datetime
    caller: Principal


def apply_events(running: Running, told: Sequence[Row], now: datetime, *, caller: Principal) -> Applied:
    """Store the events of one batch and draw their consequences; events that are there already change nothing."""
    return apply_batches(running, [Batch(told, now, caller)])[0]


def apply_batches(running: Running, batches: Sequence[Batch]) -> list[Applied]:
    """Store the events of several batches and draw their consequences, all or nothing; say what became of each."""
    with running.following.turn() as turn:
        new = [add_events(turn.connection, _stored(batch)) for batch in batches]
        told = Told(events=[row for rows in new for row in rows])
        settled = settle(turn, told)
        bands = _consequences(running, turn, settled, told, now=naive_utc(batches[-1].now))
        applied = []
        for batch, rows in zip(batches, new, strict=True):
            waiting = sum(_waits(row, settled) for row in rows)
            ids = {row["placement_id"] for row in rows}
            changed = sum(band["placement_id"] in ids for band in bands)
            applied.append(Applied(len(rows), len(batch.events) - len(rows), waiting, changed))
            if rows:
                detail = {"types": dict(Counter(row["type"] for row in rows)), "repeated": applied[-1].repeated}
                note(turn.connection, running, batch.caller, "events.told", None, now=batch.now, **detail)
    return applied


def _stored(batch: Batch) -> list[Row]:
    by = batch.caller.owner if batch.caller.role == PLACEMENT_SYSTEM else None
    told = {"recorded_at": naive_utc(batch.now), "told_by": by, "import_id": None}
    return [{**row, **told} for row in batch.events]


@dataclass(frozen=True)
class Registered:
    """What became of placements: those with a new version, those new among them, and those of another system."""

    versions: int
    new: frozenset[str]
    refused: frozenset[str]


def register_placements(
    running: Running, told: Sequence[Row], now: datetime, *, caller: Principal, workers: Mapping[str, str]
) -> Registered:
    """Store new versions of placements and draw their consequences; one that says nothing new changes nothing.

    A system can say nothing of a placement that another one, or an import, registered.

    Args:
        running: what the service holds.
        told: rows with the columns of a placement's version, one for each placement, but for `version_id`,
            `registered_by`, `import_id` and `recorded_at`.
        now: when they were told.
        caller: who tells them; its owner, or who it is, stands for them from now on.
        workers: the keyed reference of the worker, by placement, where it is known.
    """
    by = caller.owner or caller.who
    rows = [{**row, "registered_by": by, "import_id": None, "recorded_at": naive_utc(now)} for row in told]
    with running.following.turn() as turn:
        known = versions_of(turn.connection, [row["placement_id"] for row in rows])
        refused = frozenset(name for name, found in known.items() if not _may_change(caller, newest_version(found)))
        own = [row for row in rows if row["placement_id"] not in refused]
        new = [
            {**row, "recorded_at": _free(row["recorded_at"], known.get(row["placement_id"], ()))}
            for row in own
            if not _is_known(row, known.get(row["placement_id"], ()))
        ]
        stored = Told(versions=add_rows(turn.connection, placement_versions, new))
        named = [
            {"placement_id": name, "worker_ref": worker} for name, worker in workers.items() if name not in refused
        ]
        keep_workers(turn.connection, [named] if named else [])
        _consequences(running, turn, settle(turn, stored), stored, now=naive_utc(now))
        if new:
            one = new[0]["placement_id"] if len(new) == 1 else None
            note(turn.connection, running, caller, "placements.registered", one, now=now, placements=len(new))
    return Registered(len(new), frozenset(row["placement_id"] for row in own) - frozenset(known), refused)


def versions_recorded(running: Running, turn: Turn, versions: Sequence[Row], now: datetime) -> None:
    """Draw the consequences of versions that `turn` has stored (`versions`, as stored, with their `version_id`)."""
    told = Told(versions=versions)
    _consequences(running, turn, settle(turn, told), told, now=naive_utc(now))


def visits_recorded(
    running: Running, turn: Turn, visits: Sequence[Row], now: datetime, *, withdrawn: Sequence[Row] = ()
) -> None:
    """Draw the consequences of visits that `turn` has stored: histories, scores, changed bands and flags.

    Args:
        running: what the service holds.
        turn: in whose transaction the rows were added to `inspections`.
        visits: the rows as stored, with their `seq`.
        now: when they were told.
        withdrawn: visits that these correct.
    """
    told = Told(visits=visits, withdrawn=withdrawn)
    _consequences(running, turn, settle(turn, told), told, now=naive_utc(now))


def apply_beside_import(running: Running, turn: Turn, now: datetime) -> None:
    """Draw, after an import, the consequences of everything that was told in another way than by imports."""
    beside = [
        select(placement_versions).where(placement_versions.c.import_id.is_(None)),
        select(events).where(events.c.import_id.is_(None)),
        select(inspections).where(inspections.c.import_id.is_(None), inspections.c.replaced_by.is_(None)),
    ]
    told = Told(*([dict(row) for row in turn.connection.execute(query).mappings()] for query in beside))
    if told.versions or told.events or told.visits:
        _consequences(running, turn, settle(turn, told, at_once=True), told, now=naive_utc(now), flagged=False)


def refresh_corridors(running: Running, now: datetime, *, every: timedelta = timedelta(0)) -> int:
    """Let the histories of corridors count what was told since the last time, and score everything anew, in parts.

    Of several processes that try at once, one finds something to count.

    Args:
        running: what the service holds.
        now: when.
        every: nothing is done where the last refresh is less than this ago.

    Returns:
        how many entries were counted; 0 where nothing was told since.
    """
    with running.following.turn() as turn:
        counted = turn.refresh_corridors(naive_utc(now), every=every)
    if counted:
        rescore_all(running, now, cause="corridors")
    return counted


def rescore_all(running: Running, now: datetime, *, cause: str) -> int:
    """Score every placement anew with the model now served, in parts, so that events go on meanwhile.

    Returns:
        how many bands changed; each is told with `cause`.
    """
    changed = 0
    for ids in parts_of_register(running.engine, SCORED_AT_ONCE):
        sleep(PAUSE)  # whoever waits to write goes first
        with running.following.turn() as turn:
            scoring = LiveScoring(running.served, turn.histories)
            causes = dict.fromkeys(ids, cause)
            bands = rescore(turn.connection, scoring, Wanted(ids), causes=causes, now=naive_utc(now))
            flag_rows(turn.connection, band_flags(bands), now=naive_utc(now))
            changed += len(bands)
    return changed


def _consequences(
    running: Running, turn: Turn, settled: Settled, told: Told, *, now: datetime, flagged: bool = True
) -> list[Row]:
    connection, scoring = turn.connection, LiveScoring(running.served, turn.histories)
    complained = {row["placement_id"] for row in told.events if row["type"] == COMPLAINT and row["placement_id"]}
    settle_cases(connection, complained | {row["placement_id"] for row in told.visits if row["placement_id"]}, now=now)
    settle_areas(connection, told.events, as_of=naive_utc(scoring.histories.as_of) if scoring.histories.as_of else now)
    wanted = Wanted(told.placement_ids, settled.sharing, settled.aged)
    bands = rescore(connection, scoring, wanted, causes=_causes(told), now=now)
    if settled.put_off:
        running.scores_are_due.set()
    if flagged:
        flag_rows(connection, [*_flags(settled, told), *band_flags(bands)], now=now)
    return bands


def _causes(told: Told) -> dict[str, str]:
    """What changed the band of the placements that something was told of."""
    causes = {str(row["placement_id"]): "visit" for row in told.visits}
    causes |= {str(row["placement_id"]): "registered" for row in told.versions}
    return causes | {str(row["placement_id"]): str(row["type"]) for row in told.events}


def _flags(settled: Settled, told: Told) -> Iterator[Flag]:
    for event in told.events:
        if event["type"] == COMPLAINT and event["placement_id"] is not None:
            yield Flag(event["placement_id"], COMPLAINT, {"category": event["category"], "event": event["seq"]})
    for version in told.versions:
        if settled.before[version["placement_id"]] is not None:
            yield Flag(version["placement_id"], "corrected", {"version": version["version_id"]})
    for placement_id, state in settled.after.items():
        earlier = settled.before[placement_id]
        for kind in ("departed", "returned"):
            on = state[f"{kind}_on"] if state else None
            if on is not None and earlier is not None and earlier[f"{kind}_on"] != on:
                yield Flag(placement_id, kind, {"on": on.isoformat()})


def _may_change(caller: Principal, newest: Row) -> bool:
    return caller.role != PLACEMENT_SYSTEM or newest["registered_by"] == caller.owner


def _waits(event: Row, settled: Settled) -> bool:
    """Whether an event is about a placement that is not there, or not there for who told it."""
    if event["placement_id"] is None:
        return False
    state = settled.after[event["placement_id"]]
    return state is None or not counts(event, state)


def _free(moment: datetime, versions: Sequence[Row]) -> datetime:
    """The first instant from `moment` on at which no version was recorded, so that the one told last counts."""
    taken = {version["recorded_at"] for version in versions}
    while moment in taken:
        moment += JUST_AFTER
    return moment


def _is_known(row: Row, versions: Sequence[Row]) -> bool:
    """Whether the version before `row` says the same of the placement, told by the same."""
    before = [version for version in versions if version["recorded_at"] <= row["recorded_at"]]
    return bool(before) and says_the_same(row, max(before, key=lambda version: version["recorded_at"]))
