from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from risk_model.errors import InputError, NotEnoughDataError, TableError
from risk_model.prioritisation.expected_harm import (
    EVERYWHERE,
    calibrated,
    calibration,
    expected_by_corridor,
    expected_of,
)
from risk_model.prioritisation.prevalence import (
    ENOUGH_VISITS,
    NO_FIGURE,
    SUPPRESSED,
    Prevalence,
    estimate_prevalence,
    plain_share,
    random_alone,
)

DETECTION = 0.92
PLACEMENTS = 3000


def population(seed: int = 0) -> pd.DataFrame:
    """Return placements of two corridors, with harm where the score is high more often, and the chance of a visit."""
    generator = np.random.default_rng(seed)
    risk = generator.beta(1, 6, PLACEMENTS)
    chance = np.where(risk > 0.45, 1.0, np.clip(0.03 + 0.3 * risk, 0, 1))
    return pd.DataFrame(
        {
            "corridor": np.where(np.arange(PLACEMENTS) % 3 == 0, "MYS-domestic", "TWN-care"),
            "harm": generator.random(PLACEMENTS) < risk,
            "risk": risk,
            "inclusion_probability": chance,
            "arm": np.where(chance == 1, "risk", "coverage"),
        }
    )


def visits(whole: pd.DataFrame, seed: int, *, reached: float = 1.0, list_id: str = "A") -> pd.DataFrame:
    """Visit each placement with its own chance; harm that is there is found with the declared detection."""
    generator = np.random.default_rng(seed)
    drawn = whole[generator.random(len(whole)) < whole["inclusion_probability"]]
    found = (drawn["harm"] & (generator.random(len(drawn)) < DETECTION)).astype("float64")
    answered = generator.random(len(drawn)) < reached
    return drawn.assign(list_id=list_id, found=found.where(answered), expected=0.0)


def totals(whole: pd.DataFrame, expected: Any = 0.0, list_id: str = "A") -> pd.DataFrame:
    sums = (
        whole.assign(expected=expected)
        .groupby("corridor", as_index=False)
        .agg(placements=("harm", "size"), expected=("expected", "sum"))
    )
    return sums.assign(list_id=list_id)


def estimate(rows: pd.DataFrame, sums: pd.DataFrame, **options: bool) -> Prevalence:
    return estimate_prevalence(rows, sums, detection=DETECTION, **options)


def repeated(whole: pd.DataFrame, expected: Any, *, runs: int = 60, reached: float = 1.0) -> np.ndarray:
    """Return estimate, low and high at 95 % of each of `runs` lists from the same population."""
    made = []
    for seed in range(runs):
        rows = visits(whole.assign(expected=expected), seed, reached=reached)
        rows = rows.assign(expected=whole.assign(expected=expected)["expected"].reindex(rows.index))
        result = estimate(rows, totals(whole, expected), by_corridor=False).in_harm
        made.append((result.estimate, result.intervals[1].low, result.intervals[1].high))
    return np.array(made)


@pytest.mark.parametrize("expected", [0.0, 0.5, "risk", "the contrary"])
def test_the_estimate_has_no_bias_whatever_was_expected(expected: Any) -> None:
    whole = population()
    value = {"risk": whole["risk"], "the contrary": 1 - whole["risk"]}.get(expected, expected)
    made = repeated(whole, value)[:, 0]
    assert made.mean() == pytest.approx(whole["harm"].mean(), abs=4 * made.std() / np.sqrt(len(made)))


def test_a_better_expectation_makes_the_estimate_more_exact() -> None:
    whole = population()
    assert repeated(whole, whole["risk"])[:, 0].std() < repeated(whole, 0.5)[:, 0].std()


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    whole = population()
    made = repeated(whole, whole["risk"], runs=200)
    holds = ((made[:, 1] <= whole["harm"].mean()) & (whole["harm"].mean() <= made[:, 2])).sum()
    assert binom.cdf(holds, 200, 0.95) > 0.001, "too narrow"
    assert binom.sf(holds, 200, 0.98) > 0.001, "too wide"


