"""Sends spans by OpenTelemetry's protocol, from a thread of its own: nobody waits for whoever receives them."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from entrypoints.logs.setup import correlation_id
from entrypoints.telemetry.metric_catalogue import METHODS, OTHER
from entrypoints.telemetry.telemetry import SpanSubject

log = logging.getLogger(__name__)

EXPORT_SECONDS_MAX: Final = 5.0
EVERY_SECONDS: Final = 5.0
WAITING_MAX: Final = 2048
"""So many spans wait to be sent; more than those are dropped."""

END_SECONDS_MAX: Final = 1.0
LIBRARY: Final = "shulk"
KINDS: Final[Mapping[SpanSubject, SpanKind]] = {
    SpanSubject.REQUEST: SpanKind.SERVER,
    SpanSubject.JOB: SpanKind.INTERNAL,
    SpanSubject.BANK_CALL: SpanKind.CLIENT,
    SpanSubject.STATEMENT: SpanKind.CLIENT,
}
ATTRIBUTES: Final[Mapping[str, str]] = {
    "subject": "shulk.subject",
    "method": "http.request.method",
    "status": "http.response.status_code",
    "outcome": "shulk.outcome",
    "entries": "shulk.entries",
    "error": "error.type",
    "correlation_id": "shulk.correlation_id",
}
"""All that a span may say besides its name, by the names of the conventions where there are any."""


@dataclass(frozen=True, slots=True)
class NotedSpan:
    span: Span

    def name(self, name: str) -> None:
        self.span.update_name(name)

    def note(self, **attributes: str | int) -> None:
        if "method" in attributes and attributes["method"] not in METHODS:
            attributes["method"] = OTHER
        for name, value in attributes.items():
            if name in ATTRIBUTES:
                self.span.set_attribute(ATTRIBUTES[name], value)


@dataclass(slots=True)
class Tracing:
    """The spans of one process, made once in it; *processor* takes those that have ended."""

    processor: SpanProcessor
    process: str
    share: float = 1.0
    _provider: TracerProvider = field(init=False)
    _tracer: Tracer = field(init=False)

    def __post_init__(self) -> None:
        self._provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(self.share),
            # Of its own, for the library's would tell the command line and the machine.
            resource=Resource({"service.namespace": LIBRARY, "service.name": self.process}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(self.processor)
        self._tracer = self._provider.get_tracer(LIBRARY)

    @contextmanager
    def span(self, subject: SpanSubject, name: str) -> Iterator[NotedSpan]:
        # An error is told by its kind: its text may be private.
        with self._tracer.start_as_current_span(
            name, kind=KINDS[subject], record_exception=False, set_status_on_exception=False
        ) as opened:
            noted = NotedSpan(opened)
            noted.note(subject=subject.value, correlation_id=correlation_id() or "")
            try:
                yield noted
            except BaseException as error:
                opened.set_status(Status(StatusCode.ERROR))
                noted.note(error=type(error).__name__)
                raise

    def end(self) -> None:
        """Send what is left; whoever does not take it within a moment goes without."""
        # A thread that may be left behind: the process ends without it.
        ending = threading.Thread(target=self._provider.shutdown, name="OtelEnd", daemon=True)
        ending.start()
        ending.join(END_SECONDS_MAX)


@dataclass(slots=True)
class PatientExporter(SpanExporter):
    """Tells once when spans no longer arrive, and once when they do again; what is not taken is dropped."""

    inner: SpanExporter
    _away: bool = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self.inner.export(spans)
        except Exception:  # noqa: BLE001 - whatever it is, spans are not worth it
            result = SpanExportResult.FAILURE
        away = result is not SpanExportResult.SUCCESS
        if away and not self._away:
            log.warning("tracing.unavailable")
        elif self._away and not away:
            log.info("tracing.available")
        self._away = away
        return result

    def shutdown(self) -> None:
        self.inner.shutdown()


def send_to(
    address: str,
    every_seconds: float = EVERY_SECONDS,
    seconds_max: float = EXPORT_SECONDS_MAX,
) -> SpanProcessor:
    """
    Return what sends spans to the collector at *address* now and then; nothing is connected yet.

    A batch that is not taken within *seconds_max* is dropped.
    """
    # The library would log each try, and each span that it drops.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporter = OTLPSpanExporter(endpoint=f"{address}/v1/traces", timeout=seconds_max)
    return BatchSpanProcessor(
        PatientExporter(exporter),
        max_queue_size=WAITING_MAX,
        schedule_delay_millis=every_seconds * 1000,
        export_timeout_millis=seconds_max * 1000,
    )
