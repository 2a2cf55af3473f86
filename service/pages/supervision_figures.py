"""What do the visits of the last months say of the order, of what is missed and of what officers changed?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from risk_model.prioritisation.override_outcomes import override_outcomes
from risk_model.prioritisation.sampling import RANDOM, RISK
from risk_model.prioritisation.yield_ratio import Found, YieldRatio, risk_against_random
from service.champion import SIMULATED, Served
from service.language import Language
from service.models import GATE
from service.pages.drift_view import group_line, group_name, points
from service.pages.numbers import decimal, percent, percent_interval
from service.pages.supervision_counts import reached
from service.pages.texts import day, whole_number
from service.payloads.drift import Drift
from service.payloads.prevalence import Prevalence

if TYPE_CHECKING:
    import pandas as pd

Words = Mapping[str, str]
Link = Callable[..., str]
"""Gives the address of the rows that filters keep: `link(found="yes")`."""
GROUP_CHECK: Final = "recall by group"
"""How the checks of the gate begin that compare groups."""
LEAST_GROUPS: Final = 3
"""Groups that are shown of each such check."""


@dataclass(frozen=True)
class Number:
    """A number as text, and the address of its rows; None where there are none to open."""

    text: str
    link: str | None = None


@dataclass(frozen=True)
class Detail:
    """One line below a figure."""

    label: str
    number: Number


@dataclass(frozen=True)
class Figure:
    """One finding: its value, None where the data are not enough, what it says, and what it rests on."""

    title: str
    value: str | None
    says: str
    details: tuple[Detail, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How figures are said: in which words and language, and where their rows are."""

    words: Words
    language: Language
    link: Link
    names_arms: bool


def ratio_figure(rows: pd.DataFrame, reading: Reading) -> Figure:
    """Return how often the order found harm against chance, from lists of placements."""
    words, placements = reading.words, rows[rows["unit"] == "placement"]
    ratio = risk_against_random(placements)
    if ratio is None:
        told = {name: reached(placements, [arm]) for name, arm in (("risk", RISK), ("random", RANDOM))}
        few = tuple(
            Detail(words[label], Number(whole_number(told[name], reading.language), _exact_link(reading, arm)))
            for name, label, arm in (("risk", "sv_by_order", RISK), ("random", "sv_by_chance", RANDOM))
        )
        return Figure(words["sv_ratio"], None, words["sv_ratio_few"].format(**told), few, ())
    value = _ratio_text(ratio, reading)
    says = words["sv_ratio_says"].format(value=value) if value else words["sv_ratio_none"]
    details = (
        _found(words["sv_by_order"], ratio.first, reading, RISK),
        _found(words["sv_by_chance"], ratio.second, reading, RANDOM),
    )
    return Figure(words["sv_ratio"], value, says, details, (words["sv_ratio_note"],))


def missed_figure(answer: Prevalence, reading: Reading) -> Figure:
    """Return how much harm the lists missed, or that there is not enough data to say."""
    words, language = reading.words, reading.language
    rows = reading.link(work="placements", found="reached")
    by_chance = Detail(words["sv_visits_by_chance"], Number(whole_number(answer.visits_by_chance, language), rows))
    lists = Detail(words["sv_lists_counted"], Number(whole_number(answer.lists, language)))
    says, what, without = (str(getattr(answer, f"{name}_{language}")) for name in ("says", "what", "not_counted"))
    if answer.missed is None or answer.in_harm is None:
        few = says.removeprefix(f"{words['sv_not_enough']}: ")
        return Figure(words["sv_missed"], None, _sentence(few), (by_chance, lists), ())
    missed = answer.missed
    numbers = {
        name: whole_number(number, language)
        for name, number in (("estimate", missed.estimate), ("low", missed.low_90), ("high", missed.high_90))
    }
    value = words["sv_missed_value"].format(**numbers)
    share = percent_interval(answer.in_harm.estimate, answer.in_harm.low_90, answer.in_harm.high_90, language)
    found = Number(whole_number(answer.found or 0, language), reading.link(work="placements", found="yes"))
    details = (Detail(words["sv_found_per_list"], found), Detail(words["sv_in_harm"], Number(share)), by_chance, lists)
    notes = tuple(_sentence(text) for text in (says, what, without))
    return Figure(words["sv_missed"], value, words["sv_missed_says"].format(value=value), details, notes)


