import re

import pytest

from risk_model.prioritisation import notices
from risk_model.prioritisation.notices import Notice

EVERY = [
    notices.REGISTER_BLIND_SPOT,
    notices.SIMULATED_DATA,
    notices.NOTHING_ELIGIBLE,
    notices.list_grew(10, 31),
    notices.without_unit(12, "agency"),
    notices.without_score(7),
    notices.mandatory_outside_cohort(2),
    notices.at_rest(41, 90),
]


@pytest.mark.parametrize("notice", EVERY, ids=lambda notice: notice.code)
def test_a_notice_says_the_same_figures_in_both_languages_and_promises_no_safety(notice: Notice) -> None:
    figures = [sorted(re.findall(r"\d+", text)) for text in (notice.text_id, notice.text_en)]
    assert figures[0] == figures[1]
    for word in ("safe", "no risk", "aman", "tanpa risiko"):
        assert not re.search(rf"\b{word}\b", f"{notice.text_id} {notice.text_en}".casefold())


def test_figures_of_the_blind_spot_have_a_source() -> None:
    assert {"127", "120", "2025"} <= set(re.findall(r"\d+", notices.REGISTER_BLIND_SPOT.text_id))
    assert notices.REGISTER_BLIND_SPOT.source
