"""Under which random id does a new record stand?"""

from secrets import token_hex
from typing import Final

LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
"""Sixteen letters for the sixteen digits, in the same order."""


def random_id(size: int) -> str:
    """Return an id of `size` random bytes, two letters each.

    Without digits, since an id that looks like a phone number or a NIK would be hidden from messages, and one
    like 1234e56 becomes a number in a spreadsheet.
    """
    return in_letters(token_hex(size))


def in_letters(hexadecimal: str) -> str:
    """Return a number in hexadecimal digits as letters; texts of one length sort as their numbers do.

    >>> in_letters("019af3")
    'abjkpd'
    """
    return hexadecimal.translate(LETTERS)
