"""Does a policy learn what it may, and score as the product does?"""

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.data.simulator.simulate import Simulation, recorded, true_risk
from risk_model.data.simulator.worlds import DEFAULT_UNTIL
from risk_model.placements.feature_table import feature_table
from risk_model.placements.published_rule import KIND, published_rule
from risk_model.placements.scored_cohort import scored_cohort
from risk_model.replay.learners import learn, learn_ceiling, plain, rule_lines, scored
from risk_model.specification import Specification


@pytest.fixture(scope="module")
def known(world: Simulation) -> Tables:
    """What is recorded before the first round."""
    return recorded(world, DEFAULT_UNTIL)


def test_where_too_little_is_known_the_published_rule_stands_in(known: Tables, specification: Specification) -> None:
    early = known.placements["recorded_at"].min() + pd.Timedelta(days=30)

    assert learn(known, specification, early, random_state=0).kind == KIND


def test_scores_are_those_of_the_product_without_the_reasons(known: Tables, specification: Specification) -> None:
    model = published_rule()
    ours = scored(known, specification, DEFAULT_UNTIL, model)
    theirs = scored_cohort(feature_table(known, specification, DEFAULT_UNTIL), model, version="replay-20260101")

    pd.testing.assert_frame_equal(ours, theirs[ours.columns])


def test_the_ceiling_orders_true_risk_by_far_better_than_the_published_rule(
    world: Simulation, known: Tables, specification: Specification
) -> None:
    cohort = feature_table(known, specification, DEFAULT_UNTIL)
    true = true_risk(world.world, DEFAULT_UNTIL).loc[cohort["placement_id"]].to_numpy()
    model = learn_ceiling(world.world, known, specification, DEFAULT_UNTIL, random_state=0)
    ceiling = model.decision_function(plain(cohort[list(specification.input_columns)]))
    rule = scored(known, specification, DEFAULT_UNTIL, published_rule())["risk"].fillna(0.0).to_numpy()

    def order(score: np.ndarray) -> float:
        return float(pd.Series(score).corr(pd.Series(true), method="spearman"))

    assert order(ceiling) > order(rule) + 0.05


def test_a_line_of_the_rule_joins_its_columns(specification: Specification) -> None:
    placements = pd.DataFrame({"destination": ["MYS", None], "sector": ["domestic", "care"]}, dtype="str")

    assert rule_lines(placements, specification).to_dict("list") == {
        "first": ["MYS|domestic", "|care"],
        "second": ["domestic", "care"],
    }
