"""POST /v1/scores: one placement in, one score out."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from risk_model.data.schema import read_tables, write_tables
from risk_model.errors import NotEnoughDataError
from risk_model.scoring.coding import Coding
from risk_model.scoring.release import write_release
from risk_model.scoring.scorer import CompiledModel, Term
from risk_model.scoring.signing_keys import load_or_create_keys
from service.importing import import_data_set
from service.live_scoring import LiveScoring
from service.payloads import examples
from service.payloads.answers import Score
from service.payloads.requests import PlacementIn
from service.running import Running
from service.settings import Settings
from service.storage.engine import migrate
from service.storage.register import find_placements, scored_placements

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
PLACEMENT = {
    "placement_id": "NEW-1",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "data_origin": "simulated",
}


def score(client: TestClient, **changed: object) -> dict:
    answer = client.post("/v1/scores", json={**PLACEMENT, **changed})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_score_says_what_it_is_for_and_how_long_it_holds(client: TestClient) -> None:
    answer = score(client)
    assert answer["low"] < answer["risk"] < answer["high"]
    assert answer["supported"] is True
    assert "refusal" in answer["permitted_use"]["never"]
    assert answer["model_version"] == "placement-risk-1"
    assert answer["data_origin"] == "simulated"
    assert datetime.fromisoformat(answer["valid_until"]) > datetime.fromisoformat(answer["as_of"])


@pytest.mark.parametrize("destination", ["MYS", "FJI"])
def test_an_answer_has_the_members_that_are_described_and_no_others(client: TestClient, destination: str) -> None:
    answer = client.post("/v1/scores", json={**PLACEMENT, "destination": destination})
    told = Score.model_validate_json(answer.content)
    assert json.loads(told.model_dump_json()) == answer.json()


def test_reasons_come_in_both_languages_with_a_direction(client: TestClient) -> None:
    first = score(client)["reasons"][0]
    assert first["feature"] == "destination"
    assert first["direction"] == "raises"
    assert first["text_id"].startswith("Negara tujuan: Malaysia")
    assert first["text_en"].startswith("Destination: Malaysia")


def test_without_support_there_is_no_number_and_a_person_decides(client: TestClient) -> None:
    answer = score(client, destination="FJI")
    assert (answer["risk"], answer["low"], answer["high"]) == (None, None, None)
    assert answer["band"] == "insufficient_data"
    assert "an officer judges" in answer["notice_en"]


def test_a_certificate_counts_only_when_it_is_verified(client: TestClient) -> None:
    bare, claimed, verified = (
        score(client),
        score(client, certification_level=6),
        score(client, certification_level=6, certification_verified=True),
    )
    assert claimed["risk"] == bare["risk"]
    assert verified["risk"] < bare["risk"]


@pytest.mark.parametrize(
    ("dates", "stage"),
    [
        ({}, "before"),
        ({"departed_on": "2025-06-01"}, "during"),
        ({"departed_on": "2099-06-01"}, "before"),
        ({"departed_on": "2025-06-01", "returned_on": "2025-12-01"}, "after"),
    ],
)
def test_the_stage_follows_the_dates(client: TestClient, dates: dict[str, str], stage: str) -> None:
    assert score(client, **dates)["stage"] == stage


def test_what_belongs_to_the_person_changes_no_score(client: TestClient) -> None:
    plain = score(client)
    assert score(client, origin="53.11", service_office="BP3MI-NTT", worker_ref="abc")["risk"] == plain["risk"]


def test_the_live_score_of_a_stored_placement_is_its_batch_score(client: TestClient, shared_running: Running) -> None:
    stored = scored_placements(shared_running.engine, None, ("placement_id", "risk", "band", "stage"))
    rows = find_placements(shared_running.engine, [row[0] for row in stored])
    known = PlacementIn.model_fields
    for placement_id, risk, band, stage in stored:
        row = {
            name: str(value) if name.endswith("_on") and value else value for name, value in rows[placement_id].items()
        }
        sent = {name: value for name, value in row.items() if name in known}
        answer = client.post("/v1/scores?as_of=2026-01-01", json=sent).json()
        assert (answer["risk"], answer["band"], answer["stage"]) == (risk, band, stage)


def test_a_date_before_the_histories_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/scores?as_of=2025-06-01", json=PLACEMENT)
    assert answer.status_code == 422
    assert "2026-01-01 or later" in answer.json()["detail"]


def test_the_example_of_the_description_is_answered(client: TestClient) -> None:
    assert client.post("/v1/scores", json=examples.PLACEMENT).status_code == 200


def with_term(model: CompiledModel, name: str) -> CompiledModel:
    """The model with one more term, on a number called `name`."""
    more = Term(Coding(name, (name,), 4, 3, edges=(0.05, 0.15)), np.array([-0.5, 0.1, 0.9, 0.0]), np.full(4, 0.01))
    return replace(model, terms=(*model.terms, more))


@pytest.fixture
def promote(tmp_path: Path, make_settings: Callable[..., Settings]) -> Callable[[CompiledModel, str], Running]:
    """Make a model the release in use of a new office, and return what runs on it."""
    keys = load_or_create_keys(tmp_path / "keys")
    release = {"model_dir": tmp_path / "champion", "public_key": tmp_path / "keys" / "release_key.pub"}

    def made(model: CompiledModel, release_id: str) -> Running:
        write_release(model, release["model_dir"], private_key=keys.private, release_id=release_id, created_at=NOW)
        running = Running(make_settings(f"sqlite:///{tmp_path}/{release_id}.db", **release))
        migrate(running.engine)
        return running

    return made


def imported(running: Running, folder: Path) -> str:
    """Import the data set and return which model scored it."""
    return import_data_set(running, folder, as_of=None, now=NOW, progress=lambda *told: None).model_version


def test_the_history_of_an_agency_raises_its_placements(
    promote: Callable[..., Running], shared_running: Running, data_set: Path, tmp_path: Path
) -> None:
    tables = read_tables(data_set)
    of_a = tables.placements.loc[tables.placements["agency_id"] == "P3MI-A", "placement_id"]
    visits = pd.concat([tables.inspections.iloc[[0]]] * 9, ignore_index=True)
    looked = visits.assign(inspection_id=[f"A{n}" for n in range(9)], placement_id=of_a.iloc[:9].to_numpy())
    write_tables(replace(tables, inspections=looked), tmp_path / "data")
    running = promote(with_term(shared_running.served.model, "agency_attention"), "attentive")
    assert imported(running, tmp_path / "data") == "attentive"
    scoring = running.scoring()
    a, b = (scoring.score(PLACEMENT | {"agency_id": agency}, NOW).score for agency in ("P3MI-A", "P3MI-B"))
    assert a.contributions[-1] > b.contributions[-1]
    assert (a.risk or 0) > (b.risk or 0)
    running.close()


def test_a_release_that_reads_what_the_specification_lacks_is_refused_and_the_one_before_answers(
    promote: Callable[..., Running], shared_running: Running, data_set: Path
) -> None:
    model = shared_running.served.model
    promote(model, "sound").close()
    running = promote(with_term(model, "agency_visits_felt"), "other")
    assert imported(running, data_set) == "sound"
    assert running.served.refused
    assert "other reads 'agency_visits_felt' (term agency_visits_felt)" in str(running.served.reason)
    assert "promote a version trained with it, or go back: risk-model rollback" in str(running.served.reason)
    running.close()


@pytest.mark.parametrize("column", ["agency_visits_felt", "sex"])
def test_a_first_release_that_reads_what_is_not_there_leaves_the_rule_answering(
    promote: Callable[..., Running], shared_running: Running, data_set: Path, column: str
) -> None:
    running = promote(with_term(shared_running.served.model, column), "other")
    assert running.served.is_published_rule
    assert imported(running, data_set) == running.served.version
    assert f"reads '{column}'" in str(running.served.reason)
    running.close()


def test_histories_that_lack_what_a_new_release_reads_are_to_be_imported_again(
    promote: Callable[..., Running], shared_running: Running
) -> None:
    served = replace(shared_running.served, model=with_term(shared_running.served.model, "agency_attention"))
    counted = shared_running.scoring().histories
    others = {name: table for name, table in counted.snapshot.values.items() if name != "agency_attention"}
    older = replace(counted, snapshot=replace(counted.snapshot, values=others))
    row, naive = dict(PlacementIn.model_validate(PLACEMENT)), NOW.replace(tzinfo=None)
    with pytest.raises(NotEnoughDataError, match=r"reads 'agency_attention'.*import the data set again"):
        LiveScoring(served, older).score_rows([row], [naive])
    assert LiveScoring(served, counted).score_rows([row], [naive])


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@settings(deadline=None, max_examples=60)
@given(body=st.dictionaries(st.sampled_from(sorted(PlacementIn.model_fields)), VALUES))
def test_whatever_is_sent_the_answer_is_a_score_or_a_problem(client: TestClient, body: dict[str, object]) -> None:
    answer = client.post("/v1/scores", content=json.dumps({**PLACEMENT, **body}), headers=JSON)
    assert answer.status_code in (200, 422)
