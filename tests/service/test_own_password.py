"""Staff change their own password: the old one is needed, guessing waits, and every other session ends."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service import passwords
from service.app import create_app
from service.managing_people import By, NewUser, create_user
from service.running import Running, utc_now
from service.tables import keeping

OLD, NEW = "kuda-lumping-berderap", "sapi-karapan-melaju"
NOW = datetime.fromisoformat("2026-01-11T08:00:00+00:00")
ME = "/v1/me"


class Desk:
    """One user, `pengawas`, who may sit at several browsers of the same service."""

    def __init__(self, running: Running) -> None:
        """Make the user; nobody is signed in."""
        self.running, self.now = running, NOW
        self.user, _ = create_user(
            running, NewUser("pengawas", "supervisor", "BP3MI-NTT", password=OLD), By("user:test", "admin", NOW)
        )
        self.app = create_app(running)
        self.app.dependency_overrides[utc_now] = lambda: self.now

    def browser(self) -> TestClient:
        """Another browser with nobody signed in."""
        return TestClient(
            self.app,
            raise_server_exceptions=False,
            follow_redirects=False,
            base_url="http://127.0.0.1",
            headers={"Accept-Language": "en"},
        )

    def signed_in(self, password: str = OLD) -> TestClient:
        """A browser with `pengawas` signed in; it sends its form token with everything."""
        client = self.browser()
        opened = client.post("/v1/sessions", json={"login": "pengawas", "password": password})
        assert opened.status_code == 201, opened.text
        client.headers["X-Form-Token"] = opened.json()["form_token"]
        return client


def change(client: TestClient, old: str = OLD, new: str = NEW) -> Any:
    return client.post("/v1/me/password", json={"old_password": old, "new_password": new})


@pytest.fixture(scope="module", autouse=True)
def cheap_hashes() -> Any:
    """One round of scrypt is as right as five, and these tests hash often."""
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "LOG_COST", 10)
    yield
    patch.undo()


@pytest.fixture
def desk(running: Running) -> Desk:
    return Desk(running)


def test_the_new_password_opens_and_the_old_one_no_longer(desk: Desk) -> None:
    assert change(desk.signed_in()).status_code == 200
    sent = {"login": "pengawas", "password": OLD}
    assert desk.browser().post("/v1/sessions", json=sent).status_code == 401
    assert desk.signed_in(NEW).get(ME).status_code == 200


def test_every_other_session_ends_and_the_own_one_gets_another_token(desk: Desk) -> None:
    here, elsewhere = desk.signed_in(), desk.signed_in()
    before = here.cookies["risk-session"]
    opened = change(here)
    assert elsewhere.get(ME).status_code == 401
    assert here.cookies["risk-session"] != before
    assert here.get(ME).json()["form_token"] == opened.json()["form_token"]
    stolen = desk.browser()
    assert stolen.get(ME, headers={"Cookie": f"risk-session={before}"}).status_code == 401


def test_without_the_old_password_nothing_changes(desk: Desk) -> None:
    here = desk.signed_in()
    refused = change(here, old="salah sekali")
    assert (refused.status_code, refused.json()["title"]) == (403, "The old password is wrong")
    assert here.get(ME).status_code == 200, "a slip of the finger ends no session"
    assert desk.signed_in(OLD).get(ME).status_code == 200


def test_guessing_the_old_password_waits_like_guessing_at_sign_in(desk: Desk) -> None:
    here = desk.signed_in()
    assert [change(here, old="salah sekali").status_code for _ in range(6)] == [403] * 5 + [429]
    right = change(here)
    assert (right.status_code, right.headers["retry-after"]) == (429, "1")
    desk.now += timedelta(seconds=1)
    assert change(here).status_code == 200


@pytest.mark.parametrize("new", ["", "sebelas-han", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_is_named(desk: Desk, new: str) -> None:
    refused = change(desk.signed_in(), new=new)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/new_password")


def test_a_request_from_another_site_changes_nothing(desk: Desk) -> None:
    here = desk.signed_in()
    del here.headers["X-Form-Token"]
    assert change(here).status_code == 403
    assert here.post("/account/password", data={"old_password": OLD, "new_password": NEW}).status_code == 403
    assert desk.signed_in(OLD).get(ME).status_code == 200


def test_a_key_has_no_password(client_as: Callable[..., TestClient]) -> None:
    refused = change(client_as("national"))
    assert (refused.status_code, refused.json()["title"]) == (409, "A key has no password")


def test_changing_and_failing_stand_in_the_audit_log_without_a_password(desk: Desk) -> None:
    here = desk.signed_in()
    change(here, old="salah sekali")
    change(here)
    with desk.running.engine.connect() as connection:
        rows = connection.execute(select(keeping.audit_log).order_by(keeping.audit_log.c.seq)).mappings().all()
    me = f"user:{desk.user.user_id}"
    assert [(row["who"], row["action"]) for row in rows[-3:]] == [
        (me, "user.refuse_password"),
        (me, "user.change_password"),
        (me, "session.open"),
    ]
    for secret in (OLD, NEW, "salah sekali"):
        assert not any(secret in str(dict(row)) for row in rows)


def sent_form(client: TestClient, **fields: str) -> Any:
    shown = client.get("/account?lang=en").text
    token = re.search(r'name="form_token" value="([^"]+)"', shown)
    assert token is not None
    del client.headers["X-Form-Token"]
    return client.post("/account/password?lang=en", data={"form_token": token[1], **fields})


def test_the_page_changes_the_password_without_a_script(desk: Desk) -> None:
    here = desk.signed_in()
    done = sent_form(here, old_password=OLD, new_password=NEW, again=NEW)
    assert (done.status_code, done.headers["location"]) == (303, "/account?done=1")
    assert "The password is changed" in here.get("/account?done=1&lang=en").text
    assert desk.signed_in(NEW).get(ME).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"old_password": OLD, "new_password": NEW, "again": f"{NEW}x"}, 422, "The two new passwords differ."),
        ({"old_password": OLD, "new_password": "pendek", "again": "pendek"}, 422, "12 to 200 characters"),
        ({"old_password": "", "new_password": NEW, "again": NEW}, 422, "Fill in the old password"),
        ({"old_password": "salah sekali", "new_password": NEW, "again": NEW}, 403, "The old password is wrong"),
    ],
)
def test_the_page_says_what_was_wrong_and_never_what_was_typed(
    desk: Desk, fields: dict[str, str], status: int, says: str
) -> None:
    answer = sent_form(desk.signed_in(), **fields)
    assert answer.status_code == status
    assert says in answer.text
    assert not any(typed in answer.text for typed in fields.values() if typed)
