"""Is a text an id that may be kept, or the number of a person that must not be?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.data.cells.cell import Refusal
from risk_model.data.cells.identifiers import is_personal, mask, national_number, parse_id, without_personal

NIK = "5305149092546565"
DIGITS = st.text("0123456789", min_size=16, max_size=16)


@pytest.mark.parametrize(
    "cell",
    [
        NIK,
        f" {NIK} ",
        f"'{NIK}",
        "5305 1490 9254 6565",
        "530514.909254.6565",
        "53.05.14.909254.6565",
        "530514-909254-6565",
        f"{NIK}\u200b",
        int(NIK),
        float(NIK),
        "5.305.149.092.546.565",
    ],
)
def test_sixteen_digits_are_a_nik_whatever_stands_between_them(cell: object) -> None:
    assert national_number(cell) == NIK


@pytest.mark.parametrize(
    "cell",
    [
        "5.30813298477546E+15",
        "5,30813E+15",
        5307191399925450,
        5307191399925450.0,
        "530514909254656",
        "53051490925465650",
        "530514909254656.0",
        "5305149092546560.0",
        "5.305.149.092.546.560",
        f"NIK {NIK}",
        "-",
        "",
        None,
        True,
        "٥" * 16,
    ],
)
def test_anything_else_and_what_a_spreadsheet_rounded_is_no_nik(cell: object) -> None:
    assert national_number(cell) is None


def test_a_nik_written_as_text_may_end_in_zero() -> None:
    assert national_number("5307191399925450") == "5307191399925450"


@pytest.mark.parametrize("text", ["PMI-25-1700001", "PMI/53.11/2025/0000123456", "20250115-00001234", "1", "P3MI 057"])
def test_ids_of_records_are_kept_as_they_are(text: str) -> None:
    assert parse_id(text) == text


@pytest.mark.parametrize(
    "text", [NIK, f"PMI{NIK}", f"{NIK}-1", "5305 1490 9254 6565", "530514.909254.6565", "5.30813298477546E+15"]
)
def test_an_id_that_holds_a_nik_is_refused(text: str) -> None:
    assert isinstance(parse_id(text), Refusal)
    assert isinstance(without_personal(f"PT {text}"), Refusal)


@given(DIGITS, st.text(max_size=10), st.text(max_size=10), st.sampled_from(["", " ", ".", "-", "'"]))
def test_a_mask_leaves_no_nik_in_any_grouping(nik: str, before: str, after: str, gap: str) -> None:
    grouped = gap.join((nik[:6], nik[6:12], nik[12:]))
    masked = mask(f"{before} {grouped} {after}")
    assert nik not in masked
    assert grouped not in masked
    assert is_personal(f"{before} {grouped} {after}")


@pytest.mark.parametrize("text", ["081234567890", "+62 812-3456-7890", "62 81234567890"])
def test_a_mask_hides_mobile_numbers(text: str) -> None:
    assert not any(part.isdigit() and len(part) > 3 for part in mask(f"hubungi {text}").split())


@pytest.mark.parametrize("text", ["Rp 5.600.000", "2025-03-03 10:20:30", "31/02/2025", "53.06", "-12", "Astronot"])
def test_a_mask_leaves_what_is_needed_for_the_repair(text: str) -> None:
    assert mask(text) == text
