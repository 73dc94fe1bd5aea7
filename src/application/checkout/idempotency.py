"""Idempotent checkout: a request repeated under its key begins one payment and gets the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.changed_details import AskedDetails, ChangedDetail, changed_details
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from ports.audit_log import AuditEntry, Origin
from ports.idempotency import IdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused
from ports.payments.checkout_facts import CheckoutFacts
from ports.unit_of_work import Work

WAIT_MIN: Final = timedelta(seconds=1)
WAIT_MAX: Final = timedelta(seconds=16)
"""How long a repeat is asked to wait for the first request at least, and at most."""


class PaymentInProgress(DomainError):
    """
    A payment for this course is under way; it can be continued, and ends by itself.

    *differs* says in what it is another one than what was asked for.
    """

    def __init__(
        self,
        payment: PaymentId,
        payment_url: str | None,
        expires_at: datetime,
        payable: Money,
        differs: Sequence[ChangedDetail] = (),
    ) -> None:
        self.payment, self.payment_url = payment, payment_url
        self.expires_at, self.payable, self.differs = expires_at, payable, differs
        super().__init__("a payment for this course is under way; continue it or wait for its end")


class IdempotentCommand(Protocol):
    """*body_sha256* is the hex digest of the request; a repeat under the same *key* must have the same."""

    @property
    def key(self) -> IdempotencyKey | None: ...
    @property
    def body_sha256(self) -> str: ...
    @property
    def origin(self) -> Origin: ...


@dataclass(frozen=True, slots=True)
class Begun:
    """The payment is new and written; its session at the bank has to be created."""

    payment: Payment


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An earlier request with this key began the payment; what the bank answered is not known."""

    payment: Payment


@dataclass(frozen=True, slots=True)
class Complete:
    """The payment is the answer: nothing is to pay, or, *replayed*, an earlier request with the key got it."""

    payment: Payment
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CheckoutAnswer:
    """The payment of a request; *replayed* when an earlier request with the same idempotency key got it."""

    payment: Payment
    replayed: bool


def earlier_outcome(
    work: Work, facts: CheckoutFacts, command: IdempotentCommand, *, at: datetime, until: datetime
) -> Complete | Unanswered | None:
    """
    Return what an earlier request with the same idempotency key came to, None when a payment may begin.

    The key of an ``Unanswered`` payment is claimed until the instant *until*. Raises
    ``IdempotencyKeyReused`` and ``IdempotencyKeyInUse``.
    """
    record, answered = facts.record, facts.answered
    if record is None or answered is None:
        return None
    if record.body_sha256 != command.body_sha256:
        raise IdempotencyKeyReused
    if record.completed:
        audit(work, "payment.repeated", answered, command.origin, at)
        return Complete(answered, replayed=True)
    if record.locked_until > at:
        raise IdempotencyKeyInUse(_wait(record.locked_until - at, until - at))
    if can_be_answer(answered):
        # Another request or a message of the bank finished what the first request did not learn.
        audit(work, "payment.repeated", answered, command.origin, at)
        work.idempotency.complete(record.key, answered.id)
        return Complete(answered, replayed=True)
    if not answered.state.is_live:
        return None
    return resume_unanswered(work, answered, command, at=at, until=until)


def resume_unanswered(
    work: Work, payment: Payment, command: IdempotentCommand, *, at: datetime, until: datetime
) -> Unanswered:
    """Collect that the command goes on with *payment*, and its claim on the key until the instant *until*."""
    audit(work, "payment.resumed", payment, command.origin, at)
    claim_key(work, command, payment.id, at=at, until=until)
    return Unanswered(payment)


def _wait(left: timedelta, claim: timedelta) -> timedelta:
    """
    Return when to ask again for the answer of a request whose *claim* has *left* so much of its time.

    That is after as long again as it has run: most are answered within a second, and whoever keeps
    to it asks at growing distances.
    """
    return min(max(claim - left, WAIT_MIN), WAIT_MAX, left)


def can_be_answer(payment: Payment) -> bool:
    """Return whether *payment* answers the request that began it: it is sold, or live with a session."""
    return payment.state.is_sold or (payment.state.is_live and payment.gateway_order is not None)


def claim_key(
    work: Work,
    command: IdempotentCommand,
    payment: PaymentId,
    *,
    at: datetime,
    until: datetime,
    completed: bool = False,
) -> None:
    """
    Collect the claim on the command's key until the instant *until*; without a key, nothing.

    When *completed*, *payment* answers the key at once.
    """
    if command.key is not None:
        work.idempotency.claim(
            command.key,
            body_sha256=command.body_sha256,
            payment=payment,
            at=at,
            until=until,
            completed=completed,
        )


def payment_in_progress(payment: Payment, asked: AskedDetails | None = None) -> PaymentInProgress:
    """
    Return the refusal for a course that *payment*, still live, is about; it names the payment page.

    Without *asked* it is the very payment that was asked for.
    """
    order = payment.gateway_order
    url = order.payment_url if order else None
    differs = changed_details(payment, asked) if asked else ()
    return PaymentInProgress(payment.id, url, payment.expires_at, payment.quote.payable, differs)


def audit(
    work: Work,
    action: str,
    payment: Payment,
    origin: Origin,
    at: datetime,
    *,
    to_state: State | None = None,
) -> None:
    """Collect one entry of the audit log about a request for *payment*."""
    facts = {"course": payment.course, "payable_paise": str(payment.quote.payable.paise)}
    if payment.retry is not None:
        facts |= {"retry_of": payment.retry.of, "retry_number": str(payment.retry.number)}
    if payment.consent is not None:
        facts |= payment.consent.facts
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
