"""In real Chromium, with JavaScript off: supervision, areas and segments on a phone and on a desk."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from service.access import INSPECTOR
from service.importing import import_data_set
from service.managing_people import By, NewUser, create_user
from service.running import Running, utc_now
from service.settings import Settings
from service.storage.engine import migrate
from tests.service.test_pages_in_browser import DESK, LOGIN, PASSWORD, browser, opened, served, sign_in
from tests.service.worked_lists import HEAD_OFFICE, staff, worked_list

__all__ = ["browser"]

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, make_settings: Callable[..., Settings], data_set: Path
) -> Iterator[str]:
    running = Running(make_settings(f"sqlite:///{tmp_path_factory.mktemp('figures') / 'service.db'}"))
    migrate(running.engine)
    import_data_set(running, data_set, as_of=None, now=utc_now(), progress=lambda _done, _total, _text: None)
    create_user(running, NewUser(LOGIN, "national", None, password=PASSWORD), By("user:test", "admin", utc_now()))
    known = staff(running, {"dewi.bere": (INSPECTOR, HEAD_OFFICE, 3)})
    worked_list(running, HEAD_OFFICE, list(known.values()), closed=False, seed=1)
    with served(running) as address:
        yield address


def test_a_tile_leads_to_the_row_of_its_area_and_the_number_to_what_it_counts(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        sign_in(page, address)
        page.locator("li.t5311 a").click()
        row = page.locator("tr:target")
        assert row.get_by_role("rowheader").inner_text() == "Kabupaten Sumba Timur"
        row.get_by_role("link", name="21").click()
        assert page.locator("h1").inner_text() == "Kabupaten Sumba Timur"
        assert page.locator("#placements + table tbody tr").count() == 21


def test_tiles_of_flores_lie_from_west_to_east_and_sumba_below(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        sign_in(page, address)
        boxes = {code: page.locator(f"li.t{code}").bounding_box() for code in ("5315", "5307", "5305", "5311", "5314")}
        left = {code: box["x"] for code, box in boxes.items() if box}
        top = {code: box["y"] for code, box in boxes.items() if box}
        assert left["5315"] < left["5307"] < left["5305"]
        assert top["5315"] == top["5307"] < top["5311"] < top["5314"]


def test_a_number_of_the_workload_opens_its_rows(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        sign_in(page, address)
        page.goto(f"{address}/supervision?office={HEAD_OFFICE}&months=120")
        number = page.locator("tr", has_text="dewi.bere").locator("td a").first
        count = int(number.inner_text())
        number.click()
        assert page.locator("tbody tr").count() == count
        page.get_by_role("link", name="Kembali ke pengawasan").click()
        assert page.locator("select[name=office]").input_value() == HEAD_OFFICE


def test_filters_of_segments_are_a_form_that_ends_in_the_address(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        sign_in(page, address)
        page.goto(f"{address}/segments")
        page.select_option("select[name=destination]", "MYS")
        page.get_by_role("button", name="Tampilkan").click()
        assert "destination=MYS" in page.url
        assert page.locator("select[name=destination]").input_value() == "MYS"
