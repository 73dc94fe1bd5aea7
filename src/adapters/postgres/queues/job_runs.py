"""Runs of periodic jobs in rows: of all claims of one time slot, only the first succeeds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, literal
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.queues.tables import job_run

SLOTS_KEPT = timedelta(days=2)
"""A row is deleted after this time: no clock is so late that it claims an older slot."""

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


@dataclass(frozen=True, slots=True)
class JobRuns:
    database: Database

    async def claim(self, job: str, slot: datetime) -> bool:
        """Return whether this caller is the one to run *job* for *slot* (an instant in UTC)."""
        return bool(
            await self.database.fetch(CLAIM, name=job, of_slot=slot, before=slot - SLOTS_KEPT)
        )
