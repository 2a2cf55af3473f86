"""What does the service hold about the placements of one person?

Everything here runs in a transaction of the caller.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Select,
    Table,
    Update,
    delete,
    func,
    insert,
    select,
    update,
)

from risk_model.data.states import CHANGED_BY
from service.storage.idempotency import forget_answers
from service.storage.receipts import bundle_of_link
from service.storage.row_states import clear_kept_notes
from service.tables.happenings import changes, events, inspections, placement_workers
from service.tables.keeping import receipt_bundles, receipt_links, receipts, worker_requests
from service.tables.lists import list_rows, list_states, lists, row_actions, row_flags, row_states
from service.tables.register import placements, scores

Row = Mapping[str, Any]
ByPlacement = Mapping[str, list[Row]]

STATE_KEYS: Final = frozenset(
    {"status", "on", "certification_level", *(n for names in CHANGED_BY.values() for n in names)}
)
"""What of an event's `data` the state of a placement follows from; erasing a person leaves these."""
CORRECTION, OBJECTION, ERASURE = "correction", "objection", "erasure"
OPEN, APPLIED, UPHELD, DISMISSED = "open", "applied", "upheld", "dismissed"
MADE_AT: Final = func.coalesce(receipt_bundles.c.made_at, receipts.c.made_at).label("made_at")
UNDECIDED_OR_UPHELD: Final = (OPEN, UPHELD)
"""States of an objection in which the score orders nothing."""


@dataclass(frozen=True)
class Held:
    """What is kept about some placements, by placement; `placements` and `scores` hold one row each at most."""

    placements: ByPlacement
    scores: ByPlacement
    events: ByPlacement
    visits: ByPlacement
    changes: ByPlacement
    receipts: ByPlacement
    lists: ByPlacement


@dataclass(frozen=True)
class Erased:
    """How many rows an erasure changed: links of placements and receipts, notes, events, stored answers, requests."""

    placements: int
    receipts: int
    notes: int
    events: int
    answers: int
    requests: int


def placements_of(connection: Connection, worker_ref: str) -> list[str]:
    """Return the ids of the worker's placements."""
    query = select(placement_workers.c.placement_id).where(placement_workers.c.worker_ref == worker_ref)
    return list(connection.execute(query.order_by(placement_workers.c.placement_id)).scalars())


def held_about(connection: Connection, ids: Collection[str]) -> Held:
    """Return everything about the named placements but their versions, oldest first."""
    on_lists = (
        select(
            list_rows, lists.c.as_of, lists.c.office, lists.c.model_version, list_states.c.state, row_states.c.status
        )
        .join(lists, lists.c.list_id == list_rows.c.list_id)
        .join(list_states, list_states.c.list_id == list_rows.c.list_id, isouter=True)
        .join(
            row_states,
            (row_states.c.list_id == list_rows.c.list_id) & (row_states.c.rank == list_rows.c.rank),
            isouter=True,
        )
        .order_by(lists.c.created_at)
    )
    of_receipts = (
        select(receipt_links, MADE_AT)
        .join(receipt_bundles, receipt_bundles.c.bundle_id == bundle_of_link(), isouter=True)
        .join(receipts, receipts.c.receipt_id == receipt_links.c.receipt_id, isouter=True)
        .where(MADE_AT.is_not(None))
        .order_by("made_at")
    )
    return Held(
        placements=_by(connection, select(placements), placements, ids),
        scores=_by(connection, select(scores), scores, ids),
        events=_by(connection, select(events).order_by(events.c.occurred_at, events.c.seq), events, ids),
        visits=_by(
            connection,
            select(inspections).where(inspections.c.replaced_by.is_(None)).order_by(inspections.c.visited_at),
            inspections,
            ids,
        ),
        changes=_by(connection, select(changes).order_by(changes.c.seq), changes, ids),
        receipts=_by(connection, of_receipts, receipt_links, ids),
        lists=_by(connection, on_lists, list_rows, ids),
    )


def requests_of(connection: Connection, worker_ref: str, ids: Collection[str]) -> list[Row]:
    """Return what was asked for about the worker's named placements, oldest first."""
    query = select(worker_requests).where(
        worker_requests.c.worker_ref == worker_ref, worker_requests.c.placement_id.in_(ids)
    )
    order = (worker_requests.c.made_at, worker_requests.c.request_id)
    return [dict(row) for row in connection.execute(query.order_by(*order)).mappings()]


