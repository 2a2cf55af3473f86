"""Where do the quantiles of a beta and of Student's distribution lie?

As `scipy.stats` gives them, from a tenth of its code: the service carries it in every worker.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def beta_quantile(level: float, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Return the quantile of Beta(a, b) at `level`, 0 < level < 1; NaN where `a` or `b` is not above 0.

    >>> round(float(beta_quantile(0.5, 2, 2)), 12)
    0.5
    """
    from scipy.special import betaincinv  # noqa: PLC0415  20 MB that a service needs at its first interval only

    known = (np.asarray(a, float) > 0) & (np.asarray(b, float) > 0)
    quantile: NDArray[np.float64] = np.where(
        known, betaincinv(np.where(known, a, 1), np.where(known, b, 1), level), np.nan
    )
    return quantile


def student_quantile(level: float, degrees: float) -> float:
    """Return the quantile of Student's t with `degrees` of freedom at `level`.

    >>> round(student_quantile(0.975, 10), 3)
    2.228
    """
    from scipy.special import stdtrit  # noqa: PLC0415  as above

    return float(stdtrit(degrees, level))
