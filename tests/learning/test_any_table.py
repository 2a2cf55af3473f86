"""Does the core take tables as agencies publish them, and say what to repair where it cannot?"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from typer.testing import CliRunner

from risk_model.cli import app
from risk_model.errors import NotEnoughDataError, SpecificationError
from risk_model.evaluation.gate_soundness import signed
from risk_model.learning.encoding import Encoder, as_columns
from risk_model.learning.training import TrainingResult, train
from risk_model.scoring.coding import key_of
from risk_model.scoring.columns import keys_of
from risk_model.scoring.scorer import score_columns, score_row
from risk_model.specification import Specification, parse_specification

RAW: dict[str, Any] = {
    "name": "food-inspections",
    "title": {"id": "Pemeriksaan makanan", "en": "Food inspections"},
    "identifier": "Inspection ID",
    "time": "Inspection Date",
    "horizon_days": 0,
    "outcome": {"column": "failed"},
    "features": [
        {"name": "facility_type", "kind": "categorical", "columns": ["Facility Type"]},
        {"name": "risk", "kind": "ordered"},
        {"name": "days_since", "kind": "numeric"},
        {"name": "earlier_violations", "kind": "numeric", "monotone": "increasing"},
        {"name": "previous_failed", "kind": "flag"},
        {"name": "licence", "kind": "rate", "columns": ["Licence #"], "parent": ["Facility Type"]},
        {"name": "zone_type", "kind": "rate", "columns": ["zóna", "Facility Type"], "parent": ["zóna"]},
    ],
    "rule": {"first": ["Facility Type"], "second": ["risk"]},
    "support": ["zóna", "Facility Type"],
    "baselines": {"longest_unseen": "days_since"},
    "splits": {"tests": 3, "window_days": 45},
    "candidates": {"scorecard": {"C": [0.1]}, "boosting": {"max_iter": [30]}, "yardstick": {"max_iter": [30]}},
}
SPECIFICATION = parse_specification(RAW)


def inspections(n: int = 2500, *, seed: int = 0, level: float = -1.5) -> pd.DataFrame:
    """Inspections of licensed premises; licences recur, and differ in how often they fail."""
    random = np.random.default_rng(seed)
    licence = random.integers(0, 200, n)
    own = random.normal(0, 1.2, 200)
    violations = random.poisson(2, n).astype(float)
    failed = random.random(n) < expit(level + own[licence] + 0.3 * (violations - 2))
    return pd.DataFrame(
        {
            "Inspection ID": np.arange(n),
            "Inspection Date": pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 600, n), unit="D"),
            "Facility Type": random.choice(["Restaurant", "Grocery", "School (café)"], n),
            "risk": random.integers(1, 4, n),
            "days_since": random.gamma(2, 100, n),
            "earlier_violations": violations,
            "previous_failed": random.random(n) < 0.2,
            "Licence #": licence + 10_000,
            "zóna": random.choice(["I", "II", "Ⅲ"], n),
            "failed": failed.astype(int),
        }
    )


def with_many_values(table: pd.DataFrame) -> pd.DataFrame:
    values = np.random.default_rng(1).integers(0, 20_000, len(table))
    return table.assign(**{"Licence #": values, "Facility Type": [f"T{v}" for v in values]})


AWKWARD = {
    "text dates": lambda t: t.assign(**{"Inspection Date": t["Inspection Date"].dt.strftime("%m/%d/%Y")}),
    "dates with a zone": lambda t: t.assign(**{"Inspection Date": t["Inspection Date"].dt.tz_localize("Asia/Jakarta")}),
    "periods": lambda t: t.assign(**{"Inspection Date": t["Inspection Date"].dt.to_period("D")}),
    "true and false": lambda t: t.assign(failed=t["failed"].astype(bool)),
    "text 0 and 1": lambda t: t.assign(failed=t["failed"].astype(str)),
    "all null": lambda t: t.assign(days_since=None, previous_failed=None, **{"Licence #": None}),
    "constant": lambda t: t.assign(risk=1, earlier_violations=0.0, **{"Licence #": "one", "Facility Type": "one"}),
    "20,000 values": with_many_values,
    "rare": lambda t: inspections(6000, level=-6.2),
    "common": lambda t: inspections(level=0.5),
    "mostly not looked at": lambda t: t.assign(failed=t["failed"].where(t.index % 5 == 0)),
    "tiny": lambda t: t.head(300),
    "infinite": lambda t: t.assign(days_since=t["days_since"].where(t.index % 7 > 0, np.inf)),
    "infinite both ways": lambda t: t.assign(days_since=np.where(t.index % 2, np.inf, -np.inf)),
    "repeated identifiers": lambda t: t.assign(**{"Inspection ID": t["Inspection ID"] // 3}),
    "repeated index": lambda t: t.set_axis(np.zeros(len(t), dtype=int)),
    "sorted backwards": lambda t: t.sort_values("Inspection Date", ascending=False),
}


@pytest.mark.parametrize("change", AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_tables_give_a_model_whose_every_number_is_a_probability(change: Any) -> None:
    table = change(inspections())
    result = train(table, SPECIFICATION, random_state=0)
    scores = score_columns(result.compiled, as_columns(table, SPECIFICATION.input_columns))
    assert scores.supported.all()
    assert ((scores.low >= 0) & (scores.low <= scores.risk) & (scores.risk <= scores.high) & (scores.high <= 1)).all()
    assert {"rule", "yardstick", "by longest_unseen", "by chance"} <= set(result.summary["candidate"])
    json.dumps([term.values.tolist() for term in result.compiled.terms], allow_nan=False)
    json.dumps([term.coding.edges for term in result.compiled.terms], allow_nan=False)


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "yes and no": (lambda t: t.assign(failed=np.where(t["failed"] == 1, "yes", "no")), SpecificationError, "write 1"),
    "1 and 2": (lambda t: t.assign(failed=t["failed"] + 1), SpecificationError, "found '1', '2'|found '2', '1'"),
    "decimal commas": (lambda t: t.assign(days_since="1,5"), SpecificationError, "days_since.*decimal point"),
    "one late decimal comma": (
        lambda t: t.assign(
            days_since=t["days_since"].astype(object).where(t["Inspection Date"] < t["Inspection Date"].max(), "1,5")
        ),
        SpecificationError,
        "days_since.*decimal point",
    ),
    "dates as numbers": (
        lambda t: t.assign(**{"Inspection Date": t["Inspection Date"].dt.year}),
        SpecificationError,
        "holds numbers, not dates",
    ),
    "a row without a date": (
        lambda t: t.assign(**{"Inspection Date": t["Inspection Date"].where(t.index != 4)}),
        SpecificationError,
        "empty in 1 rows, first in row 5",
    ),
    "no identifier": (lambda t: t.drop(columns="Inspection ID"), SpecificationError, "identifier"),
    "one day only": (lambda t: t.assign(**{"Inspection Date": "2024-01-01"}), NotEnoughDataError, "window_days"),
    "a misspelt column": (lambda t: t.rename(columns={"zóna": "zona"}), SpecificationError, "did you mean 'zona'"),
}


@pytest.mark.parametrize(("change", "error", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_learnt_from_is_refused_with_its_repair(change: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        train(change(inspections(800)), SPECIFICATION, random_state=0)


def test_a_cell_never_seen_gets_no_number() -> None:
    result = train(inspections(), SPECIFICATION, random_state=0)
    row = {str(key): value for key, value in inspections(1).iloc[0].to_dict().items()}
    assert score_row(result.compiled, row).risk is not None
    new = score_row(result.compiled, row | {"zóna": "IV"})
    assert (new.supported, new.risk, new.low, new.high) == (False, None, None, None)


def published(table: pd.DataFrame, cut: str = "2024-04-01") -> tuple[pd.DataFrame, Specification]:
    """The table with a split of its own, and the specification that names it."""
    part = np.where(table["Inspection Date"] < pd.Timestamp(cut), "learn", "judge")
    splits = {"column": "part", "train": ["learn"], "test": ["judge"]}
    grid = {"scorecard": {"C": [0.0001, 0.1]}, "boosting": {"max_iter": [5, 60]}}
    return table.assign(part=part), parse_specification(RAW | {"splits": splits, "candidates": grid})


def test_the_outcomes_of_a_published_test_have_no_say_in_the_choice() -> None:
    table, specification = published(inspections(4000))
    turned = table.assign(failed=table["failed"].where(table["part"] == "learn", 1 - table["failed"]))
    honest, other = (train(rows, specification, random_state=0) for rows in (table, turned))
    assert honest.chosen == other.chosen
    before, after = (result.scores.set_index("candidate")["auc"] for result in (honest, other))
    assert (after[before > 0.5] < 0.5).all()


def test_a_rate_leans_less_the_more_its_values_differ() -> None:
    random = np.random.default_rng(0)
    value = random.integers(0, 300, 6000)
    for differs, same in ((3.0, 0.0), (2.0, 0.2)):
        outcomes = [(random.random(6000) < expit(random.normal(0, s, 300)[value])) for s in (differs, same)]
        feature = next(f for f in SPECIFICATION.features if f.name == "licence").model_copy(update={"parent": None})
        wide, narrow = (
            Encoder([feature]).fit(pd.DataFrame({"Licence #": value}), y).shrinkages_["licence"] for y in outcomes
        )
        assert wide < narrow


def test_a_shrinkage_that_is_stated_is_kept() -> None:
    feature = next(f for f in SPECIFICATION.features if f.name == "licence").model_copy(update={"shrinkage": 7.0})
    assert Encoder([feature]).fit(inspections(), inspections()["failed"]).shrinkages_ == {"licence": 7.0}


def test_no_row_sees_its_own_outcome_in_its_rate() -> None:
    table = inspections(2000).assign(**{"Licence #": np.arange(2000)})
    feature = next(f for f in SPECIFICATION.features if f.name == "licence").model_copy(update={"parent": None})
    codes = Encoder([feature]).fit_transform(table, table["failed"])[:, 0]
    failed = table["failed"].to_numpy() == 1
    assert codes[failed].mean() == pytest.approx(codes[~failed].mean(), abs=2.0)


VALUES = st.one_of(
    st.none(), st.text(max_size=3), st.booleans(), st.integers(-(2**40), 2**40), st.floats(width=32), st.just(np.nan)
)


@given(values=st.lists(VALUES, max_size=20))
def test_a_column_has_the_keys_of_its_values(values: list[Any]) -> None:
    assert keys_of({"a": np.array([*values, None], dtype=object)}, ("a",))[:-1] == [key_of(value) for value in values]


@given(values=st.lists(st.floats(), max_size=20), kind=st.sampled_from(["float64", "float32", "int64", "int8", "bool"]))
def test_a_column_of_numbers_has_the_keys_of_its_numbers(values: list[float], kind: str) -> None:
    column = np.nan_to_num(np.array(values), posinf=9, neginf=-9).clip(-99, 99).astype(kind)
    if kind.startswith("float"):
        column = np.concatenate([column, np.array([np.nan, np.inf, -np.inf, -0.0], dtype=kind)])
    expected = [key_of(value) for value in column]
    if kind != "float32":
        assert keys_of({"a": column}, ("a",)) == expected
    assert keys_of({"a": column}, ("a",)) == [key_of(value) for value in column.tolist()]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_command_line_needs_a_table_and_a_specification(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    table = inspections(1200).assign(**{"Inspection Date": lambda t: t["Inspection Date"].dt.tz_localize("UTC")})
    small = RAW | {"candidates": {"scorecard": {"C": [0.1]}}}
    Path("food.yaml").write_text(yaml.safe_dump(small, allow_unicode=True), encoding="utf-8")
    file = Path(f"food.{suffix}")
    table.to_csv(file, index=False) if suffix == "csv" else table.to_parquet(file)
    told = CliRunner().invoke(app, ["train", "--table", str(file), "--spec", "food.yaml", "--jobs", "1", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["chosen"] == "scorecard"


CARD: dict[str, Any] = {
    **dict.fromkeys(("owner", "contact", "purpose", "not_for", "data", "human_role", "risks", "correction"), "said"),
    "label_choice": {
        "chosen": "a failed inspection",
        "reason": "known of every row",
        "alternatives": [{"label": name, "group_impact": "said"} for name in ("a complaint", "a closure")],
    },
    "consultation": {"held_on": date(2023, 9, 1), "by": "a council", "outcome": "agreed", "dissent": "none"},
    "impact_assessment": {"held_on": "not yet held", "by": "a council", "outcome": "none yet"},
}


@dataclass(frozen=True)
class Office:
    """A folder in which the commands are called one after another on one table."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def call(self, command: str, *options: str) -> Any:
        self.monkeypatch.chdir(self.folder)
        return CliRunner().invoke(app, [command, *options, "--spec", "food.yaml", "--json"])

    def train(self, table: pd.DataFrame, **changed: Any) -> None:
        """Write table, specification and card, and train."""
        small = RAW | {"candidates": {"scorecard": {"C": [0.1]}}, "data_origin": "simulated"} | changed
        (self.folder / "food.yaml").write_text(yaml.safe_dump(small, allow_unicode=True), encoding="utf-8")
        (self.folder / "cards").mkdir(exist_ok=True)
        (self.folder / "cards" / "food-inspections.yaml").write_text(yaml.safe_dump(CARD), encoding="utf-8")
        table.to_parquet(self.folder / "food.parquet", index=False)
        told = self.call("train", "--table", "food.parquet", "--jobs", "1")
        assert told.exit_code == 0, told.output

    def refused(self) -> str:
        """Ask for promotion and return why it was refused; empty where it was not."""
        told = self.call("promote", "--data", "food.parquet", "--approver", "Siti Approver")
        return "" if told.exit_code == 0 else f"{told.output} {told.exception}"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return Office(tmp_path, monkeypatch)


