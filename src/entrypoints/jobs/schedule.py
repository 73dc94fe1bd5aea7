"""Which jobs are periodic, how often they run, and how one process only runs each slot."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from taskiq import ScheduledTask, ScheduleSource

from domain.jobs.job import Job, JobTrigger
from entrypoints.jobs.recorded_runs import RecordedRuns, utc_now
from entrypoints.jobs.worker_tasks import WorkerTask
from ports.jobs.job_runs import JobRuns

POLL_ORDERS: Final = "poll_unfinished"
POLL_ORDERS_EVERY: Final = timedelta(seconds=5)
"""A fraction of the shortest step of the polling schedule."""

CHECK_INVARIANTS: Final = "check_invariants"
CHECK_INVARIANTS_EVERY: Final = timedelta(minutes=5)

LAPSE_REQUESTS: Final = "lapse_requests"
LAPSE_REQUESTS_EVERY: Final = timedelta(hours=1)

REMIND_STAFF: Final = "remind_staff"
REMIND_STAFF_EVERY: Final = timedelta(days=1)

REMIND_DISPUTES: Final = "remind_disputes"
REMIND_DISPUTES_EVERY: Final = timedelta(minutes=5)
"""A deadline may be a day away when a dispute becomes known; each alert is noted, so that none comes twice."""

CHECK_IN_FULL: Final = "check_invariants_in_full"
CHECK_IN_FULL_EVERY: Final = timedelta(hours=1)
"""Each run takes up what the last night left open; on most there is nothing to do."""

BACKFILL_LEDGER: Final = "backfill_ledger"
BACKFILL_LEDGER_EVERY: Final = timedelta(minutes=1)
"""After an upgrade a run posts some batches; later there is nothing to do."""

COUNT_PAYMENTS: Final = "count_payments"
COUNT_PAYMENTS_EVERY: Final = timedelta(seconds=30)
"""How old the business figures are at most; after an upgrade a run counts some batches of what was before."""

SEAL_AUDIT_LOG: Final = "seal_audit_log"
SEAL_AUDIT_LOG_EVERY: Final = timedelta(minutes=1)
"""So long can an entry still be changed unseen; after an upgrade a run seals some batches of what was before."""

ANCHOR_CHECKPOINT: Final = "anchor_checkpoint"
ANCHOR_CHECKPOINT_EVERY: Final = timedelta(hours=1)

JUDGE_ALERTS: Final = "judge_alerts"
JUDGE_ALERTS_EVERY: Final = timedelta(minutes=5)

FORGET_DELIVERIES: Final = "forget_deliveries"
FORGET_DELIVERIES_EVERY: Final = timedelta(days=1)

FORGET_KEYS: Final = "forget_keys"
FORGET_KEYS_EVERY: Final = timedelta(days=1)

ARCHIVE_AUDIT_LOG: Final = "archive_audit_log"
ARCHIVE_AUDIT_LOG_EVERY: Final = timedelta(days=1)
"""A month is due once a month; what was due while nothing ran, or failed, is taken up the next day."""

REBUILD_PAYMENTS: Final = "rebuild_payments"
REBUILD_PAYMENTS_EVERY: Final = timedelta(days=1)
"""A slot begins at midnight UTC, at half past five in the morning in India."""

FETCH_SETTLEMENTS: Final = "fetch_settlements"
FETCH_SETTLEMENTS_EVERY: Final = timedelta(minutes=5)
"""What is due at its hours, what was missed, and which file has come, is stored: most runs find nothing to do."""

RECONCILE: Final = "reconcile"
RECONCILE_SECONDS: Final = 60.0
"""Does the runs that were asked for, and is woken when somebody asks; each is one worker's by its lease."""

