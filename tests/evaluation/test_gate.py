"""Does the gate let through only what beats the two-line rule, with a complete card, on the same data?"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk_model.errors import GateRefusedError
from risk_model.evaluation.gate import CARD_FIELDS, judge
from risk_model.specification import Specification, read_specification

SPECIFICATION = read_specification(Path(__file__).resolve().parents[2] / "models" / "placement_risk.yaml")
CARD = dict.fromkeys(CARD_FIELDS, "given")


def rolling_tests(*, model_knows: float, rule_knows: float, n: int = 1200) -> pd.DataFrame:
    """Three rolling tests in which each order sees the true risk through noise."""
    random = np.random.default_rng(5)
    risk = random.beta(1, 5, n)
    noise = random.normal(0, 0.2, (2, n))
    return pd.DataFrame(
        {
            "split": np.arange(n) % 3,
            "outcome": (random.random(n) < risk).astype(int),
            "weight": 1.0,
            "chosen": model_knows * risk + noise[0],
            "rule": rule_knows * risk + noise[1],
        }
    )


def verdict(scored: pd.DataFrame, *, specification: Specification = SPECIFICATION, **changes: Any) -> Any:
    arguments = {"card": CARD, "data_hash": CARD["data_hash"]} | changes
    return judge(scored, specification=specification, **arguments)


def test_a_model_that_beats_the_rule_passes_and_every_figure_is_kept() -> None:
    judged = verdict(rolling_tests(model_knows=1, rule_knows=0.1))
    judged.require()
    assert judged.passed
    assert {check["name"] for check in judged.as_dict()["checks"]} == {check.name for check in judged.checks}


@pytest.mark.parametrize(
    ("scored", "changes", "named"),
    [
        (rolling_tests(model_knows=0.1, rule_knows=1), {}, "two-line rule"),
        (rolling_tests(model_knows=1, rule_knows=0.1).assign(chosen=lambda t: t["rule"]), {}, "two-line rule"),
        (rolling_tests(model_knows=1, rule_knows=0.1).assign(chosen=lambda t: -t["chosen"]), {}, "two-line rule"),
        (rolling_tests(model_knows=1, rule_knows=0.1, n=150), {}, "tested visits"),
        (rolling_tests(model_knows=1, rule_knows=0.1), {"card": {**CARD, "trained_by": ""}}, "trained_by"),
        (rolling_tests(model_knows=1, rule_knows=0.1), {"data_hash": "of other data"}, "data"),
    ],
    ids=["worse", "equal to the rule", "inverted", "too few visits", "card incomplete", "other data"],
)
def test_what_must_not_be_served_is_refused_by_name(scored: pd.DataFrame, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(GateRefusedError, match=named):
        verdict(scored, **changes).require()
