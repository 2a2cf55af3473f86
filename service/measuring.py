"""How many requests were answered, how fast, and what does the service stand on?

Prometheus metrics without anything personal: requests by method, route template and status. Where
several workers run, each writes its counts into the folder PROMETHEUS_MULTIPROC_DIR and any of them
tells the sum. What the service stands on is read from the database when it is asked for.
"""

import os
from collections.abc import Iterator
from datetime import UTC
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import func, select

from service.problems import DATABASE_AWAY
from service.running import Running
from service.storage.audit_check import read_head
from service.storage.register import newest_import
from service.tables.lists import list_states

MULTIPROCESS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds; 0.05 and 0.15 are what the service is to keep for 95 and 99 of 100 requests."""
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Meters:
    """The counts of one application."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.registry = CollectorRegistry()
        self._kept: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        names = ("method", "route", "status")
        self._requests = Counter("risk_requests", "Requests answered.", names, registry=self.registry)
        self._seconds = Histogram(
            "risk_request_seconds", "Seconds until answered.", ("route",), buckets=BUCKETS, registry=self.registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is a template such as /v1/placements/{placement_id}."""
        counter, histogram = self._of(method if method in METHODS else "other", route, status)
        counter.inc()
        histogram.observe(seconds)

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        key = (method, route, status)
        if key not in self._kept:
            self._kept[key] = self._requests.labels(method, route, str(status)), self._seconds.labels(route)
        return self._kept[key]

    def exposition(self, running: Running) -> bytes:
        """Return everything as Prometheus reads it."""
        registry = self.registry
        if os.environ.get(MULTIPROCESS_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
        stands_on = CollectorRegistry()
        stands_on.register(StandsOn(running))
        return generate_latest(registry) + generate_latest(stands_on)


class StandsOn:
    """What the service stands on at the moment it is asked."""

    def __init__(self, running: Running) -> None:
        """Look at what is `running`."""
        self._running = running

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; without a database only that it is away."""
        served = self._running.served
        model = GaugeMetricFamily("risk_model", "The model that answers.", labels=("version", "kind"))
        model.add_metric((served.version, served.model.kind), 1)
        yield model
        yield GaugeMetricFamily("risk_release_refused", "1: a release may not be used.", value=int(served.refused))
        try:
            yield from self._stored()
            answers = 1
        except DATABASE_AWAY:
            answers = 0
        yield GaugeMetricFamily("risk_database_answers", "1: the database answers.", value=answers)

    def _stored(self) -> Iterator[Metric]:
        newest = newest_import(self._running.engine)
        with self._running.engine.connect() as connection:
            head = read_head(connection)
            states = select(list_states.c.state, func.count()).group_by(list_states.c.state)
            counted = connection.execute(states).all()
        yield GaugeMetricFamily("risk_audit_rows", "Rows of the audit log.", value=head.seq if head else 0)
        lists = GaugeMetricFamily("risk_lists", "Priority lists by state.", labels=("state",))
        for state, number in counted:
            lists.add_metric((state,), number)
        yield lists
        if newest is not None:
            yield GaugeMetricFamily("risk_placements", "Placements of the newest import.", value=newest.placements)
            as_of = newest.as_of.replace(tzinfo=UTC).timestamp()
            yield GaugeMetricFamily("risk_data_as_of_seconds", "Date of the newest import, Unix time.", value=as_of)
