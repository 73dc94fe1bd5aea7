"""Ask for a run of a periodic job now; a worker does it."""

from dataclasses import dataclass

from application.jobs.list_jobs import JobStanding, ListJobs
from application.retry_on_conflict import retry_on_conflict
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskJob:
    jobs: ListJobs
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, name: str, origin: Origin) -> JobStanding:
        """
        Return the job, which waits for a worker now.

        Raises ``NotFound`` for an unknown name, and ``JobRunning`` while it runs or waits already: of
        all who ask at once one is heard.
        """
        await retry_on_conflict(lambda: self._ask(name, origin))
        return await self.jobs.of(name)

    async def _ask(self, name: str, origin: Origin) -> None:
        at = self.clock.now()
        (await self.jobs.of(name)).state.check_free(at)
        async with self.unit_of_work() as work:
            work.jobs.runs.ask(name, at, origin.actor)
            work.audit.add(
                AuditEntry(at=at, origin=origin, action="job.asked", subject=f"job:{name}")
            )
