"""Does a supervisor see how the visits go, what the order is worth, and nothing of other offices?"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from html import unescape
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event, select, update
from starlette.testclient import TestClient

from risk_model.prioritisation.yield_ratio import risk_against_random
from service.access import ANALYST, INSPECTOR, NATIONAL, ROLES, SUPERVISOR
from service.pages import (
    areas_view,
    paging,
    segments_view,
    supervision_figures,
    supervision_rows_view,
    supervision_view,
    texts,
)
from service.pages.rendering import SERVICE
from service.pages.supervision_figures import Reading, missed_figure
from service.payloads.prevalence import EXAMPLE, Prevalence
from service.running import Running
from service.settings import Settings
from service.tables.happenings import inspections
from service.tables.keeping import audit_log
from service.tables.lists import list_rows, row_states
from service.tables.people import users
from tests.service.worked_lists import HEAD_OFFICE, POST, staff, worked_list

ClientOf = Callable[..., TestClient]
PLAIN_NUMBER = re.compile(r'<a href="(/supervision/rows[^"]*)">([\d.,]+)</a>')
COUNTED = re.compile(r'<span class="quiet">([\d.,]+) (?:baris|rows)</span>')
MOST_QUERIES = 14


@pytest.fixture(scope="module")
def worked(databases: Any, filled: str, make_settings: Callable[..., Settings]) -> Iterator[Running]:
    """Two offices with lists on which visits were made; tests that write to it take a copy."""
    running = Running(make_settings(databases.new(copy_of=filled), random_share=0.2))
    known = staff(
        running,
        {
            "dewi.bere": (INSPECTOR, HEAD_OFFICE, 3),
            "yosef.kana": (INSPECTOR, HEAD_OFFICE, None),
            "umbu.nggili": (INSPECTOR, POST, 15),
        },
    )
    own, other = [known["dewi.bere"], known["yosef.kana"]], [known["umbu.nggili"]]
    worked_list(running, HEAD_OFFICE, own, closed=False, seed=1)
    for seed in (2, 3, 4):
        worked_list(running, HEAD_OFFICE, own, closed=True, seed=seed)
    worked_list(running, POST, other, closed=False, seed=5)
    yield running
    running.close()


@pytest.fixture(scope="module")
def of_head_office(worked: Running, client_of: ClientOf) -> TestClient:
    return client_of(worked, SUPERVISOR, HEAD_OFFICE)


@pytest.fixture
def supervisor(of_head_office: TestClient) -> TestClient:
    """A supervisor who has not chosen a language yet."""
    of_head_office.cookies.clear()
    return of_head_office


def rows_of(running: Running, *offices: str) -> pd.DataFrame:
    """The rows of the lists of these offices, with what the visit found, read without the code under test."""
    query = (
        select(list_rows.c.list_id, list_rows.c.rank, list_rows.c.arm, row_states, inspections.c.outcome)
        .join(row_states, (row_states.c.list_id == list_rows.c.list_id) & (row_states.c.rank == list_rows.c.rank))
        .join(
            inspections,
            (inspections.c.list_id == list_rows.c.list_id) & (inspections.c.rank == list_rows.c.rank),
            isouter=True,
        )
        .where(row_states.c.office.in_(offices))
    )
    with running.engine.connect() as connection:
        found = [dict(row) for row in connection.execute(query).mappings()]
    frame = pd.DataFrame(found)
    return frame.assign(found=frame["outcome"].map({"harm_found": 1.0, "no_harm_found": 0.0}))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("address", ["/supervision", "/supervision/rows"])
def test_who_supervises_sees_the_page_and_nobody_else(
    worked: Running, client_of: ClientOf, role: str, address: str
) -> None:
    office = HEAD_OFFICE if role in (INSPECTOR, SUPERVISOR) else None
    allowed = role in (SUPERVISOR, NATIONAL, ANALYST)
    assert client_of(worked, role, office).get(address).status_code == (200 if allowed else 403)


@pytest.mark.parametrize(("role", "office"), [(SUPERVISOR, HEAD_OFFICE), (NATIONAL, None), (ANALYST, None)])
def test_every_number_opens_exactly_its_rows(
    worked: Running, client_of: ClientOf, role: str, office: str | None
) -> None:
    client = client_of(worked, role, office)
    links = set(PLAIN_NUMBER.findall(client.get("/supervision?months=24").text))
    assert len(links) > 15
    for href, number in links:
        opened = COUNTED.search(client.get(unescape(href)).text)
        assert opened is not None, href
        if "work=placements" not in href:  # what an estimate rests on is counted in other ways
            assert opened[1] == number, href


def test_the_workload_names_inspectors_and_says_who_has_more_than_fits_a_month(supervisor: TestClient) -> None:
    page = supervisor.get("/supervision").text
    load = re.search(r'scope="row">dewi\.bere.*?</tr>', page, re.DOTALL)
    assert load is not None
    assert "melebihi kapasitas" in load[0]
    assert "Belum dibagikan" in page
    free = re.search(r'scope="row">yosef\.kana.*?</tr>', page, re.DOTALL)
    assert free is not None
    assert "tidak dinyatakan" in free[0]


def test_the_counts_of_an_inspector_are_those_of_the_rows(worked: Running, supervisor: TestClient) -> None:
    with worked.engine.connect() as connection:
        user = connection.execute(select(users.c.user_id).where(users.c.login == "dewi.bere")).scalar_one()
    rows = rows_of(worked, HEAD_OFFICE)
    at_work = rows[rows["status"].isin(["open", "accepted", "deferred", "not_reached"])]["list_id"].unique()
    own = rows[rows["list_id"].isin(at_work) & (rows["inspector"] == f"user:{user}")]
    load = re.search(r'scope="row">dewi\.bere.*?</tr>', supervisor.get("/supervision").text, re.DOTALL)
    assert load is not None
    shown = dict(re.findall(r'data-label="([^"]+)">(?:<a [^>]*>)?(\d+)', load[0]))
    expected = {"Baris": len(own), **{name: int((own["status"] == code).sum()) for code, name in NAMES.items()}}
    assert {name: int(number) for name, number in shown.items() if name in expected} == expected


NAMES = {"visited": "Dikunjungi", "accepted": "Diterima", "open": "Belum diambil", "deferred": "Ditunda"}


def test_what_the_order_found_against_chance_is_what_the_library_says_of_the_rows(
    worked: Running, supervisor: TestClient
) -> None:
    ratio = risk_against_random(rows_of(worked, HEAD_OFFICE, POST))
    assert ratio is not None
    page = supervisor.get("/supervision?lang=en").text
    value = f"{ratio.ratio:.1f}× ({ratio.low:.1f}–{ratio.high:.1f})"
    assert f"Visits chosen by the order found harm {value} as often as chance would have." in page


def test_where_too_few_were_visited_by_chance_the_page_says_what_the_estimate_says(supervisor: TestClient) -> None:
    answer = supervisor.get("/v1/prevalence?months=12").json()
    assert answer["status"] == "not_enough_data"
    told = answer["says_en"].removeprefix("Not enough data: ")
    assert f"{told[0].upper()}{told[1:]}" in supervisor.get("/supervision?lang=en").text


def test_harm_missed_is_said_with_its_interval_and_with_what_it_leaves_out() -> None:
    answer = Prevalence.model_validate(EXAMPLE)
    reading = Reading(texts.words("id"), "id", lambda **filters: "?" + "&".join(filters.values()), names_arms=False)
    figure = missed_figure(answer, reading)
    assert figure.value == "996 (766–1.256)"
    assert "Diperkirakan 996 (766–1.256) penempatan per daftar" in figure.says
    assert "pekerja tanpa catatan penempatan" in " ".join(figure.notes)
    assert [detail.number.link for detail in figure.details[:1]] == ["?placements&yes"]


def test_few_visits_give_no_number_but_a_sentence(worked: Running, client_of: ClientOf) -> None:
    page = client_of(worked, SUPERVISOR, POST).get("/supervision?lang=en").text
    figures = page[page.index('id="worth"') : page.index('id="overrides"')]
    assert figures.count("Not enough data") >= 3
    assert "10 visits that reached somebody" in figures
    assert "×" not in figures


def test_overrides_are_counted_by_reason_with_what_they_found(worked: Running, supervisor: TestClient) -> None:
    rows = rows_of(worked, HEAD_OFFICE, POST)
    raised = rows[rows["priority"] == "raised"]
    line = re.search(r'scope="row">Kondisi pekerja mendesak.*?</tr>', supervisor.get("/supervision").text, re.DOTALL)
    assert line is not None
    shown = [int(number) for number in re.findall(r">(\d+)<", line[0])]
    assert shown == [len(raised), 0, int(raised["found"].notna().sum()), int(raised["found"].sum())]


def test_a_row_without_a_group_figure_in_the_release_is_never_called_fair(supervisor: TestClient) -> None:
    page = supervisor.get("/supervision?lang=en").text
    fairness = page[page.index("Fairness between groups") :][:400]
    assert "Not enough data" in fairness
    assert "carries no figures by group" in fairness


def test_nothing_of_other_offices_is_in_the_page(worked: Running, client_of: ClientOf) -> None:
    post = client_of(worked, SUPERVISOR, POST)
    hidden = {*rows_of(worked, HEAD_OFFICE)["list_id"], "dewi.bere", "yosef.kana", HEAD_OFFICE}
    for address in ("/supervision", "/supervision?months=24", "/supervision/rows", "/supervision/rows?found=reached"):
        page = post.get(address).text
        assert not [text for text in hidden if text in page], address
    assert "umbu.nggili" in post.get("/supervision").text
    assert post.get(f"/supervision?office={HEAD_OFFICE}").status_code == 404
    assert post.get(f"/supervision/rows?office={HEAD_OFFICE}").status_code == 404
    of_another = next(iter(set(rows_of(worked, HEAD_OFFICE)["list_id"])))
    assert COUNTED.search(post.get(f"/supervision/rows?list_id={of_another}").text)[1] == "0"  # type: ignore[index]


def test_an_office_inside_the_own_one_is_seen_and_can_be_chosen(supervisor: TestClient) -> None:
    assert "umbu.nggili" in supervisor.get("/supervision").text
    assert "dewi.bere" not in supervisor.get(f"/supervision?office={POST}").text


def test_a_row_that_was_handed_over_is_seen_by_the_office_that_has_it_now(
    running: Running, client_of: ClientOf
) -> None:
    list_id = worked_list(running, HEAD_OFFICE, ["user:x"], closed=False, seed=1).list_id
    with running.engine.begin() as connection:
        handed = (row_states.c.list_id == list_id) & (row_states.c.rank == 3)
        connection.execute(update(row_states).where(handed).values(office=POST))
    page = client_of(running, SUPERVISOR, POST).get(f"/supervision/rows?list_id={list_id}").text
    assert page.count('role="rowheader"') == 1
    assert "#3" in page


def test_how_a_row_was_chosen_is_told_to_who_may_read_the_design_alone(
    worked: Running, client_of: ClientOf, supervisor: TestClient
) -> None:
    for page in (supervisor.get("/supervision").text, supervisor.get("/supervision/rows").text):
        assert not re.search(r"\b(arm|random|coverage|mandatory|inclusion)\b", page)
    assert supervisor.get("/supervision/rows?arm=random").status_code == 403
    national = client_of(worked, NATIONAL)
    opened = COUNTED.search(national.get("/supervision/rows?arm=random").text)
    assert opened is not None
    assert int(opened[1]) == int((rows_of(worked, HEAD_OFFICE, POST)["arm"] == "random").sum())


def test_progress_by_arm_is_shown_and_opens_rows_for_who_may_read_the_design_alone(
    worked: Running, supervisor: TestClient, client_of: ClientOf
) -> None:
    told = [client.get("/supervision?months=120").text for client in (supervisor, client_of(worked, "national"))]
    shares = [page[page.index('id="arms"') : page.index('id="worth"')] for page in told]
    assert all("By the order" in share or "Menurut urutan" in share for share in shares)
    assert "<a href" not in shares[0]
    assert "arm=risk" in shares[1]


def test_an_analyst_sees_no_person(worked: Running, client_of: ClientOf) -> None:
    analyst = client_of(worked, ANALYST)
    with worked.engine.connect() as connection:
        persons = set(connection.execute(select(list_rows.c.placement_id)).scalars())
    for address in ("/supervision", f"/supervision?office={HEAD_OFFICE}", "/supervision/rows"):
        page = analyst.get(address).text
        assert not any(login in page for login in ("dewi.bere", "yosef.kana", "umbu.nggili")), address
        assert not [person for person in persons if re.search(rf">{person}<", page)], address
    assert analyst.get("/supervision/rows?inspector=-").status_code == 403


def test_who_opens_the_rows_is_written_down(worked: Running, supervisor: TestClient, client_of: ClientOf) -> None:
    before = reads(worked)
    supervisor.get("/supervision/rows?status=visited")
    assert reads(worked) == before + 1
    client_of(worked, ANALYST).get("/supervision/rows")
    assert reads(worked) == before + 1


def reads(running: Running) -> int:
    with running.engine.connect() as connection:
        return len(connection.execute(select(audit_log.c.seq).where(audit_log.c.action == "rows.read")).all())


def test_filters_that_nothing_fits_and_odd_ones_are_pages_too(supervisor: TestClient) -> None:
    assert "Tidak ada baris" in supervisor.get("/supervision/rows?sector=nowhere").text
    odd = supervisor.get("/supervision/rows?status=%3Ci%3Ex").text
    assert "Tidak ada baris" in odd
    assert "<i>x" not in odd
    assert supervisor.get("/supervision/rows?page=99").status_code == 200


def test_long_tables_come_in_pages_that_together_hold_every_row_once(worked: Running, supervisor: TestClient) -> None:
    shown: list[str] = []
    address: str | None = "/supervision/rows?found=reached"
    while address:
        page = supervisor.get(address).text
        shown += re.findall(r"code\">(?:<a [^>]*>)?([\w-]+)(?:</a>)? (#\d+)", page)
        following = re.search(r'href="(\?[^"]*)" rel="next"', page)
        address = f"/supervision/rows{unescape(following[1])}" if following else None
    reached = rows_of(worked, HEAD_OFFICE, POST)["found"].notna().sum()
    assert len(shown) == len(set(shown)) == reached


def test_a_login_is_never_markup(running: Running, client_of: ClientOf) -> None:
    staff(running, {"<b>x</b>": (INSPECTOR, HEAD_OFFICE, 5)})
    worked_list(running, HEAD_OFFICE, ["user:x"], closed=False, seed=1)
    page = client_of(running, SUPERVISOR, HEAD_OFFICE).get("/supervision").text
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


@pytest.mark.parametrize(
    "part",
    [
        *(supervision_figures.Figure, supervision_figures.Detail, supervision_figures.Number),
        *(supervision_view.BarPart, supervision_view.LoadView, supervision_view.ProgressView),
        *(supervision_view.ReasonView, supervision_rows_view.RowLine, paging.Pages),
        *(areas_view.Tile, areas_view.AreaLine, areas_view.EventLine, areas_view.PlacementLine),
        *(segments_view.Cell, segments_view.MatrixRow, segments_view.Matrix, segments_view.SegmentLine),
        *(segments_view.Filter, segments_view.HardLine),
    ],
)
def test_every_part_of_the_pages_of_figures_is_shown_somewhere(part: type) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (SERVICE / "templates").glob("*.html"))
    for field in fields(part):
        assert re.search(rf"\.{field.name}\b", source), f"{part.__name__}.{field.name} is on no page"


def test_before_any_list_the_page_says_so(client: TestClient) -> None:
    page = client.get("/supervision?lang=en").text
    assert "No list is at work." in page
    assert "No rows in this period yet." in page


def test_the_number_of_queries_is_small_and_does_not_grow_with_the_lists(
    worked: Running, shared_running: Running, client_of: ClientOf
) -> None:
    several = counted_queries(worked, client_of(worked, NATIONAL), "/supervision")
    none = counted_queries(shared_running, client_of(shared_running, NATIONAL), "/supervision")
    assert several <= MOST_QUERIES
    assert several - none <= 3  # an estimate that can be made reads the rows and cohorts that it rests on


def counted_queries(running: Running, client: TestClient, address: str) -> int:
    """How many statements one answer takes, after a first one that fills what is kept."""
    client.get(address)
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(running.engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(running.engine, "before_cursor_execute", note)
    return len(seen)
