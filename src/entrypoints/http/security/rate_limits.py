"""Rate limits for each student and address: counted in Redis for all processes, in each one without it."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final, Self

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import (
    MovingWindowRateLimiter,
    RateLimiter,
    SlidingWindowCounterRateLimiter,
)
from limits.errors import StorageError
from litestar.types import Scope
from redis.asyncio import ConnectionPool

from entrypoints.settings.settings import Rate, Settings

log = logging.getLogger(__name__)

STANDINGS: Final = "shulk_rate_limits"
REDIS_SECONDS_MAX: Final = 0.25
REDIS_LEFT_ALONE_SECONDS: Final = 10.0


class Budget(StrEnum):
    """What is counted apart from each other; a route names the one it draws on."""

    INITIATE = "initiate"
    RETRY = "retry"
    """Retries of one payment, beside those that its student may start in all."""

    QUOTE = "quote"
    REFUND = "refund"
    REFUND_DECISION = "refund_decision"
    RESOLUTION = "resolution"
    JOB_RUN = "job_run"
    CONFIGURATION = "configuration"
    """Changes of the gateway configuration, and decisions about them."""

    CONNECTION_TEST = "connection_test"
    READ = "read"
    STAFF = "staff"
    SERVER_KEY = "server_key"
    """All that a back end does, beside the budgets of the students for whom it acts."""

    SIGN_IN = "sign_in"
    CONSOLE_CODE = "console_code"
    FAILED_AUTHENTICATION = "failed_authentication"
    """Tokens, webhook passwords and TOTP codes that were wrong; no route draws on it by itself."""


FIXED: Final[Mapping[Budget, Rate]] = {
    Budget.RESOLUTION: Rate(30, 60),
    Budget.JOB_RUN: Rate(10, 60),
    Budget.CONFIGURATION: Rate(20, 3600),
    Budget.CONNECTION_TEST: Rate(6, 3600),
    Budget.READ: Rate(1200, 60),
    Budget.STAFF: Rate(600, 60),
    Budget.SERVER_KEY: Rate(3000, 60),
    Budget.SIGN_IN: Rate(60, 60),
    Budget.CONSOLE_CODE: Rate(10, 60),
}


SLIDING: Final = frozenset({Budget.READ, Budget.STAFF, Budget.SERVER_KEY})
"""Large budgets are counted in two numbers; the others remember each request, so that no burst passes them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What is left of a budget after a request: *wait* is 0, or the whole seconds until the next one may come.

    *left* is how many more may come now, *reset* after how many seconds the oldest counted request is
    forgotten. Both are None where a request passed and nothing more was asked of the storage.
    """

    budget: Budget
    times: int
    seconds: int
    wait: int = 0
    left: int | None = None
    reset: int | None = None

    @property
    def policy(self) -> str:
        """The item of ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers-11)."""
        return f'"{self.budget.value}";q={self.times};w={self.seconds}'

    @property
    def told(self) -> str:
        """The item of ``RateLimit`` (the same draft)."""
        return f'"{self.budget.value}";r={self.left};t={self.reset}'


@dataclass(frozen=True, slots=True)
class Counters:
    """Both ways to count over one storage; neither lets more pass at the edge of a window."""

    moving: MovingWindowRateLimiter
    sliding: SlidingWindowCounterRateLimiter

    @classmethod
    def on(cls, storage: MemoryStorage | RedisStorage) -> Self:
        return cls(MovingWindowRateLimiter(storage), SlidingWindowCounterRateLimiter(storage))

    def of(self, budget: Budget) -> RateLimiter:
        return self.sliding if budget in SLIDING else self.moving


@dataclass(slots=True)
class Limits:
    """
    The counters of one process, shared with the others through Redis when there is one.

    A Redis that fails or is slow is not used for a while, and each process counts for itself:
    limits grow coarser, and no request is refused because of it.
    """

    rates: Mapping[Budget, RateLimitItem]
    alone: Counters
    together: Counters | None = None
    connections: ConnectionPool | None = None
    _left_alone_until: float = field(default=0.0, init=False)

    @property
    def are_shared(self) -> bool:
        """Whether other processes are counted with this one now."""
        return self.together is not None and time.monotonic() >= self._left_alone_until

    async def count(self, budget: Budget, whose: str) -> Standing:
        """Count one request of *whose*, and return what is left then; of large budgets only a refusal tells it."""
        return await self._asked(budget, whose, count=True)

    async def wait_seconds(self, budget: Budget, whose: str) -> int:
        """Count one request and return 0, or the whole seconds after which *whose* next one may come."""
        return (await self._asked(budget, whose, count=True)).wait

    async def wait_left(self, budget: Budget, whose: str) -> int:
        """Return what ``wait_seconds`` would, and count nothing."""
        return (await self._asked(budget, whose, count=False)).wait

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self.connections is not None:
            await self.connections.aclose()

    async def _asked(self, budget: Budget, whose: str, *, count: bool) -> Standing:
        if self.together is not None and self.are_shared:
            try:
                return await self._ask(self.together.of(budget), budget, whose, count=count)
            except StorageError as error:
                self._left_alone_until = time.monotonic() + REDIS_LEFT_ALONE_SECONDS
                log.warning(
                    "rate_limit.counted_per_process",
                    extra={"dependency": "redis", "reason": type(error.storage_error).__name__},
                )
        return await self._ask(self.alone.of(budget), budget, whose, count=count)

    async def _ask(
        self, limiter: RateLimiter, budget: Budget, whose: str, *, count: bool
    ) -> Standing:
        rate = self.rates[budget]
        ask = limiter.hit if count else limiter.test
        passed = await ask(rate, budget.value, whose)
        standing = Standing(budget, times=rate.amount, seconds=rate.get_expiry())
        if passed and (budget in SLIDING or not count):
            return standing
        window = await limiter.get_window_stats(rate, budget.value, whose)
        reset = max(1, ceil(window.reset_time - time.time()))
        left = window.remaining if passed else 0
        return replace(standing, wait=0 if passed else reset, left=left, reset=reset)


def among(standing: Standing, acts: Sequence[datetime], at: datetime) -> Standing:
    """Return *standing* where *acts*, of all processes and within its time, the oldest first, count as well."""
    more = standing.times - len(acts)
    if more <= 0:
        first = acts[-standing.times] + timedelta(seconds=standing.seconds)
        wait = max(1, standing.wait, ceil((first - at).total_seconds()))
        return replace(standing, wait=wait, left=0, reset=wait)
    left = more - 1 if standing.left is None else min(standing.left, more - 1)
    return replace(standing, left=left)


def standings_of(scope: Scope) -> dict[Budget, Standing]:
    """Return what this request's answer tells of its caller's budgets, to be added to."""
    standings: dict[Budget, Standing] = scope.setdefault(STANDINGS, {})  # type: ignore[typeddict-item]
    return standings


def limits_of(settings: Settings) -> Limits:
    """Return the limits that *settings* ask for."""
    rates = {
        **FIXED,
        Budget.INITIATE: settings.limit_initiate,
        Budget.QUOTE: settings.limit_quote,
        Budget.RETRY: settings.limit_retry,
        Budget.REFUND: settings.limit_refund,
        Budget.REFUND_DECISION: settings.limit_refund,
        Budget.FAILED_AUTHENTICATION: settings.limit_failed_authentication,
    }
    together, connections = None, None
    if settings.redis_url is not None:
        connections = ConnectionPool.from_url(
            settings.redis_url,
            socket_timeout=REDIS_SECONDS_MAX,
            socket_connect_timeout=REDIS_SECONDS_MAX,
        )
        together = Counters.on(
            RedisStorage(
                f"async+{settings.redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="shulk-limit",
                connection_pool=connections,  # type: ignore[arg-type]  # its options are typed as plain values
            )
        )
    return Limits(
        rates={
            budget: RateLimitItemPerSecond(rate.times, rate.seconds)
            for budget, rate in rates.items()
        },
        alone=Counters.on(MemoryStorage()),
        together=together,
        connections=connections,
    )
