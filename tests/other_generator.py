"""What would tables of somebody else's generator look like? Same contract, other habits.

One version per placement, time-zone-aware nanosecond instants, optional columns missing, harm that
depends on the partner abroad and the scheme rather than on what our simulator knows of, reports
from those in formal work almost only, and visits by complaint, by habit and by lot.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

END = pd.Timestamp("2025-09-01")
HORIZON_DAYS = 180


def write_other_world(folder: Path, *, seed: int, n: int = 6_000) -> pd.DataFrame:
    """Write the tables into `folder`; return what is true of each placement: true_risk."""
    random = np.random.default_rng(seed)
    registered = END - pd.to_timedelta(random.integers(20, 1000, n), unit="D")
    away = pd.to_timedelta(random.integers(5, 90, n), unit="D")
    departed = (registered + away).where(random.random(n) < 0.92)
    returned = (departed + pd.to_timedelta(random.integers(200, 900, n), unit="D")).where(random.random(n) < 0.5)
    household = random.random(n) < 0.6
    partner = random.integers(0, 60, n)
    partner_effect = random.normal(0, 0.8, 60)
    places = np.array(["MYS", "HKG", "TWN", "SAU", "JPN", "QAT"])
    place = random.choice(6, n, p=[0.3, 0.25, 0.25, 0.08, 0.1, 0.02])
    fee = random.gamma(2, 8e6, n)
    log_odds = -2.6 + np.array([0.6, 0.1, 0.0, 1.0, -1.0, 0.8])[place] + 0.7 * household
    log_odds = log_odds + partner_effect[partner] + 0.03 * (fee / 1e6 - 16)
    risk = expit(log_odds)
    harmed = random.random(n) < risk
    ids = np.array([f"other/{i}/å" for i in range(n)])
    placements = pd.DataFrame(
        {
            "placement_id": ids,
            "origin": random.choice(["35.07", "53.11", "33", "52.01.02"], n),
            "destination": places[place],
            "sector": np.where(household, "domestic", "manufacturing"),
            "employer_type": np.where(household, "household", "legal_entity"),
            "scheme": random.choice(["P_TO_P", "G_TO_G", "INDIVIDUAL"], n, p=[0.8, 0.1, 0.1]),
            "agency_id": np.char.add("A", random.integers(0, 120, n).astype(str)),
            "overseas_agency_id": np.char.add("P", partner.astype(str)),
            "wage_monthly_idr": random.gamma(9, 7e5, n),
            "fee_idr": fee,
            "registered_on": registered,
            "departed_on": departed,
            "returned_on": returned,
            "recorded_at": (registered + pd.Timedelta(days=2)).tz_localize("UTC"),
            "data_origin": "simulated",
        }
    )
    complaints = _complaints(ids, harmed, household, departed, random)
    visits = _visits(ids, harmed, partner_effect[partner], departed, random)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("placements", placements), ("events", complaints), ("inspections", visits)):
        table.to_parquet(folder / f"{name}.parquet", index=False)
    return pd.DataFrame({"placement_id": ids, "true_risk": risk})


def _complaints(
    ids: np.ndarray, harmed: np.ndarray, household: np.ndarray, departed: pd.DatetimeIndex, random: np.random.Generator
) -> pd.DataFrame:
    chance = np.where(harmed, np.where(household, 0.01, 0.12), 0.01)
    rows = np.flatnonzero((random.random(len(ids)) < chance) & ~pd.isna(departed))
    when = departed[rows] + pd.to_timedelta(random.integers(20, 300, len(rows)), unit="D")
    known = when < END - pd.Timedelta(days=10)
    rows, when = rows[known], when[known]
    return pd.DataFrame(
        {
            "event_id": [f"c{i}" for i in range(len(rows))],
            "placement_id": ids[rows],
            "type": "complaint",
            "category": random.choice(["gaji_tidak_dibayar", "ingin_dipulangkan"], len(rows)),
            "occurred_at": when,
            "recorded_at": (when + pd.Timedelta(days=5)).tz_localize("UTC"),
            "data_origin": "simulated",
        }
    )


def _visits(
    ids: np.ndarray, harmed: np.ndarray, worry: np.ndarray, departed: pd.DatetimeIndex, random: np.random.Generator
) -> pd.DataFrame:
    abroad = ~pd.isna(departed)
    wanted = abroad & (random.random(len(ids)) < 0.22 * expit(worry))
    by_lot = abroad & ~wanted & (random.random(len(ids)) < 0.06)
    rows = np.flatnonzero(wanted | by_lot)
    when = departed[rows] + pd.to_timedelta(random.integers(30, 400, len(rows)), unit="D")
    known = when < END - pd.Timedelta(days=10)
    rows, when = rows[known], when[known]
    lot = by_lot[rows]
    found = harmed[rows] & (random.random(len(rows)) < 0.9)
    return pd.DataFrame(
        {
            "inspection_id": [f"v{i}" for i in range(len(rows))],
            "placement_id": ids[rows],
            "list_id": np.where(lot, "L", None),
            "arm": np.where(lot, "random", "outside_list"),
            "inclusion_probability": np.where(lot, 0.06, np.nan),
            "visited_at": when,
            "outcome": np.where(
                random.random(len(rows)) < 0.07, "not_reached", np.where(found, "harm_found", "no_harm_found")
            ),
            "recorded_at": (when + pd.Timedelta(days=3)).tz_localize("UTC"),
            "data_origin": "simulated",
        }
    )
