"""Releases, users and keys, and the audit log: what the pages show, change, and never show again."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from starlette.testclient import TestClient

from risk_model.scoring.release import write_release
from risk_model.scoring.signing_keys import load_or_create_keys
from service.access import ADMIN, ANALYST, ROLES
from service.pages import audit, audit_view, people, people_view, releases_view
from service.pages.rendering import SERVICE
from service.running import Running
from service.settings import Settings
from service.storage.people import find_key, find_login
from service.tables.keeping import audit_log

ClientOf = Callable[..., TestClient]
CREATED = datetime(2026, 1, 11, 8, tzinfo=UTC)
SOMEBODY = {"login": "dewi.bere", "role": "inspector", "office": "BP3MI-NTT", "visits": "20"}
SYSTEM = {"owner": "SISKOP2MI", "role": "placement_system", "days": "30", "verify": "1"}


def gate(figure: float, *, passed: bool = True) -> dict[str, Any]:
    checks = [{"name": "<b>lift</b>", "figure": figure, "limit": 0.5, "passed": passed}]
    return {"passed": passed, "approver": "R. Wulan", "judged_at": CREATED.isoformat(), "checks": checks}


@pytest.fixture
def released(running: Running, make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Running]:
    """A service with a release without a verdict, r1, and two with one: r2 and, in use, r3."""
    keys, folder = load_or_create_keys(tmp_path / "keys"), tmp_path / "champion"
    model = running.served.model
    for number, more in ((1, {}), (2, {"gate": gate(0.6)}), (3, {"gate": gate(0.7, passed=False), "rows": 12_345})):
        told, made = replace(model, card={**model.card, **more}), CREATED + timedelta(days=number)
        write_release(told, folder, private_key=keys.private, release_id=f"r{number}", created_at=made)
    url = running.engine.url.render_as_string(hide_password=False)
    own = Running(make_settings(url, model_dir=folder, public_key=tmp_path / "keys" / "release_key.pub"))
    yield own
    own.close()


@pytest.fixture
def admin(released: Running, client_of: ClientOf) -> TestClient:
    return client_of(released, ADMIN)


def line(page: str, name: str) -> str:
    """The row of a table that begins with `name`, without markup."""
    found = re.search(rf'scope="row"[^>]*>{re.escape(name)}.*?</tr>', page, re.DOTALL)
    assert found is not None, name
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def test_each_release_says_when_by_whom_and_what_the_gate_measured(admin: TestClient) -> None:
    page = admin.get("/releases").text
    assert [name in page for name in ("14 Jan 2026", "R. Wulan", "dipakai", "12.345")] == [True] * 4
    assert "<b>lift" not in page
    assert line(page, "&lt;b&gt;lift&lt;/b&gt;").endswith("0,7000 0,5000 tidak")
    assert "Rilis ini dibuat tanpa hasil uji di dalamnya." in page
    assert "<dt>Asal data</dt><dd>simulasi</dd>" in page
    assert "risk-model promote" in page
    assert "Negara tujuan" not in page, "what columns are called is no part of what a reader looks for"


def test_two_releases_stand_side_by_side(admin: TestClient) -> None:
    page = admin.get("/releases?a=r2&b=r3&lang=en").text
    compared = page[page.index('id="compare"') :]
    assert line(compared, "&lt;b&gt;lift&lt;/b&gt;").endswith("0.5000 0.6000 0.7000 (not passed)")
    assert line(compared, "rows").endswith("rows – 12,345")
    assert "data_origin" not in compared, "it is the same in both"
    assert "There is no release r9." in admin.get("/releases?a=r9&b=r3").text


def test_rolling_back_and_switching_off_are_seen_on_the_page(admin: TestClient, released: Running) -> None:
    assert "Rilis r2 menjawab lagi menggantikan r3" in admin.get("/releases").text
    for step, version in (("roll-back", "r2"), ("switch-off", None), ("switch-on", "r2"), ("roll-back", "r1")):
        sent = admin.post(f"/releases/{step}", data={"leaving": ""}, follow_redirects=False)
        assert (sent.status_code, sent.headers["location"]) == (303, "/releases?done=1")
        served = released.serving.look()
        assert served.switched_off if version is None else served.version == version
    assert "Tidak ada rilis sebelum yang dipakai" in admin.get("/releases").text
    refused = admin.post("/releases/roll-back")
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text


def test_who_may_only_read_releases_finds_no_form_to_change_them(released: Running, client_of: ClientOf) -> None:
    page = client_of(released, ANALYST).get("/releases").text
    assert "r3" in page
    assert 'method="post"' not in page


def test_an_altered_release_is_called_faulty(admin: TestClient, released: Running) -> None:
    card = released.settings.model_dir / "releases" / "r2" / "card.json"
    card.write_bytes(card.read_bytes() + b" ")
    page = admin.get("/releases").text
    assert page.count("rusak") == 1
    assert admin.get("/releases?a=r2&b=r3").status_code == 200


def test_a_new_user_gets_a_password_that_is_shown_once(admin: TestClient, released: Running) -> None:
    made = admin.post("/people/users", data={**SOMEBODY, "login": "Dewi.Bere"})
    shown = re.search(r'dewi\.bere: <strong class="code">([^<]+)</strong>', made.text)
    assert shown is not None
    assert shown[1] not in admin.get("/people").text
    opened = TestClient(admin.app).post("/v1/sessions", json={"login": "dewi.bere", "password": shown[1]})
    assert opened.status_code == 201
    assert "20" in line(admin.get("/people").text, "dewi.bere")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"office": ""}, "Kantor wajib diisi untuk peran ini."),
        ({"role": "analyst"}, "Kantor harus kosong untuk peran ini."),
        ({"office": "<i>"}, "Kantor bernilai"),
        ({"role": "king"}, "Peran harus salah satu dari"),
        ({"login": "a b"}, "Nama masuk mengandung huruf yang tidak diizinkan."),
        ({"visits": "many"}, "Kunjungan sebulan harus bilangan bulat."),
    ],
)
def test_a_user_who_does_not_fit_is_sent_back_with_what_was_written(
    admin: TestClient, sent: dict[str, str], says: str
) -> None:
    answer = admin.post("/people/users", data={**SOMEBODY, **sent})
    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert f'value="{sent.get("login", "dewi.bere")}"' in answer.text
    assert "<i>" not in answer.text


def test_a_login_that_is_taken_is_refused(admin: TestClient) -> None:
    admin.post("/people/users", data=SOMEBODY)
    again = admin.post("/people/users", data=SOMEBODY)
    assert again.status_code == 409
    assert "Nama masuk ini sudah dipakai" in again.text


def test_a_user_is_changed_by_who_saw_the_newest_version(admin: TestClient, released: Running) -> None:
    admin.post("/people/users", data=SOMEBODY)
    with released.engine.connect() as connection:
        found = find_login(connection, "dewi.bere")
    assert found is not None
    address = f"/people/users/{found[0].user_id}"
    assert 'value="20"' in admin.get(f"/people?user={found[0].user_id}").text
    change = {"role": "analyst", "office": "", "visits": "", "version": "1"}
    assert admin.post(address, data=change, follow_redirects=False).status_code == 303
    shown = line(admin.get("/people").text, "dewi.bere")
    assert "Analis – – tidak" in shown
    late = admin.post(address, data={**change, "role": "national"})
    assert late.status_code == 412
    assert "Analis" in line(late.text, "dewi.bere")
    drawn = admin.post(f"{address}/password").text
    assert 'Kata sandi untuk dewi.bere: <strong class="code">' in drawn


def test_a_key_is_shown_once_and_ends_when_it_is_revoked(
    admin: TestClient, released: Running, client_of: ClientOf
) -> None:
    made = admin.post("/people/keys", data=SYSTEM).text
    shown = re.search(r"rk_([a-p]+)_[\w-]+", made)
    assert shown is not None
    assert shown[0] not in admin.get("/people").text
    with released.engine.connect() as connection:
        stored = find_key(connection, shown[1])
    assert stored is not None
    assert (stored[0].scopes, stored[0].expires_at - stored[0].created_at) == (("verify",), timedelta(days=30))
    system = {"Authorization": f"Bearer {shown[0]}"}
    assert admin.get("/v1/me", headers=system).status_code == 200
    assert admin.post(f"/people/keys/{shown[1]}/revoke", follow_redirects=False).status_code == 303
    assert admin.get("/v1/me", headers=system).status_code == 401
    assert "dicabut 11 Jan 2026" in line(admin.get("/people").text, "SISKOP2MI")
    assert admin.post("/people/keys", data={**SYSTEM, "days": "0"}).status_code == 422


def test_long_tables_of_users_go_on(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "LINES", 2)
    for letter in "abc":
        admin.post("/people/users", data={**SOMEBODY, "login": f"{letter}.user"})
    first = admin.get("/people").text
    link = re.search(r'href="(\?after=[^"]+)"', first)
    assert link is not None
    second = admin.get(f"/people{unescape(link[1])}").text
    logins = [re.findall(r'scope="row">(\w\.user)', page) for page in (first, second)]
    assert logins == [["a.user", "b.user"], ["c.user"]]


def test_the_log_tells_the_newest_first_and_by_who_action_object_and_day(admin: TestClient) -> None:
    admin.post("/people/users", data=SOMEBODY)
    admin.post("/people/keys", data=SYSTEM)
    page = admin.get("/audit").text
    assert page.index("key.create") < page.index("user.create")
    only = {"user.create": "?action=user.create", "key.create": "?action=key.create&from=2026-01-11&until=2026-01-11"}
    for action, query in only.items():
        assert set(re.findall(r">([a-z]+\.[a-z_]+)</a>", admin.get(f"/audit{query}").text)) == {action}
    for nothing in ("?until=2026-01-10", "?from=2026-01-12", "?object=nobody", "?who=nobody"):
        assert "Tidak ada entri yang cocok." in admin.get(f"/audit{nothing}").text
    assert admin.get("/audit?from=yesterday").status_code == 422
    assert "<i>" not in admin.get("/audit?action=%3Ci%3E").text


def test_somebody_is_found_by_login_as_by_number(admin: TestClient) -> None:
    made = admin.post("/people/users", data=SOMEBODY).text
    password = re.search(r'class="code">([^<]+)</strong>', made)
    assert password is not None
    TestClient(admin.app).post("/v1/sessions", json={"login": "dewi.bere", "password": password[1]})
    page = admin.get("/audit?who=Dewi.Bere").text
    assert re.findall(r'data-label="Siapa"><span>([\w.]*) <a', page) == ["dewi.bere"]
    assert "session.open" in page


def test_pages_of_the_log_hold_every_entry_once(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LINES", 2)
    for letter in "abcde":
        admin.post("/people/users", data={**SOMEBODY, "login": f"{letter}.user"})
    seen: list[str] = []
    address: str | None = "/audit?action=user.create"
    while address:
        page = admin.get(address).text
        seen += re.findall(r'scope="row">(\d+)', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(older[1]) if older else None
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, key=int, reverse=True)


def test_an_altered_entry_breaks_the_chain(admin: TestClient, released: Running) -> None:
    admin.post("/people/users", data=SOMEBODY)
    admin.post("/people/keys", data=SYSTEM)
    assert "Utuh: " not in admin.get("/audit").text
    assert "Utuh: 2 entri" in admin.get("/audit?verify=1").text
    with released.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        trigger = "audit_log_no_update" if sqlite else "audit_log_no_change ON audit_log"
        connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(update(audit_log).where(audit_log.c.seq == 1).values(role="analyst"))
    broken = admin.get("/audit?verify=1").text
    assert "Rantai putus pada entri 1." in broken
    assert "Utuh" not in broken


def test_a_log_too_long_to_check_while_somebody_waits_names_the_command(
    admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.post("/people/users", data=SOMEBODY)
    admin.post("/people/keys", data=SYSTEM)
    monkeypatch.setattr(audit, "CHECKED", 1)
    assert "risk-service verify-audit" in admin.get("/audit?verify=1").text


def test_the_header_leads_to_what_a_role_may_open(released: Running, client_of: ClientOf) -> None:
    admins = {"/releases", "/people", "/audit"}
    seen = {}
    for role in ROLES:
        page = client_of(released, role, "BP3MI-NTT" if role in ("inspector", "supervisor") else None).get("/account")
        seen[role] = admins & set(re.findall(r'href="(/\w+)"', page.text))
    assert seen["admin"] == admins
    assert seen["analyst"] == seen["national"] == {"/releases"}
    assert seen["inspector"] == seen["supervisor"] == seen["placement_system"] == set()


@pytest.mark.parametrize(
    "part",
    [
        *(releases_view.ReleaseView, releases_view.CheckView, releases_view.ComparedCheck, releases_view.Comparison),
        *(releases_view.Change, people_view.UserLine, people_view.UserForm, people_view.KeyLine, people_view.KeyForm),
        *(people_view.Once, audit_view.LogField, audit_view.LogLine, audit_view.Chain),
    ],
)
def test_every_part_of_the_pages_is_shown_somewhere(part: type) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (SERVICE / "templates").glob("*.html"))
    for field in fields(part):
        assert re.search(rf"\.{field.name}\b", source), f"{part.__name__}.{field.name} is on no page"
