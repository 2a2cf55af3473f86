"""How is it said that a request was sent before, or is of a kind that is not taken?

Each in Bahasa Indonesia and in English, with the repair.
"""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "key_malformed": ("Idempotency-Key tidak sah", "Invalid Idempotency-Key"),
    "key_reused": ("Idempotency-Key sudah dipakai", "Idempotency-Key already used"),
    "key_running": ("Masih dikerjakan", "Still running"),
    "key_lost": ("Sudah dilaksanakan", "Already carried out"),
    "not_acceptable": ("Bentuk jawaban tidak tersedia", "Form not available"),
    "not_understood": ("Isi tidak dipahami", "Body not understood"),
    "wrong_type": ("Jenis isi tidak diterima", "Body of a wrong type"),
}
DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "key_malformed": (
        "Idempotency-Key terdiri atas 1 sampai {most} huruf ASCII tanpa spasi, misalnya sebuah UUID.",
        "An Idempotency-Key has 1 to {most} visible ASCII characters, such as a UUID.",
    ),
    "key_reused": (
        "Kunci ini dipakai untuk permintaan lain; pakai kunci baru untuk permintaan baru.",
        "This key was used for another request; use a new key for a new request.",
    ),
    "key_running": (
        "Permintaan dengan kunci ini masih dikerjakan; kirim lagi setelah Retry-After.",
        "The request with this key is still running; send it again after Retry-After.",
    ),
    "key_lost": (
        "Permintaan ini sudah dilaksanakan satu kali, tetapi jawabannya tidak tersimpan; baca keadaannya sekarang dan "
        "jangan kirim lagi dengan kunci baru.",
        "This request took effect once, but its answer was not kept; read how things stand now, and do not send it "
        "again under a new key.",
    ),
    "not_acceptable": (
        "Alamat ini tidak menjawab dalam bentuk yang disebut Accept; bentuk yang ada tercantum di /openapi.json.",
        "This address does not answer in the form that Accept names; /openapi.json lists those there are.",
    ),
    "not_understood": (
        "Isi permintaan tidak dapat dibaca; periksa penulisannya (UTF-8, JSON) lalu kirim lagi.",
        "The body cannot be read; check how it is written (UTF-8, JSON) and send it again.",
    ),
    "wrong_type": (
        "Alamat ini tidak menerima isi jenis ini; kirim dengan Content-Type: {expected}.",
        "This address does not take a body of this kind; send it with Content-Type: {expected}.",
    ),
}
