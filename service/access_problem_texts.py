"""How is it said that a caller is not known, not allowed, or asks too much?

Each in Bahasa Indonesia and in English, with the repair.
"""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "sign_in_needed": ("Perlu masuk", "Sign in first"),
    "bad_key": ("Kunci API tidak berlaku", "API key not valid"),
    "bad_sign_in": ("Nama masuk atau kata sandi salah", "Wrong login or password"),
    "not_a_user": ("Belum terdaftar di sini", "Not a user here"),
    "not_shown": ("Masuk tidak berhasil", "Signing in did not work"),
    "provider_away": ("Penyedia identitas tidak menjawab", "The identity provider does not answer"),
    "too_many_attempts": ("Terlalu banyak percobaan", "Too many attempts"),
    "form_token": ("Formulir tidak berlaku lagi", "The form is no longer valid"),
    "foreign_form": ("Formulir dari situs lain", "Form from another site"),
    "no_session": ("Tidak ada sesi", "No session"),
    "no_password": ("Kunci tidak punya kata sandi", "A key has no password"),
    "wrong_password": ("Kata sandi lama salah", "The old password is wrong"),
    "whole_register": ("Seluruh register", "Whole register"),
    "login_taken": ("Nama masuk sudah dipakai", "Login is taken"),
    "last_admin": ("Pengelola terakhir", "The last administrator"),
    "no_such_user": ("Pengguna tidak ditemukan", "User not found"),
    "no_such_key": ("Kunci tidak ditemukan", "Key not found"),
    "too_many": ("Terlalu banyak permintaan", "Too many requests"),
    "too_large": ("Permintaan terlalu besar", "Request too large"),
    "too_slow": ("Terlalu lama", "Took too long"),
    "busy": ("Sedang sibuk", "Busy"),
}
DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "sign_in_needed": (
        "Masuk di /sign-in, atau kirim kunci API: Authorization: Bearer rk_…",
        "Sign in at /sign-in, or send an API key: Authorization: Bearer rk_…",
    ),
    "bad_key": (
        "Kunci ini tidak dikenal, sudah berakhir, atau sudah dicabut; minta kunci baru kepada pengelola.",
        "This key is not known, has expired, or was revoked; ask an administrator for a new one.",
    ),
    "bad_sign_in": (
        "Periksa keduanya dan coba lagi; pengelola dapat memberi kata sandi baru.",
        "Check both and try again; an administrator can give you a new password.",
    ),
    "not_a_user": (
        "Penyedia identitas mengenal Anda, tetapi di sini belum ada pengguna dengan nama itu; hubungi pengelola.",
        "The identity provider knows you, but nobody here signs in by that name; ask an administrator to add you.",
    ),
    "not_shown": (
        "Penyedia identitas tidak memastikan siapa Anda; mulai lagi dari halaman masuk.",
        "The identity provider did not confirm who you are; begin again on the sign-in page.",
    ),
    "provider_away": (
        "Coba lagi beberapa saat, atau masuk dengan kata sandi.",
        "Try again in a moment, or sign in with your password.",
    ),
    "too_many_attempts": ("Coba lagi dalam {seconds} detik.", "Try again in {seconds} seconds."),
    "form_token": (
        "Buka halaman ini lagi lalu kirim ulang; program mengirim header X-Form-Token dari GET /v1/me.",
        "Open the page again and send it once more; programs send the header X-Form-Token from GET /v1/me.",
    ),
    "foreign_form": (
        "Formulir ini dikirim dari situs lain; buka halaman ini langsung.",
        "This form was sent from another site; open this page directly.",
    ),
    "no_session": (
        "Kunci API tidak memiliki sesi yang dapat ditutup; pengelola dapat mencabutnya.",
        "An API key has no session to close; an administrator can revoke it.",
    ),
    "no_password": (
        "Kunci API tidak memiliki kata sandi; pengelola dapat membuat kunci baru dan mencabut yang ini.",
        "An API key has no password; an administrator can make a new key and revoke this one.",
    ),
    "wrong_password": (
        "Tidak ada yang berubah. Coba lagi; pengelola dapat memberi kata sandi baru.",
        "Nothing has changed. Try again; an administrator can give you a new password.",
    ),
    "whole_register": (
        "Peran {role} membuat daftar untuk satu kantor; sebutkan office.",
        "The role {role} makes lists for one office; name the office.",
    ),
    "login_taken": (
        "Nama masuk ini sudah dipakai; pilih yang lain.",
        "Somebody signs in by this login already; choose another.",
    ),
    "last_admin": (
        "Tanpa pengelola tidak ada yang dapat mengatur pengguna; angkat pengelola lain dahulu.",
        "Without an administrator nobody can manage users; name another one first.",
    ),
    "no_such_user": (
        "Tidak ada pengguna {user_id}; yang ada tercantum di /v1/users.",
        "There is no user {user_id}; /v1/users names those there are.",
    ),
    "no_such_key": (
        "Tidak ada kunci {key_id}; yang ada tercantum di /v1/keys.",
        "There is no key {key_id}; /v1/keys names those there are.",
    ),
    "too_many": (
        "Paling banyak {rate} permintaan per detik; coba lagi setelah Retry-After.",
        "At most {rate} requests per second; try again after Retry-After.",
    ),
    "too_large": (
        "Isi permintaan melebihi batas; kirim dalam beberapa bagian, atau minta pengelola menaikkan batasnya.",
        "The body is over the limit; send it in parts, or ask the operator to raise the limit.",
    ),
    "too_slow": (
        "Jawaban belum siap dalam {seconds} detik; coba lagi, dengan Idempotency-Key yang sama bila menulis.",
        "No answer was ready within {seconds} seconds; try again, with the same Idempotency-Key where it writes.",
    ),
    "busy": (
        "Terlalu banyak permintaan sedang dikerjakan; coba lagi setelah Retry-After.",
        "Too many requests are in work; try again after Retry-After.",
    ),
}
