"""Does the comparison with training say what moved, and does every visit count with what was said before it?"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.data.simulator.simulate import simulate
from risk_model.evaluation.scored_visits import USABLE_ARMS, scored_visits
from risk_model.placements.published_rule import published_rule
from risk_model.specification import Specification, read_specification
from risk_model.workflows.drift import compare, limits_of

TRAINED, NOW = pd.Timestamp("2025-05-01"), pd.Timestamp("2025-10-01")
MODEL = published_rule()


@pytest.fixture(scope="module")
def specification() -> Specification:
    return read_specification(Path(__file__).resolve().parents[2] / "models" / "placement_risk.yaml")


@pytest.fixture(scope="module")
def tables() -> Tables:
    return simulate("hidden", reporting="rich", placements=8_000, random_state=4).tables


def compared(tables: Tables, specification: Specification, **dates: Any) -> dict[str, Any]:
    told = {"trained": TRAINED, "now": NOW} | dates
    return compare(tables, specification, MODEL, progress=lambda done, total, text: None, **told)


def test_a_register_that_lost_a_destination_alarms_in_the_fields_that_hold_it(
    tables: Tables, specification: Specification
) -> None:
    gone = (tables.placements["destination"] == "HKG") & (tables.placements["registered_on"] < NOW)
    late = tables.placements.assign(recorded_at=tables.placements["recorded_at"])
    late.loc[gone, "returned_on"] = TRAINED + pd.Timedelta(days=1)
    late.loc[gone, "departed_on"] = late.loc[gone, "departed_on"].fillna(late.loc[gone, "registered_on"])
    made = compared(Tables(late, tables.events, tables.inspections), specification, now=NOW + pd.Timedelta(days=90))
    severity = {row["field"]: row["severity"] for row in made["fields"]}
    assert severity["destination"] == severity["corridor"] == "alarm"
    assert made["severity"] == "alarm"


def test_on_the_day_of_training_nothing_moved_and_no_visit_is_tested(
    tables: Tables, specification: Specification
) -> None:
    made = compared(tables, specification, now=TRAINED)
    assert {row["severity"] for row in made["fields"]} == {"steady"}
    assert made["corridors"] == []
    assert [line["made"] for line in made["alarm_on_outcomes"]] == [0, 0]
    assert "no time has passed" in made["alarm_promise"]


def test_findings_far_above_what_was_predicted_alarm(tables: Tables, specification: Specification) -> None:
    since = (tables.inspections["visited_at"] >= TRAINED) & (tables.inspections["outcome"] == "no_harm_found")
    worse = tables.inspections.assign(outcome=tables.inspections["outcome"].mask(since, "harm_found"))
    made = compared(Tables(tables.placements, tables.events, worse), specification)
    lines = {line["visits"]: line for line in made["alarm_on_outcomes"]}
    assert lines["all arms"]["alarm"]
    assert made["severity"] == "alarm"


def test_a_gap_between_groups_that_changed_side_on_chance_visits_alarms(
    tables: Tables, specification: Specification
) -> None:
    """Planted: among high scores women are harmed before training, men after; among low scores the others."""
    people = tables.placements.drop_duplicates("placement_id", keep="last")
    one = tables.inspections[tables.inspections["inclusion_probability"].notna()].iloc[[0]]
    months = [TRAINED - pd.Timedelta(days=59), TRAINED + pd.Timedelta(days=61)]
    periods = [
        pd.concat([one] * len(people), ignore_index=True).assign(
            inspection_id=[f"{month:%y%m}{number}" for number in range(len(people))],
            placement_id=people["placement_id"].to_numpy(),
            arm="random",
            inclusion_probability=0.05,
            visited_at=month,
            recorded_at=month,
            outcome="harm_found",
        )
        for month in months
    ]
    visits = pd.concat(periods, ignore_index=True)
    drawn = Tables(tables.placements, tables.events, visits)
    risk = scored_visits(drawn, specification, MODEL, start=TRAINED, until=NOW).set_index("placement_id")["predicted"]
    high = visits["placement_id"].map(risk) > risk.quantile(0.8)
    women = visits["placement_id"].map(people.set_index("placement_id")["sex"]) == "female"
    late = visits["visited_at"] >= TRAINED

    def status(turned: bool) -> set[str]:
        harmed = (high == women) != (late & turned)
        found = visits.assign(outcome=np.where(harmed, "harm_found", "no_harm_found"))
        made = compared(Tables(tables.placements, tables.events, found), specification)["groups_by_chance"]
        return {row["status"] for row in made if row["trait"] == "sex"}

    assert status(turned=False) == {"steady"}
    assert status(turned=True) == {"changed side"}


def test_what_visits_find_does_not_enter_what_was_predicted_of_them(
    tables: Tables, specification: Specification
) -> None:
    late = tables.inspections["visited_at"] >= NOW - pd.Timedelta(days=30)
    other = tables.inspections.assign(outcome=tables.inspections["outcome"].mask(late, "harm_found"))
    sides = [
        scored_visits(
            Tables(tables.placements, tables.events, seen),
            specification,
            MODEL,
            start=NOW - pd.Timedelta(days=30),
            until=NOW,
        ).set_index("placement_id")
        for seen in (tables.inspections, other)
    ]
    both = sides[0].index
    assert len(both)
    pd.testing.assert_series_equal(sides[0]["predicted"], sides[1].loc[both, "predicted"])
    assert sides[1]["found"].all()


def test_only_visits_of_arms_that_know_no_more_than_the_score_are_tested(
    tables: Tables, specification: Specification
) -> None:
    made = scored_visits(tables, specification, MODEL, start=TRAINED, until=NOW)
    assert set(made["arm"]) <= set(USABLE_ARMS)
    assert made["predicted"].between(0, 1).all()
    assert made["round"].between(0, 5).all()
    assert set(np.unique(made["found"])) <= {0.0, 1.0}


def test_what_decides_on_a_score_has_the_tightest_limits(specification: Specification) -> None:
    limits = limits_of(specification)
    assert limits["destination"].alarm == limits["risk"].alarm < limits["fee_months"].alarm
    assert limits["fee_months"].alarm < limits["placement_complaints"].alarm
