"""Which words stand on the page of the own account, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "ac_elsewhere": ("Masuk dengan akun kantor", "Sign in with your organisation's account"),
    "ac_change": ("Ganti kata sandi", "Change password"),
    "ac_old": ("Kata sandi lama", "Old password"),
    "ac_new": ("Kata sandi baru", "New password"),
    "ac_again": ("Kata sandi baru sekali lagi", "New password once more"),
    "ac_help": (
        "Sedikitnya {least} karakter. Perangkat lain harus masuk lagi.",
        "At least {least} characters. Other devices have to sign in again.",
    ),
    "ac_length": (
        "Isi kata sandi lama, dan kata sandi baru dengan {least} sampai {most} karakter.",
        "Fill in the old password, and a new one of {least} to {most} characters.",
    ),
    "ac_not_the_same": ("Kedua isian kata sandi baru berbeda.", "The two new passwords differ."),
    "ac_changed": (
        "Kata sandi diganti. Semua sesi lain sudah ditutup.",
        "The password is changed. All other sessions have ended.",
    ),
}
