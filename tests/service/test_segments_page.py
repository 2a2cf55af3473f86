"""Does the page of segments say what the figures say, no more, and nothing of small groups?"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from html import unescape
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from risk_model.data.schema import day_after_last_record
from risk_model.data.simulator.simulate import Simulation, simulate
from risk_model.prioritisation.segments import hard_to_supervise
from service.access import ANALYST, INSPECTOR, NATIONAL, ROLES, SUPERVISOR
from service.pages.texts import day
from service.running import Running
from service.settings import Settings
from service.storage.engine import migrate
from tests.service.told_worlds import tell

ClientOf = Callable[..., TestClient]
CELL = re.compile(
    r'<td role="cell" class="(\w+)" data-label="([^"]+)"><a href="([^"]+)">(\d+)% <span>\((\d+)–(\d+)\)</span></a>'
)
EFFECTS = re.compile(
    r"\b(menyebabkan|mengakibatkan|karena itu|berkat|akibat|causes?|leads? to|because|due to|effect)\b", re.I
)
AS_OF = pd.Timestamp("2025-01-01")
MOST_QUERIES = 8


@pytest.fixture(scope="module")
def world() -> Simulation:
    return simulate("hidden", reporting="rich", placements=2_000, random_state=5)


@pytest.fixture(scope="module")
def told(databases: Any, make_settings: Callable[..., Settings], world: Simulation) -> Iterator[Running]:
    """A service that was told of the world; nobody tells it more."""
    running = Running(make_settings(databases.new()))
    migrate(running.engine)
    tell(running.engine, world.tables, as_of=AS_OF.to_pydatetime())
    yield running
    running.close()


@pytest.fixture(scope="module")
def reader(told: Running, client_of: ClientOf) -> TestClient:
    return client_of(told, NATIONAL)


def percent(share: float) -> str:
    return str(int(100 * share + 0.5))


def test_the_matrix_holds_the_rates_and_limits_of_the_segments(reader: TestClient) -> None:
    answer = reader.get("/v1/segments?by=destination,sector").json()["segments"]
    cells = {}
    for kind, _, href, rate, low, high in CELL.findall(reader.get("/segments?lang=en").text):
        chosen = dict(part.split("=") for part in unescape(href).removeprefix("?").split("&"))
        cells[chosen["destination"], chosen["sector"]] = (rate, low, high, kind == "guess")
    expected = {}
    for each in answer:
        codes = tuple(part["code"] for part in each["cell"])
        if codes[1] != "(other)":
            figures = (percent(each[name]) for name in ("rate", "low", "high"))
            expected[codes] = (*figures, each["list_visits"] is None)
    assert len(expected) > 10
    assert {codes: cell for codes, cell in cells.items() if codes[1] != "%28other%29"} == expected


def test_both_pages_say_until_when_their_data_reach(reader: TestClient) -> None:
    until = day(datetime.fromisoformat(reader.get("/v1/segments?by=destination,sector").json()["as_of"]), "en")
    for address in ("/segments", "/segments/hard-to-supervise"):
        assert f"Data until {until}." in reader.get(f"{address}?lang=en").text


@pytest.mark.parametrize(
    ("asked", "rows", "columns"),
    [
        ("", "Destination", "Sector"),
        ("?destination=MYS", "Certification", "Sector"),
        ("?sector=domestic", "Destination", "Certification"),
        ("?certification_level=(declared)", "Destination", "Sector"),
    ],
)
def test_a_filter_turns_the_matrix_to_the_other_two(reader: TestClient, asked: str, rows: str, columns: str) -> None:
    page = reader.get(f"/segments{asked}{'&' if asked else '?'}lang=en").text
    assert f'id="matrix">{rows} × {columns}<' in page


def test_two_filters_leave_the_figures_of_those_segments_alone(reader: TestClient) -> None:
    page = reader.get("/segments?destination=MYS&sector=domestic&lang=en").text
    assert 'id="matrix"' not in page
    names = re.findall(r'scope="row">([^<]+)</th>', page)
    assert names
    assert all(name.startswith("Malaysia · Domestic") for name in names)
    assert '<option value="MYS" selected>' in page


def test_filters_that_leave_nothing_are_a_page_too(reader: TestClient) -> None:
    page = reader.get("/segments?destination=%3Ci%3Ex&lang=en").text
    assert "No segment is large enough" in page
    assert "<i>x" not in page


def test_what_rests_on_fewer_than_ten_is_said_and_not_shown(reader: TestClient) -> None:
    page = reader.get("/segments?lang=en").text
    assert "&lt;10" in page
    assert "fewer than 10 placements and put together" in re.sub(r"\s+", " ", page)
    counts = re.findall(
        r'data-label="(?:Placements|Visits from lists|Visits officers chose)">(?:<a [^>]*>)?([\d,]+)', page
    )
    assert counts
    assert all(int(count.replace(",", "")) >= 10 and int(count.replace(",", "")) % 5 == 0 for count in counts)


@pytest.mark.parametrize("address", ["/segments", "/segments/hard-to-supervise"])
def test_a_rate_that_is_not_shown_cannot_be_read_as_less_than_ten(reader: TestClient, address: str) -> None:
    page = reader.get(f"{address}?lang=en").text
    rates = re.findall(r'data-label="((?!Visits from lists|Visits officers chose)[^"]+)">([^<]*)</td>', page)
    assert ("Complaints per 1,000", "too few") in rates
    assert not [name for name, value in rates if value == "&lt;10"]


def test_the_figures_go_together_and_bring_nothing_about(reader: TestClient) -> None:
    for address in ("/segments", "/segments/hard-to-supervise"):
        for language, said in (("id", "menyertai ciri segmen"), ("en", "go together with what a segment is")):
            page = reader.get(f"{address}?lang={language}").text
            assert said in page
            main = page[page.index("<main") : page.rindex('class="note"')]
            assert EFFECTS.findall(re.sub(r"<[^>]+>", " ", main)) == []


def test_visits_of_a_segment_open_its_rows_for_who_supervises(told: Running, client_of: ClientOf) -> None:
    national = client_of(told, NATIONAL).get("/segments").text
    link = re.search(r'href="(/supervision/rows\?destination=[A-Z]{3}&amp;sector=\w+&amp;found=reached)"', national)
    assert link is not None
    assert client_of(told, NATIONAL).get(unescape(link[1])).status_code == 200
    assert "/supervision/rows" not in client_of(told, INSPECTOR, "BP3MI-NTT").get("/segments").text


def test_reasons_for_hard_supervision_stand_side_by_side_as_the_library_says(
    world: Simulation, reader: TestClient
) -> None:
    date = day_after_last_record(world.tables)
    frame = hard_to_supervise(world.tables, max(date, AS_OF), by=("sector",))
    page = reader.get("/segments/hard-to-supervise?lang=en").text
    rows = re.findall(r'scope="row">[^<]+</th>(.*?)</tr>', page, re.DOTALL)
    shown = [re.findall(r"<td [^>]*>(.*?)</td>", row) for row in rows]
    assert [row[0] for row in shown] == [f"{100 * width:.0f} points" for width in frame["interval_width"]]
    assert [row[1].split("%")[0] for row in shown] == [percent(rate) for rate in frame["rate"]]
    whole = [f"{int(n):,}" if pd.notna(n) else "too few" for n in frame["visits_per_1000"]]
    assert [row[2] for row in shown] == whole
    assert f"Data until {day(max(date, AS_OF), 'en')}." in page
    assert reader.get("/segments/hard-to-supervise?by=destination").status_code == 200
    assert reader.get("/segments/hard-to-supervise?by=sex").status_code == 422


@pytest.mark.parametrize("role", ROLES)
def test_staff_and_analysts_see_segments(told: Running, client_of: ClientOf, role: str) -> None:
    client = client_of(told, role, "BP3MI-NTT" if role in (INSPECTOR, SUPERVISOR) else None)
    allowed = role in (INSPECTOR, SUPERVISOR, NATIONAL, ANALYST)
    for address in ("/segments", "/segments/hard-to-supervise"):
        assert client.get(address).status_code == (200 if allowed else 403)


def test_before_an_import_there_is_nothing_to_show(empty: Running, client_of: ClientOf) -> None:
    assert client_of(empty).get("/segments").status_code == 409
    assert client_of(empty).get("/segments/hard-to-supervise").status_code == 409


@pytest.mark.parametrize("address", ["/segments", "/segments/hard-to-supervise"])
def test_a_page_that_was_made_once_takes_few_queries(told: Running, client_of: ClientOf, address: str) -> None:
    client, seen = client_of(told, NATIONAL), []
    client.get(address)

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(told.engine, "before_cursor_execute", note)
    client.get(address)
    event.remove(told.engine, "before_cursor_execute", note)
    assert 0 < len(seen) <= MOST_QUERIES
