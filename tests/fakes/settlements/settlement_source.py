"""A source that holds what a test puts there."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from ports.settlements.settlement_source import (
    ReadyReport,
    ReportsNotReady,
    ReportsReady,
    ReportUnavailable,
    SourceAnswer,
)


@dataclass
class MemorySource:
    """Answers by business date; a date of which nothing was said is not ready."""

    answers: dict[date, SourceAnswer] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def put(self, day: date, name: str, content: bytes) -> ReadyReport:
        """Add a report of *day*."""
        report = ReadyReport(name, len(content), hashlib.sha256(content).hexdigest())
        before = self.answers.get(day)
        others = before.reports if isinstance(before, ReportsReady) else ()
        self.answers[day] = ReportsReady((*others, report))
        self.contents[name] = content
        return report

    async def reports_of(self, day: date) -> SourceAnswer:
        await asyncio.sleep(0)
        return self.answers.get(day, ReportsNotReady(None))

    @asynccontextmanager
    async def open(self, report: ReadyReport) -> AsyncIterator[AsyncIterator[bytes]]:
        if report.name not in self.contents:
            raise ReportUnavailable("there is no such report")
        content = self.contents[report.name]

        async def chunks() -> AsyncIterator[bytes]:
            await asyncio.sleep(0)
            yield content
            if report.sha256 not in {None, hashlib.sha256(content).hexdigest()}:
                raise ReportUnavailable("the report has changed since it was listed")

        yield chunks()
