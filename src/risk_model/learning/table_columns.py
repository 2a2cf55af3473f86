"""Which columns of a table are read, and are they of the kind they are read as?"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.errors import SpecificationError, repair_hint
from risk_model.scoring.columns import ReadColumns

Floats = NDArray[np.float64]


def as_columns(table: pd.DataFrame, names: Iterable[str]) -> dict[str, pd.Series]:
    """Return the columns `names` of `table` by name.

    Raises:
        SpecificationError: when a column is missing.
    """
    columns: dict[str, pd.Series] = {}
    for name in names:
        if name not in table:
            raise SpecificationError(f"the table has no column {name!r}; {repair_hint(name, map(str, table.columns))}")
        columns[name] = table[name]
    return columns


def as_numbers(read: ReadColumns, column: str, used_by: str) -> Floats:
    """Return `column` as floats, NaN where nothing was recorded.

    Raises:
        SpecificationError: when it holds text; names the first such value and `used_by`.
    """
    try:
        return read.numbers(column)
    except (TypeError, ValueError) as error:
        raise SpecificationError(
            f"{used_by} reads {column!r} as numbers, but it holds other values ({error}); write numbers with a "
            "decimal point and without units, or make the feature categorical"
        ) from error
