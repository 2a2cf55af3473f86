"""How many rows has each inspector and each list, and where do they stand?

Plain numbers without words; what is said with them is `supervision_view`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from service.access import INSPECTOR
from service.completion import ARMS
from service.storage.lists import AT_WORK
from service.storage.row_states import TO_DO
from service.storage.supervision import NOBODY, Row

if TYPE_CHECKING:
    import pandas as pd

STATUSES: Final = ("visited", "accepted", "open", "deferred", "not_reached", "dropped")
"""In the order in which they are drawn: what is done comes first, then what is under way."""
USER: Final = "user:"


@dataclass(frozen=True)
class Load:
    """Rows of lists at work of one inspector, or of one office.

    `key` is the inspector as rows name it, NOBODY where nobody has the rows, or the code of an office;
    `login` is None for an office and where no user is known; `capacity` is visits a month, None where nobody said.
    """

    key: str
    login: str | None
    office: str | None
    counts: Mapping[str, int]
    capacity: int | None

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Rows that are not finished."""
        return sum(self.counts[status] for status in TO_DO)

    @property
    def is_over(self) -> bool:
        """Whether more waits than can be visited in a month."""
        return self.capacity is not None and self.waiting > self.capacity


@dataclass(frozen=True)
class Progress:
    """Where the rows of one list at work stand; `handed_in` where the list is another office's."""

    list_id: str
    office: str | None
    issued_at: Any
    counts: Mapping[str, int]


@dataclass(frozen=True)
class OverrideReason:
    """Rows that were moved with one reason: how many, how many were visited and reached, and found harm."""

    code: str
    raised: int
    lowered: int
    reached: int
    found: int


def at_work(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of lists that were issued and are not closed."""
    return rows[rows["state"].isin(AT_WORK)]


def by_inspector(rows: pd.DataFrame, staff: Sequence[Row]) -> list[Load]:
    """Return the rows at work of each inspector: those of nobody first, then by how much waits."""
    known = {f"{USER}{each['user_id']}": each for each in staff}
    parts = rows.assign(inspector=rows["inspector"].fillna(NOBODY)).groupby("inspector")
    groups = {str(key): part for key, part in parts}
    keys = [*groups, *(key for key, each in known.items() if _is_idle(each) and key not in groups)]
    loads = []
    for key in keys:
        user: Row = known.get(key, {})
        counts = statuses(groups.get(key, rows.iloc[:0]))
        loads.append(Load(key, user.get("login"), user.get("office"), counts, user.get("monthly_visits")))
    return sorted(loads, key=lambda load: (load.key != NOBODY, -load.waiting, load.login or load.key))


def _is_idle(user: Row) -> bool:
    """Whether somebody without rows is named all the same: an inspector who could be given some."""
    return bool(user["active"]) and user["role"] == INSPECTOR


def by_office(rows: pd.DataFrame, capacities: Mapping[str, int | None]) -> list[Load]:
    """Return the rows at work of each office that has some, most waiting first."""
    groups = rows.assign(office=rows["office"].fillna(NOBODY)).groupby("office")
    loads = [Load(str(code), None, str(code), statuses(part), capacities.get(str(code))) for code, part in groups]
    return sorted(loads, key=lambda load: (-load.waiting, load.key))


def by_list(rows: pd.DataFrame) -> list[Progress]:
    """Return the lists at work, the one with most waiting first."""
    lists = []
    for list_id, part in rows.groupby("list_id"):
        head = part.iloc[0]
        lists.append(Progress(str(list_id), head["list_office"], head["issued_at"], statuses(part)))
    return sorted(lists, key=lambda each: (-sum(each.counts[status] for status in TO_DO), each.list_id))


def by_arm(rows: pd.DataFrame) -> list[tuple[str, dict[str, int]]]:
    """Return how far the rows of each arm are, in the order in which arms are drawn; arms without rows are left out."""
    parts = ((arm, rows[rows["arm"] == arm]) for arm in ARMS)
    return [(arm, statuses(part)) for arm, part in parts if len(part)]


def statuses(rows: pd.DataFrame) -> dict[str, int]:
    """Return how many of `rows` have each status."""
    counted = rows["status"].value_counts()
    return {status: int(counted.get(status, 0)) for status in STATUSES}


def override_reasons(rows: pd.DataFrame, given: pd.DataFrame) -> list[OverrideReason]:
    """Return what rows were moved for, and what their visits found, most frequent first."""
    moved = rows[rows["priority"].notna()].merge(given, on=["list_id", "rank"], how="inner")
    reasons = [
        OverrideReason(
            code=str(code),
            raised=int((part["priority"] == "raised").sum()),
            lowered=int((part["priority"] == "lowered").sum()),
            reached=int(part["found"].notna().sum()),
            found=int(part["found"].sum()),
        )
        for code, part in moved.groupby("reason_code")
    ]
    return sorted(reasons, key=lambda reason: (-reason.raised - reason.lowered, reason.code))


def reached(rows: pd.DataFrame, arms: Collection[str]) -> int:
    """Return how many visits to rows of `arms` reached somebody."""
    return int(rows.loc[rows["arm"].isin(list(arms)), "found"].notna().sum())
