"""The jobs as Valkey names them: bare words without data, since everything that matters is in the database."""

from collections.abc import Callable
from typing import Final

from taskiq import AsyncBroker

from entrypoints.jobs.chores import Chore
from entrypoints.jobs.schedule import POLL_UNFINISHED

DRAIN: Final = "drain"
TASK_SECONDS_MAX: Final = 50
"""Less than what lets another worker take an unfinished task over."""


def register_tasks(
    broker: AsyncBroker, *, drain: Callable[[], None], poll_unfinished: Chore
) -> None:
    """Let *broker* call *drain*, which wakes the worker's loops, and *poll_unfinished*."""

    async def drain_task() -> None:
        drain()

    async def poll_unfinished_task() -> None:
        await poll_unfinished()

    broker.register_task(drain_task, task_name=DRAIN)
    broker.register_task(poll_unfinished_task, task_name=POLL_UNFINISHED, timeout=TASK_SECONDS_MAX)
