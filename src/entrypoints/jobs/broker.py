"""Valkey carries wake-up calls between our processes; losing one costs time, never money."""

from collections.abc import Awaitable, Callable
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from taskiq.serializers import JSONSerializer
from taskiq_redis import RedisStreamBroker

STREAM: Final = "shulk:jobs"
GROUP: Final = "workers"
STREAM_LENGTH_MAX: Final = 1000
BLOCK_MILLISECONDS: Final = 2000
ANSWER_SECONDS_MAX: Final = 10.0  # longer than a blocking read waits
CONNECT_SECONDS_MAX: Final = 2.0
IDLE_MILLISECONDS: Final = 60_000
RECLAIM_LOCK_SECONDS: Final = 10.0
CONNECTIONS_MAX: Final = 20
FORGOTTEN_AFTER_MILLISECONDS: Final = 24 * 60 * 60 * 1000


class WakeUpBroker(RedisStreamBroker):
    """A stream that stays short: what was carried out is deleted, and workers long gone are forgotten."""

    async def startup(self) -> None:
        await super().startup()
        async with self._redis() as redis:
            for each in await redis.xinfo_consumers(self.queue_name, self.consumer_group_name):
                if not each["pending"] and each["idle"] > FORGOTTEN_AFTER_MILLISECONDS:
                    await redis.xgroup_delconsumer(
                        self.queue_name, self.consumer_group_name, each["name"]
                    )

    def _ack_generator(
        self,
        id: str,  # noqa: A002 - the library's name, passed by keyword
        queue_name: str,
    ) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            # Dying between the two leaves one entry that nobody is given again.
            async with self._redis() as redis:
                await redis.xack(queue_name, self.consumer_group_name, id)
                await redis.xdel(queue_name, id)

        return acknowledge

    def _redis(self) -> Redis:
        return Redis(connection_pool=self.connection_pool)


def open_broker(redis_url: str, *, idle_milliseconds: int = IDLE_MILLISECONDS) -> WakeUpBroker:
    """
    Return the broker all our processes share, not yet connected.

    Against the library's defaults: a new group reads from the beginning (``0``), what a dead worker
    held is another's after a minute instead of ten, and the lock for taking it over runs out when
    its holder is killed. The length is cut loosely on every addition; a call that is cut off is
    made up for by the workers' own loops.
    """
    broker = WakeUpBroker(
        redis_url,
        queue_name=STREAM,
        consumer_group_name=GROUP,
        consumer_id="0",
        xread_block=BLOCK_MILLISECONDS,
        maxlen=STREAM_LENGTH_MAX,
        approximate=True,
        idle_timeout=idle_milliseconds,
        unacknowledged_lock_timeout=RECLAIM_LOCK_SECONDS,
        max_connection_pool_size=CONNECTIONS_MAX,
        socket_timeout=ANSWER_SECONDS_MAX,
        socket_connect_timeout=CONNECT_SECONDS_MAX,
        # Whoever calls decides about another try; the library would wait for ten of them.
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    broker.serializer = JSONSerializer()
    return broker
