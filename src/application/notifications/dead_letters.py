"""Dead letters of the outbox: a person repairs the cause and requeues them, or closes them undone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.retry_on_conflict import retry_on_conflict
from domain.errors import DomainError
from domain.payments.basis import NoteBasis, NoteKind
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import unprintable_reason
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.notifications.outbox import DeadLetter, Outbox
from ports.unit_of_work import UnitOfWork

WHY_MAX: Final = 200


class ClosingRefused(DomainError):
    """The reason for closing a dead letter cannot be stored; *fault* says why."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"the reason cannot be taken: {fault}")


@dataclass(frozen=True, slots=True)
class RequeueDeadLetter:
    outbox: Outbox
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self, letter: int, origin: Origin, *, email: str | None = None
    ) -> DeadLetter:
        """
        Requeue the dead letter, and return it as it was buried.

        With *email*, an address that was checked, the payment's emails go to that address from now on.
        Raises ``NotFound`` for an entry that is not a dead letter, or not any more.
        """
        return await retry_on_conflict(lambda: self._unit(letter, origin, email))

    async def _unit(self, letter: int, origin: Origin, email: str | None) -> DeadLetter:
        at, dead = self.clock.now(), await self.outbox.dead_letter(letter)
        async with self.unit_of_work() as work:
            facts = {}
            if email is not None:
                payment = await work.payments.repository.get(dead.payment)
                work.payments.repository.save(
                    payment.with_email(email), NoteBasis(note=NoteKind.EMAIL, at=at)
                )
                facts["email"] = masked(email)
            work.notifications.outbox.requeue_dead_letter(letter, at)
            work.audit.add(_entry("errand.reopened", dead, origin=origin, at=at, **facts))
        return dead


@dataclass(frozen=True, slots=True)
class CloseDeadLetter:
    outbox: Outbox
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, letter: int, why: str, origin: Origin) -> DeadLetter:
        """
        Close the dead letter undone, and return it as it was buried.

        Raises ``ClosingRefused`` for a reason that cannot be stored, and ``NotFound`` for an entry
        that is not a dead letter, or not any more.
        """
        check_reason(why)
        return await retry_on_conflict(lambda: self._unit(letter, why, origin))

    async def _unit(self, letter: int, why: str, origin: Origin) -> DeadLetter:
        at, dead = self.clock.now(), await self.outbox.dead_letter(letter)
        async with self.unit_of_work() as work:
            work.notifications.outbox.cancel(letter, at, why=why)
            work.audit.add(_entry("errand.closed", dead, origin=origin, at=at, why=why))
        return dead


def check_reason(why: str) -> None:
    """Return when *why* can be stored, or raise ``ClosingRefused`` or ``CardNumberRefused``."""
    fault = unprintable_reason(why, WHY_MAX)
    if fault is not None:
        raise ClosingRefused(fault)
    refuse_card_numbers("why", why)


def masked(email: str) -> str:
    """Return *email* as the audit log may show it: its first character, and the domain."""
    name, _, host = email.rpartition("@")
    return f"{name[:1]}***@{host}"


def _entry(
    action: str, dead: DeadLetter, *, origin: Origin, at: datetime, **facts: str
) -> AuditEntry:
    return AuditEntry(
        at=at,
        origin=origin,
        action=action,
        subject=dead.payment,
        facts={"errand": dead.task.value, "line": str(dead.id), **facts},
    )
