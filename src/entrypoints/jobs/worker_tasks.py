"""What a worker does over and over, as the wiring provides it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from entrypoints.telemetry.telemetry import Telemetry
from ports.jobs.job_runs import JobRuns

WorkerTask = Callable[[], Awaitable[int]]
"""Does one batch and returns how many entries it handled; 0 means nothing was due."""


def watched(telemetry: Telemetry, job: str, task: WorkerTask) -> WorkerTask:
    """Return *task* as it tells *telemetry* of each batch under the name *job*."""
    if not telemetry.on:
        return task

    async def run() -> int:
        with telemetry.job(job) as tell:
            handled = await task()
            tell(handled)
        return handled

    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTasks:
    """
    *start* and *stop* open and close what the tasks depend on. A batch as large as its batch size
    means that more may be due.
    """

    process_inbox: WorkerTask
    relay_outbox: WorkerTask
    relay_webhooks: WorkerTask
    forget_deliveries: WorkerTask
    forget_keys: WorkerTask
    rebuild_payments: WorkerTask
    poll_refunds: WorkerTask
    poll_orders: WorkerTask
    check_invariants: WorkerTask
    lapse_requests: WorkerTask
    remind_staff: WorkerTask
    remind_disputes: WorkerTask
    check_invariants_in_full: WorkerTask
    backfill_ledger: WorkerTask
    fetch_settlements: WorkerTask
    reconcile: WorkerTask
    count_payments: WorkerTask
    seal_audit_log: WorkerTask
    anchor_checkpoint: WorkerTask
    archive_audit_log: WorkerTask
    judge_alerts: WorkerTask
    keep_calls: WorkerTask
    job_runs: JobRuns
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]
    inbox_batch_size: int
    outbox_batch_size: int
    webhooks_batch_size: int
    refunds_batch_size: int
    read_gauges: WorkerTask | None = None
    """None where nobody reads metrics."""
