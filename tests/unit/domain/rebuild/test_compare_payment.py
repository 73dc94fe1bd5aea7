"""What a payment is rebuilt from, and how each difference of the books is told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from domain.money import ZERO, Money
from domain.payments.basis import KINDS, KeptBasis
from domain.payments.order_facts import RefundVerdict, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.rebuild.booked_payment import BookedDocument, BookedPayment, EnrolmentState
from domain.rebuild.differences import Difference, DifferenceKind, compare_payment
from fakes.clock import NOON
from fakes.decided import BEGUN, CHARGED, HISTORIES, MINE, PART, PRICE, booked, kept, told

SOLD: Final = booked(CHARGED)
REFUNDED: Final = booked(*HISTORIES["refunded"])
NOTE: Final = BookedDocument(number="CRN/2627/0000001", total=PART, refund=MINE)
INVOICE: Final = BookedDocument(number="INV/2627/0000001", total=PRICE)


def differences(found: BookedPayment) -> list[Difference]:
    comparison = compare_payment(found, complete_from=NOON)
    assert comparison.is_rebuilt
    return list(comparison.differences)


def with_payment(books: BookedPayment, **changes: Any) -> BookedPayment:
    payment: Payment = replace(books.payment, **changes)
    return replace(books, payment=payment)


def with_refund(books: BookedPayment, **changes: Any) -> BookedPayment:
    (refund,) = books.payment.refunds
    refunds = books.payment.refunds.with_(replace(refund, **changes))
    return with_payment(books, refunds=refunds)


def test_each_kind_is_tried() -> None:
    """
    A new kind of basis needs a course of events here.
    """
    tried = {type(each) for bases in HISTORIES.values() for each in (BEGUN, *bases)}

    assert tried == set(KINDS.values())


@pytest.mark.parametrize("name", HISTORIES)
def test_honest_books_do_not_differ(name: str) -> None:
    """
    The decisions are taken in their order, each by the rules of the product.
    """
    assert differences(booked(*HISTORIES[name])) == []


@pytest.mark.parametrize(
    ("name", "state", "enrolment", "back"),
    [
        ("begun", State.PENDING, EnrolmentState.NONE, ZERO),
        ("busy", State.PROCESSING, EnrolmentState.NONE, ZERO),
        ("sold", State.SUCCESS, EnrolmentState.OPEN, ZERO),
        ("late", State.SUCCESS, EnrolmentState.OPEN, ZERO),
        ("no session", State.FAILED, EnrolmentState.NONE, ZERO),
        ("cancelled", State.FAILED, EnrolmentState.NONE, ZERO),
        ("closed", State.FAILED, EnrolmentState.NONE, ZERO),
        ("accepted", State.EXPIRED, EnrolmentState.NONE, ZERO),
        ("refused", State.SUCCESS, EnrolmentState.OPEN, ZERO),
        ("refunded", State.PARTIALLY_REFUNDED, EnrolmentState.OPEN, PART),
        ("refunded outside", State.PARTIALLY_REFUNDED, EnrolmentState.OPEN, PART),
    ],
)
def test_what_ought_to_be(name: str, state: State, enrolment: EnrolmentState, back: Money) -> None:
    """
    Written out by hand: the fixtures above are made by the same replay.
    """
    books = booked(*HISTORIES[name])

    assert (books.payment.state, books.enrolment, books.refunded) == (state, enrolment, back)


def test_a_full_refund_ends_the_enrolment() -> None:
    """
    What was opened once stays invoiced.
    """
    all_of_it = replace(HISTORIES["refunded"][2].facts.refunds[0], amount=PRICE)  # type: ignore[attr-defined]  # an answer of the bank
    books = booked(CHARGED, told(Verdict.CHARGED, 3, all_of_it))

    assert books.enrolment is EnrolmentState.ENDED
    assert differences(books) == []


def test_a_refund_that_revokes_ends_the_enrolment() -> None:
    """
    Although part of the price stays with the merchant.
    """
    revoking = replace(HISTORIES["refunded"][1], revokes=True)  # type: ignore[type-var]  # a request
    books = booked(CHARGED, revoking, HISTORIES["refunded"][2])

    assert books.payment.state is State.PARTIALLY_REFUNDED
    assert books.enrolment is EnrolmentState.ENDED


WRONG: Final[dict[str, tuple[BookedPayment, str]]] = {
    "state": (
        with_payment(SOLD, state=State.FAILED),
        "state: the books say failed, and it ought to be success",
    ),
    "capture": (
        with_payment(SOLD, capture=None),
        "capture: the books say nothing, and it ought to be 1180.00 INR by txn-1",
    ),
    "amount": (
        with_payment(booked(), capture=SOLD.payment.capture),
        "capture: the books say 1180.00 INR by txn-1, and it ought to be nothing",
    ),
    "refunded": (
        replace(SOLD, refunded=PART),
        "refunded: the books say 100.00, and it ought to be 0.00",
    ),
    "refunding": (
        replace(SOLD, refunding=PART),
        "refunded: the books say 100.00 on its way, and it ought to be 0.00 on its way",
    ),
    "refund": (
        with_refund(REFUNDED, state=RefundState.FAILED),
        "refund: the books say RFMINE 100.00 failed, and it ought to be RFMINE 100.00 success",
    ),
    "no refund": (
        replace(with_payment(REFUNDED, refunds=SOLD.payment.refunds), documents=REFUNDED.documents),
        "refund: the books say RFMINE nothing, and it ought to be RFMINE 100.00 success",
    ),
    "enrolment": (
        replace(SOLD, enrolment=EnrolmentState.ENDED),
        "enrolment: the books say ended, and it ought to be open",
    ),
    "no invoice": (
        replace(SOLD, documents=()),
        "document: the books say no invoice, and it ought to be an invoice of 1180.00",
    ),
    "an invoice": (
        replace(booked(), documents=(INVOICE,)),
        "document: the books say an invoice INV/2627/0000001 of 1180.00, and it ought to be no invoice",
    ),
    "an invoice of too much": (
        replace(SOLD, documents=(replace(INVOICE, total=PRICE + PART),)),
        (
            "document: the books say an invoice INV/2627/0000001 of 1280.00,"
            " and it ought to be an invoice of 1180.00"
        ),
    ),
    "no note": (
        replace(REFUNDED, documents=(INVOICE,)),
        "document: the books say notes of 0.00 for RFMINE, and it ought to be notes of 100.00 for RFMINE",
    ),
    "a note": (
        replace(SOLD, documents=(INVOICE, NOTE)),
        "document: the books say notes of 100.00 for RFMINE, and it ought to be notes of 0.00 for RFMINE",
    ),
    "price": (
        replace(SOLD, kept=(KeptBasis(0, replace(BEGUN, payable=PART)), *SOLD.kept[1:])),
        "price: the books say 1180.00, and it ought to be 100.00",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_difference_is_told_in_words(name: str) -> None:
    """
    Nothing else is told with it.
    """
    wrong, says = WRONG[name]

    assert [str(each) for each in differences(wrong)] == [says]


@pytest.mark.parametrize("name", ["no invoice", "no note"])
def test_a_document_that_is_still_to_come_is_not_missing(name: str) -> None:
    """
    Its task waits, or a person has ended it; another total is found all the same.
    """
    wrong, _ = WRONG[name]
    too_much, says = WRONG["an invoice of too much"]

    assert differences(replace(wrong, awaits_documents=True)) == []
    assert [str(each) for each in differences(replace(too_much, awaits_documents=True))] == [says]


def test_no_note_is_due_without_an_invoice() -> None:
    """
    Where the invoice is cancelled, what went back is credited by no note.
    """
    books = replace(REFUNDED, documents=(), awaits_documents=True)

    assert differences(books) == []


def test_a_version_without_its_basis_differs() -> None:
    """
    In between or at the end; two of one version, and one that nobody can read, are no better.
    """
    start, charge = SOLD.kept
    ends = {
        (start,): "version 1: nothing is kept of it",
        (start, KeptBasis(2, CHARGED)): "version 1: what is kept next is of version 2",
        (start, start): "version 1: what is kept next is of version 0",
        (start, KeptBasis(1, None)): "version 1: what is kept of it cannot be read",
        (*kept(told(Verdict.CHARGED, payment="SKX")),): "version 1: no such decision: ValueError",
        (*kept(HISTORIES["closed"][1]),): "version 1: no such decision: NotUnderReview",
        (KeptBasis(0, CHARGED), charge): "version 0: how the payment began is not kept",
    }

    for now, why in ends.items():
        (found,) = differences(replace(SOLD, kept=now))
        assert (found.kind, found.books, found.rebuilt) == (DifferenceKind.BASIS, "version 1", why)


def test_nothing_is_known_of_what_is_not_kept_from_the_beginning() -> None:
    """
    Payments of a release before, and those that one wrote besides on the day of the upgrade.
    """
    old = replace(SOLD, kept=SOLD.kept[1:])
    beside = replace(SOLD, kept=SOLD.kept[:1])
    after_the_upgrade = NOON + timedelta(minutes=1)

    for each in (old, replace(SOLD, kept=())):
        found = compare_payment(each, complete_from=NOON)
        assert (found.is_rebuilt, found.differences) == (False, ())
    found = compare_payment(beside, complete_from=after_the_upgrade)
    assert (found.is_rebuilt, found.differences) == (False, ())
    assert compare_payment(SOLD, complete_from=after_the_upgrade).is_rebuilt


def test_no_word_of_a_person_and_nothing_of_a_card_is_kept() -> None:
    """
    Only what decides is.
    """
    text = repr(HISTORIES)

    assert "4242" not in text
    assert "CARD" not in text
    assert "Mira" not in text
    assert "words" not in text
    assert RefundVerdict.PAID in text
