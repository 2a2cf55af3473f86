"""Does nothing but a sound model get served, and does the one in use stay when another is refused?"""

import getpass
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml

from risk_model import registry
from risk_model.data.schema import read_tables
from risk_model.errors import GateRefusedError
from risk_model.evaluation.windows import windows_of_tests
from risk_model.learning.training import TrainingResult, train
from risk_model.placements.training_table import training_table
from risk_model.scoring.scorer import Term
from risk_model.specification import Specification, parse_specification
from risk_model.workflows import promotion, training
from risk_model.workflows.data_files import data_hash, files_of
from risk_model.workflows.rollback import roll_back

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))
from other_generator import END, write_other_world  # noqa: E402  tests are no package

MODELS = REPOSITORY / "models"
LAST = pd.Timestamp("2025-12-31")
NOW = (datetime(2026, 1, 2, 12, tzinfo=UTC) + timedelta(minutes=minute) for minute in count())
RAW: dict[str, Any] = {
    "name": "orchards",
    "title": {"id": "Kebun", "en": "Orchards"},
    "identifier": "tree",
    "time": "picked_on",
    "horizon_days": 30,
    "outcome": {"column": "rotten", "probability": "chance"},
    "features": [
        {"name": "valley", "kind": "categorical"},
        {"name": "rain", "kind": "numeric"},
        {"name": "bruises", "kind": "numeric"},
    ],
    "rule": {"first": ["valley"], "second": ["valley"]},
    "support": ["valley"],
    "audit_groups": ["owner"],
    "splits": {"tests": 2, "window_days": 90},
    "candidates": {"scorecard": {"C": [0.1]}},
}
SPECIFICATION = parse_specification(RAW)


def orchard(n: int = 5000) -> pd.DataFrame:
    """Dated trees, each looked at with probability one half."""
    random = np.random.default_rng(4)
    valley, rain = random.choice(["north", "south"], n), random.gamma(2, 20, n)
    rotten = random.random(n) < 1 / (1 + np.exp(3 - (valley == "north") - 0.03 * rain))
    return pd.DataFrame(
        {
            "tree": [f"T{number}" for number in range(n)],
            "picked_on": LAST - pd.to_timedelta(random.integers(0, 500, n), unit="D"),
            "valley": valley,
            "rain": rain,
            "bruises": random.integers(0, 4, n).astype(float),
            "owner": random.choice(["family", "company"], n, p=[0.4, 0.6]),
            "half": random.choice(["a", "b"], n),
            "rotten": rotten.astype(float),
            "chance": 0.5,
        }
    )


def written_card() -> dict[str, Any]:
    """The card that ships, as if consultation and assessment had been held."""
    held = {"held_on": date(2025, 11, 1), "by": "a council", "outcome": "agreed", "dissent": "none"}
    shipped = yaml.safe_load((MODELS / "cards" / "placement-risk.yaml").read_text(encoding="utf-8"))
    return dict(shipped | {"consultation": held, "impact_assessment": held})


@dataclass(frozen=True)
class Office:
    """One office: its table, its specification and card, and the evidence of a clean training."""

    folder: Path
    table: pd.DataFrame
    clean: registry.Evidence

    def promote(self, version: str, *, approver: str = "Siti Approver", **changes: Any) -> dict[str, Any]:
        named = {"specification_file": self.folder / "models" / "orchards.yaml", "created_at": next(NOW)} | changes
        data = named.pop("data", self.folder / "orchards.parquet")
        return promotion.promote(version, data, approver=approver, **named)

    def in_use(self) -> str:
        pointer = self.folder / "models" / "champion" / "current"
        return pointer.read_text() if pointer.exists() else ""

    def trained(self, table: pd.DataFrame, *, seed: int = 0) -> registry.Evidence:
        return evidence_of(train(table, SPECIFICATION, random_state=seed), table, self.folder / "orchards.parquet")

    def specified(self, raw: dict[str, Any], card: dict[str, Any], name: str) -> Path:
        """Write a specification and its card into a folder of their own."""
        (self.folder / name / "cards").mkdir(parents=True, exist_ok=True)
        (self.folder / name / "cards" / "orchards.yaml").write_text(yaml.safe_dump(card), encoding="utf-8")
        file = self.folder / name / "orchards.yaml"
        file.write_text(yaml.safe_dump(raw), encoding="utf-8")
        return file


