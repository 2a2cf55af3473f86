"""What do visits and reports say of the coefficients of the joint likelihood?

The layout of the coefficients, and for visits and reports the score and the Fisher information that
they add. Formulas: docs/learning.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from risk_model.learning.design import CodedColumns, Design, crossed
from risk_model.scoring.coding import Codes, Coding

Floats = NDArray[np.float64]

FLAT: Final = 1e-4
"""Prior precision of what is not shrunk."""
UNFOUNDED_SHARE: Final = 0.1
"""Share of reports without harm that the fit starts from; 8 to 10 % is our assumption, the data may move it."""
LIKELIEST_REPORT: Final = 0.95
"""No harm is certain to be reported."""
SMALLEST: Final = 1e-9
"""Keeps probabilities off 0 and 1."""


@dataclass(frozen=True)
class Looks:
    """What visits saw: codes, found (0/1), weight, bin of the lag, and the selection flags; one row each.

    `thing` numbers what was visited, from 0: the rows of one placement have the same.
    """

    codes: Codes
    found: Floats
    weight: Floats
    lag_bin: Codes
    selection: Floats
    thing: Codes


@dataclass(frozen=True)
class Reports:
    """Who reported: codes, reported (0/1), and how many rows each row stands for."""

    codes: Codes
    reported: Floats
    weight: Floats


@dataclass(frozen=True)
class Parts:
    """Which terms the parts of the likelihood read.

    `moment` is the position of the term that, with the lag, says how much of the harm a visit sees
    (none: all of it); `lag_bins` how many lags are told apart. `reporting` are the positions of the
    terms on which reporting depends. `selection` holds the prior mean and standard deviation of the
    offset of each selection flag, in log-odds. `directions` says for each term whether its ordered values may
    only rise (1), only fall (-1), or go as they like (0).
    """

    detection: float
    moment: int | None
    lag_bins: int
    reporting: tuple[int, ...]
    selection: tuple[tuple[float, float], ...]
    directions: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Where each coefficient stands: harm (intercept, terms, moments, selection), reporting, reports without harm."""

    terms: tuple[slice, ...]
    moments: slice
    selection: slice
    harm_width: int
    reporting: tuple[slice, ...]
    width: int
    moment_size: int
    parts: Parts
    lines: tuple[int, ...]

    @classmethod
    def of(cls, harm: Design, reporting: Design, codings: Sequence[Coding], parts: Parts) -> "Layout":
        """Lay out the coefficients of these designs."""
        size = 0 if parts.moment is None else codings[parts.moment].size
        first = 1 + harm.width
        moments = slice(first, first + size * parts.lag_bins)
        selection = slice(moments.stop, moments.stop + len(parts.selection))
        start = selection.stop + 1
        terms = tuple(slice(s.start + 1, s.stop + 1) for s in harm.slices)
        told = tuple(slice(s.start + start, s.stop + start) for s in reporting.slices)
        kinds = zip((*terms, *told), (*harm.lines, *reporting.lines), strict=True)
        return cls(
            terms=terms,
            moments=moments,
            selection=selection,
            harm_width=selection.stop,
            reporting=told,
            width=start + reporting.width + 1,
            moment_size=size,
            parts=parts,
            lines=tuple(group.stop - 1 for group, line in kinds if line),
        )

    @property
    def shrunk(self) -> list[Codes]:
        """The groups whose variances are learnt: each term, the lags of each moment, and all straight lines."""
        terms = [np.setdiff1d(np.arange(g.start, g.stop), self.lines) for g in (*self.terms, *self.reporting)]
        moments = np.arange(self.moments.start, self.moments.stop).reshape(-1, self.parts.lag_bins)
        return [*terms, *moments, *([np.array(self.lines)] if self.lines else [])]

    def believed(self, variance: float) -> list[float]:
        """Return the variance each group is believed to have: `variance` where a direction is stated, else none.

        Whoever states a direction knows that the term matters; a few cases alone would shrink it to nothing.
        """
        stated = [variance if direction else 0.0 for direction in self.parts.directions]
        return stated + [0.0] * (len(self.shrunk) - len(stated))

    def precision(self, variances: Sequence[float]) -> Floats:
        """Return the prior precision of each coefficient, given the variance of each group."""
        prior = np.full(self.width, FLAT)
        for group, variance in zip(self.shrunk, variances, strict=True):
            prior[group] = 1.0 / variance
        prior[self.selection] = [1.0 / sd**2 for _, sd in self.parts.selection]
        prior[-1] = 1.0
        return prior

    def start(self, looks: Looks, reports: Reports) -> Floats:
        """Return the overall rates as log-odds and logarithms; the last one stays the centre of its prior."""
        theta = np.zeros(self.width)
        found = float(np.clip(np.average(looks.found, weights=looks.weight), 0.01, 0.99))
        theta[0] = np.log(found / (1 - found))
        told = max(float(np.average(reports.reported, weights=reports.weight)), 1e-6) if len(reports.codes) else 1e-6
        theta[self.harm_width] = np.log(min(told / found, LIKELIEST_REPORT))
        theta[-1] = np.log(UNFOUNDED_SHARE * told)
        return theta

    def centre(self, start: Floats) -> Floats:
        """Return the prior mean of each coefficient: 0, of offsets as stated, of reports without harm as they start."""
        centre = np.zeros(self.width)
        centre[self.selection] = [mean for mean, _ in self.parts.selection]
        centre[-1] = start[-1]
        return centre

    def best(self, theta: Floats) -> Codes:
        """Return for each moment the lag at which a visit sees most of the harm of the horizon."""
        return np.asarray(theta[self.moments].reshape(self.moment_size, -1).argmax(axis=1), dtype=np.int64)

    def now(self, theta: Floats, values: Floats) -> Floats:
        """Return the moment term's `values` with what a visit sees now in the place of what the horizon holds."""
        table = theta[self.moments].reshape(self.moment_size, -1)
        return np.asarray(values - table.max(axis=1) + table[:, 0])

    def basis(self, position: int, harm: Design, theta: Floats) -> sparse.csr_matrix:
        """Return the matrix that turns all coefficients into the table of one term."""
        own = harm.bases[position]
        left, right = self.terms[position].start, self.width - self.terms[position].stop
        size = own.shape[0]
        basis = sparse.hstack([sparse.csr_matrix((size, left)), own, sparse.csr_matrix((size, right))], format="csr")
        if position != self.parts.moment:
            return basis
        codes = np.arange(size)
        seen = crossed(codes, size, self.best(theta), self.parts.lag_bins)
        return basis + sparse.hstack(
            [
                sparse.csr_matrix((size, self.moments.start)),
                seen,
                sparse.csr_matrix((size, self.width - self.moments.stop)),
            ],
            format="csr",
        )


