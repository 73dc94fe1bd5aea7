"""A member of staff gives money back: every rule first, then a written intent, then the bank."""

from collections.abc import Callable
from dataclasses import dataclass

from application.order_status.refund_effects import audit_refund
from application.refunds.send_refund import SendRefund
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm
from domain.errors import DomainError
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundRequest, RequestKey
from domain.payments.refund_polling import DEFAULT_SCHEDULE, RefundPollingSchedule
from domain.payments.refund_state import RefundState
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.idempotency import IdempotencyKeyReused
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWanted:
    """
    *origin* names who asks. *available* is what they believe is left, None when they do not say.
    *revokes* ends the enrolment once the money is back; a full refund does that anyway. The request
    of a *key* is carried out once, whatever it is sent again with.
    """

    payment: PaymentId
    amount: Money
    reason: str
    origin: Origin
    available: Money | None = None
    revokes: bool = False
    key: RequestKey | None = None


@dataclass(frozen=True, slots=True)
class RefundStanding:
    """A refund and its payment as they stand after a request."""

    payment: Payment
    refund: Refund


async def nobody(_: Work) -> None:
    """Confirm an act that nobody has to stand for in person: the house's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund:
    unit_of_work: UnitOfWork
    send: SendRefund
    clock: Clock
    new_id: Callable[[], RefundId]
    approval_threshold: Money
    """What one person may give back of a payment without a second one."""

    schedule: RefundPollingSchedule = DEFAULT_SCHEDULE

    async def __call__(self, wanted: RefundWanted, confirm: Confirm = nobody) -> RefundStanding:
        """
        Return the refund, asked for at the bank unless it waits for a second person.

        *confirm* is called last in the unit that writes the intent; when it raises, nothing is
        written. The same key again returns the refund as it stands now and confirms nothing. Raises
        what ``Payment.request_refund`` raises, ``ReasonRefused``, ``CardNumberRefused``, ``NotFound``
        and ``IdempotencyKeyReused``. Trouble with the bank is no error: the refund is followed to its end.
        """
        try:
            return await self._request(wanted, confirm)
        except StorageUnavailable:
            raise
        except DomainError as refusal:
            await self._record(wanted, refusal)
            raise

    async def _request(self, wanted: RefundWanted, confirm: Confirm) -> RefundStanding:
        request = RefundRequest(
            id=self.new_id(),
            amount=wanted.amount,
            reason=wanted.reason,
            by=wanted.origin.actor,
            available=wanted.available,
            revokes=wanted.revokes,
            key=wanted.key,
        )
        asked = await retry_on_conflict(lambda: self._ask(wanted, request, confirm))
        if asked.refund.id != request.id or asked.refund.state is not RefundState.REQUESTED:
            return asked
        # Nothing is held while the bank thinks. If we die here, whoever follows the refund finds it
        # REQUESTED, reads the order, and sends it under the same id.
        payment = await self.send(asked.payment, asked.refund, wanted.origin)
        return RefundStanding(payment, payment.refunds.get(request.id))

    async def _ask(
        self, wanted: RefundWanted, request: RefundRequest, confirm: Confirm
    ) -> RefundStanding:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            # Read before the key is looked up: a copy of this request that is written between the two
            # is either found by its key, or makes what was read here out of date.
            payment = await work.payments.repository.get(wanted.payment)
            if (known := await _known(work, request)) is not None:
                audit_refund(
                    work,
                    known.payment,
                    known.refund,
                    action="refund.repeated",
                    origin=wanted.origin,
                    at=at,
                )
                return known
            asked = payment.request_refund(
                request, at=at, approval_threshold=self.approval_threshold
            )
            refund = asked.refunds.get(request.id)
            work.payments.repository.save(asked)
            if refund.state is RefundState.REQUESTED:
                work.refunds.polls.begin(asked.id, refund.id, at, due_at=at + self.schedule.first)
            audit_refund(
                work, asked, refund, action="refund.requested", origin=wanted.origin, at=at
            )
            await confirm(work)
        return RefundStanding(asked, refund)

    async def _record(self, wanted: RefundWanted, refusal: DomainError) -> None:
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=wanted.origin,
                    action="refund.refused",
                    subject=wanted.payment,
                    facts={
                        "amount": wanted.amount.plain(),
                        "refusal": type(refusal).__name__,
                    },
                )
            )


async def _known(work: Work, request: RefundRequest) -> RefundStanding | None:
    """Return what the idempotency key already stands for, None when it is new, or raise ``IdempotencyKeyReused``."""
    if request.key is None:
        return None
    known = await work.payments.repository.refund_request(request.by, request.key.key)
    if known is None:
        return None
    if known.body_sha256 != request.key.body_sha256:
        raise IdempotencyKeyReused
    payment = await work.payments.repository.get(known.payment)
    return RefundStanding(payment, payment.refunds.get(known.refund))
