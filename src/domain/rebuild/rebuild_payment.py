"""Rebuild a payment: take each decision about it again, from what is kept of it, in the order of its versions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import DomainError
from domain.money import ZERO, Money
from domain.payments.basis import BegunBasis, KeptBasis
from domain.payments.decision import Decision
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refunds import NONE
from domain.payments.review import NOT_REVIEWED
from domain.rebuild.booked_payment import EnrolmentState


class BasisRefused(Exception):
    """
    What is kept does not lead to the *version* that the books have: *why* says where it ends.

    It is found by a rebuild and told as a difference; nobody who asks us for anything meets it.
    """

    def __init__(self, version: int, why: str) -> None:
        self.version, self.why = version, why
        super().__init__(f"version {version}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltPayment:
    """The payment that ought to be, and its enrolment; documents follow from both."""

    payment: Payment
    enrolment: EnrolmentState = EnrolmentState.NONE

    @property
    def invoiced(self) -> Money:
        """The total of the invoice that is due: nothing where no course was opened, or nothing paid."""
        opened = self.enrolment is not EnrolmentState.NONE
        return self.payment.quote.payable if opened else ZERO

    def after(self, decision: Decision) -> "RebuiltPayment":
        enrolment = self.enrolment
        if decision.enrols:
            enrolment = EnrolmentState.OPEN
        if decision.leaves and enrolment is EnrolmentState.OPEN:
            enrolment = EnrolmentState.ENDED
        return RebuiltPayment(payment=decision.payment, enrolment=enrolment)


def rebuild_payment(booked: Payment, kept: Sequence[KeptBasis]) -> RebuiltPayment:
    """
    Return what *kept* makes of the payment. Of *booked* only what it was begun with is taken.

    Raises ``BasisRefused`` when a version has no basis, or two, or one that cannot be read, or one on
    which no decision can be taken.
    """
    rebuilt = RebuiltPayment(payment=_begun(booked, kept))
    for expected, each in enumerate(kept):
        if each.version != expected:
            raise BasisRefused(expected, f"what is kept next is of version {each.version}")
        if each.basis is None:
            raise BasisRefused(expected, "what is kept of it cannot be read")
        try:
            rebuilt = rebuilt.after(each.basis.decide(rebuilt.payment))
        except (DomainError, ValueError) as error:
            raise BasisRefused(expected, f"no such decision: {type(error).__name__}") from error
    if booked.version != len(kept) - 1:
        raise BasisRefused(booked.version, "nothing is kept of it")
    return rebuilt


def is_begun(kept: Sequence[KeptBasis]) -> bool:
    """Whether all is kept from the beginning on; of older payments it never was."""
    return bool(kept) and kept[0].version == 0


def _begun(booked: Payment, kept: Sequence[KeptBasis]) -> Payment:
    basis = kept[0].basis if kept else None
    if not isinstance(basis, BegunBasis):
        raise BasisRefused(0, "how the payment began is not kept")
    return replace(
        booked,
        state=State.PENDING,
        opened_at=basis.at,
        expires_at=basis.expires_at,
        reservation=DiscountReservation.RESERVED if booked.quote.discount_code else None,
        failure=None,
        review=NOT_REVIEWED,
        capture=None,
        closed_at=None,
        retry=replace(booked.retry, counts=True) if booked.retry else None,
        refunds=NONE,
        disputes=(),
    )
