"""From which inputs, by which terms and by which version was a placement scored, as its parties may read it?

Staff read everything. A system reads the facts of its own record, all terms that follow from them,
and the version; what could tell who complained or was contacted is named and withheld, and so are the
numbers from which it could be worked out.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from service.access import PLACEMENT_SYSTEM, Principal, sees_placement
from service.answering import in_utc
from service.audit_notes import record_read
from service.champion import worst_origin
from service.live_scoring import LiveScoring, reasons_as_data, value_label
from service.payloads.answers import PermittedUse
from service.payloads.explanation import Explanation, Input, Withheld
from service.person_texts import CORRECT_IT, WITHHELD
from service.problems import NOT_FOUND, ProblemError
from service.running import Running
from service.score_terms import ScoreTerms, score_terms
from service.storage.persons import Row
from service.tables.register import placements, scores

OF_ONE_PLACEMENT: Final = ("placement_id",)
"""A history of this entity tells what one worker said or where one worker could be found."""


def explanation(running: Running, caller: Principal, placement_id: str, *, now: datetime) -> Explanation:
    """Return the explanation of a placement's present score; the audit log tells of it.

    Raises:
        ProblemError: 404 where the caller sees no such placement in the register.
    """
    scoring = running.scoring()
    query = select(placements, scores.c.as_of, scores.c.band).join(
        scores, scores.c.placement_id == placements.c.placement_id
    )
    with running.engine.connect() as connection:
        row = connection.execute(query.where(placements.c.placement_id == placement_id)).mappings().one_or_none()
    found = dict(row) if row else None
    if found is None or not sees_placement(caller, running.offices, found):
        raise ProblemError(NOT_FOUND, "no_such_placement", name=placement_id)
    record_read(running, caller, "placement.explained", placement_id, now)
    made = score_terms(scoring, found, found["as_of"])
    return _answer(scoring, found, made, _withheld(scoring, caller))


def _withheld(scoring: LiveScoring, caller: Principal) -> frozenset[str]:
    if caller.role != PLACEMENT_SYSTEM:
        return frozenset()
    histories = scoring.histories.snapshot.values
    inputs = frozenset(name for name, table in histories.items() if table.entity == OF_ONE_PLACEMENT)
    return inputs | {term.name for term in scoring.served.model.terms if inputs & set(term.coding.columns_read)}


def _answer(scoring: LiveScoring, found: Row, made: ScoreTerms, withheld: Collection[str]) -> Explanation:
    served, score = scoring.served, made.score
    hidden = [name for name in made.inputs if name in withheld]
    shown = tuple(term for term in made.terms if term.feature not in withheld)
    number = (score.risk, score.low, score.high, served.model.intercept) if not hidden else (None,) * 4
    return Explanation(
        placement_id=found["placement_id"],
        as_of=in_utc(found["as_of"]),
        histories_as_of=scoring.histories.as_of,
        stage=made.stage,
        band=score.band,
        supported=score.supported,
        risk=number[0],
        low=number[1],
        high=number[2],
        intercept=number[3],
        inputs=tuple(_input(name, value) for name, value in made.inputs.items() if name not in withheld),
        reasons=tuple(reasons_as_data(shown)),
        withheld=tuple(Withheld(name=name, why_id=WITHHELD[0], why_en=WITHHELD[1]) for name in hidden),
        model_version=served.version,
        model_kind=served.model.kind,
        permitted_use=PermittedUse(),
        correct_id=CORRECT_IT[0].format(name=found["placement_id"]),
        correct_en=CORRECT_IT[1].format(name=found["placement_id"]),
        data_origin=worst_origin(found["data_origin"], scoring.histories.data_origin, served.data_origin),
    )


def _input(name: str, value: Any) -> Input:
    labels = [None if value is None else value_label(name, str(value), language) for language in ("id", "en")]
    return Input(name=name, value=value, value_id=labels[0], value_en=labels[1])
