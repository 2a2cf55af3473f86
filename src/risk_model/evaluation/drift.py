"""How far have inputs and scores moved since training?

PSI (population stability index) compares the shares of a field's values, KS (Kolmogorov-Smirnov) the
distribution functions of numbers. Each field has its own limits and severity; no verdict hangs on how
many fields moved (safeguard R31).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, ks_2samp

Floats = NDArray[np.float64]

SEVERITIES: Final = ("steady", "watch", "alarm")
BINS: Final = 10
"""Numbers are compared in tenths of the training cohort, and "not recorded" apart."""
MOST_CATEGORIES: Final = 50
"""The commonest values of training; rarer ones are compared together."""
OTHER: Final = "(other)"
MISSING: Final = "(not recorded)"
LEAST_SHARE: Final = 1e-4
"""Stands for a share of 0, so that one new value does not make the index infinite."""
NOISE_LEVEL: Final = 0.001
"""A difference that chance alone makes in more than one of a thousand comparisons is no drift."""
KS_NOISE: Final = float(np.sqrt(-np.log(NOISE_LEVEL / 2) / 2))
"""Two-sample Kolmogorov-Smirnov quantile at `NOISE_LEVEL`, times the root of 1/n + 1/m (Smirnov 1948)."""


@dataclass(frozen=True)
class Limits:
    """From where on a field is watched, and from where on it alarms, by PSI and by KS."""

    watch: float
    alarm: float
    ks_watch: float
    ks_alarm: float


USUAL: Final = Limits(watch=0.10, alarm=0.25, ks_watch=0.10, ks_alarm=0.20)
"""The usual reading of PSI (Siddiqi 2006); KS by our choice."""
CRITICAL: Final = Limits(watch=0.05, alarm=0.10, ks_watch=0.05, ks_alarm=0.10)
"""For what decides whether there is a score at all, and for the score itself. Our choice."""
COUNTED: Final = Limits(watch=0.25, alarm=0.50, ks_watch=0.20, ks_alarm=0.40)
"""For histories, which count what happened lately and so move from month to month. Our choice."""

CORRIDOR_WATCH: Final = 1.5
CORRIDOR_ALARM: Final = 2.0
"""How many times larger or smaller a corridor's share of the cohort, or its mean risk, has become."""
LEAST_CORRIDOR_SHARE: Final = 0.005
"""Corridors below this share in both cohorts are only watched for being new."""


def field_drift(then: pd.DataFrame, now: pd.DataFrame, limits: Mapping[str, Limits]) -> pd.DataFrame:
    """Compare every field named in `limits` between two cohorts.

    Args:
        then: the cohort a model was trained up to, one row per placement.
        now: the cohort at the later date, same columns.
        limits: per field; a text field has no KS.

    Returns:
        One row per field, worst first: field, psi, ks (null for text), missing_then, missing_now (shares), severity
        (steady, watch, alarm). A difference within `NOISE_LEVEL` is steady whatever its size.
    """
    rows = [_compared(name, then[name], now[name], limit) for name, limit in limits.items()]
    frame = pd.DataFrame(rows, columns=["field", "psi", "ks", "missing_then", "missing_now", "severity"])
    return _worst_first(frame, "psi")


