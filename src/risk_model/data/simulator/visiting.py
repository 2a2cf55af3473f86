"""Which placements were visited, and what did the visits find?

Two years of business as usual, chosen by complaint and convenience (and, where the world has it, by a worry that no
column shows), without recorded probabilities; then one year of our own lists, drawn in four arms with them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.latent.drawing import cells, choose_by_row, take
from risk_model.data.simulator.latent.harm import KINDS, survey_harm
from risk_model.data.simulator.latent.marginals import NTT_KABUPATEN
from risk_model.data.simulator.register import WorldState, in_cohort, stage
from risk_model.data.simulator.worlds import (
    DEFERRED,
    DETECTION,
    NOT_REACHED,
    VISITS_PER_MONTH_PER_PLACEMENT,
    YEARS_OF_OWN_LISTS,
    YEARS_OF_VISITS,
    Codes,
    Flags,
    Floats,
    days,
    hashed_uniform,
)

CONVENIENCE: Final = 0.7
"""Log-weight of one standard deviation between kabupaten in how easily officers get there."""
STAGE_LOG_WEIGHT: Final = np.array([1.5, 0.0, 1.0])
"""Log-weight before departure, at work, after: officers meet people at home more easily than abroad."""
COMPLAINT_CAPACITY: Final = 0.6
"""Most of a month's usual visits that follow complaints."""
COMPLAINT_FRESH_DAYS: Final = 180.0
GRAVE_FRESH_DAYS: Final = 60.0
"""How long a complaint, and a grave one, calls for a visit."""
REVISIT_AFTER_DAYS: Final = 90.0
RANDOM_SHARE: Final = 0.05
COVERAGE_SHARE: Final = 0.15
"""Shares of a list's capacity in the random and the coverage arm (the product's defaults)."""
VISIT_WINDOW_DAYS: Final = 27.0
DAYS_TO_RECORD: Final = (1.0, 5.0)
AGENCY_VISITS: Final = 0.03
AREA_VISITS: Final = 0.02
"""Extra visits to an agency or an area, as shares of the visits to placements."""
AGENCY_FINDING: Final = 0.3
"""Share of visits to an average agency that find harm; it follows the agency's effect."""
VISITS_PER_INSPECTOR: Final = 15
"""Assumption: visits a month by one inspector."""
OUTCOMES: Final = ("harm_found", "no_harm_found", "not_reached", "deferred")
ARMS: Final = ("mandatory", "risk", "coverage", "random")
OUTSIDE: Final = "outside_list"
GRAVE: Final = tuple(
    code for code, row in vocabulary.table("complaint_categories").items() if row.extra["severity"] == "3"
)


def findings(state: WorldState, place: Codes, at: Floats) -> pd.DataFrame:
    """Return outcome, category and severity of a visit to each placement at its moment.

    The same placement visited at the same moment gives the same answer under any policy. Harm is found with the
    declared detection where the condition holds at that moment.
    """
    seed = state.run.random_state
    reach = hashed_uniform(place, at, f"{seed}|reached")
    seen = hashed_uniform(place, at, f"{seed}|found") < DETECTION
    begins, ends = state.harm.begins[:, place], state.harm.ends[:, place]
    present = (begins <= at) & (ends > at)
    episode = present.argmax(axis=0)
    missed = reach < NOT_REACHED + DEFERRED
    found = present.any(axis=0) & seen & ~missed
    outcome = np.select([reach < NOT_REACHED, missed, found], [2, 3, 0], default=1)
    severity = np.where(found, state.harm.severity[episode, place], 0).astype(np.float64)
    return pd.DataFrame(
        {
            "outcome": take(OUTCOMES, outcome),
            "category": take(KINDS, np.where(found, state.harm.kind[episode, place], -1)),
            "severity": pd.array(np.where(missed, np.nan, severity), dtype="Int64"),
        }
    )


