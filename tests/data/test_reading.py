"""Files of every kind and encoding are read, or refused with what would make them readable."""

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from risk_model.data import workbook
from risk_model.data.reading import decode
from risk_model.errors import UnreadableFileError


def ids(result: Any) -> list[str]:
    return list(result.frame["placement_id"])


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_any_usual_delimiter_and_encoding(office: Any, row: Any, table: Any, delimiter: str, encoding: str) -> None:
    path = office.csv(table([row(1, P3MI="P3MI Café")]), delimiter=delimiter, encoding=encoding)
    result = office.ingest(path)
    assert result.frame.loc[0, "agency_id"] == "P3MI Café"
    assert result.rejects.empty


def test_windows_bytes_pasted_into_utf8_text_are_read() -> None:
    assert decode("Café – ".encode() + "Café – kosong".encode("cp1252"), name="x") == "Café – Café – kosong"


def test_rows_are_numbered_as_a_spreadsheet_counts_them(office: Any, row: Any, table: Any) -> None:
    headings, first, second, bad = table([row(1, P3MI="two\nlines"), row(2), row(3, Jabatan="Astronot")])
    path = office.csv([["REKAP 2025"], [], headings, first, [], second, [""] * 19, bad])
    result = office.ingest(path)
    assert list(result.rejects["row"]) == [8]
    assert result.summary["files"][0]["headings_row"] == 3
    assert result.summary["read"] == 3


def test_a_cell_with_line_breaks_and_delimiters_stays_one_cell(office: Any, row: Any) -> None:
    (accepted,) = office.accept(row(1, P3MI="PT Maju; cabang\nKupang"))
    assert accepted["agency_id"] == "PT Maju; cabang Kupang"


def test_the_delimiter_is_that_which_shows_the_headings_not_the_commonest(office: Any, row: Any, table: Any) -> None:
    rows = [row(number, P3MI="PT A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R") for number in (1, 2)]
    assert ids(office.ingest(office.csv(table(rows)))) == ["PMI-1", "PMI-2"]


def test_a_quotation_mark_never_closed_is_refused_with_its_row(office: Any, row: Any, table: Any) -> None:
    lines = [";".join(map(str, cells)) for cells in table([row(1), row(2), row(3)])]
    lines[2] = lines[2].replace("P3MI-057", '"P3MI-057')
    with pytest.raises(UnreadableFileError, match=r"row 3 .*quotation mark"):
        office.ingest(office.text("\r\n".join(lines)))


def test_a_row_with_more_cells_than_headings_is_refused(office: Any, row: Any, table: Any) -> None:
    lines = [",".join(map(str, cells)) for cells in table([row(1), row(2, Gaji_per_Bulan="5,600,000")])]
    result = office.ingest(office.text("\n".join(lines)))
    assert ids(result) == ["PMI-1"]
    assert result.rejects.loc[0, "rule"] == "21 cells under 19 headings"


def test_a_row_that_ends_early_has_blanks_at_its_end(office: Any, row: Any, table: Any) -> None:
    headings, cells = table([row(1)])
    result = office.ingest(office.csv([headings, cells[:9]]))
    assert result.summary["accepted"] == 1
    assert pd.isna(result.frame.loc[0, "departed_on"])


def test_xlsx_cells_of_every_type(office: Any, row: Any, table: Any) -> None:
    typed = row(1, Tgl_Daftar=dt.datetime(2025, 2, 3), Tgl_Berangkat=45783, Gaji_per_Bulan=5600000, BPJS=True, OPP=0)
    typed |= {
        "Kontrak (bln)": 24.0,
        "Tahun Lahir": "1990",
        "Kode Kab": 53.1,
        "Kab/Kota Asal": None,
        "Biaya Penempatan": None,
    }
    accepted = office.ingest(office.xlsx(table([typed]))).frame.to_dict("records")[0]
    assert accepted["registered_on"] == pd.Timestamp("2025-02-03")
    assert accepted["departed_on"] == pd.Timestamp("2025-05-06")
    assert (accepted["wage_monthly_idr"], accepted["contract_months"], accepted["birth_year"]) == (5_600_000, 24, 1990)
    assert (accepted["has_bpjs"], accepted["attended_opp"], accepted["origin"]) == (True, False, "53.10")


def test_a_formula_without_a_stored_value_is_refused_in_its_column(office: Any, row: Any, table: Any) -> None:
    result = office.ingest(office.xlsx(table([row(1), row(2, NIK="=A1"), row(3, Jabatan="=HYPERLINK(1)")])))
    assert list(zip(result.rejects["row"], result.rejects["column"], strict=True)) == [
        (3, "worker_ref"),
        (4, "position"),
    ]
    assert result.rejects.loc[1, "found"] == "'=HYPERLINK(1)"


