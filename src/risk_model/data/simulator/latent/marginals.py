"""Who is placed where, according to what was published?

Counts named with a source are published; the rest of each table is our assumption, marked so, and only fills
what the published lines leave open. Where the joint distribution was not published, the tables are fitted to
their margins from rough affinities (iterative proportional fitting).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np

from risk_model import vocabulary
from risk_model.data.simulator.latent.drawing import choose
from risk_model.data.simulator.worlds import Floats, Scenario, days

PLACEMENTS_BY_YEAR: Final = MappingProxyType({2021: 72_624, 2022: 200_717, 2023: 297_108, 2024: 297_434, 2025: 286_422})
"""Placement services of a year, the restated series (Antara 14 Jan 2025; bp2mi.go.id 2024; Antara 18 Dec 2025).

Years before or after the series take its first or last value (assumption)."""
TO_FULL_YEAR: Final = 295_439 / 250_391
"""Placements of 2024 to 30 Dec over those of Jan-Oct (formal + informal), to carry Jan-Oct counts to the year."""

DESTINATIONS_2024: Final = MappingProxyType(
    {"HKG": 99_168, "TWN": 84_306, "MYS": 50_917, "JPN": 12_653, "SGP": 10_781}
    | {
        code: count * TO_FULL_YEAR
        for code, count in {"KOR": 8_595, "SAU": 6_612, "ITA": 2_873, "BRN": 2_476, "TUR": 2_472}.items()
    }
)
"""To 30 Dec 2024 (Indoposco 31 Dec 2024); the second five Jan-Oct (Databoks Nov 2024), carried to the year."""
DESTINATIONS_REST: Final = MappingProxyType(
    {"ARE": 1_932, "POL": 1_900, "GBR": 1_000, "QAT": 900, "USA": 700, "MDV": 500, "KWT": 400, "PNG": 400, "AUS": 400}
    | {"ROU": 400, "MAC": 348, "BHR": 300, "SLB": 250, "NZL": 250, "OMN": 184, "DEU": 162, "JOR": 150, "THA": 150}
    | {"KHM": 50, "MMR": 25, "COD": 20, "LAO": 20}
)
"""Assumption: the 10,441 placements of 2024 outside the top ten, spread over where NTT's and older lists point."""
NEW_CORRIDORS: Final = ("KHM", "MMR", "COD")
"""They appear in complaints from 2023-24 with next to no placements (Databoks Oct 2024, Jan 2025)."""

POSITIONS_2024: Final = MappingProxyType(
    {"house_maid": 33.67, "caregiver": 17.55, "worker": 7.63, "plantation_worker": 6.78, "construction_worker": 2.94}
)
"""Percent of 295,439 placements to 30 Dec 2024 (Indoposco 31 Dec 2024)."""
POSITIONS_REST: Final = MappingProxyType(
    {"domestic_worker": 3.05, "production_operator": 10.5, "food_processing_worker": 1.3, "welder": 0.8}
    | {"technician": 1.5, "care_worker": 1.6, "babysitter": 0.6, "nurse": 0.6, "health_worker": 0.3, "fisher": 2.8}
    | {"seafarer": 0.6, "cruise_ship_crew": 0.4, "farm_worker": 1.6, "hotel_worker": 1.1, "waiter": 0.8, "cook": 0.6}
    | {"spa_therapist": 0.8, "cleaner": 1.0, "driver": 0.5, "security_guard": 0.1, "shop_assistant": 0.3}
    | {"family_driver": 0.35, "family_cook": 0.1, "gardener": 0.13}
)
"""Assumption within two published lines of 2025: manufacturing 14.1 %, health with care 20.6 % (Antara 18 Dec 2025)."""
CAREGIVERS_IN_INSTITUTIONS: Final = 0.10
"""Assumption; brings the households to the published 53.6 % informal (Databoks, Jan-Oct 2024)."""

SCHEMES_2024: Final = MappingProxyType(
    {"P_TO_P": 235_768, "EXT_ABROAD": 25_436, "INDIVIDUAL": 21_631, "G_TO_G": 10_515, "EXT_HOME": 2_301, "UKPS": 962}
)
"""To 30 Dec 2024 (Indoposco 31 Dec 2024)."""

