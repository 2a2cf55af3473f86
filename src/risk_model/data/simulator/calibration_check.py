"""How does a simulation compare with what was published, line by line?

Simulated figures are counted from the tables (harm from the truth); published ones are read from the reference
tables, never from the simulator's own parameters.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.area_events import kabupaten_weights
from risk_model.data.simulator.latent.marginals import NTT
from risk_model.data.simulator.simulate import Simulation
from risk_model.data.simulator.worlds import Flags, days

COUNTS: Final = "placement_counts"
YEAR: Final = "2024-to-30Dec"
TEN_MONTHS: Final = "2024-Jan-Oct"
TOP_TEN: Final = ("HKG", "TWN", "MYS", "JPN", "SGP", "KOR", "SAU", "ITA", "BRN", "TUR")
POSITIONS: Final = ("house_maid", "caregiver", "worker", "plantation_worker", "construction_worker")
COMPLAINTS: Final = {
    "2023": ("ingin_dipulangkan", "gagal_berangkat", "biaya_melebihi_struktur", "penipuan_peluang_kerja"),
    "2024-H1": ("gaji_tidak_dibayar", "deportasi_repatriasi", "meninggal_dunia"),
}
MOST_DEADLY: Final = 6
"""How many kabupaten are compared by their share of the deaths."""
SAMPLING_ERRORS: Final = 3.0
"""A line is within tolerance if it differs by its slack and this many standard errors of sampling at most."""
SLACK: Final = 0.01
WIDE_SLACK: Final = 0.04
"""Shares may differ by one point, or four where the published figures disagree with each other."""
RATE_SLACK: Final = 0.2
"""Rates, ratios and small shares may differ by a fifth of the published value."""
LEAST_COUNTED: Final = 30
"""A share of fewer rows than these is not compared."""


@dataclass(frozen=True)
class Line:
    """One comparison; `tolerance` is the largest difference that still counts as agreement."""

    quantity: str
    simulated: float
    published: float
    tolerance: float
    source: str


def check(simulation: Simulation) -> pd.DataFrame:
    """Compare a simulation with the published figures.

    Returns:
        One row per quantity: quantity, simulated, published, tolerance, within, source. `within` is null
        where the simulation has nothing to count.
    """
    newest = simulation.tables.placements.drop_duplicates("placement_id", keep="last")
    lines = [
        *_destination_lines(newest),
        *_job_lines(newest),
        *_people_lines(newest),
        *_province_lines(newest),
        *_ntt_lines(newest),
        *_complaint_lines(simulation, newest),
        *_harm_lines(simulation),
        *_area_lines(simulation),
    ]
    frame = pd.DataFrame([asdict(line) for line in lines])
    agrees = (frame["simulated"] - frame["published"]).abs() <= frame["tolerance"]
    frame["within"] = agrees.astype("boolean").mask(frame["simulated"].isna())
    return frame[["quantity", "simulated", "published", "tolerance", "within", "source"]]


def _share(quantity: str, hits: pd.Series | Flags, published: float, source: str, *, slack: float = SLACK) -> Line:
    known = pd.Series(hits).dropna()
    error = np.sqrt(published * (1 - published) / max(len(known), 1))
    tolerance = min(slack, RATE_SLACK * published) + SAMPLING_ERRORS * error
    return Line(quantity, float(known.mean()) if len(known) >= LEAST_COUNTED else np.nan, published, tolerance, source)


def _value(table: str, code: str) -> float:
    return float(vocabulary.table(table)[code].extra["value"])


def _source(table: str, code: str) -> str:
    return vocabulary.table(table)[code].source


def _destination_lines(newest: pd.DataFrame) -> Iterator[Line]:
    bases = {YEAR: _value(COUNTS, f"{YEAR}/total/all"), TEN_MONTHS: sum(_formality().values())}
    shares = {}
    for code in TOP_TEN:
        period = YEAR if f"{YEAR}/destination/{code}" in vocabulary.table(COUNTS) else TEN_MONTHS
        key = f"{period}/destination/{code}"
        shares[code] = _value(COUNTS, key) / bases[period]
        yield _share(f"destination {code}", newest["destination"] == code, shares[code], _source(COUNTS, key))
    elsewhere = ~newest["destination"].isin(TOP_TEN)
    yield _share("destination, all others", elsewhere, 1 - sum(shares.values()), "rest of the ten lines above")


def _job_lines(newest: pd.DataFrame) -> Iterator[Line]:
    schemes = {code: float(row.extra["count_2024"] or 0) for code, row in vocabulary.table("schemes").items()}
    for code, count in schemes.items():
        if count:
            share = count / sum(schemes.values())
            yield _share(f"scheme {code}", newest["scheme"] == code, share, _source("schemes", code))
    known = newest["position"].dropna()
    for code in POSITIONS:
        key = f"{YEAR}/position/{code}"
        share = _value(COUNTS, key) / _value(COUNTS, f"{YEAR}/total/all")
        yield _share(f"position {code}", known == code, share, _source(COUNTS, key))
    informal = _formality()["informal"] / sum(_formality().values())
    source = _source(COUNTS, f"{TEN_MONTHS}/formality/informal")
    yield _share("informal (household)", newest["employer_type"] == "household", informal, source)
    for sector, members in {"manufacturing": ["manufacturing"], "health": ["health", "care"]}.items():
        key = f"2025-to-15Dec/sector/{sector}"
        hits = newest["sector"].isin(members)
        yield _share(f"sector {'+'.join(members)}", hits, _value(COUNTS, key) / 100, _source(COUNTS, key))


def _people_lines(newest: pd.DataFrame) -> Iterator[Line]:
    key = "2024-09/sex/women"
    women = newest["sex"].dropna() == "female"
    yield _share("women", women, _value(COUNTS, key) / 100, _source(COUNTS, key), slack=WIDE_SLACK)
    education = newest["education"].dropna()
    for code, row in vocabulary.table(COUNTS).items():
        if row.extra["dimension"] == "education":
            level = row.extra["category"]
            yield _share(f"education {level}", education == level, _value(COUNTS, code) / 100, row.source)


def _formality() -> dict[str, float]:
    return {kind: _value(COUNTS, f"{TEN_MONTHS}/formality/{kind}") for kind in ("formal", "informal")}


def _province_lines(newest: pd.DataFrame) -> Iterator[Line]:
    total = _value(COUNTS, f"{YEAR}/total/all")
    province = newest["origin"].str[:2]
    for code, row in vocabulary.table(COUNTS).items():
        if row.extra["dimension"] == "province" and row.extra["period"] == YEAR:
            area = row.extra["category"]
            yield _share(
                f"province {vocabulary.label('areas', area)}",
                province == area,
                _value(COUNTS, code) / total,
                row.source,
            )
    key = "2025/placements/all/origin_ntt_in_siskop2mi"
    share = _value("ntt_series", key) / _value(COUNTS, "2025-to-15Dec/total/all")
    yield _share("province Nusa Tenggara Timur", province == NTT, share, _source("ntt_series", key))


def _ntt_lines(newest: pd.DataFrame) -> Iterator[Line]:
    series = "ntt_series"
    ntt = newest[newest["origin"].str[:2] == NTT]
    for quantity, key, hits in (
        ("NTT: Malaysia", "2021-2025/placements/MYS", ntt["destination"] == "MYS"),
        ("NTT: women", "2021-2025/placements/women", ntt["sex"].dropna() == "female"),
    ):
        yield _share(quantity, hits, _value(series, key) / 100, _source(series, key))
    key = "2023/placements/informal"
    informal = _value(series, key) / _value(series, "2023/placements/all")
    yield _share("NTT: informal", ntt["employer_type"] == "household", informal, _source(series, key), slack=WIDE_SLACK)
    home = [office.code for office in vocabulary.offices() if office.areas and all(a[:2] == NTT for a in office.areas)]
    served = _value(series, "2025/placements/all/served_by_bp3mi_ntt") / _value(
        series, "2025/placements/all/origin_ntt_in_siskop2mi"
    )
    source = _source(series, "2025/placements/all/served_by_bp3mi_ntt")
    yield _share("NTT: served by an office in NTT", ntt["service_office"].dropna().isin(home), served, source)
    for area in ("53.18", "53.11", "53.01", "53.12", "53.04"):
        key = f"2023/placements/{area}"
        share = _value(series, key) / _value(series, "2023/placements/all")
        yield _share(f"NTT: from {vocabulary.label('areas', area)}", ntt["origin"] == area, share, _source(series, key))


def _complaint_lines(simulation: Simulation, newest: pd.DataFrame) -> Iterator[Line]:
    complaints = simulation.tables.events[simulation.tables.events["type"] == "complaint"]
    counts = "complaint_counts"
    for period, categories in COMPLAINTS.items():
        for category in categories:
            row = vocabulary.table(counts)[f"{period}/category/{category}"]
            share = float(row.extra["value"]) / float(row.extra["total"])
            label = f"complaints: {vocabulary.label('complaint_categories', category, 'en')}"
            yield _share(label, complaints["category"] == category, share, row.source, slack=WIDE_SLACK)
    run = simulation.world.run
    year_ago = run.until - pd.DateOffset(years=1)
    placed = int((newest["registered_on"] >= year_ago).sum())
    with_record = complaints[complaints["placement_id"].notna()]
    of_year = int((with_record["recorded_at"] >= year_ago).sum())
    rate = run.report_factor * 1000 * _value("survey_rates", "procedural_complaints")
    error = SAMPLING_ERRORS * np.sqrt(rate * placed / 1000) / max(placed, 1) * 1000
    yield Line(
        "procedural complaints per 1,000 placements, last year",
        1000 * of_year / placed if placed else np.nan,
        rate,
        RATE_SLACK * rate + error,
        _source("survey_rates", "procedural_complaints") + ("" if run.reporting == "published" else "; times ten"),
    )  # fmt: skip
    harmed = np.isfinite(simulation.world.harm.begins[0]).sum()
    reported = with_record["placement_id"].nunique()
    row = vocabulary.table("survey_rates")["reports_per_harm"]
    middle, low, high = (run.report_factor * float(row.extra[key]) for key in ("value", "low", "high"))
    yield Line("reports per harm", reported / max(harmed, 1), middle, max(middle - low, high - middle), row.source)


def _harm_lines(simulation: Simulation) -> Iterator[Line]:
    world = simulation.world
    facts, careers = world.population.facts, world.careers
    middle = days(world.run.until)
    at_work = (careers.departed < middle - 90) & (careers.returned > middle)
    begins, ends = world.harm.begins[0], world.harm.ends[0]
    in_harm = pd.Series((begins <= middle) & (ends > middle))
    domestic = at_work & (facts["employer_type"] == "household")
    for destination in ("MYS", "SGP", "HKG", "THA"):
        key = f"forced_labour_domestic_{destination}"
        hits = in_harm[domestic & (facts["destination"] == destination)]
        yield _share(
            f"harm at work, household, {destination}",
            hits,
            _value("survey_rates", key),
            _source("survey_rates", key),
            slack=WIDE_SLACK,
        )
    taiwan = at_work & (facts["destination"] == "TWN")
    factory, household, boat = (
        in_harm[taiwan & (facts[column] == code)].mean()
        for column, code in (("sector", "manufacturing"), ("employer_type", "household"), ("sector", "fishing"))
    )
    yield _ratio("harm, household to factory, Taiwan", household / factory, "rr_household")
    yield _ratio("harm, fishing to factory, Taiwan", boat / factory, "rr_fishing")
    debt = world.population.burden[(facts["destination"] == "HKG").to_numpy()] >= 0.3
    yield _share(
        "excessive debt, Hong Kong",
        debt,
        _value("survey_rates", "excessive_debt_HKG"),
        _source("survey_rates", "excessive_debt_HKG"),
        slack=0.07,
    )


def _ratio(quantity: str, simulated: float, key: str) -> Line:
    row = vocabulary.table("survey_rates")[key]
    published = float(row.extra["value"])
    low, high = (float(row.extra[end] or published * scale) for end, scale in (("low", 0.75), ("high", 1.25)))
    tolerance = max(published - low, high - published, RATE_SLACK * published)
    return Line(quantity, simulated, published, tolerance, row.source)


def _area_lines(simulation: Simulation) -> Iterator[Line]:
    events, series = simulation.tables.events, "ntt_series"
    area = events[events["area"].str.startswith(f"{NTT}.") & events["placement_id"].isna()]
    year = area["occurred_at"].dt.year
    for key, quantity, kind in (
        ("2023/deaths/all", "NTT: deaths 2023", "death"),
        ("2024/deaths/all", "NTT: deaths 2024", "death"),
        ("2025/deaths/all", "NTT: deaths 2025", "death"),
        ("2024/deported/all", "NTT: deported 2024", "deportation"),
    ):
        number = int(((area["type"] == kind) & (year == int(key[:4]))).sum())
        published = _value(series, key)
        yield Line(quantity, number or np.nan, published, RATE_SLACK * published, _source(series, key))
    deaths = area[area["type"] == "death"]
    row = "2025/deaths/nonprocedural"
    outside = _value(series, row) / _value(series, "2025/deaths/all")
    yield _share(
        "NTT: deaths outside procedure", ~deaths["procedural"], outside, _source(series, row), slack=WIDE_SLACK
    )
    weights = kabupaten_weights()
    for code in sorted(weights, key=lambda code: -weights[code])[:MOST_DEADLY]:
        share = weights[code] / sum(weights.values())
        source = _source(series, f"2024-to-30Nov/deaths/{code}")
        yield _share(f"NTT: deaths in {vocabulary.label('areas', code)}", deaths["area"] == code, share, source)
