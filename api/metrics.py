"""Figures for Prometheus: requests as they come, and what the database holds when it is asked.

Nothing here names a case, a person or an office.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from api.blueprints import Blueprint
from api.context import context
from api.doors import open_to_all
from engine.figures import Figures, figures

EXTENSION = "huzheng.api.metrics"
UNKNOWN = "(no such route)"  # one label for all addresses that strangers may think of
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

blueprint = Blueprint("metrics", __name__, description="Figures for Prometheus")


class Metrics:
    """The counters of one application; `watch` lets them count its requests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "huzheng_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "huzheng_request_seconds",
            "How long requests took",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def watch(self, *apps: Flask) -> None:
        for app in apps:
            app.before_request(_begin)
            app.after_request(self._end)

    def _end(self, answer: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else UNKNOWN
        method = request.method if request.method in _METHODS else "other"
        self._requests.labels(method, route, str(answer.status_code)).inc()
        began = g.get("began")
        if began is not None:
            self._seconds.labels(route).observe(time.perf_counter() - began)
        return answer


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _begin() -> None:
    g.began = time.perf_counter()


@blueprint.get("/metrics")
@open_to_all("figures only; the reverse proxy keeps it inside the house")
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
def metrics() -> Response:
    """Everything Prometheus wants to know, as text."""
    with context().db.transaction(read_only=True) as tx:
        found = figures(tx, context().clock.now())
    registry = CollectorRegistry()
    registry.register(_Held(found))
    counted: Metrics = current_app.extensions[EXTENSION]
    body = generate_latest(counted.registry) + generate_latest(registry)
    return Response(body, content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Held:
    """What the database held at one moment."""

    def __init__(self, found: Figures) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self._found
        yield _gauge("huzheng_cases", "Cases by status", "status", found.cases)
        yield _gauge("huzheng_clocks_overdue", "Promises overdue", "of", found.overdue)
        yield _gauge("huzheng_due_rows", "Rows due and not done", "kind", found.due)
        yield _gauge("huzheng_outbox", "Promises to send by status", "status", found.outbox)
        yield _gauge("huzheng_incidents_open", "Open incidents", "source", found.incidents)


def _gauge(name: str, about: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
