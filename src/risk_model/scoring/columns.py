"""Which codes do the rows of whole columns get, each distinct value looked at once?

Columns are lists, numpy's, pandas' or Arrow's. The last two are known by what they can do, so scoring
imports neither. Answers are those of `key_of`, `number_of` and `Coding.encode_one`, row by row.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from risk_model.scoring.coding import NULL_KEY, SEPARATOR, Codes, Coding, Level, key_of, number_of

Floats = NDArray[np.float64]

ALIKE: Final = tuple(frozenset({"str", "NoneType", "NAType", *more}) for more in (("int", "float"), ("bool",)))
"""Types of which equal values have equal keys; of all together they have not: 1 equals True."""

BLOCK: Final = 1 << 15
"""Rows worked on at a time: their numbers stay in the processor's cache."""

MOST_COMPARED: Final = 100
"""Edges up to which comparing every number with every edge is quicker than searching: five times with 31 edges."""


class Columns(Protocol):
    """A mapping of names to columns of equal length, a pandas DataFrame, or an Arrow table or batch."""

    def __getitem__(self, name: str, /) -> Any:
        """Return the column called `name`."""


@dataclass(frozen=True)
class Distinct:
    """A column as its distinct keys, and for each row the place of its key; `places` has shape (n_rows,)."""

    keys: list[str]
    places: NDArray[Any]

    def isin(self, allowed: Collection[str]) -> NDArray[np.bool_]:
        """Return which rows have one of the keys in `allowed`."""
        is_allowed: NDArray[np.bool_] = np.array([key in allowed for key in self.keys], dtype=np.bool_)[self.places]
        return is_allowed


class ReadColumns:
    """Columns, each turned into distinct keys or numbers once, however many terms read it."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._distinct: dict[tuple[str, ...], Distinct] = {}
        self._numbers: dict[str, Floats] = {}

    def distinct(self, names: tuple[str, ...]) -> Distinct:
        """Return the keys of the value, or crossed values, in `names`."""
        if names not in self._distinct:
            self._distinct[names] = (
                distinct(self._columns[names[0]]) if len(names) == 1 else _crossed([self.distinct((n,)) for n in names])
            )
        return self._distinct[names]

    def counted(self, names: tuple[str, ...], counts_if: str | None) -> Distinct:
        """Return what `distinct` does, with the key of null wherever the column `counts_if` is not true."""
        read = self.distinct(names)
        if counts_if is None:
            return read
        return _each_once([*read.keys, NULL_KEY], np.where(self.flags(counts_if), read.places, len(read.keys)))

    def flags(self, name: str) -> NDArray[np.bool_]:
        """Return where the column `name` is true; what was not recorded is not."""
        return self.distinct((name,)).isin(("true",))

    def numbers(self, name: str) -> Floats:
        """Return the column `name` as floats; anything not recorded is NaN."""
        if name not in self._numbers:
            self._numbers[name] = numbers_of(self._columns[name])
        return self._numbers[name]


def keys_of(columns: Columns, names: Sequence[str]) -> list[str]:
    """Return one lookup key per row for the value, or crossed pair of values, in `names`."""
    read = ReadColumns(columns).distinct(tuple(names))
    return list(map(read.keys.__getitem__, read.places.tolist()))


def encode(coding: Coding, read: ReadColumns) -> Codes:
    """Return the codes of every row, shape (n_rows,)."""
    codes, places = look_up_codes(coding, read)
    of_rows: Codes = codes[places]
    return of_rows


def look_up_codes(coding: Coding, read: ReadColumns) -> tuple[Codes, NDArray[Any]]:
    """Return the code of each distinct value, and for each row the place of its value: the code is `codes[place]`."""
    if coding.edges is not None:
        numbers = read.numbers(coding.columns[0])
        if coding.counts_if is not None:
            numbers = np.where(read.flags(coding.counts_if), numbers, np.nan)
        return np.arange(coding.size), _bins(numbers, np.asarray(coding.edges))
    first, *others = (_codes_at(level, read.counted(level.columns, coding.counts_if)) for level in coding.levels)
    if not others:
        codes, places = first
        return np.where(codes < 0, coding.unknown, codes), places
    found = first[0][first[1]]
    for codes, places in others:
        found = np.where(found < 0, codes[places], found)
    return np.arange(coding.size), np.where(found < 0, coding.unknown, found)


def _bins(numbers: Floats, edges: Floats) -> NDArray[Any]:
    """Return how many edges lie below each number; one more than there are edges for NaN."""
    if len(numbers) < BLOCK or len(edges) > MOST_COMPARED:
        # NaN sorts behind everything, infinity included
        return np.searchsorted(np.append(edges, np.inf), numbers)
    bins, above = np.zeros(len(numbers), dtype=np.int8), np.empty(BLOCK, dtype=np.bool_)
    for start in range(0, len(numbers), BLOCK):
        part, of_part = numbers[start : start + BLOCK], bins[start : start + BLOCK]
        for edge in edges:
            of_part += np.greater(part, edge, out=above[: len(part)]).view(np.int8)
    bins[np.isnan(numbers)] = len(edges) + 1
    return bins


def _codes_at(level: Level, column: Distinct) -> tuple[Codes, NDArray[Any]]:
    """Return the codes of one level's keys, -1 where it does not know the key, and the places of the rows."""
    return np.array([level.codes.get(key, -1) for key in column.keys], dtype=np.int64), column.places


