"""Who comes to harm, when, and how likely was it?

Harm is a condition of a placement (papers kept, wages withheld, a fee above the structure, another job than the
contract's) with a beginning and an end. It is a latent fact: visits and reports find it and never change it.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from risk_model import vocabulary
from risk_model.data.simulator.latent.careers import Careers
from risk_model.data.simulator.latent.drawing import cells, choose, lookup
from risk_model.data.simulator.latent.marginals import NEW_CORRIDORS
from risk_model.data.simulator.latent.population import Population
from risk_model.data.simulator.worlds import Codes, Flags, Floats, Scenario, shift_date

HOUSEHOLD_HARM: Final = MappingProxyType(
    {
        "SGP": 0.07,
        "THA": 0.04,
        "MYS": 0.29,
        "HKG": 0.17,
        "TWN": 0.20,
        "BRN": 0.20,
        "MAC": 0.17,
        "TUR": 0.12,
        "ITA": 0.07,
    }
    | {"JPN": 0.07, "KOR": 0.08, "DEU": 0.05, "GBR": 0.07, "POL": 0.10}
    | {"SAU": 0.55, "ARE": 0.54, "OMN": 0.49, "QAT": 0.44, "KWT": 0.49, "BHR": 0.44, "JOR": 0.49}
    | {"KHM": 0.30, "MMR": 0.30, "COD": 0.30, "LAO": 0.30}
)
"""Share of household placements in harm while at work. Surveys: Malaysia, Singapore, Thailand (ILO 2023), Hong Kong
(Justice Centre 2016). Gulf: Hong Kong times 3.2, 2.9, 2.6 (root of the complaint ratio, Kompas 18 Dec 2024), Saudi
capped at 0.55. The rest assumption."""
OTHER_HOUSEHOLD_HARM: Final = 0.12
"""Assumption: where no survey and no ratio was found."""
HOUSEHOLD_TO_COMPANY: Final = 2.0
"""Relative risk of a household against a legal entity, same country (our reading: isolation, no inspection; 1.3-3)."""
FISHING_TO_COMPANY: Final = 4.0
"""Distant-water fishing against land manufacturing (our reading of EJF 2020; 4 or more)."""
SEAFARING_TO_COMPANY: Final = 2.0
"""Assumption: merchant and cruise ships lie between."""
MOST_HARM: Final = 0.60
"""Assumption: no corridor is worse."""

DEBT_LOG_ODDS: Final = float(np.log((0.37 / 0.63) / (0.06 / 0.94)))
"""Hong Kong survey: 6 % in forced labour without excessive debt, 37 % with it (Justice Centre 2016)."""
DEBT_RAMP: Final = (0.20, 0.40)
"""The debt effect grows from a fee of 20 % of a year's wage to 40 %; "excessive" is 30 % (assumption around it)."""
REFERENCE_HARM: Final = 0.12
"""Where relative risks become odds ratios."""
SIGNED_RELATIVE_RISK: Final = 0.7
"""A contract signed before departure and understood (our reading of World Bank 2019; 0.5-0.9)."""
NEW_CORRIDOR_RELATIVE_RISK: Final = 2.5
NEW_CORRIDOR_FROM: Final = float((np.datetime64("2023-07-01") - np.datetime64("1970-01-01")).astype(int))
"""Cambodia, Myanmar, Congo appear in complaints from 2023-24 (Databoks Oct 2024, Jan 2025); size assumption."""
AGENCY_SD: Final = 0.5
"""Agency effect on log-odds, 0.4-0.6 (our reading of trials that agencies matter, CEPR DP16811)."""
AGENCY_MONTHLY_MEMORY: Final = 0.97
"""Assumption: agencies drift; after a year 69 % of an effect is left."""
PARTNER_SD: Final = 0.3
EMPLOYER_SD: Final = 0.3
WORRY_ON_HARM: Final = 0.6
"""Assumptions: partner abroad, employer, and the hidden worry that no column shows; the same in every world."""
LEAST_CELL: Final = 100
"""Smaller destination x employer cells take the average offset instead of their own."""

