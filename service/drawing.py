"""How does a priority list come about?

Drawn from the scores of the register, and stored as a draft with arms and probabilities before it is
shown. An office's list holds what the office may act on.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy.exc import IntegrityError

from risk_model.errors import InputError
from risk_model.prioritisation.capacity import MONTHS_PER_YEAR, capacity_of_month, planned_by_month
from risk_model.prioritisation.competence import may_act_on
from risk_model.prioritisation.notices import Notice, for_other_bodies
from risk_model.prioritisation.priority_list import ListRequest, PriorityList, priority_list
from risk_model.prioritisation.sampling import Shares
from risk_model.prioritisation.units import REGISTER_COLUMNS, SCORE_COLUMNS
from risk_model.scoring.coding import not_recorded
from risk_model.scoring.scorer import INSUFFICIENT_DATA
from risk_model.vocabulary import Office
from service.champion import worst_origin
from service.instants import naive_utc
from service.late_scores import score_late
from service.live_scoring import LiveScoring, reasons_as_data
from service.model_change import follow_model
from service.running import Running
from service.score_terms import ScoreTerms, score_terms
from service.storage.audit import Entry
from service.storage.lists import StoredList, find_list, save_list
from service.storage.persons import placements_not_ordered
from service.storage.register import (
    Row,
    cases_to_visit,
    find_placements,
    newest_import,
    placements_at_rest,
    scored_placements,
    visits_of_last_year,
)

KEPT: Final = (
    "rank",
    "unit_id",
    "placement_id",
    "placements",
    "arm",
    "inclusion_probability",
    "band",
    "supported",
    "risk",
    "low",
    "high",
    "stage",
    "competent_bodies",
    "agency_id",
    "employer_ref",
    "destination",
    "sector",
    "position",
    "area",
    "origin",
    "mandatory_because",
    "recorded_at",
)
"""What is kept of each row that `priority_list` gives, beside its reasons and terms."""
REASONS: Final = 3
"""Reasons that a row of a list shows; its own page shows all terms."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for: `office` None stands for the whole register, `capacity` None for what the office planned."""

    capacity: int | None
    office: str | None
    unit: str
    seed: int


class NoDataError(Exception):
    """Nothing was imported yet, so there is nothing to draw from."""


class NoCapacityError(Exception):
    """No number of visits was asked for, and the office has planned none."""


def draw_list(running: Running, wanted: Wanted, *, now: datetime, by: tuple[str, str]) -> StoredList:
    """Draw the list, store it as a draft, and return it as stored.

    The same wish from the same data gives the list that is already there, as it stands. Scores made by
    another model than the one now served, and those that were put off, are made anew first. `by` is who
    asks, and in which role.

    Raises:
        NoDataError: nothing was imported yet.
        NoCapacityError: no capacity was given, and the office planned none.
    """
    newest = newest_import(running.engine)
    if newest is None:
        raise NoDataError
    follow_model(running, now)
    score_late(running, now)
    scoring = running.scoring()
    drawn, dates = _draw(running, wanted, imported=newest.as_of)
    stored = StoredList(
        _head(drawn, scoring, running, origin=newest.data_origin, now=now),
        _with_reasons(drawn.rows, running, scoring, dates=dates),
    )
    told = Entry(now, *by, "list.draw", stored.list_id, {"rows": len(stored.rows), "eligible": drawn.eligible})
    with suppress(IntegrityError):  # the list is there already
        save_list(running.engine, stored, _probabilities(drawn.all_probabilities), told=told, key=running.audit_key)
    return find_list(running.engine, stored.list_id) or stored


def planned_capacity(office: Office | None, as_of: pd.Timestamp) -> int:
    """Return the visits that `office` planned for the month of `as_of`.

    Raises:
        NoCapacityError: the office has stated no plan.
    """
    if office is None or not office.monthly_visits:
        raise NoCapacityError
    try:
        return capacity_of_month(planned_by_month(office.monthly_visits * MONTHS_PER_YEAR, as_of.year), as_of)
    except InputError:
        raise NoCapacityError from None


def _seen(running: Running, office: Office | None) -> pd.DataFrame:
    """Return the scored placements that `office` sees, each with its date (`as_of`); who objected gets no number."""
    read = [name for name in (*SCORE_COLUMNS, *REGISTER_COLUMNS) if name != "reasons"]
    seen = pd.DataFrame(scored_placements(running.engine, office, [*read, "as_of"]), columns=[*read, "as_of"])
    # the frame carries, as the reasons of a row, whose reasons they are: only drawn rows get theirs spelt out
    seen["reasons"] = seen["placement_id"]
    objected = seen["placement_id"].isin(placements_not_ordered(running.engine))
    seen[["risk", "low", "high"]] = seen[["risk", "low", "high"]].astype("float64").mask(objected)
    seen["band"] = seen["band"].mask(objected, INSUFFICIENT_DATA)
    return seen


