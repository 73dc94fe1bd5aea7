"""The stream of wake-up calls loses none to a dead worker, and does not grow."""

from contextlib import aclosing

from redis.asyncio import Redis
from taskiq import AckableMessage
from taskiq.kicker import AsyncKicker

from entrypoints.jobs.broker import GROUP, STREAM, STREAM_LENGTH_MAX, WakeUpBroker, open_broker
from entrypoints.jobs.tasks import DRAIN


async def kick(broker: WakeUpBroker, times: int = 1) -> None:
    for _ in range(times):
        await AsyncKicker[[], None](DRAIN, broker, {}).kiq()


async def take(broker: WakeUpBroker, count: int) -> list[AckableMessage]:
    taken: list[AckableMessage] = []
    async with aclosing(broker.listen()) as messages:
        async for message in messages:
            taken.append(message)
            if len(taken) == count:
                break
    return taken


async def acknowledge(message: AckableMessage) -> None:
    done = message.ack()
    if done is not None:
        await done


async def test_a_call_made_before_the_first_worker_is_heard(redis_url: str) -> None:
    """
    A group begins at the start of the stream, not at its end.
    """
    caller, worker = open_broker(redis_url), open_broker(redis_url)
    await kick(caller)

    await worker.startup()
    (message,) = await take(worker, 1)

    assert b'"drain"' in message.data
    await caller.shutdown()
    await worker.shutdown()


async def test_what_was_carried_out_leaves_the_stream(redis_url: str) -> None:
    """
    Acknowledged is deleted: nothing waits for a length limit.
    """
    broker = open_broker(redis_url)
    await broker.startup()
    await kick(broker, 20)

    for message in await take(broker, 20):
        await acknowledge(message)

    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(STREAM) == 0
        assert (await redis.xpending(STREAM, GROUP))["pending"] == 0
    await broker.shutdown()


async def test_a_stream_nobody_reads_stays_short(redis_url: str) -> None:
    """
    With every worker away, calls beyond the limit push out the oldest: they all say the same.
    """
    broker = open_broker(redis_url)

    await kick(broker, STREAM_LENGTH_MAX + 500)

    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(STREAM) <= STREAM_LENGTH_MAX + 100
    await broker.shutdown()


async def test_a_dead_worker_s_task_goes_to_another(redis_url: str) -> None:
    """
    Taken but not acknowledged is given to the next worker, which deletes it when done.
    """
    dead = open_broker(redis_url)
    await dead.startup()
    await kick(dead)
    (lost,) = await take(dead, 1)
    await dead.shutdown()

    heir = open_broker(redis_url, idle_milliseconds=0)
    await heir.startup()
    (found,) = await take(heir, 1)

    assert found.data == lost.data
    await acknowledge(found)
    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(STREAM) == 0
    await heir.shutdown()
