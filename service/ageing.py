"""Whose score can change because days pass, and nothing else happens?

Of all that a score reads, only the stage and the months since departure move with the date, and a term
reads months in steps. So when an agency is known a day further, only placements whose departure or
return lies just so many days back are looked at, and not all of the agency's.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, true

from risk_model.placements.features import MONTH_DAYS
from risk_model.scoring.scorer import CompiledModel
from service.tables.register import placements, scores

AGE: Final = "months_since_departure"
LONG_AGO: Final = datetime(1900, 1, 1)
"""Nobody whose score matters departed before."""
A_DAY: Final = timedelta(days=1)

Days = tuple[date, date]
"""The first and the last of some days."""


def who_ages(model: CompiledModel, version: str, clocks: Mapping[str, tuple[datetime, datetime]]) -> list[Any]:
    """Return conditions on placements and their scores that find who may score otherwise: one for each stretch of time.

    Found as well is who has no score, or one of another model.

    Args:
        model: what scores; it made the scores that are there, if their version is `version`.
        version: what the scores of `model` are called.
        clocks: agencies, each with the instant up to which it was known and is known now (naive UTC).
    """
    by_stretch: dict[tuple[datetime, datetime], list[str]] = {}
    for agency, stretch in sorted(clocks.items()):
        by_stretch.setdefault(stretch, []).append(agency)
    return [
        and_(
            placements.c.agency_id.in_(agencies),
            or_(_ages(model, before, after), scores.c.model_version.is_distinct_from(version)),
        )
        for (before, after), agencies in by_stretch.items()
    ]


def _ages(model: CompiledModel, before: datetime, after: datetime) -> ColumnElement[bool]:
    steps = _steps(model)
    if steps is None:
        return true()
    departed = [(_day(before, step), _day(after, step)) for step in (0.0, *steps)]
    at_a_step = [placements.c.departed_on.between(*days) for days in _joined(departed)]
    return or_(placements.c.returned_on.between(before.date(), after.date()), *at_a_step)


def _steps(model: CompiledModel) -> list[float] | None:
    """The months at which a term reads another value; None where a term does not read them in steps."""
    steps: set[float] = set()
    for term in model.terms:
        named = {*term.coding.columns, *(name for level in term.coding.levels for name in level.columns)}
        if AGE in named:
            if term.coding.edges is None:
                return None
            steps.update(term.coding.edges)
    return sorted(steps)


def _day(moment: datetime, months: float) -> date:
    return (max(moment, LONG_AGO) - timedelta(days=months * MONTH_DAYS)).date()


def _joined(stretches: Iterable[Days]) -> Iterator[Days]:
    """Yield the same days, each once, with a day more on either side for what rounding may move."""
    begun: Days | None = None
    for first, last in sorted((first - A_DAY, last + A_DAY) for first, last in stretches):
        if begun is not None and first <= begun[1]:
            begun = (begun[0], max(begun[1], last))
            continue
        if begun is not None:
            yield begun
        begun = (first, last)
    if begun is not None:
        yield begun
