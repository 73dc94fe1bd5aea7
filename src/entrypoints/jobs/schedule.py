"""Which jobs are periodic, how often they run, and how one process only runs each slot."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from taskiq import ScheduledTask, ScheduleSource

from entrypoints.jobs.worker_tasks import ClaimRun, WorkerTask

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

FETCH_SETTLEMENTS: Final = "fetch_settlements"
FETCH_SETTLEMENTS_EVERY: Final = timedelta(minutes=5)
"""What is due at its hours, what was missed, and which file has come, is stored: most runs find nothing to do."""

RECONCILE: Final = "reconcile"
RECONCILE_SECONDS: Final = 60.0
"""Does the runs that were asked for, and is woken when somebody asks; each is one worker's by its lease."""

BATCHES_PER_RUN_MAX: Final = 50
EVERY: Final = {
    POLL_ORDERS: POLL_ORDERS_EVERY,
    CHECK_INVARIANTS: CHECK_INVARIANTS_EVERY,
    LAPSE_REQUESTS: LAPSE_REQUESTS_EVERY,
    REMIND_STAFF: REMIND_STAFF_EVERY,
    REMIND_DISPUTES: REMIND_DISPUTES_EVERY,
    CHECK_IN_FULL: CHECK_IN_FULL_EVERY,
    BACKFILL_LEDGER: BACKFILL_LEDGER_EVERY,
    FETCH_SETTLEMENTS: FETCH_SETTLEMENTS_EVERY,
    COUNT_PAYMENTS: COUNT_PAYMENTS_EVERY,
}
BY_WORKERS_ALONE: Final = frozenset(
    {CHECK_IN_FULL, BACKFILL_LEDGER, FETCH_SETTLEMENTS, COUNT_PAYMENTS}
)
"""What may run longer than a task of the broker: only the workers' own timers start it."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)


def slot_of(at: datetime, every: timedelta) -> datetime:
    """Return when the slot that holds *at* began: the same for every process."""
    return _EPOCH + (at - _EPOCH) // every * every


@dataclass(frozen=True, slots=True)
class OncePerSlot:
    """
    Runs a job once per time slot, whatever triggers it: a scheduler, a repeated task, a worker's own timer.

    The slot is claimed where the job runs and not where it is triggered, so that a signal which
    gets lost on the way uses up no slot.
    """

    claim_run: ClaimRun
    now: Callable[[], datetime] = utc_now

    async def run(self, job: str, task: WorkerTask) -> int:
        """Run *task* until nothing is due if this slot is still free; return how much it handled."""
        if not await self.claim_run(job, slot_of(self.now(), EVERY[job])):
            return 0
        handled = 0
        for _ in range(BATCHES_PER_RUN_MAX):
            batch = await task()
            handled += batch
            if not batch:
                break
        return handled


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
