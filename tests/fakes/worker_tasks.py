"""WorkerTasks that only tell they were done, for tests of the worker."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from entrypoints.jobs.schedule import POLL_ORDERS
from entrypoints.jobs.worker_tasks import WorkerTasks
from fakes.jobs.job_runs import MemoryJobRuns
from fakes.store import Store
from ports.unit_of_work import StorageUnavailable


@dataclass
class ToldChores:
    """*done* receives a word for whatever is called; *runs* may be shared between workers."""

    store: Store = field(default_factory=Store)
    done: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    claimed: list[datetime] = field(default_factory=list)
    asked: int = 0
    expired: int = 0
    stopped: bool = False
    starts_failing: int = 0

    def tasks(self) -> WorkerTasks:
        return WorkerTasks(
            process_inbox=self._inbox,
            relay_outbox=self._outbox,
            relay_webhooks=self._webhooks,
            forget_deliveries=self._forget,
            forget_keys=self._forget,
            rebuild_payments=self._forget,
            poll_refunds=self._refunds,
            poll_orders=self._expire,
            check_invariants=self._check,
            lapse_requests=self._lapse,
            remind_staff=self._remind,
            remind_disputes=self._remind,
            check_invariants_in_full=self._check_in_full,
            backfill_ledger=self._backfill,
            fetch_settlements=self._fetch_settlements,
            reconcile=self._reconcile,
            keep_calls=self._keep_calls,
            judge_alerts=self._judge,
            count_payments=self._count,
            seal_audit_log=self._seal,
            anchor_checkpoint=self._seal,
            archive_audit_log=self._seal,
            job_runs=_ToldRuns(self.store, self),
            start=self._start,
            stop=self._stop,
            inbox_batch_size=4,
            outbox_batch_size=4,
            webhooks_batch_size=4,
            refunds_batch_size=4,
        )

    async def until(self, word: str) -> None:
        """Return when *word* was told; others are forgotten on the way."""
        while await self.done.get() != word:
            pass

    async def _inbox(self) -> int:
        self.done.put_nowait("inbox")
        return 0

    async def _outbox(self) -> int:
        self.done.put_nowait("outbox")
        return 0

    async def _webhooks(self) -> int:
        self.done.put_nowait("webhooks")
        return 0

    async def _forget(self) -> int:
        return 0

    async def _expire(self) -> int:
        self.expired += 1
        self.done.put_nowait("expired")
        return 0

    async def _check(self) -> int:
        self.done.put_nowait("checked")
        return 0

    async def _lapse(self) -> int:
        self.done.put_nowait("lapsed")
        return 0

    async def _remind(self) -> int:
        self.done.put_nowait("reminded")
        return 0

    async def _reconcile(self) -> int:
        self.done.put_nowait("reconciled")
        return 0

    async def _keep_calls(self) -> int:
        return 0

    async def _judge(self) -> int:
        self.done.put_nowait("judged")
        return 0

    async def _seal(self) -> int:
        return 0

    async def _count(self) -> int:
        self.done.put_nowait("counted")
        return 0

    async def _fetch_settlements(self) -> int:
        self.done.put_nowait("fetched")
        return 0

    async def _backfill(self) -> int:
        self.done.put_nowait("back-filled")
        return 0

    async def _check_in_full(self) -> int:
        self.done.put_nowait("checked in full")
        return 0

    async def _refunds(self) -> int:
        self.done.put_nowait("refunds")
        return 0

    async def claim(self, job: str, slot: datetime) -> bool:
        mine = await MemoryJobRuns(self.store).claim(job, slot)
        if job != POLL_ORDERS:
            return mine
        if mine:
            self.claimed.append(slot)
        self.asked += 1
        self.done.put_nowait("asked")
        return mine

    async def _start(self) -> None:
        if self.starts_failing:
            self.starts_failing -= 1
            raise StorageUnavailable("away")
        self.done.put_nowait("started")

    async def _stop(self) -> None:
        self.stopped = True


@dataclass(frozen=True)
class _ToldRuns(MemoryJobRuns):
    """Runs of which the claims are told."""

    told: ToldChores

    async def claim(self, job: str, slot: datetime) -> bool:
        return await self.told.claim(job, slot)