EDUCATION: Final = MappingProxyType(
    {
        "upper_secondary": 44.0,
        "lower_secondary": 31.0,
        "primary": 22.0,
        "diploma": 2.0,
        "degree": 1.0,
        "postgraduate": 0.02,
    }
)
"""Percent of placements 2022-24 (Databoks 17 Feb 2025)."""
MARITAL: Final = MappingProxyType({"married": 31_417, "single": 23_015, "divorced": 18_193})
"""Placements of 2021."""
AGES: Final = MappingProxyType({18: 13.5, 25: 16.2, 30: 15.9, 35: 16.1, 40: 16.3, 45: 12.0, 50: 6.5, 55: 3.5})
"""Percent by first year of age group; 25-29 and 40-44 published (BPS), the rest assumption."""
WOMEN: Final = MappingProxyType(
    {"house_maid": 0.985, "domestic_worker": 0.985, "caregiver": 0.97, "babysitter": 0.98, "care_worker": 0.8}
    | {"nurse": 0.7, "health_worker": 0.7, "spa_therapist": 0.95, "production_operator": 0.48, "worker": 0.4}
    | {"food_processing_worker": 0.5, "hotel_worker": 0.45, "waiter": 0.5, "cleaner": 0.5, "shop_assistant": 0.5}
    | {"family_cook": 0.8, "cook": 0.3, "farm_worker": 0.25, "plantation_worker": 0.2, "technician": 0.05}
)
"""Assumption by position, so that about 72 % of placements are women's (2024); other positions 2 %."""
WOMEN_ELSEWHERE: Final = 0.02
"""Assumption: share of women in the positions not named."""

PROVINCES: Final = MappingProxyType(
    {"35": 79_001, "33": 66_297, "32": 61_236, "52": 30_342, "18": 25_016}
    | {"12": 10_550, "51": 9_359, "36": 3_183, "16": 2_088, "73": 2_076, "75": 20, "92": 15, "82": 12}
    | {"31": 700}
)
"""2024 (Antara 14 Jan 2025), then 2023 (Databoks 5 Feb 2024); Jakarta assumption."""
OTHER_PROVINCE: Final = 52.0
"""Assumption: what is left of 295,439 over the provinces without a figure."""
NTT: Final = "53"
"""Kemendagri code."""
NTT_SHARE: Final = 4_163 / 286_422
"""NTT-origin workers in SISKOP2MI 2025 (periskop.id 7 Jan 2026) over all placements."""
NTT_SERVED_AT_HOME: Final = 2_226 / 4_163
"""Served by BP3MI NTT in 2025 over NTT-origin workers."""
NTT_DESTINATIONS: Final = MappingProxyType(
    {"MYS": 91.1, "SGP": 4.8, "HKG": 1.3, "BRN": 1.1, "JPN": 0.9, "QAT": 0.4, "PNG": 0.2, "SLB": 0.1, "ARE": 0.1}
)
"""Malaysia 2021-25 (Pos-Kupang 9 Oct 2025); the others after the counts of 2023 and 2025."""
NTT_POSITIONS: Final = MappingProxyType(
    {"house_maid": 59.5, "caregiver": 32.9, "plantation_worker": 4.0, "worker": 1.4, "construction_worker": 1.1}
    | {"production_operator": 1.1}
)
"""House maid 652 and elderly caretaker 361 of 1,096 (2024); the rest assumption."""
NTT_KABUPATEN: Final = MappingProxyType(
    {"53.18": 318, "53.11": 189, "53.01": 158, "53.12": 141, "53.04": 128, "53.10": 1, "53.20": 0, "53.19": 0}
    | {"53.02": 55, "53.21": 45, "53.03": 45, "53.17": 45, "53.71": 40, "53.06": 35, "53.07": 25, "53.08": 25}
    | {"53.13": 15, "53.16": 12, "53.09": 12, "53.14": 10, "53.05": 3, "53.15": 3}
)
"""2023 (katongntt Dec 2023): the first eight published, the rest assumption adding to the stated total of 1,305."""

