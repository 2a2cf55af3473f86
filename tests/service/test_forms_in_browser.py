"""In real Chromium with JavaScript off, every form of every page does what it says."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page

from service.access import ADMIN, ANALYST, INSPECTOR, NATIONAL, SUPERVISOR
from service.running import utc_now
from tests.service.browsed_world import NOBODY, World, pages_of_readers, world
from tests.service.test_every_page_in_browser import EVERY_PAGE, Shown
from tests.service.test_pages_in_browser import PASSWORD, PHONE, browser

__all__ = ["browser", "world"]

DONE, FIRST, LATER = ".done", "the first one", "a later day"
OTHER_PASSWORD: Final = "layang-layang-biru-tua"
IDS: Final = ((r"/lists/[^/]+", "/lists/{list}"), (r"/rows/\d+", "/rows/{rank}"), (r"/(users|keys)/[^/]+", r"/\1/{id}"))
OF_FORM: Final = """form => {
    const names = [...form.elements].filter((one) => one.name && one.type !== 'hidden').map((one) => one.name);
    const first = names.find((name) => name !== 'form_token') ?? '';
    return [form.method, new URL(form.getAttribute('action'), location).pathname, first];
}"""

pytestmark = pytest.mark.timeout(120)


@dataclass(frozen=True)
class Step:
    """One form on one page: what is filled in, and what is to be seen afterwards."""

    who: str
    address: str
    form: str
    fields: dict[str, str] = field(default_factory=dict)
    then: str = DONE


ROW: Final = "/lists/{long}/rows/"
OF_ROW: Final = "post /lists/{list}/rows/{rank}/"
STEPS: Final = (
    Step(SUPERVISOR, "/", "post /lists office", {"capacity": "9"}, ".note.deed"),
    Step(SUPERVISOR, "/lists/{draft}", "post /lists/{list}/issue "),
    Step(SUPERVISOR, f"{ROW}1", f"{OF_ROW}accept "),
    Step(SUPERVISOR, f"{ROW}1", f"{OF_ROW}assign inspector", {"inspector": FIRST}),
    Step(SUPERVISOR, f"{ROW}2", f"{OF_ROW}defer until", {"until": LATER, "reason_code": FIRST}),
    Step(SUPERVISOR, f"{ROW}3", f"{OF_ROW}hand-over office", {"office": FIRST, "reason_code": FIRST}),
    Step(SUPERVISOR, f"{ROW}4", f"{OF_ROW}override direction", {"direction": "up", "reason_code": FIRST}),
    Step(SUPERVISOR, "/lists/{worked}/close", "post /lists/{list}/close all", {"all": FIRST}),
    Step(SUPERVISOR, "/supervision", "get /supervision office", {"months": "24"}, "#workload"),
    Step(
        SUPERVISOR,
        "/account",
        "post /account/password old_password",
        {"old_password": PASSWORD, "new_password": OTHER_PASSWORD, "again": OTHER_PASSWORD},
    ),
    Step(INSPECTOR, "/", "post /lists office", {}, "tr[data-row]"),
    Step(INSPECTOR, "/lists/{long}", "get /lists/{list} band", {"q": "hong kong"}, "tr[data-row]"),
    Step(INSPECTOR, "/lists/{long}", "get /lists/{list} find", {"find": "PMI-00001"}, ".find + .note"),
    Step(INSPECTOR, f"{ROW}5", f"{OF_ROW}visit outcome", {"outcome": "no_harm_found"}),
    Step(INSPECTOR, f"{ROW}5", f"{OF_ROW}undo "),
    Step(INSPECTOR, f"{ROW}6", f"{OF_ROW}visit outcome", {"outcome": "not_reached", "reason_code": FIRST}),
    Step(
        INSPECTOR,
        f"{ROW}7",
        f"{OF_ROW}visit outcome",
        {"outcome": "harm_found", "category": "gaji_tidak_dibayar", "severity": "2"},
    ),
    Step(INSPECTOR, f"{ROW}7", f"{OF_ROW}visit outcome", {"outcome": "no_harm_found"}),
    Step(INSPECTOR, "/account", "post /sign-out ", {}, "form.sign-in"),
    Step(NATIONAL, "/areas", "get /areas province", {}, ".tiles"),
    Step(NATIONAL, "/segments", "get /segments destination", {"destination": "MYS"}, "table"),
    Step(NATIONAL, "/segments/hard-to-supervise", "get /segments/hard-to-supervise by", {}, "table"),
    Step(ANALYST, "/releases", "get /releases a", {"a": "release-1", "b": "release-2"}, "#compare"),
    Step(ADMIN, "/releases", "post /releases/roll-back "),
    Step(ADMIN, "/releases", "post /releases/switch-off "),
    Step(ADMIN, "/releases", "post /releases/switch-on "),
    Step(ADMIN, "/people", "post /people/users login", {"login": "baru.contoh", "office": "LTSA-NTT"}, ".done .code"),
    Step(ADMIN, "/people?user={user}", "post /people/users/{id} role", {"visits": "9"}),
    Step(ADMIN, "/people?user={user}", "post /people/users/{id}/password ", {}, ".done .code"),
    Step(ADMIN, "/people", "post /people/keys owner", {"owner": "siskop2mi"}, ".done .code"),
    Step(ADMIN, "/people", "post /people/keys/{id}/revoke "),
    Step(ADMIN, "/audit", "get /audit who", {"who": "admin.contoh"}, "table"),
    Step(ADMIN, "/audit", "get /audit ", {}, ".chain"),
    Step(NOBODY, "/account", "post /sign-in login", {"login": "analyst.contoh", "password": PASSWORD}, "dl.facts"),
)
TRIED: Final = frozenset(step.form for step in STEPS)


@pytest.fixture(scope="module")
def page_of(browser: Browser, world: World) -> Iterator[Callable[[str], Page]]:
    """Gives the page, without script, in which somebody is signed in."""
    with pages_of_readers(browser, world, viewport=PHONE, java_script_enabled=False) as page_of:
        yield page_of


def name_of(form: Locator) -> str:
    """Method, path without numbers, and first field: the same for the same form of any row or list."""
    method, path, first = form.evaluate(OF_FORM)
    for pattern, name in IDS:
        path = re.sub(pattern, name, path)
    return f"{method} {path} {first}"


def fill(form: Locator, name: str, value: str) -> None:
    place = form.locator(f"[name='{name}']").first
    kind = place.evaluate("one => one.type")
    if kind == "select-one":
        value = place.locator("option:not([value=''])").first.get_attribute("value") or "" if value == FIRST else value
        place.select_option(value)
    elif kind == "radio":
        form.locator(f"[name='{name}'][value='{value}']").check()
    else:
        place.fill((utc_now() + timedelta(days=7)).date().isoformat() if value == LATER else value)


def untried(page: Page) -> list[str]:
    return [name for name in map(name_of, page.locator("form[action]").all()) if name not in TRIED]


@pytest.mark.parametrize("shown", EVERY_PAGE, ids=lambda shown: f"{shown.who} {shown.address}")
def test_every_form_of_a_page_is_tried_below(page_of: Callable[[str], Page], world: World, shown: Shown) -> None:
    page = page_of(shown.who)
    page.goto(f"{world.address}{world.path(shown.address)}")
    assert untried(page) == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.who} {step.address} {step.form}")
def test_a_form_works_without_script(page_of: Callable[[str], Page], world: World, step: Step) -> None:
    page = page_of(step.who)
    page.goto(f"{world.address}{world.path(step.address)}")
    form = next(form for form in page.locator("form").all() if name_of(form) == step.form)
    for outside in form.locator("xpath=ancestor::details[not(@open)]").all():
        outside.locator("summary").first.click()
    for name, value in step.fields.items():
        fill(form, name, value)
    with page.expect_navigation():
        form.locator("button").first.click()
    page.locator(step.then).first.wait_for()
    assert page.locator(".trouble").all_inner_texts() == []
    assert untried(page) == []
