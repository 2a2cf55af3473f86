"""How are scores made that follow an event a little later?"""

from datetime import datetime
from time import sleep
from typing import Final

from service.instants import naive_utc
from service.live_scoring import LiveScoring
from service.rescoring import Wanted, band_flags, flag_rows, rescore
from service.running import Running
from service.settling import let_go
from service.storage.due import end, first_due, go_on_after, is_any_due, next_placements

SCORED_AT_ONCE: Final = 200
"""Placements of one transaction: some 20 ms in which nobody else can write."""
PAUSE: Final = 0.01
"""Seconds between two of them: who waits to write goes first."""


def score_late(running: Running, now: datetime, *, most: int | None = None) -> int:
    """Score anew what waits, in parts, so that events go on meanwhile; return how many parts were done.

    No more than `most` parts where that is given. Of several processes that do this at once each takes the
    next part. Changed bands are told and flagged.
    """
    parts = 0
    while parts != most and is_any_due(running.engine) and _score_part(running, now):
        parts += 1
        sleep(PAUSE)
    return parts


def _score_part(running: Running, now: datetime) -> bool:
    """Score the next part; false where another process has done the last one."""
    with running.following.turn() as turn:
        due = first_due(turn.connection)
        if due is None:
            return False
        if not due.after:
            let_go(turn, {}, [due.agency_id])
        ids = next_placements(turn.connection, due, SCORED_AT_ONCE)
        if ids:
            scoring = LiveScoring(running.served, turn.histories)
            bands = rescore(turn.connection, scoring, Wanted(ids), causes={}, now=naive_utc(now))
            flag_rows(turn.connection, band_flags(bands), now=naive_utc(now))
        if len(ids) == SCORED_AT_ONCE:
            go_on_after(turn.connection, due, ids[-1])
        else:
            end(turn.connection, due)
    return True
