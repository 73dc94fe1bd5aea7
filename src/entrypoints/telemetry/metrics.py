"""Counts what a process does, for Prometheus; each label has a bounded number of values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary

from entrypoints.telemetry import metric_catalogue as catalogue
from entrypoints.telemetry.metric_catalogue import (
    METHODS,
    NONE,
    OTHER,
    PREFLIGHT,
    VALUES_MAX,
    Metric,
    MetricKind,
)

STATUS_CLASSES: Final = tuple(f"{digit}xx" for digit in range(6))


class _Child(Protocol):
    """One time series, or the few of one histogram."""

    def inc(self, amount: float = 1) -> None: ...
    def observe(self, amount: float) -> None: ...
    def set(self, value: float) -> None: ...


@dataclass(slots=True)
class Series:
    """
    The series of one metric, each by the values of its labels.

    A combination that comes after ``VALUES_MAX`` others is counted under ``other`` in each label: no
    fault of ours lets the number of series grow without end.
    """

    metric: Metric
    registry: CollectorRegistry
    _collector: Counter | Gauge | Histogram | Summary = field(init=False)
    _known: dict[tuple[str, ...], _Child] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name, about = self.metric.name, self.metric.about
        labels = tuple(self.metric.labels)
        match self.metric.kind:
            case MetricKind.COUNTER:
                self._collector = Counter(name, about, labels, registry=self.registry)
            case MetricKind.HISTOGRAM:
                buckets = self.metric.buckets
                self._collector = Histogram(
                    name, about, labels, registry=self.registry, buckets=buckets
                )
            case MetricKind.SUMMARY:
                self._collector = Summary(name, about, labels, registry=self.registry)
            case MetricKind.GAUGE:
                self._collector = Gauge(name, about, labels, registry=self.registry)

    def of(self, *values: str) -> _Child:
        """Return the series with *values*, in the order of the metric's labels."""
        if (known := self._known.get(values)) is not None:
            return known
        if len(self._known) >= VALUES_MAX:
            values = (OTHER,) * len(values)
        child = self._known[values] = cast("_Child", self._collector.labels(*values))
        return child

    def clear(self) -> None:
        """Forget all series: what is not known is not told."""
        self._collector.clear()
        self._known.clear()


class Metrics:
    """The metrics of one process, in *registry*; made once in a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # When a series began is of no use here, and doubles the number of series.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped
        self._requests = Series(catalogue.REQUESTS, registry)
        self._request_seconds = Series(catalogue.REQUEST_SECONDS, registry)
        self._batches = Series(catalogue.JOB_BATCHES, registry)
        self._entries = Series(catalogue.JOB_ENTRIES, registry)
        self._batch_seconds = Series(catalogue.JOB_SECONDS, registry)
        self._triggers = Series(catalogue.JOB_TRIGGERS, registry)
        self._calls = Series(catalogue.GATEWAY_CALLS, registry)
        self._call_seconds = Series(catalogue.GATEWAY_SECONDS, registry)
        self._statement_seconds = Series(catalogue.STATEMENT_SECONDS, registry)
        self._evidence = Series(catalogue.EVIDENCE, registry)
        self._rate_limited = Series(catalogue.RATE_LIMITED, registry)
        self._refund_events = Series(catalogue.REFUND_EVENTS, registry)
        self._due = Series(catalogue.QUEUE_DUE, registry)
        self._age = Series(catalogue.QUEUE_AGE, registry)
        self._dead = Series(catalogue.QUEUE_DEAD, registry)
        self._unsealed = Series(catalogue.AUDIT_UNSEALED, registry)
        self._differing = Series(catalogue.REBUILD_DIFFERENCES, registry)
        self._alerts = Series(catalogue.ALERTS_FIRING, registry)

    def request(
        self, route: str | None, method: str, status: int, seconds: float, *, streamed: bool
    ) -> None:
        """
        Count one request; *route* is the template of its path and *status* 0 where none was sent.

        Requests that only ask what is allowed (OPTIONS) are counted without their route.
        """
        told = method if method in METHODS else OTHER
        # The framework answers these for every route alike: by route they made a third of all series.
        if told == PREFLIGHT:
            route = NONE
        number = status // 100
        status_class = STATUS_CLASSES[number] if 0 < number < len(STATUS_CLASSES) else NONE
        self._requests.of(route or NONE, told, status_class).inc()
        if not streamed:
            self._request_seconds.of(route or NONE, told).observe(seconds)

    def job(self, job: str, outcome: str, entries: int, seconds: float) -> None:
        """Count one batch of *job*."""
        self._batches.of(job, outcome).inc()
        if entries:
            self._entries.of(job).inc(entries)
        if outcome != "idle":
            self._batch_seconds.of(job).observe(seconds)

    def trigger(self, job: str, *, sent: bool) -> None:
        """Count that *job* was due, and whether the workers were told."""
        self._triggers.of(job, "sent" if sent else "failed").inc()

    def bank_call(self, operation: str, outcome: str, seconds: float) -> None:
        """Count one call to the bank; one that was ``suspended`` took no time."""
        self._calls.of(operation, outcome).inc()
        if outcome != "suspended":
            self._call_seconds.of(operation).observe(seconds)

    def statement(self, statement: str, seconds: float, *, failed: bool) -> None:
        """Count one statement in PostgreSQL."""
        self._statement_seconds.of(statement, "failed" if failed else "done").observe(seconds)

    def evidence(self, kind: str, outcome: str) -> None:
        """Count one message that came from the bank, or said so."""
        self._evidence.of(kind, outcome).inc()

    def rate_limited(self, limit: str) -> None:
        """Count one request that *limit* refused."""
        self._rate_limited.of(limit).inc()

    def refund_event(self, event: str, state: str | None) -> None:
        """Count what happened to a refund, which is in *state* since."""
        self._refund_events.of(event, state or NONE).inc()

    def queue(self, name: str, *, due: int, oldest_seconds: float, dead: int) -> None:
        """Tell how the queue stands."""
        self._due.of(name).set(due)
        self._age.of(name).set(oldest_seconds)
        self._dead.of(name).set(dead)

    def unsealed(self, seconds: float) -> None:
        """Tell for how long the oldest entry of the audit log waits to be sealed."""
        self._unsealed.of("audit").set(seconds)

    def differing(self, payments: int) -> None:
        """Tell of how many payments the books differ from what was decided on them."""
        self._differing.of("payments").set(payments)

    def firing(self, alerts: Mapping[tuple[str, str], int]) -> None:
        """Tell how many alerts go on of each rule and severity; of the others none does."""
        self._alerts.clear()
        for (rule, severity), count in alerts.items():
            self._alerts.of(rule, severity).set(count)

    def unknown(self) -> None:
        """Tell nothing of queues and alerts until they are read again."""
        for each in (
            self._due,
            self._age,
            self._dead,
            self._unsealed,
            self._differing,
            self._alerts,
        ):
            each.clear()
