"""How are the problems of receipts, batches and models said, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "no_such_receipt": ("Tanda terima tidak ditemukan", "Receipt not found"),
    "receipt_altered": ("Tanda terima berubah", "Receipt altered"),
    "release_gone": ("Rilis tidak ada", "Release not there"),
    "too_many_rows": ("Terlalu banyak baris", "Too many rows"),
    "not_an_array": ("Bukan array JSON", "Not a JSON array"),
    "release_busy": ("Rilis sedang diganti", "Release being changed"),
    "release_fault": ("Rilis tidak dapat dipakai", "Release cannot be used"),
}
DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "no_such_receipt": (
        "Tidak ada tanda terima {name}; pakai receipt_id dari jawaban /v1/scores.",
        "There is no receipt {name}; use the receipt_id of an answer of /v1/scores.",
    ),
    "receipt_altered": (
        "Tanda terima {name} yang tersimpan tidak lagi seperti yang ditandatangani; pulihkan dari cadangan.",
        "The stored receipt {name} is no longer as it was signed; restore it from the backup.",
    ),
    "release_gone": (
        "Rilis {name} tidak ada di folder model atau berubah; pulihkan dari cadangan, lalu coba lagi.",
        "Release {name} is not in the model folder, or was altered; restore it from the backup, then try again.",
    ),
    "too_many_rows": (
        "{found} baris; paling banyak {most} dalam satu array, berapa pun sebagai application/x-ndjson.",
        "{found} rows; at most {most} in one array, any number as application/x-ndjson.",
    ),
    "not_an_array": (
        "Kirim array JSON berisi penempatan, atau satu penempatan per baris sebagai application/x-ndjson.",
        "Send a JSON array of placements, or one placement per line as application/x-ndjson.",
    ),
    "release_busy": (
        "Perubahan lain sedang berlangsung atau lebih cepat; lihat /v1/models, lalu putuskan lagi.",
        "Another change is under way or was quicker; look at /v1/models, then decide again.",
    ),
    "release_fault": (
        "Tidak ada yang diganti: {reason}",
        "Nothing was changed: {reason}",
    ),
}
