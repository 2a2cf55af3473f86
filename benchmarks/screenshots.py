"""What does every page look like, on a phone and on a desk, in light and dark?

    python -m benchmarks.screenshots [--out var/screenshots] [--placements 60000] [--images docs/images]

Simulates a register, starts a service on a database that is thrown away, records visits, signs in by
each role, and photographs every page that the header and the list lead to. Needs Chromium
(`CHROMIUM`, /usr/bin/chromium by default). The release in models/champion is used where there is one,
else the published rule. With `--images` the two small pictures of the README are written as well.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from service.app import create_app
from service.importing import import_data_set
from service.managing_people import By, NewKey, NewUser, create_key, create_user
from service.running import Running, utc_now
from service.settings import Settings
from service.storage.engine import migrate

OFFICE, PASSWORD = "BP3MI-NTT", "kuda-lumping-berderap"
ROLES = {"inspector": OFFICE, "supervisor": OFFICE, "national": None, "analyst": None, "admin": None}
BELOW = {
    "/supervision": {"supervision-rows": "/supervision/rows"},
    "/areas": {"area": "/areas/53.11"},
    "/segments": {"segments-filtered": "/segments?destination=MYS", "segments-hard": "/segments/hard-to-supervise"},
    "/people": {"people-new": "/people#new"},
    "/audit": {"audit-verified": "/audit?verify=1"},
}
"""Pages that a page of the header leads to, by name."""
SIZES = {360: 740, 1280: 900}
SCHEMES = ("light", "dark")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CAPACITY, VISITED, EARLIER = 40, 16, 120
"""Visits of the list at work, those of them that were made, and those of the list before it, all made."""
OUTCOMES: tuple[dict[str, Any], ...] = (
    {"outcome": "harm_found", "category": "gaji_tidak_dibayar", "severity": 2},
    {"outcome": "no_harm_found"},
    {"outcome": "no_harm_found"},
)
MOST_BYTES = 60_000
"""What a picture of the README may weigh."""
COLOURS = (128, 64, 32, 16)


def main() -> None:
    """Photograph every page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--images", type=Path, help="write the README's two pictures into this folder")
    parser.add_argument("--placements", type=int, default=60_000)
    parser.add_argument("--data", type=Path, help="a simulated data set that is there already")
    parser.add_argument("--model-dir", type=Path, default=Path("models/champion"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = asked.data or simulated(Path(folder) / "data", asked.placements)
        running = Running(Settings(database_url=f"sqlite:///{folder}/service.db", model_dir=asked.model_dir))
        with served(filled(running, data)) as address, sync_playwright() as playwright:
            listed = worked(running, address)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            taken = sum(visit(browser, address, role, listed, asked.out) for role in ROLES)
            browser.close()
    print(f"{taken} pictures in {asked.out}")
    if asked.images:
        keep_small(asked.out, asked.images)


def simulated(folder: Path, placements: int) -> Path:
    """Return a folder with a simulated register that ends with last month, as fresh as an office's own."""
    program = [str(Path(sys.executable).with_name("risk-model")), "simulate", "--out", str(folder)]
    numbers = ["--placements", str(placements), "--seed", "7", "--world", "hidden", "--reporting", "rich"]
    until = ["--until", utc_now().date().replace(day=1).isoformat()]
    subprocess.run([*program, *numbers, *until], check=True)
    return folder


def filled(running: Running, data: Path) -> Running:
    """Fill the database with the register and one user of each role."""
    migrate(running.engine)
    import_data_set(running, data, as_of=None, now=utc_now(), progress=lambda _done, _total, text: print(text))
    by = By("user:screenshots", "admin", utc_now())
    for role, office in ROLES.items():
        create_user(running, NewUser(f"demo.{role}", role, office, password=PASSWORD), by)
    return running


@contextmanager
def served(running: Running) -> Iterator[str]:
    """Give the address of a real server in this process."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(running), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listening.close()


def worked(running: Running, address: str) -> str:
    """Issue two lists, record visits to all rows of the first and some of the second; return the second's number."""
    by = By("user:screenshots", "admin", utc_now())
    _, secret = create_key(running, NewKey("screenshots", "national", None, (), 1), by)
    supervisor = httpx2.Client(base_url=address, timeout=120, headers={"Authorization": f"Bearer {secret}"})
    officer = httpx2.Client(base_url=address, timeout=120)
    told = officer.post("/v1/sessions", json={"login": "demo.inspector", "password": PASSWORD})
    told.raise_for_status()
    officer.headers["X-Form-Token"] = told.json()["form_token"]
    recorded(supervisor, officer, capacity=EARLIER, visits=EARLIER, seed=2)
    return recorded(supervisor, officer, capacity=CAPACITY, visits=VISITED, seed=1)


def recorded(supervisor: httpx2.Client, officer: httpx2.Client, *, capacity: int, visits: int, seed: int) -> str:
    """Issue a list, record visits to its first rows, and return its number."""
    wanted = {"capacity": capacity, "office": OFFICE, "seed": seed, "issue": True}
    made = supervisor.post("/v1/priority-lists", json=wanted)
    made.raise_for_status()
    list_id = str(made.json()["list_id"])
    for row in made.json()["rows"][:visits]:
        told = {"list_id": list_id, "rank": row["rank"], "visited_at": utc_now().date().isoformat()}
        body = {**told, **OUTCOMES[row["rank"] % len(OUTCOMES)]}
        key = {"Idempotency-Key": f"screenshots-{list_id}-{row['rank']}"}
        officer.post("/v1/inspections", json=body, headers=key).raise_for_status()
    return list_id


def visit(browser: Browser, address: str, role: str, listed: str, out: Path) -> int:
    """Photograph the pages that one role can open, at every size and in both schemes; return how many."""
    taken = 0
    for scheme in SCHEMES:
        for width, height in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, locale="id-ID"
            )
            page = context.new_page()
            sign_in(page, address, role, out / f"sign-in-{width}-{scheme}.png")
            for name, path in pages_of(page, listed).items():
                page.goto(f"{address}{path}", wait_until="load")
                page.screenshot(path=out / f"{role}-{name}-{width}-{scheme}.png", full_page=True)
                taken += 1
            context.close()
    return taken


def sign_in(page: Page, address: str, role: str, picture: Path) -> None:
    """Sign in by the form, which is photographed too."""
    page.goto(f"{address}/sign-in?next=/account")
    page.screenshot(path=picture, full_page=True)
    page.get_by_label("Nama masuk").fill(f"demo.{role}")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{address}/account")


def pages_of(page: Page, listed: str) -> dict[str, str]:
    """Return name and path of each page that the header leads to, of the list and what hangs on it."""
    links = page.locator("nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    found = {link.strip("/").replace("/", "-") or "newest": link for link in links}
    found |= {name: path for link in links for name, path in BELOW.get(link, {}).items()}
    found |= {"account": "/account", "not-found": "/lists/none"}
    if "/" in links:
        of_list = {
            "list": "",
            "list-filtered": "?status=open&find=none",
            "print": "/print",
            "row": "/rows/20",
            "done": "/rows/1",
        }
        found |= {name: f"/lists/{listed}{rest}" for name, rest in of_list.items()}
    if "/supervision" in links and "/" in links:
        found["close"] = f"/lists/{listed}/close"
    return found


def keep_small(taken: Path, images: Path) -> None:
    """Write the README's pictures: a list on a phone and on a desk, the upper part, in few colours."""
    images.mkdir(parents=True, exist_ok=True)
    for name, width, height in (("list-phone", 360, 1240), ("list-desk", 1280, 760)):
        whole = Image.open(taken / f"inspector-list-{width}-light.png").convert("RGB")
        part = whole.crop((0, 0, width, min(height, whole.height)))
        (images / f"{name}.png").write_bytes(next(small for small in smaller(part) if len(small) <= MOST_BYTES))


def smaller(picture: Image.Image) -> Iterator[bytes]:
    """Yield a picture as PNG in fewer and fewer colours, then in half its size."""
    for each in (picture, picture.resize((picture.width // 2, picture.height // 2))):
        for colours in COLOURS:
            buffer = io.BytesIO()
            each.quantize(colours).save(buffer, format="png", optimize=True)
            yield buffer.getvalue()


if __name__ == "__main__":
    main()
