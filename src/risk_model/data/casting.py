"""How does a column, whoever wrote it, become one of the types of the contract?

Every function takes a column of any dtype and returns it with its index; nulls of any kind stay
null. A value that does not fit raises ValueError or TypeError and names the value.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from risk_model.data.table_columns import DATE, FLAG, NUMBER, TEXT, WHOLE

FLAG_WORDS: Mapping[str, bool] = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
"""How Parquet and CSV writers spell a flag; words of offices (ya, tidak) are the business of a mapping."""


def cast(values: pd.Series, dtype: str) -> pd.Series:
    """Return `values` as `dtype`, one of the five types of the contract."""
    plain = values.astype(values.cat.categories.dtype) if isinstance(values.dtype, pd.CategoricalDtype) else values
    return _CASTS[dtype](plain.infer_objects())


def nothing(index: pd.Index, dtype: str) -> pd.Series:
    """Return a column of nulls."""
    return pd.Series(None, index=index, dtype=dtype)


def _text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")  # an id column with nulls was read as 12.0, where its partner table says 12
    written = values.astype(TEXT)
    return written.mask(written.str.strip() == "")


def _instants(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values.dtype) and values.notna().any():
        raise TypeError(f"{values.dropna().iloc[0]} is a number; write a date as 2025-12-31")
    return pd.to_datetime(values, utc=True, format="ISO8601").dt.tz_localize(None).astype(DATE)


def _flags(values: pd.Series) -> pd.Series:
    codes, found = pd.factorize(values)
    known = [FLAG_WORDS.get(str(value).strip().lower()) for value in found]
    if None in known:
        raise ValueError(f"{found[known.index(None)]} is neither true nor false")
    return pd.Series(pd.array([*known, None], dtype=FLAG).take(codes), index=values.index)


def _numbers(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values).astype(NUMBER)


def _whole_numbers(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values)
    broken = (
        numbers[numbers.notna() & (numbers % 1 != 0)] if pd.api.types.is_float_dtype(numbers.dtype) else numbers[:0]
    )
    if len(broken):
        raise ValueError(f"{broken.iloc[0]} is not a whole number")
    return numbers.astype(WHOLE)


_CASTS: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    TEXT: _text,
    DATE: _instants,
    FLAG: _flags,
    WHOLE: _whole_numbers,
    NUMBER: _numbers,
}
