"""How is each problem with lists, rows and visits said, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "no_such_row": ("Baris tidak ditemukan", "Row not found"),
    "no_such_visit": ("Kunjungan tidak ditemukan", "Visit not found"),
    "no_such_placement": ("Penempatan tidak ditemukan", "Placement not found"),
    "list_is_draft": ("Daftar masih konsep", "The list is a draft"),
    "list_is_closed": ("Daftar sudah ditutup", "The list is closed"),
    "row_elsewhere": ("Baris sudah diserahkan", "The row was handed over"),
    "row_is_done": ("Baris sudah selesai", "The row is finished"),
    "row_is_accepted": ("Baris sudah diterima", "The row is accepted already"),
    "same_office": ("Kantor sama", "The same office"),
    "if_match_missing": ("If-Match wajib", "If-Match required"),
    "changed_meanwhile": ("Sudah berubah", "Changed meanwhile"),
    "row_recorded": ("Sudah tercatat", "Recorded already"),
    "visit_replaced": ("Kunjungan sudah dikoreksi", "The visit was corrected already"),
    "rows_without_reason": ("Alasan belum lengkap", "Reasons missing"),
    "reason_for_finished_row": ("Alasan tidak perlu", "Reason not needed"),
    "not_your_visit": ("Bukan kunjungan Anda", "Not your visit"),
    "too_late_to_undo": ("Terlambat dibatalkan", "Too late to undo"),
    "deed_too_late_to_undo": ("Terlambat dibatalkan", "Too late to undo"),
    "not_your_deed": ("Bukan tindakan Anda", "Not done by you"),
    "done_since": ("Sudah ada tindakan lain", "Something was done since"),
    "nothing_to_undo": ("Tidak ada yang dapat dibatalkan", "Nothing to take back"),
}
DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "no_such_row": (
        "Daftar {name} tidak memiliki baris {rank} bagi Anda; baris yang ada tercantum di /v1/priority-lists/{name}.",
        "The list {name} has no row {rank} for you; /v1/priority-lists/{name} shows the rows there are.",
    ),
    "no_such_visit": (
        "Tidak ada kunjungan dengan nomor {name}; yang ada tercantum di /v1/inspections.",
        "There is no visit numbered {name}; /v1/inspections lists those there are.",
    ),
    "no_such_placement": (
        "Tidak ada penempatan {name} di kantor Anda; periksa nomornya di sistem asal.",
        "There is no placement {name} in your office; check its number in the source system.",
    ),
    "list_is_draft": (
        "Terbitkan dahulu: POST /v1/priority-lists/{name}/issue.",
        "Issue it first: POST /v1/priority-lists/{name}/issue.",
    ),
    "list_is_closed": (
        "Daftar {name} sudah ditutup dan tidak berubah lagi; buat daftar baru, atau catat kunjungan di luar daftar.",
        "The list {name} is closed and changes no more; make a new list, or record the visit outside any list.",
    ),
    "row_elsewhere": (
        "Baris {rank} sekarang pada kantor {office}; hubungi kantor itu.",
        "Row {rank} is with the office {office} now; turn to that office.",
    ),
    "row_is_done": (
        "Baris {rank} berstatus {row_status}; kunjungan dikoreksi dengan POST /v1/inspections dan replaces.",
        "Row {rank} is {row_status}; a visit is corrected by POST /v1/inspections with replaces.",
    ),
    "row_is_accepted": (
        "Baris {rank} sudah diterima; catat hasilnya, tunda, atau serahkan.",
        "Row {rank} is accepted already; record its outcome, defer it, or hand it over.",
    ),
    "same_office": (
        "Baris {rank} sudah pada kantor {office}; sebut kantor lain.",
        "Row {rank} is with the office {office} already; name another one.",
    ),
    "if_match_missing": (
        "Kirim header If-Match dengan ETag yang Anda baca, misalnya {example}.",
        "Send the header If-Match with the ETag that you read, such as {example}.",
    ),
    "changed_meanwhile": (
        "Versi sekarang {current_version}, bukan {seen}; baca lagi, lalu kirim ulang dengan If-Match yang baru.",
        "The version is {current_version} now, not {seen}; read it again and send it with the new If-Match.",
    ),
    "row_recorded": (
        "Baris {rank} sudah memiliki hasil; bandingkan current dan yours, lalu koreksi dengan replaces {replaces}, "
        "atau kirim ulang dengan If-Match {current_version} bila ini kunjungan berikutnya.",
        "Row {rank} has an outcome already; compare current and yours, then correct it with replaces {replaces}, or "
        "send it again with If-Match {current_version} if this is a later visit.",
    ),
    "visit_replaced": (
        "Kunjungan {name} sudah dikoreksi; bandingkan current dan yours, lalu koreksi yang terbaru: {replaces}.",
        "The visit {name} was corrected already; compare current and yours, then correct the newest: {replaces}.",
    ),
    "rows_without_reason": (
        "Baris tanpa kunjungan dan tanpa alasan: {ranks}; kirim reason_code untuk masing-masing.",
        "Rows without a visit and without a reason: {ranks}; send a reason_code for each.",
    ),
    "reason_for_finished_row": (
        "Baris {ranks} sudah selesai atau tidak ada; hilangkan dari reasons.",
        "The rows {ranks} are finished or do not exist; leave them out of reasons.",
    ),
    "not_your_visit": (
        "Hanya pencatatnya yang dapat membatalkan; kirim koreksi dengan replaces {name}.",
        "Only who recorded it can take it back; send a correction with replaces {name}.",
    ),
    "too_late_to_undo": (
        "Sudah lebih dari {seconds} detik; kirim koreksi dengan replaces {name}.",
        "More than {seconds} seconds have passed; send a correction with replaces {name}.",
    ),
    "deed_too_late_to_undo": (
        "Sudah lebih dari {seconds} detik; ubah baris {rank} sekali lagi, atau hubungi kantor yang kini memegangnya.",
        "More than {seconds} seconds have passed; change row {rank} anew, or turn to the office that has it now.",
    ),
    "not_your_deed": (
        "Hanya pelakunya yang dapat membatalkan; ubah baris {rank} sekali lagi.",
        "Only who did it can take it back; change row {rank} anew.",
    ),
    "done_since": (
        "Sesudah itu sudah ada tindakan lain pada baris {rank}; baca riwayatnya, atau hubungi kantor yang kini "
        "memegangnya.",
        "Something else was done with row {rank} since; read its history, or turn to the office that has it now.",
    ),
    "nothing_to_undo": (
        "Pada baris {rank} tidak ada tindakan yang masih dapat dibatalkan; baca riwayatnya, lalu ubah baris itu.",
        "Nothing that was done with row {rank} can still be taken back; read its history, then change the row.",
    ),
}
FIELD_FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "identifying_number": (
        "memuat nomor pribadi ({kind}); hapus nomor itu, petugas mencari orangnya di sistem asal",
        "holds an identifying number ({kind}); remove it, officers look the person up in the source system",
    ),
    "note_required": (
        "memerlukan note: kode lainnya tidak menjelaskan apa pun",
        "needs a note: the code lainnya says nothing by itself",
    ),
    "reason_of_other_direction": (
        "memuat reason_code {found}; untuk arah ini: {expected}",
        "has the reason_code {found}; for this direction: {expected}",
    ),
    "row_not_named": (
        "memerlukan rank atau placement_id di samping list_id",
        "needs rank or placement_id with list_id",
    ),
    "nothing_visited": (
        "harus menyebut list_id dan rank, atau placement_id, agency_id atau area",
        "must name list_id and rank, or placement_id, agency_id or area",
    ),
    "finding_without_harm": (
        "memuat category atau severity yang tidak cocok dengan outcome: hanya harm_found memilikinya, dan di atas 0",
        "has a category or severity that does not go with the outcome: only harm_found has them, and above 0",
    ),
    "iso_instant": (
        "harus waktu seperti 2026-04-02T09:00:00+08:00",
        "must be an instant like 2026-04-02T09:00:00+08:00",
    ),
    "in_the_future": (
        "adalah {found}, di masa depan; paling lambat {allowed}",
        "is {found}, in the future; at most {allowed}",
    ),
    "before_the_list": (
        "adalah {found}, sebelum tanggal daftar {allowed}; catat kunjungan itu di luar daftar",
        "is {found}, before the date of the list, {allowed}; record that visit outside any list",
    ),
    "not_of_the_row": (
        "adalah {found}, padahal baris ini untuk {expected}; hilangkan, atau sebut baris yang benar",
        "is {found}, but this row is about {expected}; leave it out, or name the right row",
    ),
    "not_later": ("adalah {found}; pilih hari sesudah {allowed}", "is {found}; choose a day after {allowed}"),
    "not_competent": (
        "adalah {found}, yang tidak berwenang atas baris ini pada tahapnya; yang berwenang: {expected}",
        "is {found}, which may not act on this row at its stage; those who may: {expected}",
    ),
    "not_of_the_office": (
        "adalah {found}, bukan petugas aktif kantor {expected}; daftar petugas ada pada pengelola",
        "is {found}, no active member of the office {expected}; the administrator keeps the list of staff",
    ),
    "capacity_unknown": (
        "wajib diisi: kantor ini tidak menyebut rencana kunjungannya",
        "is required: this office has stated no plan of visits",
    ),
}
