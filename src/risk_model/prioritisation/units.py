"""What can be visited, and which placements does each visit stand for?

The unit of risk is the placement. A visit may go to a placement, an agency (P3MI), an employer or an
area; the risk of such a unit is the number of its placements expected to come to harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from risk_model.errors import InputError, TableError, UnknownCodeError, repair_hint
from risk_model.prioritisation.mandatory import REACHED
from risk_model.scoring.scorer import BANDS, INSUFFICIENT_DATA
from risk_model.specification import Bands
from risk_model.vocabulary import Office, contains
from risk_model.vocabulary import offices as shipped_offices

if TYPE_CHECKING:
    import pandas as pd

    from risk_model.data.schema import Tables

UNITS: Final = ("placement", "agency", "employer", "area")
UNIT_COLUMNS: Final = {"placement": "placement_id", "agency": "agency_id", "employer": "employer_ref", "area": "area"}
CELL_COLUMNS: Final = {"placement": "corridor", "agency": "agency_id", "employer": "corridor", "area": "area"}
"""What a visit teaches about. Agencies and areas recur, so each is its own cell; employers rarely do."""

KABUPATEN_LENGTH: Final = 5
"""Characters of a kabupaten/kota code such as 53.11."""

CORRIDOR_SEPARATOR: Final = "-"
RECENT_VISIT_DAYS: Final = 365
"""How long a visit counts as knowledge of its cell: one year."""

SCORE_COLUMNS: Final = ("placement_id", "stage", "risk", "low", "high", "band", "supported", "reasons", "model_version")
REGISTER_COLUMNS: Final = (
    "origin",
    "service_office",
    "destination",
    "sector",
    "position",
    "employer_type",
    "agency_id",
    "employer_ref",
    "recorded_at",
    "data_origin",
)
REQUIRED: Final = ("placement_id", "stage", "risk", "band", "origin", "destination", "sector")
FACTS: Final = ("stage", "origin", "area", "destination", "sector", "corridor", "position", "agency_id", "employer_ref")
"""What is shown of a unit where all its placements agree on it, and left empty where they differ."""


def eligible_placements(scores: pd.DataFrame, placements: pd.DataFrame) -> pd.DataFrame:
    """Return `scores` (one row per placement of the cohort) with what a list shows of each from the register.

    Args:
        scores: columns `placement_id`, `stage`, `risk` (NaN without support), `low`, `high`, `band`,
            `supported`, `reasons`, `model_version`, as far as there are.
        placements: the placements of an as-of view.
    """
    kept = scores[[name for name in SCORE_COLUMNS if name in scores]]
    return kept.merge(placements[["placement_id", *REGISTER_COLUMNS]], on="placement_id", how="left", validate="1:1")


def checked(scored: pd.DataFrame) -> pd.DataFrame:
    """Return `scored` with every column a list needs, `area` and `corridor` included.

    Raises:
        TableError: when a required column is missing, or a placement occurs twice.
    """
    missing = [name for name in REQUIRED if name not in scored]
    if missing:
        raise TableError(
            f"the scored table lacks {', '.join(missing)} ({repair_hint(missing[0], map(str, scored.columns))}); "
            "join scores and placements with eligible_placements"
        )
    repeated = scored["placement_id"].duplicated()
    if repeated.any():
        raise TableError(f"placement {scored.loc[repeated, 'placement_id'].iloc[0]!r} is scored twice; keep one row")
    absent = {name: None for name in (*SCORE_COLUMNS, *REGISTER_COLUMNS) if name not in scored}
    frame = scored.assign(**absent)
    frame["risk"] = frame["risk"].astype("float64")
    frame["supported"] = frame["risk"].notna()
    frame["area"] = kabupaten_of(frame["origin"])
    frame["corridor"] = corridor(frame)
    return frame


def corridor(frame: pd.DataFrame) -> pd.Series:
    """Return destination and sector as one text, such as MYS-domestic; null where either is."""
    return frame["destination"].astype("str") + CORRIDOR_SEPARATOR + frame["sector"].astype("str")


def kabupaten_of(areas: pd.Series) -> pd.Series:
    """Return the kabupaten/kota of each area code, or the province where no more is known."""
    return areas.astype("str").str[:KABUPATEN_LENGTH]


def find_office(code: str, offices: Sequence[Office] | None = None) -> Office:
    """Return the office with this code.

    Raises:
        UnknownCodeError: naming the nearest office there is.
    """
    known = {office.code: office for office in (shipped_offices() if offices is None else offices)}
    if code not in known:
        raise UnknownCodeError(code, column="office", known=known)
    return known[code]


def visible_to(frame: pd.DataFrame, office: Office) -> NDArray[np.bool_]:
    """Say for each placement whether `office` sees it.

    It does where its areas contain the origin, where it processed the placement, or where, as a
    mission, it serves the destination.
    """
    origins = frame["origin"].dropna().unique()
    inside = [origin for origin in origins if any(contains(area, origin) for area in office.areas)]
    seen = frame["origin"].isin(inside) | (frame["service_office"] == office.code)
    return np.asarray(seen | frame["destination"].isin(list(office.destinations)), dtype=np.bool_)


def roll_up(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return one row per unit: `unit_id`, `risk`, `placements`, `cell`, `band`, and what is shown of it.

    The risk of a unit other than a placement is the sum over its placements: the number expected to
    come to harm. Its band says where that number stands among all units, with the shares that bands
    have among placements; its reasons are those of its highest score. Placements without such a
    unit are left out.

    Raises:
        InputError: when `unit` is none of `UNITS`.
    """
    if unit not in UNITS:
        raise InputError(f"unit is {unit!r}; {repair_hint(unit, UNITS)}")
    named = frame.assign(unit_id=frame[UNIT_COLUMNS[unit]].astype("str"), placements=1)
    if unit == "placement":
        return named.assign(cell=named["corridor"])
    named = named[frame[UNIT_COLUMNS[unit]].notna()].sort_values(["risk", "placement_id"], ascending=[False, True])
    by_unit = named.groupby("unit_id", sort=True)
    rows = named.drop_duplicates("unit_id").set_index("unit_id").sort_index()
    agreed = {name: rows[name].where(by_unit[name].nunique(dropna=False) == 1) for name in FACTS}
    risk = by_unit["risk"].sum(min_count=1)
    shown = rows.assign(
        **agreed,
        placement_id=None,
        low=np.nan,
        high=np.nan,
        risk=risk,
        supported=risk.notna(),
        placements=by_unit.size(),
    )
    shown["band"] = _bands(risk)
    shown["cell"] = _usual(named, "corridor") if CELL_COLUMNS[unit] == "corridor" else shown.index.to_series()
    return shown.reset_index()


