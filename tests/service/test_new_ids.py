"""An id that the service gives may always be repeated in a message."""

from hypothesis import given
from hypothesis import strategies as st

from risk_model.id_letters import in_letters
from service.new_ids import random_id
from service.payloads.free_text import identifier_in

HEXADECIMAL = st.text("0123456789abcdef", min_size=16, max_size=16)


@given(HEXADECIMAL, st.sampled_from(("", "20261201-", "wr-20261201-", "rk_")))
def test_no_new_id_looks_like_a_number_of_a_person(digits: str, before: str) -> None:
    assert identifier_in(before + in_letters(digits)) is None


@given(HEXADECIMAL, HEXADECIMAL)
def test_ids_sort_as_the_numbers_they_stand_for(one: str, other: str) -> None:
    assert (in_letters(one) < in_letters(other)) == (int(one, 16) < int(other, 16))


def test_a_number_in_digits_can_look_like_one_which_is_why_ids_are_letters() -> None:
    assert identifier_in("e0485312573c4570") == "phone"
    assert identifier_in(in_letters("e0485312573c4570")) is None


def test_new_ids_differ_and_have_two_letters_a_byte() -> None:
    made = {random_id(8) for _ in range(100)}
    assert len(made) == 100
    assert {len(one) for one in made} == {16}
