"""Is the evidence for a model what it claims to be, and is the model fit to be served?"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import rankdata

from risk_model.evaluation.verdict import Check, none_of
from risk_model.evaluation.windows import overlapping
from risk_model.gate_limits import Gate
from risk_model.learning import metrics
from risk_model.specification import Specification

Floats = NDArray[np.float64]

Z95: Final = 1.959963984540054
FEWEST_CASES: Final = 20
"""Findings among the visits drawn with a known probability below which calibration is not judged."""
CHANCE_DRAWS: Final = 200
TABLES_MAY_LOSE: Final = 0.05
"""How much lower than in the tests the AUC of the served tables may be; having seen the rows it is normally higher."""
SEEN_SHARE, EXPECTED_ROWS = 0.05, 60
"""A group is missing from the tests when it has less than a twentieth of the rows its share of the register foretells;
judged where that foretells 60 rows or more. Visits are chosen, so large departures are normal, absence is not."""
DECLARED: Final = ("double", "string")
"""Types a signature may declare."""
SMALLEST_SHARE: Final = 0.02
"""Share of the register a group must have, or have had under the champion, before its absence counts."""


def no_leak(tested: pd.DataFrame, terms: Mapping[str, Floats], changed: Mapping[str, float], gate: Gate) -> list[Check]:
    """Return the checks that no score knows its outcome beforehand.

    Args:
        tested: rows with `outcome`, `weight` and `chosen`.
        terms: what each term alone says of every tested row, learnt on rows before its test: a rate judged on the
            rows it was learnt from would look like a leak.
        changed: inputs that read otherwise when built from nothing but what was recorded before the row's date,
            and the share of rows in which they do.
        gate: the limits.
    """
    outcome, weight = tested["outcome"], tested["weight"]
    order = metrics.auc(outcome, tested["chosen"], sample_weight=weight)
    single = {name: metrics.auc(outcome, values, sample_weight=weight) for name, values in terms.items()}
    return [
        Check("AUC too good to be true", order, f"at most {gate.highest_auc}", not order > gate.highest_auc),
        _one_term(single, gate.highest_auc_of_one_term),
        none_of("inputs from the future", [f"{key} in {share:.1%} of rows" for key, share in changed.items()]),
    ]


def _one_term(single: Mapping[str, float], limit: float) -> Check:
    name = max(single, key=lambda key: np.nan_to_num(single[key]))
    leaks = single[name] > limit
    repair = f"; is {name} known before the look? If not, remove it; if so, raise gate.highest_auc_of_one_term"
    figure = f"{single[name]:.3f} ({name}){repair if leaks else ''}"
    return Check("AUC of one term alone", figure, f"at most {limit}", not leaks)


def evidence_holds(card: Mapping[str, Any], tested: pd.DataFrame, known: Floats) -> list[Check]:
    """Return the checks that the data give the outcomes tested, and that no test learnt from open outcomes.

    Args:
        card: the card with `tests`, one record per test.
        tested: rows with `split` and `outcome`.
        known: the outcome the data hold for each row, NaN where they hold none.
    """
    other = float(np.mean(~(tested["outcome"].to_numpy(float) == known)))
    records = list(card.get("tests") or [])
    counted = {record["split"]: record["rows"] for record in records}
    rows = {int(str(number)): len(part) for number, part in tested.groupby("split")}
    faults = overlapping(records) + ([] if counted == rows else [f"rows recorded {counted}, stored {rows}"])
    return [
        Check("outcomes the data do not give", f"{other:.1%} of rows", "0.0% of rows", other == 0),
        none_of("windows open across a split", faults),
    ]


def same_inputs(specification: Specification, in_use: Specification, reads: Sequence[str]) -> Check:
    """Return the check that what is served will be computed as it was trained.

    Args:
        specification: of the version.
        in_use: from the file the service reads now.
        reads: the columns the compiled tables read.
    """
    faults = [f"{name}: read by the tables, in no feature" for name in reads if name not in specification.input_columns]
    trained, now = (_definitions(each) for each in (specification, in_use))
    faults += [f"{name}: no longer there" for name in trained if name not in now]
    faults += [f"{name}: new" for name in now if name not in trained]
    faults += [f"{name}: defined otherwise" for name in trained if name in now and trained[name] != now[name]]
    return none_of("schema changed since training", faults)


def _definitions(specification: Specification) -> dict[str, Any]:
    read = {"columns", "kind", "counts_if", "evidence", "history"}
    features = {feature.name: feature.model_dump(include=read) for feature in specification.features}
    keys = ("identifier", "time", "horizon_days", "support")
    return features | {name: getattr(specification, name) for name in keys}


def fresh(as_of: pd.Timestamp, newest: Mapping[str, pd.Timestamp], gate: Gate, *, today: pd.Timestamp | None) -> Check:
    """Return the check that version, data and day lie close together.

    Args:
        as_of: the date the version was trained as of.
        newest: the last record of each table at hand; NaT for one without rows.
        gate: the limits.
        today: the day of the promotion; None where data are simulated and have no today.
    """
    limit = pd.Timedelta(days=gate.stale_days)
    known = {name: when for name, when in newest.items() if not pd.isna(when)}
    faults = [
        f"{name} end {_days(as_of - when)} before training" for name, when in known.items() if as_of - when > limit
    ]
    last = max(known.values(), default=as_of)
    if last - as_of > limit:
        faults.append(f"data go on {_days(last - as_of)} after training: train again")
    if today is not None and today - as_of > limit:
        faults.append(
            f"trained as of {_days(today - as_of)} ago: train again on newer rows, or raise gate.stale_days where the "
            "table is closed"
        )
    named = "; ".join(faults)
    return Check("stale data", named or "none", f"within {gate.stale_days} days", not faults)


def calibrated(tested: pd.DataFrame, gate: Gate, *, random_state: int) -> list[Check]:
    """Return the checks of level, slope and calibration error of what would be served.

    Judged on visits drawn with a known probability, weighted by one over it. The served tables have seen these rows,
    so only their level is taken as it is; for slope and error their probabilities are dealt out in the order of the
    tests, which had not. A range is left when the whole 95 % interval lies outside it; the error is too high when it
    exceeds what chance alone gives 19 times of 20 by more than the limit.

    Args:
        tested: rows with `outcome`, `weight`, `chosen`, `drawn` (bool) and `served`, the probability of a finding.
        gate: the limits.
        random_state: seed of the draws that say what chance alone gives.
    """
    rows = tested[tested["drawn"] & tested["served"].between(0, 1, inclusive="neither")]
    names = ("predicted over found", "calibration slope", "calibration error")
    cases = int(rows["outcome"].sum())
    if min(cases, len(rows) - cases) < FEWEST_CASES:
        figure = f"{cases} findings in {len(rows)} drawn visits: not enough data"
        return [Check(name, figure, f"judged from {FEWEST_CASES} on", True) for name in names]
    outcome, served, weight = (rows[name].to_numpy(float) for name in ("outcome", "served", "weight"))
    dealt = np.interp(rankdata(rows["chosen"]), np.arange(1, len(rows) + 1), np.sort(served))
    error = metrics.calibration_error(outcome, dealt, sample_weight=weight)
    chance = _error_by_chance(dealt, weight, random_state)
    limit = f"at most {gate.highest_ece} more"
    return [
        _in_range(names[0], _ratio(outcome, served, weight), gate.predicted_over_found),
        _in_range(names[1], _slope(outcome, dealt, weight), gate.slope),
        Check(names[2], f"{error:.3f}, chance gives up to {chance:.3f}", limit, error <= chance + gate.highest_ece),
    ]


def _error_by_chance(probability: Floats, weight: Floats, random_state: int) -> float:
    """The calibration error that perfect probabilities exceed once in twenty samples of this size."""
    rng = np.random.default_rng(random_state)
    drawn = (rng.random((CHANCE_DRAWS, len(probability))) < probability).astype(np.float64)
    errors = [metrics.calibration_error(outcome, probability, sample_weight=weight) for outcome in drawn]
    return float(np.quantile(errors, 0.95))


def tables_follow_tests(tested: pd.DataFrame) -> Check:
    """Return the check that the tables to be served order the tested rows at least about as the tests did."""
    rows = tested[tested["served"].notna()]
    tables, tests = (
        metrics.auc(rows["outcome"], rows[name], sample_weight=rows["weight"]) for name in ("served", "chosen")
    )
    return Check(
        "AUC of the served tables", tables, f"at least {tests - TABLES_MAY_LOSE:.3f}", tables >= tests - TABLES_MAY_LOSE
    )


def groups_present(
    tested: pd.DataFrame,
    register: pd.DataFrame,
    groups: Sequence[str],
    *,
    audited: Sequence[str],
    earlier: Mapping[str, Mapping[str, float]],
) -> Check:
    """Return the check that no group is missing: from the tests, from the register, or among those who get a number.

    Args:
        tested: tested rows with one column per audited trait.
        register: the placements of the training date with `risk` and one column per trait of `groups`.
        groups: the audited traits, and those by which a model says whether it knows enough.
        audited: the traits no visit is chosen by, which therefore must occur in the tests.
        earlier: share of the champion's register by trait and group; empty without a champion.
    """
    faults = []
    for trait in groups:
        shares = register[trait].value_counts(normalize=True)
        tests = tested[trait].value_counts() if trait in audited else None
        numbers = set(register.loc[register["risk"].notna(), trait].dropna())
        for group, share in shares.items():
            expected = share * len(tested)
            if tests is not None and expected >= EXPECTED_ROWS and tests.get(group, 0) < SEEN_SHARE * expected:
                faults.append(f"{trait} {group}: {tests.get(group, 0)} tested rows, {expected:.0f} expected")
            if share >= SMALLEST_SHARE and group not in numbers:
                faults.append(f"{trait} {group}: nobody gets a number")
        for group, share in earlier.get(trait, {}).items():
            if share >= SMALLEST_SHARE and shares.get(group, 0.0) < SEEN_SHARE * share:
                faults.append(f"{trait} {group}: gone from the register")
    return none_of("groups missing", faults)


def signed(signature: Mapping[str, str] | None, specification: Specification) -> Check:
    """Return the check that the version declares every input, numbers as double (safeguard R30).

    A whole number is declared double as well: with a null among them integers lose their type.

    Args:
        signature: declared type by input; None where the version has no signature.
        specification: of the version.
    """
    if signature is None:
        return Check("signature", "none stored: train again", "every input, numbers double", False)
    faults = [f"{name}: not declared" for name in specification.input_columns if name not in signature]
    faults += [f"{name}: no input" for name in signature if name not in specification.input_columns]
    faults += [f"{name}: {kind}" for name, kind in signature.items() if kind not in DECLARED]
    return Check("signature", ", ".join(faults) or "whole", "every input, numbers double", not faults)


def quick(slowness: float, gate: Gate) -> Check:
    """Return the check of the time to score a row, as a multiple of the published rule's on the same rows."""
    return Check("time to score, × the rule", slowness, f"at most {gate.slowest:g}", slowness <= gate.slowest)