def test_a_formula_stands_for_the_value_stored_with_it(office: Any, row: Any, table: Any) -> None:
    path = office.xlsx(table([row(1, Jabatan="=X1", P3MI="=X2", Sertifikasi="=X3")]))
    stored = {
        "X1": 't="str"><f>X1</f><v>Caregiver</v>',
        "X2": 't="str"><f>X2</f><v></v>',
        "X3": 't="e"><f>X3</f><v>#N/A</v>',
    }

    def calculate(sheet: str) -> str:
        for cell, value in stored.items():
            sheet = sheet.replace(f"><f>{cell}</f><v/>", f" {value}").replace(f"><f>{cell}</f><v />", f" {value}")
        return sheet

    result = office.ingest(_rewritten(path, calculate))
    assert result.rejects.empty, result.rejects.to_string()
    assert result.frame.loc[0, "position"] == "caregiver"
    assert result.frame.loc[0, ["agency_id", "certification_level"]].isna().all()


def test_a_failed_formula_is_refused(office: Any, row: Any, table: Any) -> None:
    result = office.ingest(office.xlsx(table([row(1, Jabatan="#REF!"), row(2, P3MI="#VALUE!")])))
    assert list(result.rejects["column"]) == ["position", "agency_id"]


def test_text_that_begins_like_a_formula_is_text(office: Any, row: Any) -> None:
    assert office.refuse(row(1, Jabatan="=HYPERLINK(1)"))["position"]["rule"] == "not a known position"


def test_title_rows_hidden_rows_and_a_wrong_declared_size_do_not_matter(office: Any, row: Any, table: Any) -> None:
    path = office.xlsx([["REKAP PENEMPATAN PMI"], [None], ["Provinsi", "NTT"], *table([row(1), row(2)])])
    hidden = _rewritten(
        path, lambda sheet: sheet.replace('<row r="5"', '<row hidden="1" r="5"').replace('ref="A1:S6"', 'ref="A1"')
    )
    assert ids(office.ingest(hidden)) == ["PMI-1", "PMI-2"]


def test_of_several_sheets_those_with_the_headings_are_read(office: Any, row: Any, table: Any) -> None:
    path = office.xlsx(
        [["Petunjuk"], ["isi lembar berikut"]], Januari=table([row(1)]), Februari=table([row(2, Skema="?")])
    )
    result = office.ingest(path)
    assert ids(result) == ["PMI-1"]
    assert list(result.rejects["file"]) == ["export.xlsx [Februari]"]


def test_parquet_counts_rows_below_its_headings(office: Any, row: Any) -> None:
    rows = [
        row(1, Tgl_Daftar=pd.Timestamp("2025-02-03")),
        row(2, Tgl_Daftar=pd.NaT),
        row(3, Tgl_Daftar=pd.Timestamp("2025-02-04")),
    ]
    frame = pd.DataFrame(rows).assign(
        **{"Kontrak (bln)": [24.0, None, 36.0], "NIK": [5305149092546565, 5307191399925450, 1]}
    )
    path = office.folder / "export.parquet"
    frame.to_parquet(path)
    result = office.ingest(path)
    assert ids(result) == ["PMI-1", "PMI-3"]
    assert list(result.frame["worker_ref"].notna()) == [True, False]
    assert list(result.rejects["row"]) == [3]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \r\n \n", "no text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, r"\.xls file, or a workbook with a password"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PAR1 but not parquet", "damaged Parquet"),
        (b"PK\x03\x04 but no archive", "damaged or protected"),
        (b"<html><table><tr><td>ID</td></tr></table>", "web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "web page or XML"),
        (b"\x7fELF\x00\x01\x02" + bytes(range(1, 255)), "neither csv, xlsx nor Parquet"),
        (b"\x1f\x8b\x08\x00", "gzip"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_repair(office: Any, content: bytes, says: str) -> None:
    path = office.folder / "export.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=says):
        office.ingest(path)
    assert not office.out.exists()


def test_a_missing_file_and_a_folder_are_told_apart(office: Any) -> None:
    with pytest.raises(UnreadableFileError, match="does not exist"):
        office.ingest(office.folder / "none.csv")
    with pytest.raises(UnreadableFileError, match="is a folder"):
        office.ingest(office.folder)
    with pytest.raises(UnreadableFileError, match="no file was given"):
        office.ingest()


def test_other_archives_are_refused(office: Any) -> None:
    for member, says in (("mimetype", r"\.ods"), ("notes.txt", "no Excel workbook"), ("xl/workbook.bin", r"\.xlsb")):
        path = office.folder / "archive.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, "x")
        with pytest.raises(UnreadableFileError, match=says):
            office.ingest(path)


def test_a_damaged_workbook_is_refused(office: Any, row: Any, table: Any) -> None:
    path = office.xlsx(table([row(1)]))
    with pytest.raises(UnreadableFileError, match="damaged"):
        office.ingest(_rewritten(path, lambda sheet: sheet[: len(sheet) // 2]))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFileError, match="damaged"):
        office.ingest(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    office: Any, row: Any, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office.xlsx(table([row(1)]))
    monkeypatch.setattr(workbook, "MOST_BYTES", 1000)
    with pytest.raises(UnreadableFileError, match="unpacks to"):
        office.ingest(path)


def _rewritten(path: Path, change: Any) -> Path:
    """The workbook with its first sheet's XML changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = change(members[name].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path
