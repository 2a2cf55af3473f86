"""Lists of the small world on which visits were made, as an office leaves them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, update

from service.drawing import Wanted, draw_list
from service.managing_people import By, NewUser, create_user
from service.running import Running
from service.storage.lists import StoredList
from service.tables.happenings import inspections
from service.tables.lists import list_states, row_actions, row_states

NOW: Final = datetime(2026, 1, 11, 8, tzinfo=UTC)
HEAD_OFFICE, POST = "BP3MI-NTT", "P4MI-TAMBOLAKA"
FOUND, NONE_FOUND = "harm_found", "no_harm_found"
STATUSES: Final = ("visited", "visited", "visited", "accepted", "open", "deferred", "not_reached")
"""What becomes of the rows of a list at work, in turn."""


def staff(running: Running, logins: Mapping[str, tuple[str, str, int | None]]) -> dict[str, str]:
    """Add users, login: (role, office, monthly visits); return what rows call each of them."""
    by = By("user:test", "admin", NOW)
    return {
        login: f"user:{create_user(running, NewUser(login, role, office, visits), by)[0].user_id}"
        for login, (role, office, visits) in logins.items()
    }


def worked_list(
    running: Running, office: str | None, inspectors: list[str], *, closed: bool, seed: int, visits: int = 40
) -> StoredList:
    """Draw a list of placements and let each row come to something: every third visit finds harm.

    The rows go round the inspectors; every eighth row is raised, every ninth lowered; the last one is nobody's.
    """
    drawn = draw_list(running, Wanted(visits, office, "placement", seed), now=NOW, by=("user:test", "supervisor"))
    at = NOW.replace(tzinfo=None) + timedelta(hours=1)
    state = {"state": "closed" if closed else "in_progress", "issued_at": at, "closed_at": at if closed else None}
    with running.engine.begin() as connection:
        of_list = list_states.c.list_id == drawn.list_id
        connection.execute(update(list_states).where(of_list).values(**state))
        for place, row in enumerate(drawn.rows):
            status = "visited" if closed else STATUSES[place % len(STATUSES)]
            moved = "raised" if place % 8 == 1 else "lowered" if place % 9 == 2 else None
            inspector = inspectors[place % len(inspectors)] if place + 1 < len(drawn.rows) else None
            values: dict[str, Any] = {"status": status, "inspector": inspector, "priority": moved, "updated_at": at}
            of_row = (row_states.c.list_id == drawn.list_id, row_states.c.rank == row["rank"])
            connection.execute(update(row_states).where(*of_row).values(**values))
            if status == "visited":
                connection.execute(insert(inspections), visit(drawn, row, office, at, found=place % 3 == 0))
            if moved:
                connection.execute(insert(row_actions), override(drawn, row, moved, at))
    return drawn


def visit(
    drawn: StoredList, row: Mapping[str, Any], office: str | None, at: datetime, *, found: bool
) -> dict[str, Any]:
    """Return a visit that reached somebody."""
    return {
        "inspection_id": f"{drawn.list_id}-{row['rank']}",
        "placement_id": row["placement_id"],
        "list_id": drawn.list_id,
        "rank": row["rank"],
        "arm": row["arm"],
        "inclusion_probability": row["inclusion_probability"],
        "visited_at": at,
        "outcome": FOUND if found else NONE_FOUND,
        "office": office,
        "recorded_at": at,
        "data_origin": "simulated",
    }


def override(drawn: StoredList, row: Mapping[str, Any], moved: str, at: datetime) -> dict[str, Any]:
    """Return what a person did who moved a row."""
    return {
        "list_id": drawn.list_id,
        "rank": row["rank"],
        "action": "override",
        "by": "user:test",
        "at": at,
        "reason_code": "kondisi_mendesak" if moved == "raised" else "sudah_ditangani",
        "detail": {"direction": "up" if moved == "raised" else "down"},
    }
