"""How are placements that somebody sent answered, one, many, or a stream of them?

Each gets its score with a receipt, or its own problem in its place: one bad row spoils no other.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import IO, Any, Final

from pydantic import Field, ValidationError

from service.access import OFFICE_ROLES, PLACEMENT_SYSTEM, Principal, sees_placement
from service.answering import score_answer
from service.language import Language
from service.live_scoring import NO_PLACEMENT, LiveScoring
from service.payloads.answers import Score
from service.payloads.requests import PlacementIn
from service.problems import (
    DATABASE_AWAY,
    UNAVAILABLE,
    UNPROCESSABLE,
    ProblemDetails,
    ProblemError,
    details,
    refused_row,
)
from service.receipts import ToSign, sign_receipts
from service.running import Running
from service.storage.receipts import Receipt
from service.storage.register import find_placements

ROWS_AT_ONCE: Final = 500
"""Lines of a stream that are held, scored and signed together."""
ENOUGH_FOR_COLUMNS: Final = 32
"""Rows from which on scoring whole columns is quicker than one row after the other."""
LONGEST_LINE: Final = 65_536
"""Bytes of one line; a placement takes about a thousand."""
BAD_JSON: Final = ({"type": "json_invalid", "loc": (), "msg": ""},)
TOO_LONG: Final = ({"type": "line_too_long", "loc": (), "msg": "", "ctx": {"most": LONGEST_LINE}},)


class RefusedRow(ProblemDetails):
    """Why the row in this place has no score."""

    line: int = Field(description="place of the row, from 1")


class Asked:
    """Who asks for scores, as of when, and in which language problems are said."""

    def __init__(
        self,
        running: Running,
        caller: Principal,
        *,
        as_of: date | None,
        now: datetime,
        language: Language = "id",
        scoring: LiveScoring | None = None,
    ) -> None:
        """Check the date; `as_of` None stands for now, `scoring` None for the model and the histories as they are now.

        Raises:
            ProblemError: 422 where the histories are known beyond that date.
        """
        self.running, self.caller, self.now, self.language = running, caller, now, language
        self.as_of = now if as_of is None else datetime.combine(as_of, time(), tzinfo=UTC)
        self.scoring = running.scoring() if scoring is None else scoring
        known_until = self.scoring.histories.as_of
        if known_until is not None and self.as_of < known_until:
            raise ProblemError(UNPROCESSABLE, "too_early", found=as_of or now.date(), allowed=known_until.date())


def scores_of(asked: Asked, placements: Sequence[PlacementIn]) -> list[Score]:
    """Return the score of each placement, at least one; their receipts are on disk then."""
    scores, receipts = scores_with_receipts(asked, placements)
    asked.running.receipt_writer.write(receipts)
    return scores


def scores_with_receipts(asked: Asked, placements: Sequence[PlacementIn]) -> tuple[list[Score], list[Receipt]]:
    """Return the score of each placement, at least one, and its receipt: on disk before anybody sees the score."""
    scoring = asked.scoring
    rows = _as_seen(asked, placements)
    if len(rows) < ENOUGH_FOR_COLUMNS:
        scored = [scoring.score(row, asked.as_of) for row in rows]
    else:
        scored = scoring.score_many(rows, asked.as_of)
    made = [ToSign(one.placement_id, each, one.data_origin) for one, each in zip(placements, scored, strict=True)]
    receipts = sign_receipts(asked.running, asked.caller, scoring, made, as_of=asked.as_of, now=asked.now)
    until = asked.as_of + timedelta(hours=asked.running.settings.score_valid_hours)
    scores = [
        score_answer(one, each, scoring, receipt, until=until)
        for one, each, receipt in zip(placements, scored, receipts, strict=True)
    ]
    return scores, receipts


def scores_in_place(asked: Asked, rows: Sequence[Any], *, first_line: int = 1) -> list[Score | RefusedRow]:
    """Return for each row, as JSON gave it, its score or its problem; `first_line` is the place of the first."""
    answers: dict[int, Score | RefusedRow] = {}
    good: dict[int, PlacementIn] = {}
    for line, row in enumerate(rows, start=first_line):
        try:
            good[line] = PlacementIn.model_validate(row)
        except ValidationError as error:
            answers[line] = _refused(asked, error.errors(), line)
    if good:
        answers |= dict(zip(good, scores_of(asked, list(good.values())), strict=True))
    return [answers[line] for line in sorted(answers)]


def answered_lines(asked: Asked, lines: IO[bytes]) -> Iterator[bytes]:
    """Yield one line of JSON per line sent, in order and in parts; empty lines count as lines but get no answer."""
    part: list[tuple[int, Any]] = []
    for line, raw in enumerate(_lines(lines), start=1):
        if raw is None or raw.strip():
            part.append((line, raw))
        if len(part) == ROWS_AT_ONCE:
            yield _answered(asked, part)
            part = []
    if part:
        yield _answered(asked, part)


def as_json(answer: Score | RefusedRow) -> str:
    """Return one answer as JSON; of a problem without members that say nothing."""
    return answer.model_dump_json(exclude_none=isinstance(answer, RefusedRow))


def _answered(asked: Asked, part: Sequence[tuple[int, bytes | None]]) -> bytes:
    answers: dict[int, Score | RefusedRow] = {}
    rows: dict[int, Any] = {}
    for line, raw in part:
        if raw is None:
            answers[line] = _refused(asked, TOO_LONG, line)
            continue
        try:
            rows[line] = json.loads(raw)
        except (ValueError, RecursionError):
            answers[line] = _refused(asked, BAD_JSON, line)
    try:
        asked.scoring = asked.running.scoring()  # a stream may last: each part follows the model and the histories
        found = scores_in_place(asked, list(rows.values()))
    except DATABASE_AWAY:  # the answer has begun: what cannot be scored now is said in its place
        away = details(ProblemError(UNAVAILABLE, "database"), asked.language)
        found = [RefusedRow(**away.model_dump(), line=line) for line in rows]
    for line, answer in zip(rows, found, strict=True):
        answers[line] = answer.model_copy(update={"line": line}) if isinstance(answer, RefusedRow) else answer
    return "".join(f"{as_json(answers[line])}\n" for line in sorted(answers)).encode()


def _lines(source: IO[bytes]) -> Iterator[bytes | None]:
    """Yield the lines of a file; None stands for one that is too long, of which nothing is held."""
    while raw := source.readline(LONGEST_LINE):
        if raw.endswith(b"\n") or len(raw) < LONGEST_LINE:
            yield raw
            continue
        while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _refused(asked: Asked, faults: Iterable[Mapping[str, Any]], line: int) -> RefusedRow:
    problem = refused_row(list(faults), asked.language, PlacementIn.model_fields)
    return RefusedRow(**problem.model_dump(), line=line)


def _as_seen(asked: Asked, placements: Sequence[PlacementIn]) -> list[dict[str, Any]]:
    """Return the rows as the model may read them for this caller.

    What a worker told (complaints, contacts) is found by the placement's id. A system, and an office that
    does not see the placement, get a score from what they sent: else they could learn who complained.
    """
    rows = [one.model_dump() for one in placements]
    hidden: set[str] = set()
    if asked.caller.role == PLACEMENT_SYSTEM:
        hidden = {one.placement_id for one in placements}
    elif asked.caller.role in OFFICE_ROLES:
        known = find_placements(asked.running.engine, [one.placement_id for one in placements])
        hidden = {name for name, row in known.items() if not sees_placement(asked.caller, asked.running.offices, row)}
    return [row | {"placement_id": NO_PLACEMENT} if row["placement_id"] in hidden else row for row in rows]
