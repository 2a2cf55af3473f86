"""Which terms move each of many rows most, as `explanations.strongest` says of one row?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from risk_model.scoring.columns import BLOCK
from risk_model.scoring.scorer import Floats, LookedUp

NO_TERM = -1
"""The place where a row has fewer terms that contribute anything."""

RAISES_NOTHING = -2


@dataclass(frozen=True)
class StrongestTerms:
    """The strongest terms of many rows, by way of the distinct contributions.

    `term` (its position in the model) and `contribution` (log-odds, rounded) describe each distinct
    contribution; `places`, shape (top, n_rows), says which ones a row has, strongest first, `NO_TERM`
    where it has no more.
    """

    term: NDArray[np.int64]
    contribution: Floats
    places: NDArray[np.int64]


def strongest_terms(looked_up: Sequence[LookedUp], *, top: int, decimals: int) -> StrongestTerms:
    """Return the `top` strongest terms of every row: first the one that raises most, then by size.

    Contributions are compared rounded to `decimals`; the earlier of equal terms comes first.
    """
    contribution = np.concatenate([np.round(term.values, decimals) for term in looked_up])
    # one whole number orders by size and, where sizes are equal, by the place of the term
    steps = len(contribution)
    size = np.rint(np.abs(contribution) * 10.0**decimals).astype(np.int64)
    order = np.where(size > 0, size * steps + np.arange(steps)[::-1], NO_TERM)
    ends = np.cumsum([len(term.values) for term in looked_up])[:-1]
    tables = np.split(order, ends), np.split(np.where(contribution > 0, order, RAISES_NOTHING), ends)
    rows = len(looked_up[0].places)
    found = np.empty((top, rows), dtype=np.int64)
    for start in range(0, rows, BLOCK):
        block = slice(start, start + BLOCK)
        found[:, block] = _largest([term.places[block] for term in looked_up], *tables, top=top)
    places = np.where(found == NO_TERM, NO_TERM, steps - 1 - found % steps)
    return StrongestTerms(np.repeat(np.arange(len(looked_up)), np.diff([0, *ends, steps])), contribution, places)


def _largest(
    places: Sequence[NDArray[Any]],
    order: Sequence[NDArray[np.int64]],
    raising: Sequence[NDArray[np.int64]],
    *,
    top: int,
) -> NDArray[np.int64]:
    """Return the `top` largest numbers of each row by `order`, the largest by `raising` first; shape (top, n_rows)."""
    first = np.full(len(places[0]), RAISES_NOTHING, dtype=np.int64)
    for place, table in zip(places, raising, strict=True):
        np.maximum(first, table.take(place, mode="clip"), out=first)
    others = np.full((top, len(first)), NO_TERM, dtype=np.int64)
    for place, table in zip(places, order, strict=True):
        number = table.take(place, mode="clip")
        number[number == first] = NO_TERM
        for kept in others:
            smaller = np.minimum(kept, number)
            np.maximum(kept, number, out=kept)
            number = smaller
    raises = first != RAISES_NOTHING
    moved = np.vstack([first, others[: top - 1]])
    return np.where(raises, moved, others)
