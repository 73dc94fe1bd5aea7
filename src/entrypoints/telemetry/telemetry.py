"""What a process tells of its work: requests, jobs, calls to the bank and statements, each by its name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, Protocol

from ports.unit_of_work import StorageUnavailable

UNWATCHED: Final = nullcontext()


class Counts(Protocol):
    """What counts pieces of work that have ended; each by its name, its outcome and its seconds."""

    def request(
        self, route: str | None, method: str, status: int, seconds: float, *, streamed: bool
    ) -> None: ...

    def job(self, job: str, outcome: str, entries: int, seconds: float) -> None: ...

    def trigger(self, job: str, *, sent: bool) -> None: ...

    def bank_call(self, operation: str, outcome: str, seconds: float) -> None: ...

    def statement(self, statement: str, seconds: float, *, failed: bool) -> None: ...


@dataclass(slots=True)
class RequestSeen:
    """One request as it goes on; *route* is the template of its path, *status* 0 until an answer begins."""

    method: str
    route: str | None = None
    status: int = 0
    streamed: bool = False


def _nothing(_told: object) -> None:
    """Take what nobody counts."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Each method returns what a piece of work is done within; without *metrics* it does nothing."""

    metrics: Counts | None = None
    _untold: AbstractContextManager[Callable[[object], None]] = field(
        default_factory=lambda: nullcontext(_nothing)
    )

    @property
    def on(self) -> bool:
        return self.metrics is not None

    def statement(self, name: str) -> AbstractContextManager[object]:
        """Watch one statement in PostgreSQL."""
        return UNWATCHED if self.metrics is None else _statement(self.metrics, name)

    def bank_call(self, operation: str) -> AbstractContextManager[Callable[[str], None]]:
        """Watch one call to the bank; it yields what is told how it ended, without that it was cancelled."""
        return self._untold if self.metrics is None else _bank_call(self.metrics, operation)

    def job(self, job: str) -> AbstractContextManager[Callable[[int], None]]:
        """Watch one batch of *job*; it yields what is told how many entries were handled."""
        return self._untold if self.metrics is None else _job(self.metrics, job)

    def request(self, method: str) -> AbstractContextManager[RequestSeen]:
        """Watch one request; it yields what is filled in on the way."""
        seen = RequestSeen(method)
        return nullcontext(seen) if self.metrics is None else _request(self.metrics, seen)

    def trigger(self, job: str, *, sent: bool) -> None:
        """Tell that *job* was due, and whether the workers were told."""
        if self.metrics is not None:
            self.metrics.trigger(job, sent=sent)


OFF: Final = Telemetry()
"""Of a process that tells nothing."""


@contextmanager
def _statement(metrics: Counts, name: str) -> Iterator[None]:
    began, failed = perf_counter(), True
    try:
        yield
        failed = False
    finally:
        metrics.statement(name, perf_counter() - began, failed=failed)


@contextmanager
def _bank_call(metrics: Counts, operation: str) -> Iterator[Callable[[str], None]]:
    began, outcome = perf_counter(), "cancelled"

    def tell(result: str) -> None:
        nonlocal outcome
        outcome = result

    try:
        yield tell
    finally:
        metrics.bank_call(operation, outcome, perf_counter() - began)


@contextmanager
def _job(metrics: Counts, job: str) -> Iterator[Callable[[int], None]]:
    began, outcome, handled = perf_counter(), "idle", 0

    def tell(entries: int) -> None:
        nonlocal outcome, handled
        handled, outcome = entries, "done" if entries else "idle"

    try:
        yield tell
    except StorageUnavailable:
        outcome = "postponed"
        raise
    except BaseException:
        outcome = "failed"
        raise
    finally:
        metrics.job(job, outcome, handled, perf_counter() - began)


@contextmanager
def _request(metrics: Counts, seen: RequestSeen) -> Iterator[RequestSeen]:
    began = perf_counter()
    try:
        yield seen
    finally:
        metrics.request(
            seen.route, seen.method, seen.status, perf_counter() - began, streamed=seen.streamed
        )
