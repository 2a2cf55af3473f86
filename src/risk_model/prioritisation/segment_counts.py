"""Which placements, visits and reports belong to which segment?

A visit or report belongs to the segment of its placement as now known. Cells too small to show are folded
before anything is counted, so every later figure is about at least ten placements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables, as_of_view
from risk_model.errors import InputError, repair_hint
from risk_model.placements.cohort import cohort, stages
from risk_model.prioritisation.disclosure import folded
from risk_model.prioritisation.mandatory import REACHED
from risk_model.prioritisation.segment_names import GROUPABLE, NOT_RECORDED, NOT_VERIFIED
from risk_model.prioritisation.units import corridor

LISTS: Final = "lists"
USUAL: Final = "usual"
"""Visits drawn with a known probability, and visits chosen by officers."""
CELL: Final = "in_"
"""Before the name of a column that holds the segment, folded, and not the fact as recorded."""
DEFERRED: Final = "deferred"
WINDOW_DAYS: Final = 365
COHORT_DAYS: Final = 180
"""How long after the return a placement is still counted: the horizon of the specification that ships."""


@dataclass(frozen=True)
class Counted:
    """What was known at a date; every row carries its segment in the columns `cells`, one per column of `by`.

    `placements`: the cohort now, with destination, sector and employer_type as recorded. `before`: the cohort a
    year earlier. `visits` of the last two years: kind (lists or usual), chosen (mandatory, risk, drawn or usual),
    employer_type, at_stage, corridor, month, reached (bool), found (1, 0; null where not reached), weight (one over the
    known probability, else 1), recent (bool: in the last year). `reports`: complaints of two years, recent.
    """

    by: tuple[str, ...]
    placements: pd.DataFrame
    before: pd.DataFrame
    visits: pd.DataFrame
    reports: pd.DataFrame

    @property
    def cells(self) -> list[str]:
        """The names of the segment's columns."""
        return [CELL + name for name in self.by]

    @property
    def segments(self) -> pd.DataFrame:
        """The segments that hold a placement, in order of their names."""
        return self.placements[self.cells].drop_duplicates().sort_values(self.cells, ignore_index=True)

    @property
    def lists(self) -> int:
        """In how many months of the last year visits were drawn with known probabilities."""
        drawn = self.visits[(self.visits["kind"] == LISTS) & self.visits["recent"]]
        return int(drawn["month"].nunique())

    def per_segment(self, rows: pd.DataFrame) -> pd.Series:
        """Return how many of `rows` each segment has, in the order of `segments`."""
        told = rows.groupby(self.cells).size().rename("told").reset_index()
        return self.segments.merge(told, on=self.cells, how="left")["told"].fillna(0.0).astype(float)

    def share(self, flags: pd.Series) -> pd.Series:
        """Return the share of each segment's placements with a flag (bool, indexed like `placements`)."""
        return self.per_segment(self.placements[flags]) / self.per_segment(self.placements)


def count(tables: Tables, as_of: pd.Timestamp, by: Sequence[str]) -> Counted:
    """Return the rows of each segment as of `as_of`.

    Raises:
        InputError: no column, one twice, or one that placements may not be grouped by.
    """
    by = _checked(tuple(by))
    view = as_of_view(tables, as_of)
    now, earlier = cohort(view, as_of, horizon_days=COHORT_DAYS), as_of - pd.Timedelta(days=WINDOW_DAYS)
    before = cohort(as_of_view(tables, earlier), earlier, horizon_days=COHORT_DAYS)
    place = _places(view.placements.assign(stage=stages(view.placements, as_of)), now, by)
    kept = ["placement_id", "destination", "sector", "employer_type"]
    return Counted(
        by,
        *(
            rows.merge(place, on="placement_id", how="inner")
            for rows in (now[kept], before[["placement_id"]], _visits(view, as_of), _reports(view, as_of))
        ),
    )


def _checked(by: tuple[str, ...]) -> tuple[str, ...]:
    allowed = ", ".join(GROUPABLE)
    if not by or len(set(by)) < len(by):
        raise InputError(f"segments by {', '.join(by) or 'nothing'}; name one or more different columns of: {allowed}")
    for name in by:
        if name not in GROUPABLE:
            raise InputError(f"placements are not grouped by {name!r}; {repair_hint(name, GROUPABLE)}")
    return by


def _places(known: pd.DataFrame, now: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Return the cell of every known placement; those in a cell that could not be folded are left out."""
    cells = pd.DataFrame({name: _texts(known, name) for name in by}).assign(
        placement_id=known["placement_id"], member=known["placement_id"].isin(now["placement_id"])
    )
    target = folded(cells.groupby(list(by))["member"].sum())
    renamed = target.rename(columns={name: CELL + name for name in by}).reset_index()
    return cells.merge(renamed, on=list(by), how="inner")[["placement_id", *(CELL + name for name in by)]]


def _texts(placements: pd.DataFrame, name: str) -> pd.Series:
    text = placements[name].astype("object").where(placements[name].notna(), NOT_RECORDED).astype("str")
    if name != "certification_level":
        return text
    declared = placements[name].fillna(0) > 0
    return text.mask(declared & ~(placements["certification_verified"].eq(True).fillna(False)), NOT_VERIFIED)


def _visits(view: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    seen = view.inspections[
        view.inspections["placement_id"].notna()
        & (view.inspections["visited_at"] >= as_of - pd.Timedelta(days=2 * WINDOW_DAYS))
        & (view.inspections["outcome"] != DEFERRED)
    ]
    facts = view.placements[["placement_id", "destination", "sector", "employer_type", "departed_on", "returned_on"]]
    joined = seen[["placement_id", "visited_at", "arm", "inclusion_probability", "outcome"]].merge(
        facts, on="placement_id", how="inner"
    )
    drawn = joined["inclusion_probability"].notna()
    reached, by_chance = joined["outcome"].isin(REACHED), joined["arm"].isin(["coverage", "random"])
    returned, departed = (joined[name] < joined["visited_at"] for name in ("returned_on", "departed_on"))
    return pd.DataFrame(
        {
            "placement_id": joined["placement_id"],
            "corridor": corridor(joined),
            "employer_type": joined["employer_type"],
            "kind": np.where(drawn, LISTS, USUAL),
            "chosen": np.where(~drawn, USUAL, joined["arm"].mask(by_chance, "drawn")),
            "at_stage": np.where(returned, "after", np.where(departed, "during", "before")),
            "month": joined["visited_at"].dt.to_period("M").astype("str"),
            "reached": reached,
            "found": np.where(reached, joined["outcome"].eq("harm_found").astype(float), np.nan),
            "weight": (1 / joined["inclusion_probability"]).fillna(1.0),
            "recent": joined["visited_at"] >= as_of - pd.Timedelta(days=WINDOW_DAYS),
        }
    )


def _reports(view: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    told = view.events[
        (view.events["type"] == "complaint")
        & view.events["placement_id"].notna()
        & (view.events["recorded_at"] >= as_of - pd.Timedelta(days=2 * WINDOW_DAYS))
    ]
    recent = told["recorded_at"] >= as_of - pd.Timedelta(days=WINDOW_DAYS)
    return pd.DataFrame({"placement_id": told["placement_id"], "recent": recent}).reset_index(drop=True)
