"""Staff take an alert on, or silence it for a while: both with their name and in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from application.retry_on_conflict import retry_on_conflict
from domain.monitoring.alert_case import AlertCase, AlertId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.monitoring.alert_register import AlertReads
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AnswerAlerts:
    alerts: AlertReads
    unit_of_work: UnitOfWork
    clock: Clock

    async def acknowledge(self, alert: AlertId, note: str, origin: Origin) -> AlertCase:
        """
        Return the alert taken on by whoever *origin* names.

        Raises ``NotFound``, ``AlertNotFiring``, ``SilenceRefused`` for a note that cannot be kept, and
        ``CardNumberRefused``.
        """

        async def unit() -> AlertCase:
            before, at = await self.alerts.get(alert), self.clock.now()
            after = before.acknowledged(origin.actor, note, at)
            facts = {"rule": after.rule.value, "note": after.note}
            return await self._write(after, "alert.acknowledged", facts, origin, at)

        return await retry_on_conflict(unit)

    async def silence(
        self, alert: AlertId, until: datetime, reason: str, origin: Origin
    ) -> AlertCase:
        """
        Return the alert silenced up to *until* (UTC).

        Raises ``NotFound``, ``SilenceRefused`` and ``CardNumberRefused``.
        """

        async def unit() -> AlertCase:
            before, at = await self.alerts.get(alert), self.clock.now()
            after = before.silenced(origin.actor, reason, until, at)
            facts = {
                "rule": after.rule.value,
                "until": until.isoformat(),
                "reason": after.silence_reason,
            }
            return await self._write(after, "alert.silenced", facts, origin, at)

        return await retry_on_conflict(unit)

    async def _write(
        self,
        after: AlertCase,
        action: str,
        facts: Mapping[str, str],
        origin: Origin,
        at: datetime,
    ) -> AlertCase:
        async with self.unit_of_work() as work:
            work.monitoring.alerts.save(after)
            work.audit.add(
                AuditEntry(
                    at=at,
                    origin=origin,
                    action=action,
                    subject=after.id,
                    facts={name: fact for name, fact in facts.items() if fact},
                )
            )
        return after
