"""Which day or instant does a cell name?

Day comes first (Indonesian order) unless the year does. A two-digit year from 80 to 99 lies in the
1900s, from 00 to 79 in the 2000s; years outside 1980–2079 are refused as slips of the pen. Nothing
is swapped to make an impossible date possible: it is refused, with the nearest possible one. Where
some dates of a column must have the month first and none the day, those that may be either are refused.
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from functools import cache

from risk_model.data.cells.cell import PLAIN_DASH, Cell, Refusal, tidy
from risk_model.errors import nearest

MONTHS = (
    "i januari january",
    "ii februari pebruari february febuari",
    "iii maret march mrt",
    "iv april",
    "v mei may",
    "vi juni june",
    "vii juli july",
    "viii agustus august agt ags agst",
    "ix september",
    "x oktober october",
    "xi november nopember",
    "xii desember december",
)
"""Indonesian and English names, and Roman numerals; three letters or more of a name do as well."""
SHORTEST_MONTH = 3
WEEKDAYS = (
    "senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad|sen|sel|rab|kam|jum|sab|min|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun"
)
EARLIEST_YEAR, LATEST_YEAR = 1980, 2079
CENTURY_TURN = 80
"""Two-digit years from here on lie in the 1900s."""

EXCEL_EPOCH = dt.datetime(1899, 12, 30)
SERIAL_RANGE = (29221, 65745)
"""Excel's serial numbers of 1980-01-01 and 2079-12-31; no other number is taken for a date."""

