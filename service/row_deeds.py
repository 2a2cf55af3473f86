"""What does each action on a row change, and what has to be right for it?"""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Final, Literal

from sqlalchemy import Connection

from risk_model.prioritisation.competence import SUPERVISING, is_competent
from risk_model.vocabulary import Office, competent_bodies
from service.access import INSPECTOR, NATIONAL, OFFICE_ROLES, Principal
from service.answering import bodies
from service.problems import CONFLICT, ProblemError, bad_field, unknown_code
from service.running import Running
from service.storage.row_states import (
    ACCEPTED,
    DEFERRED,
    NOT_REACHED,
    OPEN,
    find_inspector,
    present_stage,
    rows_in_hand,
)
from service.working_rows import Deed, Why, WorkingRow

OVER_CAPACITY: Final = "over_capacity"
"""Warning: the inspector has more rows in hand than visits in a month. Said, never refused."""
USER: Final = "user:"
Maker = Callable[[Connection, WorkingRow], Deed]


def assign(inspector: str) -> Maker:
    """Give the row to an active member of staff of the office that has it now; "user:" before the id may be left out.

    Raises (where it is carried out):
        RequestValidationError: nobody of that office has this id.
    """
    user_id = inspector.removeprefix(USER)

    def make(connection: Connection, working: WorkingRow) -> Deed:
        office = working.state["office"]
        user = find_inspector(connection, user_id, sorted({*OFFICE_ROLES, NATIONAL}))
        if user is None or (user["role"] in OFFICE_ROLES and user["office"] != office):
            raise bad_field("inspector", "not_of_the_office", found=repr(inspector), expected=office or "-")
        who, most = f"{USER}{user_id}", user["monthly_visits"]
        in_hand = rows_in_hand(connection, who) + (working.state["inspector"] != who)
        over = most is not None and in_hand > most
        detail = {"inspector": who, "in_hand": in_hand}
        return Deed("assign", {"inspector": who}, detail=detail, warnings=(OVER_CAPACITY,) if over else ())

    return make


def accept(caller: Principal) -> Maker:
    """Take the row on; an inspector takes it as the own visit, a supervisor leaves it with whom it was given to."""

    def make(_: Connection, working: WorkingRow) -> Deed:
        own = caller.role == INSPECTOR or working.state["inspector"] is None
        mine = {"inspector": caller.who} if own else {}
        return Deed("accept", {"status": ACCEPTED, "deferred_until": None, **mine})

    return make


def hand_over(running: Running, office: str, why: Why) -> Maker:
    """Give the row to another office that may act on it at the stage at which it is now.

    Raises (where it is carried out):
        RequestValidationError: there is no such office, or it may not act.
        ProblemError: 409, the row is with this office already.
    """

    def make(connection: Connection, working: WorkingRow) -> Deed:
        if office not in running.offices:
            raise unknown_code("office", office, running.offices)
        if office == working.state["office"]:
            raise ProblemError(CONFLICT, "same_office", rank=working.drawn["rank"], office=office)
        _check_competence(running.offices[office], working, present_stage(connection, working.drawn))
        changes = {
            "office": office,
            "inspector": None,
            "status": OPEN,
            "deferred_until": None,
            "reason_code": why.reason_code,
            "note": why.note,
        }
        return Deed("hand_over", changes, why, detail={"from": working.state["office"], "to": office})

    return make


def _check_competence(office: Office, working: WorkingRow, stage: str | None) -> None:
    destination = working.drawn["destination"]
    if office.kind in SUPERVISING or stage is None or destination is None:
        return
    if not is_competent(office, stage, destination):
        able = competent_bodies(stage, destination) or bodies(working.drawn)
        raise bad_field("office", "not_competent", found=repr(office.code), expected=", ".join(able))


def defer(until: date, why: Why, *, now: datetime) -> Maker:
    """Let the visit wait until a later day.

    Raises (where it is carried out):
        RequestValidationError: the day is not a later one.
    """

    def make(_: Connection, __: WorkingRow) -> Deed:
        if until <= now.date():
            raise bad_field("until", "not_later", found=until.isoformat(), allowed=now.date().isoformat())
        changes = {"status": DEFERRED, "deferred_until": datetime.combine(until, time()), **_said(why)}
        return Deed("defer", changes, why, outcome=DEFERRED, detail={"until": until.isoformat()})

    return make


def override(direction: Literal["up", "down"], why: Why) -> Maker:
    """Raise or lower the row by judgement; rank and arm stay as drawn."""
    priority = "raised" if direction == "up" else "lowered"
    return lambda _, __: Deed("override", {"priority": priority}, why, detail={"direction": direction})


def not_reached(why: Why) -> Maker:
    """Record that somebody went and reached nobody."""
    changes = {"status": NOT_REACHED, "deferred_until": None, **_said(why)}
    return lambda _, __: Deed("not_reached", changes, why, outcome=NOT_REACHED)


def _said(why: Why) -> dict[str, str | None]:
    return {"reason_code": why.reason_code, "note": why.note}
