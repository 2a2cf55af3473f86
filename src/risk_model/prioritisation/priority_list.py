"""Which visits should an office make, in which order, and why is each row there?

A list is a probability sample: whoever learns from its visits later needs the probability of every
eligible unit, so those come with the list and are to be stored before anybody sees it.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from risk_model.errors import InputError
from risk_model.id_letters import in_letters
from risk_model.prioritisation import notices as say
from risk_model.prioritisation.coverage import MinimumCoverage, minimum_coverage
from risk_model.prioritisation.notices import Notice
from risk_model.prioritisation.price import Price, price_of_arms, price_of_limit, price_of_minimum_coverage
from risk_model.prioritisation.resting import REST_DAYS
from risk_model.prioritisation.risk_arm import unclear
from risk_model.prioritisation.sampling import (
    COVERAGE,
    MANDATORY,
    Draw,
    Eligible,
    Shares,
    draw,
    inclusion_probabilities,
)
from risk_model.prioritisation.units import UNIT_COLUMNS, checked, find_office, roll_up, visible_to, visits_per_cell
from risk_model.scoring.scorer import BANDS, INSUFFICIENT_DATA
from risk_model.vocabulary import LIST_SEPARATOR, Office, competent_bodies

BAND_ORDER: Final = (*BANDS[:-1], INSUFFICIENT_DATA, BANDS[-1])
"""From the top of a list down; what cannot be scored comes before the lowest priority."""

ROW_COLUMNS: Final = (
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
    "corridor",
    "destination",
    "sector",
    "position",
    "area",
    "origin",
    "reasons",
    "mandatory_because",
    "model_version",
    "recorded_at",
    "data_origin",
)
STAGES: Final = ("before", "during", "after")
ID_LETTERS: Final = 10


@dataclass(frozen=True)
class ListRequest:
    """What a list is wanted for: `capacity` visits to units of kind `unit`, by `office` (None: the whole register)."""

    capacity: int
    as_of: pd.Timestamp
    random_state: int
    office: str | None = None
    unit: str = "placement"
    shares: Shares = field(default_factory=Shares)


@dataclass(frozen=True)
class PriorityList:
    """A list ready to be stored.

    `rows` stand in list order with the columns `ROW_COLUMNS`; `all_probabilities` has a row for every
    eligible placement: `placement_id`, `unit_id`, `inclusion_probability`, `selected`. For units other
    than placements the probability of a placement is that of its unit. `eligible` counts units. `price`
    is that of each arm; `minimum_price` the part of the coverage arm's that minimum coverage causes, and
    `limit_price` the part that the limit on unclear corridors causes.
    """

    list_id: str
    request: ListRequest
    model_version: str
    eligible: int
    rows: pd.DataFrame
    all_probabilities: pd.DataFrame
    price: tuple[Price, ...]
    minimum_price: tuple[Price, ...]
    limit_price: tuple[Price, ...]
    coverage: MinimumCoverage
    notices: tuple[Notice, ...]


def priority_list(
    scored: pd.DataFrame,
    request: ListRequest,
    *,
    visits: pd.DataFrame | None = None,
    mandatory: pd.DataFrame | None = None,
    resting: Collection[str] = (),
    learnt: bool = True,
    offices: Sequence[Office] | None = None,
) -> PriorityList:
    """Draw the list that `request` asks for; the same arguments give the same list, in any order of rows.

    Mandatory rows come first, then bands; within them the order is a seeded shuffle that says
    nothing about the arm.

    Args:
        scored: every placement of the cohort, as `eligible_placements` gives them.
        request: what is wanted.
        visits: recent visits, as `recent_visits` gives them; without them every cell counts as unknown.
        mandatory: placements to visit in any case, as `mandatory_placements` gives them.
        resting: ids of placements visited lately, as `resting_placements` gives them: on a list of placements
            only chance draws them, unless they are mandatory. On lists of other units nothing rests.
        learnt: whether the scores were learnt from outcomes; chance leads no corridor of published rates, and no
            limit holds for those.
        offices: the offices there are; None stands for those that ship with the project.

    Raises:
        InputError: when capacity, unit, office or seed cannot be used.
        TableError: when `scored` lacks a column or holds a placement twice.
    """
    if request.random_state < 0:
        raise InputError(f"the seed is {request.random_state}, allowed: 0 or more")
    register = checked(scored)
    frame = register
    if request.office is not None:
        frame = register[visible_to(register, find_office(request.office, offices))]
    because = _because(mandatory)
    units = _units(frame, because, request.unit)
    model_version = _only_version(register)
    eligible = _eligible(units, visits, resting, request.unit)
    eligible = eligible if learnt else replace(eligible, unclear=None)
    drawn = draw(
        eligible,
        capacity=request.capacity,
        random_state=_seed(request, model_version, "draw"),
        shares=request.shares,
    )
    return PriorityList(
        list_id=_list_id(request, model_version, units, drawn),
        request=request,
        model_version=model_version,
        eligible=len(units),
        rows=_with_bodies(_rows(units, drawn, _seed(request, model_version, "order")), frame, request.unit),
        all_probabilities=_probabilities(frame, units, drawn, request.unit),
        price=price_of_arms(drawn, eligible.risk),
        minimum_price=_minimum_price(eligible, drawn, request),
        limit_price=_limit_price(eligible, drawn, request),
        coverage=minimum_coverage(eligible.cells, eligible.visits <= 0, total=float(drawn.by_arm[COVERAGE].sum())),
        notices=_notices(register, frame, eligible, drawn, (request, because)),
    )


def _because(mandatory: pd.DataFrame | None) -> pd.Series:
    """Return the category of the complaint per mandatory placement."""
    if mandatory is None or mandatory.empty:
        return pd.Series(dtype="str")
    return mandatory.drop_duplicates("placement_id").set_index("placement_id")["category"]


def _units(frame: pd.DataFrame, because: pd.Series, unit: str) -> pd.DataFrame:
    """Return the units in canonical order, each with the reason why it is mandatory, if it is."""
    units = roll_up(frame, unit).sort_values("unit_id", ignore_index=True)
    reason = frame.assign(unit_id=frame[UNIT_COLUMNS[unit]], why=frame["placement_id"].map(because))
    first = reason.dropna(subset=["why"]).sort_values("placement_id").drop_duplicates("unit_id").set_index("unit_id")
    return units.assign(mandatory_because=units["unit_id"].map(first["why"]))


def _eligible(units: pd.DataFrame, visits: pd.DataFrame | None, resting: Collection[str], unit: str) -> Eligible:
    risk = units["risk"].to_numpy(dtype=np.float64)
    at_rest = units["unit_id"].isin(list(resting) if unit == "placement" else [])
    return Eligible(
        ids=units["unit_id"].to_numpy(dtype=np.str_),
        risk=risk,
        cells=units["cell"].to_numpy(dtype=np.str_),
        visits=visits_per_cell(units, visits, unit),
        mandatory=units["mandatory_because"].notna().to_numpy(dtype=np.bool_),
        unclear=unclear(risk, units["low"].to_numpy(dtype=np.float64)),
        resting=(at_rest & units["mandatory_because"].isna()).to_numpy(dtype=np.bool_),
    )


def _minimum_price(eligible: Eligible, drawn: Draw, request: ListRequest) -> tuple[Price, ...]:
    if drawn.size == 0:
        return ()
    free = inclusion_probabilities(
        eligible, capacity=request.capacity, shares=replace(request.shares, minimum_coverage=False)
    )
    return price_of_minimum_coverage(drawn, free, eligible.risk)


def _limit_price(eligible: Eligible, drawn: Draw, request: ListRequest) -> tuple[Price, ...]:
    if drawn.size == 0:
        return ()
    free = inclusion_probabilities(replace(eligible, unclear=None), capacity=request.capacity, shares=request.shares)
    return price_of_limit(drawn, free, eligible.risk)


def _only_version(register: pd.DataFrame) -> str:
    versions = sorted(register["model_version"].dropna().astype("str").unique())
    if len(versions) > 1:
        raise InputError(f"scores of {len(versions)} models ({', '.join(versions)}); a list needs those of one")
    return versions[0] if versions else ""


def _seed(request: ListRequest, model_version: str, purpose: str) -> int:
    """Return a seed of its own for each date, office and unit, so that equal seeds repeat no draw next month."""
    return int.from_bytes(_hash(request, model_version, purpose.encode())[:8])


def _hash(request: ListRequest, model_version: str, content: bytes) -> bytes:
    asked = {**asdict(request), "as_of": request.as_of.isoformat(), "model_version": model_version}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode() + b"\n" + content).digest()


def _list_id(request: ListRequest, model_version: str, units: pd.DataFrame, drawn: Draw) -> str:
    """Return the date and a hash of what was asked and of who could be drawn, with which risk and probability."""
    numbers = np.column_stack([units["risk"].to_numpy(dtype=np.float64), drawn.inclusion_probability])
    content = "\n".join(units["unit_id"].tolist()).encode() + numbers.astype("<f8").tobytes()
    digest = in_letters(_hash(request, model_version, content).hex())
    return f"{request.as_of:%Y%m%d}-{digest[:ID_LETTERS]}"


def _rows(units: pd.DataFrame, drawn: Draw, seed: int) -> pd.DataFrame:
    shuffled = np.random.default_rng(seed).permutation(len(units))
    listed = units.assign(
        arm=drawn.arm,
        inclusion_probability=drawn.inclusion_probability,
        shuffled=shuffled,
        first=drawn.arm != MANDATORY,
        urgency=units["band"].map({band: place for place, band in enumerate(BAND_ORDER)}),
    )[drawn.selected]
    listed = listed.sort_values(["first", "urgency", "shuffled"], ignore_index=True)
    return listed.assign(rank=np.arange(1, len(listed) + 1))


def _with_bodies(listed: pd.DataFrame, frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Name who can act on each row: on a unit in several stages, the bodies of each of them."""
    named = frame[[UNIT_COLUMNS[unit], "stage"]].drop_duplicates()
    stages = named[named[UNIT_COLUMNS[unit]].isin(listed["unit_id"])].groupby(UNIT_COLUMNS[unit])["stage"].agg(set)
    bodies = [
        LIST_SEPARATOR.join(_bodies(stages[unit_id], destination))
        for unit_id, destination in zip(listed["unit_id"], listed["destination"].fillna(""), strict=True)
    ]
    return listed.assign(competent_bodies=pd.Series(bodies, dtype="str"))[list(ROW_COLUMNS)]


