"""Call operators because of a reconciliation that has failed."""

from dataclasses import dataclass

from domain.reconciliation.run import RunId
from ports.alerts import Alert, AlertKind, Alerts
from ports.reconciliation.run_register import RunRegister


@dataclass(frozen=True, slots=True)
class AlertFailedRun:
    runs: RunRegister
    alerts: Alerts

    async def __call__(self, run_id: RunId) -> None:
        """Say which run has failed, why, and how many workers had taken it; raise ``NotFound``."""
        run = await self.runs.get(run_id)
        facts = {"reason": run.why, "attempts": str(run.attempts)}
        await self.alerts.call(
            Alert(kind=AlertKind.RECONCILIATION_FAILED, subject=run.id, facts=facts)
        )
