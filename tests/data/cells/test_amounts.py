"""Which amount, count or share does a cell name?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.data.cells.amounts import parse_money, parse_months, parse_probability, parse_whole
from risk_model.data.cells.cell import Refusal


@pytest.mark.parametrize(
    "cell",
    [
        "Rp 5.600.000",
        "Rp5.600.000",
        "Rp5.600.000,00",
        "Rp. 5.600.000,-",
        "Rp 5.600.000 ,--",
        "5.600.000",
        "5,600,000",
        "5,600,000.00",
        "5 600 000",
        "5'600'000",
        "5600000",
        "5600000.0",
        "5600000,00",
        "IDR 5,600,000.00",
        "5.600.000 rupiah",
        "Rp. 5,6 juta",
        "5,6 jt",
        "5.6 juta",
        "5,600 juta",
        "5.600 ribu",
        "5600rb",
        "Rp 5.600.000/bulan",
        "5.600.000 per bln",
        "'5600000",
        "\u00a05.600.000\u00a0",
        5600000,
        5600000.0,
    ],
)
def test_five_million_six_hundred_thousand_in_many_spellings(cell: object) -> None:
    assert parse_money(cell) == 5_600_000


@pytest.mark.parametrize(
    ("cell", "amount"), [("0", 0), ("Rp 0", 0), (0, 0), ("Rp 0,00", 0), ("1.250.000,5", 1_250_000.5)]
)
def test_zero_and_cents_are_amounts(cell: object, amount: float) -> None:
    assert parse_money(cell) == amount


@pytest.mark.parametrize("cell", ["Rp -", "Rp", "Rp.-"])
def test_a_currency_without_figure_is_blank(cell: str) -> None:
    assert parse_money(cell) is None


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("lima juta", "5000000"),
        ("lima juta rupiah", "5000000"),
        ("-5000000", "5000000"),
        ("Rp -5.000.000", "5.000.000"),
        ("(5.000.000)", "5.000.000"),
        (-5000000, "5000000"),
        ("5,6", "5.6 juta"),
    ],
)
def test_words_negative_and_tiny_amounts_are_refused_with_what_was_probably_meant(
    cell: object, suggestion: str
) -> None:
    refused = parse_money(cell)
    assert isinstance(refused, Refusal)
    assert refused.suggestion == suggestion


@pytest.mark.parametrize(
    "cell",
    ["USD 600", "RM 1.500", "3-4 juta", "5.60.000", "5.600.00", "5.6e6", "12.000.000+", True, float("inf"), "5.600"],
)
def test_other_currencies_ranges_and_broken_groups_are_refused(cell: object) -> None:
    assert isinstance(parse_money(cell), Refusal)


@pytest.mark.parametrize(
    ("cell", "months"),
    [
        ("24", 24),
        (24, 24),
        (24.0, 24),
        ("24.0", 24),
        ("24 bulan", 24),
        ("24bln", 24),
        ("24 bln.", 24),
        ("2 tahun", 24),
        ("2 THN", 24),
        ("2 years", 24),
        ("1 tahun 6 bulan", 18),
        ("1 tahun dan 6 bulan", 18),
        ("1,5 tahun", 18),
        ("24 (dua puluh empat) bulan", 24),
        ("2 (dua) tahun", 24),
    ],
)
def test_a_length_counts_months_whatever_its_unit(cell: object, months: int) -> None:
    assert parse_months(cell) == months


@pytest.mark.parametrize(
    ("cell", "suggestion"), [("dua tahun", "24"), ("dua belas bulan", "12"), ("-12", "12"), ("2,5", "2")]
)
def test_a_length_in_words_is_refused_with_the_figure(cell: str, suggestion: str) -> None:
    refused = parse_months(cell)
    assert isinstance(refused, Refusal)
    assert refused.suggestion == suggestion


@pytest.mark.parametrize("cell", ["730 hari", "24 - 36", "24/36", "24+12", "selama", "II tahun", "24 36"])
def test_other_lengths_are_refused(cell: str) -> None:
    assert isinstance(parse_months(cell), Refusal)


@pytest.mark.parametrize(
    ("cell", "value"), [("0.05", 0.05), ("0,05", 0.05), ("5%", 0.05), ("5 %", 0.05), ("100%", 1.0)]
)
def test_a_probability_may_be_a_share_or_percent(cell: str, value: float) -> None:
    assert parse_probability(cell) == pytest.approx(value)


@pytest.mark.parametrize("cell", ["0", "5", "-0.1", "150%", "lima persen", "", True, "1e999999999"])
def test_what_is_no_probability_is_refused(cell: object) -> None:
    assert isinstance(parse_probability(cell), Refusal)


@pytest.mark.parametrize(("cell", "number"), [("1989", 1989), (1989.0, 1989), ("1989,0", 1989), ("-3", -3)])
def test_whole_numbers(cell: object, number: int) -> None:
    assert parse_whole(cell) == number


@pytest.mark.parametrize("cell", ["2,5", "1e999999999", "Infinity", "nan", True, "9" * 5000, float("nan")])
def test_what_is_no_whole_number_is_refused(cell: object) -> None:
    assert isinstance(parse_whole(cell), Refusal)


@given(
    st.integers(10_000, 999_999_999),
    st.sampled_from(["Rp {:,}", "{:,}", "{}", "Rp. {:,},-", "{:,}.00", "{}.0"]),
    st.booleans(),
)
def test_any_amount_is_read_back_with_either_separator(amount: int, form: str, dots: bool) -> None:
    text = form.format(amount)
    written = text.translate(str.maketrans(",.", ".,")) if dots and "Rp." not in text else text
    assert parse_money(written) == amount


@given(st.text(alphabet="0123456789.,-+ Rpjtibuan()e%", max_size=40))
def test_no_text_breaks_the_reading_of_figures(text: str) -> None:
    for parse in (parse_money, parse_months, parse_whole, parse_probability):
        value = parse(text)
        assert value is None or isinstance(value, int | float | Refusal)
