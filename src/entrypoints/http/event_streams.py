"""Streams of events to browsers: few for each person, short, and over before their process has to end."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Self

from entrypoints.http import problem_types
from entrypoints.http.problems import HttpProblem
from entrypoints.settings.settings import Settings

STREAM_SECONDS_MAX: Final = 15.0
STREAMS_PER_PERSON_MAX: Final = 4
SHARE_OF_SHUTDOWN: Final = 0.5
"""
Of the seconds that a process may take to finish. The server waits for every open stream, and tells the application
of its end only afterwards, so each one has to end by itself before.
"""


@dataclass(frozen=True, slots=True)
class EventStream:
    """One open stream: it lasts until *ends_at*, by the monotonic clock, or until its process ends."""

    ends_at: float
    process_ends: asyncio.Event
    monotonic: Callable[[], float]

    async def goes_on_after(self, seconds: float) -> bool:
        """Wait for *seconds* and return True, or return False as soon as the stream has to end."""
        left = self.ends_at - self.monotonic()
        try:
            await asyncio.wait_for(self.process_ends.wait(), max(0.0, min(seconds, left)))
        except TimeoutError:
            return seconds < left
        return False


@dataclass(slots=True)
class EventStreams:
    """All streams of one process, counted for each person; *life_seconds* is how long one lasts at most."""

    life_seconds: float
    monotonic: Callable[[], float] = time.monotonic
    _ends: dict[str, list[float]] = field(default_factory=dict)
    _process_ends: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(min(STREAM_SECONDS_MAX, settings.shutdown_seconds * SHARE_OF_SHUTDOWN))

    def check_room(self, whose: str) -> None:
        """Raise ``HttpProblem`` when *whose* browsers have as many streams open as one person may."""
        if len(self._living(whose)) >= STREAMS_PER_PERSON_MAX:
            wait = max(1, round(self.life_seconds))
            raise HttpProblem(
                problem_types.TOO_MANY_REQUESTS,
                "This person watches in too many windows at once.",
                headers={"Retry-After": str(wait)},
            )

    @contextmanager
    def opened(self, whose: str) -> Iterator[EventStream]:
        """Count one stream of *whose* while it is open."""
        ends_at = self.monotonic() + self.life_seconds
        self._ends[whose] = [*self._living(whose), ends_at]
        try:
            yield EventStream(ends_at, self._process_ends, self.monotonic)
        finally:
            left = self._living(whose)
            if ends_at in left:
                left.remove(ends_at)
            if left:
                self._ends[whose] = left
            else:
                self._ends.pop(whose, None)

    def close(self) -> None:
        """Let every stream end now."""
        self._process_ends.set()

    def _living(self, whose: str) -> list[float]:
        now = self.monotonic()
        return [ends_at for ends_at in self._ends.get(whose, ()) if ends_at > now]
