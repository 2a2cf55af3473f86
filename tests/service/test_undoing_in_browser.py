"""In real Chromium, with a script and without, what was just done with a row is taken back, and the offer goes."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from service.access import ADMIN
from service.managing_people import By, NewUser, create_user
from service.running import utc_now
from service.undoing import UNDO_SECONDS
from tests.service.test_every_page_in_browser import AXE, FINDINGS
from tests.service.test_inspector_in_browser import INSPECTOR, SUPERVISOR, Place, opened, place, sign_in
from tests.service.test_pages_in_browser import DESK, PASSWORD, PHONE, browser

__all__ = ["browser", "place"]

OTHER_OFFICE, OTHER = "NAKERTRANS-NTT", "petugas.dinas"
OFFER, DONE = "Dapat dibatalkan dalam 10 detik", "Dibatalkan; baris kembali seperti semula."
SECOND: Final = timedelta(seconds=1)
WITH_AND_WITHOUT: Final = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
FACTS: Final = "dl.facts div:has(.state), .remark"
"""Where the page says how the row stands."""

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True)
class Deed:
    """One form of the page of a row: what its heading is called, what is filled in, what its button is called."""

    heading: str | None
    fields: dict[str, str] = field(default_factory=dict)
    button: str = "Simpan"


DEEDS: Final = {
    "accept": Deed(None, button="Terima kunjungan ini"),
    "defer": Deed("Tunda", {"until": "2099-02-01", "reason_code": "cuaca_transportasi"}),
    "hand-over": Deed("Serahkan ke kantor lain", {"office": OTHER_OFFICE, "reason_code": "pindah_wilayah"}),
    "override": Deed("Nilai lain", {"direction": "up", "reason_code": "informasi_baru"}),
    "assign": Deed("Berikan kepada petugas", {"inspector": ""}),
}


def carry_out(page: Page, name: str) -> None:
    deed = DEEDS[name]
    if deed.heading is not None:
        page.locator("summary", has_text=deed.heading).click()
    form = page.locator(f'form[action$="/{name}"]')
    for field_name, value in deed.fields.items():
        place_of_field = form.locator(f'[name="{field_name}"]').first
        kind = place_of_field.evaluate("one => one.type")
        if kind == "radio":
            form.locator(f'[name="{field_name}"][value="{value}"]').check()
        elif kind == "select-one":
            place_of_field.select_option(**({"value": value} if value else {"index": 1}))
        else:
            place_of_field.fill(value)
    with page.expect_navigation():
        form.get_by_role("button", name=deed.button).click()


def undo_button(page: Page) -> Any:
    return page.locator('main form[action$="/undo"]').get_by_role("button", name="Batalkan")


def at_row(page: Page, listed: str, rank: int, login: str = INSPECTOR) -> None:
    sign_in(page, listed, login)
    page.goto(f"{listed}/rows/{rank}")


@WITH_AND_WITHOUT
@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_is_taken_back_by_one_key_on_the_page_that_follows_it(
    browser: Browser, place: Place, name: str, script: bool
) -> None:
    listed = place.issue()
    with opened(browser, script=script) as context:
        page = context.new_page()
        at_row(page, listed, 1, SUPERVISOR)
        before = page.locator(FACTS).all_inner_texts()
        carry_out(page, name)
        assert page.locator(FACTS).all_inner_texts() != before
        page.get_by_text(OFFER).wait_for()
        undo_button(page).focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator(".done").inner_text() == DONE
        assert page.locator(FACTS).all_inner_texts() == before
        assert undo_button(page).count() == 0, "it is taken back once"
        assert "Dibatalkan: " in page.locator(".history li").last.inner_text()


@WITH_AND_WITHOUT
def test_the_offer_is_gone_once_its_seconds_are_over(browser: Browser, place: Place, script: bool) -> None:
    listed = place.issue()
    with opened(browser, script=script) as context:
        page = context.new_page()
        at_row(page, listed, 2)
        if script:
            page.clock.install()
        carry_out(page, "override")
        expect(undo_button(page)).to_be_visible()
        if script:
            page.clock.fast_forward(UNDO_SECONDS * 1000)
            expect(undo_button(page)).to_have_count(0)
        place.ahead += UNDO_SECONDS * SECOND
        page.reload()
        assert undo_button(page).count() == 0
        assert OFFER not in page.content()


def test_whoever_presses_too_late_reads_what_can_be_done_instead(browser: Browser, place: Place) -> None:
    listed = place.issue()
    with opened(browser, script=False) as context:
        page = context.new_page()
        at_row(page, listed, 2)
        carry_out(page, "override")
        place.ahead += UNDO_SECONDS * SECOND
        undo_button(page).click()
        said = page.locator(".trouble")
        said.wait_for()
        assert "ubah baris 2 sekali lagi" in said.inner_text()
        assert "Periksa keduanya" not in said.inner_text(), "nothing was sent that could be compared"
        assert "Dinaikkan petugas" in page.locator(".remark").inner_text()


@WITH_AND_WITHOUT
def test_an_office_that_sees_a_row_no_more_can_still_take_its_handing_on_back(
    browser: Browser, place: Place, script: bool
) -> None:
    by = By("user:test", ADMIN, utc_now())
    login = f"{OTHER}.{'a' if script else 'b'}"
    create_user(place.running, NewUser(login, "inspector", OTHER_OFFICE, password=PASSWORD), by)
    listed = place.issue()
    with opened(browser, script=script) as ours, opened(browser, script=script) as theirs:
        page = ours.new_page()
        at_row(page, listed, 3)
        about = page.locator("h1").evaluate("one => one.lastChild.textContent.trim()")
        carry_out(page, "hand-over")
        page = theirs.new_page()
        at_row(page, listed, 3, login)
        before = page.locator(FACTS).all_inner_texts()
        page.locator("summary", has_text=DEEDS["hand-over"].heading).click()
        form = page.locator('form[action$="/hand-over"]')
        form.locator("[name=office]").select_option("LTSA-NTT")
        form.locator("[name=reason_code]").select_option("pindah_wilayah")
        form.get_by_role("button", name="Simpan").click()
        page.get_by_text("Baris diserahkan ke kantor lain.").wait_for()
        page.get_by_text(OFFER).wait_for()
        assert re.search(r"\b00\d\d\b", page.locator("main").inner_html()) is None, "nothing of the row is left"
        assert about not in page.content()
        fits(page, script=script)
        undo_button(page).click()
        page.get_by_text(DONE).wait_for()
        assert page.locator(FACTS).all_inner_texts() == before


def fits(page: Page, *, script: bool) -> None:
    """Nothing scrolls sideways, and axe finds nothing (which needs a script)."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        wide, visible = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= visible
        if script:
            page.evaluate(AXE)
            assert page.evaluate(FINDINGS, None) == []
