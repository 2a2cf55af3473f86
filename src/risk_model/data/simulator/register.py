"""What does the register learn of a placement, and when?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from risk_model.data.simulator.latent.careers import Careers
from risk_model.data.simulator.latent.drawing import take
from risk_model.data.simulator.latent.harm import Harm
from risk_model.data.simulator.latent.population import Population
from risk_model.data.simulator.worlds import DATA_ORIGIN, HORIZON_DAYS, Codes, Flags, Floats, Scenario, days, instants
from risk_model.errors import InputError

RETURN_RECORDED: Final = 0.90
"""Assumption: the register hears of 90 % of the returns; the others look as if they were still at work."""
RECORD_DELAY: Final = (("registered", 2.0), ("departed", 7.0), ("returned", 20.0))
"""Assumption: mean days beyond the first until a fact is in the register."""
VERIFIED_OLD: Final = 0.25
VERIFIED_NEW: Final = 0.55
NEW_DAYS: Final = 540.0
"""Assumption: certificates of the last year and a half are checked more often than older ones."""
FORGED: Final = 0.3
"""Assumption: share of checked certificates without competence behind them that are found out."""
CORRECTED: Final = 0.03
WRONG_WAGE_FACTOR: Final = 10.0
"""Assumption: 3 % of first records hold a slip (a zero too many in the wage, no certificate, another origin)."""
CONTACTED: Final = 0.30
MISSED: Final = {"legal_entity": 0.15, "household": 0.35, "sea_based": 0.5}
"""Assumption: who gets a routine call at work and does not answer; independent of harm, so no method profits."""
EMPLOYER_CHANGED: Final = 0.02
"""Assumption: share at work who change employers, independent of harm."""


@dataclass(frozen=True)
class Knowledge:
    """When the register learns what, in days since 1970; infinite for never."""

    registered: Floats
    departed: Floats
    returned: Floats
    checked: Floats
    corrected: Floats
    genuine: Flags
    slip: Codes


def draw_knowledge(run: Scenario, population: Population, careers: Careers) -> Knowledge:
    """Draw when each fact is recorded; never before the day after it."""
    rng, size = run.stream("records"), len(population.registered)
    moments = (careers.registered, careers.departed, careers.back)
    delayed = [
        moment + 1 + rng.exponential(mean, size) for moment, (_, mean) in zip(moments, RECORD_DELAY, strict=True)
    ]
    registered, departed, returned = delayed
    returned = np.where(rng.random(size) < RETURN_RECORDED, returned, np.inf)
    new = careers.registered > days(run.until) - NEW_DAYS
    level = population.facts["certification_level"].to_numpy(dtype=np.float64, na_value=0.0)
    checked = (level > 0) & (rng.random(size) < np.where(new, VERIFIED_NEW, VERIFIED_OLD))
    genuine = population.certified | (level < 4) | (rng.random(size) >= FORGED)
    slipped = rng.random(size) < CORRECTED
    return Knowledge(
        registered=registered,
        departed=np.maximum(departed, registered),
        returned=np.maximum(returned, registered),
        checked=np.where(checked, registered + rng.uniform(3, 120, size), np.inf),
        corrected=np.where(slipped, registered + rng.uniform(5, 90, size), np.inf),
        genuine=genuine,
        slip=np.where(slipped, rng.integers(1, 4, size), 0),
    )


def versions(run: Scenario, population: Population, careers: Careers, known: Knowledge) -> pd.DataFrame:
    """Return every version of every placement up to the end of the run, in the order they were recorded."""
    news = [known.registered, known.corrected, known.checked, known.departed, known.returned]
    place = np.concatenate([np.arange(len(known.registered))] * len(news))
    at = np.concatenate(news)
    kept = at < run.end
    kept[len(known.registered) :] &= at[len(known.registered) :] > np.tile(known.registered, len(news) - 1)
    place, at = place[kept], at[kept]
    order = np.argsort(at, kind="stable")
    place, at = place[order], at[order]
    frame = population.facts.take(place).reset_index(drop=True)
    gone, back = known.departed[place] <= at, known.returned[place] <= at
    checked = np.where(known.checked[place] <= at, known.genuine[place].astype(np.float64), np.nan)
    dates = {
        "registered_on": careers.registered[place],
        "departed_on": np.where(gone, careers.departed[place], np.inf),
        "contract_end_on": np.where(gone, careers.contract_end[place], np.inf),
        "returned_on": np.where(back, careers.back[place], np.inf),
        "recorded_at": at,
    }
    frame = frame.assign(**{column: instants(moments) for column, moments in dates.items()})
    frame["certification_verified"] = pd.array(checked, dtype="boolean") if len(checked) else pd.array([], "boolean")
    frame["data_origin"] = take([DATA_ORIGIN], np.zeros(len(place), dtype=np.int64))
    return _with_slips(frame, np.where(known.corrected[place] > at, known.slip[place], 0))


def _with_slips(frame: pd.DataFrame, slip: Codes) -> pd.DataFrame:
    """Return `frame` with the mistakes that a later version puts right."""
    elsewhere = frame["origin"].to_numpy(dtype=object)[::-1]
    return frame.assign(
        wage_monthly_idr=frame["wage_monthly_idr"].where(slip != 1, frame["wage_monthly_idr"] * WRONG_WAGE_FACTOR),
        certification_level=frame["certification_level"].mask(slip == 2),
        origin=frame["origin"].where(slip != 3, pd.Series(elsewhere, dtype="str")),
    )


def career_events(run: Scenario, population: Population, careers: Careers, known: Knowledge) -> pd.DataFrame:
    """Return what happens to placements without anybody complaining: place, type, occurred, recorded, source."""
    rng, size = run.stream("career events"), len(careers.registered)
    employer = population.facts["employer_type"]
    first = np.maximum(careers.departed, careers.registered)
    at_work = first < np.minimum(careers.back, run.end)
    gone = np.where(at_work, first, 0.0)
    moment = gone + rng.random(size) * (np.where(at_work, np.minimum(careers.back, run.end), 1.0) - gone)
    called = at_work & (rng.random(size) < CONTACTED)
    missed = rng.random(size) < employer.map(MISSED).to_numpy(dtype=np.float64)
    changed = at_work & (rng.random(size) < EMPLOYER_CHANGED)
    longer = (careers.returned > careers.contract_end + 60) & (careers.back > careers.contract_end)
    early = (careers.back < careers.contract_end - 30) & (rng.random(size) < 0.3)
    shortly = 1 + rng.exponential(5.0, size)
    rows = [
        _rows(np.isfinite(known.departed), "status_change", careers.departed, known.departed),
        _rows(np.isfinite(known.returned), "status_change", careers.back, known.returned),
        _rows(np.isfinite(careers.cancelled), "status_change", careers.cancelled, careers.cancelled + shortly),
        _rows(np.isfinite(known.checked) & known.genuine, "certificate_verified", known.checked - 0.5, known.checked),
        _rows(called & ~missed, "contact", moment, moment + shortly),
        _rows(called & missed, "missed_contact", moment, moment + shortly),
        _rows(changed, "employer_change", moment, moment + 10 * shortly),
        _rows(longer, "contract_extension", careers.contract_end, careers.contract_end + 3 * shortly),
        _rows(early & np.isfinite(careers.back), "repatriation", careers.back, careers.back + 2 * shortly),
    ]
    found = pd.concat(rows, ignore_index=True).assign(category=None, procedural=True)
    return found.assign(recorded=np.maximum(found["recorded"], known.registered[found["place"]]))


def _rows(which: Flags, kind: str, occurred: Floats, recorded: Floats) -> pd.DataFrame:
    place = np.flatnonzero(which)
    late = np.maximum(recorded[place], occurred[place])
    return pd.DataFrame(
        {"place": place, "type": kind, "occurred": occurred[place], "recorded": late, "source": "register"}
    )


@dataclass(frozen=True)
class WorldState:
    """A simulated world: what is true in it and what the register learns; no visit and no policy changes it."""

    run: Scenario
    population: Population
    careers: Careers
    harm: Harm
    known: Knowledge

    def places(self, placement_ids: pd.Series | pd.Index | list[str]) -> Codes:
        """Return the position of each placement id.

        Raises:
            InputError: an id that this world does not have.
        """
        ids = pd.Index(placement_ids)
        found = pd.Index(self.population.facts["placement_id"]).get_indexer(ids)
        if (found < 0).any():
            raise InputError(f"placement {ids[found < 0][0]!r} is not in this world; take ids from its placements")
        return np.asarray(found, dtype=np.int64)


def in_cohort(state: WorldState, as_of: float, *, horizon: float = HORIZON_DAYS) -> Flags:
    """Say which placements the register holds at `as_of` as before departure, at work or back within `horizon` days."""
    returned = state.known.returned < as_of
    return (state.known.registered < as_of) & (~returned | (state.careers.back >= as_of - horizon))


def stage(state: WorldState, as_of: float) -> Codes:
    """Return 0 before departure, 1 at work, 2 after it, as the register has it at `as_of`."""
    gone = (state.known.departed < as_of) & (state.careers.departed < as_of)
    return np.where(state.known.returned < as_of, 2, np.where(gone, 1, 0))
