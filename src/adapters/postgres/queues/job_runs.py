"""Runs of periodic jobs in rows: of all claims of one slot the first succeeds, and one run at a time has the lease."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, literal, text
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.queues.statements import WHY_CHARS_MAX
from adapters.postgres.queues.tables import job_run
from domain.jobs.job import JobResult, JobRun, JobState, JobTrigger
from ports.jobs.job_runs import JobClaim

SLOTS_KEPT = timedelta(days=2)
"""A row is deleted after this time: no clock is so late that it claims an older slot."""

RUNS_KEPT: Final = timedelta(days=90)
RUNS_KEPT_MAX: Final = 100
"""Of each job so many runs are remembered: one that fails all the time fills no disk."""

_forgotten = (
    delete(job_run)
    .where(job_run.c.job == bindparam("name"), job_run.c.slot < bindparam("before"))
    .cte("forgotten")
)
CLAIM = prepare(
    insert(job_run)
    .add_cte(_forgotten)
    .values(job=bindparam("name"), slot=bindparam("of_slot"))
    .on_conflict_do_nothing(constraint="job_run_pkey")
    .returning(literal(1))
)
FREE: Final = "(s.began_at IS NULL OR s.ended_at IS NOT NULL OR s.lease_until < :at)"
LOST: Final = """
    lost AS (
        INSERT INTO job_history (job, trigger, started_by, began_at, ended_at, result, handled, why)
        SELECT s.job, s.trigger, s.started_by, s.began_at, s.lease_until, 'lost', 0, ''
        FROM job_state s
        WHERE s.job = ANY(:jobs) AND s.began_at IS NOT NULL AND s.ended_at IS NULL AND s.lease_until < :at
        ON CONFLICT DO NOTHING)
"""
BEGIN: Final = prepare(
    text(f"""
        WITH {LOST}
        INSERT INTO job_state AS s (job, trigger, started_by, began_at, lease_until, generation)
        VALUES (:job, :trigger, :by, :at, :until, 1)
        ON CONFLICT (job) DO UPDATE SET
            trigger = excluded.trigger, started_by = excluded.started_by, began_at = excluded.began_at,
            lease_until = excluded.lease_until, generation = s.generation + 1,
            ended_at = NULL, result = NULL, handled = 0, why = ''
        WHERE {FREE}
        RETURNING s.job, s.generation
    """)
)
TAKE: Final = prepare(
    text(f"""
        WITH {LOST}
        UPDATE job_state t SET
            trigger = 'person', started_by = t.asked_by, began_at = :at, lease_until = :until,
            generation = t.generation + 1, ended_at = NULL, result = NULL, handled = 0, why = '',
            asked_at = NULL, asked_by = ''
        WHERE t.job = (
            SELECT s.job FROM job_state s
            WHERE s.asked_at IS NOT NULL AND s.job = ANY(:jobs) AND {FREE}
            ORDER BY s.asked_at, s.job LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING t.job, t.generation
    """)
)
RENEW: Final = prepare(
    text("""
        UPDATE job_state SET lease_until = :until
        WHERE job = :job AND generation = :generation AND ended_at IS NULL
    """)
)
END: Final = prepare(
    text("""
        WITH ended AS (
            UPDATE job_state SET ended_at = :at, result = :result, handled = :handled, why = :why,
                                 lease_until = NULL
            WHERE job = :job AND generation = :generation AND ended_at IS NULL
            RETURNING job, trigger, started_by, began_at, ended_at, result, handled, why),
        forgotten AS (
            DELETE FROM job_history h USING ended
            WHERE h.job = ended.job AND (h.began_at < :before OR h.began_at <= (
                SELECT o.began_at FROM job_history o WHERE o.job = :job
                ORDER BY o.began_at DESC OFFSET :most LIMIT 1)))
        INSERT INTO job_history (job, trigger, started_by, began_at, ended_at, result, handled, why)
        SELECT job, trigger, started_by, began_at, ended_at, result, handled, why FROM ended
        WHERE trigger = 'person' OR result <> 'done'
        ON CONFLICT DO NOTHING
    """)
)
STATES: Final = prepare(text("SELECT * FROM job_state ORDER BY job"))
STATE: Final = prepare(text("SELECT * FROM job_state WHERE job = :job"))
REMEMBERED: Final = prepare(
    text("SELECT * FROM job_history ORDER BY began_at DESC, job LIMIT :at_most")
)
ASK: Final = prepare(
    text(f"""
        INSERT INTO job_state AS s (job, asked_at, asked_by) VALUES (:job, :at, :by)
        ON CONFLICT (job) DO UPDATE SET asked_at = excluded.asked_at, asked_by = excluded.asked_by
        WHERE s.asked_at IS NULL AND {FREE}
        RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresJobRuns:
    database: Database

    async def claim(self, job: str, slot: datetime) -> bool:
        return bool(
            await self.database.fetch(CLAIM, name=job, of_slot=slot, before=slot - SLOTS_KEPT)
        )

    async def begin(
        self, job: str, *, trigger: JobTrigger, by: str, at: datetime, lease: timedelta
    ) -> JobClaim | None:
        rows = await self.database.fetch(
            BEGIN, job=job, jobs=[job], trigger=trigger, by=by, at=at, until=at + lease
        )
        return _to_claim(rows)

    async def take_asked(
        self, jobs: Collection[str], *, at: datetime, lease: timedelta
    ) -> JobClaim | None:
        return _to_claim(
            await self.database.fetch(TAKE, jobs=sorted(jobs), at=at, until=at + lease)
        )

    async def renew(self, claim: JobClaim, until: datetime) -> None:
        await self.database.fetch(RENEW, job=claim.job, generation=claim.generation, until=until)

    async def end(
        self, claim: JobClaim, *, at: datetime, result: JobResult, handled: int, why: str = ""
    ) -> None:
        await self.database.fetch(
            END,
            job=claim.job,
            generation=claim.generation,
            at=at,
            result=result,
            handled=handled,
            why=why[:WHY_CHARS_MAX],
            before=at - RUNS_KEPT,
            most=RUNS_KEPT_MAX - 1,
        )

    async def states(self) -> Sequence[JobState]:
        return [_to_state(row) for row in await self.database.fetch(STATES)]

    async def state(self, job: str) -> JobState:
        rows = await self.database.fetch(STATE, job=job)
        return _to_state(rows[0]) if rows else JobState(job=job)

    async def remembered(self, *, at_most: int) -> Sequence[JobRun]:
        return [_to_run(row) for row in await self.database.fetch(REMEMBERED, at_most=at_most)]


@dataclass(frozen=True, slots=True)
class PostgresJobWrites:
    writes: list[Write]

    def ask(self, job: str, at: datetime, by: str) -> None:
        self.writes.append(Write(ASK, {"job": job, "at": at, "by": by}, expects="a job"))


def _to_claim(rows: Sequence[Record]) -> JobClaim | None:
    return JobClaim(job=rows[0]["job"], generation=rows[0]["generation"]) if rows else None


def _to_state(row: Record) -> JobState:
    return JobState(
        job=row["job"],
        last=_to_run(row) if row["began_at"] is not None else None,
        lease_until=row["lease_until"],
        asked_at=row["asked_at"],
        asked_by=row["asked_by"],
    )


def _to_run(row: Record) -> JobRun:
    return JobRun(
        job=row["job"],
        trigger=JobTrigger(row["trigger"]),
        by=row["started_by"],
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        result=JobResult(row["result"]) if row["result"] else None,
        handled=row["handled"],
        why=row["why"],
    )
