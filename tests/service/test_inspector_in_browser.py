"""In real Chromium, an inspector's day: list, row, visit; no script, no link, by keyboard alone, on a slow line."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select

from service.access import Principal
from service.app import create_app
from service.drawing import Wanted, draw_list
from service.importing import import_data_set
from service.list_life import issue_list
from service.managing_people import By, NewUser, create_user
from service.running import Running, utc_now
from service.settings import Settings
from service.storage.engine import migrate
from service.tables.happenings import inspections
from tests.service.browsed_world import counted
from tests.service.test_every_page_in_browser import AXE, FINDINGS, FIRST_LOAD, LATER_PAGES
from tests.service.test_pages_in_browser import DESK, PASSWORD, PHONE, browser, listening

__all__ = ["browser"]

OFFICE, VISITS = "BP3MI-NTT", 12
INSPECTOR, SUPERVISOR = "petugas.contoh", "penyelia.ntt"
SLOW = {"offline": False, "latency": 500, "downloadThroughput": 50_000 / 8, "uploadThroughput": 50_000 / 8}
READABLE_WITHIN = 15_000
GAP = timedelta(hours=72)

pytestmark = pytest.mark.timeout(180)


class Place:
    """A real server with an issued list of one office; its clock can be moved, the browser's cannot."""

    def __init__(self, running: Running, address: str, sent: list[int]) -> None:
        """Begin at the present; `sent` are the bytes of every answer, to pages and worker alike."""
        self.running, self.address, self.sent, self.ahead = running, address, sent, timedelta()

    def now(self) -> datetime:
        return utc_now() + self.ahead

    def issue(self) -> str:
        """Draw and issue another list; return where it stands."""
        national = Principal("user:test", "national")
        seed = int(self.now().timestamp() * 1e6) % 2**31
        stored = draw_list(
            self.running, Wanted(VISITS, OFFICE, "placement", seed), now=self.now(), by=(national.who, national.role)
        )
        issue_list(self.running, stored.list_id, caller=national, now=self.now())
        return f"{self.address}/lists/{stored.list_id}"

    def visits(self, listed: str) -> list[tuple[int, str]]:
        """Rank and outcome of every visit recorded for a list."""
        query = select(inspections.c.rank, inspections.c.outcome).where(
            inspections.c.list_id == listed.rpartition("/")[2], inspections.c.replaced_by.is_(None)
        )
        with self.running.engine.connect() as connection:
            return sorted((row.rank, row.outcome) for row in connection.execute(query))


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, make_settings: Callable[..., Settings], data_set: Path
) -> Iterator[Place]:
    running = Running(make_settings(f"sqlite:///{tmp_path_factory.mktemp('inspector') / 'service.db'}"))
    migrate(running.engine)
    import_data_set(running, data_set, as_of=None, now=utc_now(), progress=lambda _done, _total, _text: None)
    by = By("user:test", "admin", utc_now())
    create_user(running, NewUser(INSPECTOR, "inspector", OFFICE, password=PASSWORD), by)
    create_user(running, NewUser(SUPERVISOR, "supervisor", OFFICE, password=PASSWORD), by)
    app = create_app(running)
    sent: list[int] = []
    with listening(counted(app, sent)) as address:
        place = Place(running, address, sent)
        app.dependency_overrides[utc_now] = place.now
        yield place


@contextmanager
def opened(
    browser: Browser, size: dict[str, int] = PHONE, *, script: bool = True, scheme: Any = "light"
) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=script, locale="id-ID")  # type: ignore[arg-type]
    yield context
    context.close()


def sign_in(page: Page, wanted: str, login: str = INSPECTOR) -> None:
    address, _, path = wanted.partition("/lists")
    page.goto(f"{address}/sign-in?next=/lists{path}")
    page.get_by_label("Nama masuk").fill(login)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(wanted)


def row(page: Page, rank: int) -> Any:
    return page.locator(f'tr[data-row$="/{rank}"]')


def kept(page: Page) -> None:
    """Return once the worker has kept the page, and before it its files."""
    until = "async url => { while (!(await caches.match(url))) await new Promise((go) => setTimeout(go, 20)); }"
    page.evaluate(until, page.url)


