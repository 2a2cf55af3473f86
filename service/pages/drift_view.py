"""What stands on the page of drift?"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any, Final

from risk_model import vocabulary
from service.language import Language
from service.pages import texts
from service.pages.numbers import decimal, percent
from service.pages.views import Frame, Notice
from service.payloads.drift import Bet, CorridorMoved, Drift, Expected, FieldMoved, GroupGap, Stream

NONE: Final = "–"
WIDTH: Final = 100.0
"""Units across a bar's drawing; the page gives it its size."""
FULL_PSI: Final = 0.5
"""PSI from which on a bar is full: the highest limit of any field."""
LEAST_PSI: Final = 0.01
"""PSI below which a steady field is shown only to those who ask for it."""
STEADY, RISK = "steady", "risk"
LEAST_SHARE: Final = 0.001
"""Shares below this are written as such: 0.0 % would say that there are none."""
FEWEST_SHOWN: Final = 10
"""Counts of people below this are not shown (safeguard R35)."""
COUNTED: Final = "scored"
STATUSES: Final = {"changed side": "alarm", "not sure": "watch", "steady": "steady", "not enough data": "few"}
COLOURS: Final = {"alarm": "raises", "watch": "deferred", "steady": "visited"}
"""Classes of the style sheet that colour a bar."""
PROVINCE: Final = "province"


@dataclass(frozen=True)
class Part:
    """The filled part of a bar; `status` is a class of the style sheet."""

    status: str
    x: float
    width: float


@dataclass(frozen=True)
class Line:
    """One row of a table: its name, its cells in the order of the columns, its state, and its bar where it has one."""

    name: str
    cells: tuple[str, ...]
    state: str
    says: str
    bar: Part | None = None


@dataclass(frozen=True)
class Found:
    """What the newest comparison found.

    `other` says that another version answers now, None where it does not; `still` are fields that hardly moved.
    """

    severity: str
    says: str
    version: str
    trained: str
    as_of: str
    made: str
    simulated: bool
    other: str | None
    bets: tuple[Line, ...]
    streams: tuple[Line, ...]
    fields: tuple[Line, ...]
    still: tuple[Line, ...]
    still_says: str
    corridors: tuple[Line, ...]
    expected: tuple[Line, ...]
    groups: tuple[Line, ...]