def distinct(values: Any) -> Distinct:
    """Return the distinct keys of one column, each key once."""
    if hasattr(values, "dictionary_encode"):
        return _of_arrow(values)
    if not isinstance(getattr(values, "dtype", None), np.dtype) and hasattr(values, "factorize"):
        places, found = values.factorize(use_na_sentinel=False)
        return _each_once([key_of(value) for value in found], places)
    array = values if isinstance(values, np.ndarray) else getattr(values, "values", values)
    if isinstance(array, np.ndarray) and array.dtype.kind in "fiub":
        return _of_numbers(array)
    if isinstance(array, np.ndarray):
        array = (array.astype("datetime64[us]") if array.dtype.kind == "M" else array).tolist()
    return _of_values(array)


def _of_arrow(values: Any) -> Distinct:
    encoded = values.dictionary_encode()
    if hasattr(encoded, "combine_chunks"):
        encoded = encoded.combine_chunks()
    keys = [key_of(value) for value in encoded.dictionary.to_pylist()]
    places = encoded.indices
    if places.null_count:
        keys, places = [*keys, NULL_KEY], places.fill_null(len(keys))
    return _each_once(keys, places.to_numpy(zero_copy_only=False))


def _of_numbers(values: NDArray[Any]) -> Distinct:
    if values.dtype.kind == "b":
        return Distinct(["false", "true"], values.astype(np.int8))
    found, places = np.unique(values, return_inverse=True)
    return _each_once([key_of(value) for value in found.tolist()], places)


def _of_values(values: Sequence[Any]) -> Distinct:
    place: defaultdict[Any, int] = defaultdict(count().__next__)
    places = np.fromiter(map(place.__getitem__, values), dtype=np.int64, count=len(values))
    kinds = {type(value).__name__ for value in place}
    if 0 in place or 1 in place:  # either may stand for True or False as well
        kinds = {kind.__name__ for kind in set(map(type, values))}
    if any(kinds <= alike for alike in ALIKE):
        return _each_once([key_of(value) for value in place], places)
    return _of_values([key_of(value) for value in values])


def _each_once(keys: list[str], places: NDArray[Any]) -> Distinct:
    first = {key: position for position, key in enumerate(dict.fromkeys(keys))}
    if len(first) == len(keys):
        return Distinct(keys, places)
    return Distinct(list(first), np.array([first[key] for key in keys])[places])


def _crossed(parts: Sequence[Distinct]) -> Distinct:
    """Return the combinations of values that occur."""
    numbers, size = parts[0].places.astype(np.int64), len(parts[0].keys)
    for part in parts[1:]:
        numbers, size = numbers * len(part.keys) + part.places, size * len(part.keys)
    found, places = _occurring(numbers, size)
    of_parts: list[list[str]] = []
    for part in reversed(parts):
        found, last = np.divmod(found, len(part.keys))
        of_parts.insert(0, [part.keys[place] for place in last.tolist()])
    return _each_once([SEPARATOR.join(of_row) for of_row in zip(*of_parts, strict=True)], places)


def _occurring(numbers: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return the numbers below `size` that occur, and the place of each row's among them."""
    if size > max(len(numbers), 1):
        return np.unique(numbers, return_inverse=True)
    occurs = np.zeros(size, dtype=np.bool_)
    occurs[numbers] = True
    found = np.flatnonzero(occurs)
    place = np.empty(size, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[numbers]


def numbers_of(values: Any) -> Floats:
    """Return a column as floats; anything not recorded is NaN."""
    if hasattr(values, "to_pylist"):
        array = values.to_numpy(zero_copy_only=False)
    elif not isinstance(getattr(values, "dtype", np.dtype(object)), np.dtype) and values.dtype.kind in "fiub":
        array = values.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        array = np.asarray(values)
    try:
        numbers: Floats = array.astype(np.float64, copy=False)
    except (TypeError, ValueError):  # nulls of other kinds than None and NaN, or no numbers at all
        return np.fromiter(map(number_of, array.tolist()), dtype=np.float64, count=len(array))
    return numbers
