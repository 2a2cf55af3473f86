"""Who is left without protection?

Groups are audited, never learnt: their columns are joined here, after scoring. A group with too few rows for a
figure gets none and is marked so; it is never shown as fair.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.evaluation.paired import Z90, listed
from risk_model.evaluation.report import wilson

Floats = NDArray[np.float64]

AGE_BANDS: Final = ((25, "under 25"), (35, "25–34"), (45, "35–44"), (200, "45 and over"))
PROVINCE_DIGITS: Final = 2
SMALLEST_GROUP: Final = 30
"""Cases (for recall and calibration) or listed rows (for precision) a group needs before it gets a figure; weighted
rows count as the number of equal rows that would be as informative."""
NOT_ENOUGH: Final = "not enough data"
TRAIT_NAMES: Final = {"birth_year": "age band", "origin": "province"}


def trait_columns(people: pd.DataFrame, traits: Sequence[str], *, at: pd.Series | pd.Timestamp) -> pd.DataFrame:
    """Return one text column per audited trait, indexed like `people`; null where not recorded.

    Birth years become age bands at the date, origins provinces; every other trait stays as it is.

    Args:
        people: rows with the columns `traits`; a trait that is no column is left out.
        traits: the audited columns of the specification.
        at: the date of each row, or of all.
    """
    columns = {}
    for trait in traits:
        if trait not in people:
            continue
        values = people[trait]
        if trait == "birth_year":
            year = at.dt.year if isinstance(at, pd.Series) else at.year
            columns[TRAIT_NAMES[trait]] = _age_bands(year - values.astype("Float64"))
        elif trait == "origin":
            columns[TRAIT_NAMES[trait]] = values.astype("str").str[:PROVINCE_DIGITS].where(values.notna())
        else:
            columns[trait] = values.astype("str").where(values.notna())
    return pd.DataFrame(columns, index=people.index)


def group_figures(
    scored: pd.DataFrame, traits: Sequence[str], *, capacity_share: float, probability: str | None = "risk"
) -> list[dict[str, Any]]:
    """Return one record per trait and group: recall, precision and calibration with 90 % intervals.

    One list is made over all rows; recall is the share of a group's truly harmed on it, precision the share of
    harmed among the group's listed, listed the share of the group on it, predicted_over_observed the mean
    probability over the rate of harm. A figure is None where fewer than 30 rows carry it (`status` says so).

    Args:
        scored: rows with `score`, `outcome` (0/1), `weight` (one over the probability of being seen, else 1), the
            columns `traits`, and the column `probability`.
        traits: columns of groups.
        capacity_share: share of all weight that is listed.
        probability: column of the probability of harm; None where the scores are none.
    """
    weight = scored["weight"].to_numpy(float)
    on_list = listed(scored["score"], weight, capacity_share)
    records = []
    for trait in traits:
        for group in sorted(scored[trait].dropna().unique()):
            member = (scored[trait] == group).to_numpy()
            risk = None if probability is None else scored[probability].to_numpy(float)[member]
            outcome = scored["outcome"].to_numpy(float)[member]
            figures = _of_group(outcome, weight[member], on_list[member], risk)
            records.append({"trait": trait, "group": group, "rows": int(member.sum()), **figures})
    return records


def gaps(records: Sequence[dict[str, Any]], figure: str = "recall") -> list[dict[str, Any]]:
    """Return the span of `figure` over the groups of each trait that have it; None with fewer than two such groups.

    `apart` is true where the intervals of lowest and highest group do not meet.
    """
    spans = []
    for trait in dict.fromkeys(record["trait"] for record in records):
        known = [record for record in records if record["trait"] == trait and record[figure] is not None]
        without = sum(record["trait"] == trait for record in records) - len(known)
        span: dict[str, Any] = {"trait": trait, "lowest": None, "highest": None, "gap": None, "apart": None}
        if len(known) > 1:
            ordered = sorted(known, key=lambda record: record[figure])
            low, high = ordered[0], ordered[-1]
            span |= {
                "lowest": low["group"],
                "highest": high["group"],
                "gap": high[figure] - low[figure],
                "apart": low[f"{figure}_high"] < high[f"{figure}_low"],
            }
        spans.append({**span, NOT_ENOUGH.replace(" ", "_"): without})
    return spans


def _of_group(outcome: Floats, weight: Floats, on_list: Floats, risk: Floats | None) -> dict[str, Any]:
    cases, places = weight * outcome, weight * on_list
    recall = _rate(on_list, cases)
    precision = _rate(outcome, places)
    level = None if risk is None else _level(outcome, weight, risk)
    enough = recall[0] is not None and precision[0] is not None and level != (None, None, None)
    figures: dict[str, Any] = {
        "cases": int(outcome.sum()),
        "listed": float(places.sum() / weight.sum()),
        "status": "" if enough else NOT_ENOUGH,
    }
    for name, interval in (("recall", recall), ("precision", precision), ("predicted_over_observed", level)):
        if interval is not None:
            figures |= dict(zip((name, f"{name}_low", f"{name}_high"), interval, strict=True))
    return figures


def _rate(value: Floats, weight: Floats) -> tuple[float | None, float | None, float | None]:
    """Weighted mean of `value` (0 to 1) with its 90 % Wilson interval on the effective number of rows."""
    n = float(weight.sum() ** 2 / np.sum(weight**2)) if weight.any() else 0.0
    if n < SMALLEST_GROUP:
        return None, None, None
    rate = float(np.average(value, weights=weight))
    return rate, *wilson(rate, n)


def _level(outcome: Floats, weight: Floats, risk: Floats) -> tuple[float | None, float | None, float | None]:
    """Predicted over observed with its 90 % interval, on the log scale."""
    known = ~np.isnan(risk)
    outcome, weight, risk = outcome[known], weight[known], risk[known]
    found = float(np.sum(weight * outcome))
    if outcome.sum() < SMALLEST_GROUP:
        return None, None, None
    ratio = float(np.sum(weight * risk)) / found
    half = Z90 * float(np.sqrt(np.sum((weight * (risk - ratio * outcome)) ** 2))) / found / ratio
    return ratio, float(ratio * np.exp(-half)), float(ratio * np.exp(half))


def _age_bands(age: pd.Series) -> pd.Series:
    bands = pd.Series(pd.NA, index=age.index, dtype="str")
    for oldest, name in reversed(AGE_BANDS):
        bands = bands.mask((age < oldest).fillna(value=False), name)
    return bands
