"""Does a column mean the same whoever wrote it?"""

import uuid
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from risk_model.data.casting import cast, nothing
from risk_model.data.table_columns import DATE, FLAG, NUMBER, TEXT, WHOLE

DAY = pd.Timestamp("2025-01-02")
SERIES = pd.Series


@pytest.mark.parametrize(
    "written",
    [
        SERIES([DAY, None]),
        SERIES([DAY, None]).astype("datetime64[s]"),
        SERIES([DAY, None]).astype("datetime64[ms]"),
        SERIES([DAY, None]).astype("datetime64[ns]"),
        SERIES([DAY, None]).dt.tz_localize("UTC"),
        SERIES([DAY.tz_localize("Asia/Jakarta").tz_convert("Asia/Tokyo") + pd.Timedelta(hours=7), None]),
        SERIES([date(2025, 1, 2), None]),
        SERIES([datetime(2025, 1, 2), None], dtype=object),
        SERIES([np.datetime64("2025-01-02"), None], dtype=object),
        SERIES(["2025-01-02", None]),
        SERIES(["2025-01-02T07:00:00+07:00", ""]),
        SERIES(["2025-01-02", None]).astype("category"),
        SERIES([DAY, None]).astype("category"),
        SERIES([date(2025, 1, 2), None], dtype="date32[pyarrow]"),
        SERIES([DAY, None], dtype="timestamp[us][pyarrow]"),
        SERIES([DAY.tz_localize("UTC"), float("nan")], dtype=object),
    ],
)
def test_a_date_is_the_same_instant_in_every_spelling(written: pd.Series) -> None:
    read = cast(written, DATE)
    assert read.dtype == DATE
    assert read.iloc[0] == DAY
    assert pd.isna(read.iloc[1])


@pytest.mark.parametrize("written", [["31/12/2024"], [20241231], [1.5], ["tomorrow"]])
def test_a_date_that_has_to_be_guessed_is_refused(written: list[object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        cast(SERIES(written), DATE)


@pytest.mark.parametrize(
    "written",
    [
        SERIES([True, False, None]),
        SERIES([True, False, np.nan], dtype=object),
        SERIES([True, False, pd.NA], dtype="boolean"),
        SERIES([1.0, 0.0, np.nan]),
        SERIES([1, 0, None], dtype="Int8"),
        SERIES(["True", "false", None]),
        SERIES([True, False, None]).astype("category"),
        SERIES([True, False, None], dtype="bool[pyarrow]"),
    ],
)
def test_a_flag_is_true_false_or_not_recorded(written: pd.Series) -> None:
    assert cast(written, FLAG).tolist() == [True, False, pd.NA]


@pytest.mark.parametrize(
    "written",
    [
        SERIES([3, 0, None], dtype="Int8"),
        SERIES([3.0, 0.0, np.nan], dtype="float32"),
        SERIES([3, 0, None], dtype=object),
        SERIES(["3", "0.0", None]),
        SERIES([3, 0, None]).astype("category"),
        SERIES([3, 0, None], dtype="int8[pyarrow]"),
        SERIES([Decimal(3), Decimal(0), None]),
    ],
)
def test_a_level_stored_as_a_float_or_a_small_integer_is_the_same_whole_number(written: pd.Series) -> None:
    assert cast(written, WHOLE).tolist() == [3, 0, pd.NA]
    assert cast(written, NUMBER).iloc[:2].tolist() == [3.0, 0.0]


@pytest.mark.parametrize(("written", "dtype"), [([1.5], WHOLE), (["x"], NUMBER), (["perhaps"], FLAG), ([2], FLAG)])
def test_a_value_that_does_not_fit_is_named(written: list[object], dtype: str) -> None:
    with pytest.raises((TypeError, ValueError), match=str(written[0])):
        cast(SERIES(written), dtype)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (SERIES([12.0, np.nan]), "12"),
        (SERIES([12, None], dtype=object), "12"),
        (SERIES(["MYS", None]).astype("category"), "MYS"),
        (SERIES(["MYS", None], dtype="string[pyarrow]"), "MYS"),
        (SERIES(["P3MI/Ünï \x1f;'\"", "  "]), "P3MI/Ünï \x1f;'\""),
        (SERIES([uuid.UUID(int=3), pd.NA], dtype=object), "00000000-0000-0000-0000-000000000003"),
    ],
)
def test_an_identifier_reads_the_same_in_every_table_and_blank_is_not_recorded(
    written: pd.Series, expected: str
) -> None:
    read = cast(written, TEXT)
    assert read.dtype == TEXT
    assert read.iloc[0] == expected
    assert pd.isna(read.iloc[1])


@pytest.mark.parametrize("dtype", [TEXT, DATE, FLAG, WHOLE, NUMBER])
@pytest.mark.parametrize("written", [[], [None, None], [np.nan, np.nan], [pd.NA, None]])
def test_a_column_of_nothing_fits_every_type(dtype: str, written: list[object]) -> None:
    read = cast(SERIES(written, dtype=object), dtype)
    assert read.dtype == nothing(read.index, dtype).dtype == dtype
    assert read.isna().all()