def evidence_of(
    result: TrainingResult, table: pd.DataFrame, data: Path, specification: Specification = SPECIFICATION
) -> registry.Evidence:
    card = {
        "specification": specification.name,
        "as_of": str(table[specification.time].max()),
        "data_hash": data_hash(files_of(data)),
        "data_origin": "real",
        "learned_from": result.learned_from,
        "trained_by": "Budi Santoso",
        "trained_at": "2026-01-01T00:00:00+00:00",
        "code_version": "test",
        "random_state": 0,
        "tests": windows_of_tests(table, specification, result.scored, column=specification.outcome.column),
    }
    return registry.Evidence(specification, result, card, table)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        table = orchard()
        table.to_parquet(folder / "orchards.parquet", index=False)
        clean = evidence_of(train(table, SPECIFICATION, random_state=0), table, folder / "orchards.parquet")
        made = Office(folder, table, clean)
        made.specified(RAW, written_card(), "models")
        yield made


@pytest.fixture(scope="module")
def served(office: Office) -> str:
    """The version in use: a clean training, promoted."""
    version = registry.register(office.clean)
    assert office.promote(version)["passed"]
    return version


# -- what is refused ------------------------------------------------------------------------------


def knows_the_future(office: Office) -> registry.Evidence:
    rotten = office.table["rotten"] == 1
    told = office.table["bruises"].where(~rotten | (np.arange(len(rotten)) % 3 > 0), 9.0)
    return office.trained(office.table.assign(bruises=told))


def has_a_term_that_gives_the_outcome_away(office: Office) -> registry.Evidence:
    return office.trained(office.table.assign(bruises=office.table["rotten"] * 5))


def learns_the_label_of_the_row_before(office: Office) -> registry.Evidence:
    return office.trained(office.table.assign(rotten=np.roll(office.table["rotten"], 1)))


def never_saw_family_trees(office: Office) -> registry.Evidence:
    return office.trained(office.table[office.table["owner"] != "family"])


def with_terms(
    evidence: registry.Evidence, change: Callable[[tuple[Term, ...]], tuple[Term, ...]], shift: float = 0.0
) -> registry.Evidence:
    compiled = evidence.result.compiled
    changed = replace(compiled, terms=change(compiled.terms), intercept=compiled.intercept + shift)
    return replace(evidence, result=replace(evidence.result, compiled=changed))


def scaled(factor: float) -> Callable[[tuple[Term, ...]], tuple[Term, ...]]:
    return lambda terms: tuple(replace(term, values=factor * term.values) for term in terms)


def with_scores(evidence: registry.Evidence, chosen: Any) -> registry.Evidence:
    scored = evidence.result.scored.assign(chosen=chosen)
    return replace(evidence, result=replace(evidence.result, scored=scored))


def orders_upside_down(office: Office) -> registry.Evidence:
    return with_scores(with_terms(office.clean, scaled(-1)), 1 - office.clean.result.scored["chosen"])


def only_the_served_tables_are_upside_down(office: Office) -> registry.Evidence:
    return with_terms(office.clean, scaled(-1))


def says_far_too_much_risk(office: Office) -> registry.Evidence:
    return with_terms(office.clean, scaled(1), shift=1.0)


def is_far_too_sure(office: Office) -> registry.Evidence:
    return with_terms(office.clean, scaled(3), shift=-1.0)


def takes_far_too_long(office: Office) -> registry.Evidence:
    return with_terms(office.clean, lambda terms: scaled(1 / 2000)(terms) * 2000)


def is_half_a_year_old(office: Office) -> registry.Evidence:
    return office.trained(office.table[office.table["picked_on"] < LAST - pd.Timedelta(days=180)])


def learnt_from_open_windows(office: Office) -> registry.Evidence:
    hasty = SPECIFICATION.model_copy(update={"horizon_days": 0})
    result = train(office.table, hasty, random_state=0)
    records = windows_of_tests(office.table, hasty, result.scored, column="rotten")
    late = [r | {"closed_at": str(pd.Timestamp(r["closed_at"]) + pd.Timedelta(days=30))} for r in records]
    evidence = evidence_of(result, office.table, office.folder / "orchards.parquet")
    return replace(evidence, card=evidence.card | {"tests": late})


def is_no_better_than_the_rule(office: Office) -> registry.Evidence:
    return with_scores(office.clean, office.clean.result.scored["rule"])


def is_worse_than_the_champion(office: Office) -> registry.Evidence:
    right = office.clean.result.scored["chosen"].rank(pct=True)
    return with_scores(office.clean, right + np.random.default_rng(0).normal(0, 0.3, len(right)))


def forgets_one_group(office: Office) -> registry.Evidence:
    scored = office.clean.result.scored
    owner = office.table.set_index("tree")["owner"].loc[scored["tree"]].to_numpy()
    return with_scores(office.clean, scored["chosen"].where(owner != "family", scored["chosen"] / 20))


def turns_the_list_over_for_nothing(office: Office) -> registry.Evidence:
    random = np.random.default_rng(0)
    return with_terms(
        office.clean,
        lambda terms: tuple(replace(term, values=random.normal(0, 1, len(term.values))) for term in terms),
    )


