"""An office is given what it may act on, at the stage at which it is."""

import pandas as pd
import pytest

from risk_model import vocabulary
from risk_model.prioritisation.competence import is_competent, may_act_on
from risk_model.vocabulary import LIST_SEPARATOR, Office, competent_bodies

OFFICES = {office.code: office for office in vocabulary.offices()}
PLACES = [(stage, destination) for stage in sorted(vocabulary.codes("stages")) for destination in ("MYS", "HKG", "TWN")]
PLACEMENTS = pd.DataFrame(
    {
        "placement_id": ["a", "b", "c", "d"],
        "stage": ["before", "during", "during", "after"],
        "destination": ["MYS", "MYS", "HKG", "HKG"],
        "origin": ["53.11.05", "53.11", "53.18", "35.07"],
        "agency_id": ["P1", "P1", "P2", None],
        "employer_ref": ["E1", "E2", "E2", None],
    }
)


@pytest.mark.parametrize("office", [OFFICES[code] for code in ("BP3MI-NTT", "LTSA-NTT", "DISNAKER-53.11")])
@pytest.mark.parametrize(("stage", "destination"), PLACES)
def test_an_office_may_act_exactly_where_a_competent_body_is_of_its_kind(
    office: Office, stage: str, destination: str
) -> None:
    kinds = {
        kind
        for body in competent_bodies(stage, destination)
        for kind in vocabulary.table("bodies")[body].extra["office_kinds"].split(LIST_SEPARATOR)
    }
    assert is_competent(office, stage, destination) == (office.kind in kinds)


@pytest.mark.parametrize(("stage", "destination"), PLACES)
def test_missions_act_during_work_in_their_own_destinations_and_supervisors_everywhere(
    stage: str, destination: str
) -> None:
    assert is_competent(OFFICES["KJRI-HONG-KONG"], stage, destination) == ((stage, destination) == ("during", "HKG"))
    assert is_competent(OFFICES["KDEI-TAIPEI"], stage, destination) == ((stage, destination) == ("during", "TWN"))
    assert is_competent(OFFICES["NAKERTRANS-NTT"], stage, destination)


@pytest.mark.parametrize(
    ("unit", "whose"),
    [("placement", "ad"), ("agency", "ab"), ("employer", "a"), ("area", "abd")],
)
def test_a_unit_is_the_office_s_where_one_of_its_placements_is(unit: str, whose: str) -> None:
    mine = may_act_on(PLACEMENTS, OFFICES["BP3MI-NTT"], unit)
    assert "".join(PLACEMENTS["placement_id"][mine]) == whose


def test_nothing_to_choose_from_is_no_error() -> None:
    assert len(may_act_on(PLACEMENTS.iloc[:0], OFFICES["BP3MI-NTT"], "agency")) == 0
