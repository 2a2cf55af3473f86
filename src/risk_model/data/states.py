"""What is known of a placement, once all that was told of it is put together?

The state follows from the set of its versions and events, in whatever order they came and however
often: the newest version counts, and events fill what it leaves open or what happened after it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

Row = Mapping[str, Any]

DEPARTED, RETURNED = "departed", "returned"
STATUSES: Final = (DEPARTED, RETURNED)
"""What a `status_change` may say."""
COME_HOME: Final = frozenset({"repatriation", "deportation", "death"})
"""Events that end the stay abroad, as a return does."""
VERIFIED: Final = "certificate_verified"
STATE_EVENTS: Final = frozenset({"status_change", "employer_change", "contract_extension", VERIFIED}) | COME_HOME
"""The types of events that change what is known of a placement."""
CHANGED_BY: Final = {
    "employer_change": ("employer_ref", "employer_type", "position", "wage_monthly_idr"),
    "contract_extension": ("contract_end_on", "contract_months"),
}
"""Which columns the `data` of an event may give a new value."""
NOT_CONTENT: Final = frozenset({"version_id", "placement_id", "registered_by", "import_id", "recorded_at"})


def newest_version(versions: Sequence[Row]) -> Row:
    """Return the version that counts: the one recorded last, from when it was first told.

    Of several recorded at one instant content alone decides. Where the same was told again by the same, with nothing
    else in between, it is known since the first time.
    """
    *earlier, newest = sorted(versions, key=lambda version: (version["recorded_at"], _content(version)))
    for version in reversed(earlier):
        if not says_the_same(version, newest):
            break
        newest = version
    return newest


def says_the_same(one: Row, other: Row) -> bool:
    """Return whether two versions hold the same content, told by the same."""
    return one["registered_by"] == other["registered_by"] and _content(one) == _content(other)


def state_of(versions: Sequence[Row], events: Iterable[Row]) -> dict[str, Any]:
    """Return the columns of a placement as its versions (at least one) and events tell them.

    An event counts where the newest version leaves its column open, and where it occurred when that
    version was recorded or later; of several the one that occurred last. An event counts only if it
    was told by whoever registered the placement, or by nobody in particular (`told_by` null), or the
    placement came with an import (`registered_by` null).

    Args:
        versions: rows with the columns of a placement, `recorded_at` and `registered_by`.
        events: rows with type, occurred_at, source, event_id, data (mapping or null) and told_by.
    """
    newest = newest_version(versions)
    state = dict(newest)
    counted = [event for event in events if counts(event, newest)]
    for event in sorted(counted, key=lambda event: (event["occurred_at"], event["source"], event["event_id"])):
        for name, value in _told(event):
            if newest[name] is None or event["occurred_at"] >= newest["recorded_at"]:
                state[name] = value
    level = state["certification_level"]
    if level is not None and level in set(_verified_levels(versions, counted, newest)):
        state["certification_verified"] = True
    return state


def counts(event: Row, newest: Row) -> bool:
    """Return whether whoever told of `event` may tell of the placement whose newest version is given."""
    return event["told_by"] is None or newest["registered_by"] in (None, event["told_by"])


def _told(event: Row) -> Iterator[tuple[str, Any]]:
    kind, data = event["type"], event["data"] or {}
    on = _date(data.get("on")) or event["occurred_at"].date()
    if kind == "status_change" and data.get("status") == DEPARTED:
        yield "departed_on", on
    elif kind in COME_HOME or (kind == "status_change" and data.get("status") == RETURNED):
        yield "returned_on", on
    for name in CHANGED_BY.get(kind, ()):
        if data.get(name) is not None:
            yield name, _date(data[name]) if name.endswith("_on") else data[name]


def _verified_levels(versions: Sequence[Row], events: Sequence[Row], newest: Row) -> Iterator[int]:
    """A verification holds for the level it names, else for the one on record when it happened.

    An import says of itself what is verified; a version of another system does not undo what was verified before.
    """
    for event in events:
        if event["type"] == VERIFIED:
            yield (event["data"] or {}).get("certification_level") or _level_at(versions, event["occurred_at"])
    if newest["registered_by"] is not None:
        yield from (row["certification_level"] for row in versions if row["certification_verified"])


def _level_at(versions: Sequence[Row], moment: datetime) -> Any:
    known = [version for version in versions if version["recorded_at"] <= moment]
    first = min(version["recorded_at"] for version in versions)
    return newest_version(known or [row for row in versions if row["recorded_at"] == first])["certification_level"]


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _content(version: Row) -> list[str]:
    return [repr(version[name]) for name in sorted(version) if name not in NOT_CONTENT]
