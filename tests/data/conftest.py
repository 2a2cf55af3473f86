"""What do the tests of the import share?"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from risk_model.data.ingest import IngestResult, ingest

KEY = b"a key for tests, thirty-two bytes"
PLACEMENT: Mapping[str, Any] = {
    "ID Penempatan": "PMI-1",
    "NIK": "5305149092546565",
    "Kab/Kota Asal": "Flores Timur",
    "Kode Kab": "53.06",
    "Negara Tujuan": "Malaysia",
    "Jabatan": "Caregiver",
    "Skema": "P to P",
    "Sertifikasi": "OPP",
    "Tgl Daftar": "2025-02-03",
    "Tgl Berangkat": "06-05-2025",
    "P3MI": "P3MI-057",
    "Gaji per Bulan": "Rp 5.600.000",
    "Biaya Penempatan": "0",
    "Kontrak (bln)": "24",
    "BPJS": "Ya",
    "OPP": "Sudah",
    "Jenis Kelamin": "P",
    "Tahun Lahir": "1990",
    "Pendidikan": "SMA",
}


def placement(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One good row; `changes` are keyed by heading with spaces as underscores."""
    return {**PLACEMENT, "ID Penempatan": f"PMI-{number}"} | {
        key.replace("_", " "): new for key, new in changes.items()
    }


def as_table(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Headings, then one list of cells per row."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return [headings, *([row.get(heading, "") for heading in headings] for row in rows)]


@dataclass(frozen=True)
class Office:
    """An office that writes files into `folder` and hands them in."""

    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def text(self, content: str, name: str = "export.csv", *, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode(encoding))
        return path

    def csv(
        self, rows: Sequence[Sequence[Any]], name: str = "export.csv", *, delimiter: str = ";", encoding: str = "utf-8"
    ) -> Path:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
        return self.text(buffer.getvalue(), name, encoding=encoding)

    def xlsx(
        self, rows: Sequence[Sequence[Any]], name: str = "export.xlsx", **other_sheets: Sequence[Sequence[Any]]
    ) -> Path:
        book = openpyxl.Workbook()
        for title, cells in {"Data": rows, **other_sheets}.items():
            sheet = book.active if title == "Data" else book.create_sheet(title)
            assert sheet is not None
            sheet.title = title
            for row in cells:
                sheet.append(list(row))
        book.save(self.folder / name)
        return self.folder / name

    def ingest(self, *files: Path, mapping: str | Path = "siskop2mi") -> IngestResult:
        return ingest(files, mapping=mapping, out=self.out, key=KEY)

    def accept(self, *rows: Mapping[str, Any], mapping: str | Path = "siskop2mi") -> list[dict[str, Any]]:
        """Hand in rows that must all be good; what they become."""
        result = self.ingest(self.csv(as_table(rows)), mapping=mapping)
        assert result.rejects.empty, result.rejects.to_string()
        return result.frame.to_dict("records")

    def refuse(self, row: Mapping[str, Any], mapping: str | Path = "siskop2mi") -> dict[str, dict[str, Any]]:
        """Hand in one row that must be refused; its lines in the rejects by our column."""
        result = self.ingest(self.csv(as_table([row])), mapping=mapping)
        assert result.summary["rejected"] == 1, result.frame.T.to_string()
        return {line["column"]: line for line in result.rejects.to_dict("records")}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    return placement


@pytest.fixture
def table() -> Callable[[Sequence[Mapping[str, Any]]], list[list[Any]]]:
    return as_table
