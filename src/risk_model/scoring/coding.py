"""Which code does a value get?

Training and scoring share this one answer: a value becomes a whole number, the position of its
contribution in the term's table. Nulls and values never seen have codes of their own.
"""

import math
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
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]


def key_of(value: object) -> str:
    """Return the lookup key of one value: the same for 1, 1.0, numpy's 1 and the text "1".

    >>> [key_of(v) for v in ("HKG", True, 3.0, None, float("nan"))]
    ['HKG', 'true', '3', '', '']
    """
    if isinstance(value, str):
        return value
    if not_recorded(value):
        return NULL_KEY
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def not_recorded(value: object) -> bool:
    """Return whether `value` is None, NaN, or a null of pandas' nullable or date types.

    >>> not_recorded(None), not_recorded(0)
    (True, False)
    """
    if isinstance(value, float | np.floating):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def keys_of(columns: Columns, names: Sequence[str]) -> list[str]:
    """Return one lookup key per row for the value, or crossed pair of values, in `names`."""
    parts = [_keys(columns[name]) for name in names]
    return parts[0] if len(parts) == 1 else [SEPARATOR.join(pair) for pair in zip(*parts, strict=True)]


def _keys(values: Sequence[Any] | NDArray[Any]) -> list[str]:
    """Return `key_of` of every value: each distinct number is worked out once, and text is its own key."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        distinct, places = np.unique(values, return_inverse=True)
        keys = [key_of(value) for value in distinct.tolist()]
        return [keys[place] for place in places.tolist()]
    return [value if type(value) is str else key_of(value) for value in _as_list(values)]


def _as_list(values: Sequence[Any] | NDArray[Any]) -> Sequence[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else values


def number_of(value: object) -> float:
    """Return one value as a float; anything not recorded is NaN.

    >>> number_of(None)
    nan
    """
    if not_recorded(value) or value == NULL_KEY:
        return math.nan
    return float(value)  # type: ignore[arg-type]  # the border has checked that numeric columns hold numbers


def numbers_of(values: Sequence[Any] | NDArray[Any]) -> NDArray[np.float64]:
    """Return a column as floats; anything not recorded is NaN."""
    array = np.asarray(values)
    if array.dtype.kind in "fiub":
        return array.astype(np.float64)
    return np.fromiter((number_of(value) for value in array.tolist()), dtype=np.float64, count=len(array))


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

    def encode(self, columns: Columns) -> Codes:
        """Return the codes of every row, shape (n_rows,)."""
        if self.edges is not None:
            return self._bin(numbers_of(columns[self.columns[0]]), columns)
        codes = [self.unknown] * len(columns[self.columns[0]])
        for level in reversed(self.levels):
            keys = self.counted(keys_of(columns, level.columns), columns)
            codes = [level.codes.get(key, code) for key, code in zip(keys, codes, strict=True)]
        return np.asarray(codes, dtype=np.int64)

    def encode_one(self, row: Mapping[str, Any]) -> int:
        """Return the code of one row given as a mapping; a missing column counts as not recorded."""
        counts = self.counts_if is None or key_of(row.get(self.counts_if)) == "true"
        if self.edges is not None:
            value = number_of(row.get(self.columns[0])) if counts else math.nan
            return self.size - 1 if math.isnan(value) else int(np.searchsorted(self.edges, value, side="left"))
        for level in self.levels:
            key = SEPARATOR.join(key_of(row.get(name)) for name in level.columns) if counts else NULL_KEY
            code = level.codes.get(key)
            if code is not None:
                return code
        return self.unknown

    def _bin(self, values: NDArray[np.float64], columns: Columns) -> Codes:
        if self.counts_if is not None:
            verified = [key == "true" for key in keys_of(columns, (self.counts_if,))]
            values = np.where(verified, values, np.nan)
        codes = np.searchsorted(np.asarray(self.edges), values, side="left").astype(np.int64)
        codes[np.isnan(values)] = self.size - 1
        return codes

    def counted(self, keys: list[str], columns: Columns) -> list[str]:
        """Return `keys` with those that are not verified read as not recorded."""
        if self.counts_if is None:
            return keys
        verified = keys_of(columns, (self.counts_if,))
        return [key if counts == "true" else NULL_KEY for key, counts in zip(keys, verified, strict=True)]
