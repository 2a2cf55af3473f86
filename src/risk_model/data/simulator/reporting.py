"""Who complains, about what, how late, and whose placement ends badly enough to be recorded?"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from risk_model.data.simulator.latent import marginals as published
from risk_model.data.simulator.latent.careers import Careers
from risk_model.data.simulator.latent.drawing import choose, lookup, take
from risk_model.data.simulator.latent.harm import (
    DURING,
    EARLY_KINDS,
    EARLY_SHARE,
    GROUP_OF_KIND,
    KINDS,
    WORK_KINDS,
    Harm,
)
from risk_model.data.simulator.latent.population import Population
from risk_model.data.simulator.register import WorldState
from risk_model.data.simulator.worlds import (
    COMPLAINTS_PER_1000_PLACEMENTS,
    NON_PROCEDURAL_PER_1000_PLACEMENTS,
    STATUS_UNKNOWN_PER_1000_PLACEMENTS,
    Codes,
    Floats,
    Scenario,
)

GO_HOME: Final = "ingin_dipulangkan"
DEATH: Final = "meninggal_dunia"
DEPORTATION: Final = "deportasi_repatriasi"
PUBLISHED_MIX: Final = MappingProxyType(
    {GO_HOME: 26.0, **EARLY_KINDS, "gaji_tidak_dibayar": 11.0, DEPORTATION: 8.0, DEATH: 5.0}
)
"""Percent of complaints: 2023 the first four, 2024-H1 the last three (Databoks 5 Feb 2024, Aug 2024)."""
OTHER_REQUESTS: Final = MappingProxyType(
    {"jaminan_sosial": 3.0, "hamil_punya_anak": 1.0, "putus_komunikasi": 1.0, "overstay": 0.5}
)
COMPLAINT_MIX: Final = MappingProxyType({**PUBLISHED_MIX, **WORK_KINDS, **OTHER_REQUESTS})
"""The full mix, 100 %: what was not published shares the rest (assumption)."""
GO_HOME_HARMED: Final = 0.5
"""Assumption: half of those who ask to go home have come to harm and do not say so."""
UNFOUNDED: Final = 0.08
"""Assumption: share of complaints about harm where there is none."""

DAYS_TO_COMPLAINT: Final = (1.5, 60.0)
"""Assumption: gamma shape and scale of the days from onset to complaint, three months on average."""
COMPLAINT_OUTLIVES: Final = 120.0
"""Assumption: nobody complains later than this many days after the harm has ended."""
DAYS_TO_RECORD: Final = 14.0
"""Assumption: mean days from a complaint to its record."""
MOST_LIKELY_REPORT: Final = 0.9
"""Assumption: no harm is certain to be reported."""

DEATHS_PER_1000: Final = 0.12
"""Bodies of 2020-23, 733 a year, 5 % of procedural workers (labirin.id Aug 2023), over 297 thousand placements."""
DEPORTATIONS_PER_1000: Final = 0.2
"""Assumption: deportations of procedural workers that are recorded against their placement."""
BAD_END_RELATIVE_RISK: Final = 3.0
"""Assumption: how much likelier death or deportation is for those in harm."""


@dataclass(frozen=True)
class BadEnds:
    """Placements that end in death or deportation: their positions, which of the two, and the day."""

    place: Codes
    category: pd.Series
    at: Floats


def draw_bad_ends(run: Scenario, careers: Careers, harm: Harm) -> BadEnds:
    """Draw deaths and deportations; as many as reports are made, for they are recorded reports of the worst kind."""
    rng = run.stream("bad ends")
    first = np.maximum(careers.departed, careers.registered)
    stay = np.where(np.isfinite(first), careers.returned, 0.0) - np.where(np.isfinite(first), first, 0.0)
    weight = np.where(np.isfinite(harm.begins).any(axis=0), BAD_END_RELATIVE_RISK, 1.0) * (stay > 0)
    rate = (DEATHS_PER_1000 + DEPORTATIONS_PER_1000) * run.report_factor / 1000
    hit = rng.random(len(weight)) < rate * len(weight) * weight / max(weight.sum(), 1.0)
    place = np.flatnonzero(hit)
    death = rng.random(len(place)) < DEATHS_PER_1000 / (DEATHS_PER_1000 + DEPORTATIONS_PER_1000)
    at = first[place] + rng.random(len(place)) * stay[place]
    return BadEnds(place, take([DEPORTATION, DEATH], death.astype(np.int64)), at)


def placement_reports(state: WorldState, ends: BadEnds) -> pd.DataFrame:
    """Return complaints and bad ends of placements: place, type, category, procedural, occurred, recorded, source."""
    run, careers, harm = state.run, state.careers, state.harm
    rng = run.stream("reports")
    willing = willingness(run, state.population, harm)
    expected = COMPLAINTS_PER_1000_PLACEMENTS * run.report_factor * len(willing) / 1000
    rows = [
        _about_harm(rng, careers, harm, willing, expected),
        _without_harm(rng, careers, harm, willing, expected),
        _about_ends(rng, ends, expected),
        pd.DataFrame({"place": ends.place, "type": _type_of(ends), "category": ends.category, "occurred": ends.at}),
    ]
    found = pd.concat(rows, ignore_index=True)
    found["type"] = found["type"].fillna("complaint")
    found["recorded"] = found["occurred"] + 1 + rng.exponential(DAYS_TO_RECORD, len(found))
    return found.assign(procedural=True, source=np.where(found["type"] == "complaint", "crisis center", "mission"))


def willingness(run: Scenario, population: Population, harm: Harm) -> Floats:
    """Return the relative chance that a placement's harm is reported: isolation, and agencies that suppress."""
    isolation = lookup(population.facts["employer_type"], run.world.reporting)
    spread = max(float(np.std(harm.agency_effect)), 1e-9)
    bad = np.maximum(harm.agency_effect / spread, 0.0)
    return isolation * np.exp(-run.world.suppression * bad)


