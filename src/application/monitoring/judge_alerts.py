"""Judge the rules by what is so now: alerts fire and are resolved, each change written down and told once."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.monitoring.take_measures import TakeMeasures
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.monitoring.alert_case import AlertCase, AlertId, AlertState, begun
from domain.monitoring.alert_rules import Measure
from ports.audit_log import AuditEntry, Origin, Source
from ports.clock import Clock
from ports.monitoring.alert_register import AlertReads
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork, Work

log = logging.getLogger(__name__)

BY_JOB: Final = Origin(actor="system", source=Source.MONITORING)


@dataclass(frozen=True, slots=True)
class JudgeAlerts:
    measures: TakeMeasures
    alerts: AlertReads
    unit_of_work: UnitOfWork
    clock: Clock
    new_id: Callable[[], AlertId]

    async def __call__(self) -> int:
        """
        Judge every rule once; return 0: nothing is left to do. Raises ``StorageUnavailable``.

        An alert that somebody changes at the same moment is judged by the next run.
        """
        at = self.clock.now()
        known = {(each.rule, each.subject): each for each in await self.alerts.all()}
        for measure in _with_the_ended(await self.measures(), known.values()):
            before = known.get((measure.rule, measure.subject))
            if before is None and not measure.is_beyond:
                continue
            after = before.after(measure, at) if before else begun(self.new_id(), measure, at)
            if after != before:
                await self._write(before, after, at)
        return 0

    async def _write(self, before: AlertCase | None, after: AlertCase, at: datetime) -> None:
        try:
            async with self.unit_of_work() as work:
                work.monitoring.alerts.save(after)
                if after.changes > (before.changes if before else 0):
                    tell_change(work, after, at)
        except ChangedMeanwhile:
            log.info("alert.changed_meanwhile", extra={"kind": after.rule.value})


def tell_change(work: Work, alert: AlertCase, at: datetime) -> None:
    """Collect the audit entry of a change of *alert*, and unless it is silenced what tells people of it."""
    action = "alert.fired" if alert.state is AlertState.FIRING else "alert.resolved"
    facts = {
        "rule": alert.rule.value,
        "about": alert.subject,
        "value": str(alert.value),
        "detail": alert.detail,
        "silenced": "yes" if alert.is_silent(at) else "",
    }
    work.audit.add(
        AuditEntry(
            at=at,
            origin=BY_JOB,
            action=action,
            subject=alert.id,
            facts={name: fact for name, fact in facts.items() if fact},
        )
    )
    if not alert.is_silent(at):
        # The number of the change makes the entry the only one of its kind.
        subject = f"{alert.id}/{alert.changes}/{alert.state}"
        for task in (OutboxTask.ALERT_EMAIL, OutboxTask.ALERT_WEBHOOK):
            work.notifications.outbox.enqueue(task, PaymentId(alert.id), at, subject=subject)


def _with_the_ended(measures: Sequence[Measure], known: Iterable[AlertCase]) -> Sequence[Measure]:
    """Return *measures*, and that all is well with what was raised once and is not going on, or has gone."""
    told = {(each.rule, each.subject) for each in measures}
    ended = [
        Measure.exact(each.rule, each.subject, each.terms.resolves_at)
        for each in known
        if (each.terms.lasts or each.terms.tied) and (each.rule, each.subject) not in told
    ]
    return [*measures, *ended]
