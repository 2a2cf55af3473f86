"""What comes home to NTT's districts that no placement explains: deaths, deportations, interceptions?

The counts are the published ones, not scaled to the size of the run: they describe a province, not a sample, and
most of the people behind them left outside procedure.
"""

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.latent.drawing import choose, take
from risk_model.data.simulator.latent.marginals import NTT
from risk_model.data.simulator.worlds import Flags, Floats, Scenario, days

DEATHS: Final = MappingProxyType({2020: 87, 2021: 121, 2022: 106, 2023: 151, 2024: 125, 2025: 127})
"""Bodies returned to NTT by year (katongntt, periskop.id 7 Jan 2026)."""
PROCEDURAL_DEATHS: Final = MappingProxyType({2022: 1, 2024: 6, 2025: 7})
"""Of these, workers who had left by procedure; other years take the share of 2025."""
DEPORTED: Final = MappingProxyType({2024: 307, 2025: 202})
"""307 in 2024, 151 to the end of September 2025 carried to the year (kupang.antaranews.com); other years as 2024."""
INTERCEPTED: Final = 95
"""Assumption: NTT's part, by placements, of 6,525 departures prevented nationally in 2025."""
ROUTE_FLOOR: Final = 0.5
"""Assumption: added to each kabupaten's count of deaths, for none is impossible."""
DAYS_TO_RECORD: Final = 4.0
"""Assumption: mean days until an event is recorded."""


def kabupaten_weights() -> dict[str, float]:
    """Return how many of the located deaths of 2024 and 2025 came home to each kabupaten of NTT."""
    rows = {code: area.extra for code, area in vocabulary.table("areas").items() if vocabulary.contains(f"{NTT}", code)}
    counts = {code: float(row["deaths_2024"] or 0) + float(row["deaths_2025"] or 0) for code, row in rows.items()}
    return {code: count for code, count in counts.items() if code != NTT}


def area_events(run: Scenario) -> pd.DataFrame:
    """Return the events of NTT's districts: area, type, procedural, occurred, recorded, source; no placement."""
    rng = run.stream("area events")
    by_year = [_events_of(rng, run, year) for year in range(_year(run.start), _year(run.end - 1) + 1)]
    return pd.concat(by_year, ignore_index=True)


def _events_of(rng: np.random.Generator, run: Scenario, year: int) -> pd.DataFrame:
    deaths = _of_year(DEATHS, year)
    counts = {"death": deaths, "deportation": DEPORTED.get(year, DEPORTED[2024]), "interception": INTERCEPTED}
    kind = np.repeat(np.arange(len(counts)), list(counts.values()))
    procedural = np.zeros(len(kind), dtype=bool)
    procedural[: PROCEDURAL_DEATHS.get(year, round(deaths * PROCEDURAL_DEATHS[2025] / DEATHS[2025]))] = True
    weights = kabupaten_weights()
    first = days(pd.Timestamp(year, 1, 1))
    occurred = first + rng.random(len(kind)) * (days(pd.Timestamp(year + 1, 1, 1)) - first)
    frame = pd.DataFrame(
        {
            "area": take(list(weights), choose(rng, len(kind), np.array(list(weights.values())) + ROUTE_FLOOR)),
            "type": take(list(counts), kind),
            "procedural": pd.array(procedural, dtype="boolean"),
            "occurred": occurred,
            "recorded": occurred + 0.5 + rng.exponential(DAYS_TO_RECORD, len(kind)),
        }
    )
    return frame[_inside(run, occurred)].assign(category=None, source="BP3MI NTT")


def _inside(run: Scenario, occurred: Floats) -> Flags:
    return (occurred >= run.start) & (occurred < run.end)


def _of_year(series: MappingProxyType[int, int], year: int) -> int:
    return series[int(np.clip(year, min(series), max(series)))]


def _year(day: float) -> int:
    return (pd.Timestamp(0) + pd.Timedelta(days=day)).year
