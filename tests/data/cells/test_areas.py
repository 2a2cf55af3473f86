"""Which area do a code and a name stand for?"""

import pytest

from risk_model.data.cells.areas import parse_area
from risk_model.data.cells.cell import Refusal

BLANKS = frozenset(("-", "", "na", "kosong"))


@pytest.mark.parametrize(
    ("code", "name", "area"),
    [
        ("53.06", "Flores Timur", "53.06"),
        ("53.06", "-", "53.06"),
        (" '53.06 ", None, "53.06"),
        (53.06, None, "53.06"),
        (53.1, None, "53.10"),
        ("53.1", "Manggarai", "53.10"),
        ("53,06", "", "53.06"),
        ("53.06 - Flores Timur", None, "53.06"),
        ("-", "KAB. FLORES TIMUR ", "53.06"),
        ("n/a", "TTS", "53.02"),
        (None, "Kota Kupang", "53.71"),
        (None, "Kupang", "53.01"),
        ("53.71", "Kupang", "53.71"),
        ("53", "Ende", "53.08"),
        ("53.08", "Nusa Tenggara Timur", "53.08"),
        ("53.06.01", "Flores Timur", "53.06.01"),
        ("53.06.01.2003", "", "53.06.01.2003"),
        ("33.01", "Cilacap", "33.01"),
        ("53.08", "a name nobody knows", "53.08"),
        (None, "NTT", "53"),
        ("-", "-", None),
    ],
)
def test_code_and_name_give_the_deepest_area_they_agree_on(code: object, name: object, area: str | None) -> None:
    assert parse_area(code, name, None, BLANKS) == area


@pytest.mark.parametrize(
    ("code", "name", "suggestion"),
    [
        ("53.99", "-", "53.19"),
        ("99.99", "Ende", "53.08"),
        ("5301", "-", "53.01, if it is Kemendagri's"),
        (5301, None, "53.01, if it is Kemendagri's"),
        ("5306", "Flores Timur", "53.06, if it is Kemendagri's"),
        ("53.18", "Sumba Barat", "53.12 for Kabupaten Sumba Barat"),
        ("53.01", "Kota Kupang", "53.71 for Kota Kupang"),
        (None, "Endeee", "Ende"),
    ],
)
def test_unknown_undotted_and_contradicting_areas_are_refused(code: object, name: object, suggestion: str) -> None:
    refused = parse_area(code, name, None, BLANKS)
    assert isinstance(refused, Refusal)
    assert refused.suggestion == suggestion


@pytest.mark.parametrize("code", ["53.1", "abc", "53-06", "0", True])
def test_a_code_that_may_be_two_areas_or_none_is_refused(code: object) -> None:
    assert isinstance(parse_area(code, None, None, BLANKS), Refusal)


def test_undotted_codes_are_read_in_the_system_the_mapping_names() -> None:
    assert parse_area("5301", None, "kemendagri", BLANKS) == "53.01"
    assert parse_area("5301", None, "bps", BLANKS) == "53.12"
    assert parse_area("530601", None, "kemendagri", BLANKS) == "53.06.01"
    assert isinstance(parse_area("5399", None, "bps", BLANKS), Refusal)
