"""What do the visits of lists with known probabilities say of harm in their cohorts?

The libraries for tables stay out of the worker: `service.made_apart` makes these figures beside it.
"""

from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine

from risk_model.prioritisation.disclosure import shown_count
from risk_model.prioritisation.expected_harm import EVERYWHERE, expected_by_corridor
from risk_model.prioritisation.prevalence import (
    ENOUGH_VISITS,
    CorridorPrevalence,
    Interval,
    Share,
    estimate_prevalence,
    stands_for,
    weighted,
)
from service.champion import worst_origin
from service.payloads.prevalence import WHAT, Asked, Corridor, EstimatedNumber, EstimatedShare, Prevalence
from service.storage.logged import Row, drawn_rows, eligible_by_corridor
from service.storage.register import newest_import

TOO_FEW: Final = (
    "Data belum cukup: {found} kunjungan menurut peluang mencapai orang, diperlukan {needed}.",
    "Not enough data: {found} visits drawn by chance reached somebody, {needed} are needed.",
)
ONE_SIDED: Final = (
    "Data belum cukup: kunjungan yang dilakukan tidak mewakili kohort; selesaikan juga baris acak dan cakupan.",
    "Not enough data: the visits made do not stand for the cohort; make those drawn at random and for coverage too.",
)


def prevalence_figures(engine: Engine, asked: Asked, ended: list[Row], detection: float, now: datetime) -> Prevalence:
    """Return the estimate from the lists that `ended`; visits find `detection` of the harm there is."""
    newest = newest_import(engine)  # before the first list is over, what is known is of the register's origin
    ids = [str(row["list_id"]) for row in ended]
    rows, eligible = drawn_rows(engine, ids), eligible_by_corridor(engine, ids)
    reached = weighted(rows, detection=detection)
    by_chance = int((reached["inclusion_probability"] < 1).sum())
    known: dict[str, Any] = {
        "office": asked.office,
        "offices": tuple(dict.fromkeys(row["office"] for row in ended)),
        "made_at": now.astimezone(UTC),
        "data_origin": worst_origin(newest.data_origin if newest else None, *(row["data_origin"] for row in ended)),
        "lists": len(ids),
        "first_list": ended[0]["as_of"].date() if ended else None,
        "last_list": ended[-1]["as_of"].date() if ended else None,
        "months": asked.months,
        "detection": detection,
        "visits_by_chance": by_chance,
        "visits_needed": ENOUGH_VISITS,
    }
    if by_chance < ENOUGH_VISITS:
        return _nothing(known, TOO_FEW, found=by_chance, needed=ENOUGH_VISITS)
    if not stands_for(reached, float(eligible["placements"].sum())):
        return _nothing(known, ONE_SIDED)
    return _estimated(known, rows, eligible, detection)


def _nothing(known: dict[str, Any], texts: tuple[str, str], **values: int) -> Prevalence:
    said = {f"says_{language}": text.format(**values) for language, text in zip(("id", "en"), texts, strict=True)}
    absent = ("effective_visits", "placements", "in_harm", "inspected_only", "harm", "found", "missed")
    figures: dict[str, Any] = dict.fromkeys(absent)
    return Prevalence(status="not_enough_data", corridors=(), corridors_suppressed=0, **said, **known, **figures)


def _estimated(known: dict[str, Any], rows: pd.DataFrame, eligible: pd.DataFrame, detection: float) -> Prevalence:
    rates = expected_by_corridor(rows, detection=detection)
    drawn = rows.assign(expected=_rates(rows, rates))
    totals = eligible.assign(expected=eligible["placements"] * _rates(eligible, rates))
    made = estimate_prevalence(drawn, totals, detection=detection)
    shown = [each for each in made.corridors if each.placements is not None]
    return Prevalence(
        status="estimated",
        says_id=WHAT["says_id"],
        says_en=WHAT["says_en"],
        **known,
        effective_visits=round(made.in_harm.effective_visits),
        placements=_rounded_count(made.placements),
        in_harm=_share(made.in_harm),
        inspected_only=_share(made.inspected_only),
        harm=_number(made.harm, made.harm_intervals),
        found=round(made.found),
        missed=_number(made.missed, made.missed_intervals),
        corridors=tuple(_corridor(each) for each in shown),
        corridors_suppressed=len(made.corridors) - len(shown),
    )


def _rates(frame: pd.DataFrame, rates: pd.DataFrame) -> list[float]:
    """Return what was expected at each row of its list and corridor by what the other lists found."""
    known = rates.to_dict("index")
    return [
        known[list_id].get(corridor, known[list_id][EVERYWHERE])
        for list_id, corridor in zip(frame["list_id"], frame["corridor"], strict=True)
    ]


def _corridor(each: CorridorPrevalence) -> Corridor:
    return Corridor(
        corridor=each.corridor,
        placements=_rounded_count(each.placements) or 0,
        reached=_rounded_count(each.reached),
        in_harm=_share(each.in_harm) if each.in_harm else None,
    )


def _rounded_count(count: float | None) -> int | None:
    shown = shown_count(pd.Series([count], dtype="float64")).iloc[0]
    return None if pd.isna(shown) else int(shown)


def _share(share: Share) -> EstimatedShare:
    ends = {name: round(value, 4) for name, value in _ends(share.intervals).items()}
    return EstimatedShare(estimate=round(share.estimate, 4), **ends)


def _number(estimate: float, intervals: tuple[Interval, ...]) -> EstimatedNumber:
    ends = {name: round(value) for name, value in _ends(intervals).items()}
    return EstimatedNumber(estimate=round(estimate), **ends)


def _ends(intervals: tuple[Interval, ...]) -> dict[str, float]:
    return {f"{end}_{round(100 * each.level)}": getattr(each, end) for each in intervals for end in ("low", "high")}
