"""What a worker process is given to do, and what it stands on."""

import os
from typing import Final

from application.evidence import process_inbox
from application.notifications import relay_outbox
from application.refunds import poll_refunds
from entrypoints.jobs.worker_tasks import WorkerTasks
from entrypoints.settings.settings import Settings, load_settings
from entrypoints.wiring.container import build, close
from entrypoints.wiring.schema import insist_on_known_schema

INBOX_BATCH: Final = process_inbox.BATCH_MAX
OUTBOX_BATCH: Final = relay_outbox.BATCH_MAX
REFUNDS_BATCH: Final = poll_refunds.BATCH_MAX


def worker_tasks_from_environment() -> WorkerTasks:
    """Return the chores of this process, by the settings in its environment."""
    return worker_tasks_for(load_settings(os.environ))


def worker_tasks_for(settings: Settings) -> WorkerTasks:
    """Return the chores of one process by *settings*; nothing is connected before their start."""
    container = build(settings)

    async def start() -> None:
        await insist_on_known_schema(container.storage.database().engine)

    async def stop() -> None:
        await close(container)

    return WorkerTasks(
        process_inbox=container.use_cases.process_inbox(),
        relay_outbox=container.use_cases.relay_outbox(),
        poll_refunds=container.use_cases.poll_refunds(),
        poll_orders=container.use_cases.poll_orders(),
        check_invariants=container.use_cases.watch_invariants(),
        claim_run=container.storage.job_runs().claim,
        start=start,
        stop=stop,
        inbox_batch_size=INBOX_BATCH,
        outbox_batch_size=OUTBOX_BATCH,
        refunds_batch_size=REFUNDS_BATCH,
    )
