"""Complaints and visits come in the same way, as events and inspections."""

from typing import Any

import pandas as pd
import pytest

COMPLAINT = {
    "No Pengaduan": "ADU-1",
    "ID Penempatan": "PMI-1",
    "Tgl Kejadian": "3 Maret 2025",
    "Tgl Lapor": "10/03/2025",
    "Kategori": "Gaji tidak dibayar",
    "Status": "",
    "Prosedural": "Prosedural",
    "Kab/Kota": "Ende",
    "Sumber": "Crisis center",
}
VISIT = {
    "ID Kunjungan": "KJ-1",
    "ID Penempatan": "PMI-1",
    "P3MI": "P3MI-001",
    "Kab/Kota": "Ende",
    "ID Daftar": "L-1",
    "Lengan": "acak",
    "Peluang Terpilih": "5%",
    "Tanggal Kunjungan": "3/3/2025",
    "Hasil": "Temuan",
    "Kategori": "Penahanan paspor",
    "Tingkat Keparahan": "berat",
    "Petugas": "Yohanes Bere",
}


def test_a_complaint_becomes_an_event(office: Any) -> None:
    (event,) = office.accept(COMPLAINT, mapping="complaints")
    assert (event["event_id"], event["placement_id"], event["area"]) == ("ADU-1", "PMI-1", "53.08")
    assert (event["type"], event["category"], event["procedural"]) == ("complaint", "gaji_tidak_dibayar", True)
    assert event["occurred_at"] == pd.Timestamp("2025-03-03")
    assert event["recorded_at"] == pd.Timestamp("2025-03-10")
    assert (event["source"], event["data_origin"]) == ("Crisis center", "real")


@pytest.mark.parametrize(
    ("cell", "procedural"),
    [
        ("Prosedural", True),
        ("NON PROSEDURAL", False),
        ("Nonprosedural", False),
        ("Unprosedural", False),
        ("-", None),
        ("Lainnya", None),
    ],
)
def test_procedural_or_not(office: Any, cell: str, procedural: bool | None) -> None:
    (event,) = office.accept(COMPLAINT | {"Prosedural": cell}, mapping="complaints")
    assert event["procedural"] is procedural if procedural is not None else pd.isna(event["procedural"])


def test_a_complaint_without_record_time_counts_as_known_the_day_after(office: Any) -> None:
    (event,) = office.accept(COMPLAINT | {"Tgl Lapor": "-"}, mapping="complaints")
    assert event["recorded_at"] == pd.Timestamp("2025-03-04")


def test_a_complaint_of_somebody_without_placement_is_an_event_of_the_area(office: Any) -> None:
    (event,) = office.accept(COMPLAINT | {"ID Penempatan": "-"}, mapping="complaints")
    assert pd.isna(event["placement_id"])
    assert event["area"] == "53.08"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"ID Penempatan": "", "Kab/Kota": "-"}, "placement_id"),
        ({"Kategori": "cuaca"}, "category"),
        ({"Tgl Lapor": "1/3/2025"}, "recorded_at"),
        ({"Tgl Lapor": "", "Tgl Kejadian": ""}, "recorded_at"),
        ({"Kab/Kota": "Entah"}, "area"),
        ({"ID Penempatan": "5305149092546565"}, "placement_id"),
    ],
)
def test_a_faulty_complaint_is_refused(office: Any, changes: dict[str, str], column: str) -> None:
    assert set(office.refuse(COMPLAINT | changes, mapping="complaints")) == {column}


def test_an_event_without_id_gets_one_from_its_content(office: Any) -> None:
    unnamed = {key: value for key, value in COMPLAINT.items() if key != "No Pengaduan"}
    other = unnamed | {"Tgl Kejadian": "4 Maret 2025"}
    result = office.ingest(
        office.csv([list(unnamed), *(list(row.values()) for row in (unnamed, other, unnamed))]), mapping="complaints"
    )
    assert result.summary["accepted"] == 3
    assert result.frame["event_id"].is_unique
    assert len(result.frame) == 2
    again = office.ingest(office.csv([list(unnamed), list(other.values())]), mapping="complaints")
    assert again.frame.loc[0, "event_id"] in set(result.frame["event_id"])


def test_a_visit_becomes_an_inspection_and_its_inspector_a_reference(office: Any) -> None:
    (visit,) = office.accept(VISIT, mapping="visits")
    assert (visit["inspection_id"], visit["placement_id"], visit["agency_id"]) == ("KJ-1", "PMI-1", "P3MI-001")
    assert (visit["list_id"], visit["arm"], visit["inclusion_probability"]) == ("L-1", "random", 0.05)
    assert (visit["outcome"], visit["category"], visit["severity"]) == ("harm_found", "penahanan_dokumen", 3)
    assert len(visit["inspector_ref"]) == 64
    assert visit["recorded_at"] == pd.Timestamp("2025-03-04")
    assert not any(b"Yohanes" in file.read_bytes() for file in office.out.iterdir())


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("temuan", "harm_found"),
        ("Tidak ada temuan", "no_harm_found"),
        ("nihil", "no_harm_found"),
        ("Tidak ditemui", "not_reached"),
        ("DITUNDA", "deferred"),
        ("harm found", "harm_found"),
        ("not_reached", "not_reached"),
    ],
)
def test_outcomes_as_inspectors_write_them(office: Any, cell: str, outcome: str) -> None:
    (visit,) = office.accept(VISIT | {"Hasil": cell, "Kategori": "", "Tingkat Keparahan": ""}, mapping="visits")
    assert visit["outcome"] == outcome


@pytest.mark.parametrize(
    ("cell", "severity"), [("ringan", 1), ("Sedang", 2), ("serius", 2), ("berat", 3), ("2", 2), ("0", 0)]
)
def test_severities_in_words_and_figures(office: Any, cell: str, severity: int) -> None:
    (visit,) = office.accept(VISIT | {"Tingkat Keparahan": cell}, mapping="visits")
    assert visit["severity"] == severity


@pytest.mark.parametrize("cell", ["0.05", "0,05", "5 %", "5%"])
def test_probabilities_in_three_spellings(office: Any, cell: str) -> None:
    (visit,) = office.accept(VISIT | {"Peluang Terpilih": cell}, mapping="visits")
    assert visit["inclusion_probability"] == pytest.approx(0.05)


def test_a_visit_outside_any_list_has_no_probability(office: Any) -> None:
    changes = {"Lengan": "", "Peluang Terpilih": "", "ID Daftar": ""}
    (visit,) = office.accept(VISIT | changes, mapping="visits")
    assert visit["arm"] == "outside_list"
    assert pd.isna(visit["inclusion_probability"])


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"Hasil": ""}, "outcome"),
        ({"Hasil": "entah"}, "outcome"),
        ({"Peluang Terpilih": "0"}, "inclusion_probability"),
        ({"Peluang Terpilih": "5"}, "inclusion_probability"),
        ({"Tanggal Kunjungan": "31/02/2025"}, "visited_at"),
        ({"Lengan": "favorit"}, "arm"),
        ({"ID Penempatan": "", "P3MI": "", "Kab/Kota": ""}, "placement_id"),
    ],
)
def test_a_faulty_visit_is_refused(office: Any, changes: dict[str, str], column: str) -> None:
    assert set(office.refuse(VISIT | changes, mapping="visits")) == {column}
