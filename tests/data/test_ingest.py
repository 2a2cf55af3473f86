"""Office exports become a table, and every row is accounted for."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from risk_model.data import schema
from risk_model.data.ingest import ingest, read_exports
from risk_model.data.worker_reference import worker_reference
from risk_model.errors import MappingError, UnreadableFileError

KEY = b"a key for tests, thirty-two bytes"
NIK = "5305149092546565"


def test_a_good_row_becomes_a_placement_of_the_contract(office: Any, row: Any) -> None:
    (placement,) = office.accept(row(7))
    assert placement["placement_id"] == "PMI-7"
    assert placement["worker_ref"] == worker_reference(NIK, key=KEY)
    assert (placement["origin"], placement["destination"], placement["scheme"]) == ("53.06", "MYS", "P_TO_P")
    assert (placement["position"], placement["sector"], placement["employer_type"]) == (
        "caregiver",
        "care",
        "household",
    )
    assert (placement["wage_monthly_idr"], placement["fee_idr"], placement["contract_months"]) == (5_600_000, 0, 24)
    assert (placement["has_bpjs"], placement["attended_opp"], placement["certification_level"]) == (True, True, 2)
    assert (placement["sex"], placement["birth_year"], placement["education"]) == ("female", 1990, "upper_secondary")
    assert placement["departed_on"] == pd.Timestamp("2025-05-06")


def test_what_is_written_is_what_is_returned_and_keeps_the_contract(office: Any, row: Any, table: Any) -> None:
    result = office.ingest(office.csv(table([row(1), row(2, Jabatan="Astronot"), row(3)])))
    written = schema.read_table(office.out / "placements.parquet")
    pd.testing.assert_frame_equal(written, result.frame)
    assert json.loads((office.out / "summary.json").read_text()) == result.summary
    with (office.out / "rejects.csv").open(newline="", encoding="utf-8") as file:
        (line,) = csv.DictReader(file)
    assert list(line) == ["file", "row", "column", "found", "rule", "suggestion"]
    assert (line["file"], line["row"], line["column"], line["found"]) == ("export.csv", "3", "position", "Astronot")


@pytest.mark.parametrize(
    ("heading", "cell", "column"),
    [
        ("ID Penempatan", "", "placement_id"),
        ("ID Penempatan", "kosong", "placement_id"),
        ("ID Penempatan", NIK, "placement_id"),
        ("Kode Kab", "99.99", "origin"),
        ("Kode Kab", "5306", "origin"),
        ("Negara Tujuan", "Timur Tengah", "destination"),
        ("Negara Tujuan", "-", "destination"),
        ("Jabatan", "Astronot", "position"),
        ("Skema", "apa saja", "scheme"),
        ("Skema", "", "scheme"),
        ("Sertifikasi", "ijazah", "certification_level"),
        ("Tgl Daftar", "31/02/2025", "registered_on"),
        ("Tgl Daftar", "", "registered_on"),
        ("Tgl Berangkat", "2025-01-01", "departed_on"),
        ("Tgl Berangkat", "segera", "departed_on"),
        ("Gaji per Bulan", "lima juta", "wage_monthly_idr"),
        ("Gaji per Bulan", "-5000000", "wage_monthly_idr"),
        ("Biaya Penempatan", "RM 500", "fee_idr"),
        ("Kontrak (bln)", "dua tahun", "contract_months"),
        ("Kontrak (bln)", "900", "contract_months"),
        ("Kontrak (bln)", "-12", "contract_months"),
        ("BPJS", "mungkin", "has_bpjs"),
        ("P3MI", f"PT {NIK}", "agency_id"),
    ],
)
def test_a_faulty_cell_refuses_its_row_and_names_one_column_with_a_suggestion(
    office: Any, row: Any, heading: str, cell: str, column: str
) -> None:
    refused = office.refuse(row(1, **{heading: cell}))
    assert set(refused) == {column}
    assert refused[column]["suggestion"] != ""
    assert NIK not in str(refused)


def test_a_row_with_several_faults_has_a_line_for_each_and_counts_once(office: Any, row: Any) -> None:
    refused = office.refuse(row(1, Jabatan="Astronot", Negara_Tujuan="XX", Tgl_Daftar="32-01-2025"))
    assert set(refused) == {"position", "destination", "registered_on"}


@pytest.mark.parametrize(
    ("heading", "cell", "column"),
    [
        ("Pendidikan", "pesantren", "education"),
        ("Tahun Lahir", "89", "birth_year"),
        ("Jenis Kelamin", "x", "sex"),
        ("NIK", "5.30813298477546E+15", "worker_ref"),
        ("NIK", "123", "worker_ref"),
    ],
)
def test_traits_for_the_audit_and_spoilt_niks_read_as_blank_and_are_counted(
    office: Any, row: Any, table: Any, heading: str, cell: str, column: str
) -> None:
    result = office.ingest(office.csv(table([row(1, **{heading: cell})])))
    assert result.frame[column].isna().all()
    assert result.summary["read_as_blank"] == {column: 1}


def test_an_office_is_known_by_name_and_kept_as_written_where_it_is_not(office: Any, row: Any) -> None:
    known, other = office.accept(row(1, Kantor_Layanan="BP3MI Kupang"), row(2, Kantor_Layanan="BP3MI Jawa Timur"))
    assert (known["service_office"], other["service_office"]) == ("BP3MI-NTT", "BP3MI Jawa Timur")
    assert "service_office" in office.refuse(row(3, Kantor_Layanan="5305149092546565"))


def test_a_dash_is_no_certificate_but_blank_elsewhere(office: Any, row: Any) -> None:
    (placement,) = office.accept(row(1, Sertifikasi="-", NIK="-", P3MI="-", Tgl_Berangkat="-", BPJS="-"))
    assert placement["certification_level"] == 0
    assert pd.isna([placement[name] for name in ("worker_ref", "agency_id", "departed_on", "has_bpjs")]).all()


@pytest.mark.parametrize(
    "blank", ["", "n/a", "NULL", "kosong", "belum", "Belum berangkat", "0000-00-00", "tidak diketahui"]
)
def test_a_departure_to_come_may_be_blank_in_many_spellings(office: Any, row: Any, blank: str) -> None:
    (placement,) = office.accept(row(1, Tgl_Berangkat=blank))
    assert pd.isna(placement["departed_on"])


@pytest.mark.parametrize(
    ("certificate", "level"),
    [
        ("KKNI 2", 4),
        ("Sertifikat KKNI Level II", 4),
        ("Sertifikat Kompetensi KKNI Jenjang III - Housekeeping", 4),
        ("KKNI Level 4", 6),
        ("KKNI IV (Perawat)", 6),
        ("Jenjang V KKNI", 6),
        ("OPP, BLK", 3),
        ("Kompetensi + Bahasa", 5),
        ("OPP; KKNI level 2", 4),
        ("Sertifikat Profesi (Perawat)", 6),
        ("Pelaut STCW 2010", 6),
        ("Tidak ada", 0),
        ("belum ada", 0),
    ],
)
def test_certificates_as_offices_name_them(office: Any, row: Any, certificate: str, level: int) -> None:
    (placement,) = office.accept(row(1, Sertifikasi=certificate))
    assert placement["certification_level"] == level


@pytest.mark.parametrize(
    "certificate",
    ["KKNI", "KKNI 10", "proses sertifikat profesi", "BST belum lulus", "belum KKNI 4", "KKNI Level 3 belum lulus"],
)
def test_a_certificate_without_level_or_not_yet_held_is_refused(office: Any, row: Any, certificate: str) -> None:
    assert "certification_level" in office.refuse(row(1, Sertifikasi=certificate))


def test_total_rows_repeated_headings_and_notes_are_read_and_refused(office: Any, row: Any, table: Any) -> None:
    headings, first, second = table([row(1), row(2)])
    blank = [""] * len(headings)
    rows = [
        headings,
        list(range(1, len(headings) + 1)),
        first,
        ["Jumlah", "1", *blank[2:]],
        headings,
        second,
        blank,
        ["TOTAL 300", *blank[1:]],
        ["", "", "Grand Total", "", "2", *blank[5:]],
        ["Total: 2 PMI", *blank[1:11], "11.200.000", *blank[12:]],
        ["Sumber: SISKOP2MI", *blank[1:]],
        ["", "", "Mengetahui, Kepala Dinas", *blank[3:]],
    ]
    result = office.ingest(office.csv(rows))
    assert (result.summary["read"], result.summary["accepted"], result.summary["rejected"]) == (10, 2, 8)
    rules = list(result.rejects["rule"])
    assert rules.count("total row, not a record") == 4
    assert rules.count("heading row repeated, not a record") == 1
    assert rules.count("row of column numbers, not a record") == 1
    assert "Kepala Dinas" not in result.rejects.to_csv()


def test_an_agency_called_total_is_no_total_row(office: Any, row: Any, table: Any) -> None:
    rows = [{"P3MI": "Total Jaya", **{key: value for key, value in row(1).items() if key != "P3MI"}}]
    assert office.ingest(office.csv(table(rows))).summary["accepted"] == 1


def test_the_later_row_wins_across_files_and_a_refused_one_replaces_nothing(office: Any, row: Any, table: Any) -> None:
    first = office.csv(table([row(1), row(2), row(1, Kontrak="", Gaji_per_Bulan="6.000.000")]), "a.csv")
    second = office.csv(table([row(2, Gaji_per_Bulan="7.000.000"), row(1, Gaji_per_Bulan="lima juta")]), "b.csv")
    wages = office.ingest(first, second).frame.set_index("placement_id")["wage_monthly_idr"]
    assert wages.to_dict() == {"PMI-1": 6_000_000, "PMI-2": 7_000_000}
    result = office.ingest(second, first)
    assert result.frame.set_index("placement_id")["wage_monthly_idr"].to_dict() == {
        "PMI-1": 6_000_000,
        "PMI-2": 5_600_000,
    }
    assert (result.summary["read"], result.summary["accepted"], result.summary["placements"]) == (5, 4, 2)


def test_an_export_with_record_times_keeps_its_versions(office: Any, row: Any, table: Any) -> None:
    versions = [
        row(1, **{"Dicatat Pada": day, "BPJS": flag}) for day, flag in (("2025-02-04", "Tidak"), ("2025-03-01", "Ya"))
    ]
    result = office.ingest(office.csv(table([*versions, versions[1]])))
    assert list(result.frame["recorded_at"]) == [pd.Timestamp("2025-02-04"), pd.Timestamp("2025-03-01")]
    assert result.summary["placements"] == 1
    assert result.summary["replaced_by_later_rows"] == 1


def test_two_files_of_one_name_are_told_apart(office: Any, row: Any, table: Any) -> None:
    paths = []
    for folder in ("a", "b"):
        (office.folder / folder).mkdir()
        paths.append(office.csv(table([row(1, Jabatan="Astronot")]), f"{folder}/export.csv"))
    assert office.ingest(*paths).rejects["file"].nunique() == 2


@pytest.mark.parametrize(
    ("scheme", "departed", "accepted"),
    [
        ("P to P", "2025-02-02", False),
        ("P to P", "2025-02-03", True),
        ("Re-entry", "2025-01-01", False),
        ("Re-entry", "2023-01-01", True),
        ("Perpanjangan luar negeri", "2025-01-01", True),
    ],
)
def test_a_departure_before_registration_needs_an_extension(
    office: Any, row: Any, table: Any, scheme: str, departed: str, accepted: bool
) -> None:
    result = office.ingest(office.csv(table([row(1, Skema=scheme, Tgl_Berangkat=departed)])))
    assert result.summary["accepted"] == int(accepted)
    assert list(result.rejects["column"]) == ([] if accepted else ["departed_on"])


def test_a_return_before_the_departure_is_refused(office: Any, row: Any) -> None:
    assert set(office.refuse(row(1, **{"Tgl Pulang": "2025-05-05"}))) == {"returned_on"}


@pytest.mark.parametrize("cell", ["SIMULASI", "Simulated", "Data simulasi 2026", "dummy"])
def test_a_marked_row_is_simulated(office: Any, row: Any, cell: str) -> None:
    marked, unmarked = office.accept(row(1, **{"Asal Data": cell}), row(2, **{"Asal Data": ""}))
    assert (marked["data_origin"], unmarked["data_origin"]) == ("simulated", "real")


def test_an_unknown_origin_of_the_data_is_counted_and_real(office: Any, row: Any, table: Any) -> None:
    result = office.ingest(office.csv(table([row(1, **{"Asal Data": "SISKOP2MI"})])))
    assert list(result.frame["data_origin"]) == ["real"]
    assert result.summary["read_as_blank"] == {"data_origin": 1}


def test_a_title_that_says_simulation_outweighs_the_rows(office: Any, row: Any, table: Any) -> None:
    rows = [["DATA SIMULASI – bukan data nyata"], *table([row(1, **{"Asal Data": "real"})])]
    assert list(office.ingest(office.csv(rows)).frame["data_origin"]) == ["simulated"]


def test_a_simulated_id_that_lost_its_marker_is_still_simulated(office: Any, row: Any) -> None:
    (placement,) = office.accept(row(1, ID_Penempatan="SIM-000001"))
    assert placement["data_origin"] == "simulated"


@pytest.mark.parametrize("form", ["{}", "Ana / {}", "{0:.6} {0}", "'{}"])
def test_a_nik_in_the_wrong_column_is_shown_nowhere(office: Any, row: Any, table: Any, form: str) -> None:
    other = "5314093379530487"
    headings = (
        "ID Penempatan",
        "Jabatan",
        "Negara Tujuan",
        "Kode Kab",
        "Tgl Daftar",
        "Gaji per Bulan",
        "BPJS",
        "Tahun Lahir",
    )
    rows = [row(number, **{heading: form.format(other)}) for number, heading in enumerate(headings)]
    result = office.ingest(office.csv(table(rows)))
    assert result.summary["rejected"] == len(headings) - 1
    assert_nowhere(office.out, other)
    assert_nowhere(office.out, NIK)


def assert_nowhere(folder: Path, number: str) -> None:
    for file in folder.iterdir():
        assert number.encode() not in file.read_bytes(), file


def test_names_phones_and_passports_are_not_read_and_the_summary_says_which_headings(
    office: Any, row: Any, table: Any
) -> None:
    person = {"Nama PMI": "Maria Bunga", "No HP": "081234567890", "Paspor": "X1234567"}
    result = office.ingest(office.csv(table([row(1) | person])))
    assert result.summary["files"][0]["headings_not_used"] == list(person)
    for secret in person.values():
        assert_nowhere(office.out, secret)


def test_headings_are_found_in_other_spellings_and_any_order(office: Any, row: Any, table: Any) -> None:
    spelled = {
        "ID Penempatan": "No. Penempatan",
        "Negara Tujuan": "NEGARA\nPENEMPATAN",
        "Tgl Daftar": "Tanggal Pendaftaran",
        "Gaji per Bulan": "Gaji  per bulan (Rp)",
        "Kode Kab": "Kode Kab./Kota*",
    }
    renamed = {spelled.get(key, key.upper()): value for key, value in reversed(row(1).items())}
    result = office.ingest(office.csv(table([renamed])))
    assert result.rejects.empty
    assert result.summary["files"][0]["headings_not_used"] == []


def test_a_file_without_a_needed_heading_says_which_and_the_nearest_found(office: Any, row: Any, table: Any) -> None:
    rows = [{("Skemma Pnpt" if key == "Skema" else key): value for key, value in row(1).items()}]
    with pytest.raises(MappingError, match=r"no heading for scheme .*'Skema'.*Skemma Pnpt"):
        office.ingest(office.csv(table(rows)))


def test_a_file_without_headings_is_refused(office: Any, row: Any, table: Any) -> None:
    with pytest.raises(MappingError, match="no row of headings found"):
        office.ingest(office.csv(table([row(1)])[1:]))


def test_a_file_with_headings_only_is_an_empty_table(office: Any, row: Any, table: Any) -> None:
    result = office.ingest(office.csv(table([row(1)])[:1]))
    assert (result.summary["read"], len(result.frame)) == (0, 0)
    assert schema.read_table(office.out / "placements.parquet").empty


def test_two_runs_write_the_same_bytes(office: Any, row: Any, table: Any) -> None:
    path = office.csv(
        table([row(number, Jabatan=job) for number, job in enumerate(("PLRT", "?", "Astronot", "Caregiver"))])
    )
    office.ingest(path)
    before = {file.name: file.read_bytes() for file in office.out.iterdir()}
    office.ingest(path)
    assert {file.name: file.read_bytes() for file in office.out.iterdir()} == before
    assert set(before) == {"placements.parquet", "rejects.csv", "summary.json"}


def test_a_failed_run_leaves_everything_as_it_was(office: Any, row: Any, table: Any) -> None:
    good, broken = office.csv(table([row(1)])), office.text("", "empty.csv")
    office.ingest(good)
    before = {file.name: file.read_bytes() for file in office.out.iterdir()}
    with pytest.raises(UnreadableFileError):
        office.ingest(office.csv(table([row(2)]), "other.csv"), broken)
    assert {file.name: file.read_bytes() for file in office.out.iterdir()} == before


def test_a_run_that_cannot_write_leaves_nothing(office: Any, row: Any, table: Any) -> None:
    path = office.csv(table([row(1)]))
    (office.out / "rejects.csv").mkdir(parents=True)
    with pytest.raises(UnreadableFileError, match="in the way"):
        office.ingest(path)
    assert [file.name for file in office.out.iterdir()] == ["rejects.csv"]


def test_reading_alone_writes_nothing(office: Any, row: Any, table: Any) -> None:
    path = office.csv(table([row(1)]))
    assert len(read_exports([path], mapping="siskop2mi", key=KEY).frame) == 1
    assert [file.name for file in office.folder.iterdir()] == ["export.csv"]


def test_progress_tells_how_much_of_what_is_done(office: Any, row: Any, table: Any) -> None:
    told: list[tuple[int, int, str]] = []
    path = office.csv(table([row(1)]))
    ingest([path], mapping="siskop2mi", out=office.out, key=KEY, progress=lambda *step: told.append(step))
    assert told[0] == (0, 1, "reading export.csv")
    assert all(0 <= done <= total and what for done, total, what in told)


def test_another_key_gives_other_references(office: Any, row: Any, table: Any) -> None:
    path = office.csv(table([row(1)]))
    ours, theirs = (read_exports([path], mapping="siskop2mi", key=key) for key in (KEY, b"x" * 32))
    assert ours.frame.loc[0, "worker_ref"] != theirs.frame.loc[0, "worker_ref"]
    assert ours.summary["worker_key_fingerprint"] != theirs.summary["worker_key_fingerprint"]
