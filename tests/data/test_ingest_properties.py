"""Whatever an office sends, every row is counted and no NIK comes out."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from risk_model.data.ingest import IngestResult, ingest
from risk_model.errors import InputError

KEY = b"a key for tests, thirty-two bytes"
ROW = {
    "ID Penempatan": "PMI-1",
    "NIK": "5305149092546565",
    "Kab/Kota Asal": "Ende",
    "Kode Kab": "53.08",
    "Negara Tujuan": "Malaysia",
    "Jabatan": "PLRT",
    "Skema": "P to P",
    "Sertifikasi": "OPP",
    "Tgl Daftar": "2025-02-03",
    "Tgl Berangkat": "06-05-2025",
    "P3MI": "P3MI-057",
    "Gaji per Bulan": "Rp 5.600.000",
    "Kontrak (bln)": "24",
    "BPJS": "Ya",
    "Tahun Lahir": "1990",
    "Asal Data": "",
    "Dicatat Pada": "2025-03-01",
}
HEADINGS, GOOD = list(ROW), list(ROW.values())
NIKS = st.text("0123456789", min_size=16, max_size=16)
ODD_WORDS = '- n/a kosong Astronot 31/02/2025 5301 99.99 -12 1e999 =HYPERLINK(1) Jumlah 5.30813298477546E+15 ✓ " '
ODD_CELLS = st.sampled_from(
    [
        *ODD_WORDS.split(" "),
        "3 Agustus 2025",
        "lima juta",
        "Timur Tengah",
        "dua tahun",
        "TOTAL 300",
        "KKNI IV",
        "a\nb",
        "\x1c",
    ]
)
CELLS = st.one_of(ODD_CELLS, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
ROWS = st.one_of(
    st.lists(st.tuples(st.integers(0, len(HEADINGS) - 1), CELLS), max_size=5).map(
        lambda changes: [dict(changes).get(place, cell) for place, cell in enumerate(GOOD)]
    ),
    st.lists(CELLS, max_size=len(HEADINGS) + 3),
    st.just([""] * len(HEADINGS)),
    st.just([]),
    st.just(["Jumlah", "300"]),
    st.just(list(HEADINGS)),
    st.just([str(number) for number in range(1, len(HEADINGS) + 1)]),
)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(rows: list[list[str]], delimiter: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([HEADINGS, *rows])
    return buffer.getvalue()


def handed_in(content: bytes, folder: Path) -> IngestResult:
    path = folder / "export.csv"
    path.write_bytes(content)
    return ingest([path], mapping="siskop2mi", out=folder / "out", key=KEY)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@QUICK
@given(st.lists(ROWS, max_size=12), st.sampled_from(";,\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_accepted_and_refused_rows_are_all_rows_read(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = handed_in(written(rows, delimiter).encode(encoding), folder)
        summary, frame, rejects = result.summary, result.frame, result.rejects
        assert summary["accepted"] + summary["rejected"] == summary["read"] <= len(rows)
        assert rejects.drop_duplicates(["file", "row"]).shape[0] == summary["rejected"]
        assert summary["placements"] == frame["placement_id"].nunique() <= summary["accepted"]
        assert set(rejects["column"]) <= {*frame.columns, ""}
        first = bytes_of(folder / "out")
        handed_in(written(rows, delimiter).encode(encoding), folder)
        assert bytes_of(folder / "out") == first


@QUICK
@given(
    NIKS,
    st.lists(
        st.tuples(st.integers(0, len(HEADINGS) - 1), st.sampled_from(["{}", "x{}y", "{} Ana", "'{}", "{}.0"])),
        max_size=6,
    ),
)
def test_a_nik_comes_out_nowhere_wherever_it_stood(nik: str, places: list[tuple[int, str]]) -> None:
    rows = [[*GOOD[:1], nik, *GOOD[2:]]]
    rows += [[form.format(nik) if at == place else cell for at, cell in enumerate(GOOD)] for place, form in places]
    rows += [["Jumlah", nik], [nik], ["Total " + nik], [*GOOD, nik]]
    with tempfile.TemporaryDirectory() as name:
        result = handed_in(written(rows, ";").encode(), Path(name))
        assert result.summary["read"] == len(rows)
        assert not any(nik.encode() in content for content in bytes_of(Path(name) / "out").values())
        assert nik not in result.frame.to_csv() + result.rejects.to_csv()


@QUICK
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_or_refused(noise: bytes, after_headings: bool) -> None:
    start = written([GOOD], ";").encode() if after_headings else b""
    with tempfile.TemporaryDirectory() as name:
        try:
            summary: dict[str, Any] = handed_in(start + noise, Path(name)).summary
        except InputError:
            assert not (Path(name) / "out").exists()
        else:
            assert summary["accepted"] + summary["rejected"] == summary["read"]
