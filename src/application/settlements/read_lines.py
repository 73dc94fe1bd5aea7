"""Read a settlement file in batches, each in a thread, so that neither memory nor the event loop feel its size."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow, WarnedLine
from ports.settlements.settlement_file_reader import (
    FileRefusal,
    SettlementFileReading,
    SettlementFileRefused,
)

BATCH_MAX: Final = 1_000
"""Lines, rejected rows and warnings of a batch; while one is taken, the next is in memory as well."""

SETTLEMENT_CHARS_MAX: Final = 100
"""The ledger names a settlement in so many characters."""


@dataclass(slots=True)
class Batch:
    lines: list[KeyedLine] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)


@asynccontextmanager
async def in_thread(
    reading: AbstractContextManager[SettlementFileReading],
) -> AsyncIterator[SettlementFileReading]:
    """Begin and end *reading* in a thread: a file is read once for its dates before its first line."""
    begun = await asyncio.to_thread(reading.__enter__)
    try:
        yield begun
    finally:
        await asyncio.to_thread(reading.__exit__, None, None, None)


async def read_ahead(
    reading: SettlementFileReading, take: Callable[[Batch], Awaitable[None]]
) -> None:
    """
    Give *take* what stands in the file, in its order; each line with its warnings.

    While it takes a batch the next one is read. Nobody reads any more when this ends, however it ends.
    Raises ``SettlementFileRefused`` as the reading does, and for the id of a settlement that is too long.
    """
    items = _with_warnings(reading)
    ahead = _reading(items)
    try:
        while batch := await asyncio.shield(ahead):
            ahead = _reading(items)
            await take(batch)
    finally:
        await asyncio.wait({ahead})
        # Where taking a batch has failed, what reading the next one came to is of no interest.
        ahead.exception()


def _reading(items: Iterator[KeyedLine | RejectedRow]) -> "asyncio.Task[Batch | None]":
    return asyncio.create_task(asyncio.to_thread(_next_batch, items))


def _next_batch(items: Iterator[KeyedLine | RejectedRow]) -> Batch | None:
    batch = Batch()
    for item in islice(items, BATCH_MAX):
        if isinstance(item, RejectedRow):
            batch.rejected.append(item)
        else:
            batch.lines.append(item)
    return batch if batch.lines or batch.rejected else None


def _with_warnings(reading: SettlementFileReading) -> Iterator[KeyedLine | RejectedRow]:
    waits: KeyedLine | None = None
    warnings: list[str] = []
    for item in reading.items():
        if isinstance(item, WarnedLine):
            warnings.append(item.warning if item.field is None else f"{item.warning}:{item.field}")
            continue
        if waits is not None:
            yield _warned(waits, warnings) if warnings else waits
            waits, warnings = None, []
        if isinstance(item, RejectedRow):
            yield item
        else:
            _refuse_long_name(item)
            waits = item
    if waits is not None:
        yield _warned(waits, warnings)


def _refuse_long_name(line: KeyedLine) -> None:
    if len(line.settlement) > SETTLEMENT_CHARS_MAX:
        raise SettlementFileRefused(
            FileRefusal.CELL_TOO_LONG,
            f"the id of a settlement has at most {SETTLEMENT_CHARS_MAX} characters",
            line.line_no,
        )


def _warned(line: KeyedLine, warnings: list[str]) -> KeyedLine:
    return line._replace(warnings=" ".join(warnings) or None)
