"""What is counted is what the catalogue says, under names that Prometheus's conventions ask for."""

import asyncio
from collections.abc import Mapping

import pytest
from prometheus_client import CollectorRegistry

from entrypoints.jobs.worker_tasks import watched
from entrypoints.telemetry.metric_catalogue import METRICS, VALUES_MAX, Metric, MetricKind
from entrypoints.telemetry.metrics import Metrics
from entrypoints.telemetry.telemetry import OFF, Telemetry
from ports.unit_of_work import StorageUnavailable


def everything(registry: CollectorRegistry) -> Metrics:
    """Return metrics of which each has been counted once."""
    metrics = Metrics(registry)
    metrics.request("/api/payment", "GET", 200, 0.2, streamed=False)
    metrics.job("relay_outbox", "done", 3, 0.1)
    metrics.trigger("judge_alerts", sent=True)
    metrics.bank_call("refund", "answered", 0.4)
    metrics.statement("queues.outbox.claim", 0.001, failed=False)
    return metrics


def sample(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_the_names_follow_the_conventions(metric: Metric) -> None:
    """
    One prefix, base units, `_total` for counters alone; each label is explained.
    """
    assert metric.name.startswith("shulk_")
    counter = metric.kind is MetricKind.COUNTER
    assert metric.name.endswith("_total" if counter else "_seconds")
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
