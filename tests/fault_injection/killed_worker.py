"""A worker process of the tests, wired by its environment as production is, that ends by SIGKILL at a named moment."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from dependency_injector import providers

from entrypoints.jobs.worker import Worker
from entrypoints.jobs.worker_tasks import WorkerTasks
from entrypoints.settings.settings import load_settings
from entrypoints.wiring.container import build, close
from fakes.jobs.job_runs import MemoryJobRuns
from fakes.store import Store
from fault_injection.interactions import Channel, Fault, Interactions
from fault_injection.observed_calls import (
    FILES,
    GATEWAY,
    MAIL,
    WEBHOOKS,
    ObservedDatabase,
    observed,
)

Out = TypeVar("Out")


@dataclass(slots=True, kw_only=True)
class Fatal(Interactions):
    """Ends this very process at the interaction called *where*, without a word to anybody."""

    fault: Fault
    where: str

    async def happen(
        self, name: str, deed: Callable[[], Awaitable[Out]], channel: Channel, operation: str = ""
    ) -> Out:
        if name != self.where:
            return await Interactions.happen(self, name, deed, channel, operation)
        if self.fault is Fault.CRASH_AFTER:
            await deed()
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody lives to see this")


async def main(fault: Fault, where: str) -> None:
    """Work by the settings in the environment until the moment comes."""
    container = build(load_settings(os.environ))
    interactions = Fatal(fault=fault, where=where)
    for provider, part in (
        (
            container.storage.database,
            ObservedDatabase(container.storage.database(), interactions),
        ),
        (
            container.bank.gateway,
            observed(container.bank.gateway(), "gateway", interactions, GATEWAY),
        ),
        (
            container.webhooks,
            observed(container.webhooks(), "webhooks", interactions, WEBHOOKS),
        ),
        (container.sender, observed(container.sender(), "mail", interactions, MAIL)),
        (container.files, observed(container.files(), "files", interactions, FILES)),
    ):
        provider.override(providers.Object(part))

    async def reconcile() -> int:
        return int(await container.use_cases().reconciliation().run()() is not None)

    async def nothing() -> None:
        pass

    class NeverFree(MemoryJobRuns):
        async def claim(self, _job: str, _slot: datetime) -> bool:
            return False

    async def stop() -> None:
        await close(container)

    tasks = WorkerTasks(
        process_inbox=container.use_cases().evidence().process_inbox(),
        relay_outbox=container.use_cases().notifications().relay_outbox(),
        relay_webhooks=container.use_cases().webhooks().relay_webhooks(),
        forget_deliveries=container.use_cases().webhooks().forget_deliveries(),
        forget_keys=container.use_cases().checkout().forget_keys(),
        rebuild_payments=container.use_cases().rebuild().rebuild_payments().nightly,
        poll_refunds=container.use_cases().refunds().poll_refunds(),
        poll_orders=container.use_cases().evidence().poll_orders(),
        remind_staff=container.use_cases().reviews().remind_reviews(),
        remind_disputes=container.use_cases().reviews().remind_disputes(),
        lapse_requests=container.use_cases().refunds().lapse_requests(),
        check_invariants=container.use_cases().monitoring().watch_invariants().changes,
        check_invariants_in_full=container.use_cases().monitoring().watch_invariants().all,
        keep_calls=container.keep_calls(),
        judge_alerts=container.use_cases().monitoring().judge_alerts(),
        count_payments=container.use_cases().monitoring().count_payments(),
        seal_audit_log=container.use_cases().audit().seal_audit_log(),
        anchor_checkpoint=container.use_cases().audit().anchor_checkpoint(),
        archive_audit_log=container.use_cases().audit().archive_audit_log(),
        backfill_ledger=container.use_cases().ledger().backfill_ledger(),
        fetch_settlements=container.use_cases().nightly().fetch_and_reconcile(),
        reconcile=reconcile,
        job_runs=NeverFree(Store()),
        start=nothing,
        stop=stop,
        inbox_batch_size=32,
        outbox_batch_size=16,
        webhooks_batch_size=32,
        refunds_batch_size=16,
    )
    await Worker(tasks=tasks, shutdown=asyncio.Event(), shutdown_seconds=1).run()


if __name__ == "__main__":
    asyncio.run(main(Fault(sys.argv[1]), sys.argv[2]))