FAILED, BEFORE, DURING = 0, 1, 2
EARLY_SHARE: Final = 1 / 3
"""Share of harm of a kind that begins before departure (complaint mix of 2023, Databoks 5 Feb 2024)."""
EARLY_KINDS: Final = MappingProxyType(
    {"gagal_berangkat": 16, "biaya_melebihi_struktur": 10, "penipuan_peluang_kerja": 6}
)
"""Percent of complaints 2023 (Databoks 5 Feb 2024)."""
WORK_KINDS: Final = MappingProxyType(
    {"gaji_tidak_dibayar": 11.0, "sakit": 3.0, "pekerjaan_tidak_sesuai_kontrak": 2.0, "penahanan_dokumen": 2.0}
    | {"kekerasan_majikan": 2.0, "perdagangan_orang": 2.0, "pemutusan_kontrak": 1.0, "depresi": 0.5}
)
"""Percent of complaints: wages 2024-H1; counts of the others are partly or not published, so assumption."""
KINDS: Final = (*EARLY_KINDS, *WORK_KINDS)
KIND_SHARES: Final = np.concatenate(
    [
        EARLY_SHARE * np.array(list(EARLY_KINDS.values())) / sum(EARLY_KINDS.values()),
        (1 - EARLY_SHARE) * np.array(list(WORK_KINDS.values())) / sum(WORK_KINDS.values()),
    ]
)
GROUP_OF_KIND: Final = np.array([FAILED, BEFORE, BEFORE] + [DURING] * len(WORK_KINDS))
GROUP_SHARES: Final = np.bincount(GROUP_OF_KIND, KIND_SHARES)
ONSET_DAYS: Final = 30.0
"""Mean days from departure to the onset of harm at work (assumption: most is there from early on)."""
UNRESOLVED: Final = 0.3
UNRESOLVED_DAYS: Final = 365.0
"""Assumption: share of cases, wages and insurance above all, still open after the return, and for how long."""
SEVERITY_SPREAD: Final = (0.15, 0.85)
"""Assumption: 15 % of cases are a grade lighter, and 15 % a grade graver, than their kind usually is."""


@dataclass(frozen=True)
class Harm:
    """The condition of every placement: one row per episode (a turned corridor adds a second), one column each.

    `probability` is the chance that the episode ever happens; `begins` and `ends` are days since 1970, infinite where
    it does not; `kind` points into `KINDS`. `agency_effect` is the agency's log-odds when it registered the placement.
    """

    probability: Floats
    begins: Floats
    ends: Floats
    kind: Codes
    severity: Codes
    turned: float
    agency_effect: Floats

    def present(self, after: float | Floats, until: float | Floats) -> Flags:
        """Say for each placement whether the condition holds at some moment in (after, until]."""
        return np.asarray(((self.begins <= until) & (self.ends > after)).any(axis=0))


def draw_harm(run: Scenario, population: Population, careers: Careers) -> Harm:
    """Draw the harm of every placement; the same in every world but where a corridor turns."""
    rng = run.stream("harm")
    agency = _agency_effects(run, population)
    at_work = _at_work_probability(run, population, agency)
    ever = np.minimum(at_work / (1 - GROUP_SHARES[FAILED]), 1.0)
    episodes = [_episode(rng, ever, careers, np.full(len(ever), -np.inf))]
    if run.world.shift is not None:
        extra = _turned_probability(run, population, at_work)
        episodes.append(_episode(run.stream("shift"), extra, careers, np.full(len(ever), shift_date(run)), DURING))
    probability, begins, ends, kind, severity = (np.stack(parts) for parts in zip(*episodes, strict=True))
    return Harm(probability, begins, ends, kind.astype(np.int64), severity.astype(np.int64), shift_date(run), agency)


