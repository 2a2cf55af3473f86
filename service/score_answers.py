"""How are placements that somebody sent answered, one, many, or a stream of them?

Each gets its score with a receipt, or its own problem in its place: one bad row spoils no other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

import msgspec
from pydantic import Field, TypeAdapter, ValidationError

from service.access import OFFICE_ROLES, PLACEMENT_SYSTEM, sees_placement
from service.answering import notice_of
from service.asked import Asked
from service.champion import worst_origin
from service.live_scoring import NO_PLACEMENT, reasons_as_data
from service.payloads.answers import PermittedUse
from service.payloads.requests import PlacementIn
from service.problems import (
    DATABASE_AWAY,
    UNAVAILABLE,
    ProblemDetails,
    ProblemError,
    details,
    refused_row,
)
from service.receipt_signing import Signed, ToSign, sign_together
from service.storage.register import find_placements

ROWS_AT_ONCE: Final = 500
"""Lines of a stream that are held, scored and signed together."""
ENOUGH_FOR_COLUMNS: Final = 32
"""Rows from which on scoring whole columns is quicker than one row after the other."""
LONGEST_LINE: Final = 65_536
"""Bytes of one line; a placement takes about a thousand."""
PLACEMENT: Final = TypeAdapter(PlacementIn)
ANSWER: Final = msgspec.json.Encoder()
PERMITTED_USE: Final = msgspec.Raw(PermittedUse().model_dump_json().encode())
TOO_LONG: Final = ({"type": "line_too_long", "loc": (), "msg": "", "ctx": {"most": LONGEST_LINE}},)


class RefusedRow(ProblemDetails):
    """Why the row in this place has no score."""

    line: int = Field(description="place of the row, from 1")


def answers_of(asked: Asked, placements: Sequence[PlacementIn]) -> list[bytes]:
    """Return the answer for each placement, at least one, as JSON; their receipts are on disk then."""
    made = scored(asked, placements)
    signed, bundles = sign_together(asked.running.receipt_keys.private, made)
    asked.running.receipt_writer.write(bundles)
    return [score_answer(one, receipt) for one, receipt in zip(made, signed, strict=True)]


def scored(asked: Asked, placements: Sequence[PlacementIn]) -> list[ToSign]:
    """Return the score of each placement, at least one: its receipt has to be on disk before anybody sees it."""
    rows = _as_seen(asked, placements)
    if len(rows) < ENOUGH_FOR_COLUMNS:
        found = [asked.scoring.score(row, asked.as_of) for row in rows]
    else:
        found = asked.scoring.score_many(rows, asked.as_of)
    return [ToSign(asked, one.placement_id, each, one.data_origin) for one, each in zip(placements, found, strict=True)]


def answers_in_place(asked: Asked, rows: Mapping[int, bytes | None]) -> list[bytes]:
    """Return the answer for each row as JSON: its score, or its problem.

    `rows` are JSON texts by their lines, in order; None stands for one that is too long.
    """
    good, answers = _examined(asked, rows)
    if good:
        answers |= zip(good, answers_of(asked, list(good.values())), strict=True)
    return [answers[line] for line in rows]


def answered_lines(asked: Asked, lines: IO[bytes]) -> Iterator[bytes]:
    """Yield one line of JSON per line sent, in order and in parts; empty lines count as lines but get no answer."""
    part: dict[int, bytes | None] = {}
    for line, raw in enumerate(_lines(lines), start=1):
        if raw is None or raw.strip():
            part[line] = raw
        if len(part) == ROWS_AT_ONCE:
            yield _answered(asked, part)
            part = {}
    if part:
        yield _answered(asked, part)


def score_answer(made: ToSign, receipt: Signed) -> bytes:
    """Return what the caller reads of one score, the members of `Score`, as JSON."""
    asked, score = made.asked, made.scored.score
    served, histories = asked.scoring.served, asked.scoring.histories
    notice_id, notice_en = notice_of(made.scored, served)
    return ANSWER.encode(
        {
            "placement_id": made.placement_id,
            "as_of": made.scored.as_of,
            "histories_as_of": histories.as_of,
            "stage": made.scored.stage,
            "risk": score.risk,
            "low": score.low,
            "high": score.high,
            "band": score.band,
            "supported": score.supported,
            "notice_id": notice_id,
            "notice_en": notice_en,
            "reasons": reasons_as_data(made.scored.reasons),
            "model_version": served.version,
            "model_kind": served.model.kind,
            "valid_until": asked.until,
            "permitted_use": PERMITTED_USE,
            "data_origin": worst_origin(made.data_origin, histories.data_origin, served.data_origin),
            "receipt": {"receipt_id": receipt.receipt_id, "signature": receipt.signature},
        }
    )


def _refusal(row: RefusedRow) -> bytes:
    """Return a problem as JSON, without members that say nothing."""
    return row.model_dump_json(exclude_none=True).encode()


def _answered(asked: Asked, rows: Mapping[int, bytes | None]) -> bytes:
    """Return the answers of one part of a stream, which may last: each part follows the model and the histories."""
    try:
        asked.scoring = asked.running.scoring()
        answers = answers_in_place(asked, rows)
    except DATABASE_AWAY:  # the answer has begun: what cannot be scored now is said in its place
        away = details(ProblemError(UNAVAILABLE, "database"), asked.language).model_dump()
        good, refused = _examined(asked, rows)
        refused |= {line: _refusal(RefusedRow(**away, line=line)) for line in good}
        answers = [refused[line] for line in rows]
    return b"".join([answer + b"\n" for answer in answers])


def _examined(asked: Asked, rows: Mapping[int, bytes | None]) -> tuple[dict[int, PlacementIn], dict[int, bytes]]:
    """Return the rows that are placements, and the problems of the others as JSON, by their lines."""
    good: dict[int, PlacementIn] = {}
    refused: dict[int, bytes] = {}
    for line, row in rows.items():
        if row is None:
            refused[line] = _refused(asked, TOO_LONG, line)
            continue
        try:
            good[line] = PLACEMENT.validate_json(row)
        except ValidationError as error:
            refused[line] = _refused(asked, error.errors(), line)
    return good, refused


def _lines(source: IO[bytes]) -> Iterator[bytes | None]:
    """Yield the lines of a file; None stands for one that is too long, of which nothing is held."""
    while raw := source.readline(LONGEST_LINE):
        if raw.endswith(b"\n") or len(raw) < LONGEST_LINE:
            yield raw
            continue
        while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _refused(asked: Asked, faults: Iterable[Mapping[str, Any]], line: int) -> bytes:
    problem = refused_row(list(faults), asked.language, PlacementIn.model_fields)
    return _refusal(RefusedRow(**problem.model_dump(), line=line))


def _as_seen(asked: Asked, placements: Sequence[PlacementIn]) -> list[dict[str, Any]]:
    """Return the rows as the model may read them for this caller.

    What a worker told (complaints, contacts) is found by the placement's id. A system, and an office that
    does not see the placement, get a score from what they sent: else they could learn who complained.
    """
    rows = [dict(vars(one)) for one in placements]  # as model_dump, whose time is not needed for plain values
    hidden: set[str] = set()
    if asked.caller.role == PLACEMENT_SYSTEM:
        hidden = {one.placement_id for one in placements}
    elif asked.caller.role in OFFICE_ROLES:
        known = find_placements(asked.running.engine, [one.placement_id for one in placements])
        hidden = {name for name, row in known.items() if not sees_placement(asked.caller, asked.running.offices, row)}
    return [row | {"placement_id": NO_PLACEMENT} if row["placement_id"] in hidden else row for row in rows]
