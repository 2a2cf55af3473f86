"""An inspector finds the own list, knows why each row is there, and tells what came of each visit, without scripts."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from service.managing_people import By, NewUser, create_user
from service.pages.row_actions import visited_at
from service.running import Running, utc_now
from service.tables.lists import list_rows, lists, row_flags, row_states
from tests.service.conftest import NOW

ClientAs = Callable[..., TestClient]
OFFICE, OTHER = "BP3MI-NTT", "KDEI-TAIPEI"
LIST = {"office": OFFICE, "capacity": "9", "unit": "placement"}
ARMS = re.compile(r"\b(arm|mandatory|coverage|random|inclusion|probability|probabilitas)\b", re.IGNORECASE)


def issued(supervisor: TestClient, **changed: str) -> str:
    """Make and issue a list; return its number."""
    made = supervisor.post("/lists", data={**LIST, **changed}, follow_redirects=False)
    list_id = re.search(r"/lists/([^?]+)", made.headers["location"])
    assert list_id is not None
    assert supervisor.post(f"/lists/{list_id[1]}/issue").status_code == 200
    return list_id[1]


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def kept_rows(running: Running, list_id: str) -> list[Any]:
    with running.engine.connect() as connection:
        query = select(list_rows).where(list_rows.c.list_id == list_id).order_by(list_rows.c.rank)
        return [dict(row) for row in connection.execute(query).mappings()]


@pytest.fixture
def supervisor(client_as: ClientAs) -> TestClient:
    return client_as("supervisor", OFFICE)


@pytest.fixture
def inspector(client_as: ClientAs) -> TestClient:
    return client_as("inspector", OFFICE)


def visit(client: TestClient, row: str, **fields: str) -> Any:
    sent = {"outcome": "no_harm_found", "visited_on": "2026-01-10", "version": "1", **fields}
    return client.post(f"{row}/visit", data=sent)


def test_the_first_page_is_the_newest_issued_list_of_the_own_office(
    supervisor: TestClient, inspector: TestClient
) -> None:
    list_id = issued(supervisor)
    supervisor.app.dependency_overrides[utc_now] = lambda: NOW + timedelta(minutes=1)
    draft = supervisor.post("/lists", data={**LIST, "capacity": "4"}, follow_redirects=False).headers["location"]
    assert list_id in inspector.get("/").text
    assert inspector.get("/").text.count("data-row=") == 9
    assert supervisor.get("/").text.count("data-row=") == 4, "who makes lists goes on with the draft"
    assert "Terbitkan" in supervisor.get(draft).text
    assert "Terbitkan" not in inspector.get(f"/lists/{list_id}").text


def test_who_cannot_make_a_list_is_not_told_to_make_one(supervisor: TestClient, inspector: TestClient) -> None:
    assert "make a new list" in supervisor.get("/?lang=en").text
    waiting = inspector.get("/?lang=en").text
    assert "supervisor makes and issues lists" in waiting
    assert "make a new list" not in waiting


def test_grave_complaints_come_first_and_then_one_trip_after_the_other(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    list_id = issued(supervisor, capacity="20")
    page = inspector.get(f"/lists/{list_id}").text
    headings = re.findall(r'scope="rowgroup"[^>]*>([^<]+)', page)
    numbers = [int(number) for heading in headings for number in re.findall(r"Perjalanan (\d+)", heading)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 1
    grave = [row["rank"] for row in kept_rows(running, list_id) if row["mandatory_because"]]
    shown = [int(rank) for rank in re.findall(r'data-row="[^/]+/(\d+)"', page)]
    assert sorted(shown[: len(grave)]) == grave
    assert sorted(shown) == list(range(1, len(shown) + 1))


@pytest.mark.parametrize("role", ["inspector", "supervisor"])
def test_no_page_tells_an_office_how_a_row_was_drawn(supervisor: TestClient, client_as: ClientAs, role: str) -> None:
    list_id = issued(supervisor)
    client = client_as(role, OFFICE)
    for address in ("/", f"/lists/{list_id}", f"/lists/{list_id}/rows/1", f"/lists/{list_id}?find=0009&lang=en"):
        page = re.sub(r"\(acak|perihal", "", client.get(address).text)
        assert ARMS.search(page) is None, address


def test_another_office_gets_neither_the_row_nor_any_of_its_words(supervisor: TestClient, client_as: ClientAs) -> None:
    list_id = issued(supervisor)
    other = client_as("inspector", OTHER)
    for method, address in (
        ("GET", f"/lists/{list_id}/rows/1"),
        ("GET", f"/lists/{list_id}"),
        ("POST", f"/lists/{list_id}/rows/1/accept"),
        ("POST", f"/lists/{list_id}/rows/1/visit"),
    ):
        data = {"version": "1", "outcome": "no_harm_found", "visited_on": "2026-01-10"}
        answer = other.request(method, address, **({"data": data} if method == "POST" else {}))
        assert answer.status_code == 404, address
        assert "P3MI-" not in answer.text


def test_filters_stand_in_the_address_and_keep_what_they_say(supervisor: TestClient, inspector: TestClient) -> None:
    list_id = issued(supervisor, capacity="20")
    everything = inspector.get(f"/lists/{list_id}").text
    bands = dict(re.findall(r'band=(\w+)">(\d+)', everything))
    assert sum(map(int, bands.values())) == everything.count("data-row=")
    for band, count in bands.items():
        page = inspector.get(f"/lists/{list_id}?band={band}").text
        assert page.count("data-row=") == int(count)
        assert f'value="{band}" selected' in page
    inspector.post(f"/lists/{list_id}/rows/2/accept", data={"version": "1"})
    mine = inspector.get(f"/lists/{list_id}?mine=1").text
    assert re.findall(r'data-row="[^/]+/(\d+)"', mine) == ["2"]
    assert re.findall(r'data-row="[^/]+/(\d+)"', inspector.get(f"/lists/{list_id}?status=accepted").text) == ["2"]
    assert "Tidak ada baris yang cocok" in inspector.get(f"/lists/{list_id}?q=tidak-ada-kata-ini").text
    one = inspector.get(f"/lists/{list_id}?trip=1").text
    assert len(re.findall(r'scope="rowgroup"[^>]*>Perjalanan', one)) == 1


def test_the_terms_of_a_row_add_up_to_its_number(supervisor: TestClient, running: Running) -> None:
    list_id = issued(supervisor, capacity="20")
    rows = [row for row in kept_rows(running, list_id) if row["supported"]]
    assert rows
    for row in rows:
        kept = row["terms"]
        total = kept["intercept"] + sum(term["weight"] for term in kept["terms"])
        risk = min(1.0, 1 / (1 + math.exp(-total)) / kept["detection"])
        assert risk == pytest.approx(row["risk"], abs=1e-9)


def test_the_page_of_a_row_draws_every_term_with_its_number_and_the_interval(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    list_id = issued(supervisor)
    row = kept_rows(running, list_id)[0]
    page = inspector.get(f"/lists/{list_id}/rows/1?lang=en").text
    assert page.count('<svg class="term"') == len(row["terms"]["terms"]) + 2, "the terms, where they start, their sum"
    shown = {name: f"{100 * row['terms'][name]:.0f}" for name in ("risk", "low", "high")}
    assert f"{shown['risk']}% ({shown['low']}–{shown['high']})" in page
    for term in row["terms"]["terms"]:
        assert term["name_en"] in page
    assert "have a wrong record corrected" in page
    assert f"{list_id}/1" in page


def test_bars_begin_where_the_one_before_ended(supervisor: TestClient, inspector: TestClient) -> None:
    list_id = issued(supervisor)
    page = inspector.get(f"/lists/{list_id}/rows/1").text
    bars = [
        (kind, float(x), float(x) + float(width))
        for kind, x, width in re.findall(r'rect class="(\w+)" x="([\d.]+)" y="1" width="([\d.]+)"', page)
    ]
    place = bars[0][1] if bars[0][1] > 0 else 0.0
    for kind, left, right in bars[1:-1]:
        assert (left if kind == "raises" else right) == pytest.approx(place, abs=0.6)
        place = right if kind == "raises" else left


def test_a_visit_is_recorded_and_shows_on_row_and_list(supervisor: TestClient, inspector: TestClient) -> None:
    list_id = issued(supervisor)
    row = f"/lists/{list_id}/rows/1"
    found = {"outcome": "harm_found", "category": "gaji_tidak_dibayar", "severity": "2", "note": "tiga bulan"}
    page = visit(inspector, row, **found).text
    for said in ("Hasil kunjungan tersimpan", "Gaji tidak dibayar", "Serius", "tiga bulan", "Batalkan"):
        assert said in page, said
    assert "Dikunjungi" in inspector.get(f"/lists/{list_id}?status=visited").text
    assert 'action="' + row + '/accept"' not in page


def test_a_visited_row_waits_for_nothing_and_names_the_office_that_went(
    supervisor: TestClient, inspector: TestClient
) -> None:
    list_id = issued(supervisor)
    row = f"/lists/{list_id}/rows/1"
    assert "Waiting 0 days" in inspector.get(f"/lists/{list_id}?lang=en").text
    assert "<dt>Waiting</dt><dd>0 days</dd>" in inspector.get(row).text
    page = visit(inspector, row).text
    assert "Waiting" not in page
    assert "Waiting" not in inspector.get(f"/lists/{list_id}?status=visited").text
    assert re.search(r"<dt>Office</dt><dd>BP3MI", page), "the visit was made by an office, not handed to one"


def test_what_was_recorded_a_moment_ago_can_be_taken_back(supervisor: TestClient, inspector: TestClient) -> None:
    list_id = issued(supervisor)
    row = f"/lists/{list_id}/rows/1"
    page = visit(inspector, row).text
    back = inspector.post(f"{row}/undo", data={"version": version_on(page)}).text
    assert "kembali seperti semula" in back
    assert f'action="{row}/accept"' in back
    inspector.app.dependency_overrides[utc_now] = lambda: NOW + timedelta(seconds=20)  # type: ignore[attr-defined]
    visit(inspector, row, version=version_on(back))
    inspector.app.dependency_overrides[utc_now] = lambda: NOW + timedelta(seconds=40)  # type: ignore[attr-defined]
    assert "/undo" not in inspector.get(row).text


def test_two_results_for_one_row_are_shown_side_by_side_and_the_first_stays(
    supervisor: TestClient, inspector: TestClient, client_as: ClientAs
) -> None:
    list_id = issued(supervisor)
    row = f"/lists/{list_id}/rows/1"
    visit(inspector, row, note="pintu terkunci")
    second = client_as("inspector", OFFICE)
    answer = visit(second, row, outcome="harm_found", category="penahanan_dokumen", note="paspor ditahan")
    assert answer.status_code == 409
    for said in ("pintu terkunci", "paspor ditahan", "Tersimpan sekarang", "Kiriman Anda"):
        assert said in answer.text, said
    assert re.search(r'<option value="penahanan_dokumen" selected', answer.text), "what was sent is not lost"
    replaces = re.search(r'name="replaces" value="(\w+)"', answer.text)
    assert replaces is not None
    corrected = visit(second, row, outcome="harm_found", note="paspor ditahan", replaces=replaces[1])
    assert corrected.status_code == 200
    assert "paspor ditahan" in second.get(row).text


@pytest.mark.parametrize(
    ("action", "fields", "said", "status"),
    [
        ("accept", {}, "Anda terima", "Diterima"),
        ("defer", {"until": "2026-02-01", "reason_code": "cuaca_transportasi"}, "Kunjungan ditunda", "1 Feb 2026"),
        ("override", {"direction": "up", "reason_code": "informasi_baru"}, "Penilaian Anda", "Dinaikkan petugas"),
        ("hand-over", {"office": "MINISTRY", "reason_code": "bukan_wewenang"}, "diserahkan", "Diserahkan ke"),
        ("visit", {"outcome": "not_reached", "reason_code": "tidak_di_tempat"}, "tersimpan", "Tidak bertemu"),
    ],
)
def test_each_deed_is_a_form_that_says_what_it_did(
    supervisor: TestClient,
    inspector: TestClient,
    running: Running,
    *,
    action: str,
    fields: dict[str, str],
    said: str,
    status: str,
) -> None:
    list_id = issued(supervisor)
    row = f"/lists/{list_id}/rows/2"
    form = inspector.get(row).text
    if action == "hand-over":
        offices = re.search(r'<select name="office".*?</select>', form, re.DOTALL)
        assert offices is not None
        fields = {**fields, "office": re.findall(r'value="([^"]+)"', offices[0])[0]}
    sent = {"version": version_on(form), "visited_on": "2026-01-10", **fields}
    answer = inspector.post(f"{row}/{action}", data=sent)
    assert answer.status_code == 200, answer.text
    assert said in answer.text
    assert status in answer.text
    assert "Riwayat" in answer.text
    assert "Anda" in answer.text.split("Riwayat")[1]


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("defer", {"until": "2026-02-01"}, "reason_code"),
        ("defer", {"until": "2025-12-01", "reason_code": "cuaca_transportasi"}, "until"),
        ("visit", {"visited_on": "2026-02-01", "outcome": "no_harm_found"}, "visited_at"),
        ("visit", {"visited_on": "2026-01-10", "outcome": "harm_found", "note": "hub. 0812-3456-7890"}, "note"),
        ("override", {"direction": "up", "reason_code": "lainnya"}, "note"),
    ],
)
def test_a_form_that_cannot_be_kept_says_what_to_repair(
    supervisor: TestClient, inspector: TestClient, action: str, fields: dict[str, str], said: str
) -> None:
    row = f"/lists/{issued(supervisor)}/rows/1"
    answer = inspector.post(f"{row}/{action}", data={"version": "1", **fields})
    assert answer.status_code == 422
    trouble = re.search(r'class="trouble".*?</section>', answer.text, re.DOTALL)
    assert trouble is not None
    assert said in trouble[0]
    assert "Belum diambil" in inspector.get(row).text


def test_a_row_that_changed_meanwhile_is_not_overwritten(supervisor: TestClient, inspector: TestClient) -> None:
    row = f"/lists/{issued(supervisor)}/rows/1"
    inspector.post(f"{row}/accept", data={"version": "1"})
    sent = {"version": "1", "direction": "down", "reason_code": "data_keliru"}
    answer = supervisor.post(f"{row}/override", data=sent)
    assert answer.status_code == 412
    assert "sudah berubah" in answer.text
    assert "Turunkan" in answer.text
    assert "Diturunkan petugas" not in supervisor.get(row).text


def test_a_supervisor_gives_rows_to_people_and_hears_when_it_is_too_many(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    by = By("user:test", "admin", NOW)
    made = create_user(running, NewUser("maria", "inspector", OFFICE, password="kuda-lumping", monthly_visits=1), by)
    list_id = issued(supervisor)
    first = supervisor.get(f"/lists/{list_id}/rows/1").text
    assert "maria – 0 di tangan" in first
    assert "maria" not in inspector.get(f"/lists/{list_id}/rows/1").text
    wanted = {"inspector": made[0].user_id, "version": "1"} if isinstance(made, tuple) else {}
    assert "Kunjungan diberikan" in supervisor.post(f"/lists/{list_id}/rows/1/assign", data=wanted).text
    again = supervisor.post(f"/lists/{list_id}/rows/2/assign", data=wanted).text
    assert "lebih banyak baris daripada kunjungannya" in again


def test_a_newer_list_takes_the_place_of_the_one_before_and_says_so(supervisor: TestClient) -> None:
    first = issued(supervisor)
    second = issued(supervisor, capacity="5")
    page = supervisor.get(f"/lists/{first}").text
    assert f'href="/lists/{second}"' in page
    assert "Sudah diganti" in page


def test_a_list_is_closed_with_a_reason_for_each_row_that_was_not_visited(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    list_id = issued(supervisor, capacity="4")
    visit(inspector, f"/lists/{list_id}/rows/1")
    form = supervisor.get(f"/lists/{list_id}/close").text
    assert re.findall(r'name="reason-(\d+)"', form) == ["2", "3", "4"]
    named = {"version": version_on(form), "reason-2": "tanpa_anggaran"}
    refused = supervisor.post(f"/lists/{list_id}/close", data=named)
    assert refused.status_code == 409
    assert "3, 4" in refused.text
    assert '<option value="tanpa_anggaran" selected' in refused.text
    closed = supervisor.post(f"/lists/{list_id}/close", data={**named, "all": "masa_daftar_habis"})
    assert "Daftar ditutup" in closed.text
    with running.engine.connect() as connection:
        query = select(row_states.c.rank, row_states.c.reason_code).where(row_states.c.list_id == list_id)
        reasons = dict(tuple(row) for row in connection.execute(query))
    assert reasons == {1: None, 2: "tanpa_anggaran", 3: "masa_daftar_habis", 4: "masa_daftar_habis"}
    assert "Catat kunjungan</h2>" not in inspector.get(f"/lists/{list_id}/rows/2").text


def test_why_a_placement_is_not_on_the_list_is_said_without_chances(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    list_id = issued(supervisor, capacity="4")
    with running.engine.connect() as connection:
        probable = connection.exec_driver_sql(
            f"SELECT placement_id FROM list_probabilities WHERE list_id = '{list_id}' ORDER BY placement_id"
        ).scalars()
        eligible = list(probable)
    drawn = [row["placement_id"] for row in kept_rows(running, list_id)]
    left = next(name for name in eligible if name not in drawn)

    def says(name: str) -> str:
        page = inspector.get(f"/lists/{list_id}", params={"find": name}).text
        found = re.search(r'class="note" role="status">([^<]+)', page)
        assert found is not None
        return found[1]

    assert "ada di daftar ini, baris 1" in says(drawn[0])
    assert "Daftar adalah sampel" in says(left)
    assert "Prioritasnya" in says(left)
    assert not re.search(r"\d,\d|\d%", says(left))
    assert "yang berwenang" in says("0000"), "a worker abroad is for the mission"
    assert says("0002") == says("0098").replace("0098", "0002"), "another office's is as unknown as none"


def test_flags_and_hostile_words_are_shown_as_text(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    list_id = issued(supervisor)
    flag = {"list_id": list_id, "rank": 1, "kind": "band_changed", "at": NOW.replace(tzinfo=None)}
    with running.engine.begin() as connection:
        connection.execute(insert(row_flags), {**flag, "detail": {"before": "medium", "after": "very_high"}})
    assert "Prioritas berubah menjadi Sangat tinggi" in inspector.get(f"/lists/{list_id}").text
    hostile = '<img src=x onerror="alert(1)">'
    page = visit(inspector, f"/lists/{list_id}/rows/1", note=hostile).text
    assert hostile not in page
    assert "&lt;img src=x" in page
    assert "<img" not in inspector.get(f"/lists/{list_id}", params={"q": hostile, "find": hostile}).text


def test_english_says_the_same(supervisor: TestClient, inspector: TestClient) -> None:
    list_id = issued(supervisor)
    page = inspector.get(f"/lists/{list_id}/rows/1?lang=en").text
    for said in ("Record a visit", "Where the number comes from", "Rights of worker and agency", "No harm found"):
        assert said in page, said
    assert "Why is this not on my list?" in inspector.get(f"/lists/{list_id}?lang=en").text


def test_the_header_leads_only_where_the_reader_may_go(client_as: ClientAs, supervisor: TestClient) -> None:
    issued(supervisor)

    def entries(role: str, office: str | None = None) -> list[str]:
        page = client_as(role, office).get("/").text
        navigation = re.search(r"<nav.*?</nav>", page, re.DOTALL)
        return re.findall(r'href="([^"]+)"', navigation[0]) if navigation else []

    assert entries("inspector", OFFICE) == ["/", "/areas"]
    assert entries("supervisor", OFFICE) == ["/", "/supervision", "/areas", "/segments"]
    figures = ["/supervision", "/areas", "/segments", "/releases", "/drift"]
    assert entries("national") == entries("analyst") == ["/", *figures]


def test_a_list_from_before_terms_were_kept_still_opens(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    list_id = issued(supervisor)
    with running.engine.begin() as connection:
        head = connection.execute(select(lists).where(lists.c.list_id == list_id)).mappings().one()
        row = connection.execute(select(list_rows).where(list_rows.c.list_id == list_id)).mappings().first()
        assert row is not None
        connection.execute(insert(lists), {**head, "list_id": "old"})
        connection.execute(insert(list_rows), {**row, "list_id": "old", "rank": 1, "terms": None})
        connection.exec_driver_sql(
            "INSERT INTO list_states (list_id, state, version, changed_at, changed_by) "
            f"VALUES ('old', 'issued', 1, '{NOW:%Y-%m-%d}', 'migration')"
        )
        connection.exec_driver_sql(
            "INSERT INTO row_states (list_id, rank, status, office, version, updated_at) "
            f"VALUES ('old', 1, 'open', '{OFFICE}', 1, '{NOW:%Y-%m-%d 00:00:00.000000}')"
        )
    assert "petugas yang menilai" in inspector.get("/lists/old/rows/1").text


def test_a_day_stands_for_an_instant_that_has_passed() -> None:
    early = NOW.replace(hour=0)  # 07:00 in Jakarta, 09:00 in Jayapura
    assert visited_at("2026-01-11", early) == early
    assert visited_at("2026-01-10", early) == NOW.replace(day=10, hour=5)
    assert visited_at("2026-01-13", early) == NOW.replace(day=13, hour=5)
    assert visited_at("kemarin", early) == "kemarin"


def test_options_nearby_are_told_while_a_placement_can_still_be_changed(
    supervisor: TestClient, inspector: TestClient, running: Running
) -> None:
    list_id = issued(supervisor, capacity="20")
    for row in kept_rows(running, list_id):
        page = inspector.get(f"/lists/{list_id}/rows/{row['rank']}").text
        assert ("Pilihan lain yang dekat" in page) == (row["stage"] == "before")
