"""Are harm, finding and reporting told apart when they are fitted together?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from risk_model.errors import SpecificationError
from risk_model.learning.design import CodedColumns, design
from risk_model.learning.empirical_bayes import LEAST_VARIANCE, updated
from risk_model.learning.encoding import as_columns
from risk_model.learning.training import TrainingResult, fit, train
from risk_model.scoring.coding import Coding, Level
from risk_model.scoring.scorer import score_columns
from risk_model.specification import Specification, parse_specification

START = pd.Timestamp("2022-01-01")
RAW: dict[str, Any] = {
    "name": "orchards",
    "title": {"id": "Kebun", "en": "Orchards"},
    "identifier": "tree",
    "time": "as_of",
    "horizon_days": 90,
    "outcome": {
        "column": "rotten",
        "reported": "smelly",
        "probability": "chance",
        "detection": 0.8,
        "look": {
            "column": "rotten_within",
            "lag_days": "lag",
            "weight": "counts",
            "moment": "stage",
            "selection": {"by_choice": 1.0},
        },
        "reporting": ["valley", "stage"],
    },
    "features": [
        {"name": "valley", "kind": "categorical"},
        {"name": "grower", "kind": "effect"},
        {"name": "rain", "kind": "numeric", "monotone": "increasing"},
        {"name": "stage", "kind": "categorical"},
        {"name": "idle", "kind": "numeric"},
    ],
    "rule": {"first": ["valley"], "second": ["stage"]},
    "support": ["valley"],
    "splits": {"tests": 2, "window_days": 60},
    "candidates": {"joint": {"start_variance": [0.3]}, "scorecard": {"C": [0.1]}},
    "gate": {"minimum_visits": 50},
}
SPECIFICATION = parse_specification(RAW)
SILENT = "north"
"""The valley where rot is common and nobody reports."""


def orchards(n: int = 12_000, *, seed: int = 0) -> pd.DataFrame:
    """Trees with known risk; a sixth looked at, half of those by choice and oftener where it is rotten."""
    random = np.random.default_rng(seed)
    valley = random.choice([SILENT, "south", "east"], n)
    grower = random.integers(0, 60, n)
    rain, idle = random.gamma(2, 20, n), random.normal(size=n)
    stage = random.choice(["young", "old"], n)
    log_odds = -2.2 + 1.2 * (valley == SILENT) + 0.02 * (rain - 40) + random.normal(0, 0.6, 60)[grower]
    hidden = random.normal(0, 0.7, n)
    risk = expit(log_odds + hidden)
    rotten = random.random(n) < risk
    begins = np.where(stage == "young", random.uniform(0, 90, n), 0.0)  # young trees rot within the horizon only
    lag = random.uniform(0, 90, n)
    by_lot = random.random(n) < 0.08
    by_choice = ~by_lot & (random.random(n) < 0.12 * expit(2 * hidden))
    looked = by_lot | by_choice
    seen = rotten & (begins <= lag) & (random.random(n) < 0.8)
    told = rotten & (random.random(n) < np.where(valley == SILENT, 0.005, 0.15))
    now = looked & (lag < 30)
    return pd.DataFrame(
        {
            "tree": [f"T{i}" for i in range(n)],
            "as_of": START + pd.to_timedelta(random.integers(0, 500, n), unit="D"),
            "valley": valley,
            "grower": [f"g{i}" for i in grower],
            "rain": rain,
            "stage": stage,
            "idle": idle,
            "rotten": np.where(now, seen.astype(float), np.nan),
            "rotten_within": np.where(looked, seen.astype(float), np.nan),
            "lag": np.where(looked, lag, np.nan),
            "counts": np.where(looked, 1.0, np.nan),
            "by_choice": np.where(looked, by_choice.astype(float), np.nan),
            "chance": np.where(by_lot, 0.08, np.nan),
            "smelly": (told | (random.random(n) < 0.002)).astype(float),
            "risk": expit(log_odds),
            "rot": rotten.astype(float),
        }
    )


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return orchards()


@pytest.fixture(scope="module")
def trained(table: pd.DataFrame) -> TrainingResult:
    return train(table, SPECIFICATION, random_state=0)


def scores(model: Any, table: pd.DataFrame, specification: Specification = SPECIFICATION) -> Any:
    return score_columns(model, as_columns(table, specification.input_columns))


def changed(**outcome: Any) -> Specification:
    return parse_specification(RAW | {"outcome": RAW["outcome"] | outcome})


def test_the_joint_likelihood_is_kept_and_what_is_served_is_what_was_fitted(trained: TrainingResult) -> None:
    assert trained.compiled.kind == "joint"
    fresh = orchards(300, seed=5).assign(grower="stranger")
    served = trained.compiled.log_odds(as_columns(fresh, SPECIFICATION.input_columns))
    assert served == pytest.approx(trained.pipeline.decision_function(fresh), abs=1e-9)


def test_risk_is_that_of_the_whole_horizon_of_all_not_of_what_visits_by_choice_found(
    table: pd.DataFrame, trained: TrainingResult
) -> None:
    risk = scores(trained.compiled, table).risk
    by_choice = table.loc[table["by_choice"] == 1, "rotten_within"].mean() / 0.8
    assert risk.mean() == pytest.approx(table["rot"].mean(), rel=0.15)
    assert abs(risk.mean() - table["rot"].mean()) < abs(by_choice - table["rot"].mean())
    for _, rows in table.groupby("stage"):
        assert risk[rows.index].mean() == pytest.approx(rows["rot"].mean(), rel=0.25)


def test_silence_counts_for_little_where_nobody_reports(table: pd.DataFrame, trained: TrainingResult) -> None:
    risk = pd.Series(scores(trained.compiled, table).risk).groupby(table["valley"]).mean()
    told = table.groupby("valley")["smelly"].mean()
    assert told.idxmin() == SILENT
    assert risk.idxmax() == SILENT


def test_reports_help_where_visits_are_few(table: pd.DataFrame) -> None:
    silent = table.assign(smelly=lambda rows: rows["smelly"] * 0)
    few = table.assign(rotten_within=lambda rows: rows["rotten_within"].where(rows.index % 5 == 0))
    errors = []
    for known in (few, silent.assign(rotten_within=few["rotten_within"])):
        risk = scores(fit(known, SPECIFICATION, random_state=0), table).risk
        errors.append(np.corrcoef(risk, table["risk"])[0, 1])
    assert errors[0] > errors[1]


def test_a_term_that_tells_nothing_apart_shrinks_to_nothing(trained: TrainingResult) -> None:
    spread = {term.name: float(np.std(term.values)) for term in trained.compiled.terms}
    assert spread["idle"] < spread["rain"] / 4


def without_direction(specification: dict[str, Any]) -> Specification:
    plain = [{"name": each["name"], "kind": each["kind"]} for each in specification["features"]]
    return parse_specification(specification | {"features": plain})


def test_a_term_with_a_stated_direction_outlasts_few_looks(table: pd.DataFrame) -> None:
    few = table.assign(rotten_within=lambda rows: rows["rotten_within"].where(rows.index % 12 == 0), smelly=0.0)
    spread = {}
    for name, specification in (("stated", SPECIFICATION), ("open", without_direction(RAW))):
        terms = fit(few, specification, random_state=0).terms
        spread[name] = next(float(np.std(term.values[:-1])) for term in terms if term.name == "rain")
    assert spread["stated"] > 1.3 * spread["open"]


def seen_rotten(table: pd.DataFrame, trees: list[str]) -> pd.DataFrame:
    """Return the table with a further look at each of `trees`, all of grower g1 and all rotten."""
    row = table[(table["grower"] == "g1") & table["rotten_within"].notna() & (table["lag"] > 60)].head(1)
    more = pd.concat([row] * len(trees)).assign(tree=trees, rotten_within=1.0, by_choice=0.0, smelly=np.nan)
    return pd.concat([table, more], ignore_index=True)


def test_looks_at_one_tree_again_and_again_teach_little_more_than_one_look(table: pd.DataFrame) -> None:
    orchard = table.query("grower == 'g1'").head(50)
    first, again, others = (
        scores(fit(seen_rotten(table, trees), SPECIFICATION, random_state=0), orchard).risk.mean()
        for trees in (["new"], ["new"] * 15, [f"new {i}" for i in range(15)])
    )
    assert again - first < 0.2 * (others - first)


def test_a_stated_direction_holds_at_every_bin(table: pd.DataFrame, trained: TrainingResult) -> None:
    rain = table.head(200).assign(rain=np.linspace(0, 200, 200), valley="east", grower="g1", stage="old", idle=0.0)
    assert (np.diff(scores(trained.compiled, rain).risk) >= -1e-12).all()
    falling = [
        feature | {"monotone": "decreasing"} if feature["name"] == "rain" else feature for feature in RAW["features"]
    ]
    against = fit(table, parse_specification(RAW | {"features": falling}), random_state=0)
    assert (np.diff(scores(against, rain).risk) <= 1e-12).all()


def test_the_declared_detection_raises_every_risk(table: pd.DataFrame) -> None:
    full, half = (
        scores(fit(table, changed(detection=share), random_state=0), table).risk.mean() for share in (1.0, 0.5)
    )
    assert half > 1.4 * full


def believing(offset: Any) -> Specification:
    return changed(look=RAW["outcome"]["look"] | {"selection": {"by_choice": offset}})


def test_the_more_choosers_are_believed_to_know_the_lower_is_the_risk_of_all_others(table: pd.DataFrame) -> None:
    believed = [believing({"mean": mean, "sd": 0.2}) for mean in (-0.5, 0.0, 0.5)]
    means = [scores(fit(table, each, random_state=0), table, each).risk.mean() for each in believed]
    assert means == sorted(means, reverse=True)
    assert means[0] / means[-1] > 1.05


def test_a_number_alone_is_the_deviation_around_none() -> None:
    assert believing(0.3) == believing({"mean": 0, "sd": 0.3})
    with pytest.raises(SpecificationError, match=r"selection\.by_choice\.sd"):
        believing({"mean": 0.2, "sd": 0})


def test_an_interval_is_wider_where_less_is_known(table: pd.DataFrame, trained: TrainingResult) -> None:
    known = scores(trained.compiled, table.assign(grower="g1"))
    unknown = scores(trained.compiled, table.assign(grower="never seen"))
    assert ((unknown.high - unknown.low) > (known.high - known.low)).mean() > 0.9
    assert (known.low < known.risk).all()
    assert (known.risk < known.high).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reporting": ["vally"]}, "valley"),
        ({"look": RAW["outcome"]["look"] | {"moment": "stag"}}, "stage"),
        ({"look": None}, "outcome.look"),
        ({"look": RAW["outcome"]["look"] | {"lag_days": "rain"}}, "part of the outcome"),
    ],
)
def test_a_specification_that_does_not_fit_says_what_to_change(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        changed(**change)


def test_the_same_seed_gives_the_same_model(table: pd.DataFrame) -> None:
    first, second = (fit(table, SPECIFICATION, random_state=3) for _ in range(2))
    assert [list(term.values) for term in first.terms] == [list(term.values) for term in second.terms]


CODINGS: dict[str, Callable[[], Coding]] = {
    "staircase": lambda: Coding("rain", ("rain",), 5, 4, edges=(1.0, 2.0, 3.0)),
    "look-up": lambda: Coding("valley", ("valley",), 3, 2, levels=(Level(("valley",), {"a": 0, "b": 1}),)),
}


@pytest.mark.parametrize("kind", CODINGS)
def test_no_column_is_spent_on_the_value_nobody_saw_and_bins_differ(kind: str) -> None:
    coding = CODINGS[kind]()
    basis = design([coding]).bases[0].toarray()
    assert len(np.unique(basis, axis=0)) == coding.size
    if kind == "look-up":
        assert not basis[coding.unknown].any()


@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.floats(0.01, 5)), min_size=1, max_size=20),
    chance=st.integers(0, 1000),
)
@settings(deadline=None)
def test_sums_over_codes_are_those_over_the_columns_of_every_row(
    rows: list[tuple[int, int, float]], chance: int
) -> None:
    bins, codes, weight = (np.array(each) for each in zip(*rows, strict=True))
    terms = design([make() for make in CODINGS.values()])
    columns = CodedColumns.beside(terms.columns(np.column_stack([bins, codes])))
    matrix = np.hstack([basis.toarray()[of] for basis, of in zip(terms.bases, (bins, codes), strict=True)])
    coefficients = np.random.default_rng(chance).normal(size=matrix.shape[1])
    assert columns @ coefficients == pytest.approx(matrix @ coefficients)
    assert columns.sums(weight) == pytest.approx(matrix.T @ weight)
    assert columns.products(weight, columns) == pytest.approx(matrix.T @ (weight[:, None] * matrix))


@given(
    coefficients=st.lists(st.floats(-3, 3), min_size=2, max_size=30),
    variance=st.floats(0.01, 4),
    share=st.floats(0.01, 0.99),
)
@settings(deadline=None)
def test_a_variance_moves_towards_what_the_coefficients_say(
    coefficients: list[float], variance: float, share: float
) -> None:
    theta, group = np.array(coefficients), np.arange(len(coefficients))

    def moved(theta: np.ndarray, believed: float) -> float:
        return updated([variance], [group], theta, np.eye(len(group)) * variance * share, believed=[believed])[0]

    new = moved(theta, 0.0)
    assert new >= LEAST_VARIANCE
    if not theta.any():
        assert new < variance
    assert moved(2 * theta, 0.0) >= new
    assert moved(theta, 1.0) >= new
