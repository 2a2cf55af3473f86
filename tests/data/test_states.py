"""Does a placement's state follow from the set of what was told of it?"""

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from risk_model.data.states import newest_version, state_of

START = datetime(2026, 1, 1)


def version(day: int, by: str | None = "one", **told: Any) -> dict[str, Any]:
    usual = {
        "registered_by": by,
        "certification_level": 3,
        "certification_verified": None,
        "employer_ref": None,
        "employer_type": "household",
        "position": None,
        "wage_monthly_idr": None,
        "contract_end_on": None,
        "contract_months": None,
        "departed_on": None,
        "returned_on": None,
    }
    return {**usual, **told, "recorded_at": START + timedelta(days=day)}


def event(kind: str, day: int, told_by: str | None = None, **data: Any) -> dict[str, Any]:
    at = START + timedelta(days=day)
    return {"type": kind, "occurred_at": at, "source": "s", "event_id": kind, "told_by": told_by, "data": data or None}


TOLD = (
    event("status_change", 2, status="departed"),
    event("employer_change", 3, employer_ref="E-2"),
    event("employer_change", 5, employer_ref="E-5"),
    event("deportation", 9),
)


def test_every_order_of_versions_and_events_gives_one_state() -> None:
    versions = (version(0, employer_ref="E-1"), version(4, employer_ref="E-4"), version(1))
    states = [state_of(known, told) for known in permutations(versions) for told in permutations(TOLD)]
    assert all(state == states[0] for state in states)
    assert (states[0]["departed_on"], states[0]["returned_on"]) == (date(2026, 1, 3), date(2026, 1, 10))
    assert states[0]["employer_ref"] == "E-5"


@pytest.mark.parametrize(("day", "expected"), [(1, "E-2"), (4, "E-4")])
def test_a_version_told_after_an_event_overrules_it_and_one_that_leaves_it_open_does_not(
    day: int, expected: str
) -> None:
    known = [version(0), version(day, employer_ref="E-4")]
    assert state_of(known, [event("employer_change", 3, employer_ref="E-2")])["employer_ref"] == expected
    open_again = [version(0), version(4)]
    assert state_of(open_again, [event("employer_change", 3, employer_ref="E-2")])["employer_ref"] == "E-2"


def test_the_same_told_again_is_known_since_the_first_time() -> None:
    first, again, other = version(0), version(6), version(3, employer_ref="E-3")
    assert newest_version([again, first]) == first
    assert newest_version([again, first, other]) == again
    assert state_of([first, again], [event("employer_change", 3, employer_ref="E-2")])["employer_ref"] == "E-2"


@pytest.mark.parametrize(
    ("level", "verified"), [(3, True), (6, None)], ids=["the level that was checked", "another level"]
)
def test_a_verification_holds_for_its_level(level: int, verified: bool | None) -> None:
    known = [version(0), version(5, certification_level=level)]
    named = state_of(known, [event("certificate_verified", 2, certification_level=3)])
    of_its_time = state_of(known, [event("certificate_verified", 2)])
    assert named["certification_verified"] is verified
    assert of_its_time["certification_verified"] is verified


def test_what_another_system_tells_does_not_count() -> None:
    told = [event("deportation", 2, told_by="two")]
    assert state_of([version(0, by="one")], told)["returned_on"] is None
    assert state_of([version(0, by=None)], told)["returned_on"] == date(2026, 1, 3)
