"""Which words stand on the page of segments, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "sg_title": ("Segmen", "Segments"),
    "sg_destination": ("Negara tujuan", "Destination"),
    "sg_sector": ("Sektor", "Sector"),
    "sg_certification": ("Sertifikasi", "Certification"),
}
