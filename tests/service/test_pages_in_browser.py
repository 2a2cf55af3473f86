"""In real Chromium, as an officer does it: with JavaScript off, on a phone and on a desk, in light and dark."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.types import ASGIApp

from service.app import create_app
from service.importing import import_data_set
from service.managing_people import By, NewUser, create_user
from service.running import Running, utc_now
from service.settings import Settings
from service.storage.engine import migrate

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
A4 = {"width": 794, "height": 1123}  # 210 x 297 mm at the 96 dpi of CSS
LOGIN, PASSWORD = "penyelia.contoh", "kuda-lumping-berderap"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        message = (
            f"{CHROMIUM} is absent: the pages were NOT tried in a browser; apt-get install chromium, or set CHROMIUM"
        )
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(f"SKIPPED LOUDLY: {message}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address of a real server in this process."""
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        door.close()


def served(running: Running) -> AbstractContextManager[str]:
    """The address of a real server on what is running."""
    return listening(create_app(running))


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, make_settings: Callable[..., Settings], data_set: Path
) -> Iterator[str]:
    running = Running(make_settings(f"sqlite:///{tmp_path_factory.mktemp('browser') / 'service.db'}"))
    migrate(running.engine)
    import_data_set(running, data_set, as_of=None, now=utc_now(), progress=lambda _done, _total, _text: None)
    create_user(running, NewUser(LOGIN, "national", None, password=PASSWORD), By("user:test", "admin", utc_now()))
    with served(running) as address:
        yield address


@contextmanager
def opened(browser: Browser, size: dict[str, int], *, scheme: str = "light") -> Iterator[Page]:
    context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    # a page that turns into a download, or that is left before its icon came, is aborted and nothing is wrong
    page.on("requestfailed", lambda one: None if one.failure == "net::ERR_ABORTED" else complaints.append(one.url))
    yield page
    assert complaints == []
    context.close()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/areas")
    page.get_by_label("Nama masuk").fill(LOGIN)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(f"{address}/areas")


def make_list(page: Page, address: str) -> None:
    sign_in(page, address)
    page.goto(f"{address}/?office=BP3MI-NTT")
    if page.locator("form[action='/lists']").is_hidden():
        page.locator("summary").first.click()
    page.select_option("select[name=office]", "BP3MI-NTT")
    page.fill("input[name=capacity]", "9")
    page.get_by_role("button", name="Buat rancangan").click()
    page.wait_for_url(f"{address}/lists/*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_officer_makes_a_list_and_reads_it(
    browser: Browser, address: str, size: dict[str, int], scheme: str
) -> None:
    with opened(browser, size, scheme=scheme) as page:
        make_list(page, address)
        assert "/lists/" in page.url
        assert page.locator("tbody tr[data-row]").count() == 9
        assert page.locator("tbody tr[data-row]").first.locator(".reasons").is_visible()
        assert page.locator(".banner").first.inner_text().startswith("Data simulasi")


def test_signing_out_is_one_button_and_nothing_can_be_read_afterwards(browser: Browser, address: str) -> None:
    with opened(browser, PHONE) as page:
        make_list(page, address)
        made = page.url
        assert LOGIN in page.locator(".top").inner_text()
        page.get_by_role("button", name="Keluar").click()
        page.wait_for_url(f"{address}/sign-in")
        page.goto(made)
        assert "/sign-in?next=" in page.url
        assert page.locator("tbody tr").count() == 0


def test_a_wrong_password_is_said_on_the_form_and_the_login_stays(browser: Browser, address: str) -> None:
    with browser.new_context(viewport=PHONE, java_script_enabled=False, locale="id-ID") as context:
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        page.get_by_label("Nama masuk").fill(LOGIN)
        page.get_by_label("Kata sandi").fill("salah sekali")
        page.get_by_role("button", name="Masuk").click()
        assert page.get_by_role("alert").inner_text().startswith("Nama masuk atau kata sandi salah")
        assert page.get_by_label("Nama masuk").input_value() == LOGIN
        assert page.get_by_label("Kata sandi").input_value() == ""


def test_the_language_is_changed_by_one_link(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        make_list(page, address)
        page.get_by_role("link", name="English").click()
        assert page.locator("h1").inner_text().startswith("Priority list")
        page.get_by_role("link", name="Bahasa Indonesia").click()
        assert page.locator("h1").inner_text().startswith("Daftar prioritas")


def test_the_spreadsheet_is_one_click_away(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        make_list(page, address)
        with page.expect_download() as download:
            page.get_by_role("link", name="Unduh CSV").click()
        assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")


def test_paper_shows_the_rows_and_leaves_the_form_out(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        make_list(page, address)
        page.emulate_media(media="print")
        page.set_viewport_size(A4)
        assert page.locator("details.make").first.is_hidden()
        assert page.locator("thead").is_visible()
        assert page.locator("tbody tr[data-row]").last.is_visible()
        sizes = [page.locator(place).first.bounding_box() for place in ("table", "td.reasons")]
        assert sizes[0] is not None
        assert sizes[1] is not None
        assert sizes[1]["width"] > sizes[0]["width"] / 3, "reasons have room to be read"


def test_the_keyboard_reaches_the_list_first(browser: Browser, address: str) -> None:
    with opened(browser, DESK) as page:
        make_list(page, address)
        page.keyboard.press("Tab")
        page.locator(".skip:focus").wait_for()