def _about_harm(
    rng: np.random.Generator, careers: Careers, harm: Harm, willing: Floats, expected: float
) -> pd.DataFrame:
    """Draw complaints of people in harm; those at home complain more readily, which makes the published mix."""
    episode, place = np.nonzero(np.isfinite(harm.begins))
    began, kind = np.maximum(harm.begins[episode, place], careers.registered[place]), harm.kind[episode, place]
    occurred = began + rng.gamma(*DAYS_TO_COMPLAINT, len(place))
    late = occurred > np.minimum(harm.ends[episode, place], careers.back[place]) + COMPLAINT_OUTLIVES
    early_mix, work_mix = sum(EARLY_KINDS.values()) * (1 - UNFOUNDED), sum(WORK_KINDS.values()) * (1 - UNFOUNDED)
    home_mix = PUBLISHED_MIX[GO_HOME] * GO_HOME_HARMED
    at_home = (early_mix / EARLY_SHARE) / ((work_mix + home_mix) / (1 - EARLY_SHARE))
    during = GROUP_OF_KIND[kind] == DURING
    weight = willing[place] * np.where(during, 1.0, at_home) * ~late
    rate = expected * (early_mix + work_mix + home_mix) / 100 / max(weight.sum(), 1e-9)
    told = rng.random(len(place)) < np.minimum(rate * weight, MOST_LIKELY_REPORT)
    asks = during & (rng.random(len(place)) < home_mix / (work_mix + home_mix))
    category = take([*KINDS, GO_HOME], np.where(asks, len(KINDS), kind)[told])
    return pd.DataFrame({"place": place[told], "category": category, "occurred": occurred[told]})


def _without_harm(
    rng: np.random.Generator, careers: Careers, harm: Harm, willing: Floats, expected: float
) -> pd.DataFrame:
    mix = {GO_HOME: PUBLISHED_MIX[GO_HOME] * (1 - GO_HOME_HARMED), **OTHER_REQUESTS}
    mix |= {kind: UNFOUNDED * percent for kind, percent in (EARLY_KINDS | WORK_KINDS).items()}
    size = len(willing)
    drawn = choose(rng, size, np.array(list(mix.values())))
    early = np.array([code in EARLY_KINDS for code in mix])[drawn]
    first = np.where(early, careers.registered, np.maximum(careers.departed, careers.registered))
    last = np.where(early, careers.left, careers.back)
    possible = ~np.isfinite(harm.begins).any(axis=0) & np.isfinite(first) & (last > first)
    weight = willing * possible
    told = rng.random(size) < expected * sum(mix.values()) / 100 * weight / max(weight.sum(), 1e-9)
    place = np.flatnonzero(told)
    occurred = first[place] + rng.random(len(place)) * (last[place] - first[place])
    return pd.DataFrame({"place": place, "category": take(list(mix), drawn[place]), "occurred": occurred})


def _about_ends(rng: np.random.Generator, ends: BadEnds, expected: float) -> pd.DataFrame:
    percent = PUBLISHED_MIX[DEATH] + PUBLISHED_MIX[DEPORTATION]
    told = rng.random(len(ends.place)) < expected * percent / 100 / max(len(ends.place), 1)
    occurred = ends.at + rng.exponential(5.0, len(ends.place))
    return pd.DataFrame(
        {"place": ends.place[told], "category": ends.category.to_numpy()[told], "occurred": occurred[told]}
    )


def _type_of(ends: BadEnds) -> pd.Series:
    return ends.category.map({DEATH: "death", DEPORTATION: "deportation"})


def complaints_without_placement(run: Scenario, population: Population) -> pd.DataFrame:
    """Return complaints of workers who have no placement record, by province; as many as published in every world."""
    rng = run.stream("complaints without placement")
    size = len(population.registered)
    outside = rng.poisson(NON_PROCEDURAL_PER_1000_PLACEMENTS * size / 1000)
    unknown = rng.poisson(STATUS_UNKNOWN_PER_1000_PLACEMENTS * size / 1000)
    number = outside + unknown
    occurred = population.registered[rng.integers(0, size, number)] + rng.random(number)
    weights = published.provinces()
    frame = pd.DataFrame(
        {
            "area": take(list(weights), choose(rng, number, np.array(list(weights.values())))),
            "category": take(list(COMPLAINT_MIX), choose(rng, number, np.array(list(COMPLAINT_MIX.values())))),
            "occurred": occurred,
            "recorded": occurred + 1 + rng.exponential(DAYS_TO_RECORD, number),
        }
    )
    procedural = pd.array([False] * outside + [None] * unknown, dtype="boolean")
    return frame.assign(type="complaint", procedural=procedural, source="crisis center")
