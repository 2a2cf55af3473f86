"""Does the core learn from any dated table with an outcome, and is what is served what was fitted?"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from risk_model.errors import NotEnoughDataError, SpecificationError
from risk_model.learning.encoding import as_columns
from risk_model.learning.selective_labels import known_rows
from risk_model.learning.training import TrainingResult, train
from risk_model.scoring.scorer import score_columns, score_row
from risk_model.specification import Specification, parse_specification, read_specification
from risk_model.workflows.spreading import Where, joblib_over

MODELS = Path(__file__).resolve().parents[2] / "models"

RAW: dict[str, Any] = {
    "name": "orchards",
    "title": {"id": "Kebun", "en": "Orchards"},
    "identifier": "tree",
    "time": "picked_on",
    "horizon_days": 30,
    "outcome": {"column": "rotten", "reported": "smelly", "probability": "chance", "detection": 0.9},
    "features": [
        {"name": "valley", "kind": "categorical"},
        {"name": "valley_grower", "kind": "rate", "columns": ["valley", "grower"], "parent": ["valley"]},
        {"name": "rain", "kind": "numeric", "monotone": "increasing"},
        {"name": "grade", "kind": "ordered", "evidence": "self_declared", "counts_if": "graded"},
        {"name": "sprayed", "kind": "flag"},
    ],
    "rule": {"first": ["valley", "grower"], "second": ["valley"]},
    "support": ["valley", "grower"],
    "splits": {"tests": 2, "window_days": 60},
    "candidates": {"scorecard": {"C": [0.1]}, "boosting": {"max_iter": [30]}, "yardstick": {"max_iter": [30]}},
    "gate": {"minimum_visits": 50},
}
SPECIFICATION = parse_specification(RAW)


def orchard(n: int = 3000, *, seed: int = 0) -> pd.DataFrame:
    """Dated rows, two thirds of them never looked at, with nulls in every column."""
    random = np.random.default_rng(seed)
    valley, rain = random.choice(["north", "south", "east"], n), random.gamma(2, 20, n)
    log_odds = -2.5 + 1.2 * (valley == "north") + 0.02 * rain
    rotten = (random.random(n) < expit(log_odds)).astype(float)
    looked = random.random(n) < 0.35
    table = pd.DataFrame(
        {
            "tree": [f"T{i}" for i in range(n)],
            "picked_on": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 500, n), unit="D"),
            "valley": valley,
            "grower": random.choice([f"g{i}" for i in range(30)], n),
            "rain": rain,
            "grade": random.integers(0, 4, n).astype(float),
            "graded": pd.array(random.choice([True, False, None], n), dtype="boolean"),
            "sprayed": pd.array(random.choice([True, False, None], n), dtype="boolean"),
            "rotten": np.where(looked, rotten, np.nan),
            "smelly": (random.random(n) < 0.1 * rotten).astype(float),
            "chance": np.where(looked & (random.random(n) < 0.5), 0.35, np.nan),
        }
    )
    gaps = {"rain": 0.1, "valley": 0.05}
    return table.assign(**{name: table[name].mask(random.random(n) < share) for name, share in gaps.items()})


@pytest.fixture(scope="module")
def trained() -> TrainingResult:
    return train(orchard(), SPECIFICATION, random_state=0)


ROWS = st.fixed_dictionaries(
    {
        "valley": st.sampled_from(["north", "south", "east", "never seen", None]),
        "grower": st.sampled_from(["g1", "g29", "stranger", None]),
        "rain": st.one_of(st.none(), st.floats(-10, 1e6)),
        "grade": st.sampled_from([None, 0, 1, 2, 3, 9]),
        "graded": st.sampled_from([True, False, None]),
        "sprayed": st.sampled_from([True, False, None]),
    }
)


@given(rows=st.lists(ROWS, min_size=1, max_size=20))
@settings(deadline=None)
def test_the_compiled_model_scores_as_the_fitted_one(trained: TrainingResult, rows: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(rows).astype(object)
    line = trained.compiled.card["calibration"]
    fitted = line["intercept"] + line["slope"] * trained.pipeline.decision_function(table)
    compiled = trained.compiled.log_odds(as_columns(table, SPECIFICATION.input_columns))
    assert compiled == pytest.approx(fitted, abs=1e-9)


@given(rows=st.lists(ROWS, min_size=1, max_size=20))
@settings(deadline=None)
def test_one_row_scores_as_it_does_among_many(trained: TrainingResult, rows: list[dict[str, Any]]) -> None:
    many = score_columns(trained.compiled, as_columns(pd.DataFrame(rows).astype(object), SPECIFICATION.input_columns))
    for position, row in enumerate(rows):
        one = score_row(trained.compiled, row)
        assert one.supported == many.supported[position]
        assert one.band == many.band[position]
        assert one.contributions == pytest.approx(tuple(many.contributions[position]), abs=1e-12)
        if one.supported:
            assert (one.risk, one.low, one.high) == pytest.approx(
                (many.risk[position], many.low[position], many.high[position]), abs=1e-12
            )


@given(row=ROWS, grade=st.sampled_from([None, 0, 1, 2, 3]))
@settings(deadline=None)
def test_a_claim_nobody_verified_changes_no_score(trained: TrainingResult, row: dict[str, Any], grade: Any) -> None:
    unverified = row | {"graded": False}
    assert score_row(trained.compiled, unverified) == score_row(trained.compiled, unverified | {"grade": grade})


@given(row=ROWS, rain=st.tuples(st.floats(0, 500), st.floats(0, 500)))
@settings(deadline=None)
def test_boosting_follows_the_stated_direction(row: dict[str, Any], rain: tuple[float, float]) -> None:
    only = RAW | {"candidates": {"boosting": {"max_iter": [30]}}}
    result = _cached_boosting(only)
    low, high = sorted(rain)
    columns = [term.name for term in result.compiled.terms]
    position = columns.index("rain")
    contributions = [score_row(result.compiled, row | {"rain": value}).contributions[position] for value in (low, high)]
    assert contributions[0] <= contributions[1] + 1e-12


_BOOSTING: dict[str, TrainingResult] = {}


def _cached_boosting(raw: dict[str, Any]) -> TrainingResult:
    if "only" not in _BOOSTING:
        _BOOSTING["only"] = train(orchard(), parse_specification(raw), random_state=0)
    return _BOOSTING["only"]


def test_never_looked_at_is_no_outcome() -> None:
    table = orchard()
    known = known_rows(table, SPECIFICATION)
    assert known.learned_from == "found"
    assert len(known.outcome) == int(table["rotten"].notna().sum())
    assert set(known.table["tree"]) == set(table.loc[table["rotten"].notna(), "tree"])


def test_adding_rows_nobody_looked_at_changes_no_contribution(trained: TrainingResult) -> None:
    unseen = orchard(1000, seed=9).assign(rotten=np.nan, tree=lambda t: "U" + t["tree"])
    again = train(pd.concat([orchard(), unseen], ignore_index=True), SPECIFICATION, random_state=0)
    for before, after in zip(trained.compiled.terms, again.compiled.terms, strict=True):
        assert after.values == pytest.approx(before.values, abs=1e-12)


def test_where_too_few_were_looked_at_reports_are_learnt_from_and_it_says_so() -> None:
    table = orchard()
    looked = table.index[table["rotten"].notna()]
    few = table.assign(rotten=table["rotten"].where(table.index.isin(looked[:20])))
    assert known_rows(few, SPECIFICATION).learned_from == "reported"
    assert len(known_rows(few, SPECIFICATION).outcome) == len(few)


def test_a_likelier_visit_weighs_less() -> None:
    known = known_rows(orchard(), SPECIFICATION)
    listed = known.table["chance"].notna().to_numpy()
    assert known.weight[listed] == pytest.approx(1 / 0.35)
    assert known.weight[~listed] == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_model(trained: TrainingResult) -> None:
    again = train(orchard(), SPECIFICATION, random_state=0)
    assert [t.values.tolist() for t in again.compiled.terms] == [t.values.tolist() for t in trained.compiled.terms]


def test_the_kept_model_is_readable_and_every_candidate_was_tested(trained: TrainingResult) -> None:
    assert trained.chosen.split()[0] in ("scorecard", "boosting")
    families = {name.split()[0] for name in trained.scores["candidate"]}
    assert {"rule", "scorecard", "boosting", "yardstick", "by"} <= families
    assert trained.scored["chosen"].equals(trained.scored[trained.chosen])


def test_shuffled_labels_earn_nothing() -> None:
    table = orchard(12_000)
    looked = table["rotten"].notna().to_numpy()
    shuffled = table["rotten"].to_numpy().copy()
    shuffled[looked] = np.random.default_rng(3).permutation(shuffled[looked])
    result = train(table.assign(rotten=shuffled), SPECIFICATION, random_state=0)
    assert result.scores.query("candidate == @result.chosen")["auc"].mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        (lambda t: t.drop(columns="rain"), SpecificationError, "rain"),
        (lambda t: t.drop(columns="picked_on"), SpecificationError, "picked_on"),
        (lambda t: t.drop(columns="rotten"), SpecificationError, "rotten"),
        (lambda t: t.assign(rain="wet"), SpecificationError, "rain"),
        (lambda t: t.assign(picked_on="someday"), SpecificationError, "picked_on"),
        (lambda t: t.assign(rotten=t["rotten"] * 7), SpecificationError, "rotten"),
        (lambda t: t.assign(rotten=0.0, smelly=0.0), NotEnoughDataError, "rotten"),
        (lambda t: t.head(0), NotEnoughDataError, "rotten"),
        (lambda t: t.assign(picked_on=pd.Timestamp("2024-01-01")), NotEnoughDataError, "both sides"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused_by_name(change: Any, error: type[Exception], named: str) -> None:
    with pytest.raises(error, match=named):
        train(change(orchard(800)), SPECIFICATION, random_state=0)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.assign(picked_on=t["picked_on"].dt.strftime("%Y-%m-%d")),
        lambda t: t.assign(valley=t["valley"].astype("category")),
        lambda t: t.assign(rotten=pd.array(t["rotten"].map({1.0: True, 0.0: False}), dtype="boolean")),
        lambda t: t.assign(grower=np.arange(len(t)) % 30),
        lambda t: t.assign(rain=np.nan),
        lambda t: t.assign(valley="only"),
        lambda t: t.assign(sprayed=None),
    ],
    ids=["text dates", "category type", "true/false outcome", "numbers as codes", "all null", "constant", "all None"],
)
def test_tables_come_in_many_types(change: Any) -> None:
    assert train(change(orchard(1500)), SPECIFICATION, random_state=0).learned_from == "found"


def test_customs_declarations_are_learnt_from_their_specification_alone(shared_dir: Path) -> None:
    full = pd.read_parquet(shared_dir / "data" / "customs_kr" / "customs_kr.parquet")
    specification = read_specification(MODELS / "customs_kr.yaml")
    small = specification.model_copy(
        update={"candidates": specification.candidates.model_copy(update={"boosting": {}, "yardstick": {}})}
    )
    result = train(full.sample(20_000, random_state=0), small, random_state=0)
    means = result.summary.set_index("candidate")["auc"]
    assert means[result.chosen] > means["rule"]
    assert means[result.chosen] > 0.75


@pytest.mark.parametrize("column", ["sex", "origin", "education", "inspector_ref", "service_office"])
def test_a_barred_column_cannot_be_specified(column: str) -> None:
    with pytest.raises(SpecificationError, match=column):
        parse_specification(RAW | {"features": [*RAW["features"], {"name": column, "kind": "categorical"}]})


@pytest.mark.parametrize("column", ["rotten", "smelly", "chance"])
def test_the_outcome_cannot_be_a_feature(column: str) -> None:
    with pytest.raises(SpecificationError, match="part of the outcome"):
        parse_specification(RAW | {"features": [*RAW["features"], {"name": column, "kind": "numeric"}]})


def test_specifications_that_ship_are_valid() -> None:
    for file in MODELS.glob("*.yaml"):
        assert isinstance(read_specification(file), Specification)


def test_a_dask_cluster_fits_the_same_candidates(trained: TrainingResult) -> None:
    with joblib_over(Where("dask", jobs=1)):
        spread = train(orchard(), SPECIFICATION, random_state=0)
    pd.testing.assert_frame_equal(spread.scores.drop(columns="fit_seconds"), trained.scores.drop(columns="fit_seconds"))