AFFINITIES: Final = MappingProxyType(
    {
        "HKG": "house_maid 30 domestic_worker 5 caregiver 2 babysitter 1 family_cook 1 family_driver 0.3",
        "TWN": "caregiver 30 production_operator 14 fisher 6 house_maid 1 construction_worker 1 technician 1 welder 1 "
        "food_processing_worker 1 farm_worker 1 worker 1",
        "MYS": "plantation_worker 20 worker 15 house_maid 10 production_operator 6 construction_worker 4 cleaner 2 "
        "caregiver 1 farm_worker 1 driver 1 hotel_worker 1 food_processing_worker 1",
        "JPN": "care_worker 6 food_processing_worker 6 farm_worker 6 construction_worker 4 production_operator 4 "
        "welder 3 hotel_worker 2 technician 2 fisher 1 nurse 1 worker 1",
        "KOR": "production_operator 20 fisher 6 construction_worker 2 farm_worker 2 technician 2 seafarer 1",
        "SGP": "house_maid 30 domestic_worker 3 caregiver 4 babysitter 2 cleaner 1 seafarer 1",
        "SAU": "worker 6 driver 4 cleaner 4 house_maid 2 nurse 3 health_worker 3 hotel_worker 3 family_driver 4 "
        "construction_worker 2 waiter 1 cook 2 technician 2 domestic_worker 1 gardener 1",
        "ITA": "seafarer 3 cruise_ship_crew 5 hotel_worker 4 waiter 4 cook 3 caregiver 1 farm_worker 2",
        "BRN": "house_maid 6 worker 4 construction_worker 3 driver 2 waiter 2 shop_assistant 4 cook 2 cleaner 2",
        "TUR": "spa_therapist 20 hotel_worker 4 waiter 3 worker 1",
        "USA": "cruise_ship_crew 10 seafarer 4 hotel_worker 1",
        "MDV": "spa_therapist 6 hotel_worker 6 waiter 4 cook 3",
        "POL": "production_operator 4 food_processing_worker 6 worker 6 welder 3",
        "GBR": "farm_worker 12 nurse 2 care_worker 1",
        "DEU": "nurse 12 care_worker 4",
    }
)
"""Assumption: which jobs a destination takes, in rough proportions; fitted to both margins below."""
DEFAULT_AFFINITY: Final = (
    "worker 4 construction_worker 3 hotel_worker 3 waiter 3 cook 3 technician 3 driver 2 nurse 2 health_worker 2 "
    "security_guard 1 shop_assistant 1 cleaner 2 house_maid 1 family_driver 1 spa_therapist 2 seafarer 0.5 fisher 0.5"
)
"""Assumption: the same for destinations not named."""
LEAST_AFFINITY: Final = 0.01
"""No job is impossible anywhere, or the margins could not be met."""
SCHEME_AFFINITIES: Final = MappingProxyType(
    {
        "KOR": "G_TO_G 500",
        "JPN": "INDIVIDUAL 12 P_TO_P 6 G_TO_G 0.5",
        "DEU": "G_TO_G 20 INDIVIDUAL 5",
        "HKG": "P_TO_P 20 EXT_ABROAD 4 EXT_HOME 0.4",
        "TWN": "P_TO_P 20 EXT_ABROAD 3 INDIVIDUAL 0.3 EXT_HOME 0.4",
        "MYS": "P_TO_P 20 EXT_HOME 0.6 EXT_ABROAD 1 INDIVIDUAL 1 UKPS 0.3",
        "SGP": "P_TO_P 20 EXT_ABROAD 2",
    }
)
"""Assumption: which schemes a destination uses, in rough proportions; fitted to both margins."""
DEFAULT_SCHEME_AFFINITY: Final = "P_TO_P 10 INDIVIDUAL 6 EXT_HOME 0.3 EXT_ABROAD 0.3 UKPS 0.2"
"""Assumption: the same for destinations not named."""
LEAST_SCHEME_AFFINITY: Final = 0.001
"""No scheme is impossible anywhere."""
FITTING_ROUNDS: Final = 60
"""Enough for both margins to be met to four digits."""


@dataclass(frozen=True)
class Marginals:
    """The joint tables a population is drawn from.

    `positions_by_destination` and `schemes_by_destination` have one row per destination and add to 1 over
    the whole table, for origins outside NTT; `ntt_positions_by_destination` likewise for NTT.
    """

    destinations: tuple[str, ...]
    positions: tuple[str, ...]
    schemes: tuple[str, ...]
    positions_by_destination: Floats
    ntt_positions_by_destination: Floats
    schemes_by_destination: Floats