def record(page: Page, rank: int, outcome: str) -> None:
    """Three clicks."""
    row(page, rank).get_by_role("link", name="Catat kunjungan").click()
    page.get_by_label(outcome).click()
    page.get_by_role("dialog").get_by_role("button", name="Simpan").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_signing_in_to_a_visit_that_shows(browser: Browser, place: Place, script: bool) -> None:
    listed = place.issue()
    with opened(browser, script=script) as context:
        page = context.new_page()
        sign_in(page, listed)
        assert page.locator("tr[data-row]").count() == VISITS
        row(page, 1).get_by_role("link").first.click()
        page.wait_for_url(f"{listed}/rows/1")
        page.get_by_label("Bahaya ditemukan").check()
        page.get_by_label("Temuan").select_option("gaji_tidak_dibayar")
        page.get_by_label("Serius").check()
        page.get_by_role("button", name="Simpan").first.click()
        page.locator("#queue" if script else ".done").get_by_text("ersimpan").wait_for()
        page.goto(listed)
        assert row(page, 1).locator(".status").inner_text() == "Dikunjungi"
    assert place.visits(listed) == [(1, "harm_found")]


def test_filters_keep_the_rows_they_name_and_stand_in_the_address(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser, DESK, script=False) as context:
        page = context.new_page()
        sign_in(page, listed)
        page.get_by_text("Saringan", exact=True).click()
        page.get_by_label("Kata", exact=True).fill("malaysia")
        page.get_by_role("button", name="Tampilkan").click()
        assert "q=malaysia" in page.url
        shown = page.locator("tr[data-row]").all_inner_texts()
        assert 0 < len(shown) < VISITS
        assert all("malaysia" in text.lower() for text in shown)


def test_a_visit_takes_three_clicks_and_can_be_taken_back(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser) as context:
        page = context.new_page()
        sign_in(page, listed)
        record(page, 2, "Tidak ditemukan bahaya")
        page.get_by_text(re.compile(r"^Tersimpan")).wait_for()
        assert place.visits(listed) == [(2, "no_harm_found")]
        page.locator("#queue").get_by_role("button", name="Batalkan").click()
        page.get_by_text("kembali seperti semula").wait_for()
        assert row(page, 2).locator(".status").inner_text() == "Belum diambil"
    assert place.visits(listed) == []


def test_results_of_three_days_without_a_link_arrive_once(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser) as context:
        page = context.new_page()
        sign_in(page, listed)
        kept(page)
        context.set_offline(True)
        page.reload()
        assert page.locator("tr[data-row]").count() == VISITS, "the list is read without a link"
        page.get_by_text("Tidak ada sambungan").wait_for()
        page.locator("#away").get_by_text(re.compile(r"Terakhir dibuka (menit ini|1 menit)")).wait_for()
        record(page, 1, "Tidak ditemukan bahaya")
        record(page, 3, "Tidak bertemu siapa pun")
        page.get_by_text(re.compile(r"^Disimpan di perangkat ini: 3\.")).wait_for()
        assert place.visits(listed) == []
        place.ahead += GAP
        context.set_offline(False)
        page.reload()
        page.wait_for_url("**/sign-in?next=*")
        assert place.visits(listed) == [], "nothing is sent for somebody who is not signed in"
        lost: list[str] = []

        def lose_the_first_answer(route: Route) -> None:
            if lost:
                route.continue_()
                return
            lost.append(route.fetch().text())
            route.abort()

        page.route("**/v1/inspections", lose_the_first_answer)
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/v1/inspections")):
            sign_in(page, listed)
        assert len(lost) == 1
        assert len(place.visits(listed)) == 1, "the first result arrived; the browser does not know"
        page.reload()
        expect(page.locator("#queue .told")).to_have_count(2)
        page.get_by_text(re.compile(r"^Tersimpan: 3\.")).wait_for()
        assert page.locator("#queue").get_by_text("Ditolak").count() == 0
        page.reload()
        assert row(page, 1).locator(".status").inner_text() == "Dikunjungi"
        assert row(page, 3).locator(".status").inner_text() == "Tidak bertemu"
        assert page.locator("#queue").is_hidden()
    assert place.visits(listed) == [(1, "no_harm_found"), (3, "not_reached")]


def test_a_result_whose_answer_was_lost_for_good_counts_as_arrived(browser: Browser, place: Place) -> None:
    """The service committed the visit and died before its answer: the key says so, and nothing is sent again."""
    listed, lost = place.issue(), json.dumps({"type": "urn:placement-risk:problem:key_lost", "status": 409})

    def die_after_the_commit(route: Route) -> None:
        route.fetch()
        route.fulfill(status=409, content_type="application/problem+json", body=lost)

    with opened(browser) as context:
        page = context.new_page()
        sign_in(page, listed)
        page.route("**/v1/inspections", die_after_the_commit)
        record(page, 6, "Tidak ditemukan bahaya")
        told = page.locator("#queue").get_by_text(re.compile(r"^Sudah diterima sebelumnya: 6\."))
        told.get_by_role("link", name="Buka barisnya").wait_for()
        page.unroute("**/v1/inspections")
        page.reload()
        expect(page.locator("#queue")).to_be_hidden()
        assert row(page, 6).locator(".status").inner_text() == "Dikunjungi"
    assert place.visits(listed) == [(6, "no_harm_found")]


