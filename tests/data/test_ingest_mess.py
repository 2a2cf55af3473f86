"""Mess that offices send is read where it is clear, and refused with its repair where it is not."""

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.chart import BarChart, Reference

from risk_model.errors import MappingError, UnreadableFileError

DAY = "2025-08-03"


@pytest.mark.parametrize(
    ("heading", "cell", "column", "value"),
    [
        ("Tgl Berangkat", "03–08–2025", "departed_on", pd.Timestamp(DAY)),
        ("Tgl Berangkat", "03−08−2025", "departed_on", pd.Timestamp(DAY)),
        ("Tgl Berangkat", "\u200e03/08/2025", "departed_on", pd.Timestamp(DAY)),
        ("Tgl Berangkat", "３/８/２０２５", "departed_on", pd.Timestamp(DAY)),
        ("Negara Tujuan", "\u200eMalay\u200bsia\u200f", "destination", "MYS"),
        ("Negara Tujuan", "ＭＡＬＡＹＳＩＡ\u00a0", "destination", "MYS"),
        ("Negara Tujuan", "Hong_x000D_\nKong", "destination", "HKG"),
        ("Sertifikasi", "2.0", "certification_level", 2),
        ("BPJS", "1.0", "has_bpjs", True),
        ("BPJS", "0.0", "has_bpjs", False),
        ("ID Penempatan", "PMI–25–7", "placement_id", "PMI-25-7"),
        ("ID Penempatan", "123.0", "placement_id", "123"),
        ("P3MI", "PT \x07Maju", "agency_id", "PT Maju"),
        ("P3MI", "PT " + "Maju " * 30 + "Jaya", "agency_id", "PT " + "Maju " * 30 + "Jaya"),
    ],
)
def test_what_is_clear_is_read(
    office: Any, row: Any, table: Any, heading: str, cell: str, column: str, value: object
) -> None:
    rows = table([row(1, **{heading: cell})])
    result = office.ingest(office.xlsx(rows) if "_x000D_" in cell else office.csv(rows))
    assert result.rejects.empty, result.rejects.to_string()
    assert result.frame.loc[0, column] == value


@pytest.mark.parametrize(
    ("heading", "cell", "column", "suggestion"),
    [
        ("Sertifikasi", "-1", "certification_level", "1"),
        ("Tgl Berangkat", "3 Agustsu 2025", "departed_on", DAY),
        ("Tgl Berangkat", "03/08/0202", "departed_on", "write the day"),
        ("Tgl Berangkat", "#REF!", "departed_on", "correct the formula"),
        ("P3MI", "#NAME?", "agency_id", "correct the formula"),
        ("ID Penempatan", "#VALUE!", "placement_id", "correct the formula"),
        ("Gaji per Bulan", "########", "wage_monthly_idr", "widen the column"),
        ("ID Penempatan", "0", "placement_id", "give it"),
        ("P3MI", "x" * 201, "agency_id", "shorten it"),
        ("P3MI", "x" * 1_000_000, "agency_id", "give the value alone"),
        ("Jabatan", "y" * 1_000_000, "position", "give the value alone"),
    ],
)
def test_what_is_not_clear_is_refused_with_its_repair(
    office: Any, row: Any, heading: str, cell: str, column: str, suggestion: str
) -> None:
    refused = office.refuse(row(1, **{heading: cell}))
    assert set(refused) == {column}
    assert suggestion in refused[column]["suggestion"]


def test_a_text_code_that_lost_a_zero_is_not_taken_for_another_area(office: Any, row: Any) -> None:
    refused = office.refuse(row(1, **{"Kode Kab": "53.1", "Kab/Kota Asal": ""}))
    assert refused["origin"]["suggestion"] == "53.10, if a spreadsheet dropped the zero"


@pytest.mark.parametrize("cell", [True, dt.datetime(2025, 1, 2), 7.5])
def test_an_id_that_a_spreadsheet_converted_is_refused(office: Any, row: Any, table: Any, cell: object) -> None:
    result = office.ingest(
        office.xlsx(table([row(1, **{"ID Penempatan": cell}), row(2, P3MI=dt.datetime(2025, 1, 2))]))
    )
    assert list(result.rejects["column"]) == ["placement_id", "agency_id"]


PERSONS = {
    "Maria Bunga 081234567890": "Maria",
    "CP Maria (0812) 3456-7890": "3456",
    "0812.3456.7890": "0812",
    "+62 812 3456 7890": "812",
    "maria@contoh.id": "maria",
    "Paspor C7654321": "7654321",
    "Keluarga (Sdri. Maria)": "Maria",
    "a.n. Bpk Yohanes": "Yohanes",
    "Maria belum digaji sejak 2 bulan (CP 081234567890)": "Maria",
}


