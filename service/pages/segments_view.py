"""In which segments do visits find harm, how sure is that, and where is supervision hard?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from risk_model import vocabulary
from risk_model.prioritisation.segment_names import NOT_RECORDED, NOT_VERIFIED, OTHER
from service.language import LANGUAGES, Language
from service.pages import texts
from service.pages.numbers import decimal, percent, percent_interval
from service.pages.paging import Pages
from service.pages.supervision_figures import Number
from service.pages.views import Choice, Frame, Notice
from service.payloads.segments import SPECIAL, CellPart, Segment

COLUMNS: Final = ("destination", "sector", "certification_level")
SHADES: Final = (0.02, 0.05, 0.1, 0.2)
"""Lower limits from which a cell of the matrix is drawn one shade darker: a wide interval does not shine."""
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix; `shade` 0 to 4, and `guess` where fewer than ten visits stand behind it."""

    rate: str
    limits: str
    href: str
    shade: int
    guess: bool


@dataclass(frozen=True)
class MatrixRow:
    """One row of the matrix: None where a segment is not shown."""

    name: str
    href: str
    cells: tuple[tuple[str, Cell | None], ...]


@dataclass(frozen=True)
class Matrix:
    """Two columns of segments against each other; `columns` are names with the address that opens each."""

    title: str
    corner: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True)
class SegmentLine:
    """All figures of one segment."""

    name: str
    placements: str
    list_visits: Number
    usual_visits: str
    rate: str
    guess: bool
    trend: str
    reports: str
    ratio: str
    not_reached: str


@dataclass(frozen=True)
class Filter:
    """One select field: its name in the address, its label and its choices."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class SegmentsPage:
    """The variables of segments.html; `matrix` is None where two or more filters leave nothing to cross."""

    frame: Frame
    words: Labels
    notices: tuple[Notice, ...]
    filters: tuple[Filter, ...]
    note: str
    data_until: str
    matrix: Matrix | None
    lines: tuple[SegmentLine, ...]
    pages: Pages


@dataclass(frozen=True)
class HardLine:
    """What makes one segment hard to supervise."""

    name: str
    placements: str
    rate: str
    width: str
    visits_per_1000: str
    reports: str
    found_per_report: str
    not_reached: str
    unvisited: str


@dataclass(frozen=True)
class HardPage:
    """The variables of segments_hard.html."""

    frame: Frame
    words: Labels
    notices: tuple[Notice, ...]
    by: tuple[Choice, ...]
    by_name: str
    data_until: str | None
    lines: tuple[HardLine, ...]


def by_of(chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Return by what segments are asked for: two columns, and the third where it, or anything, is chosen."""
    return COLUMNS if chosen else COLUMNS[:2]


def kept(segments: Sequence[Segment], chosen: Mapping[str, str]) -> list[Segment]:
    """Return the segments that have every chosen value, most placements first."""
    inside = [each for each in segments if all(_part(each, column).code == code for column, code in chosen.items())]
    return sorted(inside, key=lambda each: (-each.placements, [part.code for part in each.cell]))


def matrix(
    segments: Sequence[Segment], chosen: Mapping[str, str], by: Sequence[str], language: Language
) -> Matrix | None:
    """Cross the two columns that nothing was chosen of; None where fewer are left.

    A row of which nothing is shown but what was put together is left to the table of figures.
    """
    free = [column for column in by if column not in chosen]
    if len(free) != len(COLUMNS) - 1 or not segments:
        return None
    words = texts.words(language)
    down, across = (free[1], free[0]) if free[0] == "sector" else (free[0], free[1])
    shown = [each for each in segments if _part(each, across).code != OTHER]
    rows, columns = _values(shown, down, language), _values(segments, across, language)
    cells = {(_part(each, down).code, _part(each, across).code): each for each in segments}
    return Matrix(
        title=words["sg_matrix"].format(rows=words[f"sg_{down}"], columns=words[f"sg_{across}"]),
        corner=words[f"sg_{down}"],
        columns=tuple((name, _address({**chosen, across: code})) for code, name in columns.items()),
        rows=tuple(
            MatrixRow(
                name=name,
                href=_address({**chosen, down: code}),
                cells=tuple(
                    (label, _cell(cells.get((code, other)), {**chosen, down: code, across: other}, language))
                    for other, label in columns.items()
                ),
            )
            for code, name in rows.items()
        ),
    )