@dataclass(frozen=True)
class LookRows:
    """The visits as columns of the harm part."""

    columns: CodedColumns
    found: Floats
    weight: Floats
    detection: float

    @classmethod
    def of(cls, looks: Looks, harm: Design, layout: Layout) -> "LookRows":
        """Return the columns of `looks`."""
        parts = layout.parts
        pieces = [CodedColumns.plain(np.ones((len(looks.codes), 1))), *harm.columns(looks.codes)]
        if parts.moment is not None:
            moment = looks.codes[:, parts.moment]
            pieces.append(CodedColumns.plain(crossed(moment, layout.moment_size, looks.lag_bin, parts.lag_bins)))
        pieces.append(CodedColumns.plain(looks.selection.reshape(len(looks.codes), -1)))
        return cls(CodedColumns.beside(pieces), looks.found, looks.weight, parts.detection)

    def add(self, theta: Floats, width: int, gradient: Floats, information: Floats) -> None:
        """Add what the visits say of the harm part: its score and its Fisher information."""
        score, told = self.told(self.columns @ theta[:width])
        gradient[:width] += self.columns.sums(score)
        information[:width, :width] += self.columns.products(told, self.columns)

    def told(self, log_odds: Floats) -> tuple[Floats, Floats]:
        """Return what each visit says of its log-odds of harm: the score and the Fisher information."""
        harm = expit(log_odds)
        found, slope = self.detection * harm, self.detection * harm * (1 - harm)
        spread = found * (1 - found)
        return self.weight * (self.found - found) / spread * slope, self.weight * slope**2 / spread


@dataclass(frozen=True)
class ReportRows:
    """The cohort as columns of the harm part and of the reporting part."""

    columns: CodedColumns
    reporting: CodedColumns
    reported: Floats
    weight: Floats

    @classmethod
    def of(cls, reports: Reports, designs: tuple[Design, Design], layout: Layout, theta: Floats) -> "ReportRows":
        """Return the columns of `reports`; a moment counts at the lag that sees most of the harm."""
        n, (harm, reporting), parts = len(reports.codes), designs, layout.parts
        one, none = CodedColumns.plain(np.ones((n, 1))), CodedColumns.plain(np.zeros((n, 1)))
        pieces = [one, *harm.columns(reports.codes)]
        if parts.moment is not None:
            moment = reports.codes[:, parts.moment]
            lag = layout.best(theta)[moment]
            pieces.append(CodedColumns.plain(crossed(moment, layout.moment_size, lag, parts.lag_bins)))
        pieces.append(CodedColumns.plain(np.zeros((n, layout.selection.stop - layout.selection.start))))
        told = [one, *reporting.columns(reports.codes[:, list(parts.reporting)]), none]
        return cls(CodedColumns.beside(pieces), CodedColumns.beside(told), reports.reported, reports.weight)

    def add(self, theta: Floats, width: int, gradient: Floats, information: Floats) -> None:
        """Add what the reports say of all parts: the score and the Fisher information."""
        if not len(self.reported):
            return
        harm = expit(self.columns @ theta[:width])
        told = np.minimum(np.exp(self.reporting @ theta[width:]), LIKELIEST_REPORT)
        unfounded = np.exp(theta[-1])
        reported = np.clip(harm * told + (1 - harm) * unfounded, SMALLEST, 1 - SMALLEST)
        to_harm, to_told = (told - unfounded) * harm * (1 - harm), harm * told
        to_unfounded = (1 - harm) * unfounded
        weight = self.weight / (reported * (1 - reported))
        surprise = weight * (self.reported - reported)
        gradient[:width] += self.columns.sums(surprise * to_harm)
        gradient[width:] += self.reporting.sums(surprise * to_told)
        gradient[-1] += np.sum(surprise * to_unfounded)
        information[:width, :width] += self.columns.products(weight * to_harm**2, self.columns)
        across = self.columns.products(weight * to_harm * to_told, self.reporting)
        across[:, -1] = self.columns.sums(weight * to_harm * to_unfounded)
        own = self.reporting.products(weight * to_told**2, self.reporting)
        own[:, -1] = own[-1, :] = self.reporting.sums(weight * to_told * to_unfounded)
        own[-1, -1] = np.sum(weight * to_unfounded**2)
        information[:width, width:] += across
        information[width:, :width] += across.T
        information[width:, width:] += own
