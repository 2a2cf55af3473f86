"""Do inputs made anew say what the stored ones say?"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.specification import Specification

SAME: Final = 1e-9
"""Relative difference up to which two numbers are the same input."""


def differing(rebuilt: pd.DataFrame, inputs: pd.DataFrame, specification: Specification) -> dict[str, float]:
    """Return the inputs that are not the same in both, and the share of rows in which.

    Args:
        rebuilt: the input columns made anew, one row per tested row.
        inputs: those stored with the version, in the same order.
        specification: names the input columns.
    """
    shares = {}
    for name in specification.input_columns:
        before, then = rebuilt[name], inputs[name]
        if pd.api.types.is_numeric_dtype(before) and pd.api.types.is_numeric_dtype(then):
            same = np.isclose(_floats(before), _floats(then), rtol=SAME, atol=SAME, equal_nan=True)
        else:
            same = _texts(before) == _texts(then)
        if not same.all():
            shares[name] = float(1 - same.mean())
    return shares


def _floats(column: pd.Series) -> NDArray[np.float64]:
    return np.asarray(column.astype("float64").to_numpy(na_value=np.nan), dtype=np.float64)


def _texts(column: pd.Series) -> NDArray[np.str_]:
    return np.asarray(column.astype("str").where(column.notna(), ""), dtype=np.str_)
