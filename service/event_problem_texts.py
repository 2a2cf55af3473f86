"""How is each problem with events and placements said, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "unusable_upload": ("Berkas tidak dapat dibaca", "The file cannot be used"),
}
DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "unusable_upload": ("Tidak ada yang tersimpan. {reason}", "Nothing was stored. {reason}"),
}
FIELD_FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_event": (
        "type {found} bukan jenis kejadian yang dikenal; jenisnya tercantum di docs/events.md",
        "type {found} is no known type of event; docs/events.md lists them",
    ),
    "event_of_nothing": (
        "harus menyebut penempatan (subject) atau wilayah (data.area)",
        "must name a placement (subject) or an area (data.area)",
    ),
    "event_of_two": (
        "menyebut dua penempatan: subject dan data.placement_id berbeda; kirim salah satu",
        "names two placements: subject and data.placement_id differ; send one of them",
    ),
    "event_lacks": ("jenis {kind} memerlukan data: {needed}", "of type {kind} needs data: {needed}"),
    "event_to_come": (
        "terletak di masa depan; kirim setelah terjadi",
        "lies in the future; send it once it has happened",
    ),
    "not_verified": (
        "hanya berlaku dari kunci dengan cakupan verify; hilangkan, atau minta kunci itu kepada pengelola",
        "counts only from a key with the scope verify; leave it out, or ask an administrator for such a key",
    ),
    "other_placement": (
        "harus sama dengan nomor di alamat, {allowed}",
        "must be the number in the address, {allowed}",
    ),
    "datetime_from_date_parsing": (
        "harus waktu dengan zona seperti 2026-03-31T08:00:00Z",
        "must be a time with its zone, like 2026-03-31T08:00:00Z",
    ),
    "datetime_parsing": (
        "harus waktu dengan zona seperti 2026-03-31T08:00:00Z",
        "must be a time with its zone, like 2026-03-31T08:00:00Z",
    ),
    "timezone_aware": (
        "harus menyebut zona waktu, seperti 2026-03-31T08:00:00Z",
        "must name its time zone, like 2026-03-31T08:00:00Z",
    ),
}
