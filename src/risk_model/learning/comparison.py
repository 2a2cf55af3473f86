"""How does every candidate do on the tests, and which is chosen?"""

from time import perf_counter
from typing import Any, Final

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import expit

from risk_model.errors import SpecificationError
from risk_model.learning import metrics
from risk_model.learning.candidates import JOINT, RULE, YARDSTICK, Candidate, TwoLineRule, estimator, rule_features
from risk_model.learning.compiler import fitted
from risk_model.learning.encoding import Encoder
from risk_model.learning.joint_training import fit_joint
from risk_model.learning.selective_labels import Known
from risk_model.learning.splits import Split
from risk_model.learning.table_columns import as_columns, as_numbers
from risk_model.scoring.coding import Codes
from risk_model.scoring.columns import ReadColumns
from risk_model.specification import Specification

Floats = NDArray[np.float64]

ONE_SIDED: Final = 1.645
"""Normal quantile at 0.95."""
BASELINE: Final = "by "
"""Begins the name of every order that needs no model."""
ALONE: Final = "alone "
"""Begins the name of what each feature alone says of a tested row, learnt on the rows before the test; the gate's
check for leaks reads it. No order to choose by."""


def run_test(
    test: Split,
    known: Known,
    candidates: list[Candidate],
    specification: Specification,
    *,
    random_state: int,
    jobs: int,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Fit every candidate on the rows before the test; return the tested rows with all scores, and the seconds."""
    train, tested = known.table.iloc[test.train], known.table.iloc[test.test]
    outcome, weight = known.outcome[test.train], known.fit_weight[test.train]
    codes = {}
    for is_rule, features in ((False, specification.features), (True, rule_features(specification))):
        encoder = Encoder(features, random_state)
        codes[is_rule] = (encoder.fit_transform(train, outcome, weight), encoder.transform(tested), encoder.codings_)
    results = Parallel(n_jobs=jobs)(
        delayed(_fit_joint_and_score)(
            _before(test, known, specification), tested, specification, candidate, random_state
        )
        if candidate.family == JOINT
        else delayed(_fit_and_score)(
            estimator(candidate, codes[candidate.family == RULE][2], specification, random_state),
            codes[candidate.family == RULE],
            outcome,
            weight,
        )
        for candidate in candidates
    )
    rows = {"split": test.number, "outcome": known.outcome[test.test], "weight": known.weight[test.test]}
    chance = np.random.default_rng(random_state).random(len(tested))
    baselines = {f"{BASELINE}chance": chance} | {
        f"{BASELINE}{name}": as_numbers(ReadColumns(as_columns(tested, [column])), column, f"baseline {name}")
        + chance / 1e9
        for name, column in specification.baselines.items()
    }
    scores = {candidate.name: probability for candidate, (probability, _) in zip(candidates, results, strict=True)}
    learnt, unseen, codings = codes[False]
    alone = TwoLineRule(specification.rule.shrinkage).fit(learnt, outcome, weight).lines(unseen)
    of_terms = {f"{ALONE}{coding.name}": line for coding, line in zip(codings, alone.T, strict=True)}
    named = {name: tested[name].to_numpy() for name in (specification.identifier, specification.time)}
    frame = pd.DataFrame({**named, **rows, **baselines, **scores, **of_terms})
    return frame, {candidate.name: seconds for candidate, (_, seconds) in zip(candidates, results, strict=True)}


def _fit_and_score(
    model: Any, codes: tuple[Codes, Codes, Any], outcome: Floats, weight: Floats
) -> tuple[Floats, float]:
    started = perf_counter()
    probability = expit(fitted(model, codes[0], outcome, weight).decision_function(codes[1]))
    return probability, perf_counter() - started


def _before(test: Split, known: Known, specification: Specification) -> pd.DataFrame:
    """Return every row whose window has closed when the test begins."""
    if pd.isna(test.starts):
        raise SpecificationError("candidates.joint is compared over rolling tests; remove splits.column, or joint")
    closes = known.dated[specification.time] + pd.Timedelta(days=specification.horizon_days)
    return known.dated[closes <= test.starts]


def _fit_joint_and_score(
    before: pd.DataFrame, tested: pd.DataFrame, specification: Specification, candidate: Candidate, random_state: int
) -> tuple[Floats, float]:
    started = perf_counter()
    encoder, model = fit_joint(before, specification, candidate, random_state=random_state)
    return model.probability_found(encoder.transform(tested)), perf_counter() - started


def figures(
    scored: pd.DataFrame, seconds: dict[tuple[int, str], float], specification: Specification, *, random_state: int
) -> pd.DataFrame:
    """Return one row per order and test: precision at capacity with its 90 % interval, and the other metrics.

    Metrics of probabilities are null for orders that are none.
    """
    named = {specification.identifier, specification.time, "split", "outcome", "weight"}
    orders = [name for name in scored.columns if name not in named and not name.startswith(ALONE)]
    rows = []
    for number, test in scored.groupby("split"):
        for name in orders:
            row = {"candidate": name, "split": number, **_of_one(test, name, specification, random_state)}
            rows.append({**row, "fit_seconds": seconds.get((int(str(number)), name), 0.0), "rows": len(test)})
    return pd.DataFrame(rows)


def _of_one(test: pd.DataFrame, name: str, specification: Specification, random_state: int) -> dict[str, float]:
    outcome, score, weight = (test[key].to_numpy(float) for key in ("outcome", name, "weight"))
    is_probability = not name.startswith(BASELINE)

    def precision(rows: Any) -> float:
        capacity = specification.capacity_share * weight[rows].sum()
        return metrics.precision_at_capacity(outcome[rows], score[rows], capacity=capacity, sample_weight=weight[rows])

    low, high = metrics.interval(precision, len(test), random_state=random_state)
    row = {"precision_at_capacity": precision(slice(None)), "low": low, "high": high}
    row["recall_at_capacity"] = metrics.recall_at_capacity(
        outcome, score, capacity=specification.capacity_share * weight.sum(), sample_weight=weight
    )
    row["auc"] = metrics.auc(outcome, score, sample_weight=weight)
    for key, metric in metrics.PROBABILITY_METRICS.items():
        row[key] = metric(outcome, score, sample_weight=weight) if is_probability else float("nan")
    return row


def choose(scores: pd.DataFrame, candidates: list[Candidate]) -> Candidate:
    """Return the readable candidate to keep; the yardstick and the rule are there to be compared with.

    The joint likelihood is kept unless another's mean precision at capacity is higher by more than chance
    explains (one-sided 95 %, tests taken as independent): on true harm it is the best in every simulated
    world (docs/learning.md), and a test holds few visits. Otherwise, of those within one standard error
    of the best precision, the one with the highest AUC: precision rests on few rows, the whole order on
    all of them. Log loss would judge the level, which calibration sets afterwards.
    """
    eligible = [candidate for candidate in candidates if candidate.family not in (RULE, YARDSTICK)] or candidates[:1]
    precision, order = (
        {str(name): float(mean) for name, mean in scores.groupby("candidate")[column].mean().items()}
        for column in ("precision_at_capacity", "auc")
    )
    errors = (scores["high"] - scores["low"]).groupby(scores["candidate"]).mean() / (2 * ONE_SIDED)
    tests = scores["split"].nunique()
    best = max(eligible, key=lambda candidate: precision[candidate.name])
    error = errors[best.name] / np.sqrt(tests)
    by_chance = precision[best.name] - ONE_SIDED * np.sqrt(2) * error
    joint = [c for c in eligible if c.family == JOINT and precision[c.name] >= by_chance]
    close = joint or [c for c in eligible if precision[c.name] >= precision[best.name] - error]
    return max(close, key=lambda candidate: order[candidate.name])


def summarise(scores: pd.DataFrame, chosen: str) -> pd.DataFrame:
    """Return the means over tests, best precision first, with the chosen candidate marked."""
    columns = ["precision_at_capacity", "low", "high", "recall_at_capacity", "auc", "brier", "log_loss", "ece"]
    means = scores.groupby("candidate")[[*columns, "fit_seconds"]].mean()
    ordered = means.sort_values("precision_at_capacity", ascending=False).reset_index()
    ordered.insert(1, "kept", np.where(ordered["candidate"] == chosen, "yes", ""))
    return ordered
