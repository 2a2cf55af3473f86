"""Does the rule of the first day say what was published, and no more?"""

import pytest

from risk_model import vocabulary
from risk_model.placements.published_rule import SURVEYED_HARM, destination_rates, published_rule
from risk_model.scoring.scorer import score_row

ONE_YEAR = 365


@pytest.mark.parametrize("destination", sorted(SURVEYED_HARM))
def test_household_work_has_the_surveyed_rate_of_a_year(destination: str) -> None:
    score = score_row(published_rule(horizon_days=ONE_YEAR), {"destination": destination, "sector": "domestic"})
    assert score.risk == pytest.approx(SURVEYED_HARM[destination])
    assert score.low is not None
    assert score.high is not None
    assert score.low < score.risk < score.high


def test_destinations_rank_as_complaints_per_placement_do_where_no_survey_was_made() -> None:
    rates = destination_rates()
    assert rates["SAU"] > rates["ARE"] > rates["OMN"] > rates["QAT"] > rates["TWN"]


def test_work_at_sea_ranks_above_household_work_and_that_above_a_factory() -> None:
    risks = [
        score_row(published_rule(), {"destination": "TWN", "sector": sector}).risk or 0.0
        for sector in ("fishing", "domestic", "manufacturing")
    ]
    assert risks == sorted(risks, reverse=True)


def test_every_sector_has_a_line_and_a_destination_without_a_published_rate_gets_no_number() -> None:
    rule = published_rule()
    for sector in vocabulary.codes("sectors"):
        assert score_row(rule, {"destination": "MYS", "sector": sector}).supported
    unseen = score_row(rule, {"destination": "FJI", "sector": "domestic"})
    assert (unseen.risk, unseen.supported, unseen.band) == (None, False, "insufficient_data")


def test_the_rule_is_marked_as_published() -> None:
    assert published_rule().kind == "published_rule"
    assert published_rule().card["data_origin"] == "published"
