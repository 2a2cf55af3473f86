"""Which words stand on the pages, in Bahasa Indonesia and in English?

The lowest band is called "lower priority": nothing here promises that a placement is without harm.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from service import paper_texts
from service.language import LANGUAGES, Language
from service.pages import (
    texts_account,
    texts_admin,
    texts_areas,
    texts_drift,
    texts_inspector,
    texts_segments,
    texts_supervision,
)

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **paper_texts.WORDS,
    **texts_account.WORDS,
    **texts_admin.WORDS,
    **texts_supervision.WORDS,
    **texts_areas.WORDS,
    **texts_drift.WORDS,
    **texts_segments.WORDS,
    **texts_inspector.WORDS,
    "product": ("Prioritas kunjungan pelindungan", "Protection visit priorities"),
    "skip": ("Langsung ke daftar", "Skip to the list"),
    "language_name": ("Bahasa Indonesia", "English"),
    "switch_language": ("English", "Bahasa Indonesia"),
    "office": ("Kantor", "Office"),
    "whole_register": ("Seluruh register", "Whole register"),
    "capacity": ("Jumlah kunjungan", "Number of visits"),
    "unit": ("Satuan kunjungan", "Unit of visit"),
    "unit_placement": ("Penempatan", "Placement"),
    "unit_agency": ("P3MI", "Agency (P3MI)"),
    "unit_employer": ("Pemberi kerja", "Employer"),
    "unit_area": ("Wilayah asal", "Area of origin"),
    "new_list": ("Daftar baru atau kantor lain", "New list or another office"),
    "grave_complaint": ("Pengaduan berat belum ditindaklanjuti", "Grave complaint not followed up"),
    "show_newest": ("Lihat daftar terbaru", "Show newest list"),
    "make_list": ("Buat daftar baru", "Make a new list"),
    "list_title": ("Daftar prioritas", "Priority list"),
    "no_list_title": ("Belum ada daftar untuk kantor ini", "No list for this office yet"),
    "no_list": (
        "Pilih kantor dan jumlah kunjungan, lalu buat daftar baru.",
        "Choose the office and the number of visits, then make a new list.",
    ),
    "no_list_of_yours": (
        "Penyelia kantor membuat dan menerbitkan daftar; setelah itu daftarnya tampil di sini.",
        "The office's supervisor makes and issues lists; then the newest stands here.",
    ),
    "no_data_title": ("Belum ada data penempatan", "No placement data yet"),
    "no_data": (
        "Impor data dahulu: risk-service import --data FOLDER",
        "Import data first: risk-service import --data FOLDER",
    ),
    "made_at": ("Dibuat", "Made"),
    "data_until": ("Data sampai", "Data until"),
    "age_of_data": ("Umur data", "Age of the data"),
    "rows_of_eligible": ("Baris", "Rows"),
    "of_eligible": ("dari {count} yang dapat dipilih", "of {count} that could be chosen"),
    "model": ("Model", "Model"),
    "areas_title": ("Daftar wilayah", "Area list"),
    "areas_intro": (
        "Kematian, deportasi dan pencegahan dalam 12 bulan, menurut wilayah asal. Kebanyakan menyangkut pekerja "
        "tanpa penempatan tercatat, jadi tidak ada daftar penempatan yang dapat memuatnya.",
        "Deaths, deportations and interceptions within 12 months, by area of origin. Most concern workers without a "
        "recorded placement, so no list of placements can hold them.",
    ),
    "no_areas": ("Tidak ada kejadian wilayah dalam 12 bulan.", "No area events within 12 months."),
    "area": ("Wilayah", "Area"),
    "deaths": ("Kematian", "Deaths"),
    "deportations": ("Deportasi", "Deportations"),
    "interceptions": ("Pencegahan", "Interceptions"),
    "newest_event": ("Terakhir", "Newest"),
    "download_csv": ("Unduh CSV", "Download CSV"),
    "print_hint": ("Halaman ini dapat dicetak.", "This page can be printed."),
    "other_lists": ("Daftar lain", "Other lists"),
    "column_rank": ("No.", "No."),
    "column_priority": ("Prioritas", "Priority"),
    "column_case": ("Penempatan", "Placement"),
    "column_unit": ("Tujuan kunjungan", "Where to go"),
    "list_number": ("Nomor daftar", "List number"),
    "column_reasons": ("Alasan", "Reasons"),
    "column_bodies": ("Yang dapat bertindak", "Who can act"),
    "stage": ("Tahap", "Stage"),
    "place": ("Asal", "From"),
    "agency": ("P3MI", "Agency (P3MI)"),
    "no_agency": ("tidak tercatat", "not recorded"),
    "source_id": ("Nomor di sistem asal", "Number in the source system"),
    "recorded": ("Dicatat", "Recorded"),
    "placements_in_unit": ("{count} penempatan", "{count} placements"),
    "no_reasons": ("Tidak ada alasan yang menonjol.", "No reason stands out."),
    "unsupported": (
        "Koridor ini belum pernah dipelajari: tidak ada angka, petugas yang menilai.",
        "This corridor was never learnt from: there is no figure, an officer judges.",
    ),
    "reasons_of_units": (
        "Alasan di tiap baris adalah alasan penempatan dengan perkiraan tertinggi di situ.",
        "The reasons on each row are those of the placement with the highest estimate there.",
    ),
    "reasons_note": (
        "Alasan menunjukkan keterkaitan dalam data, bukan sebab. Daftar ini mengurutkan kunjungan dan dukungan; "
        "tidak pernah menjadi dasar menolak, menghukum, atau menagih siapa pun.",
        "Reasons show what goes together in the data, not causes. This list orders visits and support; it is never a "
        "ground to refuse, punish or charge anybody.",
    ),
    "lower_priority_note": (
        "Prioritas lebih rendah berarti belum didahulukan. Bahaya tetap mungkin ada.",
        "Lower priority means not first in line. Harm remains possible.",
    ),
    "band_very_high": ("Sangat tinggi", "Very high"),
    "band_high": ("Tinggi", "High"),
    "band_medium": ("Sedang", "Medium"),
    "band_lower_priority": ("Prioritas lebih rendah", "Lower priority"),
    "band_insufficient_data": ("Data belum cukup", "Not enough data"),
    "stage_before": ("Sebelum bekerja", "Before work"),
    "stage_during": ("Selama bekerja", "During work"),
    "stage_after": ("Setelah bekerja", "After work"),
    "stage_mixed": ("Beberapa tahap", "Several stages"),
    "published_rule": (
        "Belum ada model yang lolos uji: urutan ini memakai aturan dua baris dari angka terbitan.",
        "No model has passed its test yet: this order uses the two-line rule on published rates.",
    ),
    "switched_off": (
        "Model dimatikan: skor memakai aturan dua baris dari angka terbitan.",
        "The model is switched off: scores use the two-line rule on published rates.",
    ),
    "release_refused": (
        "Model yang dipromosikan tidak dapat dibaca dan tidak dipakai. Pengelola: lihat /health/ready.",
        "The promoted model cannot be read and is not used. Operator: see /health/ready.",
    ),
    "not_found_title": ("Halaman tidak ditemukan", "Page not found"),
    "not_found": ("Tidak ada daftar dengan nomor ini.", "There is no list with this number."),
    "bad_form_title": ("Isian perlu diperbaiki", "The form needs repair"),
    "bad_capacity": (
        "Jumlah kunjungan harus bilangan bulat dari 1 sampai {most}.",
        "The number of visits must be a whole number from 1 to {most}.",
    ),
    "bad_office": (
        "Kantor ini tidak dikenal; pilih dari daftar.",
        "This office is not known; choose one from the list.",
    ),
    "foreign_form": (
        "Formulir ini dikirim dari situs lain; buka halaman ini langsung.",
        "This form was sent from another site; open this page directly.",
    ),
    "nothing_eligible": (
        "Tidak ada penempatan yang dapat dipilih untuk kantor ini.",
        "There is no placement to choose from for this office.",
    ),
    "not_shown": ("Tidak ditampilkan", "Not shown"),
    "sign_in": ("Masuk", "Sign in"),
    "sign_out": ("Keluar", "Sign out"),
    "login": ("Nama masuk", "Login"),
    "password": ("Kata sandi", "Password"),
    "sign_in_help": (
        "Nama masuk dan kata sandi diberikan oleh pengelola kantor Anda.",
        "Your office's administrator gives out logins and passwords.",
    ),
    "account": ("Akun", "Account"),
    "account_help": (
        "Peran ini tidak membuka daftar; halaman yang dapat dibuka ada di bagian atas.",
        "This role opens no lists; the pages it opens stand at the top.",
    ),
    "role": ("Peran", "Role"),
    "role_inspector": ("Pengawas", "Inspector"),
    "role_supervisor": ("Penyelia", "Supervisor"),
    "role_national": ("Nasional", "National"),
    "role_analyst": ("Analis", "Analyst"),
    "role_placement_system": ("Sistem penempatan", "Placement system"),
    "role_admin": ("Pengelola", "Administrator"),
    "back": ("Kembali ke daftar", "Back to the list"),
}
MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
DAYS_A_MONTH: Final = 30
MONTHS_SHOWN_FROM: Final = 60
"""Days from which an age is told in months."""


def words(language: Language) -> Mapping[str, str]:
    """Return every text of the pages in `language`."""
    return {name: pair[LANGUAGES.index(language)] for name, pair in WORDS.items()}


def whole_number(number: int, language: Language) -> str:
    """Write a number as the reader groups it.

    >>> whole_number(8430, "id"), whole_number(8430, "en")
    ('8.430', '8,430')
    """
    grouped = f"{number:,}"
    return grouped.replace(",", ".") if language == "id" else grouped


def day(moment: date, language: Language) -> str:
    """Write a date as the reader does.

    >>> day(date(2026, 8, 17), "id")
    '17 Agu 2026'
    """
    return f"{moment.day} {MONTHS[language][moment.month - 1]} {moment.year}"


def age(passed: timedelta, language: Language) -> str:
    """Say how long ago something was, in days or months.

    >>> age(timedelta(days=1), "en"), age(timedelta(days=95), "id")
    ('1 day', '3 bulan')
    """
    days = max(0, passed.days)
    number, unit_id, unit_en = (
        (days, "hari", "day") if days < MONTHS_SHOWN_FROM else (days // DAYS_A_MONTH, "bulan", "month")
    )
    if language == "id":
        return f"{number} {unit_id}"
    return f"{number} {unit_en}{'' if number == 1 else 's'}"
