"""The worker process: settings in, work until SIGTERM, out with 0."""

import asyncio
import logging
import os
from typing import Final

from adapters.postgres import schema
from application.evidence import process_inbox
from application.notifications import relay_outbox
from application.refunds import poll_refunds
from application.webhooks import relay_webhooks
from entrypoints.jobs.sign_of_life import sign_of_life
from entrypoints.jobs.signals import shutdown_on_signal
from entrypoints.jobs.worker import Worker
from entrypoints.jobs.worker_tasks import WorkerTasks
from entrypoints.logs.setup import configure_logging
from entrypoints.settings.settings import Settings, load_settings
from entrypoints.telemetry.gauges import ReadGauges
from entrypoints.telemetry.opening import MetricsPort, open_served_telemetry
from entrypoints.telemetry.telemetry import OFF, Telemetry
from entrypoints.wiring.container import Shulk, build, close

INBOX_BATCH: Final = process_inbox.BATCH_MAX
OUTBOX_BATCH: Final = relay_outbox.BATCH_MAX
WEBHOOKS_BATCH: Final = relay_webhooks.BATCH_MAX
REFUNDS_BATCH: Final = poll_refunds.BATCH_MAX


def main() -> None:
    """Work until SIGTERM; block meanwhile."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    # It would write a line about every task, and we write one about what came of them.
    logging.getLogger("taskiq").setLevel(logging.WARNING)
    asyncio.run(_work(settings))


def worker_tasks_for(settings: Settings, telemetry: Telemetry = OFF) -> WorkerTasks:
    """Return the tasks of one process by *settings*; nothing is connected before their start."""
    return worker_tasks_of(build(settings, telemetry, fake_is_served=True))


def worker_tasks_of(container: Shulk) -> WorkerTasks:
    """Return the tasks that *container* has the parts of; it is closed at their stop."""
    use_cases = container.use_cases()

    async def start() -> None:
        await schema.require_known(container.storage.database().engine)
        await container.refresh().start()

    async def remind_staff() -> int:
        reviews = await use_cases.reviews().remind_reviews()()
        return reviews + await use_cases.refunds().remind_approvers()()

    async def reconcile() -> int:
        return int(await use_cases.reconciliation().run()() is not None)

    async def stop() -> None:
        await container.refresh().stop()
        await close(container)

    return WorkerTasks(
        process_inbox=use_cases.evidence().process_inbox(),
        relay_outbox=use_cases.notifications().relay_outbox(),
        relay_webhooks=use_cases.webhooks().relay_webhooks(),
        forget_deliveries=use_cases.webhooks().forget_deliveries(),
        forget_keys=use_cases.checkout().forget_keys(),
        rebuild_payments=use_cases.rebuild().rebuild_payments().nightly,
        poll_refunds=use_cases.refunds().poll_refunds(),
        poll_orders=use_cases.evidence().poll_orders(),
        lapse_requests=use_cases.refunds().lapse_requests(),
        remind_staff=remind_staff,
        remind_disputes=use_cases.reviews().remind_disputes(),
        check_invariants=use_cases.monitoring().watch_invariants().changes,
        check_invariants_in_full=use_cases.monitoring().watch_invariants().all,
        backfill_ledger=use_cases.ledger().backfill_ledger(),
        fetch_settlements=use_cases.nightly().fetch_and_reconcile(),
        reconcile=reconcile,
        keep_calls=container.keep_calls(),
        judge_alerts=use_cases.monitoring().judge_alerts(),
        count_payments=use_cases.monitoring().count_payments(),
        seal_audit_log=use_cases.audit().seal_audit_log(),
        anchor_checkpoint=use_cases.audit().anchor_checkpoint(),
        archive_audit_log=use_cases.audit().archive_audit_log(),
        job_runs=container.storage.job_runs(),
        start=start,
        stop=stop,
        inbox_batch_size=INBOX_BATCH,
        outbox_batch_size=OUTBOX_BATCH,
        webhooks_batch_size=WEBHOOKS_BATCH,
        refunds_batch_size=REFUNDS_BATCH,
        read_gauges=_gauges_of(container),
    )


def _gauges_of(container: Shulk) -> ReadGauges | None:
    counts, storage = container.telemetry().counts, container.storage
    if counts is None:
        return None
    return ReadGauges(storage.system_health(), storage.alerts(), container.clock(), counts)


async def _work(settings: Settings) -> None:
    telemetry = open_served_telemetry(settings, MetricsPort.WORKER)
    worker = Worker(
        tasks=worker_tasks_for(settings, telemetry),
        telemetry=telemetry,
        shutdown=shutdown_on_signal(),
        shutdown_seconds=settings.shutdown_seconds,
        redis_url=settings.redis_url,
    )
    async with sign_of_life(settings.health_folder, "worker"):
        await worker.run()