def test_a_table_goes_from_training_to_the_scores_of_its_release(office: Office) -> None:
    """Dates with a zone, lines of one inspection on one day, a column that is nowhere filled in."""
    table = inspections(6000).assign(**{"Inspection ID": lambda t: t["Inspection ID"] // 2, "days_since": None})
    table["Inspection Date"] = table["Inspection Date"].dt.tz_localize("Asia/Jakarta")
    office.train(table)
    judged = office.call("evaluate", "--data", "food.parquet")
    assert json.loads(judged.stdout)["design"].startswith("simulated, retrospective")
    assert office.refused() == ""
    new = table.drop(columns="failed").tail(50).assign(**{"Licence #": None, "zóna": "IV"})
    new.loc[new.index[0], "zóna"] = "I"
    new.to_csv(office.folder / "new.csv", index=False)
    told = office.call("score", "--data", "new.csv", "--out", "scores.csv", "--model", "champion")
    assert told.exit_code == 0, told.output
    scores = pd.read_csv(office.folder / "scores.csv")
    assert scores["risk"].notna().tolist() == [True, *[False] * 49]
    assert set(scores["data_origin"]) == {"simulated"}


def test_a_strong_rate_is_no_leak_and_a_field_filled_in_after_the_look_is_one(office: Office) -> None:
    random = np.random.default_rng(3)
    table = inspections(6000)
    strong, own = random.integers(0, 1500, 6000), random.normal(0, 2.5, 1500)
    table["failed"] = (random.random(6000) < expit(-1 + own[strong])).astype(int)
    rates = [{"name": "licence", "kind": "rate", "columns": ["Licence #"]}, RAW["features"][0]]
    office.train(table.assign(**{"Licence #": strong}), features=rates)
    assert "one term alone" not in office.refused()
    told = strong % 40 + 40 * (table["failed"] == 1) * (random.random(6000) < 0.9)
    office.train(table.assign(**{"Licence #": told}), features=rates)
    assert "is licence known before the look? If not, remove it" in office.refused()


def test_what_a_card_lacks_is_said_with_the_file_to_write_it_into(office: Office) -> None:
    office.train(inspections(4000), data_origin="real")
    (office.folder / "cards" / "food-inspections.yaml").unlink()
    why = office.refused()
    assert "card fields missing is owner" in why
    assert "write them into cards/food-inspections.yaml beside the specification" in why
    assert "train again on newer rows, or raise gate.stale_days" in why


def test_a_version_without_a_signature_or_with_whole_numbers_is_refused() -> None:
    inputs = dict.fromkeys(SPECIFICATION.input_columns, "double")
    assert signed(inputs, SPECIFICATION).passed
    assert "train again" in str(signed(None, SPECIFICATION).figure)
    assert str(signed(inputs | {"risk": "long"}, SPECIFICATION).figure) == "risk: long"
    fewer = {name: kind for name, kind in inputs.items() if name != "risk"}
    assert str(signed(fewer, SPECIFICATION).figure) == "risk: not declared"


def test_the_registered_model_scores_a_row_that_has_nothing_recorded(office: Office) -> None:
    office.train(inspections(2000).assign(days_since=lambda t: t["days_since"].round().astype("Int64")))
    registered = mlflow.pyfunc.load_model("models:/food-inspections/1")
    assert {str(kind) for kind in registered.metadata.signature.inputs.input_types()} <= {
        "DataType.double",
        "DataType.string",
    }
    row = inspections(1).astype(object)
    row[["days_since", "risk", "earlier_violations", "Licence #"]] = None
    told = registered.predict(row)
    assert np.isfinite(told["risk"]).all()
    assert registered.metadata.signature.outputs.input_names() == list(told.columns)


def test_another_table_does_not_take_the_place_of_what_is_served(office: Office) -> None:
    office.train(inspections(6000))
    assert office.refused() == ""
    other = yaml.safe_load((office.folder / "food.yaml").read_text(encoding="utf-8")) | {"name": "shops"}
    (office.folder / "food.yaml").write_text(yaml.safe_dump(other, allow_unicode=True), encoding="utf-8")
    assert "serves food-inspections; promote shops from a folder of its own" in office.refused()


def test_the_command_line_says_what_to_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("food.yaml").write_text(yaml.safe_dump(RAW, allow_unicode=True), encoding="utf-8")
    inspections(500).assign(failed=lambda t: t["failed"].map({1: "Fail", 0: "Pass"})).to_csv("food.csv", index=False)
    told = CliRunner().invoke(app, ["train", "--table", "food.csv", "--spec", "food.yaml"])
    assert told.exit_code != 0
    assert "write 1" in f"{told.output} {told.exception}"


def test_a_food_inspection_is_judged_by_its_licence() -> None:
    result: TrainingResult = train(inspections(6000), SPECIFICATION, random_state=0)
    means = result.summary.set_index("candidate")["auc"]
    assert means[result.chosen] > means["rule"] + 0.1
    assert means[result.chosen] > means["by longest_unseen"] + 0.1
