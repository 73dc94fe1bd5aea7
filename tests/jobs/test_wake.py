"""The API wakes the workers without ever waiting for them."""

import asyncio
import logging

import pytest
from redis.asyncio import Redis

from entrypoints.cli.embedded import free_port
from entrypoints.jobs.broker import STREAM
from entrypoints.jobs.wakeup_sender import PAUSE_SECONDS, WARNING_SECONDS, WakeupSender


async def test_a_hundred_questions_make_two_calls_at_most(redis_url: str) -> None:
    """
    One under way and one owed serve all who ask at once.
    """
    wake = WakeupSender(redis_url)

    await asyncio.gather(*(wake() for _ in range(100)))
    await wake.close()

    async with Redis.from_url(redis_url) as redis:
        assert 1 <= await redis.xlen(STREAM) <= 2


async def test_a_question_during_a_call_is_owed_another(redis_url: str) -> None:
    """
    Whoever asks after the call has left is served by the next one.
    """
    wake = WakeupSender(redis_url)
    await wake()
    await asyncio.sleep(0)
    await wake()
    await wake.close()

    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(STREAM) == 2


async def test_questions_between_two_calls_are_owed_one(redis_url: str) -> None:
    """
    The next call waits a moment, and serves all who have asked until then.
    """
    paused, over = asyncio.Event(), asyncio.Event()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        paused.set()
        await over.wait()

    wake = WakeupSender(redis_url, pause=pause)
    await wake()
    await paused.wait()
    async with Redis.from_url(redis_url) as redis:
        for _ in range(9):
            await wake()
        assert await redis.xlen(STREAM) == 1
        over.set()
        await wake.close()

        assert await redis.xlen(STREAM) == 2
    assert pauses == [PAUSE_SECONDS] * 2


async def test_redis_away_is_one_warning_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """
    The caller notices nothing; the operator hears of it, and not a thousand times.
    """
    seconds = [0.0]
    wake = WakeupSender(
        f"redis://:hidden-word@127.0.0.1:{free_port()}/0", seconds=lambda: seconds[0]
    )

    async def ask() -> int:
        await wake()
        await wake.close()
        return len([each for each in caplog.records if each.levelno == logging.WARNING])

    assert await ask() == 1
    seconds[0] = WARNING_SECONDS - 1
    assert await ask() == 1
    seconds[0] = WARNING_SECONDS
    assert await ask() == 2
    assert "hidden-word" not in caplog.text


async def test_a_server_that_never_answers_holds_nobody_up() -> None:
    """
    The call returns at once; what hangs is given up in the background.
    """
    hung_up = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung_up.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        wake = WakeupSender(f"redis://127.0.0.1:{port}/0")
        try:
            async with asyncio.timeout(0.5):
                for _ in range(1000):
                    await wake()
            await wake.close()
        finally:
            # The server's end waits for its visitors.
            hung_up.set()
