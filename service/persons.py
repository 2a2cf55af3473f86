"""What is held and scored about one person, in words that the person can read?"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from risk_model import vocabulary
from risk_model.data.states import newest_version
from service.access import Principal
from service.answering import in_utc
from service.audit_notes import record_read
from service.champion import REAL, worst_origin
from service.live_scoring import LiveScoring, reasons_as_data, value_label
from service.payloads.answers import PermittedUse
from service.payloads.worker_record import (
    BandChange,
    Fact,
    HeldEvent,
    HeldPlacement,
    HeldReceipt,
    HeldRequest,
    HeldRow,
    HeldScore,
    HeldVersion,
    HeldVisit,
    WorkerRecord,
)
from service.payloads.workers import Value
from service.person_texts import EVENTS, FIELDS, NOT_SHOWN, ORDERS_NOTHING, OUTCOMES, RIGHTS
from service.running import Running
from service.score_terms import score_terms
from service.storage.persons import OBJECTION, UNDECIDED_OR_UPHELD, Held, held_about, requests_of
from service.whose import Worker, find_worker, pseudonym

Row = Mapping[str, Any]
AREAS: Final = ("origin",)


def worker_record(running: Running, caller: Principal, worker_ref: str, *, now: datetime) -> WorkerRecord:
    """Return the record of one worker, as far as `caller` sees the placements; the audit log tells of it.

    Raises:
        ProblemError: 404 where the caller sees no placement of the worker.
    """
    scoring = running.scoring()
    with running.engine.connect() as connection:
        worker = find_worker(connection, running, caller, worker_ref)
        held = held_about(connection, worker.placement_ids)
        asked = requests_of(connection, worker_ref, worker.placement_ids)
    who = pseudonym(worker_ref, running.audit_key)
    record_read(running, caller, "worker.read", who, now, placements=len(worker.placement_ids))
    objected = {row["placement_id"] for row in asked if _keeps_from_ordering(row)}
    return WorkerRecord(
        worker_ref=worker_ref,
        made_at=now.astimezone(UTC),
        data_origin=worst_origin(REAL, *(row["data_origin"] for told in worker.versions.values() for row in told)),
        placements=tuple(
            _placement(worker, placement_id, held, scoring, orders=placement_id not in objected)
            for placement_id in worker.placement_ids
        ),
        requests=tuple(HeldRequest(**_cut(row, HeldRequest), made_at=in_utc(row["made_at"])) for row in asked),
        permitted_use=PermittedUse(),
        not_shown_id=NOT_SHOWN[0],
        not_shown_en=NOT_SHOWN[1],
        rights_id=RIGHTS[0],
        rights_en=RIGHTS[1],
    )


def facts(placement: Row) -> tuple[Fact, ...]:
    """Return what is recorded of a placement, fact by fact, with names in both languages."""
    return tuple(
        Fact(
            field=name,
            label_id=labels[0],
            label_en=labels[1],
            value=plain(placement[name]),
            value_id=said(name, placement[name], "id"),
            value_en=said(name, placement[name], "en"),
        )
        for name, labels in FIELDS.items()
    )


def said(column: str, value: object, language: str) -> str | None:
    """Return what a value is called, or None where nothing is recorded or it has no name but itself."""
    if value is None:
        return None
    if isinstance(value, bool):
        return (("tidak", "ya") if language == "id" else ("no", "yes"))[value]
    if column in AREAS:
        return vocabulary.label("areas", str(value), language)
    return value_label(column, str(value), language)


def plain(value: Any) -> Value:
    """Return a stored value as JSON has it: dates as text."""
    known: Value = value.isoformat() if isinstance(value, date) else value
    return known


def score_in_words(scoring: LiveScoring, placement: Row, score: Row, *, orders: bool) -> HeldScore:
    """Return the present score with all its terms, made from what is known as of its date."""
    as_of = score["as_of"]
    made = score_terms(scoring, placement, as_of)
    names = ("stage", "risk", "low", "high", "band", "supported", "model_version")
    return HeldScore(
        **{name: score[name] for name in names},
        as_of=in_utc(as_of),
        orders=orders,
        note_id=None if orders else ORDERS_NOTHING[0],
        note_en=None if orders else ORDERS_NOTHING[1],
        reasons=tuple(reasons_as_data(made.terms)),
    )


def _placement(worker: Worker, placement_id: str, held: Held, scoring: LiveScoring, *, orders: bool) -> HeldPlacement:
    versions = worker.versions[placement_id]
    current = next(iter(held.placements.get(placement_id, ())), None)
    score = next(iter(held.scores.get(placement_id, ())), None)
    return HeldPlacement(
        placement_id=placement_id,
        in_register=current is not None,
        facts=facts(current or newest_version(versions)),
        versions=tuple(_version(row) for row in versions),
        events=tuple(_event(row) for row in held.events.get(placement_id, ())),
        visits=tuple(_visit(row) for row in held.visits.get(placement_id, ())),
        score=score_in_words(scoring, current, score, orders=orders) if current and score else None,
        bands=tuple(
            BandChange(**_cut(row, BandChange), at=in_utc(row["at"])) for row in held.changes.get(placement_id, ())
        ),
        receipts=tuple(
            HeldReceipt(receipt_id=row["receipt_id"], made_at=in_utc(row["made_at"]))
            for row in held.receipts.get(placement_id, ())
        ),
        lists=tuple(_listed(row) for row in held.lists.get(placement_id, ())),
    )


def _version(row: Row) -> HeldVersion:
    told = {name: plain(row[name]) for name in FIELDS}
    return HeldVersion(recorded_at=in_utc(row["recorded_at"]), told_by=row["registered_by"], facts=told)


def _event(row: Row) -> HeldEvent:
    labels, category = EVENTS[row["type"]], row["category"]
    return HeldEvent(
        **_cut(row, HeldEvent),
        label_id=labels[0],
        label_en=labels[1],
        category_id=_category(category, "id"),
        category_en=_category(category, "en"),
        occurred_at=in_utc(row["occurred_at"]),
        recorded_at=in_utc(row["recorded_at"]),
    )


def _category(code: str | None, language: str) -> str | None:
    known = code is not None and code in vocabulary.codes("complaint_categories")
    return vocabulary.label("complaint_categories", code, language) if known and code else code


def _visit(row: Row) -> HeldVisit:
    labels = OUTCOMES[row["outcome"]]
    return HeldVisit(
        **_cut(row, HeldVisit),
        visited_at=in_utc(row["visited_at"]),
        label_id=labels[0],
        label_en=labels[1],
        has_note=row["note"] is not None,
    )


def _listed(row: Row) -> HeldRow:
    return HeldRow(**_cut(row, HeldRow), as_of=in_utc(row["as_of"]), list_state=row["state"])


def _cut(row: Row, model: type) -> dict[str, Any]:
    """Return the columns that `model` shows as they are; instants are told with their time zone by the caller."""
    names: Sequence[str] = list(model.model_fields)  # type: ignore[attr-defined]
    return {name: row[name] for name in names if name in row and not isinstance(row[name], datetime)}


def _keeps_from_ordering(request: Row) -> bool:
    return request["kind"] == OBJECTION and request["state"] in UNDECIDED_OR_UPHELD
