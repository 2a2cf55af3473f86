"""Which day or instant does a cell name?"""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.data.cells.cell import Refusal
from risk_model.data.cells.dates import MONTHS, parse_day, parse_instant

THIRD_OF_MARCH = dt.datetime(2025, 3, 3)
DAYS = st.dates(dt.date(1980, 1, 1), dt.date(2079, 12, 31))


@pytest.mark.parametrize(
    "cell",
    [
        "2025-03-03",
        "2025/3/3",
        "03-03-2025",
        "3/3/2025",
        "03.03.2025",
        "3 3 2025",
        "03 - 03 - 2025",
        "3/3/25",
        "20250303",
        "03032025",
        "3 Maret 2025",
        "03-Mar-2025",
        "3 Mrt 25",
        "3 MARET 2025",
        "3maret2025",
        "March 3, 2025",
        "3rd March 2025",
        "3-III-2025",
        "Senin, 3 Maret 2025",
        "Hari Senin, 3 Maret 2025",
        "Sen 3/3/2025",
        "tgl 3 Maret 2025",
        "'03/03/2025",
        "\u00a03 Maret 2025\u200b",
        "2025-03-03 00:00:00",
        "2025-03-03T10:20:30.123Z",
        "03/03/2025 10.20",
        "3 Maret 2025 pukul 08.30 WITA",
        "3/3/2025 2:05 PM",
        45719,
        45719.0,
        "45719",
        20250303,
        dt.datetime(2025, 3, 3, 14, 30),
        dt.date(2025, 3, 3),
    ],
)
def test_the_third_of_march_in_many_spellings(cell: object) -> None:
    assert parse_day(cell) == THIRD_OF_MARCH


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("3 Agustus 2025", "2025-08-03"),
        ("03-Agt-2025", "2025-08-03"),
        ("3 Agst 2025", "2025-08-03"),
        ("3 Agust 2025", "2025-08-03"),
        ("12 Mei 25", "2025-05-12"),
        ("1 Des 2025", "2025-12-01"),
        ("4 Nopember 2025", "2025-11-04"),
        ("4 Nov 2025", "2025-11-04"),
        ("28 Pebruari 2025", "2025-02-28"),
        ("17 Okt. 2025", "2025-10-17"),
        ("Jum'at, 7 Maret 2025", "2025-03-07"),
        ("Minggu 2 Maret 2025", "2025-03-02"),
        ("29 Feb 2024", "2024-02-29"),
        ("31/12/99", "1999-12-31"),
        ("01-02-03", "2003-02-01"),
        ("20012000", "2000-01-20"),
        ("20122025", "2025-12-20"),
        ("2 Januari '25", "2025-01-02"),
    ],
)
def test_months_and_weekdays_by_name_day_first(cell: str, day: str) -> None:
    assert parse_day(cell) == dt.datetime.fromisoformat(day)


@pytest.mark.parametrize(
    ("cell", "nearest"),
    [
        ("31/02/2025", "2025-02-28"),
        ("32-01-2025", "2025-01-31"),
        ("2025-13-01", "2025-01-13"),
        ("05/13/2025", "2025-05-13"),
        ("20251301", "2025-01-13"),
        ("29 Februari 2025", "2025-02-28"),
        ("00/03/2025", "2025-03-01"),
    ],
)
def test_an_impossible_date_is_refused_with_the_nearest_possible_one(cell: str, nearest: str) -> None:
    refused = parse_day(cell)
    assert isinstance(refused, Refusal)
    assert refused.suggestion == nearest


@pytest.mark.parametrize(
    "cell",
    [
        "Maret 2025",
        "2025",
        2025,
        "kemarin",
        "12-Mei",
        "3 Ma 2025",
        "01/01/1900",
        "1/1/2205",
        0,
        -5,
        1.5,
        99999,
        True,
        "5305149092546565",
        "2025-03-03 25:00",
        "3 Maret",
        dt.time(0, 0),
        dt.datetime(1900, 1, 1),
        "5-5-5-5",
    ],
)
def test_what_is_no_day_is_refused_not_guessed(cell: object) -> None:
    assert isinstance(parse_day(cell), Refusal)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2025-03-03T07:30:00+08:00", "2025-03-02T23:30"),
        ("3 Maret 2025 07:30 WITA", "2025-03-02T23:30"),
        ("2025-03-03 07:30 WIB", "2025-03-03T00:30"),
        ("2025-03-03T07:30Z", "2025-03-03T07:30"),
        ("2025-03-03 07:30", "2025-03-03T07:30"),
        ("3/3/2025", "2025-03-03"),
        (45719.25, "2025-03-03T06:00"),
    ],
)
def test_an_instant_keeps_its_time_and_a_stated_zone_counts(cell: object, instant: str) -> None:
    assert parse_instant(cell) == dt.datetime.fromisoformat(instant)


@given(
    DAYS,
    st.sampled_from(["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y", "%d%m%Y", "%d %B %Y", "%d-%b-%Y"]),
)
def test_any_day_is_read_back_from_any_usual_form(day: dt.date, form: str) -> None:
    assert parse_day(day.strftime(form)) == dt.datetime(day.year, day.month, day.day)


@given(DAYS, st.data())
def test_any_day_is_read_back_from_every_spelling_of_its_month(day: dt.date, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(MONTHS[day.month - 1].split()))
    assert parse_day(f"{day.day} {name.title()} {day.year}") == dt.datetime(day.year, day.month, day.day)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    assert isinstance(parse_day(text), dt.datetime | Refusal)
