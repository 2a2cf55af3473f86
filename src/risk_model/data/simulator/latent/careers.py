"""When does a placement begin and end, whether anybody records it or not?"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from risk_model.data.simulator.latent.population import Population
from risk_model.data.simulator.worlds import Flags, Floats, Scenario

DAYS_TO_DEPARTURE: Final = 75.0
DEPARTURE_SPREAD: Final = 0.5
"""Assumption: median and log-normal spread of the days from registration to departure."""
CANCELLED: Final = 0.015
"""Assumption: registered and never departed."""
DAYS_PER_MONTH: Final = 30.44
"""Mean length of a month."""
EARLY_RETURN: Final = 0.15
STAYS_ON: Final = 0.30
"""Assumptions: back before the contract ends, or there for half to two years longer."""


@dataclass(frozen=True)
class Careers:
    """The dates of every placement in days since 1970, infinite where they never come.

    `departed` lies before `registered` for contract extensions; `cancelled` for those who never leave; `returned` is
    the return as planned, `back` the one that happens (a death or deportation comes first).
    """

    registered: Floats
    departed: Floats
    cancelled: Floats
    contract_end: Floats
    returned: Floats
    back: Floats
    extension: Flags

    @property
    def left(self) -> Floats:
        """The end of the time before departure: the departure or the cancellation."""
        return np.minimum(self.departed, self.cancelled)

    @property
    def over(self) -> Floats:
        """The end of the placement as planned: the return or the cancellation."""
        return np.minimum(self.returned, self.cancelled)

    def cut_short(self, at: Floats) -> "Careers":
        """Return the careers with the return no later than `at`, to the day."""
        return replace(self, back=np.minimum(self.back, np.floor(at)))


def draw_careers(run: Scenario, population: Population) -> Careers:
    """Draw departure, contract and return; independent of harm, so that dates give nothing of it away."""
    rng, size = run.stream("careers"), len(population.registered)
    extension = population.facts["scheme"].isin(["EXT_HOME", "EXT_ABROAD"]).to_numpy()
    length = np.round(population.months * DAYS_PER_MONTH)
    gap = np.ceil(np.clip(DAYS_TO_DEPARTURE * np.exp(rng.normal(0, DEPARTURE_SPREAD, size)), 7, 400))
    earlier = length + rng.integers(0, 120, size)
    cancelled = ~extension & (rng.random(size) < CANCELLED)
    departed = population.registered + np.where(extension, -earlier, gap)
    start = np.where(extension, population.registered, departed)
    fate = rng.random(size)
    stay = length + rng.integers(0, 22, size)
    stay = np.where(fate < EARLY_RETURN, np.ceil(length * rng.uniform(0.1, 0.95, size)), stay)
    stay = np.where(fate > 1 - STAYS_ON, length + rng.integers(180, 720, size), stay)
    returned = np.where(cancelled, np.inf, start + stay)
    return Careers(
        registered=population.registered,
        departed=np.where(cancelled, np.inf, departed),
        cancelled=np.where(cancelled, departed + 30, np.inf),
        contract_end=np.where(cancelled, np.inf, start + length),
        returned=returned,
        back=returned,
        extension=extension,
    )
