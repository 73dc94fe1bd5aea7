"""A file is read ahead: while a batch is taken the next one is read, and nobody reads when all has ended."""

import asyncio
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import pytest

from application.settlements import read_lines
from application.settlements.read_lines import Batch, read_ahead
from contracts.settlements.settlement_files_contract import a_line
from domain.settlements.keyed_line import KeyedLine
from fakes.settlements.settlement_file_reader import ReadAlready

SECONDS_MAX: Final = 20


class Watched:
    """Three lines of a file; before the third, it says that it is being read, and may have to wait for a word."""

    def __init__(self, *, waits: bool = False) -> None:
        self.reads_third = threading.Event()
        self.may_go_on = threading.Event()
        self.went_on = threading.Event()
        if not waits:
            self.may_go_on.set()

    def items(self) -> Iterator[KeyedLine]:
        report: Any = ReadAlready(lines=[a_line(1), a_line(2), a_line(3)])
        with report.read(BytesIO(), "a.csv") as reading:
            first, *others = reading.items()
        yield first
        yield others[0]
        self.reads_third.set()
        assert self.may_go_on.wait(SECONDS_MAX)
        self.went_on.set()
        yield others[1]


@pytest.fixture(autouse=True)
def _one_line_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_lines, "BATCH_MAX", 1)


async def test_the_next_batch_is_read_while_one_is_taken() -> None:
    """
    Batches come in their order, each once.
    """
    watched: Any = Watched()
    taken: list[int] = []

    async def take(batch: Batch) -> None:
        if not taken:
            assert await asyncio.to_thread(watched.reads_third.wait, SECONDS_MAX)
        taken.extend(line.line_no for line in batch.lines)

    await read_ahead(watched, take)

    assert taken == [1, 2, 3]


async def test_a_failure_waits_for_who_is_reading() -> None:
    """
    Otherwise the file would be closed while a thread is reading in it.
    """
    watched: Any = Watched(waits=True)

    async def fail(batch: Batch) -> None:
        assert [line.line_no for line in batch.lines] == [1]
        await asyncio.to_thread(watched.reads_third.wait, SECONDS_MAX)
        asyncio.get_running_loop().call_soon(watched.may_go_on.set)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await read_ahead(watched, fail)

    assert watched.went_on.is_set()
