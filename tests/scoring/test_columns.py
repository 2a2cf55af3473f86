"""Whole columns score as their rows do, whoever made the columns."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.scoring.coding import SEPARATOR, Coding, Level, key_of, number_of
from risk_model.scoring.columns import ReadColumns, distinct, encode, keys_of, numbers_of
from risk_model.scoring.scorer import CompiledModel, rows_of, score_columns, score_row

NAMES = ("destination", "employer_type", "certification_level", "certification_verified", "has_work_visa")
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "destination": st.sampled_from(["MYS", "KOR", "", "ATA", None, "MYS\x1f"]),
            "employer_type": st.sampled_from(["household", "legal_entity", "sea_based", None]),
            "certification_level": st.sampled_from([None, 0, 1.5, 2, 6, float("inf"), float("nan")]),
            "certification_verified": st.sampled_from([True, False, None]),
            "has_work_visa": st.sampled_from([True, False, None]),
        }
    ),
    min_size=1,
    max_size=8,
)


def arrow(rows: Mapping[str, list[Any]]) -> pa.Table:
    table = pa.table(dict(rows))
    return pa.concat_tables([table.slice(0, 2), table.slice(2)])


def dictionaries(rows: Mapping[str, list[Any]]) -> pa.Table:
    coded = {name: pa.array(rows[name], pa.string()).dictionary_encode() for name in ("destination", "employer_type")}
    table = pa.table({**rows, **coded})
    return pa.concat_tables([table.slice(0, 3), table.slice(3)])


MADE: dict[str, Callable[[Mapping[str, list[Any]]], Any]] = {
    "lists": dict,
    "numpy": lambda rows: {name: np.array(values, dtype=object) for name, values in rows.items()},
    "pandas": pd.DataFrame,
    "pandas objects": lambda rows: pd.DataFrame(rows, dtype=object),
    "pandas nullable": lambda rows: pd.DataFrame(rows).convert_dtypes(),
    "arrow": arrow,
    "arrow batch": lambda rows: pa.RecordBatch.from_pydict(dict(rows)),
    "arrow dictionaries": dictionaries,
}


@pytest.mark.parametrize("made", MADE)
@given(rows=ROWS)
def test_columns_of_any_kind_score_as_their_rows_to_the_last_bit(
    model: CompiledModel, made: str, rows: list[dict[str, Any]]
) -> None:
    columns = {name: [row[name] for row in rows] for name in NAMES}
    assert rows_of(score_columns(model, MADE[made](columns))) == [score_row(model, row) for row in rows]


def test_no_rows_have_no_scores(model: CompiledModel) -> None:
    assert rows_of(score_columns(model, dict.fromkeys(NAMES, ()))) == []


@pytest.mark.parametrize("made", ["numpy", "pandas", "arrow"])
@pytest.mark.parametrize("level", [0, 1, 3])
def test_a_lookup_falls_back_level_by_level_and_counts_only_what_is_verified(made: str, level: int) -> None:
    levels = (
        Level(("a", "b"), {f"x{SEPARATOR}y": 0, "": 1, f"x{SEPARATOR}y{SEPARATOR}z": 2}),
        Level(("a",), {"x": 3}),
        Level(("b",), {"y": 4, "": 5}),
    )
    coding = Coding("t", ("a", "b"), 7, 6, None, levels[:level] or levels[2:], "ok")
    pairs = [(a, b, ok) for a in ("x", f"x{SEPARATOR}y", "?", None) for b in ("y", "z", None) for ok in (True, None)]
    columns = dict(zip(("a", "b", "ok"), map(list, zip(*pairs, strict=True)), strict=True))
    found = encode(coding, ReadColumns(MADE[made](columns)))
    assert found.tolist() == [coding.encode_one(dict(zip(columns, row, strict=True))) for row in pairs]


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([["b", None], ["a", "b"]]),
        pa.chunked_array([], type=pa.string()),
        pa.array([True, None, False]),
        pa.array([1, None, 10**15]),
        pa.array([0.5, 1.0, None, float("nan")]),
        pa.array(["a", None], pa.large_string()),
        pa.nulls(2),
        pa.chunked_array([pa.array(["a", None]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()]),
        pd.Series(["b", None, "a"], index=[7, 7, 1]),
        pd.Series([1, None, 3], dtype="Int8"),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([1.5, None], dtype="Float64"),
        pd.Series([True, 1, "1", 1.0, None, "true"], dtype=object),
        pd.Series(["a", None], dtype="category"),
        pd.Series(["b", None], dtype=pd.ArrowDtype(pa.string())),
        np.array([3, 3, 1], dtype=np.int8),
        np.array([True, True]),
        pd.Series(["2025-01-01", None], dtype="datetime64[ns]"),
    ],
    ids=str,
)
def test_a_column_of_any_type_has_the_keys_and_numbers_of_its_values(column: Any) -> None:
    values = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
    found = distinct(column)
    assert keys_of({"a": column}, ("a",)) == [key_of(value) for value in values]
    assert len(set(found.keys)) == len(found.keys)
    if all(value is None or isinstance(value, int | float) for value in values):
        np.testing.assert_array_equal(numbers_of(column), [number_of(value) for value in values])


def test_contributions_are_made_when_asked_for(model: CompiledModel) -> None:
    scores = score_columns(model, {name: [None] * 3 for name in NAMES})
    assert "contributions" not in scores.__dict__
    assert scores.contributions.shape == (3, len(model.terms))


def test_each_column_is_turned_into_keys_once_however_many_terms_read_it(model: CompiledModel) -> None:
    class Counted(dict[str, list[Any]]):
        asked: ClassVar[list[str]] = []

        def __getitem__(self, name: str) -> list[Any]:
            self.asked.append(name)
            return super().__getitem__(name)

    columns = Counted({name: [None] for name in NAMES})
    score_columns(model, columns)
    assert sorted(columns.asked) == sorted(NAMES)


def test_scoring_columns_loads_neither_pandas_nor_arrow() -> None:
    program = "import sys, risk_model.scoring.scorer; print({'pandas', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