def true_risk(harm: Harm, careers: Careers, after: float, *, horizon: float) -> Floats:
    """Return the chance that the condition holds at some moment in (after, after + horizon].

    Given what is structurally true (terms, effects, worry, and the dates of the career as planned), not given
    whether the harm happened.
    """
    until = after + horizon
    safe = 1.0 - harm.probability[0] * _chance_present(careers, after, until)
    if len(harm.probability) > 1:
        first = np.maximum(careers.departed, harm.turned)
        safe *= 1.0 - harm.probability[1] * _onset(careers, first, until) * _still_open(careers, after)
    return np.asarray(1.0 - safe)


def _chance_present(careers: Careers, after: float, until: float) -> Floats:
    gap = np.maximum(careers.left - careers.registered, 1.0)
    early = np.where(careers.extension, until >= careers.departed, np.clip((until - careers.registered) / gap, 0, 1))
    failed = early * (careers.left > after) * ~careers.extension
    still = _still_open(careers, after)
    before, during = early * still, _onset(careers, careers.departed, until) * still
    return np.asarray(GROUP_SHARES @ np.stack([failed, before, during]))


def _onset(careers: Careers, first: Floats, until: float) -> Floats:
    at_work = np.minimum(until, careers.returned) - first
    return -np.expm1(-np.maximum(np.nan_to_num(at_work, nan=0.0), 0.0) / ONSET_DAYS)


def _still_open(careers: Careers, after: float) -> Floats:
    return np.where(careers.over > after, 1.0, np.where(careers.over + UNRESOLVED_DAYS > after, UNRESOLVED, 0.0))


def _episode(
    rng: np.random.Generator, probability: Floats, careers: Careers, first: Floats, group: int | None = None
) -> tuple[Floats, Floats, Floats, Codes, Codes]:
    """Draw whether, when and which harm; `first` is the earliest onset, `group` restricts the kinds."""
    size = len(probability)
    shares = KIND_SHARES if group is None else np.where(group == GROUP_OF_KIND, KIND_SHARES, 0.0)
    kind = choose(rng, size, shares)
    begins_early = careers.registered + rng.random(size) * (careers.left - careers.registered)
    begins_early = np.where(careers.extension, careers.departed, begins_early)
    begins_work = np.maximum(careers.departed, first) + rng.exponential(ONSET_DAYS, size)
    begins = np.where(GROUP_OF_KIND[kind] == DURING, begins_work, begins_early)
    unresolved = rng.random(size) < UNRESOLVED
    failed = GROUP_OF_KIND[kind] == FAILED
    ends = np.where(failed, careers.left, careers.over + unresolved * UNRESOLVED_DAYS)
    never = (rng.random(size) >= probability) | (failed & careers.extension)
    never |= (GROUP_OF_KIND[kind] == DURING) & (begins > careers.returned)
    usual = np.array([int(vocabulary.table("complaint_categories")[code].extra["severity"]) for code in KINDS])
    change = np.searchsorted(SEVERITY_SPREAD, rng.random(size)) - 1
    return (
        probability,
        np.where(never, np.inf, begins),
        np.where(never, -np.inf, ends),
        kind,
        np.clip(usual[kind] + change, 1, 3),
    )


def _agency_effects(run: Scenario, population: Population) -> Floats:
    """Return each placement's agency effect on log-odds in the month it was registered; 0 without an agency."""
    rng = run.stream("agency effects")
    months = ((population.registered - run.start) / 30.44).astype(np.int64)
    agencies = max(int(population.agency.max()), 0) + 1
    effects = np.empty((months.max() + 1, agencies))
    effects[0] = rng.normal(0, AGENCY_SD, agencies)
    for month in range(1, len(effects)):
        news = rng.normal(0, AGENCY_SD * np.sqrt(1 - AGENCY_MONTHLY_MEMORY**2), agencies)
        effects[month] = AGENCY_MONTHLY_MEMORY * effects[month - 1] + news
    return np.where(population.agency < 0, 0.0, effects[months, population.agency])


