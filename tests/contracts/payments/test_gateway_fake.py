"""The fake gateway keeps the contract, and what it promises beside it."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.fake.gateway import KEY, FakeGateway, NotInProduction, unclear
from adapters.fake.script import Fault, Outcome
from domain.identifiers import RefundId, StudentId
from domain.payments.order_facts import RefundVerdict, ReviewReason, Verdict
from entrypoints.operations.gateway_contract.faked_bank import FakeBank, fake_bank
from entrypoints.operations.gateway_contract.payments_contract import GatewayContract
from entrypoints.operations.gateway_contract.refunds_contract import (
    GatewayRefundContract,
    refund_of,
)
from entrypoints.operations.gateway_contract.unattended_contract import STUDENT, new_order
from ports.payments.gateway_messages import MalformedMessage
from ports.payments.payment_gateway import (
    GatewayDown,
    GatewayDuplicate,
    GatewayOperation,
    GatewayRefused,
)

NOW = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)


class TestFakeGateway(GatewayContract, GatewayRefundContract):
    @pytest.fixture
    def bank(self) -> FakeBank:
        return fake_bank()


def test_production_is_refused() -> None:
    """
    A gateway that gives courses away does not stand where money flows.
    """
    with pytest.raises(NotInProduction, match="SHULK_GATEWAY"):
        FakeGateway(environment="production")


async def test_the_guard_is_asked_before_each_bank_call() -> None:
    """
    A test that forbids calls inside a unit of work is heard before anything happens.
    """

    def forbid() -> None:
        raise AssertionError("a unit of work is open")

    gateway = FakeGateway(guard=forbid)
    order = new_order()

    with pytest.raises(AssertionError):
        await gateway.create_session(order)
    with pytest.raises(AssertionError):
        await gateway.read_order(order.payment, STUDENT)
    with pytest.raises(AssertionError):
        await gateway.refund(refund_of(order))
    assert (gateway.orders, gateway.calls.total()) == ({}, 0)


async def test_calls_are_counted_whatever_they_come_to() -> None:
    """
    A test can tell that the bank was asked once, or not at all.
    """
    gateway, order = FakeGateway(), new_order()
    gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.DOWN, times=2)
    for _ in range(2):
        with pytest.raises(GatewayDown):
            await gateway.create_session(order)
    await gateway.create_session(order)
    await gateway.read_order(order.payment, STUDENT)

    assert gateway.calls == {GatewayOperation.CREATE_SESSION: 3, GatewayOperation.READ_ORDER: 1}


async def test_the_bank_can_be_made_to_say_anything() -> None:
    """
    Odd answers are scripted as facts; they are about the order they are given for.
    """
    gateway, order = FakeGateway(), new_order()
    await gateway.create_session(order)
    odd = unclear(order.payment, ReviewReason.AUTO_REFUNDED)
    gateway.answer(order.payment, odd)

    assert await gateway.read_order(order.payment, STUDENT) == odd
    with pytest.raises(ValueError, match="another order"):
        gateway.answer(order.payment, unclear(new_order().payment, ReviewReason.VOIDED))


async def test_a_charge_is_dated_by_the_clock_it_was_given() -> None:
    """
    Nothing in the fake looks at the time by itself.
    """
    order = new_order()
    for gateway, expected in ((FakeGateway(now=lambda: NOW), NOW), (FakeGateway(), None)):
        await gateway.create_session(order)
        gateway.pay(order.payment)
        facts = await gateway.read_order(order.payment, STUDENT)

        assert (facts.verdict, facts.charged_at) == (Verdict.CHARGED, expected)


async def test_the_same_script_plays_the_same_again() -> None:
    """
    No chance and no time in it: two runs cannot be told apart.
    """
    order = new_order()
    runs = []
    for _ in range(2):
        gateway = FakeGateway()
        created = await gateway.create_session(order)
        gateway.pay(order.payment, Outcome.FAILURE)
        gateway.pay(order.payment)
        facts = await gateway.read_order(order.payment, STUDENT)
        runs.append((created, facts, gateway.event(order.payment)))

    assert runs[0] == runs[1]


async def test_mistakes_of_a_test_are_told_to_it() -> None:
    """
    Paying twice, reading for somebody else and scripting what the port does not know are errors.
    """
    gateway, order = FakeGateway(), new_order()
    await gateway.create_session(order)
    gateway.pay(order.payment)

    with pytest.raises(ValueError, match="is paid"):
        gateway.pay(order.payment)
    with pytest.raises(ValueError, match="another student"):
        await gateway.read_order(order.payment, StudentId("student-2"))
    with pytest.raises(ValueError, match="never refused"):
        gateway.fail_next(GatewayOperation.READ_ORDER, Fault.REFUSED)


async def test_a_refusal_can_be_scripted() -> None:
    """
    The bank may call an order invalid for reasons of its own.
    """
    gateway = FakeGateway()
    gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.REFUSED)

    with pytest.raises(GatewayRefused):
        await gateway.create_session(new_order())


async def test_news_of_more_than_the_sale_is_told_apart() -> None:
    """
    An event that may be about a refund is one to look into, also after the sale.
    """
    gateway, order = FakeGateway(), new_order()
    await gateway.create_session(order)

    read = [
        gateway.read_event(*gateway.event(order.payment, name)).only_sale
        for name in ("ORDER_SUCCEEDED", "ORDER_REFUNDED", "ORDER_UPDATED")
    ]

    assert read == [True, False, False]


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"id":"1"}'])
def test_a_signed_body_may_still_be_no_event(body: bytes) -> None:
    """
    The signature proves who sent it, not that it is true.
    """
    proof = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()

    with pytest.raises(MalformedMessage):
        FakeGateway().read_event({"authorization": f"Fake {proof}"}, body)


@pytest.mark.parametrize("verdict", RefundVerdict)
async def test_refunds_stand_where_the_test_says(verdict: RefundVerdict) -> None:
    """
    At once, or later by the back office; an ARN may come by itself.
    """
    gateway, order = FakeGateway(now=lambda: NOW), new_order()
    await gateway.create_session(order)
    gateway.pay(order.payment)
    gateway.refunds_end(verdict)
    asked = refund_of(order)

    (refund,) = (await gateway.refund(asked)).refunds
    assert (refund.verdict, refund.asked_at, refund.arn) == (verdict, NOW, "")

    gateway.move_refund(order.payment, asked.refund, RefundVerdict.PAID)
    gateway.move_refund(order.payment, asked.refund, RefundVerdict.PAID, arn="74537604221")
    (refund,) = (await gateway.read_order(order.payment, STUDENT)).refunds
    assert (refund.verdict, refund.arn) == (RefundVerdict.PAID, "74537604221")


async def test_a_refund_can_be_refused_or_a_duplicate() -> None:
    """
    As scripted, once; only a refund can be a duplicate.
    """
    gateway, order = FakeGateway(), new_order()
    await gateway.create_session(order)
    gateway.pay(order.payment)
    for fault, expected in ((Fault.REFUSED, GatewayRefused), (Fault.DUPLICATE, GatewayDuplicate)):
        gateway.fail_next(GatewayOperation.REFUND, fault)
        with pytest.raises(expected):
            await gateway.refund(refund_of(order))
    with pytest.raises(ValueError, match="duplicate"):
        gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DUPLICATE)

    assert (await gateway.read_order(order.payment, STUDENT)).refunds == ()


async def test_money_goes_back_to_who_paid_it() -> None:
    """
    Another student's refund is a mistake of ours.
    """
    gateway, order = FakeGateway(), new_order()
    await gateway.create_session(order)
    gateway.pay(order.payment)

    with pytest.raises(ValueError, match="another student"):
        await gateway.refund(replace(refund_of(order), student=StudentId("another")))


async def test_the_bank_gives_back_by_itself() -> None:
    """
    Automatic, and not an answer's own list that a test put there.
    """
    gateway, order = FakeGateway(now=lambda: NOW), new_order()
    await gateway.create_session(order)
    gateway.pay(order.payment)
    gateway.refund_outside(order.payment, RefundId("AR1"), order.amount, automatic=True)

    (refund,) = (await gateway.read_order(order.payment, STUDENT)).refunds
    assert (refund.automatic, refund.initiated_by, refund.asked_at) == (True, "AUTO_REFUNDED", NOW)
