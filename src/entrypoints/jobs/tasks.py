"""The jobs as Valkey names them: bare words without data, since everything that matters is in the database."""

from collections.abc import Callable
from typing import Final

from taskiq import AsyncBroker

from entrypoints.jobs.chores import Chore
from entrypoints.jobs.schedule import EXPIRE_SESSIONS

DRAIN: Final = "drain"
TASK_SECONDS_MAX: Final = 50
"""Less than what lets another worker take an unfinished task over."""


def register_tasks(
    broker: AsyncBroker, *, drain: Callable[[], None], expire_sessions: Chore
) -> None:
    """Let *broker* call *drain*, which wakes the worker's loops, and *expire_sessions*."""

    async def drain_task() -> None:
        drain()

    async def expire_sessions_task() -> None:
        await expire_sessions()

    broker.register_task(drain_task, task_name=DRAIN)
    broker.register_task(expire_sessions_task, task_name=EXPIRE_SESSIONS, timeout=TASK_SECONDS_MAX)
