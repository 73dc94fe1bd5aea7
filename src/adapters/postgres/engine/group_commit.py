"""Rows that come while a statement runs are written by the next one together: one commit for all of them."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

GROUP_MAX: Final = 32
Row = TypeVar("Row")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Waiting(Generic[Row, Answer]):
    key: Hashable
    row: Row
    answer: asyncio.Future[Answer]
    context: Context = field(default_factory=copy_context)


@dataclass(slots=True)
class GroupCommit(Generic[Row, Answer]):
    """
    Writes each row with those that wait beside it, and answers each caller for its own row.

    A row that comes while nothing is written is written at once, by *one*. Others wait until that statement has
    ended; then *many* writes at most ``GROUP_MAX`` of them, all or none, and answers in their order. No two of one
    key are in one statement. When *many* raises, each of its rows is written by itself, so that a caller is told of
    its own row and of no other. Whoever is cancelled while waiting keeps nobody else back; the row may still be
    written.
    """

    one: Callable[[Row], Awaitable[Answer]]
    many: Callable[[Sequence[Row]], Awaitable[Sequence[Answer]]]
    _waiting: deque[_Waiting[Row, Answer]] = field(default_factory=deque, init=False)
    _writing: asyncio.Task[None] | None = field(default=None, init=False)

    async def __call__(self, key: Hashable, row: Row) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waits = _Waiting(key, row, answer)
        self._waiting.append(waits)
        if self._writing is None:
            self._write_next()
        return await answer

    def _write_next(self, ended: asyncio.Task[None] | None = None) -> None:
        self._writing = None
        if ended is not None and ended.cancelled():
            # This process ends: nobody is left to write what waits.
            while self._waiting:
                self._waiting.popleft().answer.cancel()
        elif group := self._next_group():
            # What is written is measured as the first caller's.
            self._writing = asyncio.create_task(self._write(group), context=group[0].context)
            self._writing.add_done_callback(self._write_next)

    def _next_group(self) -> list[_Waiting[Row, Answer]]:
        group: dict[Hashable, _Waiting[Row, Answer]] = {}
        later: list[_Waiting[Row, Answer]] = []
        while self._waiting and len(group) < GROUP_MAX:
            each = self._waiting.popleft()
            if each.answer.done():
                continue
            if each.key in group:
                later.append(each)
            else:
                group[each.key] = each
        self._waiting.extendleft(reversed(later))
        return list(group.values())

    async def _write(self, group: Sequence[_Waiting[Row, Answer]]) -> None:
        try:
            if not await self._write_together(group):
                await asyncio.gather(*map(self._write_one, group))
        finally:
            # Nobody waits for what has ended.
            for each in group:
                each.answer.cancel()

    async def _write_together(self, group: Sequence[_Waiting[Row, Answer]]) -> bool:
        """Return whether all of them are answered; a statement that failed is no answer to any."""
        if len(group) == 1:
            return False
        try:
            answers = await self.many([each.row for each in group])
        except Exception:  # noqa: BLE001 - each of its rows is tried by itself, and what that raises is told
            return False
        for each, answer in zip(group, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(answer)
        return True

    async def _write_one(self, waits: _Waiting[Row, Answer]) -> None:
        try:
            answer = await self.one(waits.row)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it is
            if not waits.answer.done():
                waits.answer.set_exception(error)
        else:
            if not waits.answer.done():
                waits.answer.set_result(answer)
