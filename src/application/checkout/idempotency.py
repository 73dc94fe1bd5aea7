"""Requests that open a payment: under a client's own key they are carried out once and answered alike."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from ports.audit_log import AuditEntry, Origin
from ports.idempotency import IdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused
from ports.payments.checkout_facts import CheckoutFacts
from ports.unit_of_work import Work


class PaymentInProgress(DomainError):
    """A payment for this course is under way; it can be continued, and ends by itself."""

    def __init__(self, payment: PaymentId, payment_url: str | None, expires_at: datetime) -> None:
        self.payment, self.payment_url, self.expires_at = payment, payment_url, expires_at
        super().__init__("a payment for this course is under way; continue it or wait for its end")


class KeyedRequest(Protocol):
    """*body_sha256* is the hex digest of the request's meaning, compared when *key* comes again."""

    @property
    def key(self) -> IdempotencyKey | None: ...
    @property
    def body_sha256(self) -> str: ...
    @property
    def origin(self) -> Origin: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """The payment exists; the bank has to be asked for its page."""

    payment: Payment


@dataclass(frozen=True, slots=True)
class Resumed:
    """An earlier request opened the payment and never learnt what the bank did."""

    payment: Payment


@dataclass(frozen=True, slots=True)
class Answered:
    """There is nothing to ask: answered before, or nothing to pay."""

    payment: Payment


def known(
    work: Work, facts: CheckoutFacts, wanted: KeyedRequest, *, at: datetime, until: datetime
) -> Answered | Resumed | None:
    """
    Return what the idempotency key already stands for, None when the way is free.

    What is resumed is locked *until*. Raises ``IdempotencyKeyReused`` and ``IdempotencyKeyInUse``.
    """
    record, answered = facts.record, facts.answered
    if record is None or answered is None:
        return None
    if record.body_sha256 != wanted.body_sha256:
        raise IdempotencyKeyReused
    if record.sealed:
        audit(work, "payment.repeated", answered, wanted.origin, at)
        return Answered(answered)
    if record.locked_until > at:
        raise IdempotencyKeyInUse(record.locked_until - at)
    if answered.state.is_sold or (answered.state.is_live and answered.gateway_order):
        # Somebody else brought to an end what the asker never learnt of.
        audit(work, "payment.repeated", answered, wanted.origin, at)
        work.idempotency.seal(record.key, answered.id)
        return Answered(answered)
    if not answered.state.is_live:
        return None
    audit(work, "payment.resumed", answered, wanted.origin, at)
    lock(work, wanted, answered.id, at=at, until=until)
    return Resumed(answered)


def lock(
    work: Work,
    wanted: KeyedRequest,
    payment: PaymentId,
    *,
    at: datetime,
    until: datetime,
    sealed: bool = False,
) -> None:
    """Collect the claim to work on the request's key, or its answer at once; without a key nothing."""
    if wanted.key is not None:
        work.idempotency.lock(
            wanted.key,
            body_sha256=wanted.body_sha256,
            payment=payment,
            at=at,
            until=until,
            sealed=sealed,
        )


def payment_in_progress(payment: Payment) -> PaymentInProgress:
    """Return the refusal that shows the way to *payment*, which is under way."""
    order = payment.gateway_order
    return PaymentInProgress(payment.id, order.payment_url if order else None, payment.expires_at)


def audit(
    work: Work,
    action: str,
    payment: Payment,
    origin: Origin,
    at: datetime,
    *,
    to_state: State | None = None,
) -> None:
    """Collect one line about a request for *payment*."""
    facts = {"course": payment.course, "payable_paise": str(payment.quote.payable.paise)}
    if payment.retry is not None:
        facts |= {"retry_of": payment.retry.of, "retry_number": str(payment.retry.number)}
    work.audit.add(
        AuditEntry(
            at=at,
            origin=origin,
            action=action,
            subject=payment.id,
            to_state=to_state,
            facts=facts,
        )
    )