@cache
def marginals() -> Marginals:
    """Return the fitted tables; NTT's own mix is taken out of the national one first, so both are met."""
    counts = dict(DESTINATIONS_2024) | dict(DESTINATIONS_REST)
    percents = dict(POSITIONS_2024) | dict(POSITIONS_REST)
    destinations, positions, schemes = tuple(counts), tuple(percents), tuple(SCHEMES_2024)
    ntt_destination, ntt_position = shares(NTT_DESTINATIONS, destinations), shares(NTT_POSITIONS, positions)
    jobs = np.array([_weights(AFFINITIES.get(code, DEFAULT_AFFINITY), positions) for code in destinations])
    routes = np.array(
        [_weights(SCHEME_AFFINITIES.get(code, DEFAULT_SCHEME_AFFINITY), schemes) for code in destinations]
    )
    destination, position = shares(counts, destinations), shares(percents, positions)
    return Marginals(
        destinations,
        positions,
        schemes,
        fit(jobs + LEAST_AFFINITY, without_ntt(destination, ntt_destination), without_ntt(position, ntt_position)),
        np.outer(ntt_destination, ntt_position),
        fit(routes + LEAST_SCHEME_AFFINITY, destination, shares(SCHEMES_2024, schemes)),
    )


def registration_days(run: Scenario, rng: np.random.Generator) -> Floats:
    """Draw the days of registration, growing as the yearly totals did; sorted, whole days since 1970."""
    before, ahead = np.arange(run.start, days(run.until)), np.arange(days(run.until), run.end)
    pace, pace_ahead = _pace(before), _pace(ahead)
    more = round(run.placements * pace_ahead.sum() / pace.sum())
    drawn = [before[choose(rng, run.placements, pace)], ahead[choose(rng, more, pace_ahead)] if more else ahead[:0]]
    return np.sort(np.concatenate(drawn))


def _pace(grid: Floats) -> Floats:
    years = 1970 + grid.astype("datetime64[D]").astype("datetime64[Y]").astype(int)
    known = np.array(list(PLACEMENTS_BY_YEAR))
    totals = np.array(list(PLACEMENTS_BY_YEAR.values()), dtype=np.float64)
    return np.asarray(totals[np.clip(years, known[0], known[-1]) - known[0]])


def shares(weights: Mapping[str, float], order: tuple[str, ...]) -> Floats:
    """Return `weights` in `order` as shares of their sum, 0 where a code has none."""
    found = np.array([weights.get(code, 0.0) for code in order])
    return np.asarray(found / found.sum())


def without_ntt(total: Floats, ntt: Floats) -> Floats:
    """Return the shares among the rest of the country, given the national ones and NTT's."""
    rest = np.maximum(total - NTT_SHARE * ntt, 0.0)
    return np.asarray(rest / rest.sum())


def fit(affinity: Floats, rows: Floats, columns: Floats) -> Floats:
    """Return the table nearest to `affinity` whose row and column sums are `rows` and `columns`.

    >>> fit(np.ones((2, 2)), np.array([0.5, 0.5]), np.array([0.9, 0.1])).round(2).tolist()
    [[0.45, 0.05], [0.45, 0.05]]
    """
    table = affinity.astype(np.float64)
    for _ in range(FITTING_ROUNDS):
        table = table * (rows / table.sum(axis=1))[:, None]
        table = table * (columns / table.sum(axis=0))
    return np.asarray(table / table.sum())


def provinces() -> Mapping[str, float]:
    """Return the share of each province in the placements, NTT's after SISKOP2MI."""
    codes = [code for code, area in vocabulary.table("areas").items() if area.extra["level"] == "province"]
    rest = {code: PROVINCES.get(code, OTHER_PROVINCE) for code in codes if code != NTT}
    total = sum(rest.values())
    return {code: (1 - NTT_SHARE) * count / total for code, count in rest.items()} | {NTT: NTT_SHARE}


def _weights(text: str, order: tuple[str, ...]) -> list[float]:
    words = text.split()
    given = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    return [given.get(code, 0.0) for code in order]
