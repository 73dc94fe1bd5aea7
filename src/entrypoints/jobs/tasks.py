"""The tasks as the broker knows them: names without data, because all data are in the database."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from taskiq import AsyncBroker

from entrypoints.jobs.worker_tasks import WorkerTask

DRAIN: Final = "drain"
TASK_SECONDS_MAX: Final = 50
"""Less than what lets another worker take an unfinished task over."""


def register_tasks(
    broker: AsyncBroker, *, drain: Callable[[], None], rounds: Mapping[str, WorkerTask]
) -> None:
    """Let *broker* call *drain*, which wakes the worker's loops, and the periodic jobs in *rounds*."""

    async def drain_task() -> None:
        drain()

    broker.register_task(drain_task, task_name=DRAIN)
    for job, task in rounds.items():
        broker.register_task(_task(task), task_name=job, timeout=TASK_SECONDS_MAX)


def _task(task: WorkerTask) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await task()

    return run
