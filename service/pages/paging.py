"""Which page of a long table is this, and where are the ones beside it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from service.language import Language
from service.pages import texts

PAGE_ROWS: Final = 30
"""Rows on a page: as many as a slow link carries within a few seconds."""


@dataclass(frozen=True)
class Pages:
    """What is said of the page (`x of y`), and the links to those before and after; None where there is none."""

    said: str | None
    previous: str | None
    next: str | None


def pages(total: int, number: int, query: Mapping[str, str], language: Language, *, of: int = PAGE_ROWS) -> Pages:
    """Return where page `number` of `total` rows stands, `of` on each; `query` is what else the address says."""
    last = max(1, -(-total // of))
    numbers = {"page": texts.whole_number(number, language), "pages": texts.whole_number(last, language)}
    said = texts.words(language)["pg_page_of"].format(**numbers) if last > 1 else None

    def link(other: int) -> str | None:
        return f"?{urlencode({**query, 'page': str(other)})}" if 1 <= other <= last else None

    return Pages(said, link(number - 1), link(number + 1))
