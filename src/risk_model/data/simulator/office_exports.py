"""How would offices export what a simulation recorded, with their habits and slips?

The files are for trying the import on: NTT's placements as SISKOP2MI (xlsx) and a labour office (csv) would send
them, complaints and visits as csv. The first line of each says that the data are simulated, and so does each row.
A simulated NIK begins with 99, which no province has.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import openpyxl
import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.latent.marginals import NTT
from risk_model.data.simulator.simulate import Simulation

TITLE: Final = "DATA SIMULASI"
ORIGIN_HEADING: Final = "Asal Data"
ORIGIN_CELL: Final = "SIMULASI"
BLANKS: Final = ("", "", "-", "n/a", "kosong", "NULL")
TRUE_WORDS: Final = ("Ya", "YA", "Sudah", "1")
FALSE_WORDS: Final = ("Tidak", "Belum", "0")
DATE_FORMATS: Final = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "{} %Y")
MONTHS: Final = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
OUTCOMES: Final = {
    "harm_found": "Ada temuan",
    "no_harm_found": "Tidak ada temuan",
    "not_reached": "Tidak ditemui",
    "deferred": "Ditunda",
}
ARMS: Final = {
    "mandatory": "Wajib",
    "risk": "Risiko",
    "coverage": "Cakupan",
    "random": "Acak",
    "outside_list": "Di luar daftar",
}
SEVERITIES: Final = {0: "Tidak ada", 1: "Ringan", 2: "Sedang", 3: "Berat"}
LEVELS: Final = {
    0: "Tidak ada",
    1: "Orientasi",
    2: "OPP",
    3: "BLK",
    4: "Kompetensi",
    5: "Kompetensi + Bahasa",
    6: "KKNI 4",
}
SEXES: Final = {"male": "L", "female": "P"}
SCHOOLS: Final = {"primary": "SD", "lower_secondary": "SMP", "upper_secondary": "SMA", "diploma": "D3"} | {
    "degree": "S1",
    "postgraduate": "S2",
}
MARRIAGES: Final = {"married": "Kawin", "single": "Belum Kawin", "divorced": "Cerai"}
CODES: Final = {
    "Negara Tujuan": ("destination", "destinations"),
    "Jabatan": ("position", "positions"),
    "Sektor": ("sector", "sectors"),
    "Jenis Pemberi Kerja": ("employer_type", "employer_types"),
    "Skema": ("scheme", "schemes"),
}
WORDS: Final = {
    "Jenis Kelamin": ("sex", SEXES),
    "Pendidikan": ("education", SCHOOLS),
    "Status Perkawinan": ("marital_status", MARRIAGES),
}
TEXTS: Final = {"P3MI": "agency_id", "Mitra Usaha": "overseas_agency_id", "Pemberi Kerja": "employer_ref"} | {
    "Kantor Layanan": "service_office"
}
FLAGS: Final = {
    "Sertifikat Terverifikasi": "certification_verified",
    "Sertifikat Bahasa": "language_certificate",
    "PK Ditandatangani": "contract_signed_before_departure",
    "Visa Kerja": "has_work_visa",
    "BPJS": "has_bpjs",
    "Sertifikat Kesehatan": "has_health_certificate",
    "OPP": "attended_opp",
}
DATES: Final = {
    "Tgl Daftar": "registered_on",
    "Tgl Berangkat": "departed_on",
    "Tgl Akhir Kontrak": "contract_end_on",
} | {"Tgl Pulang": "returned_on"}
MONEY: Final = {"Gaji per Bulan": "wage_monthly_idr", "Biaya Penempatan": "fee_idr"}
NUMBERS: Final = {"Kontrak (bln)": "contract_months", "Penempatan Sebelumnya": "prior_placements"} | {
    "Tahun Lahir": "birth_year"
}
"""What a column of ours is called in these offices, by how its cells are written."""

REPEATED: Final = 0.02
"""Share of rows that stand in the file twice."""
FAULTS: Final = (("Jabatan", "Astronot"), ("Tgl Daftar", "31-02-2025"), ("Kode Kab", "53.99"), ("Negara Tujuan", "HGK"))
FAULT_SHARE: Final = 0.01
"""Share of rows with one slip of each kind, which an import must refuse."""
FIXED_TIME: Final = (2026, 1, 1, 0, 0, 0)
"""The time stamp of every part of a workbook, so that the same seed gives the same bytes."""

Cells = list[str | int | float]


def export_office_files(simulation: Simulation, folder: Path) -> tuple[Path, ...]:
    """Write four messy office files into `folder` and return their paths, each marked as simulated.

    `siskop2mi_simulasi.xlsx` and `disnaker_simulasi.csv` read with the mapping `siskop2mi`, `pengaduan_simulasi.csv`
    with `complaints`, `kunjungan_simulasi.csv` with `visits`. Only workers from NTT are in them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = simulation.world.run.stream("office exports")
    newest = simulation.tables.placements.drop_duplicates("placement_id", keep="last")
    newest = newest[newest["origin"].str[:2] == NTT].sort_values("placement_id", ignore_index=True)
    at_home = newest["service_office"].str.contains("NTT|P4MI", na=False).to_numpy()
    writers: tuple[tuple[str, pd.DataFrame, Callable[[Path, str, pd.DataFrame], None]], ...] = (
        ("siskop2mi_simulasi.xlsx", _with_slips(rng, _placements(rng, newest[~at_home])), _write_workbook),
        ("disnaker_simulasi.csv", _with_slips(rng, _placements(rng, newest[at_home])), _write_csv),
        ("pengaduan_simulasi.csv", _complaints(rng, simulation, newest["placement_id"]), _write_csv),
        ("kunjungan_simulasi.csv", _visits(rng, simulation, newest["placement_id"]), _write_csv),
    )
    paths = []
    for name, frame, write in writers:
        title = f"{TITLE} - {name.partition('_')[0].upper()} - PMI ASAL NTT"
        write(folder / name, title, frame.assign(**{ORIGIN_HEADING: ORIGIN_CELL}))
        paths.append(folder / name)
    return tuple(paths)


