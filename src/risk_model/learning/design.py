"""How do codes become the columns of a regression?

A looked-up value has a column of its own; the value nobody saw has none, so it counts as the average.
An ordered value is a staircase: each edge is a step of its own, shrunk towards no step, so neighbouring
bins stay close where there is nothing to tell them apart (a random walk of first order; Fahrmeir & Lang
2001). The value that was not recorded stands beside the staircase.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

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

    def columns(self, codes: Codes) -> "list[CodedColumns]":
        """Return the columns of every row, one piece per term."""
        return [CodedColumns.of(codes[:, position], basis) for position, basis in enumerate(self.bases)]


@dataclass(frozen=True)
class CodedColumns:
    """The columns of many rows, kept as which codes a row has and which columns a code stands for.

    `codes` has shape (n_rows, n_codes), `basis` (n_codes, width); their product is the matrix of columns.
    A row has one code per term but many steps of each staircase, so sums over rows are made over codes.
    """

    codes: sparse.csr_matrix
    basis: sparse.csr_matrix

    @classmethod
    def of(cls, codes: Codes, basis: sparse.csr_matrix) -> Self:
        """Return the columns of rows with these `codes`, each a row of `basis`."""
        return cls(crossed(codes, basis.shape[0], np.zeros_like(codes), 1), basis)

    @classmethod
    def plain(cls, values: Floats | sparse.csr_matrix) -> Self:
        """Return `values`, shape (n_rows, width), as they are."""
        rows = sparse.csr_matrix(values)
        return cls(rows, sparse.identity(rows.shape[1], format="csr"))

    @classmethod
    def beside(cls, pieces: "Sequence[CodedColumns]") -> Self:
        """Return the columns of all `pieces`, side by side."""
        codes = sparse.hstack([piece.codes for piece in pieces], format="csr")
        return cls(codes, sparse.block_diag([piece.basis for piece in pieces], format="csr"))

    def __matmul__(self, coefficients: Floats) -> Floats:
        """Return the sum of every row, shape (n_rows,)."""
        return np.asarray(self.codes @ (self.basis @ coefficients))

    def sums(self, values: Floats) -> Floats:
        """Return the sum of `values`, one per row, over each column."""
        return np.asarray(self.basis.T @ (self.codes.T @ values))

    def products(self, weight: Floats, other: "CodedColumns") -> Floats:
        """Return the weighted sums of products with the columns of `other`, shape (width, width of other)."""
        pairs = self.codes.multiply(weight[:, None]).tocsr().T @ other.codes
        return np.asarray((self.basis.T @ pairs @ other.basis).toarray())


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
