"""Administrators let people and systems in, change what they may, and end it at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service import passwords
from service.identity import KEY_KNOWN_FOR, Access
from service.running import Running
from service.settings import Settings
from service.tables import keeping, people
from tests.service.conftest import NOW

OFFICE = "BP3MI-NTT"
WANTED = {"login": "pengawas.kupang", "role": "inspector", "office": OFFICE, "monthly_visits": 20}
ClientAs = Callable[..., TestClient]


@pytest.fixture(scope="module", autouse=True)
def cheap_hashes() -> Any:
    """One round of scrypt is as right as five."""
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "LOG_COST", 10)
    yield
    patch.undo()


@pytest.fixture
def admin(client_as: ClientAs) -> TestClient:
    return client_as("admin")


def make(admin: TestClient, **changed: object) -> dict[str, Any]:
    answer = admin.post("/v1/users", json={**WANTED, **changed})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/users/{answer.json()['user_id']}"
    return answer.json()


def signed_in(admin: TestClient, user: dict[str, Any], password: str | None = None) -> TestClient:
    """A browser in which the user has just signed in."""
    browser = TestClient(admin.app, raise_server_exceptions=False, follow_redirects=False)
    sent = {"login": user["login"], "password": password or user["password"]}
    opened = browser.post("/v1/sessions", json=sent)
    assert opened.status_code == 201, opened.text
    return browser


def change(admin: TestClient, user: dict[str, Any], version: object = None, **wanted: object) -> Any:
    headers = {"If-Match": f'"{version or user["version"]}"'}
    return admin.patch(f"/v1/users/{user['user_id']}", json=wanted, headers=headers)


def test_a_user_is_made_with_a_password_that_is_shown_once(admin: TestClient) -> None:
    user = make(admin)
    assert signed_in(admin, user).get("/v1/me").json()["office"] == OFFICE
    read = admin.get(f"/v1/users/{user['user_id']}")
    assert read.json() == {name: value for name, value in user.items() if name != "password"}
    assert read.headers["etag"] == '"1"'
    assert user["password"] not in admin.get("/v1/users").text
    assert len(user["password"]) == 19


def test_a_password_may_be_given_and_a_short_one_is_refused(admin: TestClient) -> None:
    user = make(admin, password="kuda-lumping-berderap")
    assert user["password"] == "kuda-lumping-berderap"
    signed_in(admin, user)
    short = admin.post("/v1/users", json={**WANTED, "login": "lain", "password": "pendek"})
    assert short.status_code == 422
    assert short.json()["errors"][0]["pointer"] == "#/password"
    assert "pendek" not in short.text


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        ({"role": "placement_system"}, "#/role", "must be one of"),
        ({"office": None}, "#/office", "is required for this role"),
        ({"office": "BP3MI-NTB"}, "#/office", "did you mean 'BP3MI-NTT'?"),
        ({"role": "national"}, "#/office", "must be empty for this role"),
        ({"login": "Nama Orang"}, "#/login", "contains characters that are not allowed"),
        ({"monthly_visits": -1}, "#/monthly_visits", "must be 0 or more"),
        ({"logn": "x"}, "#/logn", "did you mean 'login'?"),
    ],
)
def test_what_does_not_fit_is_named(admin: TestClient, changed: dict[str, object], pointer: str, said: str) -> None:
    answer = admin.post("/v1/users", json={**WANTED, **changed})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert said in answer.json()["errors"][0]["detail"]


def test_a_login_is_had_by_one(admin: TestClient) -> None:
    make(admin)
    again = admin.post("/v1/users", json=WANTED)
    assert again.status_code == 409
    assert again.json()["type"].endswith("login_taken")


def test_users_are_read_page_by_page(admin: TestClient) -> None:
    logins = [f"orang{n}" for n in range(5)]
    for login in reversed(logins):
        make(admin, login=login)
    seen, after = [], ""
    while after is not None:
        page = admin.get("/v1/users", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [user["login"] for user in page["users"]]
        after = page["next"]
    assert seen == logins


def test_another_role_ends_every_session_and_holds_from_the_next(admin: TestClient) -> None:
    user = make(admin)
    browser = signed_in(admin, user)
    assert change(admin, user, role="supervisor").status_code == 200
    assert browser.get("/v1/me").status_code == 401
    assert signed_in(admin, user).get("/v1/me").json()["role"] == "supervisor"


def test_a_change_that_is_no_matter_of_access_leaves_the_session_open(admin: TestClient) -> None:
    user = make(admin)
    browser = signed_in(admin, user)
    changed = change(admin, user, monthly_visits=35)
    assert (changed.json()["monthly_visits"], changed.headers["etag"]) == (35, '"2"')
    assert browser.get("/v1/me").status_code == 200


def test_a_role_without_an_office_takes_leave_of_it(admin: TestClient) -> None:
    user = make(admin)
    assert change(admin, user, role="national").status_code == 422
    changed = change(admin, user, role="national", office=None)
    assert (changed.json()["role"], changed.json()["office"]) == ("national", None)


def test_who_may_no_longer_sign_in_is_out(admin: TestClient) -> None:
    user = make(admin)
    browser = signed_in(admin, user)
    assert change(admin, user, active=False).status_code == 200
    assert browser.get("/v1/me").status_code == 401
    refused = browser.post("/v1/sessions", json={"login": user["login"], "password": user["password"]})
    assert refused.status_code == 401


def test_of_two_changes_one_wins_and_the_other_hears_of_it(admin: TestClient) -> None:
    user = make(admin)
    assert change(admin, user, monthly_visits=5).status_code == 200
    late = change(admin, user, monthly_visits=9)
    assert late.status_code == 412
    assert "2" in late.json()["detail"]
    assert admin.patch(f"/v1/users/{user['user_id']}", json={"active": False}).status_code == 428
    assert admin.get(f"/v1/users/{user['user_id']}").json()["monthly_visits"] == 5


def test_the_last_administrator_stays(admin: TestClient) -> None:
    first = make(admin, login="satu", role="admin", office=None)
    assert change(admin, first, active=False).status_code == 409
    assert change(admin, first, role="national").status_code == 409
    make(admin, login="dua", role="admin", office=None)
    assert change(admin, first, active=False).status_code == 200


def test_another_password_ends_every_session(admin: TestClient) -> None:
    user = make(admin)
    browser = signed_in(admin, user)
    drawn = admin.post(f"/v1/users/{user['user_id']}/password").json()["password"]
    assert browser.get("/v1/me").status_code == 401
    old = browser.post("/v1/sessions", json={"login": user["login"], "password": user["password"]})
    assert old.status_code == 401
    signed_in(admin, user, drawn)


def test_what_administrators_do_stands_in_the_log_without_any_secret(admin: TestClient, running: Running) -> None:
    user = make(admin)
    change(admin, user, role="supervisor")
    admin.post(f"/v1/users/{user['user_id']}/password")
    key = admin.post("/v1/keys", json={"owner": "SISKOP2MI"}).json()
    admin.delete(f"/v1/keys/{key['key_id']}")
    with running.engine.connect() as connection:
        log = keeping.audit_log.c
        rows = connection.execute(select(log.action, log.object, log.detail).order_by(log.seq)).all()[-5:]
    assert [row.action for row in rows] == [
        "user.create",
        "user.change",
        "user.reset_password",
        "key.create",
        "key.revoke",
    ]
    assert rows[0].object == f"user:{user['user_id']}"
    told = " ".join(row.detail for row in rows)
    for secret in (user["password"], user["login"], key["key"].rpartition("_")[2]):
        assert secret not in told


def test_a_key_lets_a_system_in_until_it_is_revoked(admin: TestClient, running: Running) -> None:
    wanted = {"owner": "SISKOP2MI", "role": "placement_system", "scopes": ["verify"], "days": 30}
    made = admin.post("/v1/keys", json=wanted)
    assert made.status_code == 201, made.text
    key = made.json()
    system = {"Authorization": f"Bearer {key['key']}"}
    me = admin.get("/v1/me", headers=system).json()
    assert (me["who"], me["owner"], me["scopes"]) == (f"key:{key['key_id']}", "SISKOP2MI", ["verify"])
    assert me["permissions"] == sorted(me["permissions"])
    listed = admin.get("/v1/keys").text
    assert key["key_id"] in listed
    assert key["key"] not in listed
    with running.engine.connect() as connection:
        held = connection.execute(select(people.api_keys.c.key_hash)).scalars().all()
    assert not any(key["key"].rpartition("_")[2] in one for one in held)
    assert admin.delete(f"/v1/keys/{key['key_id']}").status_code == 204
    assert admin.get("/v1/me", headers=system).status_code == 401
    assert admin.delete(f"/v1/keys/{key['key_id']}").status_code == 204, "revoking twice is once"


@pytest.mark.parametrize("changed", ["prefix", "id", "secret", "cut", "none", "basic"])
def test_a_key_that_is_not_exactly_right_is_none(admin: TestClient, changed: str) -> None:
    key = admin.post("/v1/keys", json={"owner": "SISKOP2MI"}).json()["key"]
    sent = {
        "prefix": f"Bearer xx{key[2:]}",
        "id": f"Bearer {key[:5]}{'0' if key[5] != '0' else '1'}{key[6:]}",
        "secret": f"Bearer {key[:-1]}{'A' if key[-1] != 'A' else 'B'}",
        "cut": f"Bearer {key[:-1]}",
        "none": "Bearer ",
        "basic": f"Basic {key}",
    }[changed]
    answer = TestClient(admin.app).get("/v1/me", headers={"Authorization": sent})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_expires(running: Running, client_of: ClientAs) -> None:
    client = client_of(running, "placement_system")
    assert client.get("/v1/me").status_code == 200
    with running.engine.begin() as connection:
        connection.execute(people.api_keys.update().values(expires_at=NOW.replace(tzinfo=None) - timedelta(seconds=1)))
    client.app.state.access.keys.forget()
    assert client.get("/v1/me").status_code == 401


def test_another_worker_forgets_a_revoked_key_within_a_second(
    running: Running, client_of: ClientAs, make_settings: Callable[..., Settings]
) -> None:
    admin, other = client_of(running, "admin"), client_of(running)
    seconds = [0.0]
    other.app.state.access = Access(running.settings, clock=lambda: seconds[0])
    assert other.get("/v1/me").status_code == 200
    key_id = other.headers["authorization"].split("_")[1]
    admin.delete(f"/v1/keys/{key_id}")
    seconds[0] += KEY_KNOWN_FOR
    assert KEY_KNOWN_FOR < 1
    assert other.get("/v1/me").status_code == 401


def test_a_key_needs_no_form_token_and_is_no_session(admin: TestClient) -> None:
    assert admin.get("/v1/me").json()["form_token"] is None
    closed = admin.delete("/v1/sessions/current")
    assert closed.status_code == 409
    assert closed.json()["type"].endswith("no_session")