def recent_visits(view: Tables, as_of: pd.Timestamp, *, days: int = RECENT_VISIT_DAYS) -> pd.DataFrame:
    """Return the visits of the `days` before `as_of` that reached somebody, with what they teach about.

    One row per visit: `placement_id`, `corridor`, `agency_id`, `employer_ref`, `area`, each null where
    neither the visit nor its placement names one.
    """
    import pandas as pd

    inspections = view.inspections
    seen = inspections[
        inspections["outcome"].isin(REACHED) & (inspections["visited_at"] >= as_of - timedelta(days=days))
    ]
    facts = view.placements[["placement_id", "destination", "sector", "agency_id", "employer_ref", "origin"]]
    joined = seen[["placement_id", "agency_id", "area"]].merge(
        facts, on="placement_id", how="left", suffixes=("", "_of_placement")
    )
    return pd.DataFrame(
        {
            "placement_id": joined["placement_id"],
            "corridor": corridor(joined),
            "agency_id": joined["agency_id"].fillna(joined["agency_id_of_placement"]),
            "employer_ref": joined["employer_ref"],
            "area": kabupaten_of(joined["area"].fillna(joined["origin"])),
        }
    )


def visits_per_cell(units: pd.DataFrame, visits: pd.DataFrame | None, unit: str) -> NDArray[np.float64]:
    """Return how many of `visits` the cell of each unit had; 0 where none is known."""
    if visits is None or visits.empty:
        return np.zeros(len(units))
    counts = visits[CELL_COLUMNS[unit]].value_counts()
    return np.asarray(units["cell"].map(counts).fillna(0), dtype=np.float64)


def _usual(named: pd.DataFrame, column: str) -> pd.Series:
    """Return the most frequent value of `column` per unit; of several, the first in the alphabet."""
    counts = named.groupby(["unit_id", column]).size().rename("n").reset_index()
    ordered = counts.sort_values(["unit_id", "n", column], ascending=[True, False, True])
    return ordered.drop_duplicates("unit_id").set_index("unit_id")[column]


def _bands(risk: pd.Series) -> pd.Series:
    import pandas as pd

    shares = Bands()
    standing = risk.rank(ascending=False, method="min") / max(1, int(risk.notna().sum()))
    limits = [standing <= shares.very_high, standing <= shares.high, standing <= shares.medium]
    named = np.select([risk.isna(), *limits], [INSUFFICIENT_DATA, *BANDS[:-1]], default=BANDS[-1])
    return pd.Series(named, index=risk.index, dtype="str")
