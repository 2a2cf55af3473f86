"""How good is a version, for whom, and how is that known?

Where the data have a truth (only simulated data do), orders, probabilities and groups are judged on true harm.
Without one they are judged on the visits of the version's rolling tests, which it had not seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from risk_model import registry
from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.data.schema import Tables
from risk_model.errors import NotEnoughDataError
from risk_model.evaluation import fairness, report
from risk_model.evaluation.proxies import proxy_probe
from risk_model.evaluation.truth import calibration_on_truth
from risk_model.placements.feature_table import feature_table
from risk_model.placements.published_rule import published_rule
from risk_model.scoring.scorer import Scores, score_columns
from risk_model.specification import Specification, read_specification
from risk_model.workflows.gate_evidence import visits_of
from risk_model.workflows.scoring import load_model
from risk_model.workflows.table_evaluation import evaluate_table

Progress = Callable[[int, int, str], None]

STEPS = 4
RANDOM_ARM = "random"
MODEL = "model"


@dataclass(frozen=True)
class _Judged:
    """What is judged: the data, the cohort of a date with its scores, and who asks."""

    tables: Tables
    specification: Specification
    as_of: pd.Timestamp
    cohort: pd.DataFrame
    scores: Scores
    traits: pd.DataFrame
    random_state: int


def evaluation(
    data: Path,
    *,
    as_of: pd.Timestamp | None,
    reference: str | None,
    specification_file: Path,
    random_state: int,
    truth: bool | None = None,
    progress: Progress = lambda done, total, text: None,
) -> dict[str, Any]:
    """Return the evaluation report as plain data.

    Args:
        data: folder of a data set, or the file of a table (judged on its tests; `as_of` is not used).
        as_of: the date of the cohort; default: the newest with a truth, else the day after the last record.
        reference: version number, `challenger` or `champion`; none: the newest trained.
        specification_file: of the model.
        random_state: seed of random orders, samples and folds.
        truth: whether to judge on simulated true harm; None: where there is one.
        progress: called with (done, total, text).

    Returns:
        model_version, as_of, data_origin, design (simulated or retrospective), constraints, cohort, comparison,
        made_later, calibration (None without truth), groups (on truth: None without), groups_random_arm, gaps,
        proxies, gate (the verdict's checks).

    Raises:
        NotEnoughDataError: truth is asked for and `data` has none, or the version has no tested visits.
    """
    if data.is_file():
        return evaluate_table(
            data, reference=reference, specification_file=specification_file, random_state=random_state, truth=truth
        )
    known = schema.read_truth(data) if truth is not False else None
    if truth and known is None:
        raise NotEnoughDataError(f"{data} has no truth.parquet; only simulated data has: leave out --truth")
    progress(0, STEPS, "scoring the cohort")
    judged, version = _judged(data, as_of, known, reference, specification_file, random_state)
    stored = _stored(judged.specification.name, reference)
    progress(1, STEPS, "comparing orders")
    tested = None if stored is None else _tested(judged, stored)
    if known is None and tested is None:
        raise NotEnoughDataError("neither a truth nor tested visits to judge on; train a version: risk-model train")
    parts = _on_truth(judged, known) if known is not None else _on_visits(judged, tested)
    progress(2, STEPS, "auditing groups")
    arm = None if tested is None else tested[tested["arm"] == RANDOM_ARM]
    groups = parts["groups"]
    by_lot = [] if arm is None else _groups(arm, judged, probability=None)
    progress(3, STEPS, "probing for proxies")
    inputs = judged.cohort[[*judged.specification.input_columns]]
    proxies = proxy_probe(inputs, pd.Series(judged.scores.risk), judged.traits, random_state=random_state)
    progress(STEPS, STEPS, "judged")
    origin = "simulated" if (judged.tables.placements["data_origin"] == "simulated").any() else "real"
    return {
        "model_version": version,
        "as_of": str(judged.as_of.date()),
        "data_origin": origin,
        "design": _design(origin, known is not None),
        "constraints": _constraints(known is not None),
        "cohort": len(judged.cohort),
        **parts,
        "groups_random_arm": by_lot,
        "gaps": fairness.gaps(groups),
        "gaps_random_arm": fairness.gaps(by_lot),
        "proxies": proxies,
        "gate": [] if stored is None else list(stored.verdict.get("checks", [])),
    }


def _judged(
    data: Path,
    as_of: pd.Timestamp | None,
    known: pd.DataFrame | None,
    reference: str | None,
    specification_file: Path,
    *random: int,
) -> tuple[_Judged, str]:
    tables, specification = read_data(data), read_specification(specification_file)
    last = schema.day_after_last_record(tables) if known is None else pd.Timestamp(known["as_of"].max())
    date = as_of if as_of is not None else last
    cohort = feature_table(tables, specification, date)
    model, version = load_model(reference, specification_file)
    scores = score_columns(model, cohort)
    people = schema.as_of_view(tables, date).placements.set_index("placement_id").loc[cohort["placement_id"]]
    traits = fairness.trait_columns(people.reset_index(drop=True), specification.audit_groups, at=date)
    return _Judged(tables, specification, date, cohort, scores, traits, *random), version


def _design(origin: str, truth: bool) -> str:
    if truth:
        return "simulated: every order judged on the true harm of the same cohort"
    return f"{'simulated, ' if origin == 'simulated' else ''}retrospective: judged on visits of the rolling tests"


def _constraints(truth: bool) -> str:
    shares = ", ".join(f"{share:.0%}" for share in report.CAPACITY_SHARES)
    among = "the whole cohort" if truth else "those visited, within each rolling test"
    return f"{shares} of {among} taken by score alone; no mandatory, coverage or random arm"


def _stored(name: str, reference: str | None) -> registry.StoredVersion | None:
    try:
        return registry.fetch(name, reference or registry.CHALLENGER)
    except NotEnoughDataError:
        return None


def _tested(judged: _Judged, stored: registry.StoredVersion) -> pd.DataFrame:
    """The version's tested rows with the arm that led to each visit and, for the random arm, its weight uncapped."""
    names = (stored.specification.identifier, stored.specification.time)
    trained = pd.Timestamp(str(stored.card["as_of"]))
    tested = stored.scored.assign(**{names[1]: pd.to_datetime(stored.scored[names[1]])}).reset_index(drop=True)
    visits = visits_of(judged.tables, tested, stored.specification, trained)
    people = schema.as_of_view(judged.tables, trained).placements.set_index("placement_id")
    mine = people.reindex(tested[names[0]]).reset_index(drop=True)
    traits = fairness.trait_columns(mine, judged.specification.audit_groups, at=tested[names[1]])
    probability = visits["inclusion_probability"].astype(float)
    return pd.concat([tested.assign(arm=visits["arm"], probability=probability), traits], axis=1)


def _on_truth(judged: _Judged, truth: pd.DataFrame) -> dict[str, Any]:
    cohort, scores = judged.cohort, judged.scores
    orders = report.baselines(cohort, random_state=judged.random_state)
    orders["published rule"] = score_columns(published_rule(), cohort).risk
    orders[MODEL] = scores.risk
    compared = report.judge_on_truth(orders, cohort, truth, as_of=judged.as_of)
    at_date = truth[truth["as_of"] == judged.as_of].drop_duplicates("placement_id").set_index("placement_id")
    known = at_date.loc[cohort["placement_id"]]
    harm, true_risk = known["harm"].to_numpy(float), known["true_risk"].to_numpy(float)
    one = np.ones(len(cohort))
    strata = cohort[[name for name in ("stage", "employer_type") if name in cohort]].astype("str").agg(" ".join, axis=1)
    scored = judged.traits.assign(score=scores.risk, risk=scores.risk, outcome=harm, weight=one)
    traits = [str(name) for name in judged.traits]
    return {
        "comparison": compared.to_dict("records"),
        "made_later": report.made_later(orders, harm, one, model=MODEL).to_dict("records"),
        "calibration": calibration_on_truth(scores.risk, scores.low, scores.high, true_risk, harm, strata=strata),
        "groups": fairness.group_figures(scored, traits, capacity_share=judged.specification.capacity_share),
    }


def _on_visits(judged: _Judged, tested: pd.DataFrame | None) -> dict[str, Any]:
    if tested is None:
        return {"comparison": [], "made_later": [], "calibration": None, "groups": []}
    columns = [str(name) for name in tested.columns if str(name).startswith("by ")]
    named = {name.removeprefix("by ").replace("_", " "): name for name in columns}
    named |= {"two-line rule": "rule", MODEL: "chosen"}
    orders = {name: tested[column].to_numpy(float) for name, column in named.items()}
    outcome, weight = (tested[name].to_numpy(float) for name in ("outcome", "weight"))
    return {
        "comparison": report.judge_on_visits(tested, named).to_dict("records"),
        "made_later": report.made_later(orders, outcome, weight, model=MODEL).to_dict("records"),
        "calibration": None,
        "groups": _groups(tested[tested["probability"].notna()], judged, probability=None),
    }


def _groups(tested: pd.DataFrame, judged: _Judged, *, probability: str | None) -> list[dict[str, Any]]:
    """Group figures on tested visits, each weighted by one over its probability, uncapped."""
    traits = [str(name) for name in judged.traits if name in tested]
    weighted = tested.assign(score=tested["chosen"], weight=1 / tested["probability"])
    share = judged.specification.capacity_share
    return fairness.group_figures(weighted, traits, capacity_share=share, probability=probability)


def in_short(judged: dict[str, Any]) -> dict[str, Any]:
    """Return what of a report fits a terminal, tables without a row left out; the rest is in the file."""
    level = judged["calibration"] or {}
    wanted = ("ece", "slope", "predicted_over_observed", "coverage", "mean_width")
    gaps = [{key: gap[key] for key in ("trait", "lowest", "highest", "gap", "apart")} for gap in judged["gaps"]]
    probes = [{key: each[key] for key in each if key not in ("groups", "rows")} for each in judged["proxies"]]
    shown = {
        **{key: judged[key] for key in ("model_version", "as_of", "data_origin", "design", "constraints", "cohort")},
        "comparison": judged["comparison"],
        "made_later": judged["made_later"],
        "calibration": {key: level[key] for key in wanted if key in level},
        "recall_gaps": gaps,
        "proxies": probes,
    }
    return {key: value for key, value in shown.items() if value not in ([], {})}
