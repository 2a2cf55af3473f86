"""Which amount, count or share does a cell name?

Separators: where dot and comma both stand, the last one is the decimal sign. One separator followed
by exactly three digits groups thousands (`5.600` is 5600), otherwise it is the decimal sign; before
`juta` or `ribu` a comma is always the decimal sign. Nothing is guessed from words: `lima juta` is
refused with the figure it probably means.
"""

import re
from decimal import Decimal

from risk_model.data.cells.cell import Cell, Refusal, tidy

UNITS = {"ribu": 1_000, "rb": 1_000, "juta": 1_000_000, "jt": 1_000_000}
MONTHS_IN = {
    **dict.fromkeys(("bulan", "bln", "bl", "month", "months", "mo", "mos", "mth"), 1),
    **dict.fromkeys(("tahun", "thn", "th", "year", "years", "yr", "yrs"), 12),
}
NUMBER_WORDS = {
    **{"satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8},
    **{"sembilan": 9, "sepuluh": 10, "sebelas": 11, "duabelas": 12, "setahun": 1, "sebulan": 1, "sejuta": 1},
}
SMALLEST_RUPIAH = 10_000
"""No wage or fee lies between zero and this; such a figure counts thousands or millions, or another currency."""

MOST_MILLIONS = 1_000
"""A figure below this that is no amount of rupiah probably counts millions."""

_CURRENCY = re.compile(r"^(?:rp|idr)\b\.?|(?<=\d)\s*(?:rp|idr|rupiah)\.?$|^(?:rp)\.?(?=\s*[\d(-])", re.I)
_PER_MONTH = re.compile(r"\s*(?:/|per)\s*(?:bulan|bln|month|mo)\.?$", re.I)
_NO_CENTS = re.compile(r"[.,]\s*[-–—=]+$")
_WITH_UNIT = re.compile(r"^([\d.,\s]+?)\s*([a-z]+)\.?$", re.I)
_GROUPED_BY_DOT = re.compile(r"^[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,2})?$")
_GROUPED_BY_COMMA = re.compile(r"^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,2})?$")
_GROUPED_BY_SPACE = re.compile(r"^[1-9]\d{0,2}(?:[ '’]\d{3})+(?:[.,]\d{1,2})?$")
_PLAIN = re.compile(r"^\d+(?:[.,]\d+)?$")
_NEGATIVE = re.compile(r"^[-−–]\s*(?:rp\.?\s*)?\d|^(?:rp\.?\s*)[-−–]\s*\d|^\(.*\d.*\)$", re.I)
_LENGTH_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)\.?", re.I)
_BRACKETS = re.compile(r"\([^)]*\)")
_SIGNED_PLAIN = re.compile(r"^[+-]?\d{1,15}(?:\.\d{1,15})?$")
_PERCENT = re.compile(r"^([\d.]+)\s*(?:%|persen|percent)$", re.I)


def parse_money(cell: Cell) -> float | Refusal | None:
    """Return the rupiah that `cell` names; None where a currency stands alone or before a dash.

    >>> [parse_money(cell) for cell in ("Rp 5.600.000", "5,6 jt", "Rp5,600,000.00", 5600000.0, "Rp 5.600.000,-")]
    [5600000.0, 5600000.0, 5600000.0, 5600000.0, 5600000.0]
    >>> parse_money("lima juta").suggestion
    '5000000'
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _amount(Decimal(repr(cell)))
    if not isinstance(cell, str):
        return Refusal("not an amount of rupiah", "write the amount in digits, for example 5600000")
    text = tidy(cell)
    if _NEGATIVE.match(text):
        return Refusal("an amount below zero", re.sub(r"[^\d.,]", "", text))
    text = _NO_CENTS.sub("", _PER_MONTH.sub("", text)).strip()
    text = _CURRENCY.sub("", _CURRENCY.sub("", text).strip()).strip()
    if not text.strip("-–— "):
        return None
    number = _read_money(_NO_CENTS.sub("", text).strip())
    if number is None:
        return Refusal("not an amount of rupiah", _in_digits(text) or "write the amount in digits, for example 5600000")
    return _amount(number)


def parse_months(cell: Cell) -> int | Refusal:
    """Return the months that `cell` names; a bare number counts months.

    >>> [parse_months(cell) for cell in ("24 bulan", "2 tahun", "1 thn 6 bln", 36, "1,5 tahun")]
    [24, 24, 18, 36, 18]
    """
    if not isinstance(cell, str):
        return parse_whole(cell)
    text = tidy(cell)
    if SIGNED := re.match(r"^[-−–]\s*(\d+)", text):
        return Refusal("below zero", SIGNED[1])
    parts = _LENGTH_PART.findall(_BRACKETS.sub(" ", text))
    rest = re.sub(r"\b(?:dan|and)\b|[+,&.\s]", "", _LENGTH_PART.sub("", _BRACKETS.sub(" ", text)))
    units = [unit.casefold() for _, unit in parts]
    if not parts or rest or not all(unit in MONTHS_IN or (unit == "" and len(parts) == 1) for unit in units):
        return Refusal("not a number of months", _in_digits(text) or "write the months in digits, for example 24")
    months = sum(
        Decimal(n.replace(",", ".")) * MONTHS_IN.get(unit, 1) for (n, _), unit in zip(parts, units, strict=True)
    )
    return int(months) if months == int(months) else Refusal("not a whole number of months", str(round(months)))


def parse_whole(cell: Cell) -> int | Refusal:
    """Return the whole number that `cell` names.

    >>> parse_whole("1989.0"), parse_whole(3), parse_whole("2,5").rule
    (1989, 3, 'not a whole number')
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return Refusal("not a whole number")
    text = tidy(cell).replace("−", "-").replace(",", ".")
    if not _SIGNED_PLAIN.match(text):
        return Refusal("not a whole number", _in_digits(text) or "write it in digits")
    number = Decimal(text)
    return int(number) if number == int(number) else Refusal("not a whole number", str(round(number)))


