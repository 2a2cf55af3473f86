"""Which words stand on a printed list, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

from service.language import LANGUAGES, Language

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "paper_title": ("Daftar kunjungan", "Visit list"),
    "paper_list": ("Daftar", "List"),
    "paper_model": ("Model", "Model"),
    "paper_data": ("Data sampai", "Data until"),
    "paper_rows": ("{count} baris", "{count} row(s)"),
    "paper_part": ("Sebagian: {shown} dari {all} baris", "A part: {shown} of {all} rows"),
    "paper_number": ("No.", "No."),
    "paper_where": ("Kunjungan", "Visit"),
    "paper_reasons": ("Alasan", "Reasons"),
    "paper_result": ("Hasil", "Result"),
    "paper_agency": ("P3MI", "Agency (P3MI)"),
    "paper_grave": ("Pengaduan berat belum ditindaklanjuti", "Grave complaint not followed up"),
    "paper_trip": ("Perjalanan", "Trip"),
    "paper_no_reasons": ("Tidak ada alasan yang menonjol.", "No reason stands out."),
    "paper_not_shown": ("Tidak ditampilkan", "Not shown"),
    "paper_found": ("Bahaya ditemukan", "Harm found"),
    "paper_none_found": ("Tidak ditemukan", "None found"),
    "paper_not_reached": ("Tidak bertemu", "Not reached"),
    "paper_deferred": ("Ditunda", "Deferred"),
    "paper_severity": ("Tingkat", "Severity"),
    "paper_severity_1": ("ringan", "minor"),
    "paper_severity_2": ("serius", "serious"),
    "paper_severity_3": ("berat", "grave"),
    "paper_date": ("Tanggal", "Date"),
    "paper_signature": ("Paraf", "Signature"),
    "paper_draft": ("RANCANGAN: belum diterbitkan", "DRAFT: not issued yet"),
    "paper_simulated": ("DATA SIMULASI: bukan pekerja sungguhan", "SIMULATED DATA: these are no real workers"),
    "paper_use": (
        "Daftar ini mengurutkan kunjungan dan dukungan; tidak pernah menjadi dasar menolak, menghukum, atau menagih "
        "siapa pun.",
        "This list orders visits and support; it is never a ground to refuse, punish or charge anybody.",
    ),
    "paper_whole_register": ("Seluruh register", "Whole register"),
    "paper_band_very_high": ("Sangat tinggi", "Very high"),
    "paper_band_high": ("Tinggi", "High"),
    "paper_band_medium": ("Sedang", "Medium"),
    "paper_band_lower_priority": ("Prioritas lebih rendah", "Lower priority"),
    "paper_band_insufficient_data": ("Data belum cukup", "Not enough data"),
    "paper_stage_before": ("Sebelum bekerja", "Before work"),
    "paper_stage_during": ("Selama bekerja", "During work"),
    "paper_stage_after": ("Setelah bekerja", "After work"),
    "paper_stage_mixed": ("Beberapa tahap", "Several stages"),
    "paper_print": ("Cetak halaman ini dengan peramban Anda.", "Print this page with your browser."),
    "paper_pdf": ("Unduh PDF", "Download PDF"),
    "paper_open": ("Cetak", "Print"),
    "paper_xlsx": ("Unduh XLSX", "Download XLSX"),
    "paper_back": ("Kembali ke daftar", "Back to the list"),
    "paper_page": ("Halaman", "Page"),
    "paper_code": ("Kode QR baris {number}", "QR code of row {number}"),
}


def words(language: Language) -> Mapping[str, str]:
    """Return every text of paper in `language`."""
    return {name: pair[LANGUAGES.index(language)] for name, pair in WORDS.items()}