def _bodies(stages: Collection[str], destination: str) -> Iterable[str]:
    return dict.fromkeys(body for stage in STAGES if stage in stages for body in competent_bodies(stage, destination))


def _probabilities(frame: pd.DataFrame, units: pd.DataFrame, drawn: Draw, unit: str) -> pd.DataFrame:
    of_unit = pd.DataFrame(
        {
            "unit_id": units["unit_id"],
            "inclusion_probability": drawn.inclusion_probability,
            "selected": drawn.selected,
        }
    )
    placements = pd.DataFrame({"placement_id": frame["placement_id"], "unit_id": frame[UNIT_COLUMNS[unit]]})
    joined = placements.dropna(subset=["unit_id"]).merge(of_unit, on="unit_id")
    return joined.sort_values("placement_id", ignore_index=True)


def _notices(
    register: pd.DataFrame, frame: pd.DataFrame, eligible: Eligible, drawn: Draw, asked: tuple[ListRequest, pd.Series]
) -> tuple[Notice, ...]:
    request, because = asked
    unreached = int(frame[UNIT_COLUMNS[request.unit]].isna().sum())
    unscored = int(np.isnan(eligible.risk).sum())
    at_rest = 0 if eligible.resting is None else int(eligible.resting.sum())
    elsewhere = len(because) - int(register["placement_id"].isin(because.index).sum())
    shown = [
        (bool((register["data_origin"] == "simulated").any()), say.SIMULATED_DATA),
        (True, say.REGISTER_BLIND_SPOT),
        (len(eligible.ids) == 0, say.NOTHING_ELIGIBLE),
        (drawn.size > request.capacity, say.list_grew(request.capacity, drawn.size)),
        (elsewhere > 0, say.mandatory_outside_cohort(elsewhere)),
        (unreached > 0, say.without_unit(unreached, request.unit)),
        (unscored > 0, say.without_score(unscored)),
        (at_rest > 0, say.at_rest(at_rest, REST_DAYS)),
    ]
    return tuple(notice for holds, notice in shown if holds)