def parse_probability(cell: Cell) -> float | Refusal:
    """Return the probability that `cell` names, above 0 and at most 1.

    >>> parse_probability("5%"), parse_probability("0,05"), parse_probability(0.05)
    (0.05, 0.05, 0.05)
    >>> parse_probability("5").suggestion
    '5 %'
    """
    text = "" if isinstance(cell, bool) or not isinstance(cell, int | float | str) else tidy(cell).replace(",", ".")
    percent = _PERCENT.match(text)
    digits = percent[1] if percent else text
    if not _SIGNED_PLAIN.match(digits):
        return Refusal("not a probability", "write it as 0.05 or 5 %")
    value = float(Decimal(digits) / 100 if percent else Decimal(digits))
    if not 0 < value <= 1:
        meant_percent = not percent and 1 < value <= 100
        return Refusal("not above 0 and at most 1", f"{text} %" if meant_percent else "write it as 0.05 or 5 %")
    return value


def _read_money(text: str) -> Decimal | None:
    unit = 1
    if match := _WITH_UNIT.match(text):
        if match[2].casefold() not in UNITS:
            return None
        text, unit = match[1].strip(), UNITS[match[2].casefold()]
        if re.fullmatch(r"\d+,\d+", text):
            return Decimal(text.replace(",", ".")) * unit
    if _GROUPED_BY_DOT.match(text):
        return Decimal(text.replace(".", "").replace(",", ".")) * unit
    if _GROUPED_BY_COMMA.match(text):
        return Decimal(text.replace(",", "")) * unit
    if _GROUPED_BY_SPACE.match(text):
        return Decimal(re.sub(r"[ '’]", "", text).replace(",", ".")) * unit
    return Decimal(text.replace(",", ".")) * unit if _PLAIN.match(text) else None


def _amount(number: Decimal) -> float | Refusal:
    if not number.is_finite():
        return Refusal("not an amount of rupiah", "write the amount in digits, for example 5600000")
    if number < 0:
        return Refusal("an amount below zero", str(-number))
    if 0 < number < SMALLEST_RUPIAH:
        millions = number < MOST_MILLIONS
        return Refusal("too small for rupiah", f"{number} juta" if millions else "give the whole amount in rupiah")
    return float(number)


def _in_digits(text: str) -> str:
    """Return the figure that a spelled-out number and its unit probably mean, or nothing."""
    words = text.casefold().replace("dua belas", "duabelas").removesuffix(" rupiah").split()
    factors = {**UNITS, **MONTHS_IN, "setahun": 12, "sebulan": 1, "sejuta": 1_000_000}
    if len(words) == 1 and words[0] in NUMBER_WORDS:
        return str(NUMBER_WORDS[words[0]] * factors.get(words[0], 1))
    if len(words) == 2 and words[0] in NUMBER_WORDS and words[1] in factors:
        return str(NUMBER_WORDS[words[0]] * factors[words[1]])
    return ""
