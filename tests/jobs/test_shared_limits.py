"""Rate limits are shared by all processes while Redis is there, and kept by each of them while it is away."""

import asyncio
import logging

import pytest

from entrypoints.http.security import rate_limits
from entrypoints.http.security.rate_limits import Budget, Limits, limits_of
from fakes.valkey import ComingAndGoing
from worlds.settings import settings_with

ASHA = "student:asha"


async def test_a_hundred_at_once_in_two_processes_let_five_pass(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What is counted in Redis is counted for all processes, however close the requests come.
    """
    # A hundred connections are opened at once here, on a machine that may be busy with other tests.
    monkeypatch.setattr(rate_limits, "REDIS_SECONDS_MAX", 30.0)
    settings = settings_with(limit_initiate="5/minute", redis_url=redis_url)
    processes = [limits_of(settings), limits_of(settings)]
    standings = await asyncio.gather(
        *(each.count(Budget.INITIATE, ASHA) for each in processes for _ in range(50))
    )
    for each in processes:
        await each.close()

    assert [each.wait for each in standings].count(0) == 5


async def test_redis_killed_in_between_turns_nobody_away(
    coming_and_going: ComingAndGoing, caplog: pytest.LogCaptureFixture
) -> None:
    """
    From then on each process counts for itself: a student is limited all the same, and one line says so.
    """
    coming_and_going.come()
    settings = settings_with(limit_initiate="3/minute", redis_url=coming_and_going.url)
    processes = [limits_of(settings), limits_of(settings)]
    before = [(await each.count(Budget.INITIATE, ASHA)).left for each in processes]
    coming_and_going.go()
    caplog.clear()
    after = [await passes(each, 4) for each in processes]
    for each in processes:
        await each.close()

    assert before == [2, 1]
    assert after == [[True, True, True, False]] * 2
    told = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert told == ["rate_limit.counted_per_process"] * 2


async def passes(limits: Limits, times: int) -> list[bool]:
    return [(await limits.count(Budget.INITIATE, ASHA)).wait == 0 for _ in range(times)]
