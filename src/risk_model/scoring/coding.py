"""Which code does a value get?

Training and scoring share this one answer: a value becomes a whole number, the position of its
contribution in the term's table. Nulls and values never seen have codes of their own. Whole columns
get theirs from `risk_model.scoring.columns`.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEPARATOR = "\x1f"
"""Stands between the two parts of a crossed key; the ASCII unit separator is in no office file."""

NULL_KEY = ""
"""The key of a value that was not recorded."""

Codes = NDArray[np.int64]

FLOATS = (float, np.floating)
BOOLEANS = (bool, np.bool_)


def key_of(value: object) -> str:
    """Return the lookup key of one value: the same for 1, 1.0, numpy's 1 and the text "1".

    >>> [key_of(v) for v in ("HKG", True, 3.0, None, float("nan"))]
    ['HKG', 'true', '3', '', '']
    """
    if isinstance(value, str):
        return value
    if value is None or not_recorded(value):
        return NULL_KEY
    if isinstance(value, BOOLEANS):
        return "true" if value else "false"
    if isinstance(value, FLOATS):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def key_of_row(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the lookup key of one row for the value, or crossed values, in `names`; a missing one is not recorded."""
    if len(names) == 1:
        return key_of(row.get(names[0]))
    return SEPARATOR.join([key_of(row.get(name)) for name in names])


def not_recorded(value: object) -> bool:
    """Return whether `value` is None, NaN, or a null of pandas' nullable or date types.

    >>> not_recorded(None), not_recorded(0)
    (True, False)
    """
    if isinstance(value, FLOATS):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def number_of(value: object) -> float:
    """Return one value as a float; anything not recorded is NaN.

    >>> number_of(None)
    nan
    """
    if not_recorded(value) or value == NULL_KEY:
        return math.nan
    return float(value)  # type: ignore[arg-type]  # the border has checked that numeric columns hold numbers


@dataclass(frozen=True)
class Level:
    """One lookup: the codes of the values, or crossed values, of `columns`."""

    columns: tuple[str, ...]
    codes: Mapping[str, int]


@dataclass(frozen=True)
class Coding:
    """How the values of one term become codes 0 … size - 1.

    A numeric coding has `edges`, ascending: code i holds edges[i-1] < x <= edges[i], and the last
    code is null. A lookup tries its `levels` in order; the first that knows the key answers, and a
    key that none knows gets `unknown`. Where `counts_if` is given and that column is not true, the
    value counts as not recorded.
    """

    name: str
    columns: tuple[str, ...]
    size: int
    unknown: int
    edges: tuple[float, ...] | None = None
    levels: tuple[Level, ...] = ()
    counts_if: str | None = None

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Every column that the code of a row follows from."""
        more = (name for level in self.levels for name in level.columns)
        return tuple(dict.fromkeys((*self.columns, *more, *filter(None, [self.counts_if]))))

    def encode_one(self, row: Mapping[str, Any]) -> int:
        """Return the code of one row given as a mapping; a missing column counts as not recorded."""
        counts = self.counts_if is None or key_of(row.get(self.counts_if)) == "true"
        if self.edges is not None:
            value = number_of(row.get(self.columns[0])) if counts else math.nan
            return self.size - 1 if math.isnan(value) else bisect_left(self.edges, value)
        for level in self.levels:
            key = key_of_row(row, level.columns) if counts else NULL_KEY
            code = level.codes.get(key)
            if code is not None:
                return code
        return self.unknown
