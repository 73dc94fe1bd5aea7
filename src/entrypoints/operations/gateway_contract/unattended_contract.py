"""What any payment gateway must do while nobody pays: also fit to be asked of the bank's own test account."""

import secrets
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Final, Protocol

import pytest

from domain.identifiers import PAYMENT_ID_CHARS, PAYMENT_ID_RANDOM_CHARS, PaymentId, StudentId
from domain.money import Money
from domain.payments.order_facts import Verdict
from domain.payments.payment import Student
from ports.payments.payment_gateway import (
    GatewayDenied,
    GatewayRefused,
    NewOrder,
    PaymentGateway,
)

STUDENT: Final = StudentId("student-1")
# A bank remembers for longer than a run: each starts somewhere else.
_numbers: Final = count(secrets.randbelow(len(PAYMENT_ID_CHARS) ** (PAYMENT_ID_RANDOM_CHARS - 1)))


class UnattendedBank(Protocol):
    """The merchant's way in; *unknown_merchant* is a gateway whose key the bank does not know."""

    @property
    def gateway(self) -> PaymentGateway: ...

    @property
    def unknown_merchant(self) -> PaymentGateway: ...


def new_order() -> NewOrder:
    """Return an order that no bank has heard of."""
    number, letters = next(_numbers), ""
    for _ in range(PAYMENT_ID_RANDOM_CHARS):
        number, letter = divmod(number, len(PAYMENT_ID_CHARS))
        letters += PAYMENT_ID_CHARS[letter]
    return NewOrder(
        payment=PaymentId(f"SK{letters}"),
        student=Student(id=STUDENT, name="Asha Devi", email="asha@example.com", phone="9000000001"),
        amount=Money(235_950),
        description="Vedic Mathematics I",
        lifetime=timedelta(minutes=15),
    )


class UnattendedGatewayContract:
    """Needs a fixture ``bank``."""

    async def test_an_opened_order_waits_for_its_payer(self, bank: UnattendedBank) -> None:
        """
        Nothing was tried yet; the amount is exact and in rupees.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        assert (facts.payment, facts.verdict) == (order.payment, Verdict.NOT_ATTEMPTED)
        assert (facts.amount, facts.currency) == (order.amount, "INR")

    async def test_a_new_order_gets_a_page(self, bank: UnattendedBank) -> None:
        """
        The student has somewhere to go, and the bank its own name for the order.
        """
        created = await bank.gateway.create_session(new_order())

        assert created.id
        assert created.payment_url.startswith(("https://", "http://127.0.0.1:"))

    async def test_the_same_order_again_is_the_same_order(self, bank: UnattendedBank) -> None:
        """
        After a crash between two units the same question has the same answer.
        """
        order = new_order()

        assert await bank.gateway.create_session(order) == await bank.gateway.create_session(order)

    async def test_an_order_does_not_change_its_price(self, bank: UnattendedBank) -> None:
        """
        One id, one amount: anything else is refused.
        """
        order = new_order()
        await bank.gateway.create_session(order)

        with pytest.raises(GatewayRefused):
            await bank.gateway.create_session(replace(order, amount=Money(100_000)))

    async def test_an_id_that_is_too_long_is_refused_by_name(self, bank: UnattendedBank) -> None:
        """
        The protocol ends at 20 characters.
        """
        order = new_order()
        with pytest.raises(GatewayRefused) as refusal:
            await bank.gateway.create_session(
                replace(order, payment=PaymentId(f"{order.payment}A"))
            )

        assert refusal.value.fields == ("order_id",)

    async def test_an_order_that_the_bank_does_not_know_is_a_verdict(
        self, bank: UnattendedBank
    ) -> None:
        """
        Not an error: it is the answer that lets a payment lapse.
        """
        order = new_order()
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        assert (facts.payment, facts.verdict) == (order.payment, Verdict.UNKNOWN_ORDER)
        assert (facts.amount, facts.failure, facts.review_reason) == (None, None, None)

    async def test_an_unknown_merchant_is_denied(self, bank: UnattendedBank) -> None:
        """
        A wrong key opens nothing and reads nothing, and says so for operators.
        """
        order = new_order()
        with pytest.raises(GatewayDenied):
            await bank.unknown_merchant.create_session(order)
        with pytest.raises(GatewayDenied):
            await bank.unknown_merchant.read_order(order.payment, STUDENT)
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        assert facts.verdict is Verdict.UNKNOWN_ORDER
