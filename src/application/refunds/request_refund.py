"""A member of staff asks for a refund: the rules first, then the written intent, then the bank."""

from collections.abc import Callable
from dataclasses import dataclass

from application.ledger.post_journals import post
from application.order_status.refund_effects import audit_refund
from application.refunds.send_refund import SendRefund
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm
from application.webhooks.tell_platform import tell_refund
from domain.errors import DomainError
from domain.identifiers import PaymentId, RefundId
from domain.ledger.payment_postings import refund_request_postings
from domain.money import Money
from domain.payments.basis import RefundRequestedBasis
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RefundRequest, RequestKey
from domain.payments.refund_polling import DEFAULT_SCHEDULE, RefundPollingSchedule
from domain.payments.refund_state import RefundState
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.idempotency import IdempotencyKeyMissing, IdempotencyKeyReused
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefundCommand:
    """
    A refund of *amount*; *origin* names who asks for it.

    *available* is what they believe can still be refunded, None when they do not say. *revokes* ends
    the enrolment once the money is back; a full refund does that anyway. Requests with the same *key*
    make one refund; one without a key has to name what is *available*, so that a repeat is noticed.
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
    """
    A refund and its payment after a request or a decision.

    *replayed* when an earlier request with the same idempotency key asked for it.
    """

    payment: Payment
    refund: Refund
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund:
    unit_of_work: UnitOfWork
    send: SendRefund
    clock: Clock
    new_id: Callable[[], RefundId]
    approval_threshold: Money
    """What one person may refund of a payment without the approval of a second one."""

    schedule: RefundPollingSchedule = DEFAULT_SCHEDULE

    async def __call__(self, command: RequestRefundCommand, confirm: Confirm) -> RefundStanding:
        """
        Return the refund, sent to the bank unless it awaits the approval of a second person.

        *confirm* is called last in the unit that writes the intent; when it raises, nothing is
        written. A repeat under the same key returns the refund as it stands now, without *confirm*.
        A failure of the bank is no error: the refund is polled to its end. Raises

        - ``NotFound``;
        - ``IdempotencyKeyMissing`` when neither a key nor the available amount is given;
        - what ``Payment.request_refund`` raises;
        - ``ReasonRefused`` and ``CardNumberRefused``;
        - ``IdempotencyKeyReused``;
        - what *confirm* raises.
        """
        try:
            return await self._request(command, confirm)
        except StorageUnavailable:
            raise
        except DomainError as refusal:
            await self._record(command, refusal)
            raise

    async def _request(self, command: RequestRefundCommand, confirm: Confirm) -> RefundStanding:
        if command.key is None and command.available is None:
            raise IdempotencyKeyMissing
        request = RefundRequest(
            id=self.new_id(),
            amount=command.amount,
            reason=command.reason,
            by=command.origin.actor,
            available=command.available,
            revokes=command.revokes,
            key=command.key,
        )
        asked = await retry_on_conflict(lambda: self._ask(command, request, confirm))
        if asked.refund.id != request.id or asked.refund.state is not RefundState.REQUESTED:
            return asked
        # No unit is open while the bank is called. If the process dies here, polling finds the refund
        # REQUESTED, reads the order, and sends the refund under the same id.
        payment = await self.send(asked.payment, asked.refund, command.origin)
        return RefundStanding(payment, payment.refunds.get(request.id))

    async def _ask(
        self, command: RequestRefundCommand, request: RefundRequest, confirm: Confirm
    ) -> RefundStanding:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            # Read before the key: a repeat that is written between the two reads is found by its key,
            # or changes the version that was read here, so that this unit begins again.
            found = await work.payments.repository.get_in_context(command.payment)
            payment = found.payment
            if (known := await _earlier(work, request)) is not None:
                audit_refund(
                    work,
                    known.payment,
                    known.refund,
                    action="refund.repeated",
                    origin=command.origin,
                    at=at,
                )
                return known
            asked = payment.request_refund(
                request, at=at, approval_threshold=self.approval_threshold
            )
            refund = asked.refunds.get(request.id)
            basis = RefundRequestedBasis.of(
                request, at=at, approval_threshold=self.approval_threshold
            )
            work.payments.repository.save(asked, basis)
            post(work, refund_request_postings(asked, refund, applied=found.opened, at=at), at)
            if refund.state is RefundState.REQUESTED:
                due_at = at + self.schedule.first
                work.refunds.polls.enqueue(asked.id, refund.id, since=at, due_at=due_at)
            audit_refund(
                work, asked, refund, action="refund.requested", origin=command.origin, at=at
            )
            tell_refund(work, asked, refund, at)
            await confirm(work)
        return RefundStanding(asked, refund)

    async def _record(self, command: RequestRefundCommand, refusal: DomainError) -> None:
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=command.origin,
                    action="refund.refused",
                    subject=command.payment,
                    facts={
                        "amount": command.amount.plain(),
                        "refusal": type(refusal).__name__,
                    },
                )
            )


async def _earlier(work: Work, request: RefundRequest) -> RefundStanding | None:
    """Return the refund that the idempotency key already made, None when the key is new or missing."""
    if request.key is None:
        return None
    known = await work.payments.repository.refund_request(request.by, request.key.key)
    if known is None:
        return None
    if known.body_sha256 != request.key.body_sha256:
        raise IdempotencyKeyReused
    payment = await work.payments.repository.get(known.payment)
    return RefundStanding(payment, payment.refunds.get(known.refund), replayed=True)
