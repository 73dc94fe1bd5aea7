"""The loop that time jumps on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from simulation.chance import Chance
from simulation.loop import OutOfSteps, Owner, VirtualLoop, WouldWaitForEver, begin, context_of

DAY = 86_400.0


def run(coroutine: Coroutine[Any, Any, Any], seed: int = 1, steps_max: int = 1000) -> Any:
    loop = VirtualLoop(Chance(seed).of("order"), steps_max=steps_max)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.let_go()
        loop.close()


def test_time_jumps_to_the_next_timer() -> None:
    """
    A day passes at once.
    """

    async def waits() -> float:
        await asyncio.sleep(DAY)
        return asyncio.get_running_loop().time()

    assert run(waits()) == DAY


def test_timers_end_in_the_order_of_their_times() -> None:
    """
    Who waits shorter goes on sooner, whoever began first.
    """

    async def wait_side_by_side() -> list[int]:
        ended: list[int] = []

        async def wait(seconds: int) -> None:
            await asyncio.sleep(seconds)
            ended.append(seconds)

        await asyncio.gather(*(wait(each) for each in (3, 1, 2)))
        return ended

    assert run(wait_side_by_side()) == [1, 2, 3]


def test_a_time_limit_is_kept_on_the_loops_own_clock() -> None:
    """
    What takes longer than it may is cut off, and no second really passes.
    """

    async def wait_too_long() -> None:
        async with asyncio.timeout(5):
            await asyncio.sleep(DAY)

    with pytest.raises(TimeoutError):
        run(wait_too_long())


def test_what_would_wait_for_ever_is_refused() -> None:
    """
    Without a timer nothing would ever go on.
    """

    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(WouldWaitForEver):
        run(wait())


def test_what_runs_in_circles_is_ended() -> None:
    """
    A life has no more steps than it may take.
    """

    async def circle() -> None:
        while True:  # noqa: ASYNC110 - that is the point
            await asyncio.sleep(0)

    with pytest.raises(OutOfSteps):
        run(circle())


def test_the_work_of_a_thread_is_done_at_once() -> None:
    """
    No thread is begun.
    """

    async def work() -> int:
        return await asyncio.to_thread(sum, (1, 2))

    assert run(work()) == 3


def race(seed: int) -> str:
    """Return in which order two processes of three steps each took them."""
    order: list[str] = []

    async def steps(name: str) -> None:
        for _ in range(3):
            order.append(name)
            await asyncio.sleep(0)

    async def both() -> None:
        loop = asyncio.get_running_loop()
        tasks = [
            loop.create_task(steps(name), context=context_of(Owner(name))) for name in ("a", "b")
        ]
        await asyncio.gather(*tasks)

    run(both(), seed)
    return "".join(order)


def test_the_same_seed_takes_the_same_steps_in_the_same_order() -> None:
    """
    Who goes first is drawn from the seed and nothing else.
    """
    assert [race(seed) for seed in range(20)] == [race(seed) for seed in range(20)]


def test_another_seed_lets_another_process_go_first() -> None:
    """
    Many orders of the same steps are tried.
    """
    assert len({race(seed) for seed in range(20)}) > 5


def test_a_process_ends_at_its_last_step_and_tidies_nothing_up() -> None:
    """
    What it was doing stops where it stood; not even ``finally`` is run.
    """
    done: list[str] = []
    told: list[str] = []

    async def steps() -> None:
        try:
            for _ in range(5):
                done.append("step")
                await asyncio.sleep(1)
        finally:
            done.append("tidied up")

    async def outlive() -> None:
        owner = Owner("mortal", last_step=3, at_death=[lambda: told.append("dead")])
        begin(steps(), owner)
        await asyncio.sleep(60)
        assert not owner.alive
        assert "tidied up" not in done

    run(outlive())
    # The last step would have been the one in which the second second is over.
    assert done[0] == "step"
    assert "step" not in done[1:]
    assert told == ["dead"]
