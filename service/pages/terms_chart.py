"""Which terms make up the number of a row, drawn so that the eye can add them up?

A waterfall on the log-odds scale: each bar begins where the one before ended, from the average row to
the row's own number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.language import Language
from service.pages import texts
from service.pages.numbers import decimal

WIDTH: Final = 100.0
"""Units across a bar's drawing; the page gives it its size."""
SMALLEST: Final = 0.4
"""Width that a bar has at least, so that it can be seen."""
DECIMALS: Final = 2


@dataclass(frozen=True)
class Bar:
    """One line of the chart: what it is, its log-odds with sign, and where its bar stands; `kind` sets its colour."""

    name: str
    weight: str
    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class Chart:
    """The bars from the starting point to the sum; `zero` is where log-odds 0 (one in two) stands, None outside."""

    bars: tuple[Bar, ...]
    zero: float | None
    total: str


def chart(kept: Mapping[str, Any], language: Language) -> Chart:
    """Return the chart of the terms that were kept with a row (see `drawing`)."""
    words = texts.words(language)
    weights = [float(term["weight"]) for term in kept["terms"]]
    steps = [float(kept["intercept"])]
    for weight in weights:
        steps.append(steps[-1] + weight)
    scale = _Scale([*steps, 0.0])
    bars = [
        _bar(str(term[f"name_{language}"]), weight, (start, end), scale, language=language, kind=str(term["direction"]))
        for term, weight, start, end in zip(kept["terms"], weights, steps, steps[1:], strict=False)
    ]
    ends = [
        _bar(words[name], value, (0.0, value), scale, language=language, kind="whole")
        for name, value in (("intercept", steps[0]), ("sum", steps[-1]))
    ]
    return Chart((ends[0], *bars, ends[1]), scale.of(0.0), signed(steps[-1], language))


def signed(number: float, language: Language) -> str:
    """Write log-odds with their sign.

    >>> signed(0.5, "en"), signed(-0.25, "id"), signed(0.001, "en")
    ('+0.50', '−0,25', '0.00')
    """
    written = decimal(number, language, places=DECIMALS)
    return f"+{written}" if round(number, DECIMALS) > 0 else written


class _Scale:
    """Turns log-odds into places across the drawing."""

    def __init__(self, values: Sequence[float]) -> None:
        self.low = min(values)
        self.span = (max(values) - self.low) or 1.0

    def of(self, value: float) -> float:
        return round(WIDTH * (value - self.low) / self.span, 2)


def _bar(name: str, weight: float, ends: tuple[float, float], scale: _Scale, *, language: Language, kind: str) -> Bar:
    left, right = sorted((scale.of(ends[0]), scale.of(ends[1])))
    width = max(right - left, SMALLEST)
    return Bar(name, signed(weight, language), kind, min(left, WIDTH - SMALLEST), round(width, 2))
