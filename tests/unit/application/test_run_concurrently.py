"""A batch ends as a whole, whatever becomes of one of its pieces."""

import asyncio

import pytest

from application.run_concurrently import run_concurrently


async def test_each_piece_is_brought_to_its_end() -> None:
    """
    They take turns, and all are done when it returns.
    """
    ended: list[int] = []

    async def work(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        ended.append(turns)

    await run_concurrently(work(turns) for turns in (3, 1, 2))

    assert ended == [1, 2, 3]


async def test_the_first_error_comes_out_after_the_last_piece() -> None:
    """
    First as they were given, not as they failed; nobody is left running behind the caller's back.
    """
    ended: list[str] = []

    async def slow(error: type[Exception] | None) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        ended.append("slow")
        if error is not None:
            raise error

    async def quick() -> None:
        raise ValueError

    with pytest.raises(KeyError):
        await run_concurrently([slow(KeyError), quick(), slow(None)])

    assert ended == ["slow", "slow"]


async def test_no_pieces_are_no_work() -> None:
    """
    An empty batch is over at once.
    """
    await run_concurrently([])
