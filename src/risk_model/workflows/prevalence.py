"""How much harm did the lists of a data set find, and how much did they miss?"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from risk_model.data import schema
from risk_model.data.database import address_of, read_data, read_frames
from risk_model.data.schema import Tables
from risk_model.errors import NotEnoughDataError
from risk_model.placements.cohort import cohort
from risk_model.placements.feature_table import feature_table
from risk_model.prioritisation import expected_harm
from risk_model.prioritisation.logged_lists import check_cohort, logged_visits
from risk_model.prioritisation.prevalence import Interval, Prevalence, Share, estimate_prevalence, random_alone
from risk_model.prioritisation.units import corridor, find_office, visible_to
from risk_model.scoring.scorer import CompiledModel, score_columns
from risk_model.specification import Specification, read_specification
from risk_model.workflows.scoring import load_model

Progress = Callable[[int, int, str], None]

WHAT: Final = "mean share of the cohorts in harm at the time of a visit; not harm within the horizon"
NOT_KNOWN: Final = "harm that a visit cannot see, and workers without a placement record"
NO_FRAMES: Final = pd.DataFrame({"list_id": [], "office": [], "placement_id": []}, dtype=object)
MODEL_NOTE: Final = "scores of a model that learned from these visits make the interval a little too narrow"


def prevalence(
    data: Path,
    *,
    as_of: pd.Timestamp | None,
    reference: str | None,
    months: int,
    office: str | None,
    specification_file: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Estimate harm in the cohort, found and missed, from the lists of the last `months` months.

    Expected harm comes from the model `reference`, or without one from the corridors.

    Raises:
        NotEnoughDataError: when no list with known probabilities closed in these months.
    """
    specification = read_specification(specification_file)
    tables = read_data(data)
    when = schema.day_after_last_record(tables) if as_of is None else as_of
    rows = logged_visits(tables.inspections, when, months=months)
    model = None if reference is None else load_model(reference, specification_file)
    address = address_of(data)
    frames = NO_FRAMES if address is None else read_frames(address)
    if office is not None:  # what another office drew says nothing of what this one could have drawn
        rows = rows[~rows["list_id"].isin(frames.loc[frames["office"] != office, "list_id"])]
    _require_lists(rows, office)
    known = _Known(tables, specification, frames, office)
    eligible = _eligible(known, rows, None if model is None else model[0], progress)
    rows = rows.merge(eligible[["list_id", "placement_id", "corridor", "risk"]], on=["list_id", "placement_id"])
    check_cohort(rows, len(eligible))
    detection = specification.outcome.detection
    rows, totals = _expected(rows, eligible, detection=detection)
    made = estimate_prevalence(rows, totals, detection=detection)
    return {
        "data_origin": tables.placements["data_origin"].iloc[0],
        "as_of": f"{when:%Y-%m-%d}",
        "lists": made.lists,
        "first_list": f"{rows['list_date'].min():%Y-%m-%d}",
        "last_list": f"{rows['list_date'].max():%Y-%m-%d}",
        "expected_from": "corridors" if model is None else model[1],
        "detection": detection,
        "estimated": WHAT,
        "not_counted": NOT_KNOWN,
        "notes": _notes(made, months, with_model=model is not None),
        **_figures(made, random_alone(rows)),
    }


@dataclass(frozen=True)
class _Known:
    """What tells from whom a list was drawn: a service's own record (`frames`), else the cohort that `office` sees."""

    tables: Tables
    specification: Specification
    frames: pd.DataFrame
    office: str | None

    def members(self, list_id: str, date: pd.Timestamp) -> pd.DataFrame:
        """Return the placements that a list of `date` could have drawn."""
        frame = self.frames.loc[self.frames["list_id"] == list_id, "placement_id"]
        if len(frame):
            told = self.tables.placements.drop_duplicates("placement_id", keep="last")
            return told[told["placement_id"].isin(frame)]
        members = cohort(schema.as_of_view(self.tables, date), date, horizon_days=self.specification.horizon_days)
        return members if self.office is None else members[visible_to(members, find_office(self.office))]


def _require_lists(rows: pd.DataFrame, office: str | None) -> None:
    if rows.empty:
        raise NotEnoughDataError(f"no list that {office} drew with logged probabilities led to a visit in these months")


