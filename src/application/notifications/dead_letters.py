"""Errands that were given up: a person mends the cause and has them tried again, or closes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.retry_on_conflict import retry_on_conflict
from domain.card import refuse_card_numbers
from domain.errors import DomainError
from domain.printable import unprintable_reason
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.notifications.outbox import DeadLetter, Outbox
from ports.unit_of_work import UnitOfWork

WHY_MAX: Final = 200


class ClosingRefused(DomainError):
    """An errand is closed for a reason that can be kept, or not at all."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"the reason cannot be taken: {fault}")


@dataclass(frozen=True, slots=True)
class RequeueDeadLetter:
    outbox: Outbox
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, line: int, origin: Origin, *, email: str | None = None) -> DeadLetter:
        """
        Let the errand be carried out again, and return it as it was given up.

        With *email*, an address that was checked, its student is written to there from now on. Raises
        ``NotFound`` for an errand that was not given up, or that somebody else has dealt with.
        """
        return await retry_on_conflict(lambda: self._unit(line, origin, email))

    async def _unit(self, line: int, origin: Origin, email: str | None) -> DeadLetter:
        at, parked = self.clock.now(), await self.outbox.parked_line(line)
        async with self.unit_of_work() as work:
            facts = {}
            if email is not None:
                payment = await work.payments.repository.get(parked.payment)
                work.payments.repository.save(payment.with_email(email))
                facts["email"] = masked(email)
            work.notifications.outbox.reopen(line, at)
            work.audit.add(_entry("errand.reopened", parked, origin=origin, at=at, **facts))
        return parked


@dataclass(frozen=True, slots=True)
class CloseDeadLetter:
    outbox: Outbox
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, line: int, why: str, origin: Origin) -> DeadLetter:
        """
        Close the errand undone, and return it as it was given up.

        Raises ``ClosingRefused`` for a reason that cannot be kept, and ``NotFound`` as above.
        """
        fault = unprintable_reason(why, WHY_MAX)
        if fault is not None:
            raise ClosingRefused(fault)
        refuse_card_numbers("why", why)
        return await retry_on_conflict(lambda: self._unit(line, why, origin))

    async def _unit(self, line: int, why: str, origin: Origin) -> DeadLetter:
        at, parked = self.clock.now(), await self.outbox.parked_line(line)
        async with self.unit_of_work() as work:
            work.notifications.outbox.close(line, at, why=why)
            work.audit.add(_entry("errand.closed", parked, origin=origin, at=at, why=why))
        return parked


def masked(email: str) -> str:
    """Return *email* as a trail may show it: the first letter, and the domain."""
    name, _, host = email.rpartition("@")
    return f"{name[:1]}***@{host}"


def _entry(
    action: str, parked: DeadLetter, *, origin: Origin, at: datetime, **facts: str
) -> AuditEntry:
    return AuditEntry(
        at=at,
        origin=origin,
        action=action,
        subject=parked.payment,
        facts={"errand": parked.task.value, "line": str(parked.id), **facts},
    )
