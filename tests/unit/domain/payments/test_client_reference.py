"""What the platform calls a purchase names one course for one student, until it is sold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.catalogue.course import CourseId
from domain.identifiers import StudentId
from domain.payments.client_reference import (
    CLIENT_REFERENCE_MAX,
    ClientReference,
    ClientReferenceConflict,
    ClientReferenceInvalid,
    ClientReferenceUsed,
    ReferencedPurchase,
    reference_for,
)
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, a_payment, payment_id

ALGEBRA, MUSIC = CourseId("algebra"), CourseId("music")
ORDER = ClientReference("order-4711")
BORNE = ReferencedPurchase(first=payment_id(1), student=ASHA.id, course=ALGEBRA, sold=False)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "order-4711",
        "a" * CLIENT_REFERENCE_MAX,
        "O/1:2#3",
        "0f6c2c1e-5d2b-4c56-9a37-0d3c5a1f2b77",
    ],
)
def test_a_number_of_an_order_is_a_reference(text: str) -> None:
    """
    As it is: nothing of it is trimmed or folded.
    """
    assert ClientReference.parse(text) == ClientReference(text)


@pytest.mark.parametrize(
    "text", ["", "a" * (CLIENT_REFERENCE_MAX + 1), "a b", "tab\t", "क", "4111111111111111"]
)
def test_what_nobody_could_search_for_is_none(text: str) -> None:
    """
    A card number least of all.
    """
    with pytest.raises(ClientReferenceInvalid):
        ClientReference.parse(text)


def test_the_first_payment_names_no_other() -> None:
    """
    Each further one of the same purchase names the first.
    """
    assert reference_for(ORDER, None, ASHA.id, ALGEBRA) is ORDER
    assert reference_for(None, None, ASHA.id, ALGEBRA) is None

    further = reference_for(ORDER, BORNE, ASHA.id, ALGEBRA)

    assert further == ClientReference(ORDER.text, payment_id(1))
    assert further == ORDER.of_another(payment_id(1)) == further.of_another(payment_id(2))


@pytest.mark.parametrize(("student", "course"), [(RAVI.id, ALGEBRA), (ASHA.id, MUSIC)])
def test_it_names_no_other_purchase(student: StudentId, course: CourseId) -> None:
    """
    Neither of another student nor of another course; the refusal names the first payment.
    """
    with pytest.raises(ClientReferenceUsed) as refused:
        reference_for(ORDER, BORNE, student, course)

    assert (refused.value.text, refused.value.payment) == (ORDER.text, payment_id(1))
    assert refused.value.reason is ClientReferenceConflict.OTHER_PURCHASE


def test_it_is_sold_once() -> None:
    """
    Who buys the course again, after a refund, has another order.
    """
    sold = ReferencedPurchase(first=payment_id(1), student=ASHA.id, course=ALGEBRA, sold=True)

    with pytest.raises(ClientReferenceUsed) as refused:
        reference_for(ORDER, sold, ASHA.id, ALGEBRA)

    assert refused.value.reason is ClientReferenceConflict.SOLD


def test_a_retry_bears_it_too() -> None:
    """
    It is the same purchase; without one there is none to bear.
    """
    for borne, inherited in ((None, None), (ORDER, ClientReference(ORDER.text, payment_id(1)))):
        payment = replace(a_payment(1), client_reference=borne)

        _, retry = payment.retry_as(
            payment_id(2), quote=payment.quote, at=NOON, lifetime=timedelta(minutes=15)
        )

        assert retry.client_reference == inherited
