"""What did an office leave in a cell: nothing, a text, a number, a date or a wreck?"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from risk_model.vocabulary import fold


@dataclass(frozen=True)
class Broken:
    """A cell without a value that could be used: a formula nobody calculated, or (`has_value`) its error."""

    text: str
    rule: str
    suggestion: str
    has_value: bool


@dataclass(frozen=True)
class Refusal:
    """Why a cell cannot be used, and what would do instead.

    A `final` one refuses the row in every column; of a `hidden` one nobody is told what stood there.
    """

    rule: str
    suggestion: str = ""
    final: bool = False
    hidden: bool = False


Cell: TypeAlias = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | Broken | None

DASHES = frozenset("-‐‑‒–—―−﹣－_")
PLAIN_DASH = dict.fromkeys(map(ord, DASHES - {"_"}), "-")
"""What undoes a word processor that made typographic dashes of those in a date or an id."""

INVISIBLE = dict.fromkeys(
    (
        *map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\ufe0f"),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *(code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()),
    )
)
"""Zero-width characters and marks of direction that copying leaves behind, and control characters."""

FAILED = frozenset(
    ("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#ERROR!")
)
"""What a spreadsheet shows where a formula failed; #N/A is left out, it means "not recorded"."""
TOO_NARROW = re.compile(r"#{3,}")
"""What is printed or saved of a figure that its column is too narrow to show."""

LARGEST_EXACT = 2**53
"""Above this a spreadsheet's number no longer holds every digit."""

REMEMBERED = 1 << 16
"""Exports repeat their cells; so many of the last ones are not worked out again."""

DATABASE_NULL = "n"
"""What remains of a database dump's `\\N`, which would otherwise be the letter."""

SIGNED_NUMBER = re.compile(r"[-+−]\s*\d")


def unless_broken(text: str) -> str | Broken:
    """Return `text`, or the wreck it is: the error of a formula, or a figure that did not fit its column.

    >>> unless_broken("#REF!").rule, unless_broken("#N/A"), unless_broken("######").rule
    ('a formula that failed', '#N/A', 'a column too narrow to show what it holds')
    """
    if not text.startswith("#"):
        return text
    if text.strip().upper() in FAILED:
        return Broken(text, "a formula that failed", "correct the formula, or replace it by its value", True)
    if TOO_NARROW.fullmatch(text.strip()):
        rule = "a column too narrow to show what it holds"
        return Broken(text, rule, "widen the column in the spreadsheet and export it again", True)
    return text


def tidy(cell: Cell) -> str:
    r"""Return the cell as a person reads it: one line, plain spaces, no apostrophe that marks text.

    >>> tidy("  '53.06\xa0 "), tidy(24.0), tidy(None)
    ('53.06', '24', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, Broken):
        return cell.text
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_EXACT:
        return str(int(cell))
    return _tidy_text(str(cell))


@lru_cache(maxsize=REMEMBERED)
def _tidy_text(raw: str) -> str:
    text = unicodedata.normalize("NFKC", raw).translate(INVISIBLE)
    return " ".join(text.split()).lstrip("'`´’‘").strip()


def key(cell: Cell) -> str:
    """Return what two spellings of one word share; all dashes are one, other signs stay as they are.

    >>> key("N/A"), key("—"), key(" ✓ "), key("-1"), key("(Tidak ada)")
    ('na', '-', '✓', '-1', 'tidakada')
    """
    text = tidy(cell)
    folded = "" if SIGNED_NUMBER.match(text) else fold(text)
    if folded:
        return folded
    signs = text.replace(" ", "").replace("−", "-")
    return "-" if signs and all(sign in DASHES for sign in signs) else signs.casefold()


def is_empty(cell: Cell) -> bool:
    """Say whether nobody wrote anything into the cell."""
    if isinstance(cell, str):
        return not cell[:1].isalnum() and not tidy(cell)
    return cell is None


def is_blank(cell: Cell, words: frozenset[str]) -> bool:
    """Say whether the cell means "not recorded": empty, signs without letters or digits, or one of `words`.

    `words` are keys (see `key`).

    >>> [is_blank(cell, frozenset({"na", "kosong"})) for cell in ("", "--", "(kosong)", "N/A", "?", "nasi", 0)]
    [True, True, True, True, True, False, False]
    """
    if cell is None or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124  # NaN differs from itself
        return True
    if not isinstance(cell, str):
        return False
    text = key(cell)
    if text == DATABASE_NULL and "\\" in cell:
        return True
    return text in words or not any(letter.isalnum() for letter in text)
