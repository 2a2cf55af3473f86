"""On which placements may an office act, at the stage at which they are?

Seeing a placement is not enough: a worker abroad is for the mission there, also where an office at
home processed the placement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from risk_model import vocabulary
from risk_model.prioritisation.units import UNIT_COLUMNS, kabupaten_of
from risk_model.vocabulary import LIST_SEPARATOR, Office, competent_bodies

if TYPE_CHECKING:
    import pandas as pd

SUPERVISING: Final = ("province", "ministry")
"""Kinds of office that supervise at every stage (PP 59/2021 Art 90-92)."""
MISSION: Final = "mission"


def is_competent(office: Office, stage: str, destination: str) -> bool:
    """Return whether `office` is one of the bodies that may act on a placement at `stage`.

    A mission acts in its own destinations alone.

    >>> hong_kong = next(office for office in vocabulary.offices() if office.code == "KJRI-HONG-KONG")
    >>> is_competent(hong_kong, "during", "HKG"), is_competent(hong_kong, "during", "MYS")
    (True, False)
    """
    if office.kind in SUPERVISING:
        return True
    if office.kind == MISSION and destination not in office.destinations:
        return False
    bodies = vocabulary.table("bodies")
    acting = (bodies[body].extra["office_kinds"] for body in competent_bodies(stage, destination))
    return any(office.kind in kinds.split(LIST_SEPARATOR) for kinds in acting)


def may_act_on(scored: pd.DataFrame, office: Office, unit: str) -> NDArray[np.bool_]:
    """Say for each placement whether `office` may act on the unit it is visited with.

    On a unit of several placements (an agency, an employer, an area) it may act where it may act on
    one of them: an agency answers for its placements at every stage.

    Args:
        scored: columns `stage`, `destination` and that of the unit (`area` is read from `origin`).
        office: the office whose list it is.
        unit: placement, agency, employer or area.
    """
    pairs = scored[["stage", "destination"]].drop_duplicates()
    able = {pair: is_competent(office, *pair) for pair in pairs.itertuples(index=False, name=None)}
    own = np.array([able[pair] for pair in zip(scored["stage"], scored["destination"], strict=True)], dtype=np.bool_)
    if unit == "placement":
        return own
    units = kabupaten_of(scored["origin"]) if unit == "area" else scored[UNIT_COLUMNS[unit]]
    return np.asarray(units.isin(units[own].dropna()), dtype=np.bool_)
