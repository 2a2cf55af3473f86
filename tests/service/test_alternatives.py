"""Options near a draft: only what was seen, is supported and surely goes with less risk."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from starlette.testclient import TestClient

from risk_model.scoring.coding import Coding, Level
from risk_model.scoring.release import write_release
from risk_model.scoring.scorer import Term
from risk_model.scoring.signing_keys import load_or_create_keys
from service.running import Running
from service.settings import Settings
from service.tables.register import placements

DRAFT = {
    "placement_id": "DRAFT-1",
    "destination": "MYS",
    "sector": "domestic",
    "position": "house_maid",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "data_origin": "simulated",
}
CREATED = datetime(2026, 1, 11, 8, tzinfo=UTC)


def advice(client: TestClient, **changed: object) -> dict[str, Any]:
    answer = client.post("/v1/alternatives", json={**DRAFT, **changed})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_verified_certificate_is_offered_with_the_interval_of_the_difference(client: TestClient) -> None:
    answer = advice(client)
    (option,) = answer["options"]
    (change,) = option["changes"]
    assert (change["field"], change["before"], change["after"]) == ("certification_level", None, "3")
    assert option["risk"] < answer["risk"]
    difference = option["difference"]
    assert difference["low"] < difference["risk"] < difference["high"] < 0
    assert difference["risk"] == pytest.approx(option["risk"] - answer["risk"])
    assert option["seen"] == 10
    assert "no effect promised" in answer["association_en"]
    assert "bukan akibat" in answer["association_id"]
    assert "refusal" in answer["permitted_use"]["never"]


def test_a_certificate_that_is_not_verified_changes_nothing_and_how_to_verify_it_is_said(client: TestClient) -> None:
    plain, claimed = advice(client), advice(client, certification_level=3)
    assert (claimed["risk"], claimed["options"]) == (plain["risk"], plain["options"])
    assert plain["verify_en"] is None
    for way in ("certificate_verified", "import", "scope verify"):
        assert way in claimed["verify_en"]


def test_what_was_gained_already_is_not_offered_again(client: TestClient) -> None:
    answer = advice(client, certification_level=3, certification_verified=True)
    assert answer["options"] == []
    assert "surely enough" in answer["notice_en"]


def test_off_support_nothing_is_offered(client: TestClient) -> None:
    answer = advice(client, destination="FJI")
    assert (answer["risk"], answer["supported"], answer["options"]) == (None, False, [])
    assert "nothing to compare" in answer["notice_en"]


def test_a_personal_trait_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/alternatives", json={**DRAFT, "sex": "F"})
    assert answer.status_code == 422
    assert "personal trait" in answer.json()["errors"][0]["detail"]


def of_employers() -> Term:
    """Work for a legal entity goes with much less harm."""
    coding = Coding("employer_type", ("employer_type",), 3, 2, levels=(Level(("employer_type",), EMPLOYERS),))
    return Term(coding, np.array([0.3, -0.9, 0.0]), np.full(3, 0.01))


EMPLOYERS = {"household": 0, "legal_entity": 1}
SCHEMES = {"P_TO_P": 0, "G_TO_G": 1, "INDIVIDUAL": 1, "UKPS": 1, "EXT_HOME": 1, "EXT_ABROAD": 1}


def of_schemes() -> Term:
    """Every scheme but the one through an agency goes with much less harm."""
    coding = Coding("scheme", ("scheme",), 3, 2, levels=(Level(("scheme",), SCHEMES),))
    return Term(coding, np.array([0.3, -0.9, 0.0]), np.full(3, 0.01))


@pytest.fixture
def with_employers(
    running: Running, make_settings: Callable[..., Settings], tmp_path: Path, client_of: Callable[..., TestClient]
) -> Iterator[TestClient]:
    """The application with a model that also reads the kind of employer."""
    keys = load_or_create_keys(tmp_path / "keys")
    model = replace(running.served.model, terms=(*running.served.model.terms, of_employers()))
    write_release(model, tmp_path / "champion", private_key=keys.private, release_id="e", created_at=CREATED)
    own = {"model_dir": tmp_path / "champion", "public_key": tmp_path / "keys" / "release_key.pub"}
    url = running.engine.url.render_as_string(hide_password=False)
    promoted = Running(make_settings(url, **own))
    yield client_of(promoted)
    promoted.close()


@pytest.mark.parametrize(("seen", "offered"), [(9, False), (10, True)])
def test_an_option_was_seen_ten_times_at_least(
    running: Running, with_employers: TestClient, seen: int, offered: bool
) -> None:
    unverified = (placements.c.destination == "MYS") & placements.c.certification_verified.is_(False)
    with running.engine.begin() as connection:
        ids = connection.execute(select(placements.c.placement_id).where(unverified)).scalars().all()[:seen]
        changed = update(placements).where(placements.c.placement_id.in_(ids))
        connection.execute(changed.values(employer_type="legal_entity"))
    options = advice(with_employers)["options"]
    fields = [[change["field"] for change in option["changes"]] for option in options]
    assert (["employer_type"] in fields) is offered


@pytest.fixture
def with_schemes(
    running: Running, make_settings: Callable[..., Settings], tmp_path: Path, client_of: Callable[..., TestClient]
) -> Iterator[TestClient]:
    """The application with a model that also reads the scheme."""
    keys = load_or_create_keys(tmp_path / "keys")
    model = replace(running.served.model, terms=(*running.served.model.terms, of_schemes()))
    write_release(model, tmp_path / "champion", private_key=keys.private, release_id="s", created_at=CREATED)
    own = {"model_dir": tmp_path / "champion", "public_key": tmp_path / "keys" / "release_key.pub"}
    promoted = Running(make_settings(running.engine.url.render_as_string(hide_password=False), **own))
    yield client_of(promoted)
    promoted.close()


@pytest.mark.parametrize(
    ("scheme", "employer", "offered"),
    [
        ("G_TO_G", "household", True),
        ("INDIVIDUAL", "legal_entity", True),
        ("INDIVIDUAL", "household", False),
        ("UKPS", "legal_entity", False),
        ("EXT_HOME", "household", False),
        ("EXT_ABROAD", "household", False),
    ],
)
def test_a_scheme_that_is_not_open_to_a_candidate_is_not_offered(
    running: Running, with_schemes: TestClient, scheme: str, employer: str, *, offered: bool
) -> None:
    with running.engine.begin() as connection:
        of_malaysia = placements.c.destination == "MYS"
        values = {"scheme": scheme, "employer_type": employer, "certification_verified": False}
        connection.execute(update(placements).where(of_malaysia).values(values))
    options = advice(with_schemes, employer_type=employer)["options"]
    assert [change["after"] for option in options for change in option["changes"]] == [scheme] * offered


def test_what_changes_more_without_less_risk_is_left_out(running: Running, with_employers: TestClient) -> None:
    """Of 20 placements to Malaysia ten change the employer alone, and ten also the scheme, which no term reads."""
    with running.engine.begin() as connection:
        of_malaysia = placements.c.destination == "MYS"
        values = {"employer_type": "legal_entity", "certification_verified": False}
        connection.execute(update(placements).where(of_malaysia).values(values))
        ids = connection.execute(select(placements.c.placement_id).where(of_malaysia)).scalars().all()[:10]
        connection.execute(update(placements).where(placements.c.placement_id.in_(ids)).values(scheme="G_TO_G"))
    (option,) = advice(with_employers)["options"]
    assert [change["field"] for change in option["changes"]] == ["employer_type"]


def test_under_the_rule_nothing_is_offered(
    running: Running, make_settings: Callable[..., Settings], tmp_path: Path, client_of: Callable[..., TestClient]
) -> None:
    url = running.engine.url.render_as_string(hide_password=False)
    answer = advice(client_of(Running(make_settings(url, model_dir=tmp_path))))
    assert answer["options"] == []
    assert "two-line rule" in answer["notice_en"]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changed=st.fixed_dictionaries(
        {
            "destination": st.sampled_from(["MYS", "HKG", "TWN", "FJI"]),
            "sector": st.sampled_from(["domestic", "manufacturing", "care"]),
            "position": st.none() | st.sampled_from(["house_maid", "production_operator"]),
            "employer_type": st.sampled_from(["household", "legal_entity"]),
            "certification_level": st.none() | st.integers(0, 6),
            "certification_verified": st.none() | st.booleans(),
        }
    )
)
def test_every_option_is_surely_below_changes_two_things_at_most_and_scores_as_it_says(
    client: TestClient, changed: dict[str, Any]
) -> None:
    answer = advice(client, **changed)
    for option in answer["options"]:
        assert 1 <= len(option["changes"]) <= 2
        assert option["difference"]["high"] < 0
        after = {change["field"]: change["after"] for change in option["changes"]}
        if "certification_level" in after:
            after |= {"certification_level": int(after["certification_level"]), "certification_verified": True}
        scored = client.post("/v1/scores", json={**DRAFT, **changed, **after}).json()
        assert scored["risk"] == option["risk"]
