"""Whose scores follow an event a little later, so that no event waits for thousands of them?

Where an agency is known much further than before, as with the first event after an import of data that ended
months ago, nearly every one of its placements scores otherwise. The placement that was told of is scored at
once; the others of such an agency wait, noted in the same transaction, and are scored in parts between events.
Which scores there are in the end is the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from service.storage.due import due_among, has_more, note_due

AGENCY: Final = "agency_id"
LONG: Final = timedelta(days=7)
"""Within a week days carry few over a step."""
MANY: Final = 100
"""Placements of an agency up to which all are scored at once."""

Stretches = Mapping[str, tuple[datetime, datetime]]
Sharing = frozenset[tuple[str, str]]


def agencies_put_off(connection: Connection, sharing: Sharing, aged: Stretches) -> frozenset[str]:
    """Return the agencies whose placements are scored later, and note them.

    Args:
        connection: of a turn.
        sharing: whose histories moved: columns, each with a value.
        aged: agencies that are known further, each with the instants before and now (naive UTC).
    """
    waiting = due_among(connection, {value for column, value in sharing if column == AGENCY} | {*aged})
    far = [agency for agency, (before, after) in aged.items() if after - before > LONG and agency not in waiting]
    put_off = waiting.union(agency for agency in far if has_more(connection, agency, MANY))
    if put_off:
        note_due(connection, put_off)
    return put_off
