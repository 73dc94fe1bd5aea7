"""What is counted is what the catalogue says, under names that Prometheus's conventions ask for."""

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
from prometheus_client import CollectorRegistry

from contracts.monitoring.alerts_register_contract import SILENCED
from contracts.storage import event
from domain.errors import NotFound
from domain.monitoring.alert_case import AlertState
from domain.monitoring.alert_rules import RULES
from entrypoints.jobs.worker_tasks import watched
from entrypoints.telemetry.gauges import ReadGauges
from entrypoints.telemetry.metric_catalogue import METRICS, VALUES_MAX, Metric, MetricKind
from entrypoints.telemetry.metrics import Metrics
from entrypoints.telemetry.telemetry import OFF, Telemetry
from fakes.audit.sealing import seal
from fakes.clock import StoppedClock
from fakes.memory import Memory
from fakes.samples import BY_STAFF
from ports.audit_log import AuditEntry
from ports.payments.gateway_messages import ForgedMessage, MalformedMessage
from ports.unit_of_work import StorageUnavailable

FIRING = replace(SILENCED, state=AlertState.FIRING)


def everything(registry: CollectorRegistry) -> Metrics:
    """Return metrics of which each has been counted once."""
    metrics = Metrics(registry)
    metrics.request("/api/payment", "GET", 200, 0.2, streamed=False)
    metrics.job("relay_outbox", "done", 3, 0.1)
    metrics.trigger("judge_alerts", sent=True)
    metrics.bank_call("refund", "answered", 0.4)
    metrics.statement("queues.outbox.claim", 0.001, failed=False)
    metrics.evidence("webhook", "taken")
    metrics.rate_limited("refund")
    metrics.refund_event("requested", None)
    metrics.queue("inbox", due=1, oldest_seconds=2, dead=3)
    metrics.firing({("queue_stuck", "urgent"): 1})
    return metrics


