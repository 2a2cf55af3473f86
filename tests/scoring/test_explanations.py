import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.scoring.explanations import Reason, all_terms, number_in_words, reasons, strongest
from risk_model.scoring.scorer import CompiledModel, score_row

HOUSEHOLD: dict[str, Any] = {
    "destination": "MYS",
    "employer_type": "household",
    "certification_level": 1,
    "certification_verified": True,
    "has_work_visa": True,
}
CONTRIBUTIONS = st.lists(st.floats(-5, 5), min_size=4, max_size=4)


def explained(model: CompiledModel, row: dict[str, Any], **options: Any) -> tuple[Reason, ...]:
    return reasons(model, score_row(model, row).contributions, row, **options)


@given(CONTRIBUTIONS)
def test_all_terms_and_the_intercept_add_up_to_the_log_odds(model: CompiledModel, contributions: list[float]) -> None:
    shown = all_terms(model, contributions, HOUSEHOLD)
    assert math.fsum(term.contribution for term in shown) == pytest.approx(math.fsum(contributions))


@given(CONTRIBUTIONS, st.integers(1, 4))
def test_the_first_reason_raises_where_one_does_and_the_rest_go_by_size(
    model: CompiledModel, contributions: list[float], top: int
) -> None:
    shown = reasons(model, contributions, HOUSEHOLD, top=top)
    assert len(shown) == min(top, sum(value != 0 for value in contributions))
    assert all(reason.contribution != 0 for reason in shown)
    if any(value > 0 for value in contributions):
        assert shown[0].direction == "raises"
        assert shown[0].contribution == max(contributions)
    sizes = [abs(reason.contribution) for reason in shown[1:]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("destination", ["MYS", "KOR", None])
@pytest.mark.parametrize("employer_type", ["household", "legal_entity"])
@pytest.mark.parametrize("has_work_visa", [True, False, None])
def test_dropping_the_strongest_raising_reason_lowers_the_score(
    model: CompiledModel, destination: str | None, employer_type: str, has_work_visa: bool | None
) -> None:
    row = {"destination": destination, "employer_type": employer_type, "has_work_visa": has_work_visa}
    whole = score_row(model, row)
    top = explained(model, row)[0]
    without = math.fsum(whole.contributions) - top.contribution
    assert top.direction == "raises"
    assert without < math.fsum(whole.contributions)


def test_rows_with_different_drivers_get_different_reasons(model: CompiledModel) -> None:
    uncertified = {**HOUSEHOLD, "destination": "KOR", "employer_type": "legal_entity"}
    without_visa = {**uncertified, "certification_level": 6, "has_work_visa": False}
    firsts = {explained(model, row)[0].feature for row in (HOUSEHOLD, uncertified, without_visa)}
    assert firsts == {"employer_type_destination", "certification_level", "has_work_visa"}


def test_a_reason_names_feature_and_value_in_both_languages(model: CompiledModel) -> None:
    names = {("destination", "MYS", "id"): "Malaysia", ("destination", "MYS", "en"): "Malaysia (MY)"}
    shown = explained(model, HOUSEHOLD, top=4, value_label=lambda *key: names.get(key))
    of = {reason.feature: reason for reason in shown}
    assert of["destination"].name_id == "Negara tujuan: Malaysia"
    assert of["destination"].name_en == "Destination: Malaysia (MY)"
    assert of["destination"].value == "MYS"
    assert of["employer_type_destination"].name_en == "employer_type_destination: household × Malaysia (MY)"
    assert of["employer_type_destination"].value == "household × MYS"
    assert of["has_work_visa"].name_id == "has_work_visa: ya"
    assert of["certification_level"].text_en.startswith("Certification level: 1 — goes with a")


@pytest.mark.parametrize(
    ("changes", "feature", "words_id", "words_en"),
    [
        ({"destination": None}, "destination", "tidak tercatat", "not recorded"),
        ({"certification_verified": False}, "certification_level", "1 (belum diverifikasi", "1 (not verified"),
        ({"certification_level": None}, "certification_level", "tidak tercatat", "not recorded"),
    ],
)
def test_what_is_missing_or_does_not_count_is_said(
    model: CompiledModel, changes: dict[str, Any], feature: str, words_id: str, words_en: str
) -> None:
    shown = {reason.feature: reason for reason in explained(model, {**HOUSEHOLD, **changes}, top=4)}[feature]
    assert words_id in shown.name_id
    assert words_en in shown.name_en


def test_a_value_the_model_never_saw_is_said_to_be_new(model: CompiledModel) -> None:
    shown = reasons(model, [0.4, 0.0, 0.0, 0.0], {"destination": "ZMB"})
    assert "belum pernah ada dalam data" in shown[0].text_id
    assert "not in the data so far" in shown[0].text_en


@given(CONTRIBUTIONS, st.sampled_from(["MYS", "ZMB", None]), st.sampled_from([True, False, None]))
def test_no_sentence_speaks_of_causes_or_of_safety(
    model: CompiledModel, contributions: list[float], destination: str | None, verified: bool | None
) -> None:
    row = {**HOUSEHOLD, "destination": destination, "certification_verified": verified}
    banned = {"karena", "akibat", "menyebabkan", "sebab", "because", "causes", "due", "aman", "safe", "tanpa", "no"}
    for reason in all_terms(model, contributions, row):
        assert not banned & set(re.findall(r"[a-z]+", f"{reason.text_id} {reason.text_en}".casefold()))


def test_text_that_looks_like_a_number_stays_as_it_is(model: CompiledModel) -> None:
    shown = reasons(model, [0.4, 0.0, 0.0, 0.0], {"destination": "00512"})
    assert "00512" in shown[0].name_id


@given(st.floats(-1e12, 1e12))
def test_numbers_are_shown_alike_but_for_the_marks(value: float) -> None:
    swap = str.maketrans(",.", ".,")
    assert number_in_words(value, "id").translate(swap) == number_in_words(value, "en")


@given(st.floats(1e-6, 1e12))
def test_a_shown_number_is_within_half_a_percent(value: float) -> None:
    shown = float(number_in_words(value, "en").replace(",", ""))
    assert shown == pytest.approx(value, rel=0.005)


@given(st.lists(st.floats(-5, 5)))
def test_every_contribution_but_zero_is_placed_once(contributions: list[float]) -> None:
    assert sorted(strongest(contributions)) == [i for i, value in enumerate(contributions) if value != 0]