def test_signing_out_forgets_the_pages_and_keeps_what_was_not_sent(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser) as context:
        page = context.new_page()
        sign_in(page, listed)
        kept(page)
        page.route("**/v1/inspections", lambda route: route.abort())
        record(page, 4, "Tidak ditemukan bahaya")
        page.get_by_text(re.compile(r"^Disimpan di perangkat ini: 4\.")).wait_for()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Keluar").click()
        page.wait_for_url("**/sign-in")
        assert page.evaluate("async url => (await caches.match(url)) ?? null", listed) is None
        page.unroute("**/v1/inspections")
        sign_in(page, listed, SUPERVISOR)
        kept(page)
        assert place.visits(listed) == [], "what one person recorded is not sent in another's name"
        page.get_by_role("button", name="Keluar").click()
        page.wait_for_url("**/sign-in")
        sign_in(page, listed)
        page.get_by_text(re.compile(r"^Tersimpan: 4\.")).wait_for()
    assert place.visits(listed) == [(4, "no_harm_found")]


def test_somebody_else_was_first_and_the_officer_hears_it(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser) as context, opened(browser, script=False) as other:
        page, second = context.new_page(), other.new_page()
        sign_in(page, listed)
        sign_in(second, f"{listed}/rows/5", SUPERVISOR)
        second.get_by_label("Bahaya ditemukan").check()
        second.get_by_role("button", name="Simpan").first.click()
        second.get_by_text("Hasil kunjungan tersimpan").wait_for()
        record(page, 5, "Tidak ditemukan bahaya")
        page.get_by_text(re.compile(r"^Ditolak: 5\.")).wait_for()
        page.locator("#queue").get_by_role("button", name="Hapus").click()
        page.reload()
        assert row(page, 5).locator(".status").inner_text() == "Dikunjungi"
    assert place.visits(listed) == [(5, "harm_found")]


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone, light", "desk, dark"])
def test_axe_finds_nothing_serious_in_the_form_over_the_list(
    browser: Browser, place: Place, size: dict[str, int], scheme: str
) -> None:
    listed = place.issue()
    with opened(browser, size, scheme=scheme) as context:
        page = context.new_page()
        sign_in(page, listed, SUPERVISOR)
        row(page, 2).get_by_role("link", name="Catat kunjungan").click()
        page.get_by_label("Bahaya ditemukan").check()
        page.evaluate(AXE)
        assert page.evaluate(FINDINGS, None) == []


def test_the_keyboard_alone_records_a_visit(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser, DESK) as context:
        page = context.new_page()
        sign_in(page, listed)
        reach(page, "document.activeElement.matches('[data-record]')")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").wait_for()
        reach(page, "document.activeElement.name === 'outcome'")
        page.keyboard.press("Space")
        reach(page, "document.activeElement.matches('dialog button[type=submit]')")
        page.keyboard.press("Enter")
        page.get_by_text(re.compile(r"^Tersimpan")).wait_for()
    assert len(place.visits(listed)) == 1


def reach(page: Page, there: str) -> None:
    for _ in range(80):
        if page.evaluate(there):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach: {there}")


def test_pages_are_small_and_readable_on_a_slow_line(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser) as context:
        page = context.new_page()
        place.sent.clear()
        page.goto(f"{place.address}/sign-in?next=/lists{listed.partition('/lists')[2]}")
        page.get_by_label("Nama masuk").fill(INSPECTOR)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
        started = page.evaluate("Date.now()")
        page.get_by_role("button", name="Masuk").click()
        page.locator("tr[data-row]").last.wait_for(timeout=READABLE_WITHIN)
        assert page.evaluate("Date.now()") - started < READABLE_WITHIN
        kept(page)
        assert 0 < sum(place.sent) <= FIRST_LOAD
        for address in (listed, f"{listed}?lang=en", f"{listed}/rows/1"):
            place.sent.clear()
            page.goto(address)
            kept(page)
            assert 0 < sum(place.sent) <= LATER_PAGES, f"{address}: {sum(place.sent)}"