def segment_line(each: Segment, language: Language, rows_link: Callable[[Segment], str | None]) -> SegmentLine:
    """Return all figures of a segment; a count under ten says so, and a rate on fewer than ten is none."""
    words = texts.words(language)
    visits = Number(words["sg_few"])
    if each.list_visits is not None:
        visits = Number(_count(each.list_visits, language), rows_link(each))
    ratio = words["sg_too_few"]
    if each.ratio is not None and each.ratio_low is not None and each.ratio_high is not None:
        ends = [decimal(end, language) for end in (each.ratio, each.ratio_low, each.ratio_high)]
        ratio = words["sv_ratio_value"].format(ratio=ends[0], low=ends[1], high=ends[2])
    return SegmentLine(
        name=" · ".join(_name(part, language) for part in each.cell),
        placements=_count(each.placements, language),
        list_visits=visits,
        usual_visits=words["sg_few"] if each.usual_visits is None else _count(each.usual_visits, language),
        rate=percent_interval(each.rate, each.low, each.high, language),
        guess=each.list_visits is None,
        trend=_trend(each, language),
        reports=words["sg_too_few"] if each.reported_per_1000 is None else _count(each.reported_per_1000, language),
        ratio=ratio,
        not_reached=words["sg_too_few"] if each.not_reached is None else percent(each.not_reached, language),
    )


def filters(segments: Sequence[Segment], chosen: Mapping[str, str], language: Language) -> tuple[Filter, ...]:
    """Return a select field for each column, with the values that `segments` have; all levels where they have none."""
    words = texts.words(language)
    fields = []
    for column in COLUMNS:
        values = _values(segments, column, language) or _levels(language)
        first = Choice("", words["sg_all"], column not in chosen)
        known = (Choice(code, name, chosen.get(column) == code) for code, name in sorted(values.items(), key=_by_name))
        fields.append(Filter(column, words[f"sg_{column}"], (first, *known)))
    return tuple(fields)


def _cell(each: Segment | None, chosen: Mapping[str, str], language: Language) -> Cell | None:
    if each is None:
        return None
    ends = [percent(end, language).removesuffix("%") for end in (each.low, each.high)]
    return Cell(
        rate=percent(each.rate, language),
        limits=f"({ends[0]}–{ends[1]})",
        href=_address(chosen),
        shade=sum(each.low >= shade for shade in SHADES),
        guess=each.list_visits is None,
    )


def _trend(each: Segment, language: Language) -> str:
    words = texts.words(language)
    if each.trend is None or each.trend_low is None or each.trend_high is None:
        return words["sg_too_few"]
    ends = {"change": each.trend, "low": each.trend_low, "high": each.trend_high}
    said = {name: decimal(100 * end, language, places=0) for name, end in ends.items()}
    return words["sg_points"].format(**said)


def _values(segments: Sequence[Segment], column: str, language: Language) -> dict[str, str]:
    """The values of a column that segments have, most placements first, those put together last."""
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    for each in segments:
        for part in each.cell:
            if part.column == column:
                sizes[part.code] = sizes.get(part.code, 0) + each.placements
                names[part.code] = _name(part, language)
    ordered = sorted(sizes, key=lambda code: (code == OTHER, -sizes[code], code))
    return {code: names[code] for code in ordered}


def _levels(language: Language) -> dict[str, str]:
    """Every group of certificates, for segments that do not tell them apart."""
    special = {code: SPECIAL[code][LANGUAGES.index(language)] for code in (NOT_RECORDED, NOT_VERIFIED)}
    levels = vocabulary.table("certification_levels")
    return {**{code: vocabulary.label("certification_levels", code, language) for code in levels}, **special}


def _by_name(value: tuple[str, str]) -> tuple[bool, str]:
    return value[0] == OTHER, value[1]


def _part(each: Segment, column: str) -> CellPart:
    return next(part for part in each.cell if part.column == column)


def _name(part: CellPart, language: Language) -> str:
    name: str = getattr(part, f"label_{language}")
    return name


def _address(chosen: Mapping[str, Any]) -> str:
    return f"?{urlencode(chosen)}"


def _count(count: int, language: Language) -> str:
    return texts.whole_number(count, language)
