"""May this model be served?

The gate compares scored tables and reads a card; it does not know the registry. Every check keeps its figure and
its limit, passed or not, so that the verdict can be stored with the version. docs/gate.md explains each limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from risk_model.evaluation import card as cards
from risk_model.evaluation import gate_order, gate_soundness
from risk_model.evaluation.paired import auc_gain
from risk_model.evaluation.verdict import Check, Verdict
from risk_model.specification import Specification

FEWEST_KEPT: Final = 1e-3
"""Share of the register below which a group is not kept for the next verdict, which looks at larger ones alone."""

__all__ = ["Check", "Evidence", "Submission", "Verdict", "judge"]


@dataclass(frozen=True)
class Submission:
    """A version that asks to be served, and who asks.

    `in_use` is the specification as the file says now; `written` the half of the card that people write;
    `data_hash` of the data the promotion is asked with, which must be those trained on.
    """

    specification: Specification
    in_use: Specification
    card: Mapping[str, Any]
    written: Mapping[str, Any]
    data_hash: str
    approver: str
    asked_at: datetime


@dataclass(frozen=True)
class Evidence:
    """What the data at hand say about the version.

    Attributes:
        tested: one row per tested row: `split`, `outcome` (0/1), `weight`, `chosen`, `rule`, `served` (probability
            of a finding by the tables that would be served), `drawn` (the visit had a known probability), `known`
            (the outcome the data hold, NaN where none), one column per trait of `groups`; with a champion to compare
            with also `champion` and `cell`.
        register: the placements of the training date: `risk`, with a champion also `champion`, and the same traits.
        groups: the audited traits and the support columns, by which nobody may go missing.
        audited: the audited traits, by which recall is compared.
        terms: what each term adds to the log-odds of every tested row.
        reads: the columns the tables read.
        changed: share of rows by input that reads otherwise without the future.
        newest: the last record of each table; empty for a table of another kind.
        slowness: time to score a row, as a multiple of the published rule's.
        without_champion: why there is no champion to compare with; empty where there is one.
        earlier_groups: share of the champion's register by trait and group.
        signature: declared type by input, as stored with the version; None where there is none.
        null_row: what went wrong in scoring a row of nothing but nulls; empty where it got an answer.
    """

    tested: pd.DataFrame
    register: pd.DataFrame
    groups: tuple[str, ...]
    audited: tuple[str, ...]
    terms: Mapping[str, Any]
    reads: tuple[str, ...]
    changed: Mapping[str, float]
    newest: Mapping[str, pd.Timestamp]
    slowness: float
    without_champion: str
    earlier_groups: Mapping[str, Mapping[str, float]]
    signature: Mapping[str, str] | None = None
    null_row: str = "not tried"


def judge(submission: Submission, evidence: Evidence | None, *, random_state: int = 0) -> Verdict:
    """Judge a version; what cannot be measured on other data than it was trained on is not measured.

    Args:
        submission: the version and who asks.
        evidence: what the data say; None where the data at hand are not those trained on.
        random_state: seed of the draws that say what calibration error chance alone gives.
    """
    card, today = submission.card, submission.asked_at
    same = evidence is not None and card.get("data_hash") == submission.data_hash
    checks = [
        Check("data", "as trained on" if same else "other than trained on", "as trained on", same),
        gate_soundness.same_inputs(
            submission.specification, submission.in_use, evidence.reads if evidence is not None else ()
        ),
        Check(
            "learned from", str(card.get("learned_from")), "not reports alone", card.get("learned_from") != "reported"
        ),
        *cards.complete(card, submission.written, today=today.date()),
        *cards.independent(submission.approver, str(card.get("trained_by") or "")),
    ]
    if evidence is None or not same:
        return Verdict(tuple(checks), {})
    return Verdict(
        (*_order(submission, evidence), *_soundness(submission, evidence, random_state), *checks),
        _facts(submission, evidence),
    )


def _order(submission: Submission, evidence: Evidence) -> list[Check]:
    gate, share = submission.specification.gate, submission.specification.capacity_share
    reference = gate_order.RULE if evidence.without_champion else gate_order.CHAMPION
    return [
        *gate_order.against_rule(evidence.tested, gate, capacity_share=share),
        *gate_order.against_champion(
            evidence.tested, evidence.register, gate, capacity_share=share, note=evidence.without_champion
        ),
        *gate_order.by_group(evidence.tested, evidence.audited, gate, capacity_share=share, reference=reference),
    ]


def _soundness(submission: Submission, evidence: Evidence, random_state: int) -> list[Check]:
    gate, card, tested = submission.specification.gate, submission.card, evidence.tested
    simulated = card.get("data_origin") == "simulated"
    today = None if simulated else pd.Timestamp(submission.asked_at).tz_localize(None)
    return [
        *gate_soundness.calibrated(tested, gate, random_state=random_state),
        gate_soundness.tables_follow_tests(tested),
        *gate_soundness.no_leak(tested, evidence.terms, evidence.changed, gate),
        *gate_soundness.evidence_holds(card, tested, tested["known"].to_numpy(float)),
        gate_soundness.groups_present(
            tested, evidence.register, evidence.groups, audited=evidence.audited, earlier=evidence.earlier_groups
        ),
        gate_soundness.fresh(pd.Timestamp(str(card.get("as_of"))), evidence.newest, gate, today=today),
        gate_soundness.quick(evidence.slowness, gate),
        gate_soundness.signed(evidence.signature, submission.specification),
        Check("a row of nulls", evidence.null_row or "answered", "answered", not evidence.null_row),
    ]


def _facts(submission: Submission, evidence: Evidence) -> dict[str, Any]:
    """What the figures rest on (safeguard R12), and the groups the next verdict compares with."""
    specification, tested = submission.specification, evidence.tested
    gain = auc_gain(tested, gate_order.MODEL, gate_order.RULE, cells=gate_order.TEST)
    shares = {trait: evidence.register[trait].value_counts(normalize=True) for trait in evidence.groups}
    return {
        "design": "simulated" if submission.card.get("data_origin") == "simulated" else "retrospective",
        "constraints": f"{specification.capacity_share:.0%} of each of {tested['split'].nunique()} rolling tests "
        f"visited; outcomes closed for {specification.horizon_days} days; visits weighted by their probability",
        "auc_over_rule": {"gain": gain.estimate, "low": gain.low, "high": gain.high, "rows": gain.rows},
        "groups": {
            trait: {str(group): float(share) for group, share in groups.items() if share >= FEWEST_KEPT}
            for trait, groups in shares.items()
        },
    }
