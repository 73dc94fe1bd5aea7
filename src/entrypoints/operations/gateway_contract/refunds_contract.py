"""What any payment gateway must do when money goes back: run on the fake and on SmartGateway's adapter."""

from dataclasses import replace
from itertools import count
from typing import Final, Protocol

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import (
    PAYMENT_ID_CHARS,
    PAYMENT_ID_RANDOM_CHARS,
    REFUND_ID_PREFIX,
    PaymentId,
    RefundId,
)
from domain.money import Money
from domain.payments.order_facts import RefundFacts, RefundVerdict, Verdict
from domain.payments.refund import REFUND_REQUESTS_MAX
from entrypoints.operations.gateway_contract.payments_contract import CERTAIN, Bank
from entrypoints.operations.gateway_contract.unattended_contract import STUDENT, new_order
from ports.payments.payment_gateway import (
    GatewayDenied,
    GatewayDuplicate,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
    NewOrder,
    RefundOrder,
)

_numbers: Final = count(1)


class RefundingBank(Bank, Protocol):
    """Refunds wait until the test decides them."""

    async def decide(
        self, payment: PaymentId, refund: RefundId, verdict: RefundVerdict
    ) -> None: ...

    async def refund_outside(self, payment: PaymentId, amount: Money) -> None: ...


def refund_of(order: NewOrder, paise: int | None = None) -> RefundOrder:
    """Return a refund nobody asked for yet, by default of all that *order* took."""
    return RefundOrder(
        payment=order.payment,
        student=order.student.id,
        refund=_refund_id(next(_numbers)),
        amount=order.amount if paise is None else Money(paise),
    )


def _refund_id(number: int) -> RefundId:
    letters = ""
    for _ in range(PAYMENT_ID_RANDOM_CHARS):
        number, letter = divmod(number, len(PAYMENT_ID_CHARS))
        letters += PAYMENT_ID_CHARS[letter]
    return RefundId(f"{REFUND_ID_PREFIX}{letters}")


async def sold(bank: RefundingBank) -> NewOrder:
    order = new_order()
    await bank.gateway.create_session(order)
    await bank.pay(order.payment, Outcome.SUCCESS)
    return order


async def seen(bank: RefundingBank, order: NewOrder) -> list[RefundFacts]:
    """Return what a read of the order tells of its refunds."""
    facts = await bank.gateway.read_order(order.payment, STUDENT)
    assert facts.verdict is Verdict.CHARGED
    return list(facts.refunds)


