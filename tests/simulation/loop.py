"""
An event loop without a clock, a socket or a thread: time jumps to the next timer when nothing is left to do.

Whoever runs on it belongs to a process, or to nobody. Which of the processes takes the next step is drawn; within one
process the order is asyncio's own.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
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


class Step:
    """What is to be run, as asyncio's own handle; *owner* is looked up once, for it is asked for often."""

    __slots__ = ("args", "callback", "context", "is_cancelled", "owner")

    def __init__(self, callback: Any, args: Any, context: Context | None) -> None:
        self.context = context = copy_context() if context is None else context
        self.owner = context.get(_OWNER)
        self.callback, self.args, self.is_cancelled = callback, args, False

    def cancel(self) -> None:
        self.is_cancelled, self.callback, self.args = True, None, ()


class VirtualLoop(asyncio.BaseEventLoop):
    """*order* draws who takes the next step; *steps_max* ends a life that runs in circles."""

    def __init__(self, order: Random, *, steps_max: int) -> None:
        super().__init__()
        self._order = order
        self._moment = 0.0
        self._steps_left = steps_max
        self._timers: list[tuple[float, int, Step]] = []
        self._timers_set = 0
        self.steps = 0
        self.troubles: list[str] = []
        self._kept: list[object] = []
        self.set_exception_handler(self._note)
        self.set_task_factory(self._keep)

    def time(self) -> float:
        return self._moment

    def call_soon(  # type: ignore[override]  # in as many words as it needs here
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        step = Step(callback, args, context)
        self._ready.append(step)  # type: ignore[attr-defined]  # asyncio's own queue
        return step

    def call_at(  # type: ignore[override]  # in as many words as it needs here
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        """Timers of the same moment end in the order in which they were set."""
        step = Step(callback, args, context)
        self._timers_set += 1
        heapq.heappush(self._timers, (when, self._timers_set, step))
        return step

    def call_later(  # type: ignore[override]  # in as many words as it needs here
        self, delay: float, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        return self.call_at(self._moment + delay, callback, *args, context=context)

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
        """Run until somebody stops the loop: asyncio would ask after each step."""
        ready: Any = self._ready  # type: ignore[attr-defined]  # asyncio's own queue
        while not self._stopping:  # type: ignore[attr-defined]
            if not ready:
                self._jump(ready)
            step: Step = ready.popleft() if len(ready) == 1 else self._drawn(ready)
            if step.is_cancelled or not self._may_go(step):
                continue
            self.steps += 1
            if self.steps > self._steps_left:
                raise OutOfSteps(f"after {self.steps} steps, at second {self._moment:.3f}")
            try:
                step.context.run(step.callback, *step.args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - as asyncio does it
                name = getattr(step.callback, "__qualname__", type(step.callback).__name__)
                self.call_exception_handler(
                    {"message": f"Exception in callback {name}", "exception": error}
                )

    def _may_go(self, step: Step) -> bool:
        """Whether the owner of *step* lives, and its last step has not come."""
        owner = step.owner
        if owner is None:
            return True
        if not owner.alive:
            self._kept.append(step)
            return False
        owner.steps += 1
        if owner.steps == owner.last_step:
            self._kept.append(step)
            owner.die()
            return False
        return True

    def _drawn(self, ready: Any) -> Step:
        """Take the first step of one of those who could take one."""
        first: dict[Owner | None, int] = {}
        for at, step in enumerate(ready):
            if step.owner not in first:
                first[step.owner] = at
        if len(first) == 1:
            alone: Step = ready.popleft()
            return alone
        at = list(first.values())[self._order.randrange(len(first))]
        drawn: Step = ready[at]
        del ready[at]
        return drawn

    def _jump(self, ready: Any) -> None:
        timers = self._timers
        while timers:
            when, _, step = heapq.heappop(timers)
            if step.is_cancelled:
                continue
            self._moment = max(self._moment, when)
            ready.append(step)
            while timers and timers[0][0] <= self._moment:
                due = heapq.heappop(timers)[2]
                if not due.is_cancelled:
                    ready.append(due)
            return
        raise WouldWaitForEver(f"at second {self._moment:.3f}")

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
        self._timers.clear()
