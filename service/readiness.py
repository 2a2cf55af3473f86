"""Can this service make lists and scores, and what has to be repaired where it cannot?"""

from service.answering import in_utc
from service.payloads.answers import Ready
from service.running import Running
from service.storage.engine import is_current, is_reachable
from service.storage.register import Import, newest_import

NOTHING_IMPORTED = "no placements yet; run: risk-service import --data FOLDER"
DATABASE_AWAY = "the database does not answer; check RISK_DATABASE_URL and start it"
DATABASE_OLD = "the tables are not those of this version; run: risk-service migrate"


def readiness(running: Running) -> Ready:
    """Return what works.

    A release that is missing stops nothing, since the published two-line rule answers; it is named
    among the repairs all the same. One that was promoted and cannot be used makes the service not
    ready, though it answers by the rule.
    """
    served, (fault, newest) = running.served, _data(running)
    stops = [fault] if fault else []
    if served.refused and served.reason:
        stops.append(served.reason)
    hints = [served.reason] if served.reason and not served.refused else []
    return Ready(
        status="not_ready" if stops else "ready",
        model_version=served.version,
        model_kind=served.model.kind,
        data_as_of=in_utc(newest.as_of) if newest else None,
        placements=newest.placements if newest else 0,
        repairs=(*stops, *hints),
    )


def _data(running: Running) -> tuple[str | None, Import | None]:
    if not is_reachable(running.engine):
        return DATABASE_AWAY, None
    if not is_current(running.engine):
        return DATABASE_OLD, None
    newest = newest_import(running.engine)
    return (None if newest else NOTHING_IMPORTED), newest
