"""What can be said of a placement before any outcome exists?

The two-line rule on published rates: one line for the destination, one for the kind of work. It is
served until a model has earned its place, and whenever a model is switched off.
"""

import math
from typing import Final

import numpy as np

from risk_model import vocabulary
from risk_model.scoring.coding import Coding, Level
from risk_model.scoring.scorer import CompiledModel, Term

KIND: Final = "published_rule"

SURVEYED_HARM: Final = {"SGP": 0.07, "THA": 0.04, "MYS": 0.29, "HKG": 0.17}
"""Share of migrant domestic workers found in forced labour: ILO 2023 (n = 1,201, Jul-Sep 2022) for
Singapore, Thailand and Malaysia; Justice Centre Hong Kong 2016 (n = 1,049)."""

ANCHOR: Final = "HKG"
"""Where no survey was made, harm is Hong Kong's times the root of the ratio of complaints per placement.

The root, because complaints are counted over procedural and other workers alike while placements
count the procedural alone (cumulative counts to 2024, Kompas 18 Dec 2024). Hong Kong, because its count
of complaints is the largest of the surveyed destinations whose placements are nearly all procedural."""

HIGHEST_RATE: Final = 0.6
"""No destination's derived rate is higher: beyond the surveyed range the root only says "very high"."""

SECTOR_RELATIVE_RISK: Final = {"domestic": 1.0, "care": 1.0, "fishing": 2.0, "seafaring": 2.0}
"""Relative to work in a household. Fishing: four times land manufacturing (EJF 2020, our reading)."""

LEGAL_ENTITY_RELATIVE_RISK: Final = 0.5
"""Work for a legal entity against work in a household of the same country: half. Direction well
supported, size not (no matched survey found)."""

THRESHOLDS: Final = (0.25, 0.15, 0.07)
"""Yearly harm rates between the surveyed ones: bands for about Malaysia, Hong Kong and Singapore."""

LOG_ODDS_VARIANCE: Final = 0.5
"""Squared standard error of each line: a published rate may well be off by a factor of two."""

YEAR_DAYS: Final = 365


def destination_rates() -> dict[str, float]:
    """Return the yearly harm rate of household work by destination, where anything was published."""
    ratios = {
        code: float(row.extra["complaints_cum_2024"]) / float(row.extra["placements_cum_2007_2024"])
        for code, row in vocabulary.table("destinations").items()
        if row.extra["complaints_cum_2024"] and row.extra["placements_cum_2007_2024"]
    }
    derived = {code: SURVEYED_HARM[ANCHOR] * math.sqrt(ratio / ratios[ANCHOR]) for code, ratio in ratios.items()}
    return {code: min(rate, HIGHEST_RATE) for code, rate in derived.items()} | SURVEYED_HARM


def yearly_rate(destination: str, sector: str, employer_type: str) -> float:
    """Return the yearly harm rate that was published for such work, capped at `HIGHEST_RATE`; NaN where none was.

    A household's rate is the destination's, a legal entity's half of it; at sea as `SECTOR_RELATIVE_RISK` says.
    """
    rate = _RATES.get(destination, math.nan)
    relative = {"household": 1.0, "legal_entity": LEGAL_ENTITY_RELATIVE_RISK}
    return min(rate * relative.get(employer_type, SECTOR_RELATIVE_RISK.get(sector, 1.0)), HIGHEST_RATE)


_RATES: Final = destination_rates()


def published_rule(*, horizon_days: int = 180) -> CompiledModel:
    """Return the two-line rule on published rates, for harm within `horizon_days`, as a compiled model.

    A destination without a published rate is not supported: a person decides.
    """
    rates = {code: _within(rate, horizon_days) for code, rate in destination_rates().items()}
    relative = {sector: SECTOR_RELATIVE_RISK.get(sector, LEGAL_ENTITY_RELATIVE_RISK) for sector in _sectors()}
    log_odds = {code: math.log(rate / (1 - rate)) for code, rate in rates.items()}
    centre = sum(log_odds.values()) / len(log_odds)
    terms = (
        _term("destination", {code: value - centre for code, value in log_odds.items()}),
        _term("sector", {sector: math.log(risk) for sector, risk in relative.items()}),
    )
    return CompiledModel(
        kind=KIND,
        intercept=centre,
        variance=0.0,
        terms=terms,
        detection=1.0,
        thresholds=tuple(_within(rate, horizon_days) for rate in THRESHOLDS),
        support_columns=("destination",),
        supported=frozenset(rates),
        card=_card(horizon_days),
    )


def _within(yearly_rate: float, horizon_days: int) -> float:
    return float(1 - (1 - yearly_rate) ** (horizon_days / YEAR_DAYS))


def _sectors() -> tuple[str, ...]:
    return tuple(vocabulary.table("sectors"))


def _term(column: str, values: dict[str, float]) -> Term:
    unknown = len(values)
    coding = Coding(
        name=column,
        columns=(column,),
        size=unknown + 1,
        unknown=unknown,
        levels=(Level((column,), {key: code for code, key in enumerate(values)}),),
    )
    return Term(coding, np.array([*values.values(), 0.0]), np.full(unknown + 1, LOG_ODDS_VARIANCE))


def _card(horizon_days: int) -> dict[str, object]:
    return {
        "specification": "placement-risk",
        "title": {"id": "Aturan dua baris dari angka terbitan", "en": "Two-line rule on published rates"},
        "kind": KIND,
        "model_version": KIND,
        "horizon_days": horizon_days,
        "data_origin": "published",
        "learned_from": "published surveys and complaint counts, no outcome of this office",
        "sources": ["ILO 2023", "Justice Centre Hong Kong 2016", "Kompas 18 Dec 2024", "EJF 2020"],
        "labels": {
            "destination": {"id": "Negara tujuan", "en": "Destination"},
            "sector": {"id": "Sektor", "en": "Sector"},
        },
    }
