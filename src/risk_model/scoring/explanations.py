"""Why does this row have this score, in words?

The reasons of a score are its terms, so together with the intercept they add up to it exactly. A
reason says what goes together with found harm in earlier visits; it never says what causes it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from risk_model.scoring.coding import NULL_KEY, key_of, number_of
from risk_model.scoring.scorer import CompiledModel, Term

ValueLabel = Callable[[str, str, str], str | None]
"""(column, value, language "id" or "en") → what the value is called, or None where it has no name."""

LANGUAGES = ("id", "en")
CLEARLY = math.log(1.5)
"""A term counts as clear where it moves the odds by half or more; a convention of wording only."""

MOST_DECIMALS = 8

TOP = 3
"""Reasons that a score is answered with."""

MOST_KEPT = 10_000
"""Worded reasons that are kept for a model, some hundred bytes each."""

EFFECTS = {
    ("raises", True): ("berkaitan dengan risiko yang jauh lebih tinggi", "goes with a clearly higher risk"),
    ("raises", False): ("berkaitan dengan risiko yang agak lebih tinggi", "goes with a somewhat higher risk"),
    ("lowers", True): ("berkaitan dengan risiko yang jauh lebih rendah", "goes with a clearly lower risk"),
    ("lowers", False): ("berkaitan dengan risiko yang agak lebih rendah", "goes with a somewhat lower risk"),
}
NOT_RECORDED = ("tidak tercatat", "not recorded")
NOT_VERIFIED = ("belum diverifikasi, jadi tidak dihitung", "not verified, so it does not count")
NEVER_SEEN = ("belum pernah ada dalam data", "not in the data so far")
FLAGS = {"true": ("ya", "yes"), "false": ("tidak", "no")}


@dataclass(frozen=True)
class Reason:
    """One term of a score, in numbers and in words.

    `value` is what was recorded, independent of language (crossed values joined by " × "), or None
    where nothing was. `direction` is "raises" or "lowers", against the average row of training;
    `contribution` is in log-odds. `name_id` and `name_en` say feature and value, for a chart;
    `text_id` and `text_en` are whole sentences.
    """

    feature: str
    value: str | None
    direction: str
    contribution: float
    name_id: str
    name_en: str
    text_id: str
    text_en: str


def reasons(
    model: CompiledModel,
    contributions: Sequence[float],
    row: Mapping[str, Any],
    *,
    top: int = TOP,
    value_label: ValueLabel | None = None,
) -> tuple[Reason, ...]:
    """Return the strongest terms of one score, at most `top`.

    The first is the term that raises the score most, where one does, because a reader asks why a
    row is on a list; the others follow by size, up or down. Terms that contribute nothing are no
    reasons.

    Args:
        model: what scored the row.
        contributions: the row's contributions in the order of the model's terms, as `score_row` gives them.
        row: the values that were scored.
        top: how many reasons to give.
        value_label: names of values, such as countries; without it codes are shown.
    """
    return tuple(
        _reason(model, model.terms[position], float(contributions[position]), row, value_label)
        for position in strongest(contributions)[:top]
    )


class KeptReasons:
    """Words the reasons of scores of one model, each value once: the same values come again and again."""

    def __init__(self, model: CompiledModel) -> None:
        """Nothing is worded yet."""
        self._model = model
        self._reads = [term.coding.columns_read for term in model.terms]
        self._kept: dict[tuple[object, ...], Reason] = {}

    def strongest(
        self, contributions: Sequence[float], row: Mapping[str, Any], value_label: ValueLabel
    ) -> tuple[Reason, ...]:
        """Return the three strongest reasons of a score as `reasons` gives them; `value_label` is always the same."""
        if len(self._kept) > MOST_KEPT:
            self._kept = {}
        return tuple([self._reason(place, contributions, row, value_label) for place in strongest(contributions)[:TOP]])

    def _reason(
        self, place: int, contributions: Sequence[float], row: Mapping[str, Any], value_label: ValueLabel
    ) -> Reason:
        values = [row.get(name) for name in self._reads[place]]
        key = (place, *[(type(value), key_of(value)) for value in values])
        found = self._kept.get(key)
        if found is None:
            term = self._model.terms[place]
            found = self._kept[key] = _reason(self._model, term, float(contributions[place]), row, value_label)
        return found


def all_terms(
    model: CompiledModel,
    contributions: Sequence[float],
    row: Mapping[str, Any],
    *,
    value_label: ValueLabel | None = None,
) -> tuple[Reason, ...]:
    """Return every term that contributes, strongest first: with the intercept they add up to the log-odds."""
    return reasons(model, contributions, row, top=len(model.terms), value_label=value_label)


def strongest(contributions: Sequence[float]) -> list[int]:
    """Return the positions of the contributions other than 0, in the order `reasons` gives them.

    >>> strongest([0.1, -0.9, 0.0, 0.4])
    [3, 1, 0]
    """
    falling = [-abs(value) for value in contributions]
    ordered = [place for place in sorted(range(len(falling)), key=falling.__getitem__) if falling[place]]
    for at, place in enumerate(ordered):
        if contributions[place] > 0:
            return [place, *ordered[:at], *ordered[at + 1 :]]
    return ordered


def number_in_words(value: float, language: str) -> str:
    """Return a number as its reader writes it: point for thousands and comma for decimals in Indonesian.

    >>> number_in_words(1234.5, "id"), number_in_words(1234567, "en"), number_in_words(0.25, "id")
    ('1.234,5', '1,234,567', '0,25')
    """
    if float(value).is_integer():
        shown = f"{value + 0.0:,.0f}"
    else:
        # three figures that say something below ten, one decimal above
        decimals = min(max(1, 2 - math.floor(math.log10(abs(value)))), MOST_DECIMALS)
        shown = f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
    return shown.translate(str.maketrans(",.", ".,")) if language == "id" else shown


def _reason(
    model: CompiledModel, term: Term, contribution: float, row: Mapping[str, Any], value_label: ValueLabel | None
) -> Reason:
    direction = "raises" if contribution > 0 else "lowers"
    effect = EFFECTS[direction, abs(contribution) >= CLEARLY]
    names = [
        f"{_label(model, term.name, language)}: {_shown(term, row, language, value_label)}" for language in LANGUAGES
    ]
    keys = [key_of(row.get(column)) for column in term.coding.columns]
    return Reason(
        feature=term.name,
        value=" × ".join(key or "–" for key in keys) if any(keys) else None,
        direction=direction,
        contribution=contribution,
        name_id=names[0],
        name_en=names[1],
        text_id=f"{names[0]} — {effect[0]}",
        text_en=f"{names[1]} — {effect[1]}",
    )


def _label(model: CompiledModel, feature: str, language: str) -> str:
    labels = model.card.get("labels", {}).get(feature, {})
    return str(labels.get(language, feature))


def _shown(term: Term, row: Mapping[str, Any], language: str, value_label: ValueLabel | None) -> str:
    coding, place = term.coding, LANGUAGES.index(language)
    values = [row.get(column) for column in coding.columns]
    parts = [
        _value(column, number_of(value) if coding.edges is not None else value, language, value_label)
        for column, value in zip(coding.columns, values, strict=True)
    ]
    shown = " × ".join(parts)
    if all(key_of(value) == NULL_KEY for value in values):
        return shown
    if coding.counts_if is not None and key_of(row.get(coding.counts_if)) != "true":
        return f"{shown} ({NOT_VERIFIED[place]})"
    if coding.edges is None and coding.encode_one(row) == coding.unknown:
        return f"{shown} ({NEVER_SEEN[place]})"
    return shown


def _value(column: str, value: Any, language: str, value_label: ValueLabel | None) -> str:
    key, place = key_of(value), LANGUAGES.index(language)
    if key == NULL_KEY:
        return NOT_RECORDED[place]
    named = value_label(column, key, language) if value_label is not None else None
    if named is not None:
        return named
    if key in FLAGS:
        return FLAGS[key][place]
    # text stays as it is: "0512" may be the number of a licence
    return key if isinstance(value, str) else number_in_words(number_of(value), language)
