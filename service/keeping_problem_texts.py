"""How is it said that a request was sent before, or cannot be kept apart from another?

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
        "Alamat ini menjawab dalam bentuk: {offered}; sebutkan salah satunya di Accept.",
        "This address answers as: {offered}; name one of them in Accept.",
    ),
    "not_understood": (
        "Isi permintaan tidak dapat dibaca sebagai {expected}; periksa lalu kirim lagi.",
        "The body cannot be read as {expected}; check it and send it again.",
    ),
    "wrong_type": (
        "Kirim isi dengan Content-Type: {expected}.",
        "Send the body with Content-Type: {expected}.",
    ),
}
