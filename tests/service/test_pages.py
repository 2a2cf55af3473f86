"""Pages are their dataclass and their template; the list is legible in both languages and tells no arm."""

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jinja2 import meta
from sqlalchemy import update
from starlette.testclient import TestClient

from risk_model.prioritisation import notices as list_notices
from service.pages import list_view, rendering, row_parts, row_view, texts, views
from service.running import Running
from service.settings import Settings
from service.tables import register as tables

ClientOf = Callable[[Running], TestClient]
TEMPLATES = Path(rendering.SERVICE / "templates")
FORBIDDEN = re.compile(r"\b(aman|tanpa risiko|bebas risiko|tidak berisiko|safe|no risk|risk[- ]free)\b", re.IGNORECASE)
FORM = {"office": "BP3MI-NTT", "capacity": "8", "unit": "placement"}


def source_with_parts(name: str) -> str:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    parts = re.findall(r'{% extends "([^"]+)"', source)
    return source + "".join(source_with_parts(part) for part in parts)


def undeclared(source: str) -> set[str]:
    without_extends = re.sub(r"{% extends [^%]+%}", "", source)
    blocks = re.sub(r"{%-? *(end)?block[^%]*%}", "", without_extends)
    return meta.find_undeclared_variables(rendering.environment.parse(blocks))


@pytest.mark.parametrize("view", list(rendering.TEMPLATES), ids=lambda view: view.__name__)
def test_a_template_reads_every_field_of_its_dataclass_and_nothing_else(view: type) -> None:
    assert undeclared(source_with_parts(rendering.TEMPLATES[view])) == {field.name for field in fields(view)}


@pytest.mark.parametrize(
    "view",
    [
        row_parts.RowView,
        row_parts.ReasonView,
        list_view.ListView,
        row_view.Deeds,
        row_view.Result,
        row_view.OtherWay,
        views.Frame,
    ],
)
def test_every_part_of_a_page_is_shown_somewhere(view: type) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    for field in fields(view):
        assert re.search(rf"\.{field.name}\b", source), f"{view.__name__}.{field.name} is on no page"


def test_every_text_a_template_asks_for_exists_in_both_languages() -> None:
    asked = {
        name
        for path in TEMPLATES.glob("*.html")
        for name in re.findall(r"words\.(\w+)", path.read_text(encoding="utf-8"))
    }
    for language in ("id", "en"):
        assert asked <= set(texts.words(language))
    assert all(first.strip() and second.strip() for first, second in texts.WORDS.values())


def test_nothing_promises_that_a_placement_is_without_harm() -> None:
    notice = list_notices.REGISTER_BLIND_SPOT
    said = [*sum(texts.WORDS.values(), ()), notice.text_id, notice.text_en]
    assert [text for text in said if FORBIDDEN.search(text)] == []
    assert texts.words("en")["band_lower_priority"] == "Lower priority"


def test_a_list_is_made_by_form_and_redirect(own_client: TestClient) -> None:
    answer = own_client.post("/lists", data=FORM, follow_redirects=False)
    assert answer.status_code == 303
    page = own_client.get(answer.headers["location"])
    assert page.status_code == 200
    assert "BP3MI Nusa Tenggara Timur" in page.text
    assert "Rancangan dibuat" in page.text
    assert own_client.get("/?office=BP3MI-NTT").text.count("data-row=") == page.text.count("data-row=") == 8


def test_a_row_says_what_an_inspector_needs(own_client: TestClient) -> None:
    page = own_client.post("/lists", data={**FORM, "capacity": "41"}).text
    for said in (
        "Malaysia · Rumah tangga",
        "Sebelum bekerja",
        "Kabupaten Sumba Timur",
        "P3MI-B",
        "Negara tujuan: Malaysia",
        "BP3MI atau P4MI",
        "Data sampai",
        "1 Jan 2026",
        "10 hari",
        "Data simulasi",
        "di luar prosedur",
        "Perdagangan orang",
    ):
        assert said.lower() in page.lower(), said
    whole = own_client.post("/lists", data={**FORM, "office": "", "capacity": "41"}).text
    for said in ("Selama bekerja", "P3MI-A", "Atase ketenagakerjaan"):
        assert said.lower() in whole.lower(), said