PLANTED = {
    knows_the_future: "inputs from the future is bruises in",
    has_a_term_that_gives_the_outcome_away: "AUC of one term alone is 1.000 .bruises",
    learns_the_label_of_the_row_before: "outcomes the data do not give is",
    never_saw_family_trees: "groups missing is owner family",
    orders_upside_down: "AUC over the two-line rule is -",
    only_the_served_tables_are_upside_down: "AUC of the served tables is",
    says_far_too_much_risk: "predicted over found is",
    is_far_too_sure: "calibration slope is",
    takes_far_too_long: "time to score, × the rule is",
    is_half_a_year_old: "stale data is data go on",
    learnt_from_open_windows: "windows open across a split is test 1",
    is_no_better_than_the_rule: "AUC over the two-line rule is",
    is_worse_than_the_champion: "AUC over the champion is -",
    forgets_one_group: "recall by group over the champion is owner family",
    turns_the_list_over_for_nothing: "list exchanged is",
}


@pytest.mark.parametrize(("defect", "named"), [pytest.param(*each, id=each[0].__name__) for each in PLANTED.items()])
def test_a_version_that_is_not_sound_is_refused_by_name(
    office: Office, served: str, defect: Callable[[Office], registry.Evidence], named: str
) -> None:
    before = office.in_use()
    version = registry.register(defect(office))
    with pytest.raises(GateRefusedError, match=named):
        office.promote(version)
    assert office.in_use() == before
    assert registry.fetch("orchards", "champion").version == served
    verdict = registry.fetch("orchards", version).verdict
    assert verdict["passed"] is False
    assert all({"name", "figure", "limit", "passed"} <= set(check) for check in verdict["checks"])


@pytest.mark.parametrize(
    "approver",
    [
        "Budi Santoso",
        "budi  santoso",
        "BUDI.SANTOSO",
        "budisantoso@office.example",
        "Búdi Santoso",
        "Bud\u200bi Santoso",
    ],
)
def test_nobody_approves_what_they_trained(office: Office, served: str, approver: str) -> None:
    with pytest.raises(GateRefusedError, match="approved by is the trainer"):
        office.promote(served, approver=approver)


@pytest.mark.parametrize("approver", ["", "  ", "7", "\u0412udi Santoso"])
def test_an_approver_has_a_name_that_can_be_read(office: Office, served: str, approver: str) -> None:
    with pytest.raises(GateRefusedError, match="approver is"):
        office.promote(served, approver=approver)


@pytest.mark.parametrize("file", ["compiled.json", "scored.parquet", "card.json", "specification.yaml"])
def test_a_stored_file_that_was_altered_is_refused(office: Office, served: str, file: str) -> None:
    version = registry.register(office.clean)
    found = mlflow.MlflowClient().get_model_version("orchards", version)
    (path,) = (path for path in office.folder.rglob(file) if found.run_id in path.parts)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    before = office.in_use()
    with pytest.raises(GateRefusedError, match=f"{file} not as registered"):
        office.promote(version)
    assert office.in_use() == before


def test_a_specification_that_changed_since_training_is_refused(office: Office, served: str) -> None:
    first, *_, last = RAW["features"]
    changed = office.specified(RAW | {"features": [first | {"kind": "rate"}, last]}, written_card(), "changed")
    with pytest.raises(GateRefusedError, match="rain: no longer there, valley: defined otherwise"):
        office.promote(served, specification_file=changed)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"owner": ""}, "owner"),
        ({"human_role": None}, "human_role"),
        (
            {"label_choice": {"chosen": "x", "reason": "y", "alternatives": [{"label": "z"}]}},
            "label_choice.alternatives",
        ),
        (
            {"consultation": {"held_on": "not yet held", "by": "x", "outcome": "y", "dissent": "z"}},
            "for simulated data",
        ),
        ({"impact_assessment": {"held_on": date(2024, 6, 1), "by": "x", "outcome": "y"}}, "within the last year"),
    ],
    ids=["owner", "human role", "one alternative", "nobody asked, real data", "old assessment"],
)
def test_a_card_with_a_gap_is_refused(office: Office, served: str, change: dict[str, Any], named: str) -> None:
    with pytest.raises(GateRefusedError, match=f"card fields missing is .*{named}"):
        office.promote(served, specification_file=office.specified(RAW, written_card() | change, "gap"))


def test_a_version_without_a_written_card_is_refused(office: Office, served: str) -> None:
    file = office.specified(RAW, {}, "bare")
    shutil.rmtree(file.parent / "cards")
    with pytest.raises(GateRefusedError, match="card fields missing is owner, contact, purpose"):
        office.promote(served, specification_file=file)