def _ratio(outcome: Floats, served: Floats, weight: Floats) -> tuple[float, float, float]:
    found = float(np.sum(weight * outcome))
    ratio = float(np.sum(weight * served)) / found
    half = Z95 * float(np.sqrt(np.sum((weight * (served - ratio * outcome)) ** 2))) / found
    return ratio, ratio - half, ratio + half


def _slope(outcome: Floats, served: Floats, weight: Floats) -> tuple[float, float, float]:
    """Slope of the outcome on the log-odds with its sandwich interval."""
    slope, shift = metrics.calibration_line(logit(served), outcome, weight)
    design = np.column_stack([np.ones(len(served)), logit(served)])
    fitted = expit(design @ np.array([shift, slope]))
    bread = np.linalg.inv((design * (weight * fitted * (1 - fitted))[:, None]).T @ design)
    scores = design * (weight * (outcome - fitted))[:, None]
    half = Z95 * float(np.sqrt((bread @ scores.T @ scores @ bread)[1, 1]))
    return slope, slope - half, slope + half


def _in_range(name: str, interval: tuple[float, float, float], limits: tuple[float, float]) -> Check:
    estimate, low, high = interval
    lowest, highest = limits
    shown = f"{estimate:.2f} ({low:.2f} to {high:.2f})"
    return Check(name, shown, f"reaches {lowest}–{highest}", high >= lowest and low <= highest)


def _days(span: pd.Timedelta) -> str:
    return f"{span.days} days"
