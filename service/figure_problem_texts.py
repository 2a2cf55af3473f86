"""How is each problem with figures and with the rights of a person said, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "no_such_office": ("Kantor tidak ditemukan", "Office not found"),
    "no_such_area": ("Wilayah tidak ditemukan", "Area not found"),
    "no_such_worker": ("Pekerja tidak ditemukan", "Worker not found"),
    "no_such_request": ("Permintaan tidak ditemukan", "Request not found"),
    "already_decided": ("Sudah diputuskan", "Already decided"),
    "objection_open": ("Keberatan masih terbuka", "An objection is open"),
    "not_in_register": ("Tidak lagi dalam register", "No longer in the register"),
    "figures_not_made": ("Angka belum selesai dihitung", "Figures not made"),
}
DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "no_such_office": (
        "Tidak ada kantor dengan kode {name} yang dapat Anda lihat; kosongkan office untuk semua kantor Anda.",
        "There is no office {name} that you see; leave office away for all of yours.",
    ),
    "no_such_area": (
        "Tidak ada wilayah dengan kode {name} yang dapat Anda lihat; pilih wilayah dari daftar wilayah.",
        "There is no area {name} that you see; choose one from the area list.",
    ),
    "no_such_worker": (
        "Tidak ada pekerja dengan rujukan ini yang dapat Anda lihat; rujukan tercantum pada catatan penempatannya.",
        "There is no worker with this reference whom you see; the placement's record in the source system names it.",
    ),
    "no_such_request": (
        "Pekerja ini tidak memiliki keberatan {name}; yang ada tercantum pada catatannya.",
        "This worker has no objection {name}; the record of the worker names those there are.",
    ),
    "already_decided": (
        "Keberatan {name} sudah diputuskan: {state}; ajukan keberatan baru bila perlu.",
        "The objection {name} was decided: {state}; lodge a new one where needed.",
    ),
    "objection_open": (
        "Penempatan ini masih memiliki keberatan {name} yang belum diputuskan; putuskan itu dahulu.",
        "This placement still has the undecided objection {name}; decide that one first.",
    ),
    "not_in_register": (
        "Penempatan ini tidak lagi dinilai, jadi tidak ada nilai yang dapat dijelaskan atau ditentang.",
        "This placement is not scored any more, so there is no score to explain or to object to.",
    ),
    "figures_not_made": (
        "Proses yang menghitung angka ini berhenti sebelum selesai; coba lagi. Bila berulang, pengelola memeriksa "
        "sisa memori mesin dan log layanan.",
        "The process that makes these figures ended before they were done; try again. Where it repeats, the "
        "operator checks the machine's free memory and the service's log.",
    ),
}