@dataclass(frozen=True)
class DriftPage:
    """The variables of drift.html; `found` is None where there is nothing to show, and `missing` says why."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    missing: str
    found: Found | None


def found_view(drift: Drift, serving: str, labels: Mapping[str, Any], language: Language) -> Found:
    """Return what was found as it is shown; `serving` is what answers now, `labels` what its fields are called."""
    words = texts.words(language)
    # a release is called by its version and when it was made
    same = serving == drift.model_version or serving.startswith(f"{drift.model_version}-")
    other = words["df_other_version"].format(found=drift.model_version, serving=serving)
    names = {name: said[language] for name, said in labels.items() if isinstance(said, Mapping) and language in said}
    still = tuple(_field(each, names, words, language) for each in drift.fields if not _moved(each))
    return Found(
        severity=drift.severity,
        says=words[f"df_{drift.severity}"],
        version=drift.model_version,
        trained=texts.day(drift.trained_as_of, language),
        as_of=texts.day(drift.as_of, language),
        made=texts.day(drift.made_at, language),
        simulated=drift.data_origin == "simulated",
        other=None if same else other,
        bets=tuple(_bet(each, words, language) for each in drift.alarm_on_outcomes),
        streams=tuple(_stream(each, words, language) for each in drift.alarm_streams),
        fields=tuple(_field(each, names, words, language) for each in drift.fields if _moved(each)),
        still=still,
        still_says=words["df_still"].format(count=len(still)),
        corridors=tuple(_corridor(each, words, language) for each in drift.corridors),
        expected=tuple(_expected(each, words, language) for each in drift.performance_without_outcomes),
        groups=tuple(group_line(each, words, language) for each in drift.groups_by_chance),
    )


def _bet(each: Bet, words: Mapping[str, str], language: Language) -> Line:
    """A stake grows by factors, so its bar is drawn by its logarithm: full where it alarms."""
    state = "alarm" if each.alarm else "steady"
    share = min(1.0, max(0.0, log(max(each.evidence, 1.0)) / log(max(each.needed, 2.0))))
    made, evidence = texts.whole_number(each.made, language), decimal(each.evidence, language)
    cells = (made, evidence, texts.whole_number(round(each.needed), language))
    return Line(words[_key(each.visits)], cells, state, words[f"df_{state}"], _bar(state, share))


def _stream(each: Stream, words: Mapping[str, str], language: Language) -> Line:
    key = _key(each.stream)
    name = words[key] if key in words else corridor_name(each.stream, language)
    cells = (
        texts.whole_number(each.visits, language),
        texts.whole_number(each.found, language),
        decimal(each.allowed, language),
        decimal(each.evidence, language),
        texts.whole_number(round(each.needed), language),
    )
    state = "alarm" if each.alarm else "steady"
    return Line(f"{name}: {words[_key(each.direction)]}", cells, state, words[f"df_{state}"])


def _field(each: FieldMoved, names: Mapping[str, str], words: Mapping[str, str], language: Language) -> Line:
    name = words.get(f"df_field_{each.field}") or names.get(each.field) or each.field
    cells = (
        decimal(each.psi, language, places=2),
        NONE if each.ks is None else decimal(each.ks, language, places=2),
        _pair(each.missing_then, each.missing_now, language),
    )
    bar = _bar(each.severity, min(1.0, each.psi / FULL_PSI))
    return Line(name, cells, each.severity, words[f"df_{each.severity}"], bar)


def _moved(each: FieldMoved) -> bool:
    """Whether a field is worth a line of its own: the risk is always."""
    return each.severity != STEADY or each.psi >= LEAST_PSI or each.field == RISK


def _corridor(each: CorridorMoved, words: Mapping[str, str], language: Language) -> Line:
    cells = (_pair(each.share_then, each.share_now, language), _pair(each.risk_then, each.risk_now, language))
    name = corridor_name(each.corridor, language)
    return Line(name, cells, each.severity, words[f"df_{each.severity}"])


def _expected(each: Expected, words: Mapping[str, str], language: Language) -> Line:
    cells = tuple(_figure(each.figure, value, language) for value in (each.then, each.now))
    return Line(words.get(f"df_{each.figure}", each.figure), cells, "", "")


def group_line(each: GroupGap, words: Mapping[str, str], language: Language) -> Line:
    """Return a group with its findings since training, its gap before and its gap since then with interval."""
    few = each.cases < FEWEST_SHOWN
    gap = NONE
    if each.gap is not None and each.low is not None and each.high is not None:
        gap = points((each.gap, each.low, each.high), words, language)
    before = NONE if each.gap_before is None else decimal(100 * each.gap_before, language, places=0)
    cells = (words["df_fewer"] if few else texts.whole_number(each.cases, language), before, gap)
    return Line(
        group_name(each.trait, each.group, words, language), cells, STATUSES[each.status], words[_key(each.status)]
    )


def group_name(trait: str, group: str, words: Mapping[str, str], language: Language) -> str:
    """Return what a group is called, with its trait; codes as they are where nothing names them."""
    value = words.get(_key(f"value {group}"), group)
    if trait == PROVINCE and (known := vocabulary.area(group)):
        value = known.label_en if language == "en" else known.label_id
    return f"{words.get(_key(trait), trait)}: {value}"


def points(ends: tuple[float, float, float], words: Mapping[str, str], language: Language) -> str:
    """Return a change of a share, and the ends of its interval, in points."""
    change, low, high = (decimal(100 * end, language, places=0) for end in ends)
    return words["sg_points"].format(change=change, low=low, high=high)


def corridor_name(corridor: str, language: Language) -> str:
    """Return what a corridor such as MYS-domestic is called; as it is where a part is no known code."""
    destination, _, sector = corridor.partition("-")
    if destination not in vocabulary.codes("destinations") or sector not in vocabulary.codes("sectors"):
        return corridor
    parts = (vocabulary.label("destinations", destination, language), vocabulary.label("sectors", sector, language))
    return " · ".join(parts)


def _key(said: str) -> str:
    """The name of the text for what the command calls `said`."""
    return f"df_{said.replace(' ', '_')}"


def _bar(status: str, share: float) -> Part:
    return Part(COLOURS[status], 0.0, round(WIDTH * share, 1))


def _pair(then: float | None, now: float | None, language: Language) -> str:
    if then is None and now is None:
        return NONE
    return " → ".join(_share(share, language) for share in (then, now))


def _share(share: float | None, language: Language) -> str:
    if share is None:
        return NONE
    if 0 < share < LEAST_SHARE:
        return f"<{decimal(100 * LEAST_SHARE, language)}%"
    return f"{decimal(100 * share, language)}%"


def _figure(name: str, value: float | None, language: Language) -> str:
    if value is None:
        return NONE
    if name == COUNTED:
        return texts.whole_number(round(value), language)
    return decimal(value, language, places=3) if name in ("auc", "brier") else percent(value, language)