@pytest.mark.parametrize(("cell", "secret"), PERSONS.items())
@pytest.mark.parametrize("heading", ["Jabatan", "P3MI", "Kantor Layanan", "Tgl Daftar", "Kode Kab", "Gaji per Bulan"])
def test_a_person_in_free_text_reaches_no_output(
    office: Any, row: Any, table: Any, heading: str, cell: str, secret: str
) -> None:
    result = office.ingest(office.csv(table([row(1, **{heading: cell})])))
    assert result.summary["rejected"] == 1
    for file in office.out.iterdir():
        assert secret.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("cell", ["081234567890", "+6281234567890", "Maria Bunga", "maria@contoh.id"])
def test_a_person_in_the_place_of_an_id_is_refused_unseen(office: Any, row: Any, cell: str) -> None:
    refused = office.refuse(row(1, **{"ID Penempatan": cell}))
    assert refused["placement_id"]["found"] == "•••"


def test_a_story_where_a_code_belongs_is_refused_unseen(office: Any, row: Any) -> None:
    assert office.refuse(row(1, Jabatan="Maria belum digaji sejak dua bulan"))["position"]["found"] == "•••"
    assert office.refuse(row(1, Jabatan="Penjaga mercu suar"))["position"]["found"] == "Penjaga mercu suar"


def test_an_agency_of_zeros_is_not_recorded(office: Any, row: Any) -> None:
    (placement,) = office.accept(row(1, P3MI="0"))
    assert pd.isna(placement["agency_id"])


def test_a_name_beyond_the_headings_is_not_repeated(office: Any, row: Any, table: Any) -> None:
    headings, good = table([row(1)])
    result = office.ingest(office.csv([headings, [*good, "Maria Bunga"]]))
    assert result.rejects.loc[0, "found"] == "•••"
    assert result.rejects.loc[0, "rule"] == "20 cells under 19 headings"


def test_signatures_under_a_table_are_notes_and_no_name_is_repeated(office: Any, row: Any, table: Any) -> None:
    headings, first = table([row(1)])
    blank = [""] * len(headings)

    def footer(left: str, right: str) -> list[str]:
        return [*blank[:2], left, *blank[3:10], right, *blank[11:]]

    rows = [
        headings,
        first,
        ["Total, dihitung oleh Maria Bunga", *blank[1:]],
        footer("Mengetahui,", "Kupang, 31 Desember 2025"),
        footer("Maria Bunga, S.Sos", "Yohanes Tefa"),
        footer("NIP. 19650101 199003 1 001", "NIP 197001012000031002"),
        ["Maria Bunga", *blank[1:9], "Yohanes Tefa", *blank[10:]],
    ]
    result = office.ingest(office.csv(rows))
    assert (result.summary["accepted"], result.summary["rejected"]) == (1, 5)
    told = result.rejects.to_csv() + json.dumps(result.summary)
    assert not [secret for secret in ("Maria", "Yohanes", "1965", "1970") if secret in told]


@pytest.mark.parametrize("mapping", ["complaints", "visits"])
def test_signatures_under_complaints_and_visits_are_notes(office: Any, mapping: str) -> None:
    headings = ["ID Penempatan", "Kab/Kota", "Kategori", "Tgl Lapor", "Tgl Kunjungan", "Hasil"]
    rows = [
        headings,
        ["PMI-1", "", "", "2025-03-01", "2025-03-01", "aman"],
        ["", "Maria Bunga", "Yohanes Tefa", "", "", ""],
    ]
    result = office.ingest(office.csv(rows), mapping=mapping)
    assert (result.summary["accepted"], list(result.rejects["rule"])) == (1, ["a note, not a record"])


def test_a_complaint_of_few_cells_is_no_signature(office: Any) -> None:
    headings = [
        "No Pengaduan",
        "ID Penempatan",
        "Kab/Kota",
        "Kategori",
        "Prosedural",
        "Tgl Lapor",
        "Sumber",
        "Asal Data",
    ]
    rows = [
        headings,
        ["", "", "Ende", "", "", "2025-03-01", "", ""],
        ["", "", "Mengetahui", "", "", "", "Maria Bunga", ""],
    ]
    result = office.ingest(office.csv(rows), mapping="complaints")
    assert (result.summary["accepted"], list(result.rejects["rule"])) == (1, ["a note, not a record"])


def test_where_some_dates_have_the_month_first_those_that_may_be_either_are_refused(
    office: Any, row: Any, table: Any
) -> None:
    days = ["08/13/2025", "08/03/2025", "3/3/2025", "2025-08-03"]
    rows = [row(number, Tgl_Daftar=day, Tgl_Berangkat="") for number, day in enumerate(days, start=1)]
    result = office.ingest(office.csv(table(rows)))
    assert list(result.frame["placement_id"]) == ["PMI-3", "PMI-4"]
    assert list(result.rejects["suggestion"]) == ["2025-08-13", "2025-08-03 if the month stands first, else 2025-03-08"]
    day_first = office.csv(table([*rows, row(5, Tgl_Daftar="31/01/2025")]), "mixed.csv")
    assert list(office.ingest(day_first).rejects["row"]) == [2]


