"""How does a priority list come about?

Drawn from the scores of the register, and stored with arms and probabilities before it is shown.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy.exc import IntegrityError

from risk_model.prioritisation.priority_list import ListRequest, PriorityList, priority_list
from risk_model.prioritisation.sampling import Shares
from risk_model.prioritisation.units import REGISTER_COLUMNS, SCORE_COLUMNS
from risk_model.scoring.coding import not_recorded
from service.champion import worst_origin
from service.live_scoring import LiveScoring, reasons_as_data
from service.running import Running
from service.storage.lists import StoredList, find_list, save_list
from service.storage.register import (
    Row,
    all_placements,
    cases_to_visit,
    find_placements,
    newest_import,
    placements_at_rest,
    replace_scores,
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
"""What is kept of each row that `priority_list` gives, beside its reasons."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for: `office` None stands for the whole register."""

    capacity: int
    office: str | None
    unit: str
    seed: int


class NoDataError(Exception):
    """Nothing was imported yet, so there is nothing to draw from."""


def draw_list(running: Running, wanted: Wanted, *, now: datetime) -> StoredList:
    """Draw the list, store it, and return it as stored.

    The same wish from the same data gives the list that is already there. Scores made by another
    model than the one now served are made anew first.

    Raises:
        NoDataError: nothing was imported yet.
    """
    newest = newest_import(running.engine)
    if newest is None:
        raise NoDataError
    scoring = running.scoring()
    if newest.model_version != scoring.served.version:
        scored = scoring.score_all(all_placements(running.engine), newest.as_of)
        replace_scores(running.engine, scored, scoring.served.version)
    drawn = _draw(running, wanted, as_of=newest.as_of)
    stored = StoredList(
        _head(drawn, scoring, running, origin=newest.data_origin, now=now),
        _with_reasons(drawn.rows, running, scoring, as_of=newest.as_of),
    )
    try:
        save_list(running.engine, stored, _probabilities(drawn.all_probabilities))
    except IntegrityError:
        return find_list(running.engine, stored.list_id) or stored
    return stored


def _draw(running: Running, wanted: Wanted, *, as_of: datetime) -> PriorityList:
    office = running.offices[wanted.office] if wanted.office else None
    read = [name for name in (*SCORE_COLUMNS, *REGISTER_COLUMNS) if name != "reasons"]
    scored = pd.DataFrame(scored_placements(running.engine, office, read), columns=read)
    # the frame carries, as the reasons of a row, whose reasons they are: only drawn rows get theirs spelt out
    scored["reasons"] = scored["placement_id"]
    return priority_list(
        scored,
        ListRequest(
            capacity=wanted.capacity,
            as_of=pd.Timestamp(as_of),
            random_state=wanted.seed,
            office=wanted.office,
            unit=wanted.unit,
            shares=Shares(random=running.settings.random_share, coverage=running.settings.coverage_share),
        ),
        visits=pd.DataFrame(visits_of_last_year(running.engine)),
        mandatory=pd.DataFrame(cases_to_visit(running.engine, office)),
        resting=placements_at_rest(running.engine),
        learnt=not running.served.is_published_rule,
        offices=list(running.offices.values()),
    )


def _head(drawn: PriorityList, scoring: LiveScoring, running: Running, *, origin: str, now: datetime) -> dict[str, Any]:
    asked = drawn.request
    return {
        "list_id": drawn.list_id,
        "created_at": now.astimezone(UTC).replace(tzinfo=None),
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


def _with_reasons(rows: pd.DataFrame, running: Running, scoring: LiveScoring, *, as_of: datetime) -> tuple[Row, ...]:
    whose = rows["reasons"].tolist()
    placements = find_placements(running.engine, whose)
    return tuple(
        {**row, "reasons": reasons_as_data(scoring.score(placements[placement], as_of).reasons)}
        for placement, row in zip(whose, _records(rows[list(KEPT)]), strict=True)
    )


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