def past_visits(state: WorldState, reports: pd.DataFrame) -> pd.DataFrame:
    """Return all visits before `until`, one row each, times in days since 1970: first usual ones, then from own lists.

    `reports` are complaints with `place`, `category` and `recorded`.
    """
    run = state.run
    rng = run.stream(f"visits {run.world.name}")
    years = [run.until - pd.DateOffset(years=back) for back in (YEARS_OF_VISITS, YEARS_OF_OWN_LISTS)]
    starts = pd.date_range(years[0], run.until, freq=pd.DateOffset(months=1), inclusive="left")
    monthly = VISITS_PER_MONTH_PER_PLACEMENT * run.placements
    past = _Past(np.full(len(state.population.registered), -np.inf), _cells(state), rng)
    rows = []
    for month, start in enumerate(starts):
        capacity = round(monthly * (month + 1)) - round(monthly * month)
        if start < years[1]:
            drawn = usual_visits(state, past, reports, as_of=days(start), capacity=capacity)
        else:
            drawn = own_list(state, past, reports, as_of=days(start), capacity=capacity)
            drawn = drawn.assign(list_id=f"SIM-LIST-{start:%Y-%m}")
        drawn["at"] = days(start) + 1 + np.floor(rng.random(len(drawn)) * VISIT_WINDOW_DAYS)
        past.last[drawn["place"]] = days(start)
        rows.append(drawn)
    visited = pd.concat(rows, ignore_index=True)
    visited = pd.concat([visited, findings(state, visited["place"].to_numpy(), visited["at"].to_numpy())], axis=1)
    visited = pd.concat([visited, *_visits_elsewhere(state, rng, visited)], ignore_index=True)
    return _signed_off(state, rng, visited)


def usual_visits(
    state: WorldState, past: "_Past", reports: pd.DataFrame, *, as_of: float, capacity: int
) -> pd.DataFrame:
    """Choose a month's visits as officers do: fresh complaints first, then whom they reach easily or worry about."""
    eligible = _eligible(state, past, as_of)
    complained = np.unique(_fresh(reports, as_of, COMPLAINT_FRESH_DAYS))
    first = np.intersect1d(complained, eligible)
    first = past.rng.permutation(first)[: int(np.ceil(COMPLAINT_CAPACITY * capacity))]
    rest = np.setdiff1d(eligible, first, assume_unique=True)
    appeal = (
        CONVENIENCE * state.population.convenience[rest]
        + STAGE_LOG_WEIGHT[stage(state, as_of)[rest]]
        + state.run.world.worry_on_visits * state.population.worry[rest]
        + past.rng.gumbel(size=len(rest))
    )
    place = np.concatenate([first, rest[np.argsort(-appeal, kind="stable")]])[:capacity]
    return pd.DataFrame({"place": place, "arm": OUTSIDE, "inclusion_probability": np.nan, "list_id": None})


def own_list(state: WorldState, past: "_Past", reports: pd.DataFrame, *, as_of: float, capacity: int) -> pd.DataFrame:
    """Draw a month's list in four arms, scored by the published rate of destination and employer type."""
    place = _eligible(state, past, as_of)
    grave = np.isin(place, _fresh(reports[reports["category"].isin(GRAVE)], as_of, GRAVE_FRESH_DAYS))
    seen = np.flatnonzero(np.isfinite(past.last))
    visits = np.bincount(past.cell[seen], minlength=past.cell.max() + 1)
    score = survey_harm(state.population)[place]
    by_arm = list_probabilities(score, grave, past.cell[place], visits, capacity=capacity)
    total = by_arm.sum(axis=0)
    drawn = systematic_sample(total, past.rng)
    arm = choose_by_row(past.rng, np.arange(len(drawn)), by_arm[:, drawn].T)
    return pd.DataFrame(
        {"place": place[drawn], "arm": take(ARMS, arm), "inclusion_probability": np.minimum(total[drawn], 1.0)}
    )


def list_probabilities(score: Floats, grave: Flags, cell: Codes, visits: Codes, *, capacity: int) -> Floats:
    """Return the probability that each placement is drawn by each arm, shape (4, n); the sum is the capacity.

    Grave complaints are certain. The risk arm takes the highest scores, ties at its edge share its last places. What
    is left goes to the coverage arm, by cell towards the least visited, and evenly to the random arm.
    """
    size = len(score)
    capacity = min(max(capacity, int(grave.sum())), size)
    mandatory = grave.astype(np.float64)
    left = capacity - int(grave.sum())
    spared = min(left, int(np.ceil((RANDOM_SHARE + COVERAGE_SHARE) * capacity)))
    risk = _highest(np.where(grave, -np.inf, score), left - spared)
    room = 1.0 - mandatory - risk
    coverage_size = np.where(room > 0, 1.0 / (1.0 + visits[cell]) / np.sqrt(np.bincount(cell)[cell]), 0.0)
    even = room > 0
    share = COVERAGE_SHARE / (COVERAGE_SHARE + RANDOM_SHARE)
    wanted = share * coverage_size / max(coverage_size.sum(), 1e-12) + (1 - share) * even / max(even.sum(), 1)
    added = _capped(wanted, room, float(spared))
    coverage = added * share * coverage_size / max(coverage_size.sum(), 1e-12) / np.maximum(wanted, 1e-300)
    return np.stack([mandatory, risk, coverage, added - coverage])


