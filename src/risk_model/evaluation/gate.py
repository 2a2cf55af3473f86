"""May this model be served?

The gate compares scored tables and reads a card; it does not know the registry. Every check keeps
its figure and its limit, passed or not, so that the verdict can be stored with the version.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from risk_model.errors import GateRefusedError
from risk_model.learning.metrics import precision_at_capacity
from risk_model.specification import Specification

CARD_FIELDS = ("specification", "data_hash", "data_origin", "learned_from", "trained_by", "trained_at", "as_of")
"""What a card must say before anything is served from the model."""


@dataclass(frozen=True)
class Check:
    """One question of the gate: what was measured, what was required, and whether it holds."""

    name: str
    figure: float | str
    limit: float | str
    passed: bool


@dataclass(frozen=True)
class Verdict:
    """All checks of one model; it passes when each of them does."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether the model may be promoted."""
        return all(check.passed for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as plain data, to be stored with the version."""
        return {"passed": self.passed, "checks": [asdict(check) for check in self.checks]}

    def require(self) -> None:
        """Raise `GateRefusedError` naming every failed check, its figure and its limit."""
        if not self.passed:
            failed = "; ".join(
                f"{c.name} is {_shown(c.figure)}, required {_shown(c.limit)}" for c in self.checks if not c.passed
            )
            raise GateRefusedError(f"not promoted: {failed}. The release in use stays in use.")


def judge(scored: pd.DataFrame, *, specification: Specification, card: Mapping[str, Any], data_hash: str) -> Verdict:
    """Judge a model against the two-line rule on the rolling tests both were scored on.

    Args:
        scored: one row per tested row: `split`, `outcome` (0/1), `weight` (one over the known
            probability of the visit, else 1), `chosen` (the model's score) and `rule` (the rule's).
        specification: what was learnt; its gate block holds the limits.
        card: where the model comes from.
        data_hash: of the data the promotion is asked with; it must be the one trained on.
    """
    gain = mean_gain(scored, "chosen", "rule", capacity_share=specification.capacity_share)
    missing = [field for field in CARD_FIELDS if not card.get(field)]
    least, visits = specification.gate.minimum_gain, specification.gate.minimum_visits
    return Verdict(
        (
            Check("gain in precision at capacity over the two-line rule", gain, f"more than {least}", gain > least),
            Check("tested visits", float(len(scored)), f"at least {visits}", len(scored) >= visits),
            Check("card fields missing", ", ".join(missing) or "none", "none", not missing),
            Check(
                "data",
                "as trained on" if card.get("data_hash") == data_hash else "other than trained on",
                "as trained on",
                card.get("data_hash") == data_hash,
            ),
        )
    )


def mean_gain(scored: pd.DataFrame, model: str, rule: str, *, capacity_share: float) -> float:
    """Return how much higher the precision at capacity of `model` is than that of `rule`, mean over splits."""
    gains = [
        _precision(split, model, capacity_share) - _precision(split, rule, capacity_share)
        for _, split in scored.groupby("split")
    ]
    return sum(gains) / len(gains)


def _precision(split: pd.DataFrame, column: str, capacity_share: float) -> float:
    capacity = max(1, round(capacity_share * len(split)))
    return precision_at_capacity(split["outcome"], split[column], capacity=capacity, sample_weight=split["weight"])


def _shown(figure: float | str) -> str:
    return f"{figure:.4f}" if isinstance(figure, float) else str(figure)
