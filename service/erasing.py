"""How is every link to a person removed?"""

from dataclasses import asdict
from datetime import datetime

from service.access import Principal
from service.audit_notes import note
from service.instants import naive_utc
from service.payloads.workers import ErasedWorker
from service.person_texts import KEPT_AFTER_ERASURE
from service.running import Running
from service.storage.engine import for_writing
from service.storage.persons import APPLIED, ERASURE, add_request, erase
from service.whose import find_worker, new_request_id, pseudonym


def erase_worker(running: Running, caller: Principal, worker_ref: str, *, now: datetime) -> ErasedWorker:
    """Cut the links to a worker and clear what was written freely, all or nothing; the audit log tells of it.

    Raises:
        ProblemError: 404 where nobody with this reference is known.
    """
    request_id = new_request_id(now)
    with for_writing(running.engine).begin() as connection:
        find_worker(connection, running, caller, worker_ref)
        erased = erase(connection, worker_ref)
        add_request(
            connection,
            {
                "request_id": request_id,
                "worker_ref": None,
                "kind": ERASURE,
                "placement_id": None,
                "detail": asdict(erased),
                "made_at": naive_utc(now),
                "made_by": caller.who,
                "state": APPLIED,
            },
        )
        who = pseudonym(worker_ref, running.audit_key)
        note(connection, running, caller, "worker.erased", who, now=now, request=request_id, **asdict(erased))
    return ErasedWorker(
        request_id=request_id, **asdict(erased), kept_id=KEPT_AFTER_ERASURE[0], kept_en=KEPT_AFTER_ERASURE[1]
    )