JOBS: Final = (
    Job(
        name=POLL_ORDERS,
        about="Asks the bank about payments of which no news came.",
        every=POLL_ORDERS_EVERY,
    ),
    Job(
        name=CHECK_INVARIANTS,
        about="Checks that what changed in the books still adds up.",
        every=CHECK_INVARIANTS_EVERY,
    ),
    Job(
        name=REMIND_DISPUTES,
        about="Tells staff of disputes whose deadline comes near.",
        every=REMIND_DISPUTES_EVERY,
    ),
    Job(
        name=FETCH_SETTLEMENTS,
        about="Fetches the bank's settlement files, and reconciles when one has come.",
        every=FETCH_SETTLEMENTS_EVERY,
    ),
    Job(
        name=LAPSE_REQUESTS,
        about="Rejects requested refunds that nobody decided about in time.",
        every=LAPSE_REQUESTS_EVERY,
    ),
    Job(
        name=REMIND_STAFF,
        about="Reminds staff of payments under review, and of refunds that wait for approval.",
        every=REMIND_STAFF_EVERY,
    ),
    Job(
        name=CHECK_IN_FULL,
        about="Checks by night that all of the books add up, and goes on where it stopped.",
        every=CHECK_IN_FULL_EVERY,
    ),
    Job(
        name=BACKFILL_LEDGER,
        about="Posts what a release before did not; there is nothing to do later on.",
        every=BACKFILL_LEDGER_EVERY,
    ),
    Job(
        name=COUNT_PAYMENTS,
        about="Counts payments, attempts and their times for the figures of the monitoring.",
        every=COUNT_PAYMENTS_EVERY,
    ),
    Job(
        name=SEAL_AUDIT_LOG,
        about="Seals what was added to the audit log, and signs it.",
        every=SEAL_AUDIT_LOG_EVERY,
    ),
    Job(
        name=ANCHOR_CHECKPOINT,
        about="Keeps the last checkpoint of the audit log in the file store.",
        every=ANCHOR_CHECKPOINT_EVERY,
    ),
    Job(
        name=JUDGE_ALERTS,
        about="Judges the rules by which alerts fire and are resolved.",
        every=JUDGE_ALERTS_EVERY,
    ),
    Job(
        name=FORGET_DELIVERIES,
        about="Deletes what was delivered to the platform more than 90 days ago.",
        every=FORGET_DELIVERIES_EVERY,
    ),
    Job(
        name=FORGET_KEYS,
        about="Deletes idempotency keys that were used more than 400 days ago.",
        every=FORGET_KEYS_EVERY,
    ),
    Job(
        name=ARCHIVE_AUDIT_LOG,
        about="Archives closed months of the audit log, webhooks, tasks and decisions, and drops what was verified"
        " 30 days ago.",
        every=ARCHIVE_AUDIT_LOG_EVERY,
    ),
    Job(
        name=REBUILD_PAYMENTS,
        about="Computes the payments of the last days again from what they were decided on, and compares the books.",
        every=REBUILD_PAYMENTS_EVERY,
    ),
)
"""All periodic jobs there are."""

BY_NAME: Final = {job.name: job for job in JOBS}
EVERY: Final = {job.name: job.every for job in JOBS}
BY_SCHEDULE: Final = "system"
BY_WORKERS_ALONE: Final = frozenset(
    {
        CHECK_IN_FULL,
        BACKFILL_LEDGER,
        FETCH_SETTLEMENTS,
        COUNT_PAYMENTS,
        SEAL_AUDIT_LOG,
        ARCHIVE_AUDIT_LOG,
        REBUILD_PAYMENTS,
    }
)
"""What may run longer than a task of the broker: only the workers' own timers start it."""


@dataclass(frozen=True, slots=True)
class OncePerSlot:
    """
    Runs a job once per time slot, whatever triggers it: a scheduler, a repeated task, a worker's own timer.

    The slot is claimed where the job runs and not where it is triggered, so that a signal which
    gets lost on the way uses up no slot.
    """

    runs: JobRuns
    now: Callable[[], datetime] = utc_now

    async def run(self, job: str, task: WorkerTask) -> int:
        """
        Run *task* until nothing is due if this slot is still free; return how much it handled.

        While another run of the job goes on, the slot passes.
        """
        if not await self.runs.claim(job, BY_NAME[job].slot_of(self.now())):
            return 0
        return await RecordedRuns(self.runs, self.now).begin(
            job, task, trigger=JobTrigger.SCHEDULE, by=BY_SCHEDULE
        )


class StaticSchedule(ScheduleSource):
    """The schedule is part of the program: it is read from nowhere, and no other process changes it."""

    async def get_schedules(self) -> list[ScheduledTask]:
        return [
            ScheduledTask(
                task_name=job, labels={}, args=[], kwargs={}, schedule_id=job, interval=every
            )
            for job, every in EVERY.items()
            if job not in BY_WORKERS_ALONE
        ]
