"""What a collector is sent by OpenTelemetry's protocol over HTTP, read out of its bytes."""

import asyncio
import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest
from litestar.testing import AsyncTestClient
from litestar.types import ASGIApp
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from entrypoints.http.app import install, new_app
from entrypoints.jobs.worker_tasks import watched
from entrypoints.telemetry.telemetry import Telemetry
from entrypoints.telemetry.tracing import Tracing, send_to
from worlds.http import HttpWorld

SECONDS_MAX: Final = 20.0
NEVER_BY_ITSELF: Final = 3600.0


@dataclass(slots=True)
class Received:
    """What came to the collector, batch by batch."""

    batches: list[ExportTraceServiceRequest] = field(default_factory=list)
    heads: list[tuple[str, str]] = field(default_factory=list)

    @property
    def services(self) -> set[str]:
        return {
            each.value.string_value
            for batch in self.batches
            for resource in batch.resource_spans
            for each in resource.resource.attributes
            if each.key == "service.name"
        }

    @property
    def spans(self) -> dict[str, Any]:
        return {
            span.name: span
            for batch in self.batches
            for resource in batch.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


@contextmanager
def collector() -> Iterator[tuple[str, Received]]:
    """Run a collector on loopback; yield its address and what it has received."""
    received = Received()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            received.heads.append((self.path, self.headers["Content-Type"]))
            received.batches.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", received
        finally:
            server.shutdown()
            thread.join(SECONDS_MAX)


def said(span: Any) -> dict[str, object]:
    return {
        each.key: each.value.int_value
        if each.value.HasField("int_value")
        else each.value.string_value
        for each in span.attributes
    }


async def work(world: HttpWorld, telemetry: Telemetry) -> None:
    """Answer a request; do a job with a call to the bank and a statement in it, and one that fails."""
    wiring = world.wiring()
    app: ASGIApp = new_app(world.settings, telemetry)
    install(world.dependencies(wiring), app)  # type: ignore[arg-type]  # it is the same application

    async def poll() -> int:
        with telemetry.bank_call("read_order") as tell, telemetry.statement("queues.polls.claim"):
            tell("answered")
        return 3

    async def fail() -> int:
        raise ConnectionError(world.settings.cookie_key)

    try:
        async with AsyncTestClient(app, base_url=world.settings.public_url) as client:
            answer = await client.get("/api/payment/status/SKABCDEFGH234567JKLM?token=secret")
            assert answer.status_code == 401
        assert await watched(telemetry, "poll_orders", poll)() == 3
        with pytest.raises(ConnectionError):
            await watched(telemetry, "reconcile", fail)()
    finally:
        wiring.give_back()


async def test_a_collector_reads_requests_jobs_bank_calls_and_statements(world: HttpWorld) -> None:
    """
    Each by its name and kind, with its outcome; what was done within a job is a part of it, and nothing private comes.
    """
    with collector() as (address, received):
        telemetry = Telemetry(
            spans=Tracing(send_to(address, NEVER_BY_ITSELF, SECONDS_MAX), "shulk-api")
        )
        await work(world, telemetry)
        # The end sends what is left, from a thread: it does not wait for long, the test does.
        await asyncio.to_thread(telemetry.end)
        for each in threading.enumerate():
            if each.name.startswith("Otel"):
                await asyncio.to_thread(each.join, SECONDS_MAX)

    assert set(received.heads) == {("/v1/traces", "application/x-protobuf")}
    assert received.services == {"shulk-api"}
    spans = received.spans
    request, job = spans["/api/payment/status/{transaction_id}"], spans["poll_orders"]
    call, statement, failed = spans["read_order"], spans["queues.polls.claim"], spans["reconcile"]
    assert [each.kind for each in (request, job, call, statement)] == [
        Span.SPAN_KIND_SERVER,
        Span.SPAN_KIND_INTERNAL,
        Span.SPAN_KIND_CLIENT,
        Span.SPAN_KIND_CLIENT,
    ]
    assert (call.parent_span_id, statement.parent_span_id) == (job.span_id, call.span_id)
    assert {call.trace_id, statement.trace_id} == {job.trace_id}
    assert len({request.trace_id, job.trace_id, failed.trace_id}) == 3
    assert all(each.start_time_unix_nano <= each.end_time_unix_nano for each in spans.values())
    assert said(request)["http.response.status_code"] == 401
    assert (said(job)["shulk.outcome"], said(job)["shulk.entries"]) == ("done", 3)
    assert said(call)["shulk.outcome"] == "answered"
    assert (failed.status.code, said(failed)["error.type"]) == (
        Status.STATUS_CODE_ERROR,
        "ConnectionError",
    )
    everything = "".join(map(str, received.batches))
    for private in ("SKABCDEFGH234567JKLM", "secret", world.settings.cookie_key):
        assert private not in everything, private
