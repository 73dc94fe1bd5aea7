"""What a process tells of its work: requests, jobs, calls to the bank and statements, each by its name."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Final, Protocol

from domain.errors import NotFound
from ports.payments.gateway_messages import ForgedMessage, MalformedMessage
from ports.unit_of_work import StorageUnavailable

FAILED: Final = "failed"
REFUSED_EVIDENCE: Final[Mapping[type[Exception], str]] = {
    ForgedMessage: "forged",
    MalformedMessage: "malformed",
    NotFound: "unknown",
}


class Counts(Protocol):
    """What counts pieces of work that have ended; each by its name, its outcome and its seconds."""

    def request(
        self, route: str | None, method: str, status: int, seconds: float, *, streamed: bool
    ) -> None: ...

    def job(self, job: str, outcome: str, entries: int, seconds: float) -> None: ...

    def trigger(self, job: str, *, sent: bool) -> None: ...

    def bank_call(self, operation: str, outcome: str, seconds: float) -> None: ...

    def statement(self, statement: str, seconds: float, *, failed: bool) -> None: ...

    def evidence(self, kind: str, outcome: str) -> None: ...

    def rate_limited(self, limit: str) -> None: ...

    def refund_event(self, event: str, state: str | None) -> None: ...

    def queue(self, name: str, *, due: int, oldest_seconds: float, dead: int) -> None: ...

    def unsealed(self, seconds: float) -> None: ...

    def differing(self, payments: int) -> None: ...

    def firing(self, alerts: Mapping[tuple[str, str], int]) -> None: ...

    def unknown(self) -> None: ...


class SpanSubject(StrEnum):
    """What a span is about."""

    REQUEST = "request"
    JOB = "job"
    BANK_CALL = "bank_call"
    STATEMENT = "statement"


class Span(Protocol):
    """A span that goes on."""

    def name(self, name: str) -> None:
        """Give it another name: that of a route is known only once it is found."""
        ...

    def note(self, **attributes: str | int) -> None:
        """Note how it went, by the attributes of ``tracing.ATTRIBUTES``; others are dropped."""
        ...


class Spans(Protocol):
    """What sends spans; it never raises, and never waits for whoever receives them."""

    def span(self, subject: SpanSubject, name: str) -> AbstractContextManager[Span]:
        """Return what a piece of work is done within."""
        ...

    def end(self) -> None:
        """Send what is left, for a moment."""
        ...


@dataclass(slots=True)
class RequestSeen:
    """One request as it goes on; *route* is the template of its path, *status* 0 until an answer begins."""

    method: str
    route: str | None = None
    status: int = 0
    streamed: bool = False


class _NoSpan:
    def name(self, name: str) -> None: ...

    def note(self, **attributes: str | int) -> None: ...


UNWATCHED: Final = nullcontext()
_UNTOLD: Final[AbstractContextManager[Callable[[object], None]]] = nullcontext(lambda _told: None)
_NO_SPAN: Final[AbstractContextManager[Span]] = nullcontext(_NoSpan())


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Each method returns what a piece of work is done within; without *counts* and *spans* it does nothing."""

    counts: Counts | None = None
    spans: Spans | None = None

    @property
    def on(self) -> bool:
        return self.counts is not None or self.spans is not None

    def statement(self, name: str) -> AbstractContextManager[object]:
        """Watch one statement in PostgreSQL."""
        return self._statement(name) if self.on else UNWATCHED

    def bank_call(self, operation: str) -> AbstractContextManager[Callable[[str], None]]:
        """Watch one call to the bank; it yields what is told how it ended, without that it was cancelled."""
        return self._bank_call(operation) if self.on else _UNTOLD

    def job(self, job: str) -> AbstractContextManager[Callable[[int], None]]:
        """Watch one batch of *job*; it yields what is told how many entries were handled."""
        return self._job(job) if self.on else _UNTOLD

    def request(self, method: str) -> AbstractContextManager[RequestSeen]:
        """Watch one request; it yields what is filled in on the way."""
        seen = RequestSeen(method)
        return self._request(seen) if self.on else nullcontext(seen)

    def trigger(self, job: str, *, sent: bool) -> None:
        """Tell that *job* was due, and whether the workers were told."""
        if self.counts is not None:
            self.counts.trigger(job, sent=sent)

    @contextmanager
    def evidence(self, kind: str) -> Iterator[Callable[[str], None]]:
        """Watch one message that came from the bank, or said so; it yields what is told how it was taken."""
        outcome = FAILED

        def tell(result: str) -> None:
            nonlocal outcome
            outcome = result

        try:
            yield tell
        except tuple(REFUSED_EVIDENCE) as refusal:
            outcome = next(
                word for kind, word in REFUSED_EVIDENCE.items() if isinstance(refusal, kind)
            )
            raise
        finally:
            if self.counts is not None:
                self.counts.evidence(kind, outcome)

    def rate_limited(self, limit: str) -> None:
        """Tell that *limit* refused a request."""
        if self.counts is not None:
            self.counts.rate_limited(limit)

    def audited(self, action: str, facts: str) -> None:
        """Tell that an entry of the audit log was committed: *action*, with *facts* as JSON."""
        about, _, event = action.partition(".")
        if self.counts is not None and about == "refund":
            self.counts.refund_event(event, json.loads(facts).get("state"))

    def end(self) -> None:
        """Send what is left; called once, at the end of the process."""
        if self.spans is not None:
            self.spans.end()

    def _span(self, subject: SpanSubject, name: str) -> AbstractContextManager[Span]:
        return _NO_SPAN if self.spans is None else self.spans.span(subject, name)

    @contextmanager
    def _statement(self, name: str) -> Iterator[None]:
        began, failed = perf_counter(), True
        try:
            with self._span(SpanSubject.STATEMENT, name):
                yield
            failed = False
        finally:
            if self.counts is not None:
                self.counts.statement(name, perf_counter() - began, failed=failed)

    @contextmanager
    def _bank_call(self, operation: str) -> Iterator[Callable[[str], None]]:
        began, outcome = perf_counter(), "cancelled"

        def tell(result: str) -> None:
            nonlocal outcome
            outcome = result

        try:
            with self._span(SpanSubject.BANK_CALL, operation) as span:
                try:
                    yield tell
                finally:
                    span.note(outcome=outcome)
        finally:
            if self.counts is not None:
                self.counts.bank_call(operation, outcome, perf_counter() - began)

    @contextmanager
    def _job(self, job: str) -> Iterator[Callable[[int], None]]:
        began, outcome, handled = perf_counter(), "idle", 0

        def tell(entries: int) -> None:
            nonlocal outcome, handled
            handled, outcome = entries, "done" if entries else "idle"

        try:
            with self._span(SpanSubject.JOB, job) as span:
                try:
                    yield tell
                except StorageUnavailable:
                    outcome = "postponed"
                    raise
                except BaseException:
                    outcome = FAILED
                    raise
                finally:
                    span.note(outcome=outcome, entries=handled)
        finally:
            if self.counts is not None:
                self.counts.job(job, outcome, handled, perf_counter() - began)

    @contextmanager
    def _request(self, seen: RequestSeen) -> Iterator[RequestSeen]:
        began = perf_counter()
        try:
            with self._span(SpanSubject.REQUEST, "none") as span:
                try:
                    yield seen
                finally:
                    span.name(seen.route or "none")
                    span.note(method=seen.method, status=seen.status)
        finally:
            if self.counts is not None:
                seconds = perf_counter() - began
                self.counts.request(
                    seen.route, seen.method, seen.status, seconds, streamed=seen.streamed
                )


OFF: Final = Telemetry()
"""Of a process that tells nothing."""
