"""Whose score can change because days pass, and nothing else happens?

Of all that a score reads, only the stage and the months since departure move with the date, and a term
reads months in steps. So when an agency is known a day further, only placements whose departure or
return lies just so many days back are looked at, and not all of the agency's.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, true

from risk_model.placements.features import MONTH_DAYS
from risk_model.scoring.scorer import CompiledModel
from service.tables.register import placements

AGE: Final = "months_since_departure"
LONG_AGO: Final = datetime(1900, 1, 1)
"""Nobody whose score matters departed before."""
A_DAY: Final = timedelta(days=1)
ROUNDING: Final = timedelta(seconds=1)
"""More than a number of months is off by when it stands for whole days."""

Days = tuple[date, date]
"""The first and the last of some days."""


def who_ages(model: CompiledModel, clocks: Mapping[str, tuple[datetime, datetime]]) -> list[ColumnElement[bool]]:
    """Return conditions on placements that find who may score otherwise: one for each stretch of time.

    Args:
        model: what scores, and made the scores that are there.
        clocks: agencies, each with the instant up to which it was known and is known now (naive UTC).
    """
    by_stretch: dict[tuple[datetime, datetime], list[str]] = {}
    for agency, stretch in sorted(clocks.items()):
        by_stretch.setdefault(stretch, []).append(agency)
    return [
        and_(placements.c.agency_id.in_(agencies), _ages(model, before, after))
        for (before, after), agencies in by_stretch.items()
    ]


def _ages(model: CompiledModel, before: datetime, after: datetime) -> ColumnElement[bool]:
    steps = _steps(model)
    if steps is None:
        return true()
    departed = [_days(before, after, months) for months in (0.0, *steps)]
    at_a_step = [placements.c.departed_on.between(*days) for days in _joined(departed)]
    return or_(placements.c.returned_on.between(*_days(before, after, 0.0)), *at_a_step)


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


def _days(before: datetime, after: datetime, months: float) -> Days:
    """The days that begin so many months before the stretch of time, or within it."""
    first, last = (max(moment, LONG_AGO) - timedelta(days=months * MONTH_DAYS) for moment in (before, after))
    return (first - ROUNDING + A_DAY).date(), (last + ROUNDING).date()


def _joined(stretches: Iterable[Days]) -> Iterator[Days]:
    """Yield the same days, each once."""
    begun: Days | None = None
    for first, last in sorted(stretches):
        if begun is not None and first <= begun[1]:
            begun = (begun[0], max(begun[1], last))
            continue
        if begun is not None:
            yield begun
        begun = (first, last)
    if begun is not None:
        yield begun
