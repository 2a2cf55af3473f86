"""A service as a browser finds it: some hundred placements, lists at every stage, a user of each role, two releases."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from risk_model.data import schema
from risk_model.scoring.release import write_release
from risk_model.scoring.signing_keys import load_or_create_keys
from service.access import ADMIN, ANALYST, INSPECTOR, NATIONAL, SUPERVISOR, Principal
from service.app import create_app
from service.drawing import Wanted, draw_list
from service.importing import import_data_set
from service.list_life import issue_list
from service.managing_people import By, NewKey, NewUser, create_key, create_user
from service.running import Running, utc_now
from service.settings import Settings
from service.storage.engine import migrate
from tests.service.conftest import NOW, hand_made_model, hand_made_tables
from tests.service.test_pages_in_browser import PASSWORD, listening
from tests.service.worked_lists import HEAD_OFFICE, worked_list

COPIES, LONG, SHORT = 6, 100, 12
ELSEWHERE, FAR_AREA = "LTSA-NTT", "53.01"
"""An office that shares no placement with the lists, and where its own placements come from."""
STRANGER: Final = "stranger"
"""Who is looked for in the HTML of others: the inspector of ELSEWHERE."""
NOBODY: Final = "nobody"
"""Who has not signed in."""
OFFICES: Final[Mapping[str, tuple[str, str | None]]] = {
    INSPECTOR: (INSPECTOR, HEAD_OFFICE),
    SUPERVISOR: (SUPERVISOR, HEAD_OFFICE),
    NATIONAL: (NATIONAL, None),
    ANALYST: (ANALYST, None),
    ADMIN: (ADMIN, None),
    STRANGER: (INSPECTOR, ELSEWHERE),
}
"""Role and office of each user, by the name that tests call them."""


@dataclass
class World:
    """Where everything is; `sent` are the bytes of every answer so far."""

    running: Running
    address: str
    sent: list[int]
    users: Mapping[str, str]
    key: str
    worked: str
    long: str
    draft: str

    def path(self, template: str) -> str:
        """Fill the numbers of this world into an address."""
        names = {"worked": self.worked, "long": self.long, "draft": self.draft, "user": self.users[INSPECTOR]}
        return template.format(**names, key=self.key)


def copies_of_the_small_world() -> schema.Tables:
    """Several times the small world, each row with a number of its own, and every tenth row from FAR_AREA."""
    small = hand_made_tables()
    parts = [
        small.placements.assign(placement_id=f"PMI-{copy}" + small.placements["placement_id"], registered_on=day)
        for copy, day in enumerate(pd.date_range("2025-01-10", periods=COPIES, freq="30D"))
    ]
    placements = pd.concat(parts, ignore_index=True)
    far = placements.index % 10 == 0
    placements = placements.assign(
        origin=placements["origin"].mask(far, FAR_AREA),
        recorded_at=placements["registered_on"] + pd.Timedelta(days=1),
    )
    named = {
        name: getattr(small, name).assign(placement_id="PMI-0" + getattr(small, name)["placement_id"])
        for name in ("events", "inspections")
    }
    return schema.Tables(schema.conform("placements", placements), **named)


def two_releases(folder: Path) -> Path:
    """Write two releases, the second in use; return their folder."""
    keys = load_or_create_keys(folder / "keys")
    for name in ("release-1", "release-2"):
        write_release(hand_made_model(), folder / "champion", private_key=keys.private, release_id=name, created_at=NOW)
    return folder / "champion"


def counted(app: ASGIApp, sent: list[int]) -> ASGIApp:
    """The application, with the bytes of its answers written down."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        async def count(message: Message) -> None:
            sent.append(len(message.get("body", b"")) + sum(len(k) + len(v) + 4 for k, v in message.get("headers", ())))
            await send(message)

        await app(scope, receive, count)

    return counting


def issued_list(running: Running, visits: int, *, seed: int, issue: bool = True) -> str:
    """Draw a list of HEAD_OFFICE, issue it unless told otherwise, and return its number."""
    national = Principal("user:test", NATIONAL)
    wanted = Wanted(visits, HEAD_OFFICE, "placement", seed)
    stored = draw_list(running, wanted, now=utc_now(), by=(national.who, national.role))
    if issue:
        issue_list(running, stored.list_id, caller=national, now=utc_now())
    return stored.list_id


@contextmanager
def browsed_world(folder: Path, settings: Settings) -> Iterator[World]:
    """A real server on all of it."""
    released = two_releases(folder / "releases")
    keys = released.parent / "keys"
    own = {
        "model_dir": released,
        "public_key": keys / "release_key.pub",
        "audit_key_file": keys / "audit.key",  # what the log was last known to be lies beside it
    }
    running = Running(settings.model_copy(update=own))
    migrate(running.engine)
    schema.write_tables(copies_of_the_small_world(), folder)
    import_data_set(running, folder, as_of=None, now=utc_now(), progress=lambda _done, _total, _text: None)
    by = By("user:test", ADMIN, utc_now())
    users = {
        name: create_user(running, NewUser(f"{name}.contoh", role, office, 12, password=PASSWORD), by)[0].user_id
        for name, (role, office) in OFFICES.items()
    }
    key = create_key(running, NewKey("siskop2mi", "placement_system", None, (), 30), by)[0].key_id
    staff = [f"user:{users[name]}" for name in (INSPECTOR, SUPERVISOR)]
    sent: list[int] = []
    with listening(counted(create_app(running), sent)) as address:
        worked_list(running, HEAD_OFFICE, staff, closed=True, seed=4)
        worked = worked_list(running, HEAD_OFFICE, staff, closed=False, seed=1, visits=SHORT)
        yield World(
            running,
            address,
            sent,
            users,
            key,
            worked=worked.list_id,
            long=issued_list(running, LONG, seed=2),
            draft=issued_list(running, SHORT, seed=3, issue=False),
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, make_settings: Callable[..., Settings]) -> Iterator[World]:
    """The one of all tests of a file."""
    folder = tmp_path_factory.mktemp("browsed")
    with browsed_world(folder, make_settings(f"sqlite:///{folder / 'service.db'}")) as world:
        yield world


@contextmanager
def pages_of_readers(browser: Browser, world: World, **of_context: object) -> Iterator[Callable[[str], Page]]:
    """Gives the page in which one of OFFICES is signed in, or NOBODY; each has a browser of their own."""
    contexts: dict[str, BrowserContext] = {}

    def open_page(who: str) -> Page:
        if who not in contexts:
            nobody = who == NOBODY
            contexts[who] = opened(browser, **of_context) if nobody else signed_in(browser, world, who, **of_context)
            contexts[who].new_page()
        return contexts[who].pages[-1]

    yield open_page
    for context in contexts.values():
        context.close()


def opened(browser: Browser, **of_context: object) -> BrowserContext:
    """A browser of its own in which nobody has signed in."""
    return browser.new_context(locale="id-ID", **of_context)  # type: ignore[arg-type]


def signed_in(browser: Browser, world: World, name: str, **of_context: object) -> BrowserContext:
    """A browser of its own in which one of OFFICES has signed in."""
    context = opened(browser, **of_context)
    page = context.new_page()
    sign_in(page, world, name)
    page.close()
    return context


def sign_in(page: Page, world: World, name: str) -> None:
    """Sign one of OFFICES in by the form."""
    page.goto(f"{world.address}/sign-in?next=/account")
    page.get_by_label("Nama masuk").fill(f"{name}.contoh")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(f"{world.address}/account")
