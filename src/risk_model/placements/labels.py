"""What became known of a placement in the time after a date?

Reported harm, found harm and no information are three things: of a placement nobody visited it is
not known that there is no harm.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables
from risk_model.errors import SpecificationError
from risk_model.placements.fact_rows import matching
from risk_model.placements.facts import check_facts
from risk_model.specification import Specification

CONCLUSIVE: Final = {"harm_found": 1.0, "no_harm_found": 0.0}
"""What a visit that took place found; not reached and deferred say nothing about harm."""


@dataclass(frozen=True)
class Outcomes:
    """Everything that labels placements and was known at a date.

    `reports` has placement_id and recorded_at. `visits` has placement_id, visited_at, found (1 or 0),
    inclusion_probability, arm and after_complaint (whether a complaint about it was recorded in the
    horizon before); visits drawn with a known probability come first, the earliest first.
    """

    reports: pd.DataFrame
    visits: pd.DataFrame


def known_outcomes(tables: Tables, specification: Specification, *, known_before: pd.Timestamp) -> Outcomes:
    """Return what was recorded before `known_before` about a named placement.

    Raises:
        SpecificationError: the specification does not say what counts as reported.
    """
    if specification.cohort is None or not specification.cohort.reported:
        raise SpecificationError("cohort.reported: say which events count as harm reported, or no row has a label")
    check_facts(specification)
    sources = {"placements": tables.placements, "events": tables.events, "inspections": tables.inspections}
    found = [sources[rows.table][matching(sources[rows.table], rows.where)] for rows in specification.cohort.reported]
    reports = pd.concat([rows[["placement_id", "recorded_at"]] for rows in found], ignore_index=True)
    visits = _conclusive(tables.inspections[tables.inspections["recorded_at"] < known_before])
    complaints = tables.events[(tables.events["type"] == "complaint") & tables.events["placement_id"].notna()]
    within = pd.Timedelta(days=specification.horizon_days)
    return Outcomes(
        reports[(reports["recorded_at"] < known_before) & reports["placement_id"].notna()],
        visits.assign(after_complaint=_follows(visits, complaints, within)),
    )


def labels(
    outcomes: Outcomes,
    placement_ids: pd.Series,
    *,
    as_of: pd.Timestamp,
    horizon_days: int,
    visit_days: int | None = None,
) -> pd.DataFrame:
    """Return reported, found, inclusion_probability, arm and visited, indexed like `placement_ids`.

    reported: 1 where harm was recorded in [as_of, as_of + horizon), else 0.
    found: 1 where a visit in [as_of, as_of + `visit_days`) found harm, 0 where such visits found
    none, null where there was none. Probability and arm are those of the first such visit drawn with
    a known probability; where none was, the probability is null and the arm that of the first visit.

    Args:
        outcomes: what is known; a later report or visit labels nothing.
        placement_ids: each once.
        as_of: start of both windows.
        horizon_days: length of the window for reports.
        visit_days: length of the window for visits; default: the horizon.
    """
    reports, visits = outcomes.reports, outcomes.visits
    reported = reports.loc[_within(reports["recorded_at"], as_of, horizon_days), "placement_id"]
    visits = visits[_within(visits["visited_at"], as_of, horizon_days if visit_days is None else visit_days)]
    drawn = visits.drop_duplicates("placement_id").set_index("placement_id").reindex(placement_ids)
    found = visits.groupby("placement_id")["found"].max().reindex(placement_ids).to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "reported": placement_ids.isin(reported).astype("int64"),
            "found": found,
            "inclusion_probability": drawn["inclusion_probability"].to_numpy(),
            "arm": pd.Series(drawn["arm"].array, index=placement_ids.index, dtype="str"),
            "visited": ~np.isnan(found),
        },
        index=placement_ids.index,
    )


def looks(outcomes: Outcomes, placement_ids: pd.Series, *, as_of: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    """Return what the first visit in [as_of, as_of + horizon) saw, and how it came about, indexed like `placement_ids`.

    found_within: 1 harm found, 0 none found, null where nobody came. visit_lag_days: days from
    `as_of` to the visit. outside_list: no list with known probabilities led to it. after_complaint:
    a complaint about the placement had been recorded in the horizon before the visit. All null
    where nobody came.

    Args:
        outcomes: what is known.
        placement_ids: each once.
        as_of: start of the window.
        horizon_days: its length.
    """
    visits = outcomes.visits[_within(outcomes.visits["visited_at"], as_of, horizon_days)]
    first = visits.sort_values("visited_at", kind="stable").drop_duplicates("placement_id").set_index("placement_id")
    seen = first.reindex(placement_ids)
    lag = (seen["visited_at"] - as_of) / pd.Timedelta(days=1)
    nobody = seen["found"].isna().to_numpy()
    flags = {
        "outside_list": seen["inclusion_probability"].isna().to_numpy(),
        "after_complaint": seen["after_complaint"].to_numpy() == True,  # noqa: E712  null is not true
    }
    return pd.DataFrame(
        {
            "found_within": seen["found"].to_numpy(dtype=np.float64),
            "visit_lag_days": lag.to_numpy(dtype=np.float64),
            **{name: np.where(nobody, np.nan, flag.astype(np.float64)) for name, flag in flags.items()},
        },
        index=placement_ids.index,
    )


def _follows(visits: pd.DataFrame, complaints: pd.DataFrame, within: pd.Timedelta) -> pd.Series:
    """Say for each visit whether a complaint about its placement was recorded in the time `within` before it."""
    asked = visits[["placement_id", "visited_at"]].reset_index().sort_values("visited_at", kind="stable")
    told = complaints[["placement_id", "recorded_at"]].sort_values("recorded_at", kind="stable")
    joined = pd.merge_asof(
        asked,
        told,
        left_on="visited_at",
        right_on="recorded_at",
        by="placement_id",
        tolerance=within,
        allow_exact_matches=False,
    )
    return joined.set_index("index")["recorded_at"].notna().reindex(visits.index)


def _conclusive(visits: pd.DataFrame) -> pd.DataFrame:
    named = visits[visits["placement_id"].notna() & visits["outcome"].isin(list(CONCLUSIVE))]
    ordered = named.assign(
        found=named["outcome"].map(CONCLUSIVE).astype("float64"), undrawn=named["inclusion_probability"].isna()
    ).sort_values(["undrawn", "visited_at", "recorded_at", "inspection_id"], ignore_index=True)
    return ordered[["placement_id", "visited_at", "found", "inclusion_probability", "arm"]]


def _within(dates: pd.Series, start: pd.Timestamp, days: int) -> pd.Series:
    return (dates >= start) & (dates < start + pd.Timedelta(days=days))
