"""Log lines: one JSON object each, without secrets and without personal data."""

import logging
import re
import secrets
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import Processor

from entrypoints.logs.events import LOG_EVENTS, NOT_WRITTEN
from entrypoints.logs.fields import ALLOWED, Redaction
from entrypoints.settings.settings import LogFormat, Settings, secrets_of

Event = MutableMapping[str, Any]

FRAMES_MAX: Final = 12
CAUSES_MAX: Final = 4
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Below WARNING these libraries log addresses, statements or message bodies.
QUIET: Final = ("httpx", "httpcore", "sqlalchemy", "asyncio", "aiosmtplib", "mail", "alembic")

_installed: Final[list[Redaction]] = []
_correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
_client_request_id: ContextVar[str | None] = ContextVar("client_request_id", default=None)


@dataclass(frozen=True, slots=True)
class Correlation:
    """The correlation *id* that we gave, and the *client_id* that came with the request, None without one."""

    id: str
    client_id: str | None


def configure_logging(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Write everything that this process logs, by whichever library, to *stream* in the form of the settings."""
    install(
        str(settings.log_level),
        secrets_of(settings),
        stream=stream,
        # A developer's data are made up, and an error is hard to understand without its text.
        error_texts=not settings.is_production,
        log_format=settings.log_format,
    )


def hide(secrets_read: Iterable[str]) -> None:
    """Keep *secrets_read*, which came after the settings, out of every later line of this process."""
    for each in _installed:
        each.hide(secrets_read)


def install(
    level: str,
    hidden: frozenset[str],
    *,
    stream: TextIO | None = None,
    error_texts: bool = False,
    log_format: LogFormat = LogFormat.JSON,
) -> None:
    """Configure logging as ``configure_logging`` does, for a process without settings."""
    redaction = Redaction(hidden)
    _installed[:] = [redaction]
    handler = _Lines(stream or sys.stdout)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[ExtraAdder()],
            processors=[
                _Line(redaction, error_texts=error_texts),
                _renderer(log_format, stream or sys.stdout),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderer(log_format: LogFormat, stream: TextIO) -> Processor:
    """Return what writes a line: the same fields in either form, and colours at a terminal alone."""
    if log_format is LogFormat.CONSOLE:
        return structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), timestamp_key="timestamp", event_key="event", sort_keys=False
        )
    return structlog.processors.JSONRenderer(ensure_ascii=True)


def correlation_id() -> str | None:
    return _correlation_id.get()


@contextmanager
def correlated(client_id: str | None = None) -> Iterator[Correlation]:
    """
    Put a new correlation id on every line of a ``with`` block, and yield it.

    *client_id* is what a client calls its request. It stands beside ours where it has the form of an id,
    and never in its place: two clients may choose the same one, or one the id of another's request.
    """
    kept = client_id if client_id is not None and CLIENT_ID.fullmatch(client_id) else None
    bound = Correlation(secrets.token_hex(8), kept)
    ours, theirs = _correlation_id.set(bound.id), _client_request_id.set(kept)
    try:
        yield bound
    finally:
        _client_request_id.reset(theirs)
        _correlation_id.reset(ours)


class _Line:
    """Makes the JSON object of one line out of what was logged."""

    def __init__(self, redaction: Redaction, *, error_texts: bool) -> None:
        self._redaction = redaction
        self._error_texts = error_texts

    def __call__(self, _logger: Any, _name: str, event: Event) -> Event:
        record: logging.LogRecord = event.pop("_record")
        event.pop("_from_structlog", None)
        code = str(event.pop("event", ""))
        line: Event = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._redaction(code),
        }
        if (meaning := LOG_EVENTS.get(code)) is not None:
            line["message"] = meaning
        if (known := _correlation_id.get()) is not None:
            line["correlation_id"] = known
        if (theirs := _client_request_id.get()) is not None:
            line["client_request_id"] = self._redaction(theirs)
        if (error := _error_in(event.pop("exc_info", None))) is not None:
            line.update(_failure(error))
            if self._error_texts:
                line["error_says"] = self._redaction(str(error))
        dropped = 0
        for field, value in event.items():
            if field in ALLOWED:
                line[field] = self._redaction.value(value)
            else:
                dropped += 1
        if dropped:
            line["fields_dropped"] = dropped
        return line


def _error_in(exc_info: Any) -> BaseException | None:
    if not exc_info:
        return None
    if isinstance(exc_info, tuple):
        error = exc_info[1]
    else:
        error = exc_info if isinstance(exc_info, BaseException) else sys.exc_info()[1]
    return error if isinstance(error, BaseException) else None


def _failure(error: BaseException) -> Event:
    """Return types and places of the errors only; their texts may hold personal data."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < CAUSES_MAX:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    return {"error": " < ".join(kinds), "trace": list(_places(error.__traceback__))[-FRAMES_MAX:]}


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        module = trace.tb_frame.f_globals.get("__name__", "?")
        yield f"{module}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next


class _Lines(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 - the library's
        # The library would print the message's arguments, whatever they hold, to stderr.
        # Where the disk of the log is full this line is lost too: nobody's payment may fail for it.
        with suppress(OSError):
            self.stream.write(f'{{"level": "error", "event": "{NOT_WRITTEN}"}}\n')