def sample(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_the_names_follow_the_conventions(metric: Metric) -> None:
    """
    One prefix, base units, `_total` for counters alone; each label is explained.
    """
    assert metric.name.startswith("shulk_")
    counter, gauge = (metric.kind is kind for kind in (MetricKind.COUNTER, MetricKind.GAUGE))
    counted = ("_entries", "_firing", "_differences") if gauge else ()
    assert metric.name.endswith("_total" if counter else ("_seconds", *counted))
    assert bool(metric.buckets) == (metric.kind is MetricKind.HISTOGRAM)
    assert tuple(sorted(metric.buckets)) == metric.buckets
    assert all(metric.labels.values())


def test_what_is_served_is_what_the_catalogue_says() -> None:
    """
    No metric is missing there, and none is counted that it does not know, nor under other labels.
    """
    registry = CollectorRegistry()
    everything(registry)

    served = {
        (f"{each.name}_total" if each.type == "counter" else each.name): each
        for each in registry.collect()
    }

    assert set(served) == {each.name for each in METRICS}
    for metric in METRICS:
        family = served[metric.name]
        assert family.type == metric.kind
        for each in family.samples:
            assert set(each.labels) - {"le"} == set(metric.labels)
            assert not each.name.endswith("_created")


@pytest.mark.parametrize(
    ("status", "told"),
    [(101, "1xx"), (204, "2xx"), (404, "4xx"), (503, "5xx"), (0, "none"), (999, "none")],
)
def test_a_status_is_told_by_its_class(status: int, told: str) -> None:
    """
    A client that left before an answer began has none.
    """
    registry = CollectorRegistry()
    Metrics(registry).request("/", "GET", status, 0.1, streamed=False)

    labels = {"route": "/", "method": "GET", "status_class": told}
    assert sample(registry, "shulk_http_requests_total", **labels) == 1


def test_a_method_that_is_none_is_no_label() -> None:
    """
    Whoever invents methods makes no series.
    """
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for number in range(50):
        metrics.request(None, f"BREW{number}", 405, 0.1, streamed=False)

    labels = {"route": "none", "method": "other"}
    assert sample(registry, "shulk_http_requests_total", status_class="4xx", **labels) == 50
    assert sample(registry, "shulk_http_request_duration_seconds_count", **labels) == 50


def test_a_stream_counts_and_has_no_duration() -> None:
    """
    It ends when its reader leaves.
    """
    registry = CollectorRegistry()
    Metrics(registry).request("/e", "GET", 200, 15.0, streamed=True)

    labels = {"route": "/e", "method": "GET"}
    assert sample(registry, "shulk_http_requests_total", status_class="2xx", **labels) == 1
    assert sample(registry, "shulk_http_request_duration_seconds_count", **labels) is None


def test_no_fault_of_ours_makes_series_without_end() -> None:
    """
    What comes after so many others is counted under `other`, and nothing is lost.
    """
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for number in range(VALUES_MAX + 40):
        metrics.statement(f"of_student_{number}", 0.5, failed=False)

    name = "shulk_database_statement_duration_seconds"
    samples = [
        each for family in registry.collect() if family.name == name for each in family.samples
    ]
    assert len(samples) == 2 * (VALUES_MAX + 1)
    assert sample(registry, f"{name}_count", statement="other", outcome="other") == 40
    assert sample(registry, f"{name}_sum", statement="other", outcome="other") == 20


class Told:
    """Counts that note what they were told."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, str, int]] = []
        self.statements: list[tuple[str, bool]] = []
        self.calls: list[tuple[str, str]] = []
        self.more: list[tuple[str, ...]] = []

    def evidence(self, kind: str, outcome: str) -> None:
        self.more.append((kind, outcome))

    def rate_limited(self, limit: str) -> None:
        self.more.append((limit,))

    def refund_event(self, event: str, state: str | None) -> None:
        self.more.append((event, state or ""))

    def queue(self, name: str, *, due: int, oldest_seconds: float, dead: int) -> None:
        raise AssertionError(name, due, oldest_seconds, dead)

    def unsealed(self, seconds: float) -> None:
        raise AssertionError(seconds)

    def differing(self, payments: int) -> None:
        raise AssertionError(payments)

    def firing(self, alerts: Mapping[tuple[str, str], int]) -> None:
        raise AssertionError(alerts)

    def unknown(self) -> None:
        raise AssertionError

    def request(
        self, route: str | None, method: str, status: int, seconds: float, *, streamed: bool
    ) -> None:
        raise AssertionError(route, method, status, seconds, streamed)

    def job(self, job: str, outcome: str, entries: int, seconds: float) -> None:
        assert seconds >= 0
        self.jobs.append((job, outcome, entries))

    def trigger(self, job: str, *, sent: bool) -> None:
        raise AssertionError(job, sent)

    def bank_call(self, operation: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.calls.append((operation, outcome))

    def statement(self, statement: str, seconds: float, *, failed: bool) -> None:
        assert seconds >= 0
        self.statements.append((statement, failed))


OUTCOMES: Mapping[str, tuple[int | BaseException, int]] = {
    "done": (7, 7),
    "idle": (0, 0),
    "postponed": (StorageUnavailable("away"), 0),
    "failed": (RuntimeError(), 0),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_a_job_tells_how_it_ended(outcome: str) -> None:
    """
    And it ends as it would have ended unwatched.
    """
    ending, entries = OUTCOMES[outcome]
    told = Told()

    async def task() -> int:
        if isinstance(ending, BaseException):
            raise ending
        return ending

    run = watched(Telemetry(told), "count_payments", task)
    if isinstance(ending, BaseException):
        with pytest.raises(type(ending)):
            await run()
    else:
        assert await run() == ending

    assert told.jobs == [("count_payments", outcome, entries)]


async def test_what_nobody_watches_is_left_as_it_is() -> None:
    """
    A process that counts nothing pays nothing for it.
    """

    async def task() -> int:
        return 1

    assert watched(OFF, "count_payments", task) is task
    assert OFF.statement("a") is OFF.statement("b")
    assert OFF.bank_call("refund") is OFF.bank_call("refund")


async def test_what_is_cancelled_is_counted_too() -> None:
    """
    A statement that nobody waited for has failed, and a call to the bank was cancelled.
    """
    told = Told()
    telemetry = Telemetry(told)

    async def for_ever() -> None:
        with telemetry.bank_call("refund"), telemetry.statement("queues.outbox.claim"):
            await asyncio.Event().wait()

    running = asyncio.create_task(for_ever())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert told.statements == [("queues.outbox.claim", True)]
    assert told.calls == [("refund", "cancelled")]


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (None, "known"),
        (ForgedMessage("a wrong signature"), "forged"),
        (MalformedMessage("no order"), "malformed"),
        (NotFound("payment", "SK1"), "unknown"),
        (RuntimeError(), "failed"),
    ],
)
def test_evidence_tells_how_it_was_taken(trouble: Exception | None, outcome: str) -> None:
    """
    What is raised goes on as it was.
    """
    told = Told()
    with (
        pytest.raises(type(trouble)) if trouble else nullcontext(),
        Telemetry(told).evidence("webhook") as tell,
    ):
        if trouble is not None:
            raise trouble
        tell("known")

    assert told.more == [("webhook", outcome)]


def test_only_refunds_are_told_of_the_audit_log() -> None:
    """
    By the word behind their name, and the state that they have then.
    """
    told = Told()
    for telemetry in (Telemetry(told), OFF):
        telemetry.audited("refund.moved", '{"refund": "RF1", "state": "success"}')
        telemetry.audited("refund.refused", '{"refusal": "RefundTooLarge"}')
        telemetry.audited("payment.moved", '{"state": "success"}')
        telemetry.rate_limited("refund")

    assert told.more == [("moved", "success"), ("refused", ""), ("refund",)]


async def test_queues_and_alerts_are_told_as_they_are_read() -> None:
    """
    What no longer goes on, or cannot be read, has no series.
    """
    registry, memory, clock = CollectorRegistry(), Memory(), StoppedClock()
    counts = Metrics(registry)
    read = ReadGauges(memory.system_health, memory.alerts, clock, counts)
    memory.store.alert_cases[FIRING.rule, FIRING.subject] = FIRING
    await memory.inbox.enqueue(event("one"), clock.now())
    async with memory.unit_of_work() as work:
        work.audit.add(AuditEntry(at=clock.now(), origin=BY_STAFF, action="a", subject="s"))
    clock.move(timedelta(seconds=90))

    await read()
    assert sample(registry, "shulk_audit_unsealed_seconds", log="audit") == 90
    assert sample(registry, "shulk_rebuild_differences", books="payments") == 0
    await seal(memory.sealed_log)()
    await read()
    assert sample(registry, "shulk_audit_unsealed_seconds", log="audit") == 0

    assert sample(registry, "shulk_queue_due_entries", queue="inbox") == 1
    assert sample(registry, "shulk_queue_oldest_due_seconds", queue="inbox") == 90
    assert sample(registry, "shulk_queue_oldest_due_seconds", queue="outbox") == 0
    assert sample(registry, "shulk_queue_dead_entries", queue="webhook_deliveries") == 0
    rule = {"rule": FIRING.rule.value, "severity": RULES[FIRING.rule].severity.value}
    assert sample(registry, "shulk_alerts_firing", **rule) == 1
    memory.store.alert_cases[FIRING.rule, FIRING.subject] = replace(
        FIRING, state=AlertState.RESOLVED
    )
    await read()
    assert registry.get_sample_value("shulk_alerts_firing", rule) is None

    away = SimpleNamespace(all=AsyncMock(side_effect=StorageUnavailable("away")))
    with pytest.raises(StorageUnavailable):
        await replace(read, alerts=away)()
    assert registry.get_sample_value("shulk_queue_due_entries", {"queue": "inbox"}) is None
    assert registry.get_sample_value("shulk_audit_unsealed_seconds", {"log": "audit"}) is None
    assert registry.get_sample_value("shulk_rebuild_differences", {"books": "payments"}) is None
