"""
One fault at a time, at every moment: a flow runs again and again, with a fault at its first, second, ... interaction.

How a flow is added
-------------------
A flow is what a process of ours, and those who ask it, do with one subject (a payment, a refund). It
is a ``Flow`` of four functions, and a test that runs ``enumerated`` for each ``Fault``:

* ``prepare(world)`` brings about what stands before, and returns the subject. No fault is injected here.
* ``act(process, subject)`` is the flow. It goes through the process's use cases, one after the other,
  so that the *n*-th interaction is the same in every run. What the asker has heard by then (an
  acknowledgement, an answer) is noted on the subject.
* ``go_on(process, subject)`` is what happens by itself afterwards: whoever heard no answer asks
  again, and the worker's tasks run. It returns how much there was to do; 0 means at rest.
* ``check(world, subject, injected)`` asserts what must be so in the end, whatever failed, and that
  nothing happened twice. *injected* is None in the undisturbed run. That every money invariant holds
  is checked by ``enumerated`` itself, whatever the flow.

An interaction is a call that leaves the process: a statement to PostgreSQL, a question to the
gateway, an email to the mail server. ``observed_calls.py`` watches these three below every port, and
``world.py`` wires a process as production is wired, so that use cases added later need no line here.

A crash is the whole process's: from then on nothing in it interacts any more, its tasks are
cancelled and its connections closed, and what goes on is a new process with every part built anew.
Leases run out because the world's clock goes forward by ``Flow.pause`` between two rounds. After an
error the same process goes on, with whatever it keeps in memory.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

from domain.errors import DomainError
from fault_injection.interactions import Died, Fault, Injection
from fault_injection.world import Process, World

ROUNDS_MAX: Final = 12
PAUSE: Final = timedelta(minutes=10)
"""Longer than any lease or lock, so that what a dead process held is free again."""

REPEATED: Final = ("gateway.", "mail.", "files.", "anchors.")
"""What travels over a network that may deliver twice; a statement to PostgreSQL does not."""

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Injected:
    """
    What met which interaction (``gateway.read_order``, ``claim inbox``, ``apply payment, ...``), and
    which had gone before.
    """

    fault: Fault
    name: str
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Generic[Subject]):
    prepare: Callable[[World], Awaitable[Subject]]
    act: Callable[[Process, Subject], Awaitable[None]]
    go_on: Callable[[Process, Subject], Awaitable[int]]
    check: Callable[[World, Subject, Injected | None], Awaitable[None]]
    pause: timedelta = PAUSE
    spared: tuple[str, ...] = ()
    """How the moments begin that are tried with ``--all-tries`` alone, the reads of a flow of many reads."""


def met_by(
    fault: Fault, moments: Sequence[str], world: World, *, spared: tuple[str, ...] = ()
) -> list[str]:
    """Return those of *moments* at which *fault* is tried in this run, with what its flow has *spared*."""
    return [moments[number] for number in _tried(fault, moments, world, spared)]


def _tried(
    fault: Fault, moments: Sequence[str], world: World, spared: tuple[str, ...]
) -> list[int]:
    """
    Return the numbers of the *moments* to try: with ``--all-tries`` each that can meet *fault*.

    Otherwise two faults are tried where nothing stands for them. A process that dies before any later
    interaction than the first leaves behind what it leaves when it dies after the one before, but where two
    run at once. A statement that did nothing, and says so, ends its unit as the first one does.
    """
    numbered = list(enumerate(moments))
    remote = [number for number, each in numbered if each.startswith(REPEATED)]
    if fault is Fault.DELIVERED_TWICE:
        return remote
    if world.all_tries:
        return [number for number, _ in numbered]
    if fault not in {Fault.CRASH_BEFORE, Fault.ERROR}:
        return [number for number, each in numbered if not each.startswith(spared)]
    return [0] if fault is Fault.CRASH_BEFORE else sorted({0, *remote})


async def undisturbed(flow: Flow[Subject], world: World) -> list[str]:
    """Run *flow* once without a fault, check it, and return its interactions by name."""
    names, _ = await _run(flow, world, None)
    await world.in_order()
    return names


async def enumerated(flow: Flow[Subject], world: World, fault: Fault) -> list[str]:
    """
    Run *flow* once for each interaction at which *fault* is tried, and check the end each time.

    Return the interactions that met the fault: all of them, but for those that know no such fault,
    and those where another one leaves the same behind (``make exhaustive`` tries these as well).
    Each run has a subject of its own, so that one world serves them all. What breaks an invariant
    stays broken, for nothing is deleted and the clock only goes forward: the invariants are checked
    once, when all runs are over, and name the subjects that break them.
    """
    expected, _ = await _run(flow, world, None)
    injected_at: list[str] = []
    for number in _tried(fault, expected, world, flow.spared):
        names, injected = await _run(flow, world, Injection(fault, number))
        assert names[: number + 1] == expected[: number + 1], "the flow is not the same every time"
        if injected is not None:
            injected_at.append(injected)
    await world.in_order()
    return injected_at


async def _run(
    flow: Flow[Subject], world: World, injection: Injection | None
) -> tuple[list[str], str | None]:
    subject = await flow.prepare(world)
    async with world.process(injection) as process:
        with suppress(Died, DomainError):
            await flow.act(process, subject)
        names, name = list(process.interactions.names), process.interactions.injected
        process.interactions.injection = None
        before = tuple(names[: injection.number]) if injection else ()
        injected = Injected(injection.fault, name, before) if injection and name else None
        try:
            if process.dead:
                async with world.process() as heir:
                    await _come_to_rest(flow, world, heir, subject)
            else:
                await _come_to_rest(flow, world, process, subject)
            await flow.check(world, subject, injected)
        except BaseException as error:
            error.add_note(
                f"injected: {injected}, as number {injection.number if injection else None}"
            )
            raise
    return names, name


async def _come_to_rest(
    flow: Flow[Subject], world: World, process: Process, subject: Subject
) -> None:
    for _ in range(ROUNDS_MAX):
        world.clock.forward(flow.pause)
        if not await flow.go_on(process, subject):
            return
    raise AssertionError(f"there is still something to do after {ROUNDS_MAX} rounds")
