"""What any payment gateway must do: run against the fake and against SmartGateway's adapter on the simulator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from domain.payments.order_facts import Verdict
from entrypoints.operations.gateway_contract.unattended_contract import (
    STUDENT,
    UnattendedBank,
    UnattendedGatewayContract,
    new_order,
)
from ports.payments.gateway_messages import ForgedMessage, GatewayMessages, MalformedMessage
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
)

LOST: Final = (Fault.LOST_REQUEST, Fault.LOST_ANSWER)
CERTAIN: Final = {
    Fault.DOWN: GatewayDown,
    Fault.BUSY: GatewayBusy,
    Fault.DENIED: GatewayDenied,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery as it reached our door; header names in lower case."""

    headers: Mapping[str, str]
    body: bytes


class Bank(UnattendedBank, Protocol):
    """The other side, as a test moves it."""

    @property
    def messages(self) -> GatewayMessages: ...

    async def pay(self, payment: PaymentId, outcome: Outcome) -> None: ...

    async def fail_next(self, operation: GatewayOperation, fault: Fault) -> None: ...

    def returned(self, payment: PaymentId) -> Sequence[tuple[str, str]]:
        """Return what the browser carries back after the last ``pay``."""
        ...

    def events(self, payment: PaymentId) -> Sequence[Event]:
        """Return every event about *payment* so far, at least one after each attempt."""
        ...


