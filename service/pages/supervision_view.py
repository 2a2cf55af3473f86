"""What stands on the supervisor's overview?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.language import Language
from service.pages import texts
from service.pages.supervision_counts import STATUSES, Load, OverrideReason, Progress
from service.pages.supervision_figures import Figure, Link, Number, Reading
from service.pages.views import Choice, Frame, Notice
from service.storage.supervision import NOBODY

MONTHS: Final = (3, 6, 12, 24)
NONE: Final = "–"
BAR_WIDTH: Final = 100
"""Width of a bar in its own units."""


@dataclass(frozen=True)
class BarPart:
    """One part of a bar: which status it shows, where it begins and how wide it is, in hundredths of the bar."""

    status: str
    x: str
    width: str


@dataclass(frozen=True)
class LoadView:
    """One line of the workload; `counts` follow the order of the statuses."""

    name: str
    office: str | None
    rows: Number
    counts: tuple[tuple[str, Number], ...]
    capacity: str
    is_over: bool
    bar: tuple[BarPart, ...]
    says: str


@dataclass(frozen=True)
class ProgressView:
    """One list at work; `counts` as in LoadView."""

    list_id: str
    href: str | None
    office: str
    issued: str
    rows: Number
    counts: tuple[tuple[str, Number], ...]
    bar: tuple[BarPart, ...]
    says: str


@dataclass(frozen=True)
class ArmView:
    """How far the rows at work of one arm are; `counts` as in LoadView, links only for who may know a row's arm."""

    name: str
    rows: Number
    counts: tuple[tuple[str, Number], ...]
    bar: tuple[BarPart, ...]
    says: str


@dataclass(frozen=True)
class ReasonView:
    """What rows were moved for, and what became of them."""

    name: str
    raised: Number
    lowered: Number
    reached: Number
    found: Number


@dataclass(frozen=True)
class SupervisionPage:
    """The variables of supervision.html; `loads_note` is None where the lines are inspectors."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    offices: tuple[Choice, ...]
    months: tuple[Choice, ...]
    statuses: tuple[tuple[str, str], ...]
    loads_title: str
    loads_note: str | None
    loads: tuple[LoadView, ...]
    progress: tuple[ProgressView, ...]
    arms: tuple[ArmView, ...]
    figures: tuple[Figure, ...]
    reasons: tuple[ReasonView, ...]


def load_views(loads: Sequence[Load], reading: Reading, offices: Mapping[str, str]) -> tuple[LoadView, ...]:
    """Return lines of the workload; `offices` are the names of offices by code."""
    return tuple(_load_view(load, reading, offices) for load in loads)


def progress_views(
    lists: Sequence[Progress], reading: Reading, offices: Mapping[str, str], *, opens_lists: bool
) -> tuple[ProgressView, ...]:
    """Return the lists at work; they are links where the reader may open them."""
    shown = []
    for each in lists:
        link = _narrowed(reading.link, list_id=each.list_id)
        shown.append(
            ProgressView(
                list_id=each.list_id,
                href=f"/lists/{each.list_id}" if opens_lists else None,
                office=offices.get(each.office or "", each.office or reading.words["whole_register"]),
                issued=texts.day(each.issued_at, reading.language) if each.issued_at else "",
                rows=_number(sum(each.counts.values()), reading.language, link()),
                counts=_counts(each.counts, reading, link),
                bar=bar(each.counts),
                says=_done(each.counts, reading),
            )
        )
    return tuple(shown)


def arm_views(arms: Sequence[tuple[str, Mapping[str, int]]], reading: Reading) -> tuple[ArmView, ...]:
    """Return how far the rows of each arm are."""
    shown = []
    for arm, counts in arms:
        link = _narrowed(reading.link, work="now", arm=arm) if reading.names_arms else None
        shown.append(
            ArmView(
                name=reading.words[f"sv_arm_{arm}"],
                rows=_number(sum(counts.values()), reading.language, link() if link else None),
                counts=_counts(counts, reading, link),
                bar=bar(counts),
                says=_done(counts, reading),
            )
        )
    return tuple(shown)


def reason_views(
    reasons: Sequence[OverrideReason], labels: Mapping[str, str], reading: Reading
) -> tuple[ReasonView, ...]:
    """Return what rows were moved for."""
    return tuple(
        ReasonView(
            name=labels.get(each.code, each.code),
            raised=_number(each.raised, reading.language, reading.link(reason=each.code, priority="raised")),
            lowered=_number(each.lowered, reading.language, reading.link(reason=each.code, priority="lowered")),
            reached=_number(
                each.reached, reading.language, reading.link(reason=each.code, priority="moved", found="reached")
            ),
            found=_number(each.found, reading.language, reading.link(reason=each.code, priority="moved", found="yes")),
        )
        for each in reasons
    )


def month_choices(chosen: int, language: Language) -> tuple[Choice, ...]:
    """Return how far back the page may look."""
    words = texts.words(language)
    known = sorted({*MONTHS, chosen})
    return tuple(Choice(str(n), words["sv_months_of"].format(count=n), n == chosen) for n in known)


def status_names(words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the statuses with their names, in the order in which they are counted and drawn."""
    return tuple((status, words[f"sv_status_{status}"]) for status in STATUSES)


def bar(counts: Mapping[str, int]) -> tuple[BarPart, ...]:
    """Return the parts of a bar, which fill it together; none where there are no rows.

    >>> bar({"visited": 3, "open": 1})
    (BarPart(status='visited', x='0.0', width='75.0'), BarPart(status='open', x='75.0', width='25.0'))
    """
    total, begun, parts = sum(counts.values()), 0, []
    for status, count in counts.items():
        if count:
            x, width = BAR_WIDTH * begun / total, BAR_WIDTH * count / total
            parts.append(BarPart(status, f"{x:.1f}", f"{width:.1f}"))
            begun += count
    return tuple(parts)


def _load_view(load: Load, reading: Reading, offices: Mapping[str, str]) -> LoadView:
    words, of_office = reading.words, load.login is None and load.office is not None
    key = "office" if of_office else "inspector"
    link = _narrowed(reading.link, work="now", **{key: load.key})
    if load.key == NOBODY:
        name = words["whole_register"] if of_office else words["sv_nobody"]
    else:
        name = offices.get(load.key, load.key) if of_office else load.login or words["sv_unknown_user"]
    capacity = (
        words["sv_capacity_unknown"] if load.capacity is None else texts.whole_number(load.capacity, reading.language)
    )
    return LoadView(
        name=name,
        office=None if of_office else offices.get(load.office or "", load.office),
        rows=_number(load.rows, reading.language, link()),
        counts=_counts(load.counts, reading, link),
        capacity=NONE if load.key == NOBODY else capacity,
        is_over=load.is_over,
        bar=bar(load.counts),
        says=_done(load.counts, reading),
    )


def _counts(counts: Mapping[str, int], reading: Reading, link: Link | None) -> tuple[tuple[str, Number], ...]:
    words = reading.words
    return tuple(
        (words[f"sv_status_{status}"], _number(count, reading.language, link(status=status) if link else None))
        for status, count in counts.items()
    )


def _number(count: int, language: Language, href: str | None) -> Number:
    return Number(texts.whole_number(count, language), href if count else None)


def _done(counts: Mapping[str, int], reading: Reading) -> str:
    numbers = {"done": counts["visited"], "all": sum(counts.values())}
    told = {name: texts.whole_number(number, reading.language) for name, number in numbers.items()}
    return reading.words["sv_of_total"].format(**told)


def _narrowed(link: Link, **always: str) -> Link:
    return lambda **filters: link(**{**always, **filters})