def test_a_heading_that_stands_twice_counts_where_both_agree(office: Any, row: Any, table: Any) -> None:
    headings, *rows = table([row(1, Tgl_Berangkat=""), row(2, Tgl_Berangkat=DAY), row(3, Tgl_Berangkat=DAY)])
    other = [DAY, DAY, "2025-07-01"]
    again = [[*cells, day] for cells, day in zip(rows, other, strict=True)]
    result = office.ingest(office.csv([[*headings, "Tgl Berangkat"], *again]))
    assert list(result.frame["departed_on"]) == [pd.Timestamp(DAY)] * 2
    assert list(result.rejects["found"]) == [f"{DAY} | 2025-07-01"]
    assert list(result.rejects["rule"]) == ["two columns have this heading, and they differ"]


@pytest.mark.parametrize("sub_headings_are_known", [True, False])
def test_headings_in_two_rows_with_merged_cells(
    office: Any, row: Any, table: Any, sub_headings_are_known: bool
) -> None:
    headings, *rows = table([row(1), row(2)])
    upper, lower = list(headings), [None] * len(headings)
    upper[8:10] = ["Tanggal", None]
    lower[8:10] = ["Tgl Daftar", "Tgl Berangkat"] if sub_headings_are_known else ["Daftar", "Berangkat"]
    result = office.ingest(office.xlsx([["REKAP"], upper, lower, *rows, upper, lower]))
    assert list(result.frame["departed_on"]) == [pd.Timestamp("2025-05-06")] * 2
    assert (result.summary["read"], result.summary["rejected"]) == (4, 2)


def test_a_record_is_never_taken_for_a_second_row_of_headings(office: Any, row: Any, table: Any) -> None:
    rows = table([row(1, Keterangan="Kantor"), row(2, Keterangan="")])
    assert office.ingest(office.csv(rows)).summary["accepted"] == 2


def test_every_sheet_is_accounted_for(office: Any, row: Any, table: Any) -> None:
    without_scheme = [{key: value for key, value in row(2).items() if key != "Skema"}]
    path = office.xlsx(
        table([row(1)]), Feb=table(without_scheme), Catatan=[["hubungi dinas"]], Kosong=[], Arsip=table([row(9)])
    )
    book = openpyxl.load_workbook(path)
    book["Arsip"].sheet_state = "hidden"
    chart = BarChart()
    chart.add_data(Reference(book["Data"], min_col=18, min_row=1, max_row=2), titles_from_data=True)
    book.create_chartsheet("Grafik", 0).add_chart(chart)
    book.save(path)
    result = office.ingest(path)
    assert (result.summary["read"], result.summary["accepted"]) == (2, 1)
    assert (result.rejects.loc[0, "file"], result.rejects.loc[0, "column"]) == ("export.xlsx [Feb]", "scheme")
    assert result.summary["sheets_not_read"] == ["export.xlsx [Catatan]", "export.xlsx [Arsip]"]


def test_a_misspelt_heading_is_named_with_the_column_it_may_mean(office: Any, row: Any, table: Any) -> None:
    rows = [{("Tgl Brangkat" if key == "Tgl Berangkat" else key): value for key, value in row(1).items()}]
    result = office.ingest(office.csv(table([rows[0] | {"Nama PMI": "Maria Bunga"}])))
    assert result.summary["files"][0]["perhaps_meant"] == {"Tgl Brangkat": "departed_on"}


@pytest.mark.parametrize("name", ["export.csv", "export.xls", "export.dat"])
def test_a_workbook_is_read_whatever_its_name(office: Any, row: Any, table: Any, name: str) -> None:
    path = office.xlsx(table([row(1), row(2, P3MI="=1+1")]))
    result = office.ingest(path.rename(path.with_name(name)))
    assert (result.summary["accepted"], list(result.rejects["column"])) == (1, ["agency_id"])


def test_utf32_and_quotation_marks_behind_spaces_are_read(office: Any, row: Any, table: Any) -> None:
    lines = [", ".join(f'"{cell}"' for cell in cells) for cells in table([row(1, P3MI="PT A, B")])]
    for encoding in ("utf-8", "utf-32"):
        result = office.ingest(office.text("\n".join(lines), encoding=encoding))
        assert list(result.frame["agency_id"]) == ["PT A, B"]


def test_a_file_without_headings_does_not_repeat_its_records(office: Any, row: Any, table: Any) -> None:
    rows = [[*cells, "Maria Bunga", "BPJS"] for cells in table([row(1), row(2)])[1:]]
    with pytest.raises(MappingError, match="no row of headings found") as refused:
        office.ingest(office.csv(rows))
    assert "Maria" not in str(refused.value)


def test_a_workbook_made_to_fill_the_memory_is_refused(office: Any, row: Any, table: Any) -> None:
    path = office.xlsx(table([row(1)]))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 101_000_000)
    with pytest.raises(UnreadableFileError, match="times its size"):
        office.ingest(path)
    assert not Path(office.out).exists()
