"""Which pages does the header lead to, for whom?"""

from dataclasses import dataclass
from typing import Final

from service.access import Principal
from service.language import Language
from service.pages import texts

ENTRIES: Final = (
    ("nav_list", "/", "lists.see"),
    ("nav_supervision", "/supervision", "supervision.read"),
    ("nav_areas", "/areas", "segments.read"),
    ("nav_segments", "/segments", "supervision.read"),
    ("nav_releases", "/releases", "models.read"),
    ("nav_drift", "/drift", "models.read"),
    ("nav_people", "/people", "people.manage"),
    ("nav_audit", "/audit", "audit.read"),
)
"""The text, the address and the permission of each entry, in the order in which they stand."""
LISTS: Final = "/lists"


@dataclass(frozen=True)
class Entry:
    """A link of the header; `here` says that the reader is on it, or on a page below it."""

    label: str
    link: str
    here: bool


def navigation(caller: Principal | None, path: str, language: Language) -> tuple[Entry, ...]:
    """Return the entries for `caller` (None: nobody is signed in, and nothing can be opened) on the page at `path`."""
    if caller is None:
        return ()
    words = texts.words(language)
    return tuple(
        Entry(words[name], link, _is_here(link, path)) for name, link, permission in ENTRIES if caller.may(permission)
    )


def _is_here(link: str, path: str) -> bool:
    return path == link or path.startswith(LISTS if link == "/" else f"{link}/")
