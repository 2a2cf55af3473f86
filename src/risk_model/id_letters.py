"""How is an id written that must not look like a number?"""

from typing import Final

LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
"""Sixteen letters for the sixteen digits, in the same order."""


def in_letters(hexadecimal: str) -> str:
    """Return a number in hexadecimal digits as letters; texts of one length sort as their numbers do.

    An id with digits can look like a phone number or a NIK, and would be hidden from messages; one like 1234e56
    becomes a number in a spreadsheet.

    >>> in_letters("019af3")
    'abjkpd'
    """
    return hexadecimal.translate(LETTERS)
