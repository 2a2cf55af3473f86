"""How do codes become the columns of a regression?

A looked-up value has a column of its own; the value nobody saw has none, so it counts as the average.
An ordered value is a staircase: each edge is a step of its own, shrunk towards no step, so neighbouring
bins stay close where there is nothing to tell them apart (a random walk of first order; Fahrmeir & Lang
2001). The value that was not recorded stands beside the staircase.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from risk_model.scoring.coding import Codes, Coding

Floats = NDArray[np.float64]

STAIRCASE_SCALE = 2.0
"""Keeps the spread of a whole staircase about that of a looked-up term with the same variance."""

BINS_SD = 12**0.5
"""A uniform variable over a range of one has a standard deviation of one over the root of 12."""


@dataclass(frozen=True)
class Design:
    """The columns of several terms: `bases` holds one matrix per term, shape (codes, its columns).

    Where `lines` says so, the last column of a term is a straight line.
    """

    bases: tuple[sparse.csr_matrix, ...]
    lines: tuple[bool, ...]

    @property
    def slices(self) -> list[slice]:
        """Which columns belong to which term."""
        ends = np.cumsum([0, *(basis.shape[1] for basis in self.bases)])
        return [slice(int(start), int(end)) for start, end in pairwise(ends)]

    @property
    def width(self) -> int:
        """How many columns all terms have together."""
        return sum(basis.shape[1] for basis in self.bases)

    def columns(self, codes: Codes) -> sparse.csr_matrix:
        """Return the columns of every row, shape (n_rows, width); a code out of range counts as unknown."""
        parts = [basis[codes[:, position]] for position, basis in enumerate(self.bases)]
        return sparse.hstack(parts, format="csr") if parts else sparse.csr_matrix((len(codes), 0))


def design(codings: Sequence[Coding]) -> Design:
    """Return the columns that the terms of `codings` have in a regression."""
    ordered = tuple(coding.edges is not None for coding in codings)
    bases = (
        _staircase(coding) if stairs else _look_up(coding) for coding, stairs in zip(codings, ordered, strict=True)
    )
    return Design(tuple(bases), ordered)


def crossed(first: Codes, size: int, second: Codes, n_second: int) -> sparse.csr_matrix:
    """Return one column per pair of codes, shape (n_rows, size * n_second)."""
    rows = np.arange(len(first))
    return sparse.csr_matrix(
        (np.ones(len(first)), (rows, first * n_second + second)), shape=(len(first), size * n_second)
    )


def _look_up(coding: Coding) -> sparse.csr_matrix:
    known = np.delete(np.arange(coding.size), coding.unknown)
    return sparse.csr_matrix((np.ones(len(known)), (known, np.arange(len(known)))), shape=(coding.size, len(known)))


def _staircase(coding: Coding) -> sparse.csr_matrix:
    """Return the staircase with its middle bin at 0, a column for what was not recorded, and a line of unit spread.

    Steps alone would shrink a long steady rise at both its ends, and with it the contrast between those
    whom lists visit most and all others.
    """
    steps = len(coding.edges or ())
    basis = np.zeros((coding.size, steps + 2))
    bins, edges = np.arange(steps + 1), np.arange(steps)
    middle = steps // 2
    above = (bins[:, None] > edges[None, :]).astype(float) - (middle > edges)[None, :]
    basis[:-1, :steps] = STAIRCASE_SCALE * above / np.sqrt(max(steps, 1))
    basis[-1, steps] = 1.0
    basis[:-1, steps + 1] = BINS_SD * (bins - middle) / (steps + 1)
    return sparse.csr_matrix(basis)
