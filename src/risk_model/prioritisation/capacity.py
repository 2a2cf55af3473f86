"""How many visits does a yearly plan leave for the month of a list?"""

import re
from itertools import pairwise
from typing import Final

import pandas as pd

from risk_model.errors import InputError, TableError, UnknownCodeError, repair_hint

MONTHS_PER_YEAR: Final = 12
PLAN_COLUMNS: Final = ("month", "visits")
MONTH: Final = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


def planned_by_month(yearly: int, year: int) -> pd.Series:
    """Return the visits of each month of `year`, by month such as 2026-03; they add up to `yearly`.

    Fractions are carried over: 40 visits a year are 3, 3, 4, 3, 3, 4, …

    Raises:
        InputError: when `yearly` is below 1.

    >>> planned_by_month(40, 2026).tolist()
    [3, 3, 4, 3, 3, 4, 3, 3, 4, 3, 3, 4]
    """
    if yearly < 1:
        raise InputError(f"the yearly plan is {yearly}, allowed: 1 or more visits")
    until = [yearly * month // MONTHS_PER_YEAR for month in range(MONTHS_PER_YEAR + 1)]
    names = [f"{year}-{month:02d}" for month in range(1, MONTHS_PER_YEAR + 1)]
    return pd.Series([after - before for before, after in pairwise(until)], index=names)


def checked_plan(plan: pd.DataFrame, *, office: str | None) -> pd.Series:
    """Return the visits of each month in `plan`, in order of month; the offices' together, or those of `office`.

    Args:
        plan: text columns `month` (such as 2026-03), `visits` (a whole number) and, if need be, `office`.
        office: the office whose rows count; None counts all. A plan without offices counts for any.

    Raises:
        TableError: when a column is missing, a cell cannot be read, or a month of an office comes twice.
        UnknownCodeError: when the plan has no row of `office`.
    """
    missing = [name for name in PLAN_COLUMNS if name not in plan]
    if missing:
        raise TableError(
            f"the plan lacks {', '.join(missing)} ({repair_hint(missing[0], map(str, plan.columns))}); its columns are "
            "month, visits and, if need be, office"
        )
    for place, row in enumerate(plan.itertuples(index=False), start=2):
        if not MONTH.match(str(row.month)):
            raise TableError(
                f"row {place} of the plan: month is {row.month!r}, expected year and month such as 2026-03"
            )
        if not str(row.visits).isdigit():
            raise TableError(f"row {place} of the plan: visits is {row.visits!r}, expected a whole number, 0 or more")
    by = [name for name in ("office", "month") if name in plan]
    twice = plan.duplicated(by)
    if twice.any():
        raise TableError(f"row {int(twice.to_numpy().argmax()) + 2} of the plan repeats a month; keep one row for it")
    if office is not None and "office" in plan:
        if office not in set(plan["office"]):
            raise UnknownCodeError(office, column="office of the plan", known=set(plan["office"].dropna()))
        plan = plan[plan["office"] == office]
    return plan["visits"].astype("int64").groupby(plan["month"]).sum().sort_index()


def capacity_of_month(planned: pd.Series, as_of: pd.Timestamp, *, made: int | None = None) -> int:
    """Return how many visits the month of `as_of` has.

    Args:
        planned: visits by month, such as 2026-03.
        as_of: the date of the list.
        made: visits made in this year's earlier months: what these left over is added, what they overdrew is taken off.
            None: they made what was planned.

    Raises:
        InputError: when the plan has no row for the month, or leaves it no visit.
    """
    month = f"{as_of:%Y-%m}"
    if month not in planned.index:
        raise InputError(
            f"the plan has no visits for {month}; its months are {planned.index.min()} to {planned.index.max()}: add a "
            "row, or give --capacity"
        )
    this_year = planned[[name for name in planned.index if name[:4] == month[:4] and name <= month]]
    left = int(planned[month]) if made is None else int(this_year.sum()) - made
    if left < 1:
        why = "plans none" if made is None else f"planned {int(this_year.sum())} up to it, of which {made} are made"
        raise InputError(f"no visit is left for {month}: the plan {why}; raise the plan, or give --capacity")
    return left