def systematic_sample(probability: Floats, rng: np.random.Generator) -> Codes:
    """Draw so that each position is in with exactly its probability (Madow 1949, in random order)."""
    order = rng.permutation(len(probability))
    ends = np.cumsum(probability[order])
    steps = np.floor(np.round(ends, 9) + rng.random())
    return np.sort(order[np.diff(steps, prepend=0.0) > 0])


@dataclass(frozen=True)
class _Past:
    """What earlier months leave behind: the last visit to each placement, its cell, and the random numbers."""

    last: Floats
    cell: Codes
    rng: np.random.Generator


def _cells(state: WorldState) -> Codes:
    return cells(state.population.facts, ["destination", "employer_type"])


def _eligible(state: WorldState, past: _Past, as_of: float) -> Codes:
    return np.flatnonzero(in_cohort(state, as_of) & (past.last < as_of - REVISIT_AFTER_DAYS))


def _fresh(reports: pd.DataFrame, as_of: float, within: float) -> Codes:
    recorded = reports["recorded"].to_numpy()
    return reports["place"].to_numpy()[(recorded < as_of) & (recorded >= as_of - within)]


def _highest(score: Floats, places: int) -> Floats:
    """Return 1 for the `places` highest scores, with ties at the edge sharing what is left."""
    chance = np.zeros(len(score))
    places = min(places, int(np.isfinite(score).sum()))
    if places < 1:
        return chance
    edge = np.partition(score, -places)[-places]
    above, tied = score > edge, score == edge
    chance[above] = 1.0
    chance[tied] = (places - above.sum()) / tied.sum()
    return chance


def _capped(wanted: Floats, room: Floats, total: float) -> Floats:
    """Return values proportional to `wanted`, none above `room`, that add up to `total`."""
    added = np.zeros(len(wanted))
    open_ = wanted > 0
    while total - added.sum() > 1e-9 and open_.any():
        more = wanted * open_ * (total - added.sum()) / (wanted * open_).sum()
        added = np.minimum(added + more, room)
        open_ &= added < room
    return added


def _visits_elsewhere(
    state: WorldState, rng: np.random.Generator, visited: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a few visits to agencies, which find what their effect makes likely, and to districts of NTT."""
    agencies = visited["place"].to_numpy()[rng.random(len(visited)) < AGENCY_VISITS]
    agencies = agencies[state.population.facts["agency_id"].notna().to_numpy()[agencies]]
    odds = AGENCY_FINDING / (1 - AGENCY_FINDING) * np.exp(2 * state.harm.agency_effect[agencies])
    found = rng.random(len(agencies)) < odds / (1 + odds)
    areas = rng.integers(0, len(NTT_KABUPATEN), int(AREA_VISITS * len(visited)))
    first, last = visited["at"].min(), visited["at"].max()
    frames = []
    for column, values, hits in (
        ("agency_id", state.population.facts["agency_id"].to_numpy()[agencies], found),
        ("area", np.array(list(NTT_KABUPATEN))[areas], rng.random(len(areas)) < AGENCY_FINDING),
    ):
        at = np.floor(first + rng.random(len(values)) * (last - first)) if len(values) else np.zeros(0)
        frame = pd.DataFrame({column: pd.Series(values, dtype="str"), "at": at, "arm": OUTSIDE, "place": -1})
        severity = pd.array(2 * hits.astype(np.int64), dtype="Int64")
        frames.append(frame.assign(outcome=np.where(hits, *OUTCOMES[:2]), severity=severity))
    return frames[0], frames[1]


def _signed_off(state: WorldState, rng: np.random.Generator, visited: pd.DataFrame) -> pd.DataFrame:
    visited = visited[visited["at"] < days(state.run.until)].reset_index(drop=True)
    inspectors = max(int(state.run.placements * VISITS_PER_MONTH_PER_PLACEMENT / VISITS_PER_INSPECTOR), 2)
    names = [f"{hash_:016x}" for hash_ in rng.integers(1, 2**62, inspectors)]
    recorded = visited["at"] + rng.uniform(*DAYS_TO_RECORD, len(visited))
    return visited.assign(recorded=recorded, inspector_ref=take(names, rng.integers(0, inspectors, len(visited))))
