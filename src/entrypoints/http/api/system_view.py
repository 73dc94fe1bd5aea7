"""How the installation does, as the API tells it and the console shows it."""

from datetime import datetime, timedelta
from typing import Final

from domain.monitoring.alert_rules import RULES, AlertRule
from domain.monitoring.credential import CredentialTerm
from entrypoints.http.api.monitoring_wire import CredentialView, JobView, QueueView, SystemView
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.health import FINE, standing_of
from ports.monitoring.system_health import QueueHealth

SLOTS_MISSED: Final = 3
SLOT_SLACK: Final = timedelta(minutes=1)


async def system_view(deps: Dependencies) -> SystemView:
    """Return how things stand now: what is asked of the dependencies, and what the database holds."""
    at = deps.clock.now()
    parts = await deps.process.ready()
    monitoring = deps.monitoring
    if parts.get("database", FINE) != FINE:
        return SystemView(
            status=standing_of(parts), parts=parts, queues=[], jobs=[], credentials=[]
        )
    reading = await monitoring.health.read(at, list(monitoring.jobs))
    return SystemView(
        status=standing_of(parts),
        parts=parts,
        queues=[_queue(each, at) for each in reading.queues],
        jobs=[
            _job(name, every, reading.last_runs.get(name), at)
            for name, every in monitoring.jobs.items()
        ],
        credentials=[_credential(each, at) for each in await monitoring.credentials.read()],
    )


def _queue(queue: QueueHealth, at: datetime) -> QueueView:
    since = queue.oldest_due_at
    return QueueView(
        name=queue.name,
        due=queue.due,
        oldest_due_seconds=None if since is None else int((at - since).total_seconds()),
        dead=queue.dead,
    )


def _credential(term: CredentialTerm, at: datetime) -> CredentialView:
    left = term.days_left(at)
    return CredentialView(
        name=term.credential.name,
        since=term.since,
        ends_at=term.ends_at,
        days_left=left,
        ending=left < RULES[AlertRule.CREDENTIAL_ENDING].fires_at,
    )


def _job(name: str, every: timedelta, last: datetime | None, at: datetime) -> JobView:
    late = last is None or at - last > (SLOTS_MISSED + 1) * every + SLOT_SLACK
    return JobView(name=name, every_seconds=int(every.total_seconds()), last_run_at=last, late=late)