def _placements(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    spell = _Spelling(rng)
    digits = rng.integers(10**13, 10**14, len(rows))
    niks = [f"99{number}" if known else None for number, known in zip(digits, rows["worker_ref"].notna(), strict=True)]
    cells: dict[str, Cells] = {
        "ID Penempatan": rows["placement_id"].to_list(),
        "NIK": spell.text(pd.Series(niks, dtype="str")),
        "Kab/Kota Asal": [_spelled_area(rng, vocabulary.label("areas", code)) for code in rows["origin"]],
        "Kode Kab": rows["origin"].to_list(),
        "Sertifikasi": spell.text(rows["certification_level"].map(LEVELS), blanks=("n/a", "")),
    }
    for heading, (column, table) in CODES.items():
        cells[heading] = spell.text(_labels(table, rows[column]), shout=table == "destinations")
    for heading, (column, words) in WORDS.items():
        cells[heading] = spell.text(rows[column].map(words))
    for headings, write in ((TEXTS, spell.text), (FLAGS, spell.flag), (DATES, spell.date), (MONEY, spell.money)):
        cells |= {heading: write(rows[column]) for heading, column in headings.items()}
    return pd.DataFrame(cells | {heading: spell.whole(rows[column]) for heading, column in NUMBERS.items()})


def _complaints(rng: np.random.Generator, simulation: Simulation, placement_ids: pd.Series) -> pd.DataFrame:
    events = simulation.tables.events
    here = events["placement_id"].isin(placement_ids) | (events["area"].str[:2] == NTT)
    rows = events[here & (events["type"] == "complaint")]
    spell = _Spelling(rng)
    procedural = rows["procedural"].map({True: "Prosedural", False: "Nonprosedural"}).fillna("Lainnya")
    return pd.DataFrame(
        {
            "No Pengaduan": rows["event_id"].to_list(),
            "ID Penempatan": spell.text(rows["placement_id"]),
            "Kode Wilayah": spell.text(rows["area"]),
            "Kategori": spell.text(_labels("complaint_categories", rows["category"])),
            "Status PMI": procedural.to_list(),
            "Tgl Kejadian": spell.date(rows["occurred_at"]),
            "Tgl Lapor": spell.date(rows["recorded_at"].dt.ceil("D")),
            "Kanal": spell.text(rows["source"]),
        }
    )


def _visits(rng: np.random.Generator, simulation: Simulation, placement_ids: pd.Series) -> pd.DataFrame:
    visits = simulation.tables.inspections
    rows = visits[visits["placement_id"].isin(placement_ids) | (visits["area"].str[:2] == NTT)]
    spell = _Spelling(rng)
    chance = [
        _blank(rng, BLANKS) if np.isnan(p) else f"{p:.9g}".replace(".", ",") for p in rows["inclusion_probability"]
    ]
    return pd.DataFrame(
        {
            "ID Kunjungan": rows["inspection_id"].to_list(),
            "ID Penempatan": spell.text(rows["placement_id"]),
            "Kode Wilayah": spell.text(rows["area"]),
            "ID Daftar": spell.text(rows["list_id"]),
            "Alasan Terpilih": spell.text(rows["arm"].map(ARMS)),
            "Peluang Terpilih": chance,
            "Tgl Kunjungan": spell.date(rows["visited_at"]),
            "Hasil": spell.text(rows["outcome"].map(OUTCOMES)),
            "Kategori Temuan": spell.text(_labels("complaint_categories", rows["category"])),
            "Tingkat Keparahan": spell.text(rows["severity"].map(SEVERITIES)),
            "Petugas": spell.text("PTG-" + rows["inspector_ref"].str[:8]),
            "Tgl Dicatat": spell.date(rows["recorded_at"].dt.ceil("D")),
        }
    )


class _Spelling:
    """Cells as offices type them; every value keeps its meaning, a null gets one of the blank spellings."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def text(self, values: pd.Series, *, shout: bool = False, blanks: Sequence[str] = BLANKS) -> Cells:
        """Return text, some with stray spaces, and in capitals where `shout`."""
        habits = self.rng.random(len(values))
        found: Cells = []
        for value, habit in zip(values, habits, strict=True):
            if pd.isna(value):
                found.append(_blank(self.rng, blanks))
            else:
                spelled = str(value).upper() if shout and habit < 0.3 else str(value)
                found.append(f"{spelled} " if habit > 0.97 else spelled)
        return found

    def flag(self, values: pd.Series) -> Cells:
        """Return yes and no in a few spellings."""
        return [
            _blank(self.rng, BLANKS) if pd.isna(value) else _blank(self.rng, TRUE_WORDS if value else FALSE_WORDS)
            for value in values
        ]

    def date(self, values: pd.Series) -> Cells:
        """Return dates, each row in its own format."""
        found: Cells = []
        for value, form in zip(values, self.rng.integers(0, len(DATE_FORMATS), len(values)), strict=True):
            if pd.isna(value):
                found.append(_blank(self.rng, BLANKS))
            else:
                day_and_month = f"{value.day} {MONTHS[value.month - 1]}"
                found.append(value.strftime(DATE_FORMATS[form]).replace("{}", day_and_month))
        return found

    def money(self, values: pd.Series) -> Cells:
        """Return rupiah with or without sign and dots."""
        found: Cells = []
        for value, form in zip(values, self.rng.integers(0, 3, len(values)), strict=True):
            if pd.isna(value):
                found.append(_blank(self.rng, BLANKS))
            else:
                dotted = f"{int(value):,}".replace(",", ".")
                found.append((f"Rp {dotted}", dotted, str(int(value)))[form])
        return found

    def whole(self, values: pd.Series) -> Cells:
        """Return whole numbers as numbers."""
        return [_blank(self.rng, BLANKS) if pd.isna(value) else int(value) for value in values]


def _blank(rng: np.random.Generator, spellings: Sequence[str]) -> str:
    return spellings[int(rng.integers(0, len(spellings)))]


def _labels(table: str, codes: pd.Series) -> pd.Series:
    return codes.map({code: vocabulary.label(table, code) for code in codes.dropna().unique()})


def _spelled_area(rng: np.random.Generator, name: str) -> str:
    short = name.removeprefix("Kabupaten ")
    return (name, short, f"KAB. {short.upper()}" if name != short else name.upper())[int(rng.integers(0, 3))]


def _with_slips(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with a few rows that must be refused, and a few that stand there twice."""
    frame = frame.astype(object)
    for column, slip in FAULTS:
        frame.loc[rng.random(len(frame)) < FAULT_SHARE, column] = slip
    return pd.concat([frame, frame[rng.random(len(frame)) < REPEATED]], ignore_index=True)


def _write_csv(path: Path, title: str, frame: pd.DataFrame) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerows([[title], [], list(frame.columns), *frame.to_numpy(dtype=object).tolist()])


def _write_workbook(path: Path, title: str, frame: pd.DataFrame) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Data PMI (simulasi)"
    for row in ([title], [], list(frame.columns), *frame.to_numpy(dtype=object).tolist()):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-01T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name, FIXED_TIME), content, zipfile.ZIP_DEFLATED)
