"""What does the evidence for a version look like?"""

from io import StringIO

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

mpl.use("agg")

CALIBRATION_BINS = 10
INK, ACCENT, PALE = "#1f2933", "#b4531a", "#9aa5b1"


def precision_by_split(scores: pd.DataFrame) -> Figure:
    """Draw the precision at capacity of every candidate over the rolling tests.

    Args:
        scores: one row per candidate and split, with `precision_at_capacity`.
    """
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    wide = scores.pivot_table(index="split", columns="candidate", values="precision_at_capacity")
    for name in wide.columns:
        strong = name == "rule"
        axes.plot(wide.index, wide[name], marker="o", label=name, color=INK if strong else None, lw=2 if strong else 1)
    axes.set(
        xlabel="rolling test", ylabel="precision at capacity", title="Visited by each order: share with harm found"
    )
    axes.set_xticks(list(wide.index))
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def calibration(scored: pd.DataFrame, column: str) -> Figure:
    """Draw predicted against found harm, in bins of equally many visits.

    Args:
        scored: tested rows with `outcome`, `weight` and the predicted probability in `column`.
        column: which candidate.
    """
    figure = Figure(figsize=(4.2, 4.2), layout="constrained")
    axes = figure.subplots()
    bins = pd.qcut(scored[column].rank(method="first"), min(CALIBRATION_BINS, len(scored)), labels=False)
    grouped = scored.assign(bin=bins).groupby("bin")
    predicted = grouped.apply(lambda rows: np.average(rows[column], weights=rows["weight"]))
    found = grouped.apply(lambda rows: np.average(rows["outcome"], weights=rows["weight"]))
    top = float(max(predicted.max(), found.max(), 0.01)) * 1.1
    axes.plot([0, top], [0, top], color=PALE, lw=1, label="perfect")
    axes.plot(predicted, found, marker="o", color=ACCENT, label=column)
    axes.set(xlabel="predicted", ylabel="found", title="Calibration on tested visits", xlim=(0, top), ylim=(0, top))
    axes.legend(frameon=False)
    return figure


def as_svg(figure: Figure) -> str:
    """Return `figure` as SVG to stand inside a page."""
    stream = StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()[stream.getvalue().index("<svg") :]


def share_by_capacity(comparison: pd.DataFrame) -> Figure:
    """Draw the precision of every order at each capacity, with its interval.

    Args:
        comparison: one row per order and `capacity_share`, with `precision`, `low` and `high`.
    """
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    names = list(dict.fromkeys(comparison["order"]))
    for place, name in enumerate(names):
        rows = comparison[comparison["order"] == name]
        spread = [rows["precision"] - rows["low"], rows["high"] - rows["precision"]]
        where = np.arange(len(rows)) + (place - len(names) / 2) * 0.12
        colour = ACCENT if name == "model" else INK if "rule" in name else None
        axes.errorbar(where, rows["precision"], yerr=spread, fmt="o", ms=4, capsize=2, label=name, color=colour)
    shares = sorted(comparison["capacity_share"].unique())
    axes.set_xticks(range(len(shares)), [f"{share:.0%}" for share in shares])
    axes.set(xlabel="share visited", ylabel="harmed among the visited", title="What each order finds")
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def calibration_by_decile(deciles: pd.DataFrame) -> Figure:
    """Draw predicted against true risk by decile of predicted risk.

    Args:
        deciles: one row per decile with `predicted`, `true` and `observed`.
    """
    figure = Figure(figsize=(4.2, 4.2), layout="constrained")
    axes = figure.subplots()
    top = float(max(deciles["predicted"].max(), deciles["true"].max(), 0.01)) * 1.1
    axes.plot([0, top], [0, top], color=PALE, lw=1, label="perfect")
    axes.plot(deciles["predicted"], deciles["true"], marker="o", color=ACCENT, label="true risk (simulated)")
    axes.set(xlabel="predicted", ylabel="true", title="Calibration by decile", xlim=(0, top), ylim=(0, top))
    axes.legend(frameon=False)
    return figure