def _draw(running: Running, wanted: Wanted, *, imported: datetime) -> tuple[PriorityList, dict[str, datetime]]:
    """Return the list, and as of when each placement was scored; the list is as of the newest of them."""
    office = running.offices[wanted.office] if wanted.office else None
    seen = _seen(running, office)
    dates = dict(zip(seen["placement_id"], seen.pop("as_of"), strict=True))
    as_of = pd.Timestamp(max([imported, *dates.values()]))
    scored = seen if office is None else seen[may_act_on(seen, office, wanted.unit)]
    cases = pd.DataFrame(cases_to_visit(running.engine, office))
    for_others = seen[~seen["placement_id"].isin(scored["placement_id"])]["placement_id"]
    grave = cases["placement_id"].isin(for_others) if len(cases) else pd.Series(dtype="bool")
    cases = cases[~grave] if len(cases) else cases
    drawn = priority_list(
        scored,
        ListRequest(
            capacity=planned_capacity(office, as_of) if wanted.capacity is None else wanted.capacity,
            as_of=as_of,
            random_state=wanted.seed,
            office=wanted.office,
            unit=wanted.unit,
            shares=Shares(random=running.settings.random_share, coverage=running.settings.coverage_share),
        ),
        visits=pd.DataFrame(visits_of_last_year(running.engine)),
        mandatory=cases,
        resting=placements_at_rest(running.engine),
        learnt=not running.served.is_published_rule,
        offices=list(running.offices.values()),
    )
    beyond: tuple[Notice, ...] = (for_other_bodies(len(for_others), int(grave.sum())),) if len(for_others) else ()
    return replace(drawn, notices=(*drawn.notices, *beyond)), dates


def _head(drawn: PriorityList, scoring: LiveScoring, running: Running, *, origin: str, now: datetime) -> dict[str, Any]:
    asked = drawn.request
    return {
        "list_id": drawn.list_id,
        "created_at": naive_utc(now),
        "as_of": asked.as_of.to_pydatetime(),
        "office": asked.office,
        "unit": asked.unit,
        "capacity": asked.capacity,
        "seed": asked.random_state,
        "random_share": asked.shares.random,
        "coverage_share": asked.shares.coverage,
        "eligible": drawn.eligible,
        "model_version": scoring.served.version,
        "model_kind": scoring.served.model.kind,
        "data_origin": worst_origin(origin, scoring.served.data_origin),
        "notices": [asdict(notice) for notice in drawn.notices],
        "price": [asdict(price) for price in (*drawn.price, *drawn.minimum_price, *drawn.limit_price)],
    }


def _with_reasons(
    rows: pd.DataFrame, running: Running, scoring: LiveScoring, *, dates: Mapping[str, datetime]
) -> tuple[Row, ...]:
    whose = rows["reasons"].tolist()
    placements = find_placements(running.engine, whose)
    made = {placement: score_terms(scoring, placements[placement], dates[placement]) for placement in whose}
    return tuple(
        {
            **row,
            "reasons": reasons_as_data(made[placement].terms[:REASONS]),
            "terms": _terms(scoring, made[placement]) if row["supported"] else None,
        }
        for placement, row in zip(whose, _records(rows[list(KEPT)]), strict=True)
    )


def _terms(scoring: LiveScoring, made: ScoreTerms) -> dict[str, Any] | None:
    """Return what the score adds up from: log-odds that with the intercept make the number, after `detection`."""
    if not made.score.supported:
        return None
    named = ("feature", "direction", "name_id", "name_en")
    terms = [{**{name: getattr(term, name) for name in named}, "weight": term.contribution} for term in made.terms]
    numbers = {name: getattr(made.score, name) for name in ("risk", "low", "high")}
    model = scoring.served.model
    return {"intercept": model.intercept, "detection": model.detection, **numbers, "terms": terms}


def _probabilities(frame: pd.DataFrame) -> list[Row]:
    names = ("placement_id", "unit_id", "inclusion_probability")
    columns = [frame[name].tolist() for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _records(frame: pd.DataFrame) -> list[Row]:
    return [
        {str(name): None if not_recorded(value) else _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value