class GatewayRefundContract:
    """Needs a fixture ``bank``."""

    async def test_a_refund_is_taken_on_and_waits(self, bank: RefundingBank) -> None:
        """
        The answer is the whole order with the refund in it, and a read says the same.
        """
        order = await sold(bank)
        asked = refund_of(order, 100_00)

        facts = await bank.gateway.refund(asked)

        assert (facts.payment, facts.verdict, facts.amount) == (
            order.payment,
            Verdict.CHARGED,
            order.amount,
        )
        assert facts.has_refund(asked.refund)
        (refund,) = await seen(bank, order)
        assert (refund.id, refund.amount, refund.verdict) == (
            asked.refund,
            asked.amount,
            RefundVerdict.PENDING,
        )
        assert (refund.automatic, refund.arn, refund.error) == (False, "", "")

    async def test_an_order_nobody_refunded_tells_of_none(self, bank: RefundingBank) -> None:
        """
        Whether the bank leaves the list out or empty.
        """
        assert await seen(bank, await sold(bank)) == []

    @pytest.mark.parametrize(
        "verdict", [RefundVerdict.PAID, RefundVerdict.FAILED, RefundVerdict.IN_REVIEW]
    )
    async def test_what_becomes_of_it_is_read(
        self, bank: RefundingBank, verdict: RefundVerdict
    ) -> None:
        """
        A failure names what it was; a success has the bank's reference.
        """
        order = await sold(bank)
        asked = refund_of(order)
        await bank.gateway.refund(asked)
        await bank.decide(order.payment, asked.refund, verdict)

        (refund,) = await seen(bank, order)

        assert (refund.verdict, bool(refund.word)) == (verdict, True)
        if verdict is RefundVerdict.FAILED:
            assert refund.error
        if verdict is RefundVerdict.PAID:
            assert refund.reference
            assert refund.error == ""

    async def test_the_same_id_is_carried_out_once(self, bank: RefundingBank) -> None:
        """
        Asked for again it is repeated, one of the unclear: look first. There is one refund.
        """
        order = await sold(bank)
        asked = refund_of(order, 100_00)
        await bank.gateway.refund(asked)

        for again in (asked, replace(asked, amount=Money(50_00))):
            with pytest.raises(GatewayDuplicate):
                await bank.gateway.refund(again)

        assert issubclass(GatewayDuplicate, GatewayOutcomeUnknown)
        assert [(each.id, each.amount) for each in await seen(bank, order)] == [
            (asked.refund, asked.amount)
        ]

    async def test_no_more_goes_back_than_was_taken(self, bank: RefundingBank) -> None:
        """
        The bank counts what is on its way, and gives a failure's amount free again.
        """
        order = await sold(bank)
        first = refund_of(order, 200_000)
        await bank.gateway.refund(first)

        with pytest.raises(GatewayRefused):
            await bank.gateway.refund(refund_of(order, order.amount.paise - 200_000 + 1))
        await bank.decide(order.payment, first.refund, RefundVerdict.FAILED)
        await bank.gateway.refund(refund_of(order))

        assert [each.verdict for each in await seen(bank, order)] == [
            RefundVerdict.FAILED,
            RefundVerdict.PENDING,
        ]

    async def test_an_order_takes_twenty_five_requests(self, bank: RefundingBank) -> None:
        """
        One more is refused, whatever is left.
        """
        order = await sold(bank)
        for paise in range(100, 100 + REFUND_REQUESTS_MAX):
            await bank.gateway.refund(refund_of(order, paise))

        with pytest.raises(GatewayRefused):
            await bank.gateway.refund(refund_of(order, 300))

        assert len(await seen(bank, order)) == REFUND_REQUESTS_MAX

    async def test_only_what_was_charged_goes_back(self, bank: RefundingBank) -> None:
        """
        Neither an order that nobody paid nor one that nobody knows.
        """
        order = new_order()
        with pytest.raises(GatewayRefused):
            await bank.gateway.refund(refund_of(order))
        await bank.gateway.create_session(order)
        with pytest.raises(GatewayRefused):
            await bank.gateway.refund(refund_of(order))

    async def test_a_refund_made_elsewhere_is_told_of(self, bank: RefundingBank) -> None:
        """
        With an id, an amount and whoever asked for it.
        """
        order = await sold(bank)
        await bank.refund_outside(order.payment, Money(700_00))

        (refund,) = await seen(bank, order)

        assert refund.id
        assert refund.initiated_by
        assert (refund.amount, refund.automatic) == (Money(700_00), False)

    async def test_an_unknown_merchant_is_denied(self, bank: RefundingBank) -> None:
        """
        Nothing goes back by a wrong key.
        """
        order = await sold(bank)

        with pytest.raises(GatewayDenied):
            await bank.unknown_merchant.refund(refund_of(order))

        assert await seen(bank, order) == []

    @pytest.mark.parametrize(("fault", "expected"), [*CERTAIN.items()])
    async def test_trouble_for_certain_sends_nothing(
        self, bank: RefundingBank, fault: Fault, expected: type[GatewayFailure]
    ) -> None:
        """
        The same refund may be asked for again, and is then taken on.
        """
        order = await sold(bank)
        asked = refund_of(order)
        await bank.fail_next(GatewayOperation.REFUND, fault)

        with pytest.raises(expected) as gateway_failure:
            await bank.gateway.refund(asked)

        assert not isinstance(gateway_failure.value, GatewayOutcomeUnknown)
        assert await seen(bank, order) == []
        assert (await bank.gateway.refund(asked)).has_refund(asked.refund)

    @pytest.mark.parametrize(
        ("fault", "arrived"), [(Fault.LOST_REQUEST, 0), (Fault.LOST_ANSWER, 1)]
    )
    async def test_a_missing_answer_is_unclear_and_a_read_tells(
        self, bank: RefundingBank, fault: Fault, arrived: int
    ) -> None:
        """
        Unclear either way; sent again under its own id it is there exactly once.
        """
        order = await sold(bank)
        asked = refund_of(order)
        await bank.fail_next(GatewayOperation.REFUND, fault)

        with pytest.raises(GatewayOutcomeUnknown):
            await bank.gateway.refund(asked)

        assert [each.id for each in await seen(bank, order)] == [asked.refund] * arrived
        if arrived:
            with pytest.raises(GatewayDuplicate):
                await bank.gateway.refund(asked)
        else:
            await bank.gateway.refund(asked)
        assert [each.id for each in await seen(bank, order)] == [asked.refund]
