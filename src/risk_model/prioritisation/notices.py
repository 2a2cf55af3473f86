"""What must a reader of a list know that the list itself cannot show?"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Notice:
    """One notice in both languages; `source` says where its figures come from, None where it has none."""

    code: str
    text_id: str
    text_en: str
    source: str | None = None


REGISTER_BLIND_SPOT: Final = Notice(
    code="register_blind_spot",
    text_id=(
        "Daftar ini hanya memuat penempatan yang tercatat. Pekerja yang berangkat di luar prosedur tidak terlihat di "
        "sini: dari 127 pekerja migran asal NTT yang meninggal pada 2025, 120 berangkat di luar prosedur, dan mereka "
        "pulang ke kabupaten lain daripada asal kebanyakan penempatan tercatat. Lihat juga daftar wilayah."
    ),
    text_en=(
        "This list holds recorded placements only. Workers who left outside procedure are not seen here: of 127 "
        "migrant workers from NTT who died in 2025, 120 had left outside procedure, and they came home to other "
        "districts than most recorded placements leave from. See the area list too."
    ),
    source="periskop.id, 7 Jan 2026 (BP3MI NTT)",
)
SIMULATED_DATA: Final = Notice(
    code="simulated",
    text_id="Data simulasi: tidak satu baris pun menggambarkan orang atau perusahaan sungguhan.",
    text_en="Simulated data: no row describes a real person or company.",
)
NOTHING_ELIGIBLE: Final = Notice(
    code="nothing_eligible",
    text_id="Tidak ada yang dapat dipilih untuk kantor, satuan kunjungan dan tanggal ini.",
    text_en="There is nothing to choose from for this office, unit of visit and date.",
)


def list_grew(capacity: int, size: int) -> Notice:
    """Say that mandatory cases made the list longer than the capacity asked for."""
    return Notice(
        code="list_grew",
        text_id=(
            f"Daftar memuat {size} baris, lebih dari kapasitas {capacity}: kasus wajib tidak pernah dikeluarkan, dan "
            "kunjungan acak tetap ada. Mintalah bantuan kantor lain atau jadwalkan ulang kunjungan lain."
        ),
        text_en=(
            f"The list has {size} rows, more than the capacity of {capacity}: mandatory cases are never left out, and "
            "random visits stay. Ask another office for help, or move other visits."
        ),
    )


def without_unit(count: int, unit: str) -> Notice:
    """Say that `count` placements cannot be reached by visiting a `unit`, as none is recorded for them."""
    word_id = {"agency": "P3MI", "employer": "pemberi kerja", "area": "wilayah asal"}.get(unit, unit)
    word_en = {"agency": "agency (P3MI)", "employer": "employer", "area": "area of origin"}.get(unit, unit)
    return Notice(
        code="without_unit",
        text_id=f"Tanpa {word_id} tercatat: {count} penempatan, tidak terjangkau daftar ini; buat daftar penempatan.",
        text_en=f"Without a recorded {word_en}: {count} placements, out of reach here; make a placement list for them.",
    )


def without_score(count: int) -> Notice:
    """Say that `count` eligible units have no score and are routed to a person."""
    return Notice(
        code="without_score",
        text_id=f"Data belum cukup untuk {count} baris yang dapat dipilih: tanpa angka, petugas yang menilai.",
        text_en=f"Not enough data for {count} of the eligible rows: they carry no figure, an officer judges.",
    )


def mandatory_outside_cohort(count: int) -> Notice:
    """Say that `count` grave complaints concern placements that no list of this date can hold."""
    return Notice(
        code="mandatory_outside_cohort",
        text_id=f"Ada {count} pengaduan berat atas penempatan di luar kohort tanggal ini; tangani di luar daftar.",
        text_en=f"There are {count} grave complaints about placements outside the cohort of this date; handle apart.",
    )


def at_rest(count: int, days: int) -> Notice:
    """Say that `count` placements were visited in the last `days` days and are drawn by chance alone."""
    return Notice(
        code="at_rest",
        text_id=(
            f"{count} penempatan telah dikunjungi dalam {days} hari terakhir dan beristirahat: hanya undian yang dapat "
            "memilihnya, kecuali ada pengaduan baru."
        ),
        text_en=(
            f"Placements at rest, visited in the last {days} days: {count}. Only chance can draw them, unless "
            "somebody complained since."
        ),
    )


def for_other_bodies(count: int, grave: int) -> Notice:
    """Say that another body acts on `count` placements that an office sees, `grave` with a grave complaint."""
    return Notice(
        code="for_other_bodies",
        text_id=(
            f"{count} penempatan yang terlihat oleh kantor ini sedang pada tahap yang menjadi wewenang pihak lain, "
            f"misalnya perwakilan RI selama bekerja; {grave} di antaranya dengan pengaduan berat. Semuanya tidak ada "
            "di daftar ini: buat daftar untuk pihak itu."
        ),
        text_en=(
            f"{count} placements that this office sees are at a stage at which another body acts, such as the mission "
            f"during work; {grave} of them have a grave complaint. They are not on this list: make one for that body."
        ),
    )
