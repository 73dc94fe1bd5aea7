"""Every call that leaves a process of ours, counted; a fault may be injected at one of them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar, assert_never

Out = TypeVar("Out")


class Fault(StrEnum):
    CRASH_BEFORE = "crash_before"
    """The process dies; what it was about to ask never left it."""

    CRASH_AFTER = "crash_after"
    """What was asked for is done; the process dies before it is told so."""

    ERROR = "error"
    """Nothing is done, and the process is told so, or is told of trouble that may mean anything."""

    TIMED_OUT_BUT_APPLIED = "timed_out_but_applied"
    """What was asked for is done; the process is told that nobody knows."""

    DELIVERED_TWICE = "delivered_twice"
    """The question arrives twice, and the second answer is the one that comes back."""


class Died(BaseException):
    """The process is no more. No code of ours may catch this, as none could."""


@dataclass(frozen=True, slots=True)
class Injection:
    """*fault* at the interaction with this number, the first being 0."""

    fault: Fault
    number: int


@dataclass(frozen=True, slots=True)
class Channel:
    """
    One kind of way out. Given an operation's name, *error* and *unclear* make what its port raises
    when nothing was done, and when that is not known. *repeats* is whether a message can be
    delivered twice there.
    """

    error: Callable[[str], Exception]
    unclear: Callable[[str], Exception]
    repeats: bool

    def knows(self, fault: Fault) -> bool:
        return self.repeats or fault is not Fault.DELIVERED_TWICE


@dataclass(slots=True)
class Interactions:
    """
    What one process did beyond itself, by name, in order.

    *injected* is the name of the interaction that the planned injection met, None while it met none.
    """

    injection: Injection | None = None
    names: list[str] = field(default_factory=list)
    injected: str | None = None
    dead: bool = False

    async def happen(
        self, name: str, deed: Callable[[], Awaitable[Out]], channel: Channel, operation: str = ""
    ) -> Out:
        """Do *deed* and return its answer, or let the planned fault happen instead."""
        if self.dead:
            raise Died
        number = len(self.names)
        self.names.append(name)
        injection = self.injection
        if injection is not None and injection.number == number and channel.knows(injection.fault):
            self.injected = name
            answer = await self._inject(injection.fault, deed, channel, operation or name)
        else:
            answer = await deed()
        if self.dead:
            # The answer arrives where nobody is left to receive it.
            raise Died
        return answer

    async def _inject(
        self, fault: Fault, deed: Callable[[], Awaitable[Out]], channel: Channel, operation: str
    ) -> Out:
        match fault:
            case Fault.CRASH_BEFORE:
                raise self._death()
            case Fault.CRASH_AFTER:
                with suppress(Exception):
                    await deed()
                raise self._death()
            case Fault.ERROR:
                raise channel.error(operation)
            case Fault.TIMED_OUT_BUT_APPLIED:
                await deed()
                raise channel.unclear(operation)
            case Fault.DELIVERED_TWICE:
                await deed()
                return await deed()
            case _:
                assert_never(fault)

    def _death(self) -> Died:
        """End the process here and now."""
        self.dead = True
        return Died()
