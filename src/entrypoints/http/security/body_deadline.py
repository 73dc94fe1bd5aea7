"""A deadline for bodies: whoever sends one slowly, or never, does not keep a request open for long."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final, Self

from litestar.types import HTTPReceiveMessage, Receive, WebSocketReceiveMessage

from entrypoints.http import problem_types
from entrypoints.http.problems import HttpProblem
from entrypoints.settings.settings import Settings

log = logging.getLogger(__name__)

CROWD_PART: Final = 2
"""From half of all connections on, those that wait for a body are a crowd."""

CROWDED_PART: Final = 5
"""In a crowd a body has this part of the time: an honest one is there at once."""

SECONDS_MIN: Final = 1.0


@dataclass(slots=True)
class BodyDeadlines:
    """
    Gives each request *seconds* for its body, from when it is asked for to its end.

    When more than *crowd* requests wait for a body in this process, later ones get a part of that, so
    that slow senders cannot take all connections. What is read after the body is not limited.
    """

    seconds: float
    crowd: int
    _waiting: int = field(default=0, init=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.body_seconds, settings.connections_max // CROWD_PART)

    @property
    def seconds_now(self) -> float:
        """How long a body may take that is asked for now."""
        if self._waiting < self.crowd:
            return self.seconds
        return max(self.seconds / CROWDED_PART, SECONDS_MIN)

    def around(self, receive: Receive) -> Receive:
        """Return *receive* of one request, which raises ``HttpProblem`` after the deadline."""
        ends: float | None = None
        is_whole = False

        async def received() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            nonlocal ends, is_whole
            if is_whole:
                return await receive()
            if ends is None:
                # What we did before it was asked for is no fault of its sender.
                ends = asyncio.get_running_loop().time() + self.seconds_now
            self._waiting += 1
            try:
                async with asyncio.timeout_at(ends):
                    message = await receive()
            except TimeoutError:
                log.warning("request.too_slow", extra={"event_type": "security"})
                raise HttpProblem(
                    problem_types.BODY_TOO_SLOW, headers={"Connection": "close"}
                ) from None
            finally:
                self._waiting -= 1
            is_whole = not message.get("more_body", False)
            return message

        return received
