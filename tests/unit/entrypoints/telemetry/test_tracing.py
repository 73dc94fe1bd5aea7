"""Spans say what was done, how it ended and for which request, and nothing else."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from entrypoints.logs.setup import correlated
from entrypoints.telemetry.telemetry import SpanSubject, Telemetry
from entrypoints.telemetry.tracing import ATTRIBUTES, PatientExporter, Tracing
from ports.unit_of_work import StorageUnavailable

PRIVATE = "asha@example.com"


@pytest.fixture
def sent() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def telemetry(sent: InMemorySpanExporter) -> Telemetry:
    return Telemetry(spans=Tracing(SimpleSpanProcessor(sent), "shulk-tests"))


def told(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_what_happens_within_a_request_is_part_of_it(
    telemetry: Telemetry, sent: InMemorySpanExporter
) -> None:
    """
    Each by its name, and all with the correlation id that stands in the log.
    """
    with correlated() as known, telemetry.request("POST") as seen:
        with telemetry.statement("queues.outbox.claim"):
            pass
        with telemetry.bank_call("refund") as tell:
            tell("answered")
        seen.route, seen.status = "/api/admin/refunds", 201

    statement, call, request = sent.get_finished_spans()
    assert [each.name for each in (statement, call, request)] == [
        "queues.outbox.claim",
        "refund",
        "/api/admin/refunds",
    ]
    assert statement.parent == call.parent == request.context
    assert told(request) == {
        "shulk.subject": "request",
        "shulk.correlation_id": known.id,
        "http.request.method": "POST",
        "http.response.status_code": 201,
    }
    assert told(call)["shulk.outcome"] == "answered"
    assert told(statement)["shulk.correlation_id"] == known.id


@pytest.mark.parametrize("error", [ValueError(PRIVATE), StorageUnavailable(PRIVATE)])
def test_an_error_is_told_by_its_kind(
    telemetry: Telemetry, sent: InMemorySpanExporter, error: Exception
) -> None:
    """
    Its text may hold what somebody wrote.
    """
    with pytest.raises(type(error)), telemetry.job("relay_outbox"):
        raise error

    (span,) = sent.get_finished_spans()
    assert told(span)["error.type"] == type(error).__name__
    assert PRIVATE not in span.to_json()
    assert not span.events
    assert not span.status.is_ok


def test_only_what_is_listed_is_told(sent: InMemorySpanExporter) -> None:
    """
    An attribute that somebody adds without thinking of it is dropped, and so is a method that is none.
    """
    tracing = Tracing(SimpleSpanProcessor(sent), "shulk-tests")
    with tracing.span(SpanSubject.REQUEST, "none") as span:
        span.note(student=PRIVATE, method=f"BREW-{PRIVATE}", status=405)

    (found,) = sent.get_finished_spans()
    assert set(told(found)) <= set(ATTRIBUTES.values())
    assert told(found)["http.request.method"] == "other"
    assert PRIVATE not in found.to_json()
    assert set(found.resource.attributes) == {"service.namespace", "service.name"}


def test_a_share_of_the_requests_is_sent_whole(sent: InMemorySpanExporter) -> None:
    """
    What is within a request is sent with it or not at all.
    """
    telemetry = Telemetry(spans=Tracing(SimpleSpanProcessor(sent), "shulk-tests", 0.0))
    with telemetry.request("GET"), telemetry.statement("queues.outbox.claim"):
        pass

    assert not sent.get_finished_spans()


class Broken(SpanExporter):
    """Raises, refuses or takes spans, as it is planned."""

    def __init__(self, *plan: Exception | SpanExportResult) -> None:
        self.plan = list(plan)

    def export(self, spans: object) -> SpanExportResult:
        assert spans == ()
        outcome = self.plan.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_a_collector_that_is_away_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """
    And once when it is back, however it failed.
    """
    caplog.set_level("INFO")
    fine, failed = SpanExportResult.SUCCESS, SpanExportResult.FAILURE
    plan = (fine, OSError(PRIVATE), failed, RuntimeError(PRIVATE), fine, fine)
    exporter = PatientExporter(Broken(*plan))

    results = [exporter.export(()) for _ in plan]

    assert [each is fine for each in results] == [True, False, False, False, True, True]
    assert [each.message for each in caplog.records] == ["tracing.unavailable", "tracing.available"]
    assert PRIVATE not in caplog.text