def test_english_is_chosen_once_and_kept(own_client: TestClient) -> None:
    own_client.post("/lists", data=FORM)
    assert "Daftar prioritas" in own_client.get("/").text
    assert "Priority list" in own_client.get("/?lang=en").text
    again = own_client.get("/").text
    assert "Priority list" in again
    assert 'lang="en"' in again
    assert "Daftar prioritas" in own_client.get("/?lang=id").text


def test_the_arm_is_on_no_page(own_client: TestClient) -> None:
    page = own_client.post("/lists", data={**FORM, "capacity": "20"}).text
    assert not re.search(r"\b(arm|mandatory|coverage|random|inclusion)\b", page)


def test_pages_run_nothing_and_load_nothing_from_elsewhere(own_client: TestClient) -> None:
    answer = own_client.post("/lists", data=FORM)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert re.findall(r"<script[^>]*>[^<]*", answer.text) == [f'<script type="module" src="{rendering.script()}">']
    assert not re.search(r"<style|\bstyle=|\bon\w+=|https?://", answer.text)
    sheet = re.search(r'href="(/static/[^"]+)"', answer.text)
    assert sheet is not None
    assert own_client.get(sheet[1]).status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_what_the_data_hold_is_never_markup(running: Running, client_of: ClientOf) -> None:
    client = client_of(running)
    with running.engine.begin() as connection:
        connection.execute(update(tables.placements).values(agency_id="<script>alert(1)</script>"))
    page = client.post("/lists", data=FORM).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"capacity": "0"}, 422, "bilangan bulat dari 1 sampai 10.000"),
        ({"capacity": "banyak"}, 422, "bilangan bulat"),
        ({"capacity": "٣"}, 422, "bilangan bulat"),
        ({"office": "NOWHERE"}, 422, "tidak dikenal"),
        ({"unit": "person"}, 422, "tidak dikenal"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(
    client: TestClient, changed: dict[str, str], status: int, said: str
) -> None:
    answer = client.post("/lists", data={**FORM, **changed})
    assert answer.status_code == status
    assert said in answer.text


def test_a_form_from_another_site_is_refused(client: TestClient) -> None:
    answer = client.post("/lists", data=FORM, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_list_that_is_not_there_is_a_page_too(client: TestClient) -> None:
    answer = client.get("/lists/20260101-none")
    assert answer.status_code == 404
    assert "Tidak ada daftar" in answer.text


def test_before_any_import_the_page_says_what_to_do(empty: Running, client_of: ClientOf) -> None:
    client = client_of(empty)
    assert "risk-service import" in client.get("/").text
    assert client.post("/lists", data=FORM).status_code == 409


def test_an_office_without_a_list_gets_a_form_with_its_own_number_of_visits(client: TestClient) -> None:
    page = client.get("/?office=LTSA-SBD").text
    assert "Belum ada daftar" in page
    assert re.search(r'name="capacity"[^>]*value="10"', page)


def test_the_published_rule_is_announced(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: ClientOf, tmp_path: Path
) -> None:
    running = Running(make_settings(databases.new(copy_of=filled), model_dir=tmp_path))
    page = client_of(running).post("/lists", data=FORM).text
    running.close()
    assert "aturan dua baris" in page


def test_other_units_have_a_page(own_client: TestClient) -> None:
    for unit in ("agency", "employer", "area"):
        page = own_client.post("/lists", data={**FORM, "unit": unit}).text
        assert "penempatan dengan perkiraan tertinggi" in page
        assert "Tujuan kunjungan" in page
