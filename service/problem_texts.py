"""How is each problem said, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

from service import (
    access_problem_texts,
    event_problem_texts,
    figure_problem_texts,
    keeping_problem_texts,
    list_problem_texts,
    receipt_problem_texts,
)

Text = tuple[str, str]
"""One sentence in Bahasa Indonesia and in English."""

TITLES: Final[Mapping[str, Text]] = {
    "invalid_fields": ("Isian tidak sah", "Invalid fields"),
    "no_such_list": ("Daftar tidak ditemukan", "List not found"),
    "no_data": ("Belum ada data", "No data yet"),
    "too_early": ("Tanggal terlalu awal", "Date too early"),
    "database": ("Basis data tidak menjawab", "The database does not answer"),
    "internal": ("Kesalahan di pihak kami", "An error on our side"),
    "no_such_address": ("Alamat tidak ada", "No such address"),
    "wrong_method": ("Metode tidak berlaku", "Method not allowed"),
    "refused": ("Permintaan ditolak", "Request refused"),
    "not_allowed": ("Tidak berwenang", "Not allowed"),
    "nul_in_address": ("Alamat tidak sah", "Invalid address"),
    **access_problem_texts.TITLES,
    **event_problem_texts.TITLES,
    **figure_problem_texts.TITLES,
    **keeping_problem_texts.TITLES,
    **list_problem_texts.TITLES,
    **receipt_problem_texts.TITLES,
}
DETAILS: Final[Mapping[str, Text]] = {
    "invalid_fields": (
        "{count} isian perlu diperbaiki; lihat errors.",
        "{count} field(s) need repair; see errors.",
    ),
    "no_such_list": (
        "Tidak ada daftar dengan nomor {name}; daftar yang ada tercantum di /v1/priority-lists.",
        "There is no list numbered {name}; /v1/priority-lists names those there are.",
    ),
    "no_data": (
        "Belum ada penempatan yang diimpor; jalankan: risk-service import --data FOLDER",
        "No placements have been imported yet; run: risk-service import --data FOLDER",
    ),
    "too_early": (
        "as_of {found} lebih awal daripada riwayat yang dipakai; pakai {allowed} atau sesudahnya.",
        "as_of {found} is earlier than the histories in use; use {allowed} or later.",
    ),
    "database": (
        "Coba lagi beberapa saat; bila berlanjut, periksa RISK_DATABASE_URL dan basis datanya.",
        "Try again in a moment; if it persists, check RISK_DATABASE_URL and the database.",
    ),
    "internal": (
        "Tidak ada yang tersimpan. Beri tahu pengelola waktu kejadiannya.",
        "Nothing was stored. Tell the operator when it happened.",
    ),
    "no_such_address": (
        "Tidak ada apa pun di {path}; alamat yang ada tercantum di /openapi.json.",
        "There is nothing at {path}; /openapi.json lists the addresses there are.",
    ),
    "wrong_method": (
        "{path} tidak menerima {method}; yang diterima tercantum di /openapi.json.",
        "{path} does not take {method}; /openapi.json lists what it takes.",
    ),
    "refused": ("Permintaan ini tidak dapat dilayani.", "This request cannot be served."),
    "nul_in_address": (
        "Alamat memuat huruf NUL (%00); hilangkan lalu kirim lagi.",
        "The address holds the character NUL (%00); leave it out and send it again.",
    ),
    "not_allowed": (
        "Peran {role} tidak memiliki izin {permission}; minta pengelola memberi peran lain.",
        "The role {role} lacks the permission {permission}; ask an administrator for another role.",
    ),
    **access_problem_texts.DETAILS,
    **event_problem_texts.DETAILS,
    **figure_problem_texts.DETAILS,
    **keeping_problem_texts.DETAILS,
    **list_problem_texts.DETAILS,
    **receipt_problem_texts.DETAILS,
}
FIELD_FAULTS: Final[Mapping[str, Text]] = {
    "missing": ("wajib diisi", "is required"),
    "extra_forbidden": ("tidak dikenal", "is not a known field"),
    "personal_trait": (
        "adalah ciri pribadi; tidak ada model yang boleh membacanya, hilangkan",
        "is a personal trait; no model may read it, leave it out",
    ),
    "unknown_code": ("bernilai {found}, bukan kode yang dikenal", "is {found}, not a known code"),
    "office_needed": ("wajib diisi untuk peran ini", "is required for this role"),
    "no_office": ("harus kosong untuk peran ini", "must be empty for this role"),
    "bad_cursor": (
        "bukan penunjuk halaman; kirim next dari halaman sebelumnya",
        "is no cursor; send next of the page before",
    ),
    "string_type": ("harus teks", "must be text"),
    "string_unicode": (
        "mengandung huruf yang bukan Unicode yang sah",
        "contains characters that are not valid Unicode",
    ),
    "tuple_type": ("harus array JSON", "must be a JSON array"),
    "too_short": ("harus memuat sedikitnya {min_length}", "must hold at least {min_length}"),
    "too_long": ("boleh memuat paling banyak {max_length}", "must hold at most {max_length}"),
    "int_type": ("harus bilangan bulat", "must be a whole number"),
    "float_type": ("harus bilangan", "must be a number"),
    "bool_type": ("harus true atau false", "must be true or false"),
    "iso_date": ("harus tanggal seperti 2026-03-31", "must be a date like 2026-03-31"),
    "date_too_late": ("harus {allowed} atau sebelumnya", "must be {allowed} or earlier"),
    "finite_number": ("harus bilangan berhingga", "must be a finite number"),
    "greater_than_equal": ("harus {ge:.16g} atau lebih", "must be {ge:.16g} or more"),
    "less_than_equal": ("harus {le:.16g} atau kurang", "must be {le:.16g} or less"),
    "string_too_short": ("tidak boleh kosong", "must not be empty"),
    "string_too_long": ("paling banyak {max_length} huruf", "must have at most {max_length} characters"),
    "string_pattern_mismatch": ("mengandung huruf yang tidak diizinkan", "contains characters that are not allowed"),
    "literal_error": ("harus salah satu dari {expected}", "must be one of {expected}"),
    "model_attributes_type": ("harus objek JSON", "must be a JSON object"),
    "model_type": ("harus objek JSON", "must be a JSON object"),
    "line_too_long": (
        "melebihi {most} byte dalam satu baris; kirim satu penempatan per baris",
        "has more than {most} bytes in one line; send one placement per line",
    ),
    "json_invalid": ("bukan JSON yang sah", "is not valid JSON"),
    **event_problem_texts.FIELD_FAULTS,
    **list_problem_texts.FIELD_FAULTS,
}
GUESS: Final[Text] = ("; mungkin maksudnya {guess}?", "; did you mean {guess}?")
OTHER_FAULT: Final[Text] = ("tidak sah ({reason})", "is not valid ({reason})")
