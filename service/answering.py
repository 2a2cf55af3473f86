"""How is what is stored said to a caller?"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from risk_model.vocabulary import LIST_SEPARATOR
from service.champion import Served
from service.live_scoring import Scored
from service.settings import PLACEMENT_ID_FIELD
from service.storage.lists import Row

UNSUPPORTED: Final = (
    "Koridor ini belum pernah dipelajari: tidak ada angka, petugas yang menilai.",
    "This corridor was never learnt from: there is no figure, an officer judges.",
)
PUBLISHED_RULE: Final = (
    "Belum ada model yang lolos uji: angka ini dari aturan dua baris atas angka terbitan.",
    "No model has passed its test yet: this figure is from the two-line rule on published rates.",
)
SWITCHED_OFF: Final = (
    "Model dimatikan: angka ini dari aturan dua baris atas angka terbitan.",
    "The model is switched off: this figure is from the two-line rule on published rates.",
)


def notice_of(scored: Scored, served: Served) -> tuple[str, str] | tuple[None, None]:
    """Return what a person has to know about a score, in both languages; that the model is off comes first."""
    if served.switched_off:
        return SWITCHED_OFF
    if not scored.score.supported:
        return UNSUPPORTED
    return PUBLISHED_RULE if served.is_published_rule else (None, None)


def bodies(row: Row) -> tuple[str, ...]:
    """Return the codes of the bodies that can act on a row, the usual one first."""
    return tuple(str(row["competent_bodies"]).split(LIST_SEPARATOR)) if row["competent_bodies"] else ()


def placement_link(placement_id: str | None, source_link: str | None) -> str | None:
    """Return where the source system shows this placement; None where nobody said where."""
    if placement_id is None or source_link is None:
        return None
    return source_link.replace(PLACEMENT_ID_FIELD, quote(placement_id, safe=""))


def in_utc(moment: datetime) -> datetime:
    """Return a stored (naive) instant with its time zone."""
    return moment.replace(tzinfo=UTC)
