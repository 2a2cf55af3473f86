"""Is a text an id that may be kept, or the number of a person that must not be?"""

import datetime as dt
import re

from risk_model.data.cells.cell import PLAIN_DASH, Cell, Refusal, is_blank, tidy

NIK_DIGITS = 16
LONGEST_ID = 80
LONGEST_TEXT = 200
MASK = "•••"

_SEPARATORS = re.compile(r"[\s.'’`´-]")
_SEPARATED = re.compile(r"^[\d\s.'’`´-]+$")
_DECIMAL = re.compile(r"^\d+\.\d{1,3}$")
_THOUSANDS = re.compile(r"^\d{1,3}(?:\.\d{3})+$")
_SCIENTIFIC = re.compile(r"\d[.,]\d+\s*E\s*\+?\d+", re.I)
_PERSONAL = re.compile(
    r"\d{16,}"
    r"|(?<!\d)(?:\d{6}[ .'-]\d{6}[ .'-]\d{4}|\d{4}(?:[ .'-]\d{4}){3}|\d{2}(?:[ .'-]\d{2}){2}[ .'-]\d{6}[ .'-]\d{4}"
    r"|\d{6}(?:[ .'-]\d{2}){3}[ .'-]\d{4})(?!\d)"
    r"|\d[.,]\d{11,}\s*E\s*\+?1\d",
    re.I,
)
"""A NIK as it is written or as a spreadsheet spoils it; family card numbers have the same form."""

_MOBILE = r"(?<!\d)(?:\+?62|0)[\s.()-]*8\d(?:[\s.()-]*\d){6,11}(?!\d)"
_ADDRESSED = r"\b(?:(?:sdr[ai]?|ny|tn|bpk)\b\.?|bapak|a\.?n\.)\s+[a-z]{3,}"
_CONTACT = re.compile(rf"{_MOBILE}|[\w.+-]+@[\w-]+\.\w+|\b(?!rp)[a-z]{{1,2}} ?\d{{7}}\b|{_ADDRESSED}", re.I)
"""Mobile numbers, addresses of mail, numbers of passports, and names behind a form of address."""

_MASKED = re.compile(rf"\d(?:[\s.,'’`´_/:-]*\d){{14,}}|\d[.,]\d{{9,}}|{_CONTACT.pattern}", re.I)
"""What a message may never repeat: fifteen digits or more in a row, however separated, and contacts."""

RULE_PERSONAL = "holds a 16-digit number, which looks like a NIK"
RULE_CONTACT = "holds what looks like a phone, mail address, passport or name of a person"


def national_number(cell: Cell) -> str | None:
    """Return the 16 digits of a NIK; None for anything else, which counts as not recorded.

    A spreadsheet keeps 15 digits of a number and puts a 0 for the last one, so a number (not a text)
    that ends in 0 is no NIK any more.

    >>> national_number("5305.1490.9254.6565"), national_number("5.30813298477546E+15")
    ('5305149092546565', None)
    >>> national_number(5307191399925450), national_number("5307191399925450")
    (None, '5307191399925450')
    """
    text = tidy(cell) if isinstance(cell, str | int | float) and not isinstance(cell, bool) else ""
    digits = _SEPARATORS.sub("", text)
    if not _SEPARATED.match(text) or not digits.isascii() or len(digits) != NIK_DIGITS or _DECIMAL.match(text):
        return None
    was_number = not isinstance(cell, str) or bool(_THOUSANDS.match(text))
    return None if was_number and digits.endswith("0") else digits


def is_personal(text: str) -> bool:
    """Say whether a NIK stands anywhere in `text`.

    >>> is_personal("PMI 5305149092546565"), is_personal("PMI-25-1700001")
    (True, False)
    """
    return _PERSONAL.search(text) is not None


def mask(text: str) -> str:
    """Return `text` with every number that could be a person's replaced.

    >>> mask("Ana 5305 1490 9254 6565"), mask("Rp 5.600.000")
    ('Ana •••', 'Rp 5.600.000')
    """
    return _MASKED.sub(MASK, text)


def shown(text: str) -> str:
    """Return what a message may repeat of a cell: beside a number that could be a person's, no word either.

    >>> shown("Ana 0812-3456-7890"), shown("0812-3456-7890"), shown("Astronot")
    ('•••', '•••', 'Astronot')
    """
    masked = mask(text)
    return masked if masked == text else MASK


def parse_id(cell: Cell) -> str | Refusal:
    """Return an id as the source system writes it, with plain dashes.

    >>> parse_id(" PMI-25-1700001 "), parse_id(1700001.0), parse_id("Maria Bunga").rule
    ('PMI-25-1700001', '1700001', 'words without a number, which are no id')
    """
    text = tidy(cell).translate(PLAIN_DASH)
    if "@" in text or re.fullmatch(_MOBILE, text):
        return Refusal(RULE_CONTACT, "give the id of the record, not the number of the person", hidden=True)
    if isinstance(cell, str) and " " in text and not any(letter.isdigit() for letter in text):
        return Refusal("words without a number, which are no id", "give the id of the record", hidden=True)
    if is_personal(text):
        return Refusal(RULE_PERSONAL, "give the id of the record, not the number of the person")
    if _is_converted(cell, text):
        return Refusal("an id that a spreadsheet turned into a number or a date", "export the column as text")
    if len(text) > LONGEST_ID:
        return Refusal(f"longer than {LONGEST_ID} characters", "give the id alone")
    return text


def _is_converted(cell: Cell, text: str) -> bool:
    if isinstance(cell, str):
        return _SCIENTIFIC.fullmatch(text) is not None
    return isinstance(cell, bool) or not isinstance(cell, int | float) or not text.lstrip("-").isdigit()


def without_personal(cell: Cell) -> str | Refusal:
    """Return a short free text, refused where a NIK, a phone, a mail address or a passport stands in it."""
    text = tidy(cell)
    if is_personal(text):
        return Refusal(RULE_PERSONAL, "remove the number")
    if _CONTACT.search(text):
        return Refusal(RULE_CONTACT, "give the name or code alone")
    if isinstance(cell, dt.date):
        return Refusal("a text that a spreadsheet turned into a date", "export the column as text")
    return text if len(text) <= LONGEST_TEXT else Refusal(f"longer than {LONGEST_TEXT} characters", "shorten it")


def worker_number(nik: Cell, worker_id: Cell, blanks: frozenset[str]) -> str | None:
    """Return what the worker's reference is made from: the NIK, else the ID PMI, else nothing."""
    number = national_number(nik)
    if number is not None or is_blank(worker_id, blanks):
        return number
    text = tidy(worker_id)
    return None if _SCIENTIFIC.fullmatch(text) else text
