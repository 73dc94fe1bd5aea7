"""A round of a queue: every entry to its end, and none ends the round for the others."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from application.drain_queue import Drain
from domain.errors import ChangedMeanwhile
from fakes.clock import NOON
from ports.unit_of_work import StorageUnavailable
from ports.work_queue import ClaimedEntry

ENTRIES = [ClaimedEntry(attempts=number, generation=1) for number in (1, 2, 3)]


@dataclass(slots=True)
class Round:
    """What became of three entries, of which the second meets *trouble*."""

    trouble: Exception | None = None
    put_back_trouble: Exception | None = None
    done: list[int] = field(default_factory=list)
    put_back: list[tuple[int, str]] = field(default_factory=list)

    async def claim(
        self,
        at: datetime,  # noqa: ARG002 - all are due
        *,
        lease: timedelta,  # noqa: ARG002 - nobody else claims
        at_most: int,
    ) -> Sequence[ClaimedEntry]:
        return ENTRIES[:at_most]

    async def work_off(self, entry: ClaimedEntry) -> None:
        if entry.attempts == 2 and self.trouble is not None:
            raise self.trouble
        self.done.append(entry.attempts)

    async def put(self, entry: ClaimedEntry, why: str) -> None:
        if self.put_back_trouble is not None:
            raise self.put_back_trouble
        self.put_back.append((entry.attempts, why))

    async def run(self) -> int:
        drain = Drain(
            queue=self,
            name="inbox",
            work_off=self.work_off,
            put_back=self.put,
            about=lambda entry: {"entry": entry.attempts},
        )
        return await drain(NOON, lease=timedelta(minutes=1), at_most=9)


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    return [(record.message, record.levelno) for record in caplog.records]


async def test_a_round_tells_how_many_there_were(caplog: pytest.LogCaptureFixture) -> None:
    """
    All of them done, and nothing to tell.
    """
    caplog.set_level(logging.INFO)
    round_ = Round()

    assert await round_.run() == 3

    assert (round_.done, round_.put_back, said(caplog)) == ([1, 2, 3], [], [])


@pytest.mark.parametrize("trouble", [ValueError("broken"), ChangedMeanwhile("payment")])
async def test_what_could_not_be_worked_off_is_put_back(
    trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Counted, with its reason; the others are done.
    """
    round_ = Round(trouble=trouble)

    assert await round_.run() == 3

    assert round_.done == [1, 3]
    assert round_.put_back == [(2, type(trouble).__name__)]
    assert said(caplog)[-1] == ("queue.round_incomplete", logging.WARNING)
    assert [getattr(caplog.records[-1], name) for name in ("queue", "count")] == ["inbox", 1]


async def test_a_lost_lease_is_told_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    """
    Another holds the entry: it is theirs to deal with.
    """
    caplog.set_level(logging.INFO)
    lost = ChangedMeanwhile("a claimed entry")
    round_ = Round(trouble=lost, put_back_trouble=lost)

    assert await round_.run() == 3

    assert round_.done == [1, 3]
    assert said(caplog) == [("queue.lease_lost", logging.INFO)]


async def test_an_entry_that_cannot_be_put_back_ends_no_round(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    It comes back when its lease has run out.
    """
    round_ = Round(trouble=ValueError("broken"), put_back_trouble=ValueError("broken too"))

    assert await round_.run() == 3

    assert round_.done == [1, 3]
    assert said(caplog)[-1] == ("queue.entry_not_rescheduled", logging.ERROR)


@pytest.mark.parametrize("where", ["working off", "putting back"])
async def test_a_database_that_is_away_ends_the_round(where: str) -> None:
    """
    When the others have ended: the worker waits for it.
    """
    away = StorageUnavailable("away")
    round_ = (
        Round(trouble=away)
        if where == "working off"
        else Round(trouble=ValueError("broken"), put_back_trouble=away)
    )

    with pytest.raises(StorageUnavailable):
        await round_.run()

    assert round_.done == [1, 3]