def test_visits_that_reach_nobody_leave_no_bias_where_arms_differ_in_how_often() -> None:
    whole = population()
    missing = np.where(whole["arm"] == "risk", 0.1, 0.7)
    made = []
    for seed in range(60):
        rows = visits(whole, seed)
        missed = np.random.default_rng([seed, 1]).random(len(rows)) < missing[rows.index]
        made.append(estimate(rows.assign(found=rows["found"].mask(missed)), totals(whole), by_corridor=False))
    shares = np.array([each.in_harm.estimate for each in made])
    assert shares.mean() == pytest.approx(whole["harm"].mean(), abs=4 * shares.std() / np.sqrt(len(shares)))


def test_the_inspected_alone_say_too_much_where_lists_look_for_harm() -> None:
    whole = population()
    made = estimate(visits(whole, 1), totals(whole))
    assert made.inspected_only.intervals[1].low > whole["harm"].mean()


def test_harm_is_what_was_found_and_what_was_missed() -> None:
    whole = population()
    rows = pd.concat([visits(whole, 1), visits(whole, 2, list_id="B")])
    made = estimate(rows, pd.concat([totals(whole), totals(whole, list_id="B")]))
    assert made.lists == 2
    assert made.placements == PLACEMENTS
    assert made.found == rows["found"].sum() / 2
    assert made.harm == pytest.approx(made.found + made.missed)
    assert made.harm == pytest.approx(made.in_harm.estimate * PLACEMENTS)
    for harm, missed in zip(made.harm_intervals, made.missed_intervals, strict=True):
        assert missed.high == pytest.approx(harm.high - made.found)


def test_the_corridors_add_up_to_the_whole() -> None:
    whole = population()
    made = estimate(visits(whole, 3), totals(whole))
    shares = [each.in_harm.estimate * (each.placements or 0) for each in made.corridors if each.in_harm is not None]
    assert len(shares) == 2
    assert sum(shares) == pytest.approx(made.harm)


def test_a_corridor_with_few_visits_gets_no_figure_and_a_tiny_one_is_not_shown() -> None:
    whole = population()
    whole.loc[:40, "corridor"] = "JOR-domestic"
    whole.loc[41:45, "corridor"] = "KWT-domestic"
    notes = {each.corridor: each for each in estimate(visits(whole, 3), totals(whole)).corridors}
    assert notes["JOR-domestic"].note == NO_FIGURE
    assert notes["JOR-domestic"].in_harm is None
    assert notes["KWT-domestic"].note == SUPPRESSED
    assert notes["KWT-domestic"].placements is None
    assert notes["KWT-domestic"].reached is None


def test_a_corridor_of_which_the_list_left_a_part_out_gets_no_figure() -> None:
    whole = population()
    sums = totals(whole)
    sums.loc[sums["corridor"] == "MYS-domestic", "placements"] *= 3
    notes = {each.corridor: each.note for each in estimate(visits(whole, 3), sums).corridors}
    assert notes == {"MYS-domestic": NO_FIGURE, "TWN-care": ""}


def test_where_everybody_is_visited_and_nothing_overlooked_the_answer_is_exact() -> None:
    whole = population().assign(inclusion_probability=1.0, arm="mandatory")
    rows = whole.assign(list_id="A", expected=0.3, found=whole["harm"].astype("float64"))
    made = estimate_prevalence(rows, totals(whole, 0.3), detection=1.0).in_harm
    assert made.estimate == pytest.approx(whole["harm"].mean())
    assert made.intervals[1].high - made.intervals[1].low < 0.04


@pytest.mark.parametrize("found", [0.0, 1.0])
def test_the_interval_stays_inside_zero_and_one_where_none_or_all_are_in_harm(found: float) -> None:
    whole = population()
    rows = visits(whole, 1).assign(found=found)
    for interval in estimate(rows, totals(whole)).in_harm.intervals:
        assert 0 <= interval.low < interval.high <= 1


@settings(max_examples=60)
@given(st.integers(1, 400), st.data())
def test_an_interval_holds_its_estimate_and_the_wider_level_the_narrower(visited: int, data: st.DataObject) -> None:
    share = plain_share(data.draw(st.integers(0, visited)), visited)
    narrow, wide = share.intervals
    assert 0 <= wide.low <= narrow.low <= share.estimate <= narrow.high <= wide.high <= 1


