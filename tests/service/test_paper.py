"""A list on screen, on paper and in files: the same rows in the same order, and nothing that must not leave."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from starlette.testclient import TestClient

from service.language import Language
from service.list_pdf import list_pdf
from service.paper import paper
from service.payloads.answers import PriorityList
from tests.service.worked_lists import HEAD_OFFICE, staff, worked_list

FORMATS = ("screen", "print", "json", "csv", "xlsx", "pdf")
SHOWN = re.compile(r'data-row="[^"]+/(\d+)"')
PRINTED = re.compile(r'data-unit="([^"]*)"')


@pytest.fixture
def listed(running: Any) -> str:
    """The number of an office's list at work, with rows raised, lowered, deferred and visited."""
    people = staff(running, {"rina": ("inspector", HEAD_OFFICE, 20)})
    return worked_list(running, HEAD_OFFICE, list(people.values()), closed=False, seed=3).list_id


def in_order_of_visits(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a program does with JSON, whose rows stand by rank."""
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    moved = ["raised", None, "lowered"]
    first = [row for row in rows if row["grave_complaint"]]
    rest = [row for row in rows if not row["grave_complaint"]]
    return [
        *sorted(first, key=lambda row: (moved.index(row["priority"]), row["rank"])),
        *sorted(rest, key=lambda row: (row["trip"], moved.index(row["priority"]), row["rank"])),
    ]


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def ids_of(client: TestClient, list_id: str, form: str, query: str = "") -> list[str]:
    """The placements of a list in one format, in its order."""
    api = f"/v1/priority-lists/{list_id}?format={form}{query}"
    if form == "screen":
        by_rank = {row["rank"]: row["unit_id"] for row in client.get(f"/v1/priority-lists/{list_id}").json()["rows"]}
        return [by_rank[int(rank)] for rank in SHOWN.findall(client.get(f"/lists/{list_id}?{query}").text)]
    if form == "print":
        return PRINTED.findall(client.get(f"/lists/{list_id}/print?{query}").text)
    if form == "json":
        return [row["unit_id"] for row in in_order_of_visits(client.get(api).json()["rows"])]
    if form == "csv":
        return [row["unit_id"] for row in csv.DictReader(io.StringIO(client.get(api).text[1:]), delimiter=";")]
    if form == "xlsx":
        heading, *rows = load_workbook(io.BytesIO(client.get(api).content)).active.iter_rows(values_only=True)
        return [row[heading.index("unit_id")] for row in rows]
    return re.findall(r"^(\d{4})$", pdf_text(client.get(api).content), re.MULTILINE)


@pytest.mark.parametrize("query", ["", "&stage=before", "&status=visited", "&band=very_high", "&q=malaysia"])
def test_every_format_has_the_rows_of_the_screen_in_their_order(
    own_client: TestClient, listed: str, query: str
) -> None:
    found = {form: ids_of(own_client, listed, form, query) for form in FORMATS}
    assert found["screen"]
    assert all(ids == found["screen"] for ids in found.values()), found


def test_the_order_is_that_of_visits_and_a_filter_leaves_rows_out(own_client: TestClient, listed: str) -> None:
    everything, some = ids_of(own_client, listed, "pdf"), ids_of(own_client, listed, "pdf", "&status=visited")
    assert 0 < len(some) < len(everything)
    assert everything != sorted(everything)
    design = own_client.get(f"/v1/priority-lists/{listed}?fields=design").json()
    assert [row["rank"] for row in design["rows"]] == list(range(1, len(everything) + 1))


def test_every_row_carries_list_model_and_data(own_client: TestClient, listed: str) -> None:
    said = own_client.get(f"/v1/priority-lists/{listed}").json()
    origin = f"List {listed} · Model {said['model_version']} · Data until {said['as_of'][:10]}"
    page = own_client.get(f"/lists/{listed}/print?lang=en").text
    assert page.count(f'<span class="from">{origin}</span>') == len(said["rows"])
    flat = " ".join(pdf_text(own_client.get(f"/v1/priority-lists/{listed}?format=pdf&lang=en").content).split())
    pages = len(PdfReader(io.BytesIO(own_client.get(f"/v1/priority-lists/{listed}?format=pdf").content)).pages)
    assert flat.count(origin) == len(said["rows"]) + pages + 1  # each row, each foot, and the opening


def test_every_page_of_the_pdf_repeats_heading_and_marks_and_counts_itself(own_client: TestClient, listed: str) -> None:
    answer = own_client.get(f"/v1/priority-lists/{listed}?format=pdf&lang=en")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{listed}.pdf"'
    document = PdfReader(io.BytesIO(answer.content))
    assert len(document.pages) > 1
    for number, page in enumerate(document.pages, start=1):
        text = page.extract_text()
        assert f"Page {number} / {len(document.pages)}" in text
        assert "SIMULATED DATA" in text
        assert "Reasons" in text
        assert "Harm found" in text
        assert [round(side) for side in page.mediabox[2:]] == [595, 842]  # A4 in points


def test_a_row_on_paper_leads_to_its_page_and_names_nobody(own_client: TestClient, listed: str) -> None:
    rows = own_client.get(f"/v1/priority-lists/{listed}").json()["rows"]
    text = own_client.get(f"/lists/{listed}/print").text
    assert text.count('<svg class="qr"') == len(rows)
    for row in rows:
        assert f"{listed.rpartition('-')[2]}/{row['rank']}</span>" in text
        assert own_client.get(f"/lists/{listed}/rows/{row['rank']}").status_code == 200


@pytest.mark.parametrize("language", ["id", "en"])
def test_paper_tells_neither_arm_nor_probability(own_client: TestClient, listed: str, language: Language) -> None:
    page = own_client.get(f"/lists/{listed}/print?lang={language}").text
    text = pdf_text(own_client.get(f"/v1/priority-lists/{listed}?format=pdf&lang={language}").content)
    for word in ("arm", "random", "coverage", "mandatory", "probability", "peluang", "acak"):
        assert not re.search(rf"\b{word}\b", f"{page} {text}", re.IGNORECASE), word


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_severity_on_paper_is_called_as_in_the_form_that_it_is_copied_into(
    own_client: TestClient, listed: str, language: Language
) -> None:
    rows = own_client.get(f"/v1/priority-lists/{listed}").json()["rows"]
    rank = next(row["rank"] for row in rows if row["status"] == "open")
    form = own_client.get(f"/lists/{listed}/rows/{rank}?lang={language}").text
    named = re.findall(r'name="severity" value="[123]"[^>]*> ?([^<]+)<', form)
    page = own_client.get(f"/lists/{listed}/print?lang={language}").text
    boxes = re.findall(r'<span class="box">([^<]+)</span>', page.partition("</tr>")[2])[:7]
    assert boxes[-3:] == [name.strip().lower() for name in named]
    text = pdf_text(own_client.get(f"/v1/priority-lists/{listed}?format=pdf&lang={language}").content)
    assert all(name in text for name in boxes)


def test_another_office_gets_no_paper(listed: str, client_as: Callable[..., TestClient]) -> None:
    stranger = client_as("inspector", "LTSA-SBD")
    assert stranger.get(f"/lists/{listed}/print").status_code == 404
    assert stranger.get(f"/v1/priority-lists/{listed}?format=pdf").status_code == 404


def test_the_list_hands_its_filters_to_paper_and_files(own_client: TestClient, listed: str) -> None:
    page = own_client.get(f"/lists/{listed}?stage=before&q=malaysia").text
    links = re.findall(r'href="([^"]*(?:format=|/print)[^"]*)"', page)
    assert len(links) == 4
    assert all("stage=before&amp;q=malaysia" in link for link in links)


def test_letters_that_no_font_of_a_reader_has_are_marked_and_nothing_breaks(
    own_client: TestClient, listed: str
) -> None:
    shown = PriorityList.model_validate(own_client.get(f"/v1/priority-lists/{listed}").json())
    odd = shown.rows[0].model_copy(update={"agency_id": "P3MI 女 ▲ \x07 " + "x" * 300})
    sheet = paper(shown, [odd], "en", offices={}, link=lambda rank: f"https://example.org/{rank}")
    assert "P3MI ? ?" in pdf_text(list_pdf(sheet, "en"))
