"""Which sections does an evaluation report have, and what does each say?"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from risk_model.evaluation import plots
from risk_model.evaluation.proxies import WARN_ABOVE
from risk_model.evaluation.report_text import Section

TITLE: Final = "Evaluation"
FACTS: Final = ("model_version", "as_of", "data_origin", "design", "constraints", "cohort")
"""What stands above every report: no figure of gain without its design and its constraints (safeguard R12)."""


def facts(judged: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was judged, without the tables."""
    return {name: judged[name] for name in FACTS}


def sections(judged: Mapping[str, Any], *, pictures: bool) -> list[Section]:
    """Return the sections of the report `judged`, as `workflows.evaluation` makes it; with pictures for a page."""
    compared = pd.DataFrame(judged["comparison"])
    picture = plots.as_svg(plots.share_by_capacity(compared)) if pictures and len(compared) else ""
    made = [
        Section(
            "Orders compared",
            "precision: share harmed among the visited, with its 90 % interval; recall: share of all harmed who are "
            "visited; share: 0 is chance, 1 is the order of true risk (simulated data only).",
            judged["comparison"],
            picture,
        ),
        Section(
            "Who is visited later",
            "Of the harmed, the share who stand further back under the model than under each other order, and by which "
            "share of the list the median one moves forward.",
            judged["made_later"],
        ),
    ]
    if judged["calibration"] is not None:
        made += _calibration(judged["calibration"], pictures=pictures)
    return [
        *made,
        *_groups(judged),
        Section(
            "Could a barred trait be read off the model?",
            f"AUC of foretelling each trait from the model's inputs and from its score; a warning above {WARN_ABOVE}.",
            judged["proxies"],
        ),
        Section("What the gate said", "The checks of the last promotion asked for this version.", judged["gate"]),
    ]


def _calibration(calibration: Mapping[str, Any], *, pictures: bool) -> list[Section]:
    single = [{"figure": name, "value": value} for name, value in calibration.items() if not isinstance(value, list)]
    deciles = calibration["by_decile"]
    picture = plots.as_svg(plots.calibration_by_decile(pd.DataFrame(deciles))) if pictures else ""
    return [
        Section(
            "Calibration on true harm",
            "ece: mean distance of predicted from observed; slope 1 is perfect; coverage: share of rows whose 90 % "
            "interval holds the mean true risk of their decile and stratum (stage and employer type).",
            single,
            picture,
        ),
        Section("By decile of predicted risk", "1 is the lowest.", deciles),
        Section("By stratum", "Stage and employer type.", calibration["by_stratum"]),
    ]


def _groups(judged: Mapping[str, Any]) -> list[Section]:
    basis = "true harm" if judged["calibration"] is not None else "visits with a known probability"
    note = (
        "recall: share of the group's harmed who are on the list at capacity; listed: share of the group on it; all "
        "with 90 % intervals. A dash is not enough data, never fairness."
    )
    gap = "Span of recall between groups; apart: the intervals of lowest and highest do not meet."
    return [
        Section(f"Who is left without protection: {basis}", note, _short(judged["groups"])),
        Section(f"Gaps: {basis}", gap, judged["gaps"]),
        Section(
            "Who is left without protection: random-arm visits",
            "Tested visits of the random arm alone, weighted by one over their probability. " + note,
            _short(judged["groups_random_arm"]),
        ),
        Section("Gaps: random-arm visits", gap, judged["gaps_random_arm"]),
    ]


def _short(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One cell per figure with its interval, so that a row fits a page."""
    made = []
    for record in records:
        row: dict[str, Any] = {name: record[name] for name in ("trait", "group", "rows", "cases", "listed")}
        for name in ("recall", "precision", "predicted_over_observed"):
            if name in record:
                value, low, high = (record[key] for key in (name, f"{name}_low", f"{name}_high"))
                row[name] = None if value is None else f"{value:.2f} ({low:.2f}–{high:.2f})"
        made.append(row | {"status": record["status"] or "ok"})
    return made