_WEEKDAY = re.compile(rf"^(?:hari\s+)?(?:{WEEKDAYS})\b\.?\s*[,/]?\s*", re.I)
_LEAD = re.compile(r"^(?:tgl|tanggal|tmt)\b\.?\s*:?\s*", re.I)
_TIME = re.compile(
    r"[\sT,]+(?:pukul|pkl|jam)?\.?\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(am|pm)?\s*"
    r"(z|wib|wita|wit|gmt|utc|[+-]\d{2}:?\d{2})?$",
    re.I,
)
_GAP = r"\s*[-/.,\s]\s*"
_YEAR_FIRST = re.compile(rf"^(\d{{4}}){_GAP}(\d{{1,2}}){_GAP}(\d{{1,2}})$")
_DAY_FIRST = re.compile(rf"^(\d{{1,2}}){_GAP}(\d{{1,2}}){_GAP}(\d{{4}}|\d{{2}})$")
_EITHER_FIRST = re.compile(r"^\s*(\d{1,2})([-/.])(\d{1,2})\2(?:\d{4}|\d{2})\b")
_DAY_NAMED = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[-/.,\s]*([a-z]+)[-/.,\s]*['’]?(\d{4}|\d{2})$", re.I)
_MONTH_NAMED = re.compile(r"^([a-z]+)[-/.,\s]*(\d{1,2})(?:st|nd|rd|th)?[-/.,\s]+(\d{4})$", re.I)
_YEAR_NAMED = re.compile(r"^(\d{4})[-/.,\s]*([a-z]+)[-/.,\s]*(\d{1,2})$", re.I)
_EIGHT_DIGITS = re.compile(r"^\d{8}$")
_SERIAL = re.compile(r"^\d{5}(?:[.,]\d+)?$")
_OFFSET = re.compile(r"^([+-])(\d{2}):?(\d{2})$")
ZONE_HOURS = {"wib": 7, "wita": 8, "wit": 9}
HOW_TO_WRITE = "write the day as 2025-08-31 or 31-08-2025"

YearMonthDay = tuple[int, int, int]


def parse_day(cell: Cell) -> dt.datetime | Refusal:
    """Return midnight of the day that `cell` names; a time of day beside it is dropped.

    >>> parse_day("Senin, 3 Maret 2025"), parse_day(45719), parse_day("12 Mei 25")
    (datetime.datetime(2025, 3, 3, 0, 0), datetime.datetime(2025, 3, 3, 0, 0), datetime.datetime(2025, 5, 12, 0, 0))
    >>> parse_day("31/02/2025").suggestion
    '2025-02-28'
    """
    moment = _parse(cell, in_utc=False)
    return moment if isinstance(moment, Refusal) else moment.replace(hour=0, minute=0, second=0, microsecond=0)


def parse_instant(cell: Cell) -> dt.datetime | Refusal:
    """Return the instant that `cell` names; converted to UTC where it states a zone, else taken as it stands.

    >>> parse_instant("2025-03-03 07:30 WITA"), parse_instant("3/3/2025")
    (datetime.datetime(2025, 3, 2, 23, 30), datetime.datetime(2025, 3, 3, 0, 0))
    """
    return _parse(cell, in_utc=True)


def written_month_first(cells: Iterable[Cell]) -> frozenset[str]:
    """Return the signs between numbers with which some dates must have the month first, and none the day.

    >>> sorted(written_month_first(["08/13/2025", "8/3/2025", "13-08-2025", "08-13-2025"]))
    ['/']
    """
    numbers = [match for cell in cells if isinstance(cell, str) and (match := _EITHER_FIRST.match(cell))]
    month_first = {match[2] for match in numbers if int(match[1]) <= len(MONTHS) < int(match[3])}
    return frozenset(month_first - {match[2] for match in numbers if int(match[1]) > len(MONTHS)})


def either_way(cell: Cell, signs: frozenset[str]) -> bool:
    """Say whether a date with one of `signs` between its numbers is another day when the month is read first."""
    match = _EITHER_FIRST.match(cell) if isinstance(cell, str) else None
    return match is not None and match[2] in signs and int(match[1]) != int(match[3]) <= len(MONTHS)


def _parse(cell: Cell, *, in_utc: bool) -> dt.datetime | Refusal:
    if isinstance(cell, dt.datetime):
        aware = cell.astimezone(dt.UTC) if in_utc and cell.tzinfo else cell
        return _plausible(aware.replace(tzinfo=None))
    if isinstance(cell, dt.date):
        return _plausible(dt.datetime(cell.year, cell.month, cell.day))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_serial(float(cell))
    if not isinstance(cell, str):
        return Refusal("not a date", HOW_TO_WRITE)
    return _from_text(tidy(cell).translate(PLAIN_DASH), in_utc=in_utc)


def _from_serial(serial: float) -> dt.datetime | Refusal:
    if SERIAL_RANGE[0] <= serial < SERIAL_RANGE[1] + 1:
        moment = EXCEL_EPOCH + dt.timedelta(days=serial)
        return (moment + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    if serial.is_integer() and len(str(int(serial))) == len("20250831"):
        return _from_text(str(int(serial)), in_utc=False)
    return Refusal("a number that is no date", HOW_TO_WRITE)


def _from_text(text: str, *, in_utc: bool) -> dt.datetime | Refusal:
    text = _LEAD.sub("", _WEEKDAY.sub("", _LEAD.sub("", text)))
    if _SERIAL.match(text):
        return _from_serial(float(text.replace(",", ".")))
    clock = _TIME.search(text)
    day = _read_day(text[: clock.start()] if clock else text)
    if day is None and clock:  # "3.03.2025" is a day, not the third at 03:20
        clock, day = None, _read_day(text)
    if day is None:
        return Refusal("not a date", _with_nearest_month(text))
    moment = _on_calendar(day)
    if clock is None or isinstance(moment, Refusal):
        return moment
    return _at_time(moment, clock, in_utc=in_utc)


def _read_day(text: str) -> YearMonthDay | None:
    text = text.strip(" ,.")
    if match := _YEAR_FIRST.match(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DAY_FIRST.match(text):
        return _full_year(match[3]), int(match[2]), int(match[1])
    if _EIGHT_DIGITS.match(text):
        year_first = int(text[:4]), int(text[4:6]), int(text[6:])
        day_first = int(text[4:]), int(text[2:4]), int(text[:2])
        only_day_first = isinstance(_on_calendar(year_first), Refusal) and not isinstance(
            _on_calendar(day_first), Refusal
        )
        return day_first if only_day_first else year_first
    for pattern, (year_at, month_at, day_at) in (
        (_DAY_NAMED, (3, 2, 1)),
        (_MONTH_NAMED, (3, 1, 2)),
        (_YEAR_NAMED, (1, 2, 3)),
    ):
        match = pattern.match(text)
        named = _month(match[month_at]) if match else None
        if match and named:
            return _full_year(match[year_at]), named, int(match[day_at])
    return None


def _with_nearest_month(text: str) -> str:
    """Return the day that a misspelt month probably means, or how to write one."""
    match = _DAY_NAMED.match(text)
    named = nearest(match[2], (name for names in MONTHS for name in names.split()[1:])) if match else None
    month = _month(named) if named else None
    meant = _on_calendar((_full_year(match[3]), month, int(match[1]))) if match and month else None
    return f"{meant:%Y-%m-%d}" if isinstance(meant, dt.datetime) else HOW_TO_WRITE


@cache
def _month(name: str) -> int | None:
    word = name.casefold()
    for number, names in enumerate(map(str.split, MONTHS), start=1):
        if word in names or (len(word) >= SHORTEST_MONTH and any(known.startswith(word) for known in names)):
            return number
    return None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > len("25"):
        return year
    return year + (1900 if year >= CENTURY_TURN else 2000)


def _on_calendar(day: YearMonthDay) -> dt.datetime | Refusal:
    year, month, number = day
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return Refusal(f"year {year} lies outside {EARLIEST_YEAR}–{LATEST_YEAR}", HOW_TO_WRITE)
    if not 1 <= month <= 12:
        swapped = 1 <= number <= 12 and 1 <= month <= calendar.monthrange(year, number)[1]
        return Refusal(f"no such month: {month}", f"{year}-{number:02}-{month:02}" if swapped else HOW_TO_WRITE)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= number <= last:
        nearest = last if number > last else 1
        return Refusal(f"no such day: month {month} of {year} has {last} days", f"{year}-{month:02}-{nearest:02}")
    return dt.datetime(year, month, number)


def _plausible(moment: dt.datetime) -> dt.datetime | Refusal:
    found = _on_calendar((moment.year, moment.month, moment.day))
    return found if isinstance(found, Refusal) else moment


def _at_time(day: dt.datetime, clock: re.Match[str], *, in_utc: bool) -> dt.datetime | Refusal:
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    half = (clock[4] or "").casefold()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return Refusal("no such time of day", HOW_TO_WRITE)
    moment = day.replace(hour=hour, minute=minute, second=second)
    return moment - _offset((clock[5] or "").casefold()) if in_utc else moment


def _offset(zone: str) -> dt.timedelta:
    if match := _OFFSET.match(zone):
        size = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
        return -size if match[1] == "-" else size
    return dt.timedelta(hours=ZONE_HOURS.get(zone, 0))