def test_the_random_visits_of_half_a_year_say_little() -> None:
    whole = population()
    lists = [visits(whole, number, list_id=f"2026{number:02d}01-a") for number in range(9)]
    rows = pd.concat(lists, ignore_index=True)
    rows["arm"] = np.where(np.arange(len(rows)) % 40 == 0, "random", rows["arm"])
    alone = random_alone(rows)
    assert alone is not None
    newest = rows[(rows["arm"] == "random") & (rows["list_id"] >= "20260301")]
    assert alone.effective_visits == len(newest)
    whole_interval = estimate(rows, pd.concat([totals(whole, list_id=f"2026{n:02d}01-a") for n in range(9)])).in_harm
    assert alone.intervals[1].high - alone.intervals[1].low > 3 * (
        whole_interval.intervals[1].high - whole_interval.intervals[1].low
    )


def test_without_a_random_visit_there_is_no_such_figure() -> None:
    assert random_alone(visits(population(), 1)) is None


@pytest.mark.parametrize("chance", [0.0, 1.2, float("nan")])
def test_a_probability_that_cannot_be_is_refused(chance: float) -> None:
    whole = population()
    with pytest.raises(InputError, match="leave out visits"):
        estimate(visits(whole, 1).assign(inclusion_probability=chance), totals(whole))


@pytest.mark.parametrize("detection", [0.0, 1.5])
def test_a_detection_that_cannot_be_is_refused(detection: float) -> None:
    whole = population()
    with pytest.raises(InputError, match="detection"):
        estimate_prevalence(visits(whole, 1), totals(whole), detection=detection)


def test_a_list_without_its_placements_is_refused_by_name() -> None:
    whole = population()
    with pytest.raises(TableError, match="'B'"):
        estimate(visits(whole, 1, list_id="B"), totals(whole))


def test_a_missing_column_is_refused_by_name() -> None:
    whole = population()
    with pytest.raises(TableError, match="expected"):
        estimate(visits(whole, 1).drop(columns="expected"), totals(whole))


def test_visits_that_all_reached_nobody_are_not_enough() -> None:
    whole = population()
    with pytest.raises(NotEnoughDataError, match="reached anybody"):
        estimate(visits(whole, 1).assign(found=np.nan), totals(whole))


def test_what_is_expected_on_a_list_does_not_depend_on_its_own_visits() -> None:
    whole = population()
    rows = pd.concat([visits(whole, n, list_id=name) for n, name in enumerate("ABC")], ignore_index=True)
    turned = rows.assign(found=rows["found"].where(rows["list_id"] != "B", 1 - rows["found"]))
    before, after = (expected_by_corridor(each, detection=DETECTION) for each in (rows, turned))
    pd.testing.assert_series_equal(before.T["B"], after.T["B"])
    assert (before.T["A"] != after.T["A"]).any()
    first, then = (calibration(each, detection=DETECTION) for each in (rows, turned))
    assert then["B"] == pytest.approx(first["B"])
    assert then["A"] > 2 * first["A"]


def test_an_unknown_corridor_and_a_placement_without_a_score_get_the_usual_rate() -> None:
    rates = pd.Series({"MYS-domestic": 0.3, EVERYWHERE: 0.1})
    usual = expected_of(pd.Series(["MYS-domestic", "ZZZ-new"]), rates)
    assert usual.tolist() == [0.3, 0.1]
    assert calibrated(pd.Series([0.5, np.nan]), usual, 0.5).tolist() == [0.25, 0.1]
    assert calibrated(pd.Series([0.9, 0.0]), usual, 2.0).tolist() == [1.0, 0.0]


def test_enough_visits_are_more_than_suppression_needs() -> None:
    whole = population()
    few = visits(whole, 1).query("inclusion_probability < 1").groupby("corridor").head(ENOUGH_VISITS - 1)
    assert all(each.in_harm is None for each in estimate(few, totals(whole)).corridors)