def test_other_data_than_trained_on_are_refused(office: Office, served: str) -> None:
    office.table.iloc[1:].to_parquet(office.folder / "other.parquet", index=False)
    with pytest.raises(GateRefusedError, match="data is other than trained on"):
        office.promote(served, data=office.folder / "other.parquet")


def test_a_published_split_whose_windows_overlap_is_refused(office: Office, served: str) -> None:
    raw = RAW | {"splits": {"column": "half", "train": ["a"], "test": ["b"]}}
    file = office.specified(raw, written_card(), "halves")
    table = office.folder / "orchards.parquet"
    made = training.train_on_table(table, file, random_state=0, progress=lambda *told: None)
    with pytest.raises(GateRefusedError, match="windows open across a split is test 1") as refused:
        office.promote(str(made["version"]), specification_file=file, approver=f" {getpass.getuser().upper()} ")
    assert "approved by is the trainer" in str(refused.value)


# -- what is accepted -----------------------------------------------------------------------------


def test_a_clean_retraining_follows_the_champion_and_one_command_goes_back(office: Office, served: str) -> None:
    first, before = office.in_use(), registry.fetch("orchards", "champion").version
    promoted = office.promote(registry.register(office.trained(office.table, seed=1)))
    figures = {check["name"]: check["figure"] for check in promoted["checks"]}
    assert figures["AUC over the champion"].startswith("+0.0")
    by_group = next(check for check in promoted["checks"] if check["name"].startswith("recall by group"))
    least = min(by_group["groups"], key=lambda each: each["gain"])
    assert f"least {least['trait']} {least['group']}: {least['gain']:+.3f}" in by_group["figure"]
    assert all(each["low"] <= each["gain"] <= each["high"] for each in by_group["groups"])
    assert registry.fetch("orchards", "champion").version == promoted["version"]
    started = datetime.now(UTC)
    roll_back(office.folder / "models" / "orchards.yaml")
    assert (datetime.now(UTC) - started).total_seconds() < 5
    assert office.in_use() == first
    assert registry.fetch("orchards", "champion").version == before


def test_the_verdict_and_the_written_card_are_kept_with_what_is_served(office: Office, served: str) -> None:
    promoted = office.promote(registry.register(office.clean), approver="Dewi Approver")
    stored = registry.fetch("orchards", promoted["version"])
    assert stored.verdict["approver"] == "Dewi Approver"
    assert stored.verdict["facts"]["design"] == "retrospective"
    release = office.folder / "models" / "champion" / "releases" / promoted["release"]
    card = json.loads((release / "card.json").read_text(encoding="utf-8"))
    assert card["register"]["approver"] == "Dewi Approver"
    assert card["gate"]["passed"] is True
    assert {check["name"] for check in card["gate"]["checks"]} == {check["name"] for check in promoted["checks"]}
    assert card["register"]["consultation"]["held_on"] == "2025-11-01"
    roll_back(office.folder / "models" / "orchards.yaml")


# -- a register of placements ---------------------------------------------------------------------


def test_inputs_and_outcomes_of_placements_are_made_anew_without_the_future(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    shutil.copytree(MODELS / "cards", tmp_path / "models" / "cards")
    raw = yaml.safe_load((MODELS / "placement_risk.yaml").read_text(encoding="utf-8"))
    file = tmp_path / "models" / "placement_risk.yaml"
    file.write_text(yaml.safe_dump(raw | {"candidates": {"scorecard": {"C": [0.1]}}}), encoding="utf-8")
    specification = parse_specification(yaml.safe_load(file.read_text(encoding="utf-8")))
    write_other_world(tmp_path / "data", seed=1, n=2_500)
    table = training_table(read_tables(tmp_path / "data"), specification, END)
    told = table["placement_missed_contacts"].mask(table["found"] == 1, 2)

    def refused(learnt: pd.DataFrame) -> str:
        result = train(learnt, specification, random_state=0)
        evidence = evidence_of(result, learnt, tmp_path / "data", specification)
        simulated = evidence.card | {"data_origin": "simulated", "as_of": str(END.date())}
        version = registry.register(replace(evidence, card=simulated))
        with pytest.raises(GateRefusedError) as error:
            promotion.promote(
                version, tmp_path / "data", approver="Siti", specification_file=file, created_at=next(NOW)
            )
        return str(error.value)

    honest = refused(table)  # too few visits to be superior, and nothing else
    assert "tested visits" in honest
    assert "inputs from the future" not in honest
    assert "outcomes the data do not give" not in honest
    assert "windows" not in honest
    assert "placement_missed_contacts in" in refused(table.assign(placement_missed_contacts=told))
