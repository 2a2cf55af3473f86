"""Staff sign in by password and cookie: guessed slowly, ended surely, and never used by another site."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from service import passwords
from service.app import create_app
from service.managing_people import By, NewUser, create_user
from service.pages.sign_in import own_page
from service.running import Running, utc_now
from service.settings import Settings
from service.tables import keeping, people

PASSWORD = "kuda-lumping-berderap"
NOW = datetime.fromisoformat("2026-01-11T08:00:00+00:00")
OFFICE = "BP3MI-NTT"
COOKIE = "risk-session"


class Browser:
    """A browser of its own, at a time that a test sets, in front of a service with one user: `pengawas`."""

    def __init__(self, running: Running, base_url: str = "http://127.0.0.1") -> None:
        """Make the user; nobody is signed in."""
        self.running, self.now = running, NOW
        self.user, _ = create_user(
            running, NewUser("pengawas", "supervisor", OFFICE, password=PASSWORD), By("user:test", "admin", NOW)
        )
        app = create_app(running)
        app.dependency_overrides[utc_now] = lambda: self.now
        self.client = TestClient(app, raise_server_exceptions=False, follow_redirects=False, base_url=base_url)

    def token_is_good(self, token: str) -> bool:
        """Whether a session is open by this token."""
        self.client.cookies.clear()
        return bool(self.client.get("/v1/me", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 200)

    def sign_in(self, login: str = "pengawas", password: str = PASSWORD) -> Any:
        """Send the sign-in form of the API."""
        return self.client.post("/v1/sessions", json={"login": login, "password": password})

    def wait(self, **passed: float) -> None:
        """Let time pass."""
        self.now += timedelta(**passed)


@pytest.fixture(scope="module", autouse=True)
def cheap_hashes() -> Any:
    """One round of scrypt is as right as five, and these tests hash often."""
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "LOG_COST", 10)
    yield
    patch.undo()


@pytest.fixture
def browser(running: Running) -> Browser:
    return Browser(running)


def test_whoever_knows_the_password_is_in_until_signing_out(browser: Browser) -> None:
    assert browser.client.get("/v1/me").status_code == 401
    opened = browser.sign_in()
    assert opened.status_code == 201
    me = browser.client.get("/v1/me").json()
    assert (me["login"], me["role"], me["office"]) == ("pengawas", "supervisor", OFFICE)
    assert me["form_token"] == opened.json()["form_token"]
    stolen = browser.client.cookies[COOKIE]
    closed = browser.client.delete("/v1/sessions/current", headers={"X-Form-Token": me["form_token"]})
    assert closed.status_code == 204
    assert not browser.token_is_good(stolen), "the session ended at the service, not in the browser"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    cookie = browser.sign_in().headers["set-cookie"]
    assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))
    assert "secure" not in cookie.lower(), "this machine has no TLS"


def test_beyond_this_machine_the_cookie_travels_by_tls_alone(
    databases: Any, filled: str, make_settings: Callable[..., Settings]
) -> None:
    running = Running(make_settings(databases.new(copy_of=filled), host="0.0.0.0"))
    browser = Browser(running, "https://risk.example")
    cookie = browser.sign_in().headers["set-cookie"]
    assert cookie.startswith("__Host-risk-session=")
    assert "secure" in cookie.lower()
    assert browser.client.get("/v1/me").status_code == 200
    running.close()


def test_the_database_holds_neither_password_nor_token(browser: Browser) -> None:
    opened = browser.sign_in()
    with browser.running.engine.connect() as connection:
        held = [str(row) for table in (people.users, people.sessions) for row in connection.execute(select(table))]
    assert len(held) == 2
    for secret in (PASSWORD, browser.client.cookies[COOKIE]):
        assert not any(secret in row for row in held)
    assert any(opened.json()["form_token"] in row for row in held)


def test_wrong_and_unknown_are_answered_alike(browser: Browser) -> None:
    wrong, unknown = browser.sign_in(password="salah sekali"), browser.sign_in(login="tidak-ada")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.headers["www-authenticate"] == unknown.headers["www-authenticate"]


def test_an_unknown_login_costs_a_hash_as_well(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []
    real = passwords.hashlib.scrypt

    def counted(password: bytes, **parameters: Any) -> bytes:
        hashed.append(password)
        return real(password, **parameters)

    monkeypatch.setattr(passwords.hashlib, "scrypt", counted)
    browser.sign_in(login="tidak-ada")
    browser.sign_in(password="salah sekali")
    assert hashed == [PASSWORD.encode(), b"salah sekali"]


@pytest.mark.parametrize("login", ["pengawas", "tidak-ada"])
def test_guessing_has_to_wait_ever_longer_whether_the_login_exists_or_not(browser: Browser, login: str) -> None:
    for _ in range(5):
        assert browser.sign_in(login, "salah sekali").status_code == 401
    first = browser.sign_in(login)
    assert (first.status_code, first.headers["retry-after"]) == (429, "1")
    waits = []
    for _ in range(4):
        browser.wait(seconds=int(browser.sign_in(login).headers["retry-after"]))
        assert browser.sign_in(login, "salah sekali").status_code == 401
        waits.append(int(browser.sign_in(login).headers["retry-after"]))
    assert waits == [2, 4, 8, 16]


def test_the_right_password_is_no_way_around_the_wait_and_ends_it_afterwards(browser: Browser) -> None:
    for _ in range(6):
        browser.sign_in(password="salah sekali")
    assert browser.sign_in().status_code == 429
    browser.wait(seconds=1)
    assert browser.sign_in().status_code == 201
    for _ in range(5):
        assert browser.sign_in(password="salah sekali").status_code == 401


def test_many_logins_from_one_address_wait_as_well(browser: Browser) -> None:
    answers = [browser.sign_in(f"nama{n}", "salah sekali").status_code for n in range(21)]
    assert answers == [401] * 20 + [429]
    browser.wait(seconds=1)
    assert browser.sign_in().status_code == 201
    assert browser.sign_in("nama99", "salah sekali").status_code == 429, "one good login does not free the address"


def test_failures_are_forgotten_after_a_day(browser: Browser) -> None:
    for _ in range(12):
        browser.sign_in(password="salah sekali")
        browser.wait(minutes=15)
    browser.wait(days=1)
    browser.sign_in("lain", "salah sekali")
    with browser.running.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(people.sign_in_attempts)).scalar_one() == 2
    assert [browser.sign_in(password="salah sekali").status_code for _ in range(5)] == [401] * 5


def test_attempts_are_counted_under_names_that_nobody_reads_back(browser: Browser) -> None:
    browser.sign_in("rahasia", "salah sekali")
    with browser.running.engine.connect() as connection:
        subjects = list(connection.execute(select(people.sign_in_attempts.c.subject)).scalars())
    assert len(subjects) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", subject) for subject in subjects)


@pytest.mark.parametrize(("step", "minutes"), [(50, 12 * 60), (61, 61)], ids=["absolute", "idle"])
def test_a_session_ends_by_itself(browser: Browser, step: int, minutes: int) -> None:
    browser.sign_in()
    passed = 0
    while passed + step < minutes:
        browser.wait(minutes=step)
        passed += step
        assert browser.client.get("/v1/me").status_code == 200, f"after {passed} minutes"
    browser.wait(minutes=step)
    assert browser.client.get("/v1/me").status_code == 401


def test_signing_in_again_makes_the_old_token_worthless(browser: Browser) -> None:
    browser.sign_in()
    old = browser.client.cookies[COOKIE]
    browser.sign_in()
    fresh = browser.client.cookies[COOKIE]
    assert not browser.token_is_good(old)
    assert browser.token_is_good(fresh)


def test_a_token_that_somebody_planted_is_not_taken_over(browser: Browser) -> None:
    planted = "planted-by-somebody-else"
    sent = {"login": "pengawas", "password": PASSWORD}
    assert browser.client.post("/v1/sessions", json=sent, headers={"Cookie": f"{COOKIE}={planted}"}).status_code == 201
    assert not browser.token_is_good(planted)


def test_a_user_who_may_no_longer_sign_in_is_out_at_once(browser: Browser) -> None:
    browser.sign_in()
    with browser.running.engine.begin() as connection:
        connection.execute(update(people.users).values(active=False))
    assert browser.client.get("/v1/me").status_code == 401
    assert browser.sign_in().status_code == 401


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "BLOCK", 4)
    assert browser.sign_in().status_code == 201
    with browser.running.engine.connect() as connection:
        assert connection.execute(select(people.users.c.password_hash)).scalar_one().startswith("scrypt$10$4$5$")
    assert browser.sign_in().status_code == 201


def test_signing_in_and_out_and_failing_stand_in_the_audit_log_without_the_login(browser: Browser) -> None:
    browser.sign_in(password="salah sekali")
    token = browser.sign_in().json()["form_token"]
    browser.client.delete("/v1/sessions/current", headers={"X-Form-Token": token})
    with browser.running.engine.connect() as connection:
        log = keeping.audit_log.c
        rows = connection.execute(select(log.who, log.action, log.detail).order_by(log.seq)).all()
    me = f"user:{browser.user.user_id}"
    assert [(row.who, row.action) for row in rows[-3:]] == [
        ("user:unknown", "session.refuse"),
        (me, "session.open"),
        (me, "session.close"),
    ]
    assert not any("pengawas" in row.detail or "pengawas" in row.who for row in rows)


LIST = {"capacity": 3, "office": OFFICE, "seed": 1}
FORM = {"capacity": "3", "office": OFFICE, "unit": "placement"}


def test_a_request_that_changes_something_needs_the_form_token(browser: Browser) -> None:
    token = browser.sign_in().json()["form_token"]
    for headers in ({}, {"X-Form-Token": "guessed"}, {"X-Form-Token": ""}):
        refused = browser.client.post("/v1/priority-lists", json=LIST, headers=headers)
        assert refused.status_code == 403
        assert refused.json()["type"].endswith("form_token")
    made = browser.client.post("/v1/priority-lists", json=LIST, headers={"X-Form-Token": token})
    assert made.status_code == 201


def test_a_form_carries_the_token_and_another_sessions_token_is_worth_nothing(browser: Browser) -> None:
    browser.sign_in()
    page = browser.client.get("/").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    assert browser.client.post("/lists", data=FORM).status_code == 403
    browser.sign_in()
    assert browser.client.post("/lists", data={**FORM, "form_token": token[1]}).status_code == 403
    fresh = re.search(r'name="form_token" value="([^"]+)"', browser.client.get("/").text)
    assert fresh is not None
    made = browser.client.post("/lists", data={**FORM, "form_token": fresh[1]})
    assert made.status_code == 303
    assert made.headers["location"].startswith("/lists/")


def test_reading_needs_no_form_token(browser: Browser) -> None:
    browser.sign_in()
    assert browser.client.get("/v1/priority-lists").status_code == 200


def test_a_page_leads_to_the_sign_in_page_and_back(browser: Browser) -> None:
    there = browser.client.get("/areas?lang=en")
    assert (there.status_code, there.headers["location"]) == (303, "/sign-in?next=%2Fareas%3Flang%3Den")
    form = browser.client.get(there.headers["location"])
    assert form.status_code == 200
    assert 'name="next" value="/areas?lang=en"' in form.text
    back = browser.client.post("/sign-in", data={"login": "pengawas", "password": PASSWORD, "next": "/areas?lang=en"})
    assert (back.status_code, back.headers["location"]) == (303, "/areas?lang=en")
    page = browser.client.get("/areas")
    assert page.status_code == 200
    assert "pengawas" in page.text
    assert OFFICE in page.text


def test_the_sign_in_page_says_what_was_wrong_in_both_languages(browser: Browser) -> None:
    sent = {"login": "pengawas", "password": "salah sekali"}
    answer = browser.client.post("/sign-in", data=sent)
    assert answer.status_code == 401
    assert "Nama masuk atau kata sandi salah" in answer.text
    assert "salah sekali" not in answer.text
    assert "Wrong login or password" in browser.client.post("/sign-in?lang=en", data=sent).text
    for _ in range(4):
        answer = browser.client.post("/sign-in", data=sent)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"


def test_an_administrator_lands_where_there_is_something_to_read(browser: Browser) -> None:
    create_user(browser.running, NewUser("pengelola", "admin", None, password=PASSWORD), By("user:test", "admin", NOW))
    landed = browser.client.post("/sign-in", data={"login": "pengelola", "password": PASSWORD})
    assert landed.headers["location"] == "/account"
    assert 'href="/people"' in browser.client.get("/account").text


def test_signing_out_is_a_button_of_every_page(browser: Browser) -> None:
    browser.sign_in()
    token = re.search(r'name="form_token" value="([^"]+)"', browser.client.get("/account").text)
    assert token is not None
    assert browser.client.post("/sign-out", data={}).status_code == 403
    left = browser.client.post("/sign-out", data={"form_token": token[1]})
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert browser.client.get("/").status_code == 303


def test_a_sign_in_form_from_another_site_is_refused(browser: Browser) -> None:
    sent = {"login": "pengawas", "password": PASSWORD}
    answer = browser.client.post("/sign-in", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert COOKIE not in browser.client.cookies


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\nb",
        "javascript:1",
        "",
        "/é",
    ],
)
def test_after_signing_in_nobody_is_led_to_another_site(wanted: str) -> None:
    assert own_page(wanted) == "/"


def test_every_form_that_is_posted_carries_the_form_token() -> None:
    from service.pages.rendering import SERVICE

    for path in (SERVICE / "templates").glob("*.html"):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(encoding="utf-8"), re.DOTALL):
            # nobody is signed in at the first; what the script sends for a form carries the token as a header
            if 'action="/sign-in"' not in form and "data-queue" not in form.partition(">")[0]:
                assert "token(frame)" in form or "frame.reader.form_token" in form, f"{path.name}: {form[:80]}"
