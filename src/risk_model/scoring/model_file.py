"""How is a compiled model written down as data, and read back to the same bits?

JSON, because a person can read it and a reader can run nothing in it. Python writes the shortest
text that gives the same float again, so every number survives exactly.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from risk_model.errors import ReleaseError
from risk_model.scoring.coding import Coding, Level
from risk_model.scoring.scorer import BANDS, CompiledModel, Floats, Term


def to_bytes(content: Mapping[str, Any], *, name: str) -> bytes:
    """Return `content` as UTF-8 JSON; the same content always gives the same bytes.

    Raises:
        ReleaseError: when `content`, the file `name` to be, holds what JSON cannot (NaN included).
    """
    try:
        return json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise ReleaseError(
            f"{name}: {error}; a release holds finite numbers, text, lists and mappings: correct it where it is made"
        ) from error


def from_bytes(raw: bytes, *, name: str) -> Any:
    """Return what the JSON in `raw` holds.

    Raises:
        ReleaseError: when `raw`, the content of file `name`, is not JSON or holds NaN or infinity.
    """
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except ValueError as error:  # also what cannot be decoded as UTF-8
        raise ReleaseError(f"{name}: not readable as JSON with finite numbers ({error}); restore the file") from error


def as_data(model: CompiledModel) -> dict[str, Any]:
    """Return everything of `model` but its card as lists, mappings, text and numbers."""
    return {
        "kind": model.kind,
        "intercept": float(model.intercept),
        "variance": float(model.variance),
        "detection": float(model.detection),
        "thresholds": [float(value) for value in model.thresholds],
        "support_columns": list(model.support_columns),
        "supported": sorted(model.supported),
        "terms": [_term_as_data(term) for term in model.terms],
    }


def from_data(raw: Any, card: Mapping[str, Any], *, name: str) -> CompiledModel:
    """Return the model that `as_data` described; the inverse, to the bit.

    Raises:
        ReleaseError: when a part is missing, of another kind, or contradicts another, in file `name`.
    """
    try:
        model = CompiledModel(
            kind=str(raw["kind"]),
            intercept=float(raw["intercept"]),
            variance=float(raw["variance"]),
            terms=tuple(_term(term) for term in raw["terms"]),
            detection=float(raw["detection"]),
            thresholds=tuple(float(value) for value in raw["thresholds"]),
            support_columns=tuple(raw["support_columns"]),
            supported=frozenset(raw["supported"]),
            card=card,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ReleaseError(f"{name}: not a model of this format ({error!r}); promote it again") from error
    for fault in _faults(model):
        raise ReleaseError(f"{name}: {fault}; promote the model again")
    return model


def write_model(model: CompiledModel, path: Path) -> None:
    """Write `model` with its card into the single, unsigned file `path`; for analysts, never served."""
    content = to_bytes({**as_data(model), "card": dict(model.card)}, name=path.name)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def read_model(path: Path) -> CompiledModel:
    """Read a model that `write_model` wrote; tuples in its card come back as lists.

    Raises:
        ReleaseError: when the file is missing or is not such a model.
    """
    try:
        raw = from_bytes(path.read_bytes(), name=path.name)
    except OSError as error:
        raise ReleaseError(f"{path}: not readable ({error.strerror}); write it with write_model") from error
    card = raw.pop("card", {}) if isinstance(raw, dict) else {}
    return from_data(raw, card, name=path.name)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a finite number")


def _term_as_data(term: Term) -> dict[str, Any]:
    coding = term.coding
    return {
        "name": coding.name,
        "columns": list(coding.columns),
        "size": int(coding.size),
        "unknown": int(coding.unknown),
        "edges": None if coding.edges is None else [float(edge) for edge in coding.edges],
        "levels": [
            {"columns": list(level.columns), "codes": {key: int(code) for key, code in level.codes.items()}}
            for level in coding.levels
        ],
        "counts_if": coding.counts_if,
        "values": np.asarray(term.values, dtype=np.float64).tolist(),
        "variances": np.asarray(term.variances, dtype=np.float64).tolist(),
    }


def _term(raw: Mapping[str, Any]) -> Term:
    coding = Coding(
        name=raw["name"],
        columns=tuple(raw["columns"]),
        size=int(raw["size"]),
        unknown=int(raw["unknown"]),
        edges=None if raw["edges"] is None else tuple(float(edge) for edge in raw["edges"]),
        levels=tuple(Level(tuple(level["columns"]), dict(level["codes"])) for level in raw["levels"]),
        counts_if=raw["counts_if"],
    )
    return Term(coding, _numbers(raw["values"]), _numbers(raw["variances"]))


def _numbers(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def _faults(model: CompiledModel) -> list[str]:
    scalars = (model.intercept, model.variance, model.detection, *model.thresholds)
    faults = [] if all(map(math.isfinite, scalars)) else ["a number of the model is not finite"]
    if not 0 < model.detection <= 1:
        faults.append(f"detection is {model.detection}, allowed: above 0 and at most 1")
    if len(model.thresholds) != len(BANDS) - 1 or list(model.thresholds) != sorted(model.thresholds, reverse=True):
        faults.append(f"thresholds are {model.thresholds}, allowed: {len(BANDS) - 1} numbers, highest first")
    return faults + [f"term {term.name}: {fault}" for term in model.terms for fault in _term_faults(term)]


def _term_faults(term: Term) -> list[str]:
    coding = term.coding
    faults = []
    if not (len(term.values) == len(term.variances) == coding.size):
        faults.append(f"{len(term.values)} values and {len(term.variances)} variances for {coding.size} codes")
    if not (np.isfinite(term.values).all() and np.isfinite(term.variances).all()):
        faults.append("a value is not finite")
    if any(not 0 <= code < coding.size for level in coding.levels for code in (*level.codes.values(), coding.unknown)):
        faults.append(f"a code is outside 0 … {coding.size - 1}")
    if coding.edges is not None:
        ascending = all(low < high for low, high in zip(coding.edges, coding.edges[1:], strict=False))
        if not ascending or not all(map(math.isfinite, coding.edges)) or coding.size != len(coding.edges) + 2:
            faults.append("edges are not ascending finite numbers, two fewer than codes")
    return faults
