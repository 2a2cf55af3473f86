"""Does the page of areas show where harm comes home, beside what is recorded, and small groups to nobody?"""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select, update
from starlette.testclient import TestClient

from risk_model import vocabulary
from service.access import ANALYST, INSPECTOR, NATIONAL, ROLES, SUPERVISOR
from service.pages import areas_view
from service.pages.rendering import SERVICE
from service.running import Running
from service.tables.keeping import audit_log
from service.tables.register import area_events, placements, scores

ClientOf = Callable[..., TestClient]
NTT_KABUPATEN = 22
SHEET = SERVICE / "static" / "style.css"
TILE = re.compile(r'<li class="t(\d{4})"><a class="tile (\w+)" href="#a-([\d.]+)">(.*?)</a></li>', re.DOTALL)


@pytest.fixture
def page(client: TestClient) -> str:
    client.cookies.clear()
    return client.get("/areas").text


def line(page: str, name: str) -> list[str]:
    """The figures of one area in the table."""
    row = re.search(rf'scope="row">{name}</th>(.*?)</tr>', page, re.DOTALL)
    assert row is not None, name
    cells = re.findall(r"<td [^>]*>(.*?)</td>", row[1], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def test_every_kabupaten_of_ntt_has_one_tile_that_leads_to_its_row(page: str) -> None:
    tiles = TILE.findall(page)
    known = {code for code in vocabulary.table("areas") if re.fullmatch(r"53\.\d\d", code)}
    assert len(tiles) == len(known) == NTT_KABUPATEN
    assert {anchor for _, _, anchor, _ in tiles} == known
    assert all(code == anchor.replace(".", "") for code, _, anchor, _ in tiles)
    assert all(f'id="a-{anchor}"' in page for _, _, anchor, _ in tiles)


def test_each_tile_has_a_place_of_its_own_on_wide_screens_and_on_phones() -> None:
    sheet = SHEET.read_text(encoding="utf-8")
    for code in areas_view.TILES:
        assert len(re.findall(rf"\.t{code.replace('.', '')} {{ grid-area", sheet)) == 2
    places = re.findall(r"\.t\d{4} { grid-area: (\d+ / \d+); }", sheet)
    wide, phone = places[:NTT_KABUPATEN], places[NTT_KABUPATEN:]
    assert len(set(wide)) == len(set(phone)) == NTT_KABUPATEN


def test_a_tile_and_its_row_tell_the_same_events_and_placements(page: str) -> None:
    told = {anchor: re.sub(r"<[^>]+>", " ", inside).split() for _, _, anchor, inside in TILE.findall(page)}
    assert told["53.21"][:5] == ["Malaka", "1", "kematian", "1", "deportasi"]
    assert line(page, "Kabupaten Malaka")[:4] == ["1", "1", "0", "0"]
    assert line(page, "Kabupaten Sumba Timur")[:4] == ["0", "0", "0", "21"]


def test_the_band_is_that_of_the_mean_risk_and_is_not_shown_under_ten(running: Running, client_of: ClientOf) -> None:
    with running.engine.begin() as connection:
        here = select(placements.c.placement_id).where(placements.c.origin == "53.11")
        connection.execute(update(scores).where(scores.c.placement_id.in_(here)).values(risk=0.5, band="very_high"))
        few = select(placements.c.placement_id).where(placements.c.origin == "53.18").limit(12)
        moved = list(connection.execute(few).scalars())
        connection.execute(update(scores).where(scores.c.placement_id.in_(moved)).values(risk=0.0))
        connection.execute(update(placements).where(placements.c.placement_id.in_(moved)).values(origin="53.11"))
    page = client_of(running).get("/areas").text
    bands = {anchor: band for _, band, anchor, _ in TILE.findall(page)}
    assert bands["53.11"] == "high"  # the mean of 21 at 0.5 and 12 at 0
    assert bands["53.18"] == "unknown"
    assert line(page, "Kabupaten Sumba Barat Daya")[3:6] == ["8", "kurang dari 10", "–"]


def test_another_province_is_a_table_without_tiles(client: TestClient, page: str) -> None:
    assert '<option value="35">' in page
    java = client.get("/areas?province=35").text
    assert TILE.findall(java) == []
    assert line(java, vocabulary.label("areas", "35.07", "id"))[3] == "20"
    assert "Malaka" not in java
    assert TILE.findall(client.get("/areas?province=99").text) != []


def test_numbers_open_the_events_and_placements_of_the_area(client: TestClient, page: str) -> None:
    assert 'href="/areas/53.21#events"' in page
    malaka = client.get("/areas/53.21").text
    assert "Kematian" in malaka
    assert "Deportasi" in malaka
    assert malaka.count('role="rowheader"') == 2
    sumba = client.get("/areas/53.11").text
    assert len(set(re.findall(r"code\">(\d{4})<", sumba))) == 21
    assert "Tidak ada kejadian" in sumba


def test_long_tables_of_placements_come_in_pages(running: Running, client_of: ClientOf) -> None:
    with running.engine.begin() as connection:
        connection.execute(update(placements).values(origin="53.11"))
    client = client_of(running)
    pages = [client.get(f"/areas/53.11?page={number}").text for number in (1, 2, 3)]
    shown = [code for page in pages for code in re.findall(r'code">(\d{4})<', page)]
    assert len(shown) == len(set(shown)) == 61


def test_an_area_outside_the_own_office_does_not_exist(running: Running, client_of: ClientOf) -> None:
    sumba = client_of(running, INSPECTOR, "P4MI-TAMBOLAKA")
    assert sumba.get("/areas/53.11").status_code == 200
    for elsewhere in ("53.21", "53", "35.07", "nowhere", "53.99"):
        assert sumba.get(f"/areas/{elsewhere}").status_code == 404, elsewhere
    assert "/areas/53.21" not in sumba.get("/areas").text
    assert client_of(running, SUPERVISOR, "BP3MI-NTT").get("/areas/53.21").status_code == 200


def test_an_analyst_sees_no_person_and_no_village(running: Running, client_of: ClientOf) -> None:
    page = client_of(running, ANALYST).get("/areas/53.21").text
    assert "Kabupaten Malaka" in page
    assert vocabulary.label("areas", "53.21.01", "id") not in page
    assert re.findall(r"code\">(\d{4})<", client_of(running, ANALYST).get("/areas/53.11").text) == []
    assert vocabulary.label("areas", "53.21.01", "id") in client_of(running, NATIONAL).get("/areas/53.21").text


def test_reading_placements_of_an_area_is_written_down(running: Running, client_of: ClientOf) -> None:
    client_of(running, NATIONAL).get("/areas/53.11")
    client_of(running, ANALYST).get("/areas/53.11")
    query = select(audit_log.c.object).where(audit_log.c.action == "area.read")
    with running.engine.connect() as connection:
        assert connection.execute(query).scalars().all() == ["53.11"]


@pytest.mark.parametrize("role", ROLES)
def test_staff_and_analysts_see_areas(running: Running, client_of: ClientOf, role: str) -> None:
    office = "BP3MI-NTT" if role in (INSPECTOR, SUPERVISOR) else None
    allowed = role in (INSPECTOR, SUPERVISOR, NATIONAL, ANALYST)
    assert client_of(running, role, office).get("/areas").status_code == (200 if allowed else 403)


def test_the_page_speaks_both_languages_and_without_data_says_so(
    client: TestClient, empty: Running, client_of: ClientOf
) -> None:
    english = client.get("/areas?lang=en").text
    assert "Tile map of East Nusa Tenggara" in english
    assert "Malaka Regency" in english
    client.cookies.clear()
    assert "Tidak ada kejadian" in client_of(empty).get("/areas").text


def test_an_area_is_never_markup(running: Running, client_of: ClientOf) -> None:
    odd = {"deaths": 1, "deportations": 0, "interceptions": 0, "total": 1, "recorded_placements": 0}
    with running.engine.begin() as connection:
        connection.execute(insert(area_events), {"area": "53.<b>", **odd})
    page = client_of(running).get("/areas").text
    assert "<b>" not in page