class GatewayContract(UnattendedGatewayContract):
    """Needs a fixture ``bank`` whose payer and troubles the test can move."""

    async def test_a_paid_order_is_not_opened_again(self, bank: Bank) -> None:
        """
        Nobody is sent to pay twice for one order.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, Outcome.SUCCESS)

        with pytest.raises(GatewayRefused):
            await bank.gateway.create_session(order)

    @pytest.mark.parametrize(
        ("outcomes", "verdict"),
        [
            ((), Verdict.NOT_ATTEMPTED),
            ((Outcome.ABANDON,), Verdict.NOT_ATTEMPTED),
            ((Outcome.PENDING,), Verdict.IN_PROGRESS),
            ((Outcome.FAILURE,), Verdict.DECLINED),
            ((Outcome.SUCCESS,), Verdict.CHARGED),
            ((Outcome.FAILURE, Outcome.SUCCESS), Verdict.CHARGED),
            ((Outcome.PENDING, Outcome.SUCCESS), Verdict.CHARGED),
            ((Outcome.PENDING, Outcome.FAILURE), Verdict.DECLINED),
            ((Outcome.FAILURE, Outcome.ABANDON), Verdict.DECLINED),
        ],
    )
    async def test_what_the_payer_did_is_what_the_bank_says(
        self, bank: Bank, outcomes: Sequence[Outcome], verdict: Verdict
    ) -> None:
        """
        Amount and currency with every verdict, a reason with a failure, and never a doubt.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        for outcome in outcomes:
            await bank.pay(order.payment, outcome)
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        assert (facts.payment, facts.verdict) == (order.payment, verdict)
        assert (facts.amount, facts.currency) == (order.amount, "INR")
        assert (facts.failure is not None) is (verdict is Verdict.DECLINED)
        assert facts.review_reason is None
        assert facts.word
        assert facts.word_id is not None

    async def test_a_sale_can_be_found_in_the_banks_books(self, bank: Bank) -> None:
        """
        Finance needs the attempt's id, the bank's reference and how it was paid; no order has another's.
        """
        sales = []
        for _ in range(2):
            order = new_order()
            await bank.gateway.create_session(order)
            await bank.pay(order.payment, Outcome.SUCCESS)
            sales.append(await bank.gateway.read_order(order.payment, STUDENT))

        assert all(sale.bank_txn_id and sale.bank_reference for sale in sales)
        assert all(sale.instrument.method == "UPI" for sale in sales)
        assert len({sale.bank_txn_id for sale in sales}) == len(sales)

    async def test_reading_changes_nothing(self, bank: Bank) -> None:
        """
        Two reads with nothing between them say the same.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, Outcome.SUCCESS)
        first = await bank.gateway.read_order(order.payment, STUDENT)

        assert await bank.gateway.read_order(order.payment, STUDENT) == first

    @pytest.mark.parametrize(("fault", "expected"), [*CERTAIN.items()])
    async def test_a_session_that_failed_for_certain_was_not_opened(
        self, bank: Bank, fault: Fault, expected: type[GatewayFailure]
    ) -> None:
        """
        Down, busy and denied promise that nothing happened; the next call works.
        """
        order = new_order()
        await bank.fail_next(GatewayOperation.CREATE_SESSION, fault)
        with pytest.raises(expected):
            await bank.gateway.create_session(order)
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        assert facts.verdict is Verdict.UNKNOWN_ORDER
        assert (await bank.gateway.create_session(order)).payment_url

    @pytest.mark.parametrize(
        ("fault", "expected"), [*CERTAIN.items(), *((fault, GatewayDown) for fault in LOST)]
    )
    async def test_a_read_without_an_answer_says_nothing_about_the_money(
        self, bank: Bank, fault: Fault, expected: type[GatewayFailure]
    ) -> None:
        """
        Every trouble is an error and never a verdict; the next read works.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, Outcome.SUCCESS)
        await bank.fail_next(GatewayOperation.READ_ORDER, fault)
        with pytest.raises(expected):
            await bank.gateway.read_order(order.payment, STUDENT)
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        assert facts.verdict is Verdict.CHARGED

    async def test_a_busy_bank_says_how_long(self, bank: Bank) -> None:
        """
        Whoever asks again knows when.
        """
        await bank.fail_next(GatewayOperation.READ_ORDER, Fault.BUSY)
        with pytest.raises(GatewayBusy) as busy:
            await bank.gateway.read_order(new_order().payment, STUDENT)

        assert busy.value.retry_after == timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("fault", "verdict"),
        [
            (Fault.LOST_REQUEST, Verdict.UNKNOWN_ORDER),
            (Fault.LOST_ANSWER, Verdict.NOT_ATTEMPTED),
        ],
    )
    async def test_a_session_without_an_answer_is_asked_about(
        self, bank: Bank, fault: Fault, verdict: Verdict
    ) -> None:
        """
        Unclear either way; a read tells which, and asking again heals both.
        """
        order = new_order()
        await bank.fail_next(GatewayOperation.CREATE_SESSION, fault)
        with pytest.raises(GatewayOutcomeUnknown):
            await bank.gateway.create_session(order)
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        assert facts.verdict is verdict
        assert (await bank.gateway.create_session(order)).payment_url

    @pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.FAILURE])
    async def test_a_returning_student_brings_a_claim(self, bank: Bank, outcome: Outcome) -> None:
        """
        The claim is about the order and in the bank's own words, whatever order the fields come in.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, outcome)
        fields = list(bank.returned(order.payment))
        facts = await bank.gateway.read_order(order.payment, STUDENT)

        for brought in (fields, fields[::-1]):
            claim = bank.messages.read_return(brought)
            assert claim.payment == order.payment
            assert (claim.status, claim.status_id) == (facts.word, facts.word_id)

    async def test_a_touched_return_is_forged(self, bank: Bank) -> None:
        """
        Every field is signed; a repeated one is refused as unreadable.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, Outcome.FAILURE)
        fields = list(bank.returned(order.payment))

        for place, (name, value) in enumerate(fields):
            touched = [*fields[:place], (name, f"{value}x"), *fields[place + 1 :]]
            with pytest.raises(ForgedMessage):
                bank.messages.read_return(touched)
            with pytest.raises(ForgedMessage):
                bank.messages.read_return([*fields[:place], *fields[place + 1 :]])
        with pytest.raises(ForgedMessage):
            bank.messages.read_return([*fields, ("more", "1")])
        with pytest.raises(MalformedMessage):
            bank.messages.read_return([*fields, fields[0]])

    @pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.FAILURE])
    async def test_an_event_names_its_order(self, bank: Bank, outcome: Outcome) -> None:
        """
        Each event has an id and a hash of its own; the last one tells how the order stands.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, outcome)
        facts = await bank.gateway.read_order(order.payment, STUDENT)
        read = [bank.messages.read_event(e.headers, e.body) for e in bank.events(order.payment)]

        assert {event.order for event in read} == {order.payment}
        assert len({event.id for event in read}) == len(read) == len({e.body_sha256 for e in read})
        assert (read[-1].status, read[-1].status_id) == (facts.word, facts.word_id)

    @pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.FAILURE])
    async def test_news_of_a_sale_says_that_it_is_no_more(
        self, bank: Bank, outcome: Outcome
    ) -> None:
        """
        What is told on the way to a sale or a failure tells of charging alone, each piece of it.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, outcome)

        read = [bank.messages.read_event(e.headers, e.body) for e in bank.events(order.payment)]

        assert len(read) >= 2
        assert all(event.only_sale for event in read)

    async def test_an_event_without_its_proof_is_forged(self, bank: Bank) -> None:
        """
        Credentials are checked before anybody looks at the body.
        """
        order = new_order()
        await bank.gateway.create_session(order)
        await bank.pay(order.payment, Outcome.SUCCESS)
        event = bank.events(order.payment)[0]

        bank.messages.check_sender(event.headers)
        for wrong in ({}, {"authorization": ""}, {"authorization": "Basic aG9vazp3cm9uZw=="}):
            with pytest.raises(ForgedMessage):
                bank.messages.check_sender({**event.headers, "authorization": "", **wrong})
            with pytest.raises(ForgedMessage):
                bank.messages.read_event({**event.headers, "authorization": "", **wrong}, b"?")