def add_request(connection: Connection, row: Row) -> None:
    """Keep one request of a person."""
    connection.execute(insert(worker_requests), dict(row))


def settle_request(connection: Connection, request_id: str, *, state: str, detail: Row) -> None:
    """Set the state of a request, with its new detail."""
    query = update(worker_requests).where(worker_requests.c.request_id == request_id)
    connection.execute(query.values(state=state, detail=dict(detail)))


def flags_after(connection: Connection, flag_id: int) -> list[tuple[str, int]]:
    """Return the rows of lists (number, rank) that were flagged after flag `flag_id`, each once."""
    query = select(row_flags.c.list_id, row_flags.c.rank).where(row_flags.c.flag_id > flag_id).distinct()
    return [(str(row.list_id), int(row.rank)) for row in connection.execute(query.order_by("list_id", "rank"))]


def newest_flag(connection: Connection) -> int:
    """Return the number of the newest flag, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(row_flags.c.flag_id), 0))).scalar_one())


def placements_not_ordered(engine: Engine) -> list[str]:
    """Return the placements whose score orders nothing: somebody objected, and nobody dismissed it."""
    query = select(worker_requests.c.placement_id).where(
        worker_requests.c.kind == OBJECTION, worker_requests.c.state.in_(UNDECIDED_OR_UPHELD)
    )
    with engine.connect() as connection:
        return list(connection.execute(query.distinct().order_by(worker_requests.c.placement_id)).scalars())


def erase(connection: Connection, worker_ref: str) -> Erased:
    """Cut every link to the worker and clear what was written freely about the worker's placements.

    Placements, events, visits, lists and receipts stay, as rows that no longer lead to a person here.
    """
    ids = placements_of(connection, worker_ref)
    of_worker = worker_requests.c.worker_ref == worker_ref
    return Erased(
        placements=_count(connection, delete(placement_workers).where(placement_workers.c.worker_ref == worker_ref)),
        receipts=_count(connection, delete(receipt_links).where(receipt_links.c.placement_id.in_(ids))),
        notes=_clear_notes(connection, ids),
        events=clear_events(connection, events.c.placement_id.in_(ids)),
        answers=forget_answers(connection),
        requests=_count(connection, update(worker_requests).where(of_worker).values(worker_ref=None, detail={})),
    )


def _clear_notes(connection: Connection, ids: Sequence[str]) -> int:
    """Clear the notes of visits to the placements, and of the rows that stand for them."""
    listed = select(list_rows.c.list_id, list_rows.c.rank).where(list_rows.c.placement_id.in_(ids))
    cleared = _count(connection, _without_note(inspections).where(inspections.c.placement_id.in_(ids)))
    for row in connection.execute(listed).all():
        for table in (row_states, row_actions):
            of_row = (table.c.list_id == row.list_id) & (table.c.rank == row.rank)
            cleared += _count(connection, _without_note(table).where(of_row))
        cleared += clear_kept_notes(
            connection, (row_actions.c.list_id == row.list_id) & (row_actions.c.rank == row.rank)
        )
    return cleared


def _without_note(table: Table) -> Update:
    return update(table).where(table.c.note.is_not(None)).values(note=None)


def unneeded_details(connection: Connection, which: ColumnElement[bool]) -> list[tuple[int, Row]]:
    """Return the number of each such event that says more than is needed, with what of it is needed.

    Needed is what the state of the placement follows from.
    """
    told = connection.execute(select(events.c.seq, events.c.data).where(events.c.data.is_not(None), which)).all()
    return [
        (row.seq, {name: value for name, value in row.data.items() if name in STATE_KEYS})
        for row in told
        if row.data and not STATE_KEYS.issuperset(row.data)
    ]


def clear_events(connection: Connection, which: ColumnElement[bool]) -> int:
    """Leave of what such events say beyond their columns only what is needed; return how many said more."""
    fuller = unneeded_details(connection, which)
    for seq, kept in fuller:
        connection.execute(update(events).where(events.c.seq == seq).values(data=dict(kept)))
    return len(fuller)


def _count(connection: Connection, statement: Update | Delete) -> int:
    return connection.execute(statement).rowcount


def _by(connection: Connection, query: Select[Any], table: Table, ids: Collection[str]) -> ByPlacement:
    found: dict[str, list[Row]] = {}
    for row in connection.execute(query.where(table.c.placement_id.in_(ids))).mappings():
        found.setdefault(str(row["placement_id"]), []).append(dict(row))
    return found
