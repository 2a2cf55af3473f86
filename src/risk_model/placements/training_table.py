"""From which rows may a model learn at a date?

Rows of two kinds, features as of the row's own date, labels from its own window:

- the whole cohort, at dates one horizon apart, so that no two windows of a placement overlap;
- whoever was visited, at every date of a finer grid in the horizon before the visit.

The coarse dates are part of the finer grid, and a row's `found` counts only the visits before the
next date of that grid. So each visit labels exactly one row and stands beside what was known
shortly before it. A visit to a placement not in the cohort of that date labels nothing.
`found_within` says in addition what a visit anywhere in the horizon saw, and `visit_lag_days` how late
it came: only late visits show the harm that begins after the row's date. `visit_weight` makes the rows
of one visit count once together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.data.schema import Tables, as_of_view
from risk_model.errors import NotEnoughDataError, SpecificationError
from risk_model.placements.cohort import cohort
from risk_model.placements.feature_table import rows_of, without_personal_columns
from risk_model.placements.histories import snapshot
from risk_model.placements.labels import Outcomes, known_outcomes, labels, looks
from risk_model.specification import Specification

Progress = Callable[[int, int, str], object]

MOST_COHORT_ROWS: Final = 300_000
"""Cohort rows of all dates together: what the default grid of candidates learns from in ten minutes on two cores."""

WHOLE_COHORT: Final = "whole_cohort"
ROW_WEIGHT: Final = "row_weight"


@dataclass(frozen=True)
class GridDate:
    """One date at which training looks; `visit_days` is the time to the next, `whole` says if all rows count.

    `closed` says whether the outcome window of its rows has closed; whole cohorts always have.
    """

    as_of: pd.Timestamp
    visit_days: int
    whole: bool
    closed: bool


def training_table(
    tables: Tables,
    specification: Specification,
    as_of: pd.Timestamp,
    *,
    progress: Progress | None = None,
    random_state: int = 0,
    most_cohort_rows: int = MOST_COHORT_ROWS,
) -> pd.DataFrame:
    """Return every row with an outcome known before `as_of`, in order of date and identifier.

    Columns: those of the feature table; then, as the specification names them, what was reported
    (null where its window has not closed) and found, and the probability of the visit; `arm` of that
    visit, `visited` (bool: a visit before the next date), what `labels.looks` says of the first visit
    in the horizon with its `visit_weight`, `whole_cohort` (bool: the row belongs to a complete cohort,
    whose window has closed; reports are learnt from these) and `row_weight` (how many rows of that
    cohort it stands for: above 1 for rows with neither report nor visit where the cohorts have more
    than `most_cohort_rows`). Nothing recorded on or after `as_of` is seen.

    Raises:
        NotEnoughDataError: no window has closed, or no placement was known early enough.
        SpecificationError: the specification has no cohort, or names what is not there.
    """
    known = without_personal_columns(_recorded_before(tables, as_of), specification)
    outcomes = known_outcomes(known, specification, known_before=as_of)
    horizon = pd.Timedelta(days=specification.horizon_days)
    dates = [date for date in grid(specification, as_of) if _has_rows(date, known, outcomes, horizon)]
    room = most_cohort_rows // max(1, sum(date.whole for date in dates))
    parts = []
    for done, date in enumerate(dates, start=1):
        rng = np.random.default_rng([random_state, date.as_of.toordinal()])
        parts.append(_rows_at(date, known, outcomes, specification, room=room, rng=rng))
        if progress is not None:
            progress(done, len(dates), f"{date.as_of:%Y-%m-%d}: {len(parts[-1]):,} rows")
    if not any(len(part) for part in parts):
        raise NotEnoughDataError(_nothing_to_learn(known, specification, as_of))
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return table.assign(visit_weight=_visit_weights(table, specification))


def grid(specification: Specification, as_of: pd.Timestamp) -> Iterator[GridDate]:
    """Yield the dates at which training looks from `as_of`, oldest first."""
    if specification.cohort is None or specification.horizon_days < 1:
        raise SpecificationError(
            f"specification {specification.name}: learning from placements needs a cohort block and a horizon of a "
            "day or more; for a table with an outcome use train --table"
        )
    horizon, step = specification.horizon_days, specification.cohort.step_days
    for back in range(specification.cohort.history_days // horizon, 0, -1):
        for after in range(0, horizon, step):
            start = as_of - pd.Timedelta(days=back * horizon - after)
            closed = back > 1 or after == 0
            yield GridDate(start, min(step, horizon - after), whole=after == 0, closed=closed)


def _recorded_before(tables: Tables, as_of: pd.Timestamp) -> Tables:
    frames = (tables.placements, tables.events, tables.inspections)
    known = (frame[frame["recorded_at"] < as_of].sort_values("recorded_at", kind="stable") for frame in frames)
    return Tables(*known)


def _has_rows(date: GridDate, known: Tables, outcomes: Outcomes, horizon: pd.Timedelta) -> bool:
    if not (known.placements["recorded_at"] < date.as_of).any():
        return False
    visited_at = outcomes.visits["visited_at"]
    return date.whole or bool(((visited_at >= date.as_of) & (visited_at < date.as_of + horizon)).any())


def _rows_at(
    date: GridDate,
    known: Tables,
    outcomes: Outcomes,
    specification: Specification,
    *,
    room: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    view = as_of_view(known, date.as_of)
    members = cohort(view, date.as_of, horizon_days=specification.horizon_days)
    outcome = labels(
        outcomes,
        members["placement_id"],
        as_of=date.as_of,
        horizon_days=specification.horizon_days,
        visit_days=date.visit_days,
    )
    seen = looks(outcomes, members["placement_id"], as_of=date.as_of, horizon_days=specification.horizon_days)
    told = seen["found_within"].notna().to_numpy()
    weight = _weights(outcome, told, room, rng) if date.whole else told.astype(np.float64)
    kept = weight > 0
    table = rows_of(members[kept], snapshot(view, specification, date.as_of), specification)
    labelled = outcome[kept].join(seen[kept])
    labelled[WHOLE_COHORT], labelled[ROW_WEIGHT] = date.whole, weight[kept]
    if not date.closed:
        labelled["reported"] = np.nan
    return pd.concat([table, _named(labelled, specification)], axis=1)


def _visit_weights(table: pd.DataFrame, specification: Specification) -> NDArray[np.float64]:
    """Return one over the rows that stand for the same visit; null where a row stands for none."""
    seen = table[table["found_within"].notna()]
    at = (seen[specification.time] + pd.to_timedelta(seen["visit_lag_days"], unit="D")).dt.round("s")
    visits = pd.DataFrame({"who": seen[specification.identifier], "at": at})
    rows = visits.groupby(["who", "at"]).size()
    weights = np.full(len(table), np.nan)
    weights[table["found_within"].notna()] = 1.0 / rows.reindex(pd.MultiIndex.from_frame(visits)).to_numpy()
    return weights


def _weights(
    outcome: pd.DataFrame, seen: NDArray[np.bool_], room: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """How many rows of the cohort each row stands for; 0 where it is left out."""
    told = seen | (outcome["reported"] == 1).to_numpy()
    silent, places = np.flatnonzero(~told), max(1, room - int(told.sum()))
    weight = np.ones(len(outcome))
    if len(silent) > places:
        weight[silent] = 0.0
        weight[rng.choice(silent, size=places, replace=False)] = len(silent) / places
    return weight


def _named(labelled: pd.DataFrame, specification: Specification) -> pd.DataFrame:
    outcome = specification.outcome
    theirs = {
        "found": outcome.column,
        "reported": outcome.reported,
        "inclusion_probability": outcome.probability,
        WHOLE_COHORT: outcome.reported_where,
        ROW_WEIGHT: outcome.reported_weight,
    }
    return labelled.rename(columns={ours: name for ours, name in theirs.items() if name})


def _nothing_to_learn(known: Tables, specification: Specification, as_of: pd.Timestamp) -> str:
    horizon = specification.horizon_days
    if not len(known.placements):
        return f"no placement was recorded before {as_of:%Y-%m-%d}; choose a later --as-of or ingest more"
    first = known.placements["recorded_at"].min()
    return (
        f"no outcome window of {horizon} days has closed before {as_of:%Y-%m-%d}: the first placement was recorded on "
        f"{first:%Y-%m-%d}, so training is possible from {first + pd.Timedelta(days=horizon + 1):%Y-%m-%d}"
    )