def _eligible(known: _Known, rows: pd.DataFrame, model: CompiledModel | None, progress: Progress) -> pd.DataFrame:
    """Return whom each list could have drawn: list_id, placement_id, corridor, risk (null without a model or score)."""
    dates = rows.drop_duplicates("list_id").set_index("list_id")["list_date"]
    made = []
    for number, (list_id, date) in enumerate(dates.items()):
        progress(number, len(dates), f"cohort of {date:%Y-%m-%d}")
        members = known.members(str(list_id), date)
        risk = pd.Series(float("nan"), index=members.index)
        if model is not None:
            inputs = feature_table(known.tables, known.specification, date)
            risk = members["placement_id"].map(
                pd.Series(score_columns(model, inputs).risk, index=inputs["placement_id"])
            )
        made.append(members[["placement_id"]].assign(list_id=str(list_id), corridor=corridor(members), risk=risk))
    progress(len(dates), len(dates), "estimating")
    return pd.concat(made, ignore_index=True)


def _expected(rows: pd.DataFrame, eligible: pd.DataFrame, *, detection: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the drawn rows with `expected`, and the totals of each list by corridor."""
    by_corridor = expected_harm.expected_by_corridor(rows, detection=detection)
    factors = expected_harm.calibration(rows, detection=detection)
    parts = []
    for list_id in by_corridor.index:
        members = eligible[eligible["list_id"] == list_id]
        usual = expected_harm.expected_of(members["corridor"], by_corridor.T[list_id])
        parts.append(members.assign(expected=expected_harm.calibrated(members["risk"], usual, factors[list_id])))
    whole = pd.concat(parts, ignore_index=True)
    totals = whole.groupby(["list_id", "corridor"], as_index=False).agg(
        placements=("placement_id", "size"), expected=("expected", "sum")
    )
    drawn = rows.merge(whole[["list_id", "placement_id", "expected"]], on=["list_id", "placement_id"])
    return drawn, totals


def _notes(made: Prevalence, months: int, *, with_model: bool) -> list[dict[str, str]]:
    notes = [f"{made.lists} closed lists are there, fewer than the {months} months asked for"]
    shown = notes if made.lists < months else []
    return [{"note": note} for note in (*shown, *([MODEL_NOTE] if with_model else []))]


def _figures(made: Prevalence, alone: Share | None) -> dict[str, Any]:
    return {
        "placements_per_list": round(made.placements),
        "visits_that_reached": made.reached,
        "effective_visits": round(made.in_harm.effective_visits),
        "share_of_the_cohort": [
            _share("in harm", made.in_harm),
            _share("inspected only", made.inspected_only),
            *([] if alone is None else [_share("half a year of random visits alone", alone)]),
        ],
        "placements_per_list_in_harm": [
            _count("in harm", made.harm, made.harm_intervals),
            _count("missed", made.missed, made.missed_intervals),
        ],
        "placements_per_list_found": round(made.found, 1),
        "share_in_harm_by_corridor": [
            {
                "corridor": each.corridor,
                "cohort": round(each.placements or 0),
                "reached": each.reached,
                "estimate": _rounded(each.in_harm.estimate),
                **_ends(each.in_harm.intervals),
            }
            for each in made.corridors
            if each.in_harm is not None
        ],
        "corridors_without_enough_data": [
            {"corridor": each.corridor, "cohort": round(each.placements), "reached": each.reached, "says": each.note}
            for each in made.corridors
            if each.in_harm is None and each.placements is not None
        ],
        "corridors_suppressed": sum(each.placements is None for each in made.corridors),
    }


def _share(what: str, share: Share) -> dict[str, Any]:
    return {"what": what, "estimate": _rounded(share.estimate), **_ends(share.intervals)}


def _count(what: str, estimate: float, intervals: tuple[Interval, ...]) -> dict[str, Any]:
    ends = {name: round(value) for name, value in _ends(intervals).items()}
    return {"what": what, "estimate": round(estimate), **ends}


def _ends(intervals: tuple[Interval, ...]) -> dict[str, float]:
    return {
        f"{end}_{round(100 * interval.level)}": _rounded(getattr(interval, end))
        for interval in intervals
        for end in ("low", "high")
    }


def _rounded(share: float) -> float:
    return round(share, 4)
