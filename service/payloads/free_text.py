"""Does a note name or number a person?

A number that identifies somebody is refused at the border, so that it is never stored or logged.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

LONGEST_NOTE: Final = 1000
WITHOUT_NUL: Final = r"^[^\x00]*$"
"""A text that PostgreSQL can keep."""
GAP: Final = r"[ .\-]?"
DATE: Final = r"[0-3]\d(?P<gap>[ .\-])(?:0[1-9]|1[0-2])(?P=gap)(?:19|20)\d\d(?!\d)"
NO_DATE: Final = rf"(?<!\d)(?<!\d[.\-])(?!{DATE})"
"""Day, month and year are no phone number, nor is the rest of them."""
NUMBERS: Final = (
    ("nik", re.compile(rf"(?<!\d)(?:\d{GAP}){{15}}\d(?!\d)")),
    ("passport", re.compile(r"\b[A-Za-z]{1,2}[ -]?\d{6,7}\b")),
    ("phone", re.compile(rf"{NO_DATE}(?:\+\d|00\d|0|62(?={GAP}8))(?:{GAP}\d){{7,13}}(?!\d)")),
)
"""What each kind looks like: 16 digits; one or two letters and 6 or 7 digits; +, 0 or 628 and 8 to 14 digits."""


NAMED: Final = r"(?i:(?:no|nik|ktp|hp|hub|telp?|wa|phone)[ .:\-]*)*"
"""Words that say whose number follows."""
OF_A_PERSON: Final = (
    ("nik", re.compile(rf"{NAMED}(?:\d{GAP}){{15}}\d")),
    ("phone", re.compile(rf"{NAMED}(?:\+\d|08|62{GAP}8)(?:{GAP}\d){{7,13}}")),
)
"""What no id may be as a whole. A passport's form is that of many licences and case numbers."""
SHORTEST_NUMBER: Final = 9
"""Characters: a phone number has at least eight digits behind a plus, or seven behind 08."""


def without_person(value: str) -> str:
    """Return an id that is no NIK and no phone number.

    Raises:
        PydanticCustomError: it is one, which kind its context names.
    """
    if len(value) < SHORTEST_NUMBER:
        return value
    kind = next((kind for kind, pattern in OF_A_PERSON if pattern.fullmatch(value.strip())), None)
    if kind is not None:
        raise PydanticCustomError("identifying_number", "holds an identifying number", {"kind": kind})
    return value


def identifier_in(text: str) -> str | None:
    """Return which kind of identifying number `text` holds: nik, passport or phone; None where none.

    >>> identifier_in("NIK 5301 0112 3456 7890"), identifier_in("hub. 0812-3456-7890"), identifier_in("3 pekerja, 2026")
    ('nik', 'phone', None)
    """
    return next((kind for kind, pattern in NUMBERS if pattern.search(text)), None)


def without_identifiers(text: str) -> str:
    """Return a text that holds no identifying number.

    Raises:
        PydanticCustomError: it does, which kind its context names.
    """
    kind = identifier_in(text)
    if kind is not None:
        raise PydanticCustomError("identifying_number", "holds an identifying number", {"kind": kind})
    return text


Note = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_NOTE,
        pattern=WITHOUT_NUL,
        description="no NIK, passport or phone number; such a note is refused",
    ),
    AfterValidator(without_identifiers),
]
