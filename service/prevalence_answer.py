"""How much harm is there among those that lists were drawn from, and how much of it is missed?"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from risk_model.prioritisation.list_ages import CLOSED_AFTER_DAYS
from service.instants import months_before, naive_utc
from service.kept_figures import Basis
from service.payloads.prevalence import Asked, Prevalence
from service.running import Running
from service.storage.logged import Row, ended_lists
from service.storage.told import told_so_far


def prevalence_answer(running: Running, asked: Asked, *, now: datetime) -> Prevalence:
    """Return the estimate from the lists of the last months that are over; without enough data it says so.

    Raises:
        ProblemError: the process that makes it ended before it was done.
    """
    last = naive_utc(now) - timedelta(days=CLOSED_AFTER_DAYS)
    ended = ended_lists(running.engine, offices=asked.offices, after=months_before(last, asked.months), until=last)
    told = replace(told_so_far(running.engine), events=0)  # no event counts here: only lists, placements and visits
    detection = running.specification.outcome.detection
    return running.figures.get(
        ("prevalence", asked),
        Basis((told, tuple(row["list_id"] for row in ended)), None),
        now=now,
        good_for=timedelta(0),
        make=partial(running.apart.make, _prevalence, asked, ended, detection, now),
    )


def _prevalence(engine: Engine, asked: Asked, ended: list[Row], detection: float, now: datetime) -> Prevalence:
    from service.prevalence_figures import prevalence_figures

    return prevalence_figures(engine, asked, ended, detection, now)
