"""Which worlds can be simulated, and what is fixed in each before any method is compared?

Every number here is frozen: changing one changes the measuring instrument, and every figure measured
with it must be made again. Sources and confidence stand in `docs/simulator.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_model.errors import InputError, repair_hint

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DATA_ORIGIN: Final = "simulated"
DEFAULT_UNTIL: Final = pd.Timestamp("2026-01-01")
HORIZON_DAYS: Final = 180.0
"""Length of the outcome window, the default of the specification."""

YEARS_OF_REGISTRATIONS: Final = 4
"""Contracts last two or three years, so four years fill the stock at work at least once."""
YEARS_OF_VISITS: Final = 3
YEARS_OF_OWN_LISTS: Final = 1
COMPLAINTS_PER_1000_PLACEMENTS: Final = 0.9
"""Procedural complaints of 2024: 265 for 297 thousand placements (Kompas 18 Dec 2024; bp2mi.go.id 2024)."""
REPORTING: Final = MappingProxyType({"published": 1.0, "rich": 10.0})
"""How many times the published number of reports a world makes; `rich` is for comparing methods on small sets."""
NON_PROCEDURAL_PER_1000_PLACEMENTS: Final = 985 / 297.434
"""Complaints of workers without a placement record, 2024 (Kompas 18 Dec 2024)."""
STATUS_UNKNOWN_PER_1000_PLACEMENTS: Final = 212 / 297.434
"""Complaints with status "other", 2024 (Kompas 18 Dec 2024)."""

VISITS_PER_MONTH_PER_PLACEMENT: Final = 160 / 60_000
"""Assumption: 160 visits a month for a register of 60,000."""
DETECTION: Final = 0.92
"""Share of present harm that a visit finds. Declared, not learnt: no source gives it."""
NOT_REACHED: Final = 0.10
DEFERRED: Final = 0.01
"""Assumptions: shares of visits that reach nobody, or are put off."""

OPEN_REPORTING: Final = MappingProxyType({"legal_entity": 1.0, "household": 0.5, "sea_based": 0.5})
HIDDEN_REPORTING: Final = MappingProxyType({"legal_entity": 1.0, "household": 0.10, "sea_based": 0.06})
"""Relative chance that harm is reported, by employer type. Assumption; the direction from isolation (ILO 2023)."""


@dataclass(frozen=True)
class Shift:
    """A corridor that turns bad: from its date on, everybody at work in it has `relative_risk` times the harm.

    `days_before_until` is counted back from `until`; a negative number lies ahead, for the closed loop.
    """

    destination: str
    sector: str
    relative_risk: float
    days_before_until: int


@dataclass(frozen=True)
class World:
    """What differs between worlds; everything else is shared, placement by placement.

    `worry_on_visits` is the log-weight that one standard deviation of the hidden worry has when
    officers choose visits; `reporting` the relative chance of a report by employer type;
    `suppression` the log-chance of a report lost per standard deviation that an agency is worse than the
    average; `certificate_relative_risk` the effect of a competence certificate (1.0 switches it off).
    """

    name: str
    worry_on_visits: float
    reporting: Mapping[str, float]
    suppression: float = 0.0
    shift: Shift | None = None
    certificate_relative_risk: float = 0.85


QUIET_CORRIDOR: Final = Shift(destination="SGP", sector="domestic", relative_risk=5.0, days_before_until=365)
"""Singapore domestic work: the lowest survey rate (7 %, ILO 2023), so nobody looks there when it turns."""

WORLDS: Final = MappingProxyType(
    {
        "open": World("open", worry_on_visits=0.0, reporting=OPEN_REPORTING),
        "hidden": World("hidden", worry_on_visits=1.0, reporting=HIDDEN_REPORTING),
        "silenced": World("silenced", worry_on_visits=1.0, reporting=HIDDEN_REPORTING, suppression=1.5),
        "shift": World("shift", worry_on_visits=0.0, reporting=OPEN_REPORTING, shift=QUIET_CORRIDOR),
    }
)


@dataclass(frozen=True)
class Scenario:
    """One run: a world, how much is reported, how many placements, the seed and the last day.

    `placements` are registered in the four years before `until`; `months_ahead` go on registering at the
    last year's pace, for the closed loop.
    """

    world: World
    reporting: str = "published"
    placements: int = 60_000
    random_state: int = 0
    until: pd.Timestamp = DEFAULT_UNTIL
    months_ahead: int = 0

    @property
    def start(self) -> float:
        """First day of registration, in days since 1970."""
        return days(self.until - pd.DateOffset(years=YEARS_OF_REGISTRATIONS))

    @property
    def end(self) -> float:
        """The day before which placements register, `months_ahead` included."""
        return days(self.until + pd.DateOffset(months=self.months_ahead))

    @property
    def report_factor(self) -> float:
        """How many times the published number of reports this run makes."""
        return REPORTING[self.reporting]

    def stream(self, purpose: str) -> np.random.Generator:
        """Return the random numbers for one purpose: worlds of one seed share all but what they differ in."""
        return np.random.default_rng([self.random_state, crc32(purpose.encode())])


def scenario(
    world: str, *, reporting: str = "published", placements: int = 60_000, random_state: int = 0, until: pd.Timestamp
) -> Scenario:
    """Return the run that these words name.

    Raises:
        InputError: an unknown world or kind of reporting, or no placements at all.
    """
    if world not in WORLDS:
        raise InputError(f"world is {world!r}, which does not exist; {repair_hint(world, WORLDS)}")
    if reporting not in REPORTING:
        raise InputError(f"reporting is {reporting!r}, which does not exist; {repair_hint(reporting, REPORTING)}")
    if placements < 1:
        raise InputError(f"placements is {placements}; give 1 or more")
    if random_state < 0:
        raise InputError(f"the seed is {random_state}; give 0 or more")
    return Scenario(WORLDS[world], reporting, placements, random_state, pd.Timestamp(until).normalize())


def shift_date(run: Scenario) -> float:
    """Return the day the corridor turns, in days since 1970; infinite where none does."""
    if run.world.shift is None:
        return np.inf
    return days(run.until) - run.world.shift.days_before_until


def days(instant: pd.Timestamp) -> float:
    """Return `instant` as days since 1970, the clock inside the simulator."""
    return (instant - pd.Timestamp(0)) / pd.Timedelta(days=1)


def instants(moments: Floats) -> pd.Series:
    """Return days since 1970 as timestamps to the second; not finite reads as null."""
    finite = np.isfinite(moments)
    seconds = np.round(np.where(finite, moments, 0.0) * 86_400).astype("int64").astype("datetime64[s]")
    return pd.Series(np.where(finite, seconds, np.datetime64("NaT", "s")).astype("datetime64[us]"))


def hashed_uniform(keys: Codes, moments: Floats, purpose: str) -> Floats:
    """Return a number in [0, 1) for each key and moment, the same whoever asks and in whatever order.

    So a placement visited on one day has one answer under every policy. SplitMix64 finaliser (Steele et al. 2014).
    """
    salt = np.uint64(crc32(purpose.encode()) * 0xD1B54A32D192ED03 % 2**64)
    seconds = np.round(moments * 86_400).astype(np.int64).astype(np.uint64)
    mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + seconds * np.uint64(0xA0761D6478BD642F) + salt
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
