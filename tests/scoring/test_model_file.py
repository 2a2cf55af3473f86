import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_model.errors import ReleaseError
from risk_model.scoring.coding import Coding, Level
from risk_model.scoring.model_file import as_data, from_bytes, from_data, read_model, to_bytes, write_model
from risk_model.scoring.scorer import CompiledModel, Term

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
KEYS = st.text(st.characters(exclude_categories=["Cs"]))


def bits(model: CompiledModel) -> tuple[object, ...]:
    """Everything of a model, floats as the bytes they are, so that -0.0 differs from 0.0."""
    scalars = np.array([model.intercept, model.variance, model.detection, *model.thresholds])
    terms = [(term.coding, term.values.tobytes(), term.variances.tobytes()) for term in model.terms]
    return model.kind, scalars.tobytes(), terms, model.support_columns, model.supported, dict(model.card)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    if draw(st.booleans()):
        edges = sorted(draw(st.sets(NUMBERS, max_size=5)))
        coding = Coding("number", ("number",), len(edges) + 2, len(edges) + 1, edges=tuple(edges), counts_if="checked")
    else:
        keys = draw(st.sets(KEYS, max_size=6))
        level = Level(("key",), {key: code for code, key in enumerate(sorted(keys))})
        coding = Coding("key", ("key",), len(keys) + 1, len(keys), levels=(level,))
    arrays = [np.array(draw(st.lists(NUMBERS, min_size=coding.size, max_size=coding.size))) for _ in range(2)]
    return Term(coding, arrays[0], arrays[1])


@settings(max_examples=150, deadline=None)
@given(st.lists(terms(), max_size=4), NUMBERS, st.frozensets(KEYS))
def test_a_model_survives_writing_to_the_bit_whatever_its_keys(
    drawn: list[Term], intercept: float, supported: frozenset[str]
) -> None:
    model = CompiledModel(
        "scorecard", intercept, 0.1, tuple(drawn), 0.92, (0.3, 0.2, 0.1), ("key",), supported, {"a": ["ü", None]}
    )
    raw = to_bytes(as_data(model), name="model.json")
    assert bits(from_data(from_bytes(raw, name="model.json"), model.card, name="model.json")) == bits(model)


def test_the_single_file_form_keeps_model_and_card(model: CompiledModel, tmp_path: Path) -> None:
    write_model(model, tmp_path / "compiled.json")
    assert bits(read_model(tmp_path / "compiled.json")) == bits(model)
    assert [path.name for path in tmp_path.iterdir()] == ["compiled.json"]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"none\.json"):
        read_model(tmp_path / "none.json")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused(model: CompiledModel, number: str) -> None:
    raw = to_bytes(as_data(model), name="m").replace(b"-2.0", number.encode(), 1)
    with pytest.raises(ReleaseError, match="finite"):
        from_data(from_bytes(raw, name="model.json"), {}, name="model.json")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_model_with_such_a_number_is_not_even_written(model: CompiledModel, value: float) -> None:
    with pytest.raises(ReleaseError):
        to_bytes(as_data(replace(model, intercept=value)), name="model.json")


def change(path: tuple[str | int, ...], value: object) -> Any:
    def apply(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        if value is None:
            del data[path[-1]]
        else:
            data[path[-1]] = value

    return apply


@pytest.mark.parametrize(
    "contradiction",
    [
        change(("kind",), None),
        change(("terms", 0, "values"), None),
        change(("terms", 0, "values"), [1.0]),
        change(("terms", 0, "values", 0), "high"),
        change(("terms", 0, "levels", 0, "codes", "MYS"), 99),
        change(("terms", 0, "unknown"), -1),
        change(("terms", 2, "edges"), [3.5, 1.5]),
        change(("terms", 2, "edges"), [1.5]),
        change(("terms", 1), "text"),
        change(("detection",), 0.0),
        change(("thresholds",), [0.1, 0.2, 0.3]),
    ],
)
def test_a_model_that_contradicts_itself_is_refused_with_the_repair(model: CompiledModel, contradiction: Any) -> None:
    data = json.loads(to_bytes(as_data(model), name="m"))
    contradiction(data)
    with pytest.raises(ReleaseError, match="promote"):
        from_data(data, {}, name="model.json")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[1, 2"])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ReleaseError, match=r"model\.json"):
        from_bytes(raw, name="model.json")
