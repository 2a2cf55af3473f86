"""Which words stand on the pages of an inspector: the list, its rows, and what is done with them?"""

from collections.abc import Mapping
from typing import Final

from service.pages import texts_rows

SCRIPT: Final[Mapping[str, tuple[str, str]]] = {
    "sent": ("Tersimpan: {label}.", "Saved: {label}."),
    "arrived": (
        "Sudah diterima sebelumnya: {label}. Periksa hasilnya.",
        "It had arrived before: {label}. Please check the result.",
    ),
    "undo": ("Batalkan", "Undo"),
    "undone": ("Dibatalkan; baris kembali seperti semula.", "Taken back; the row is as it was."),
    "not-undone": (
        "Tidak dapat dibatalkan lagi; buka barisnya dan betulkan hasilnya.",
        "It can no longer be taken back; open the row and correct the result.",
    ),
    "refused": ("Ditolak: {label}.", "Refused: {label}."),
    "discard": ("Hapus kiriman ini", "Discard this result"),
    "open-row": ("Buka barisnya", "Open the row"),
    "kept": (
        "Disimpan di perangkat ini: {label}. Dikirim begitu ada sambungan.",
        "Kept on this device: {label}. It is sent once there is a link.",
    ),
    "sign-in": (
        "Disimpan di perangkat ini: {label}. Masuk lagi untuk mengirimnya.",
        "Kept on this device: {label}. Sign in again to send it.",
    ),
    "last-opened": ("Terakhir dibuka {age}.", "Last opened {age}."),
    "unsent": (
        "{count} hasil belum terkirim dan tetap tersimpan untuk Anda di perangkat ini. Keluar sekarang?",
        "{count} result(s) are not sent yet and stay kept for you on this device. Sign out now?",
    ),
    "status-visited": ("Tercatat", "Recorded"),
    "status-kept": ("Menunggu sambungan", "Waiting for a link"),
    "status-open": ("Belum diambil", "Not taken on"),
}
"""What the script says; each stands on the page as an attribute of this name."""

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **{f"script_{name}": pair for name, pair in SCRIPT.items()},
    **texts_rows.WORDS,
    "nav": ("Halaman", "Pages"),
    "nav_list": ("Daftar", "List"),
    "nav_supervision": ("Pengawasan", "Supervision"),
    "nav_areas": ("Wilayah", "Areas"),
    "nav_segments": ("Segmen", "Segments"),
    "away": (
        "Tidak ada sambungan: halaman ini seperti terakhir kali dibuka. Hasil kunjungan tetap dapat dicatat.",
        "No link: this page is as it was last opened. Results can still be recorded.",
    ),
    "in_state": ("Status daftar", "State of the list"),
    "state_draft": ("Rancangan", "Draft"),
    "state_issued": ("Diterbitkan", "Issued"),
    "state_in_progress": ("Sedang berjalan", "In progress"),
    "state_closed": ("Ditutup", "Closed"),
    "superseded": ("Sudah diganti daftar yang lebih baru", "A newer list has taken its place"),
    "newer_list": ("Buka daftar yang baru", "Open the new list"),
    "draft_note": (
        "Rancangan: barisnya dapat dikerjakan setelah diterbitkan.",
        "A draft: its rows can be worked on once it is issued.",
    ),
    "issue": ("Terbitkan", "Issue"),
    "supersedes_note": (
        "Daftar sebelumnya dari kantor ini ditandai sudah diganti.",
        "The office's earlier list is marked as replaced.",
    ),
    "close_list": ("Tutup daftar", "Close the list"),
    "make_draft": ("Buat rancangan", "Make a draft"),
    "filter": ("Saring", "Filter"),
    "filters": ("Saringan", "Filters"),
    "any": ("Semua", "All"),
    "filter_band": ("Prioritas", "Priority"),
    "filter_status": ("Status", "Status"),
    "filter_trip": ("Perjalanan", "Trip"),
    "filter_stage": ("Tahap", "Stage"),
    "filter_mine": ("Hanya milik saya", "Mine only"),
    "filter_text": ("Kata", "Words"),
    "show_rows": ("Tampilkan", "Show"),
    "all_rows": ("Tampilkan semua baris", "Show all rows"),
    "rows_shown": ("{shown} dari {all} baris", "{shown} of {all} rows"),
    "no_rows_fit": ("Tidak ada baris yang cocok dengan saringan ini.", "No row fits these filters."),
    "not_shown_here": ("Yang tidak terlihat di daftar ini", "What this list cannot show"),
    "about_list": ("Tentang daftar ini", "About this list"),
    "no_rows": ("Daftar ini tidak berisi baris.", "This list has no rows."),
    "mandatory_first": ("Pengaduan berat: didahulukan", "Grave complaints: first"),
    "trip": ("Perjalanan {number}", "Trip {number}"),
    "trip_nowhere": ("tempat tidak tercatat", "place not recorded"),
    "why_not": ("Mengapa tidak ada di daftar ini?", "Why is this not on my list?"),
    "why_not_help": ("Nomor penempatan di sistem asal", "Number of the placement in the source system"),
    "search": ("Cari", "Search"),
    "found_on_list": ("{name}: ada di daftar ini, baris {rank}.", "{name}: on this list, row {rank}."),
    "found_not_drawn": (
        "{name}: dapat dipilih, tetapi kali ini tidak terpilih. Prioritasnya: {band}. Daftar adalah sampel: sebagian "
        "kunjungan menurut urutan, sebagian menurut undian, jadi yang tidak terpilih kini dapat muncul di daftar "
        "berikutnya.",
        "{name}: could have been chosen but was not this time. Its priority: {band}. A list is a sample, partly by "
        "order and partly by lot, so what was not chosen now may stand on the next list.",
    ),
    "found_not_eligible": (
        "{name}: tidak dapat dipilih untuk daftar ini. {reason}",
        "{name}: could not be chosen for this list. {reason}",
    ),
    "found_nothing": (
        "{name}: tidak ditemukan di antara penempatan kantor ini.",
        "{name}: not found among this office's placements.",
    ),
    "not_eligible_later": (
        "Penempatan ini tercatat setelah daftar dibuat.",
        "This placement was recorded after the list was made.",
    ),
    "not_eligible_resting": (
        "Baru saja dikunjungi; beristirahat dahulu sebelum dapat dipilih lagi.",
        "It was visited a short time ago and rests before it can be chosen again.",
    ),
    "not_eligible_other_body": (
        "Pada tahap ini yang berwenang bertindak: {bodies}.",
        "At its present stage these bodies may act: {bodies}.",
    ),
    "not_eligible_units": (
        "Daftar ini mengunjungi satuan lain, dan satuannya tidak tercatat.",
        "This list visits other units, and its own is not recorded.",
    ),
    "not_eligible_other": (
        "Saat daftar dibuat, penempatan ini tidak termasuk yang dapat dikunjungi.",
        "When the list was made, it was not among those that could be visited.",
    ),
    "close_title": ("Tutup daftar {name}", "Close list {name}"),
    "close_help": (
        "Setiap baris yang belum dikunjungi perlu alasan. Setelah ditutup, daftar tidak dapat dibuka lagi.",
        "Every row without a visit needs a reason. A closed list cannot be opened again.",
    ),
    "close_none": ("Semua baris sudah selesai.", "Every row is finished."),
    "close_same": ("Alasan untuk semua yang belum diisi", "Reason for all that are left empty"),
    "close_now": ("Tutup daftar ini", "Close this list"),
    "choose": ("Pilih", "Choose"),
    "back_to_list": ("Kembali ke daftar", "Back to the list"),
    "not_now": ("Tidak dapat dilakukan", "This cannot be done"),
}