def corridor_drift(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Compare corridors between two scored cohorts.

    Args:
        then: `corridor` and `risk` (null without support) of each placement, at training.
        now: the same at the later date.

    Returns:
        One row per corridor that is new or moved, worst first: corridor, share_then, share_now, risk_then, risk_now
        (mean, null where unscored), severity. A corridor never seen in training alarms from the least share
        on, and is watched below it: its placements carry no number and are routed to a person.
    """
    counts = [frame["corridor"].value_counts() for frame in (then, now)]
    risks = [frame.groupby("corridor")["risk"].mean() for frame in (then, now)]
    names = sorted(set(counts[0].index) | set(counts[1].index))
    table = pd.DataFrame({"corridor": names})
    for label, count, risk, frame in zip(("then", "now"), counts, risks, (then, now), strict=True):
        table[f"n_{label}"] = count.reindex(names).fillna(0).to_numpy()
        table[f"share_{label}"] = table[f"n_{label}"] / max(1, len(frame))
        table[f"risk_{label}"] = risk.reindex(names).to_numpy()
    table["severity"] = [_corridor_severity(row) for _, row in table.iterrows()]
    moved = table[table["severity"] != SEVERITIES[0]]
    return _worst_first(moved, "share_now")[
        ["corridor", "share_then", "share_now", "risk_then", "risk_now", "severity"]
    ]


def psi(then: Floats, now: Floats) -> float:
    """Return the population stability index of two sets of counts over the same values.

    The sum of (q - p) ln(q / p) over the shares p then and q now; 0 where nothing moved.

    >>> round(psi([50, 50], [75, 25]), 4)
    0.2747
    """
    p, q = (np.maximum(np.asarray(counts, float) / np.sum(counts), LEAST_SHARE) for counts in (then, now))
    return float(np.sum((q - p) * np.log(q / p)))


def worst(severities: pd.Series) -> str:
    """Return the gravest of `severities`; steady where there are none."""
    return max(severities, key=SEVERITIES.index, default=SEVERITIES[0])


def _compared(name: str, then: pd.Series, now: pd.Series, limit: Limits) -> tuple[object, ...]:
    number = pd.api.types.is_numeric_dtype(then) and not pd.api.types.is_bool_dtype(then)
    counts = _binned(then, now) if number else _counted(then, now)
    index, noise = psi(*counts), 1 / max(1, len(then)) + 1 / max(1, len(now))
    # under no change PSI / (1/n + 1/m) is about chi-square with one degree less than values (Yurdakul 2018)
    index_noise = float(chi2.ppf(1 - NOISE_LEVEL, max(1, int(np.count_nonzero(counts[0] + counts[1])) - 1))) * noise
    distance = _distance(then, now) if number else float("nan")
    grades = [_grade(index, max(limit.watch, index_noise), max(limit.alarm, index_noise))]
    if number and not np.isnan(distance):
        ks_noise = KS_NOISE * float(np.sqrt(noise))
        grades.append(_grade(distance, max(limit.ks_watch, ks_noise), max(limit.ks_alarm, ks_noise)))
    severity = worst(pd.Series(grades))
    return name, index, distance, float(then.isna().mean()), float(now.isna().mean()), severity


def _grade(value: float, watch: float, alarm: float) -> str:
    return SEVERITIES[int(value >= watch) + int(value >= alarm)]


def _counted(then: pd.Series, now: pd.Series) -> tuple[Floats, Floats]:
    texts = [frame.astype("object").where(frame.notna(), MISSING).astype("str") for frame in (then, now)]
    common = texts[0].value_counts().index[:MOST_CATEGORIES]
    values = [*common, OTHER]
    kept = [text.where(text.isin(common), OTHER).value_counts().reindex(values).fillna(0) for text in texts]
    then_counts: Floats = np.asarray(kept[0], dtype=np.float64)
    now_counts: Floats = np.asarray(kept[1], dtype=np.float64)
    return then_counts, now_counts


def _binned(then: pd.Series, now: pd.Series) -> tuple[Floats, Floats]:
    numbers = [frame.to_numpy(np.float64, na_value=np.nan) for frame in (then, now)]
    known = numbers[0][~np.isnan(numbers[0])]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    then_bins, now_bins = (
        np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left")) for values in numbers
    )
    size = len(edges) + 2
    then_counts: Floats = np.bincount(then_bins, minlength=size).astype(np.float64)
    now_counts: Floats = np.bincount(now_bins, minlength=size).astype(np.float64)
    return then_counts, now_counts


def _distance(then: pd.Series, now: pd.Series) -> float:
    known = [frame.dropna().to_numpy(np.float64) for frame in (then, now)]
    return float(ks_2samp(*known).statistic) if all(len(values) for values in known) else float("nan")


def _corridor_severity(row: pd.Series) -> str:
    if row["n_then"] == 0:
        return SEVERITIES[2] if row["share_now"] >= LEAST_CORRIDOR_SHARE else SEVERITIES[1]
    if max(row["share_then"], row["share_now"]) < LEAST_CORRIDOR_SHARE:
        return SEVERITIES[0]
    if row["n_now"] == 0:
        return SEVERITIES[2]
    spread = np.sqrt(1 / row["n_then"] + 1 / row["n_now"])
    size = abs(np.log(row["share_now"] / row["share_then"]))
    sizes = [size if size > 3 * spread else 0.0]
    if row["risk_then"] > 0 and row["risk_now"] > 0:
        sizes.append(abs(np.log(row["risk_now"] / row["risk_then"])))
    return _grade(max(sizes), float(np.log(CORRIDOR_WATCH)), float(np.log(CORRIDOR_ALARM)))


def _worst_first(frame: pd.DataFrame, then_by: str) -> pd.DataFrame:
    rank = frame["severity"].map({name: place for place, name in enumerate(SEVERITIES)})
    ordered = frame.assign(rank=rank).sort_values(["rank", then_by], ascending=False, kind="stable")
    return ordered.drop(columns="rank").reset_index(drop=True)
