"""Which code of a reference table does a cell stand for?"""

import re
from collections.abc import Callable, Iterable, Sequence

from risk_model import vocabulary
from risk_model.data.cells.cell import Cell, Refusal, tidy
from risk_model.errors import nearest as nearest_word

LONGEST_SUGGESTION = 160

Find = Callable[[str], str | None]

_SEVERAL = re.compile(r"\s*[+,;/&|()\[\]]\s*|\s+(?:dan|and|serta)\s+|\s+[-–—:]\s+", re.I)
_YES = (
    "ya iya y yes sudah sdh ada punya memiliki lengkap terdaftar aktif ikut hadir lulus selesai benar betul true "
    "v ✓ ✔ ☑ √ ✅ 1 ok oke sudahada sudahikut sudahpunya sudahterdaftar sudahterbit"
)
_NO = (
    "tidak tdk tak no n t belum blm false x ✗ ✘ ☐ ❌ × 0 salah tidakada tdkada belumada blmada tidakpunya belumpunya "
    "tidakmemiliki belummemiliki tidaklengkap belumlengkap tidakterdaftar belumterdaftar tidakaktif nonaktif tidakikut "
    "belumikut tidakhadir belumterbit"
)
FLAGS = {**dict.fromkeys(_YES.split(), True), **dict.fromkeys(_NO.split(), False)}
"""Keys of the words that answer yes or no; `T` is Tidak, as beside `Y`."""


def parse_flag(cell: Cell) -> bool | Refusal:
    """Refuse what no word in `FLAGS` says; those are looked up before a parser is asked."""
    return Refusal("neither yes nor no", "Ya or Tidak") if not isinstance(cell, bool) else cell


def finder(tables: Sequence[str]) -> Find:
    """Return a look-up in several reference tables, the first that knows the word wins."""

    def find(text: str) -> str | None:
        return next((code for name in tables if (code := vocabulary.find(name, text)) is not None), None)

    return find


def parse_code(cell: Cell, find: Find, *, highest: bool = False) -> str | None:
    """Return the code that `cell` stands for, or None.

    A cell that names one thing twice ("PLRT (House Maid)") stands for it; `highest` also takes the
    highest of several codes ("OPP, BLK"), where codes are levels. Anything else is not guessed at.

    >>> parse_code("PLRT (House Maid)", finder(["positions"])), parse_code("Perawat (nelayan)", finder(["positions"]))
    ('house_maid', None)
    """
    text = tidy(cell)
    whole = find(text)
    if whole is not None:
        return whole
    codes = [find(part) for part in _SEVERAL.split(text) if part]
    if not codes or None in codes:
        return None
    named = {code for code in codes if code is not None}
    return max(named) if len(named) == 1 or highest else None


def refuse_code(cell: Cell, tables: Sequence[str], known: Iterable[str]) -> Refusal:
    """Return the refusal of an unknown word, with the nearest known one or what is allowed."""
    text = tidy(cell)
    guesses = (vocabulary.nearest_code(name, text) for name in tables)
    nearest = next((guess for guess in guesses if guess), None) or nearest_word(text, known)
    listed = [f"reference/{name}.csv" for name in tables] or sorted(set(known))
    rule = f"not a known {' or '.join(map(_singular, tables)) or 'value'}"
    return Refusal(rule, nearest or f"none is near; known are those in {', '.join(listed)}"[:LONGEST_SUGGESTION])


def _singular(table: str) -> str:
    return re.sub(r"ies$", "y", table).removesuffix("s").replace("_", " ")
