"""What came home to each area, and how are the placements recorded from there scored?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from risk_model import vocabulary
from risk_model.prioritisation.disclosure import LEAST_SHOWN
from risk_model.scoring.scorer import BANDS
from service.language import Language
from service.pages import texts
from service.pages.numbers import percent
from service.pages.paging import Pages
from service.pages.supervision_figures import Number
from service.pages.supervision_rows_view import corridor
from service.pages.views import Choice, Frame, Notice
from service.storage.areas import Row

NTT: Final = "53"
TILES: Final = (
    *("53.15", "53.10", "53.19", "53.09", "53.16", "53.08", "53.07", "53.06", "53.13", "53.05"),
    *("53.18", "53.12", "53.17", "53.11"),
    *("53.71", "53.01", "53.02", "53.03", "53.04", "53.21", "53.20", "53.14"),
)
"""Flores from west to east with Lembata and Alor, Sumba, Timor, Sabu Raijua and Rote Ndao; places are in the sheet."""
PROVINCE_LENGTH: Final = 2
NONE: Final = "–"
PREFIXES: Final = ("Kabupaten ", " Regency")
TOLD: Final = ("deaths", "deportations", "placements")
COUNTS: Final = ("deaths", "deportations", "interceptions")


@dataclass(frozen=True)
class Area:
    """What is known of one area: events of 12 months, placements now, and their mean risk.

    `band` and `raised_share` are None under ten placements, `band` also where none of them has a number.
    """

    code: str
    deaths: int
    deportations: int
    interceptions: int
    newest: str | None
    placements: int
    band: str | None
    raised_share: float | None

    @property
    def events(self) -> int:
        """All events."""
        return self.deaths + self.deportations + self.interceptions


@dataclass(frozen=True)
class Tile:
    """One tile of the map: the place of `code` is in the style sheet."""

    code: str
    anchor: str
    name: str
    band: str
    band_label: str
    deaths: str
    deportations: str
    placements: str


@dataclass(frozen=True)
class AreaLine:
    """One area in the table."""

    anchor: str
    name: str
    deaths: Number
    deportations: Number
    interceptions: Number
    placements: Number
    band: str | None
    band_label: str
    raised: str
    newest: str | None


@dataclass(frozen=True)
class AreasPage:
    """The variables of areas.html; `data_until` is None where nothing was imported, `tiles` empty outside NTT."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    data_until: str | None
    provinces: tuple[Choice, ...]
    table_title: str
    tiles: tuple[Tile, ...]
    areas: tuple[AreaLine, ...]


@dataclass(frozen=True)
class EventLine:
    """One event of an area."""

    type: str
    place: str
    happened: str
    recorded: str


@dataclass(frozen=True)
class PlacementLine:
    """One placement recorded from an area; `code` is None for a reader who works without identities."""

    code: str | None
    corridor: str
    place: str
    stage: str
    band: str
    band_label: str


@dataclass(frozen=True)
class AreaEventsPage:
    """The variables of area_events.html; `rows_link` is None where the reader may not open rows."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    name: str
    back: str
    rows_link: str | None
    events: tuple[EventLine, ...]
    count: str
    placements: tuple[PlacementLine, ...]
    pages: Pages


def known_areas(
    events: Sequence[Row], scored: Sequence[Row], thresholds: Sequence[float], language: Language
) -> dict[str, Area]:
    """Return every area with events or placements, and all of NTT where it has any, by code."""
    told, counted = {str(row["area"]): row for row in events}, {str(row["area"]): row for row in scored}
    codes = {*told, *counted}
    if any(vocabulary.contains(NTT, code) for code in codes):
        codes |= set(TILES)
    return {code: _area(code, told.get(code, {}), counted.get(code, {}), thresholds, language) for code in codes}


def tiles(areas: Mapping[str, Area], language: Language) -> tuple[Tile, ...]:
    """Return the tiles of NTT; none where it has neither events nor placements."""
    if not set(TILES) <= set(areas):
        return ()
    return tuple(_tile(areas[code], language) for code in TILES)


def lines(areas: Sequence[Area], language: Language, *, opens: bool) -> tuple[AreaLine, ...]:
    """Return the table, most deaths first."""
    ordered = sorted(areas, key=lambda area: (-area.deaths, -area.events, -area.placements, area.code))
    return tuple(_line(area, language, opens=opens) for area in ordered)


def event_lines(events: Sequence[Row], language: Language, *, precise: bool) -> tuple[EventLine, ...]:
    """Return events; `precise` names the kecamatan or desa where it is known."""
    words = texts.words(language)
    return tuple(
        EventLine(
            type=words[f"ar_type_{row['type']}"],
            place=vocabulary.label("areas", row["area"] if precise else row["area"][:5], language),
            happened=texts.day(row["occurred_at"], language),
            recorded=texts.day(row["recorded_at"], language),
        )
        for row in events
    )


def placement_lines(rows: Sequence[Row], language: Language, *, names_persons: bool) -> tuple[PlacementLine, ...]:
    """Return placements recorded from an area."""
    words = texts.words(language)
    return tuple(
        PlacementLine(
            code=row["placement_id"] if names_persons else None,
            corridor=corridor(row, language),
            place=vocabulary.label("areas", row["origin"] if names_persons else row["origin"][:5], language),
            stage=words[f"stage_{row['stage']}"],
            band=row["band"],
            band_label=words[f"band_{row['band']}"],
        )
        for row in rows
    )


def province_choices(codes: Sequence[str], chosen: str, language: Language) -> tuple[Choice, ...]:
    """Return the provinces that have areas to show, by name."""
    named = [(vocabulary.label("areas", code, language), code) for code in codes]
    return tuple(Choice(code, name, code == chosen) for name, code in sorted(named))


def _area(code: str, event: Row, scored: Row, thresholds: Sequence[float], language: Language) -> Area:
    placements = int(scored.get("placements", 0))
    shown = placements >= LEAST_SHOWN
    mean = scored["risk"] / scored["scored"] if shown and scored["scored"] else None
    return Area(
        code=code,
        newest=texts.day(event["newest"], language) if event.get("newest") else None,
        placements=placements,
        band=None if mean is None else BANDS[sum(mean < threshold for threshold in thresholds)],
        raised_share=scored["raised"] / placements if shown else None,
        **{name: int(event.get(name, 0)) for name in COUNTS},
    )


def _tile(area: Area, language: Language) -> Tile:
    words, name = texts.words(language), vocabulary.label("areas", area.code, language)
    for affix in PREFIXES:
        name = name.replace(affix, "")
    return Tile(
        code=area.code.replace(".", ""),
        anchor=f"a-{area.code}",
        name=name,
        band=area.band or "unknown",
        band_label=words[f"band_{area.band}"] if area.band else words["ar_few"],
        **{
            name: texts.whole_number(getattr(area, name), language) for name in ("deaths", "deportations", "placements")
        },
    )


def _line(area: Area, language: Language, *, opens: bool) -> AreaLine:
    words = texts.words(language)
    events, recorded = (f"/areas/{area.code}#{part}" if opens else None for part in ("events", "placements"))
    return AreaLine(
        anchor=f"a-{area.code}",
        name=vocabulary.label("areas", area.code, language),
        placements=_number(area.placements, language, recorded),
        band=area.band,
        band_label=words[f"band_{area.band}"] if area.band else words["ar_few"],
        raised=NONE if area.raised_share is None else percent(area.raised_share, language),
        newest=area.newest,
        **{name: _number(getattr(area, name), language, events) for name in COUNTS},
    )


def _number(count: int, language: Language, href: str | None) -> Number:
    return Number(texts.whole_number(count, language), href if count else None)
