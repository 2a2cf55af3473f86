"""What is blank, and what do two spellings share?"""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.data.cells.cell import is_blank, is_empty, key, tidy
from risk_model.data.mapping import read_mapping

BLANKS = read_mapping("siskop2mi").blank_keys


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        None,
        float("nan"),
        "-",
        "--",
        "—",
        "–",
        "_",
        "?",
        "??",
        ".",
        "...",
        "*",
        "\xa0",
        "\u200b",
        "'",
        "'-",
        "(-)",
        "n/a",
        "N/A",
        "NA",
        "#N/A",
        "n.a.",
        "NULL",
        "null",
        "(null)",
        "<NULL>",
        "None",
        "NaN",
        "kosong",
        "KOSONG",
        "(kosong)",
        "[kosong]",
        "Kosong ",
        "nihil",
        "tidak ada",
        "Tdk Ada",
        "tidak diketahui",
        "Tidak Diketahui",
        "belum ada",
        "belum diisi",
        "data tidak ada",
        "blm ada",
        "unknown",
        "menyusul",
        "\\N",
        "tidak tersedia",
        "tdk diketahui",
        "TIDAK ADA DATA",
    ],
)
def test_these_mean_not_recorded(cell: object) -> None:
    assert is_blank(cell, BLANKS)


@pytest.mark.parametrize(
    "cell", ["0", 0, False, "nasi", "Ende", "A", "-1", "tidak", "belum", dt.datetime(2025, 1, 1), "n"]
)
def test_these_do_not(cell: object) -> None:
    assert not is_blank(cell, BLANKS)


def test_what_was_written_is_not_empty_even_if_blank() -> None:
    assert [is_empty(cell) for cell in (None, "", " \u00a0", "\ufeff", "-", "n/a", 0, "'")] == [True] * 4 + [
        False
    ] * 3 + [True]


def test_a_date_reads_as_a_day_and_a_whole_float_as_a_whole_number() -> None:
    assert tidy(dt.datetime(2025, 3, 3)) == "2025-03-03"
    assert (tidy(24.0), tidy(53.06)) == ("24", "53.06")


@given(st.text(max_size=20))
def test_the_key_of_a_text_does_not_change_with_case_spaces_or_marks_around_it(text: str) -> None:
    assert key(f"  {text.strip()}\u200b\u00a0 ") == key(text.strip())
