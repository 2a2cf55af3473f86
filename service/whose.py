"""Whose placements are these, and may the caller know?

A worker exists for a caller who sees at least one of the worker's placements; of the others nothing
is shown or done.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from risk_model.data.states import newest_version
from service.access import Principal, sees_placement
from service.new_ids import random_id
from service.problems import NOT_FOUND, ProblemError
from service.running import Running
from service.storage.happenings import versions_of
from service.storage.persons import placements_of

PSEUDONYM_LENGTH: Final = 16


@dataclass(frozen=True)
class Worker:
    """One person, and the versions of each of the placements that the caller sees, by id."""

    worker_ref: str
    versions: Mapping[str, list[Mapping[str, Any]]]

    @property
    def placement_ids(self) -> tuple[str, ...]:
        """The placements in order of their ids."""
        return tuple(sorted(self.versions))


def find_worker(connection: Connection, running: Running, caller: Principal, worker_ref: str) -> Worker:
    """Return the worker with the placements that `caller` sees.

    Raises:
        ProblemError: 404 where there is none.
    """
    versions = {
        placement_id: told
        for placement_id, told in versions_of(connection, placements_of(connection, worker_ref)).items()
        if sees_placement(caller, running.offices, newest_version(told))
    }
    if not versions:
        raise ProblemError(NOT_FOUND, "no_such_worker")
    return Worker(worker_ref, versions)


def check_placement(worker: Worker, placement_id: str) -> None:
    """Refuse a placement that is not the worker's, or that the caller does not see.

    Raises:
        ProblemError: 404.
    """
    if placement_id not in worker.versions:
        raise ProblemError(NOT_FOUND, "no_such_placement", name=placement_id)


def new_request_id(now: datetime) -> str:
    """Return a number for a request of a person, told apart by chance."""
    return f"wr-{now:%Y%m%d}-{random_id(6)}"


def pseudonym(worker_ref: str, key: bytes) -> str:
    """Return how the audit log names a worker: whoever holds the key can find the rows, an erased link stays cut."""
    return "worker:" + hmac.new(key, worker_ref.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_LENGTH]
