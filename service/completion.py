"""What became of a list, by arm and stratum, and do people still judge what it proposes?

Rows that were not visited differ by arm and stratum, so estimates adjust by both.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any, Final

from sqlalchemy import Engine

from risk_model.prioritisation.units import CORRIDOR_SEPARATOR
from service.payloads.list_life import Completion, Decisions, ListCompletion
from service.storage.lists import StoredList
from service.storage.row_states import ACCEPTED, OPEN, VISITED, Life, Row, read_actions, standing

DECISIONS: Final = ("accept", "defer", "override", "hand_over", "not_reached")
UNTOUCHED_ALARM: Final = 0.95
"""Share of rows accepted as proposed above which nobody may be judging any more (R19)."""
FEWEST_DECIDED: Final = 20
"""Below 1 / (1 - 0.95) rows, one decision more or less carries the share over the line."""
SECONDS_PER_HOUR: Final = 3600
ARMS: Final = ("mandatory", "risk", "coverage", "random")
SEVERAL: Final = "several"
"""Stratum of a row that stands for placements of more than one corridor."""


def list_completion(engine: Engine, stored: StoredList, life: Life) -> ListCompletion:
    """Return what became of the rows of a list so far, and what people decided."""
    with engine.connect() as connection:
        actions = standing(read_actions(connection, stored.list_id))
    by_arm: dict[tuple[str, str | None], list[str]] = {}
    by_stratum: dict[tuple[str, str | None], list[str]] = {}
    for row in stored.rows:
        status = life.states[int(row["rank"])]["status"]
        by_arm.setdefault((row["arm"], None), []).append(status)
        by_stratum.setdefault((row["arm"], _stratum(row)), []).append(status)
    return ListCompletion(
        list_id=stored.list_id,
        state=stored.head["state"],
        by_arm=_counted(by_arm),
        by_stratum=_counted(by_stratum),
        decisions=decisions(actions, issued_at=stored.head["issued_at"]),
    )


def decisions(actions: Sequence[Mapping[str, Any]], *, issued_at: datetime | None) -> Decisions:
    """Return how rows were decided on.

    Args:
        actions: rows of `row_actions` that nobody took back, oldest first.
        issued_at: when the list was issued; None where it was not.
    """
    of_row: dict[int, list[Mapping[str, Any]]] = {}
    for action in actions:
        if action["action"] in DECISIONS:
            of_row.setdefault(int(action["rank"]), []).append(action)
    untouched = sum(all(action["action"] == "accept" for action in taken) for taken in of_row.values())
    share = untouched / len(of_row) if of_row else None
    accepted = [next((a["at"] for a in taken if a["action"] == "accept"), None) for taken in of_row.values()]
    hours = [(at - issued_at).total_seconds() / SECONDS_PER_HOUR for at in accepted if at and issued_at]
    directions = [action["detail"].get("direction") for action in actions if action["action"] == "override"]
    return Decisions(
        decided=len(of_row),
        accepted_untouched=untouched,
        untouched_share=share,
        untouched_alarm=share is not None and share > UNTOUCHED_ALARM and len(of_row) >= FEWEST_DECIDED,
        raised=directions.count("up"),
        lowered=directions.count("down"),
        handed_over=sum(action["action"] == "hand_over" for action in actions),
        hours_to_accept=median(hours) if hours else None,
    )


def _stratum(row: Row) -> str:
    parts = (row["destination"], row["sector"])
    return CORRIDOR_SEPARATOR.join(parts) if all(parts) else SEVERAL


def _counted(groups: Mapping[tuple[str, str | None], Sequence[str]]) -> tuple[Completion, ...]:
    ordered = sorted(groups.items(), key=lambda group: (ARMS.index(group[0][0]), group[0][1] or ""))
    return tuple(
        Completion(
            arm=arm,
            stratum=stratum,
            rows=len(statuses),
            completed=statuses.count(VISITED) / len(statuses),
            waiting=statuses.count(OPEN) + statuses.count(ACCEPTED),
            **{status: statuses.count(status) for status in (VISITED, "not_reached", "deferred", "dropped")},
        )
        for (arm, stratum), statuses in ordered
    )
