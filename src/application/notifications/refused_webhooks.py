"""Webhooks about no order of ours: a person dismisses them, and says why nothing has to be done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.notifications.dead_letters import check_reason
from application.retry_on_conflict import retry_on_conflict
from domain.errors import NotFound
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.payments.inbox import Inbox, RefusedWebhook
from ports.unit_of_work import UnitOfWork

DISMISSED_AT_ONCE_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class DismissWebhooks:
    inbox: Inbox
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self, webhooks: Collection[int], why: str, origin: Origin
    ) -> Sequence[RefusedWebhook]:
        """
        Dismiss the refused *webhooks*, by id, and return those that were not yet dismissed.

        At most ``DISMISSED_AT_ONCE_MAX``, the oldest. Raises ``ClosingRefused`` or ``CardNumberRefused`` for a reason
        that cannot be stored, and ``NotFound`` when none of them is left.
        """
        check_reason(why)
        return await retry_on_conflict(lambda: self._unit(webhooks, why, origin))

    async def _unit(
        self, webhooks: Collection[int], why: str, origin: Origin
    ) -> Sequence[RefusedWebhook]:
        at = self.clock.now()
        found = await self.inbox.refused(at_most=DISMISSED_AT_ONCE_MAX, ids=webhooks)
        if not found:
            raise NotFound("refused webhook", ", ".join(map(str, sorted(webhooks)[:3])) or "none")
        async with self.unit_of_work() as work:
            for each in found:
                work.payments.inbox.dismiss_webhook(each.id, at)
                work.audit.add(_entry(each, why, origin=origin, at=at))
        return found


def _entry(webhook: RefusedWebhook, why: str, *, origin: Origin, at: datetime) -> AuditEntry:
    facts = {
        "event": webhook.event,
        "order": webhook.order,
        "bank_word": webhook.status,
        "refused": webhook.why,
        "why": why,
    }
    return AuditEntry(
        at=at,
        origin=origin,
        action="webhook.dismissed",
        subject=f"webhook/{webhook.id}",
        facts={name: fact for name, fact in facts.items() if fact},
    )