def override_figure(rows: pd.DataFrame, reading: Reading) -> Figure:
    """Return whether the rows that officers moved found more than those they left."""
    words, language = reading.words, reading.language
    outcomes = override_outcomes(rows)
    if outcomes.share_untouched is None:
        return Figure(words["sv_overrides"], None, words["sv_overrides_none"], (), ())
    untouched = words["sv_untouched_share"].format(share=percent(outcomes.share_untouched, language))
    ratio = outcomes.raised_ratio
    value = _ratio_text(ratio, reading) if ratio else None
    says = words["sv_raised_says"].format(value=value) if value else words["sv_raised_few"]
    details = tuple(
        Detail(words[f"sv_{way}"], _share(found, reading, reading.link(priority=way, found="reached")))
        for way, found in (("raised", outcomes.raised), ("lowered", outcomes.lowered))
    )
    left = reading.link(priority="untouched", found="reached")
    usual = Detail(words["sv_untouched"], _share(outcomes.untouched, reading, left))
    return Figure(words["sv_overrides"], value, says, (*details, usual), (untouched, words["sv_overrides_note"]))


def fairness_figure(served: Served, drift: Drift | None, reading: Reading) -> Figure:
    """Return what the gate measured of groups before the release came into use, and what chance visits found since.

    Without either it says what to run; a group with too few findings is never called fair.
    """
    words = reading.words
    verdict: Any = served.model.card.get(GATE)
    checks = verdict.get("checks", ()) if isinstance(verdict, Mapping) else ()
    told = [check for check in checks if str(check.get("name", "")).startswith(GROUP_CHECK)]
    says = words["sv_fairness_says" if told else "sv_fairness_rule" if served.is_published_rule else "sv_fairness_few"]
    value = words["sv_passed" if all(check.get("passed") for check in told) else "sv_failed"] if told else None
    gated = tuple(detail for check in told for detail in _of_groups(check, reading))
    since, notes = _since_training(drift, reading)
    count = max((len(check.get("groups", ())) for check in told), default=0)
    before = (words["sv_fairness_least"].format(count=whole_number(count, reading.language)),) if count else ()
    return Figure(words["sv_fairness"], value, says, (*gated, *since), (*before, *notes))


def _of_groups(check: Mapping[str, Any], reading: Reading) -> tuple[Detail, ...]:
    """The groups that gained least by one check of the gate; its text where the release keeps no more than that."""
    words, language = reading.words, reading.language
    groups = sorted(check.get("groups", ()), key=lambda each: float(each["gain"]))
    if not groups:
        return (Detail(str(check["name"]), Number(str(check["figure"]))),)
    over = words["sv_over_rule" if str(check["name"]).endswith("rule") else "sv_over_champion"]
    return tuple(
        Detail(
            f"{group_name(each['trait'], each['group'], words, language)}, {over}",
            Number(points((each["gain"], each["low"], each["high"]), words, language)),
        )
        for each in groups[:LEAST_GROUPS]
    )


def _since_training(drift: Drift | None, reading: Reading) -> tuple[tuple[Detail, ...], tuple[str, ...]]:
    """The gap of each group on visits of the random arm, as `risk-model drift` found it last."""
    words, language = reading.words, reading.language
    if drift is None:
        return (), (words["sv_fairness_run"],)
    judged = [each for each in drift.groups_by_chance if each.gap is not None]
    lines = [group_line(each, words, language) for each in judged]
    few = whole_number(len(drift.groups_by_chance) - len(judged), language)
    note = words["sv_fairness_since"].format(day=day(drift.as_of, language), count=few)
    simulated = (words["df_simulated"],) if drift.data_origin == SIMULATED else ()
    return tuple(Detail(line.name, Number(f"{line.cells[-1]}, {line.says}")) for line in lines), (note, *simulated)


def _ratio_text(ratio: YieldRatio, reading: Reading) -> str | None:
    """The ratio with its interval; None where neither side found anything."""
    if math.isnan(ratio.ratio):
        return None
    low = decimal(ratio.low, reading.language)
    if math.isinf(ratio.ratio) or math.isinf(ratio.high):
        return reading.words["sv_ratio_more"].format(low=low)
    numbers = {"ratio": decimal(ratio.ratio, reading.language), "high": decimal(ratio.high, reading.language)}
    return reading.words["sv_ratio_value"].format(low=low, **numbers)


def _found(label: str, found: Found, reading: Reading, arm: str) -> Detail:
    return Detail(label, _share(found, reading, _reached_link(reading, arm)))


def _exact_link(reading: Reading, arm: str) -> str | None:
    """Where exactly the visits of `arm` stand; nowhere for who may not know the arm of a row."""
    return _reached_link(reading, arm) if reading.names_arms else None


def _reached_link(reading: Reading, arm: str) -> str:
    """Where the visits stand that reached somebody; those of all arms for who may not know the arm of a row."""
    return reading.link(work="placements", found="reached", **({"arm": arm} if reading.names_arms else {}))


def _share(found: Found | None, reading: Reading, href: str) -> Number:
    if found is None:
        return Number(reading.words["sv_not_enough"], href)
    share = percent_interval(found.rate, found.low, found.high, reading.language)
    counts = {name: whole_number(getattr(found, name), reading.language) for name in ("found", "visits")}
    return Number(reading.words["sv_found_of"].format(share=share, **counts), href)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
