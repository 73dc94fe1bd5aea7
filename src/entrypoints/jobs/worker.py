"""One worker: loops over the database, and a listener for wakeups from Valkey."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from entrypoints.jobs.backoff import Wait, back_off, wait_for
from entrypoints.jobs.broker import open_broker
from entrypoints.jobs.loops import Loop, heartbeat
from entrypoints.jobs.recorded_runs import RecordedRuns, utc_now
from entrypoints.jobs.schedule import (
    ANCHOR_CHECKPOINT,
    ARCHIVE_AUDIT_LOG,
    BACKFILL_LEDGER,
    BY_WORKERS_ALONE,
    CHECK_IN_FULL,
    CHECK_INVARIANTS,
    COUNT_PAYMENTS,
    EVERY,
    FETCH_SETTLEMENTS,
    FORGET_DELIVERIES,
    FORGET_KEYS,
    JUDGE_ALERTS,
    LAPSE_REQUESTS,
    POLL_ORDERS,
    REBUILD_PAYMENTS,
    RECONCILE,
    RECONCILE_SECONDS,
    REMIND_DISPUTES,
    REMIND_STAFF,
    SEAL_AUDIT_LOG,
    OncePerSlot,
)
from entrypoints.jobs.tasks import register_tasks
from entrypoints.jobs.wakeup_listener import listen
from entrypoints.jobs.worker_tasks import WorkerTask, WorkerTasks, watched
from entrypoints.telemetry.telemetry import OFF, Telemetry
from ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

INBOX: Final = "process_inbox"
OUTBOX: Final = "relay_outbox"
WEBHOOKS: Final = "relay_webhooks"
REFUNDS: Final = "follow_refunds"
REFUNDS_SECONDS: Final = 5.0
ASKED: Final = "run_asked_jobs"
ASKED_SECONDS: Final = 5.0
KEEP_CALLS: Final = "keep_calls"
READ_GAUGES: Final = "read_gauges"
READ_GAUGES_SECONDS: Final = 30
KEEP_CALLS_SECONDS: Final = 30.0
CUT_OFF_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """
    Works until *shutdown* is set, then finishes what is running, for at most *shutdown_seconds*.

    Work that is cancelled then is leased in the database, and claimed by another worker later.
    """

    tasks: WorkerTasks
    shutdown: asyncio.Event
    shutdown_seconds: float
    redis_url: str | None = None
    wait: Wait = wait_for
    now: Callable[[], datetime] = utc_now
    telemetry: Telemetry = OFF

    async def run(self) -> None:
        if not await self._started():
            return
        log.info("worker.started")
        running = [asyncio.create_task(part) for part in self._parts()]
        shutdown_wait = asyncio.create_task(self.shutdown.wait())
        try:
            done, _ = await asyncio.wait(
                {shutdown_wait, *running}, return_when=asyncio.FIRST_COMPLETED
            )
            for broken in done - {shutdown_wait}:
                if not self.shutdown.is_set():
                    # No part ends by itself. If one does, the whole worker ends.
                    broken.result()
            _, late = await asyncio.wait(running, timeout=self.shutdown_seconds)
            if late:
                log.warning("worker.interrupted", extra={"count": len(late)})
        finally:
            for each in (shutdown_wait, *running):
                each.cancel()
            # This wait is bounded too: not every cancelled task ends at once.
            await asyncio.wait({shutdown_wait, *running}, timeout=CUT_OFF_SECONDS)
            await self.tasks.stop()
        log.info("worker.stopped")

    async def _started(self) -> bool:
        failures = 0
        while not self.shutdown.is_set():
            try:
                await self.tasks.start()
            except StorageUnavailable:
                failures += 1
                log.warning("database.unavailable", extra={"attempts": failures})
                await self.wait(self.shutdown, back_off(failures))
            else:
                return True
        return False

    def _parts(self) -> Sequence[Coroutine[None, None, None]]:
        handled: Counter[str] = Counter()
        rounds = OncePerSlot(self.tasks.job_runs, self.now)
        recorded = RecordedRuns(self.tasks.job_runs, self.now)
        periodic = {
            job: watched(self.telemetry, job, task)
            for job, task in periodic_tasks(self.tasks).items()
        }
        in_rounds = {job: partial(rounds.run, job, task) for job, task in periodic.items()}
        inbox, outbox, webhooks, runs, asked, *_ = loops = (
            Loop(
                job=INBOX,
                task=watched(self.telemetry, INBOX, self.tasks.process_inbox),
                batch_size=self.tasks.inbox_batch_size,
                shutdown=self.shutdown,
                handled=handled,
                wait=self.wait,
            ),
            Loop(
                job=OUTBOX,
                task=watched(self.telemetry, OUTBOX, self.tasks.relay_outbox),
                batch_size=self.tasks.outbox_batch_size,
                shutdown=self.shutdown,
                handled=handled,
                wait=self.wait,
            ),
            Loop(
                job=WEBHOOKS,
                task=self.tasks.relay_webhooks,
                batch_size=self.tasks.webhooks_batch_size,
                shutdown=self.shutdown,
                handled=handled,
                wait=self.wait,
            ),
            # Claimed under a lease, so that it needs no slots: what is due is one worker's.
            Loop(
                job=RECONCILE,
                task=watched(self.telemetry, RECONCILE, self.tasks.reconcile),
                seconds=RECONCILE_SECONDS,
                batch_size=1,
                shutdown=self.shutdown,
                handled=handled,
                wait=self.wait,
            ),
            Loop(
                job=ASKED,
                task=partial(recorded.take_asked, periodic),
                seconds=ASKED_SECONDS,
                batch_size=1,
                shutdown=self.shutdown,
                handled=handled,
                wait=self.wait,
            ),
            Loop(
                job=REFUNDS,
                task=watched(self.telemetry, REFUNDS, self.tasks.poll_refunds),
                seconds=REFUNDS_SECONDS,
                batch_size=self.tasks.refunds_batch_size,
                shutdown=self.shutdown,
                handled=handled,
                wait=self.wait,
            ),
            # Each process writes what it counted itself, so that this needs no slots either.
            Loop(
                job=KEEP_CALLS,
                task=watched(self.telemetry, KEEP_CALLS, self.tasks.keep_calls),
                seconds=KEEP_CALLS_SECONDS,
                shutdown=self.shutdown,
                handled=handled,
                wait=self.wait,
            ),
            # What each process tells of the whole, if anybody asks it.
            *(
                Loop(
                    job=READ_GAUGES,
                    task=watched(self.telemetry, READ_GAUGES, task),
                    seconds=READ_GAUGES_SECONDS,
                    shutdown=self.shutdown,
                    handled=handled,
                    wait=self.wait,
                )
                for task in (self.tasks.read_gauges,)
                if task is not None
            ),
            # The scheduler triggers most of these too; the later trigger finds the slot claimed.
            *(
                Loop(
                    job=job,
                    task=task,
                    seconds=EVERY[job].total_seconds(),
                    shutdown=self.shutdown,
                    handled=handled,
                    wait=self.wait,
                )
                for job, task in in_rounds.items()
            ),
        )
        parts = [each.run() for each in loops]
        parts += [heartbeat(handled, self.shutdown, self.wait), self._wake_all(loops)]
        if self.redis_url is not None:
            broker = open_broker(self.redis_url)

            def drain() -> None:
                inbox.wake()
                outbox.wake()
                webhooks.wake()
                runs.wake()
                asked.wake()

            started = {job: task for job, task in in_rounds.items() if job not in BY_WORKERS_ALONE}
            register_tasks(broker, drain=drain, rounds=started)
            parts.append(
                listen(
                    broker,
                    self.shutdown,
                    shutdown_seconds=self.shutdown_seconds,
                    wait=self.wait,
                )
            )
        return parts

    async def _wake_all(self, loops: Sequence[Loop]) -> None:
        """A waiting loop has nothing to finish; it only has to notice the shutdown."""
        await self.shutdown.wait()
        for each in loops:
            each.wake()


def periodic_tasks(tasks: WorkerTasks) -> Mapping[str, WorkerTask]:
    """Return what each periodic job does, by the job's name."""
    return {
        POLL_ORDERS: tasks.poll_orders,
        CHECK_INVARIANTS: tasks.check_invariants,
        LAPSE_REQUESTS: tasks.lapse_requests,
        REMIND_STAFF: tasks.remind_staff,
        REMIND_DISPUTES: tasks.remind_disputes,
        CHECK_IN_FULL: tasks.check_invariants_in_full,
        BACKFILL_LEDGER: tasks.backfill_ledger,
        FETCH_SETTLEMENTS: tasks.fetch_settlements,
        COUNT_PAYMENTS: tasks.count_payments,
        SEAL_AUDIT_LOG: tasks.seal_audit_log,
        ANCHOR_CHECKPOINT: tasks.anchor_checkpoint,
        JUDGE_ALERTS: tasks.judge_alerts,
        FORGET_DELIVERIES: tasks.forget_deliveries,
        FORGET_KEYS: tasks.forget_keys,
        ARCHIVE_AUDIT_LOG: tasks.archive_audit_log,
        REBUILD_PAYMENTS: tasks.rebuild_payments,
    }