def _at_work_probability(run: Scenario, population: Population, agency: Floats) -> Floats:
    rng = run.stream("effects")
    partner = rng.normal(0, PARTNER_SD, int(population.partner.max()) + 2)
    employer = rng.normal(0, EMPLOYER_SD, int(population.employer.max()) + 1)
    low, high = DEBT_RAMP
    score = (
        agency
        + np.where(population.partner < 0, 0.0, partner[population.partner])
        + employer[population.employer]
        + DEBT_LOG_ODDS * np.clip((population.burden - low) / (high - low), 0.0, 1.0)
        + log_odds_ratio(SIGNED_RELATIVE_RISK) * population.signed
        + log_odds_ratio(run.world.certificate_relative_risk) * population.certified
        + WORRY_ON_HARM * population.worry
    )
    facts = population.facts
    cell = cells(facts.assign(at_sea=facts["sector"] == "fishing"), ["destination", "employer_type", "at_sea"])
    score += _offsets(score, survey_harm(population), cell)
    shocked = facts["destination"].isin(NEW_CORRIDORS).to_numpy() & (population.registered >= NEW_CORRIDOR_FROM)
    score += log_odds_ratio(NEW_CORRIDOR_RELATIVE_RISK) * shocked
    return np.asarray(1.0 / (1.0 + np.exp(-score)))


def survey_harm(population: Population) -> Floats:
    """Return the share in harm at work that surveys and facts give for each placement's destination and employer."""
    facts = population.facts
    household = lookup(facts["destination"], HOUSEHOLD_HARM, OTHER_HOUSEHOLD_HARM)
    company = household / HOUSEHOLD_TO_COMPANY
    at_sea = np.where(facts["sector"] == "fishing", FISHING_TO_COMPANY, SEAFARING_TO_COMPANY) * company
    by_type = np.where(facts["employer_type"] == "household", household, company)
    return np.minimum(np.where(facts["employer_type"] == "sea_based", at_sea, by_type), MOST_HARM)


def log_odds_ratio(relative_risk: float) -> float:
    """Return the log odds ratio that makes `relative_risk` at the reference harm.

    >>> round(log_odds_ratio(1.0), 9)
    0.0
    """
    raised = REFERENCE_HARM * relative_risk
    return float(np.log(raised / (1 - raised)) - np.log(REFERENCE_HARM / (1 - REFERENCE_HARM)))


def _offsets(score: Floats, target: Floats, cell: Codes) -> Floats:
    """Return the offset of each cell that makes its mean probability the survey's."""
    size = np.bincount(cell)
    wanted = np.bincount(cell, target) / size
    plain = np.log(wanted / (1 - wanted))
    offset = plain.copy()
    for _ in range(25):
        chance = 1.0 / (1.0 + np.exp(-(score + offset[cell])))
        slope = np.bincount(cell, chance * (1 - chance)) / size
        offset += np.clip((wanted - np.bincount(cell, chance) / size) / slope, -1.0, 1.0)
    usual = (
        np.average((offset - plain)[size >= LEAST_CELL], weights=size[size >= LEAST_CELL])
        if (size >= LEAST_CELL).any()
        else -float(np.mean(score))
    )
    return np.where(size >= LEAST_CELL, offset, plain + usual)[cell]


def _turned_probability(run: Scenario, population: Population, at_work: Floats) -> Floats:
    shift = run.world.shift
    if shift is None:
        return np.zeros_like(at_work)
    facts = population.facts
    there = (facts["destination"] == shift.destination) & (facts["sector"] == shift.sector)
    raised = np.minimum(shift.relative_risk * at_work, 0.9)
    return np.where(there, np.maximum(raised - at_work, 0.0) / (1 - at_work), 0.0)
