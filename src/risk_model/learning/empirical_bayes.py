"""How much is each term shrunk?

Every term is a group of coefficients with a common variance, learnt from the data: a term that tells
nothing apart shrinks to nothing, and one that does keeps what the data can carry. The update is the
fixed point of the marginal likelihood under Laplace's approximation (MacKay 1992; Breslow & Clayton 1993).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_VARIANCE, LARGEST_VARIANCE = 1e-3, 5.0
"""A term of the least variance is as good as absent; log-odds of 2.2 (one standard deviation) are the most."""
FURTHER: Final = 1.0
"""Every group counts as if it had one more coefficient: a variance learnt from a handful of coefficients is
mostly chance. Where nothing is believed it is zero, or each of many idle terms would add its noise to the score."""
DAMPING: Final = 0.6
"""How far a log-variance moves towards its fixed point in one round; all the way overshoots."""


def updated(
    variances: Sequence[float],
    groups: Sequence[NDArray[np.int64]],
    coefficients: Floats,
    covariance: Floats,
    *,
    believed: Sequence[float],
) -> list[float]:
    """Return the next variance of each group.

    The fixed point is the sum of squares over the effective number of parameters: how many of the
    group's coefficients the data determine.

    Args:
        variances: the present ones.
        groups: which coefficients share a variance.
        coefficients: at their posterior mode.
        covariance: posterior covariance there.
        believed: the variance each group is believed to have, before any data; 0 where it is as likely idle.
    """
    spread = np.diag(covariance)
    return [
        _damped(variance, float(np.sum(coefficients[group] ** 2)), _determined(spread[group], variance), belief)
        for variance, group, belief in zip(variances, groups, believed, strict=True)
    ]


def settled(before: Sequence[float], after: Sequence[float], *, tolerance: float) -> bool:
    """Say whether no variance that matters moved by more than `tolerance` in logarithms."""
    return all(
        new <= 2 * LEAST_VARIANCE or abs(np.log(new / old)) < tolerance for old, new in zip(before, after, strict=True)
    )


def _determined(spread: Floats, variance: float) -> float:
    return float(len(spread) - spread.sum() / variance)


def _damped(variance: float, squares: float, determined: float, believed: float) -> float:
    target = (squares + FURTHER * believed) / (max(determined, 0.0) + FURTHER)
    target = float(np.clip(target, LEAST_VARIANCE, LARGEST_VARIANCE))
    return float(np.exp((1 - DAMPING) * np.log(variance) + DAMPING * np.log(target)))
