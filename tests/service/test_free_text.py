"""No note carries a number that identifies somebody past the border."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.payloads.free_text import identifier_in

GAPS = st.sampled_from(["", " ", "-", "."])
WORDS = st.text(alphabet="abcdefghij ,;:()\n", max_size=30).map(lambda text: f"{text} ")
DIGIT = st.sampled_from("0123456789")


def spaced(digits: str, gap: str, every: int) -> str:
    return gap.join(digits[start : start + every] for start in range(0, len(digits), every))


@given(WORDS, st.lists(DIGIT, min_size=16, max_size=16).map("".join), GAPS, st.integers(1, 8), WORDS)
def test_sixteen_digits_are_found_however_they_are_spaced(
    before: str, digits: str, gap: str, every: int, after: str
) -> None:
    assert identifier_in(f"{before}{spaced(digits, gap, every)} {after}") is not None


@given(WORDS, st.sampled_from(["0", "62", "+62", "0062"]), st.lists(DIGIT, min_size=8, max_size=11).map("".join), GAPS)
def test_phone_numbers_are_found(before: str, start: str, rest: str, gap: str) -> None:
    assert identifier_in(f"{before}{start}{gap}{spaced('8' + rest, gap, 4)}") is not None


@given(WORDS, st.sampled_from(["A", "b", "XE"]), st.lists(DIGIT, min_size=7, max_size=7).map("".join))
def test_passport_numbers_are_found(before: str, letters: str, digits: str) -> None:
    assert identifier_in(f"{before}{letters}{digits}") is not None


@pytest.mark.parametrize(
    "note",
    [
        "Upah Rp 5.400.000 untuk 3 bulan belum dibayar",
        "kunjungan 2026-04-02 pukul 09.30, RT 003/RW 005",
        "bertemu 08-04-2026 pukul 12.30, lagi 02.05.2026",
        "P3MI-0042, kasus 53.11.05.2003",
        "tiga pekerja lain dari kontrak 24 bulan",
    ],
)
def test_amounts_dates_and_case_numbers_may_stand(note: str) -> None:
    assert identifier_in(note) is None
