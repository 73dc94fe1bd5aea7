"""The broker: Valkey carries wakeups between the processes; a lost one delays work and loses none."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Final, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from taskiq import AckableMessage
from taskiq.serializers import JSONSerializer
from taskiq_redis import RedisStreamBroker

Entries = Sequence[tuple[str, Mapping[bytes, bytes]]]
Streams = Sequence[tuple[bytes, Entries]]

STREAM: Final = "shulk:jobs"
GROUP: Final = "workers"
STREAM_LENGTH_MAX: Final = 1000
BLOCK_MILLISECONDS: Final = 2000
ANSWER_SECONDS_MAX: Final = 10.0  # longer than a blocking read waits
CONNECT_SECONDS_MAX: Final = 2.0
IDLE_MILLISECONDS: Final = 60_000
CONNECTIONS_MAX: Final = 20
FORGOTTEN_AFTER_MILLISECONDS: Final = 24 * 60 * 60 * 1000


class WakeUpBroker(RedisStreamBroker):
    """A stream that stays short: finished calls are deleted, and so are consumers of workers long ended."""

    async def startup(self) -> None:
        await super().startup()
        async with self._redis() as redis:
            for each in await redis.xinfo_consumers(self.queue_name, self.consumer_group_name):
                if not each["pending"] and each["idle"] > FORGOTTEN_AFTER_MILLISECONDS:
                    await redis.xgroup_delconsumer(
                        self.queue_name, self.consumer_group_name, each["name"]
                    )

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """
        Yield new calls, and those a dead worker has held for too long.

        The library looks for the latter only after a new call, and behind a lock that a killed
        worker can leave closed; taking over is atomic in Redis and needs none.
        """
        async with self._redis() as redis:
            while True:
                fetched = await redis.xreadgroup(
                    self.consumer_group_name,
                    self.consumer_name,
                    {self.queue_name: ">"},
                    count=self.count,
                    block=self.block,
                )
                for _, entries in cast("Streams", fetched or []):
                    for number, fields in entries:
                        yield self._message(number, fields)
                inherited = await redis.xautoclaim(
                    self.queue_name,
                    self.consumer_group_name,
                    self.consumer_name,
                    min_idle_time=self.idle_timeout,
                    count=self.unacknowledged_batch_size,
                )
                for number, fields in cast("Entries", inherited[1]):
                    yield self._message(number, fields)

    def _message(self, number: str, fields: Mapping[bytes, bytes]) -> AckableMessage:
        # An entry without data is not of this service; the receiver cannot read it and drops it.
        return AckableMessage(
            data=fields.get(b"data", b""), ack=self._ack_generator(number, self.queue_name)
        )

    async def hang_up(self) -> None:
        """Cancel the running read; the next command connects again."""
        await self.connection_pool.disconnect()

    def _ack_generator(
        self,
        id: str,  # noqa: A002 - the library's name
        queue_name: str,
    ) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            # If the process dies between the two, one entry stays that is delivered to no worker again.
            async with self._redis() as redis:
                await redis.xack(queue_name, self.consumer_group_name, id)
                await redis.xdel(queue_name, id)

        return acknowledge

    def _redis(self) -> Redis:
        return Redis(connection_pool=self.connection_pool)


def open_broker(redis_url: str, *, idle_milliseconds: int = IDLE_MILLISECONDS) -> WakeUpBroker:
    """
    Return the broker all our processes share, not yet connected.

    Against the library's defaults: a new group reads from the beginning (``0``), and what a dead
    worker held is another's after a minute instead of ten. The length is cut loosely on every
    addition; a call that is cut off is made up for by the workers' own loops.
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
        max_connection_pool_size=CONNECTIONS_MAX,
        socket_timeout=ANSWER_SECONDS_MAX,
        socket_connect_timeout=CONNECT_SECONDS_MAX,
        # The caller decides about another try; the library would wait for ten of them.
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    broker.serializer = JSONSerializer()
    return broker
