"""In real Chromium, every page: axe, sideways scroll, what the policy bars, bytes, keyboard, rows of other offices."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page

from service.access import ADMIN, ANALYST, INSPECTOR, NATIONAL, SUPERVISOR, Principal, sees_placement
from service.app import PAGES
from service.storage.searching import find_scored
from tests.service.browsed_world import NOBODY, OFFICES, STRANGER, World, opened, pages_of_readers, world
from tests.service.test_pages_in_browser import DESK, PHONE, browser

__all__ = ["browser", "world"]

KILOBYTE: Final = 1024
FIRST_LOAD, LATER_PAGES = 120 * KILOBYTE, 30 * KILOBYTE
AXE: Final = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FINDINGS: Final = """async rules => {
    const few = { resultTypes: ['violations'], selectors: false, preload: false, ...(rules && { runOnly: rules }) };
    const found = (await axe.run(document, few)).violations;
    return found.filter((one) => ['serious', 'critical'].includes(one.impact))
        .map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' ')}`);
}"""
COLOURS: Final = ["color-contrast"]
"""The only rules that the dark scheme can break: it changes nothing but colours."""
NUMBER: Final = re.compile(r"PMI-\d{5}")
"""A placement of the browsed world, wherever it stands in a page."""
PROBLEMS: Final = frozenset({"not there", "not allowed"})
NOT_PAGES: Final = frozenset({"/worker.js"})

pytestmark = pytest.mark.timeout(120)


@dataclass(frozen=True)
class Shown:
    """One page as somebody sees it."""

    route: str
    who: str
    address: str
    status: int = 200


EVERY_PAGE: Final = (
    Shown("/", SUPERVISOR, "/"),
    Shown("/", NATIONAL, "/?office=LTSA-SBD"),
    Shown("/lists/{list_id}", INSPECTOR, "/lists/{worked}?lang=en"),
    Shown("/lists/{list_id}", INSPECTOR, "/lists/{worked}?find=PMI-10010&q=malaysia"),
    Shown("/lists/{list_id}", SUPERVISOR, "/lists/{worked}"),
    Shown("/lists/{list_id}", SUPERVISOR, "/lists/{draft}"),
    Shown("/lists/{list_id}", ANALYST, "/lists/{worked}"),
    Shown("/lists/{list_id}/close", SUPERVISOR, "/lists/{worked}/close"),
    Shown("/lists/{list_id}/print", INSPECTOR, "/lists/{worked}/print"),
    Shown("/lists/{list_id}/rows/{rank}", INSPECTOR, "/lists/{worked}/rows/1"),
    Shown("/lists/{list_id}/rows/{rank}", SUPERVISOR, "/lists/{worked}/rows/5"),
    Shown("/lists/{list_id}/rows/{rank}", INSPECTOR, "/lists/{long}/rows/2?lang=en"),
    Shown("/areas", INSPECTOR, "/areas"),
    Shown("/areas/{area}", NATIONAL, "/areas/53.11"),
    Shown("/areas/{area}", SUPERVISOR, "/areas/53.21"),
    Shown("/sign-in", NOBODY, "/sign-in?next=/areas"),
    Shown("/account", INSPECTOR, "/account"),
    Shown("/account", ADMIN, "/account"),
    Shown("/supervision", SUPERVISOR, "/supervision?months=120"),
    Shown("/supervision", NATIONAL, "/supervision?months=120&lang=en"),
    Shown("/supervision/rows", SUPERVISOR, "/supervision/rows?months=120&list_id={worked}"),
    Shown("/supervision/rows", ANALYST, "/supervision/rows?months=120&arm=random"),
    Shown("/segments", ANALYST, "/segments"),
    Shown("/segments", NATIONAL, "/segments?destination=MYS"),
    Shown("/segments/hard-to-supervise", SUPERVISOR, "/segments/hard-to-supervise"),
    Shown("/releases", ADMIN, "/releases"),
    Shown("/releases", ANALYST, "/releases?a=release-2&b=release-1"),
    Shown("/drift", ANALYST, "/drift"),
    Shown("/people", ADMIN, "/people"),
    Shown("/people", ADMIN, "/people?user={user}&done=1"),
    Shown("/audit", ADMIN, "/audit"),
    Shown("/audit", ADMIN, "/audit?verify=1&action=user.create"),
    Shown("/sign-in/provider", NOBODY, "/sign-in/provider", 404),
    Shown("/sign-in/return", NOBODY, "/sign-in/return?code=a&state=b", 404),
    Shown("not there", INSPECTOR, "/lists/none", 404),
    Shown("not allowed", INSPECTOR, "/people", 403),
)
LONG_PAGES: Final = (
    Shown("/lists/{list_id}", INSPECTOR, "/lists/{long}"),
    Shown("/lists/{list_id}", INSPECTOR, "/lists/{long}?page=2&lang=en"),
    Shown("/lists/{list_id}/print", INSPECTOR, "/lists/{long}/print"),
    Shown("/lists/{list_id}/close", SUPERVISOR, "/lists/{long}/close"),
    Shown("/supervision/rows", SUPERVISOR, "/supervision/rows?months=120"),
    Shown("/areas/{area}", NATIONAL, "/areas/53"),
)
"""Pages of a list of LONG rows and of a whole province."""
pages = pytest.mark.parametrize("shown", EVERY_PAGE, ids=lambda shown: f"{shown.who} {shown.address}")


@pytest.fixture(scope="module")
def page_of(browser: Browser, world: World) -> Iterator[Callable[[str], Page]]:
    """Gives the page in which somebody is signed in."""
    with pages_of_readers(browser, world) as page_of:
        yield page_of


def test_every_page_of_the_service_is_looked_at() -> None:
    there = {
        route.path
        for router in PAGES
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in route.methods
    }
    assert there - NOT_PAGES == {shown.route for shown in EVERY_PAGE if shown.route not in PROBLEMS}


@pages
def test_a_page_is_small_readable_and_breaks_no_rule(
    page_of: Callable[[str], Page], world: World, shown: Shown
) -> None:
    page, complaints = page_of(shown.who), list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    world.sent.clear()
    answer = page.goto(f"{world.address}{world.path(shown.address)}")
    assert answer is not None
    assert answer.status == shown.status
    page.evaluate(AXE)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        wide, visible = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= visible, f"{wide} px wide at {visible}"
        assert page.evaluate(FINDINGS, None) == [], size
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(FINDINGS, COLOURS) == [], f"{size}, dark"
        page.emulate_media(color_scheme="light")
    assert 0 < sum(world.sent) <= LATER_PAGES
    assert [text for text in complaints if f"status of {shown.status}" not in text] == []


def files_of_a_first_load(world: World, page: Page) -> int:
    """The bytes of what a page brings with it: style sheet, scripts, icon, worker."""
    world.sent.clear()
    page.goto(f"{world.address}/sign-in", wait_until="networkidle")  # one script asks for the next
    names = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert {name.rpartition("/")[2].partition("?")[0] for name in names} >= {"style.css", "page.js", "queue.js"}
    return sum(world.sent)


def test_a_first_load_is_small(browser: Browser, world: World) -> None:
    with opened(browser) as context:
        brought = files_of_a_first_load(world, context.new_page())
    assert 0 < brought <= FIRST_LOAD - LATER_PAGES


@pytest.mark.parametrize("shown", LONG_PAGES, ids=lambda shown: f"{shown.who} {shown.address}")
def test_a_long_page_is_small_too(page_of: Callable[[str], Page], world: World, shown: Shown) -> None:
    page = page_of(shown.who)
    world.sent.clear()
    page.goto(f"{world.address}{world.path(shown.address)}", wait_until="load")
    assert page.evaluate("document.documentElement.outerHTML.match(/PMI-|<legend/g)?.length") >= 30
    assert 0 < sum(world.sent) <= LATER_PAGES


REACHABLE: Final = """() => {
    const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled;
    const names = new Set();
    const first = (one) => {
        if (one.type !== 'radio') return true;
        const name = `${one.name} ${[...document.forms].indexOf(one.form)}`;
        return !names.has(name) && names.add(name);
    };
    window.reached = [];
    const all = [...document.querySelectorAll(wanted)].filter(seen).filter(first);
    document.addEventListener('focusin', ({ target }) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(target);
        const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
        window.reached.push([all.indexOf(target), ring, target.outerHTML.slice(0, 90)]);
    });
    return [all.length, all.filter((one) => one.type === 'date').length];
}"""
STOPS_IN_A_DATE: Final = 4
"""Day, month, year and the calendar of one field."""


@pages
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    page_of: Callable[[str], Page], world: World, shown: Shown
) -> None:
    page = page_of(shown.who)
    page.set_viewport_size(DESK)
    page.goto(f"{world.address}{world.path(shown.address)}")
    count, dates = page.evaluate(REACHABLE)
    for _ in range(count + dates * (STOPS_IN_A_DATE - 1)):
        page.keyboard.press("Tab")
    reached: list[tuple[int, bool, str]] = page.evaluate("window.reached")
    places = [place for place, _, _ in reached if place >= 0]
    assert list(dict.fromkeys(places)) == list(range(count)), [html for place, _, html in reached if place < 0]
    assert [html for _, ring, html in reached if not ring] == []


@pages
@pytest.mark.parametrize("who", [STRANGER, INSPECTOR, ANALYST])
def test_no_page_holds_a_placement_that_its_reader_may_not_see(
    page_of: Callable[[str], Page], world: World, shown: Shown, who: str
) -> None:
    html = page_of(who).context.request.get(f"{world.address}{world.path(shown.address)}").text()
    role, office = OFFICES[who]
    reader = Principal("user:test", role, office)
    with world.running.engine.connect() as connection:
        found = {number: find_scored(connection, number) for number in NUMBER.findall(html)}
    unseen = [
        number
        for number, placement in found.items()
        if role == ANALYST or placement is None or not sees_placement(reader, world.running.offices, placement)
    ]
    assert [number for number in unseen if number not in shown.address] == []
