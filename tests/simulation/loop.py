"""
An event loop without a clock, a socket or a thread: time jumps to the next timer when nothing is left to do.

Whoever runs on it belongs to a process, or to nobody. Which of the processes takes the next step is drawn; within one
process the order is asyncio's own.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

NOBODY: Final = "nobody"


class WouldWaitForEver(Exception):
    """Nothing is ready and no timer runs: in the world outside this life would hang."""


class OutOfSteps(Exception):
    """The life took more steps than any that goes well: something runs in circles."""


@dataclass(slots=True, eq=False)
class Owner:
    """
    A running process as the loop sees it: whose steps are counted, and which ends when its last one has come.

    A dead process takes no step any more: neither ``except`` nor ``finally`` of what it was doing is run, as when the
    machine under it lost its power. *at_death* tells the others.
    """

    name: str
    alive: bool = True
    steps: int = 0
    last_step: int | None = None
    at_death: list[Callable[[], None]] = field(default_factory=list)

    def die(self) -> None:
        self.alive = False
        for tell in self.at_death:
            tell()


_OWNER: Final[ContextVar[Owner | None]] = ContextVar("whose code runs", default=None)


def owner_now() -> Owner | None:
    """Return whose code runs, None for the people and for the world itself."""
    return _OWNER.get()


def name_now() -> str:
    """Return the name of whose code runs."""
    owner = _OWNER.get()
    return owner.name if owner is not None else NOBODY


def context_of(owner: Owner | None) -> Context:
    """Return a fresh context in which the code of *owner* runs."""
    context = Context()
    context.run(_OWNER.set, owner)
    return context


def begin(work: Coroutine[Any, Any, object], owner: Owner | None = None) -> None:
    """Let *owner* do *work*, beside whatever else is done; the loop keeps the task."""
    loop: Any = asyncio.get_running_loop()
    loop.create_task(work, context=context_of(owner))  # noqa: RUF006 - the loop keeps it


class VirtualLoop(asyncio.BaseEventLoop):
    """*order* draws who takes the next step; *steps_max* ends a life that runs in circles."""

    def __init__(self, order: Random, *, steps_max: int) -> None:
        super().__init__()
        self._order = order
        self._moment = 0.0
        self._steps_left = steps_max
        self.steps = 0
        self.troubles: list[str] = []
        self._kept: list[object] = []
        self.set_exception_handler(self._note)
        self.set_task_factory(self._keep)

    def time(self) -> float:
        return self._moment

    def call_soon_threadsafe(  # type: ignore[override]  # in as many words as it needs here
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(  # type: ignore[override]  # in as many words as it needs here
        self,
        executor: Any,  # noqa: ARG002 - there are no threads
        func: Any,
        *args: Any,
    ) -> Any:
        """What a thread would do is done at once, in the order in which it was asked for."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            done.set_exception(error)
        return done

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]  # asyncio's own queue
        if not ready:
            self._jump()
        handle = ready.popleft() if len(ready) == 1 else self._drawn(ready)
        if handle._cancelled:
            return
        owner = handle._context.get(_OWNER)
        if owner is not None:
            if not owner.alive:
                self._kept.append(handle)
                return
            owner.steps += 1
            if owner.steps == owner.last_step:
                self._kept.append(handle)
                owner.die()
                return
        self.steps += 1
        if self.steps > self._steps_left:
            raise OutOfSteps(f"after {self.steps} steps, at second {self._moment:.3f}")
        handle._run()

    def _drawn(self, ready: Any) -> Any:
        """Take the first step of one of those who could take one."""
        first: dict[Any, int] = {}
        for at, handle in enumerate(ready):
            first.setdefault(handle._context.get(_OWNER), at)
        if len(first) == 1:
            return ready.popleft()
        at = list(first.values())[self._order.randrange(len(first))]
        handle = ready[at]
        del ready[at]
        return handle

    def _jump(self) -> None:
        scheduled: Any = self._scheduled  # type: ignore[attr-defined]  # asyncio's own heap
        ready: Any = self._ready  # type: ignore[attr-defined]
        while scheduled:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            if handle._cancelled:
                continue
            self._moment = max(self._moment, handle._when)
            ready.append(handle)
            while scheduled and scheduled[0]._when <= self._moment:
                due = heapq.heappop(scheduled)
                due._scheduled = False
                if not due._cancelled:
                    ready.append(due)
            return
        raise WouldWaitForEver(f"at second {self._moment:.3f}")

    def _timer_handle_cancelled(self, handle: Any) -> None:
        """Cancelled timers are passed over when their time comes."""

    def _process_events(self, event_list: Any) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """There are no threads to be woken by."""

    def _keep(self, loop: Any, coro: Any, context: Any = None) -> Any:
        """Keep every task until the life is over: what a dead process left behind is never tidied up."""
        task: Any = (
            asyncio.Task(coro, loop=loop)
            if context is None
            else asyncio.Task(coro, loop=loop, context=context)
        )
        self._kept.append(task)
        return task

    def _note(self, _: Any, told: dict[str, Any]) -> None:
        error = told.get("exception")
        self.troubles.append(f"{told.get('message')}: {type(error).__name__}: {error}")

    def let_go(self) -> None:
        """Forget what was left behind, once the life is over; what it does at its end reaches nobody."""
        for each in self._kept:
            if isinstance(each, asyncio.Task) and not each.done():
                each._log_destroy_pending = False  # type: ignore[attr-defined]  # it was meant
                with suppress(BaseException):
                    each.get_coro().close()
        self._kept.clear()
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]
