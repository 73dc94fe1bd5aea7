"""What any keeper of refunds must do: with their payment or not at all, and asked about by one holder."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts.payments.payments_contract import charged
from contracts.storage import LEASE, SECOND, Storage, add, enrol, get, save
from domain.errors import ChangedMeanwhile
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund import Refund, RefundRequest, RequestKey
from domain.payments.refund_decisions import record_refund_refusal
from domain.payments.refund_state import RefundState
from domain.payments.refunds import Refunds
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, a_course, a_payment, payment_id, refund_id
from ports.notifications.outbox import OutboxTask
from ports.payments.checkout_facts import CheckoutQuery
from ports.payments.payment_queries import RefundView
from ports.payments.payment_repository import KnownRefundRequest

PLENTY = Money(10_00_000_00)
OUTSIDE = RefundId("AR0001")
EXPECTED = Refund.of(
    RefundRequest(id=OUTSIDE, amount=Money(100), reason="any", by="staff:mira"), NOON, waits=False
).expected_on


def request(
    number: int = 1,
    paise: int = 100_00,
    *,
    key: str | None = None,
    by: str = "staff:mira",
    revokes: bool = False,
) -> RefundRequest:
    return RefundRequest(
        id=refund_id(number),
        amount=Money(paise),
        reason="course cancelled",
        by=by,
        revokes=revokes,
        key=RequestKey(key=key, body_sha256="ab" * 32) if key else None,
    )


def asking(
    payment: Payment, *requests: RefundRequest, approval_threshold: Money = PLENTY
) -> Payment:
    for each in requests:
        payment = payment.request_refund(each, at=NOON, approval_threshold=approval_threshold)
    return payment


def news(payment: Payment, *refunds: RefundFacts) -> OrderFacts:
    return OrderFacts(
        payment=payment.id,
        verdict=Verdict.CHARGED,
        amount=payment.quote.payable,
        currency="INR",
        refunds=refunds,
    )


def paid(refund: RefundId, paise: int, arn: str = "") -> RefundFacts:
    return RefundFacts(id=refund, amount=Money(paise), verdict=RefundVerdict.PAID, arn=arn)


async def kept(storage: Storage, number: int = 1, **how: object) -> Payment:
    """Keep a sale and return it as it is kept."""
    await add(storage, charged(a_payment(number, **how)))  # type: ignore[arg-type]  # said by name
    return (await get(storage, payment_id(number))).payment


class RefundsContract:
    async def test_refunds_are_read_back_whole(self, storage: Storage) -> None:
        """
        Every field, in the order they became known, and again after each step.
        """
        payment = await kept(storage)
        asked = asking(
            payment,
            request(key="k", revokes=True),
            request(2, 200_00),
            approval_threshold=Money(100_00),
        )
        await save(storage, asked)
        found = (await get(storage, payment.id)).payment
        assert found.refunds == asked.refunds

        later = NOON + timedelta(hours=1)
        approved = found.approve_refund(refund_id(2), by="staff:noor", at=later)
        await save(storage, approved)
        found = (await get(storage, payment.id)).payment
        assert found.refunds == approved.refunds

        outside = replace(
            paid(OUTSIDE, 300_00, arn="74537604221"),
            initiated_by="dashboard",
            reference="r-1",
            asked_at=NOON,
        )
        told = news(found, paid(refund_id(1), 100_00), outside)
        decision = apply_order_facts(found, told, at=later + SECOND)
        await save(storage, decision.payment)
        found = (await get(storage, payment.id)).payment
        assert found == replace(decision.payment, version=decision.payment.version + 1)
        assert found.state is State.PARTIALLY_REFUNDED

    async def test_a_refund_is_a_step_of_its_payments_version(self, storage: Storage) -> None:
        """
        Two who read the same payment cannot both ask.
        """
        payment = await kept(storage)
        await save(storage, asking(payment, request(1)))

        with pytest.raises(ChangedMeanwhile):
            await save(storage, asking(payment, request(2)))

        assert [each.id for each in (await get(storage, payment.id)).payment.refunds] == [
            refund_id(1)
        ]

    async def test_two_at_once_are_one(self, storage: Storage) -> None:
        """
        Whoever is slower is told so.
        """
        payment = await kept(storage)
        said = await asyncio.gather(
            *(save(storage, asking(payment, request(number))) for number in range(1, 6)),
            return_exceptions=True,
        )

        assert sorted(type(each).__name__ for each in said) == ["ChangedMeanwhile"] * 4 + [
            "NoneType"
        ]
        assert len((await get(storage, payment.id)).payment.refunds.known) == 1

    async def test_more_than_was_taken_is_a_fault(self, storage: Storage) -> None:
        """
        Whatever stands before it: the store itself refuses, and keeps nothing of it.
        """
        payment = await kept(storage)
        too_much = asking(payment, request(1, 1_000_00)).refunds.get(refund_id(1))
        twice = Refunds((too_much, replace(too_much, id=refund_id(2))))

        with pytest.raises(storage.fault):
            await save(storage, replace(payment, refunds=twice))

        assert not (await get(storage, payment.id)).payment.refunds

    @pytest.mark.parametrize("state", [State.SUCCESS, State.REFUNDED, State.PARTIALLY_REFUNDED])
    async def test_the_state_tells_what_went_back(self, storage: Storage, state: State) -> None:
        """
        Nothing, a part, or all of it; anything else is a fault of ours.
        """
        payment = await kept(storage)
        sums = {
            State.SUCCESS: ZERO,
            State.PARTIALLY_REFUNDED: Money(1),
            State.REFUNDED: payment.captured,
        }
        for amount in sums.values():
            back = Refund(
                id=refund_id(1),
                amount=amount or Money(1),
                state=RefundState.SUCCESS if amount else RefundState.FAILED,
                asked_by="staff:mira",
                asked_at=NOON,
            )
            changed = replace(payment, state=state, refunds=Refunds((back,)))
            if amount == sums[state]:
                continue
            with pytest.raises(storage.fault):
                await save(storage, changed)

        assert (await get(storage, payment.id)).payment == payment

    async def test_disputes_are_read_back_whole(self, storage: Storage) -> None:
        """
        With their deadline, open and ended, and staff see them with the payment.
        """
        payment = await kept(storage)
        told = tuple(
            DisputeFacts(id=f"cb-{state}", amount=Money(100), state=state, reason="10.4")
            for state in DisputeState
        )
        disputed = apply_order_facts(payment, replace(news(payment), disputes=told), at=NOON)
        await save(storage, disputed.payment)

        found = (await get(storage, payment.id)).payment
        shown = await storage.refunds.of_payment(payment.id)
        assert found.disputes == disputed.payment.disputes
        assert [each.status for each in shown.disputes] == list(DisputeState)

    async def test_a_refusal_in_many_words_closes_the_refund(self, storage: Storage) -> None:
        """
        Its text is kept as far as there is room, and the amount is free again.
        """
        payment = asking(await kept(storage), request(1))
        await save(storage, payment)
        found = (await get(storage, payment.id)).payment

        refused = record_refund_refusal(found, refund_id(1), "no balance " * 30, at=NOON).payment
        await save(storage, refused)

        found = (await get(storage, payment.id)).payment
        refund = found.refunds.get(refund_id(1))
        assert (refund.state, refund.error) == (RefundState.FAILED, ("no balance " * 30)[:100])
        assert found.refundable == found.captured

    async def test_money_that_went_back_cannot_be_untaken(self, storage: Storage) -> None:
        """
        Neither by its state nor by its amount, and the payment's state goes forward only.
        """
        payment = asking(await kept(storage), request(1))
        back = apply_order_facts(
            payment, news(payment, paid(refund_id(1), 100_00)), at=NOON
        ).payment
        await save(storage, back)
        found = (await get(storage, payment.id)).payment
        refund = found.refunds.get(refund_id(1))

        for wrong in (
            replace(refund, state=RefundState.PENDING),
            replace(refund, state=RefundState.FAILED),
            replace(refund, amount=Money(50_00)),
        ):
            left = State.PARTIALLY_REFUNDED if wrong.amount < refund.amount else State.SUCCESS
            with pytest.raises(storage.fault):
                await save(storage, replace(found, state=left, refunds=Refunds((wrong,))))
        assert (await get(storage, payment.id)).payment == found

    async def test_one_id_of_ours_is_one_refund(self, storage: Storage) -> None:
        """
        Whatever payment it is of; the bank's own ids are another matter.
        """
        first, second = await kept(storage), await kept(storage, 2, student=RAVI)
        await save(storage, asking(first, request(1)))
        with pytest.raises(storage.fault):
            await save(storage, asking(second, request(1)))

        for number in (1, 2):
            found = (await get(storage, payment_id(number))).payment
            told = apply_order_facts(found, news(found, paid(OUTSIDE, 100)), at=NOON).payment
            await save(storage, told)
        assert (await get(storage, second.id)).payment.refunds.find(OUTSIDE)

    async def test_a_key_stands_for_one_refund_of_its_asker(self, storage: Storage) -> None:
        """
        Found again by it, and refused for another; somebody else's key is theirs.
        """
        first, second = await kept(storage), await kept(storage, 2, student=RAVI)
        assert await _known(storage) is None
        await save(storage, asking(first, request(1, key="k")))

        assert await _known(storage) == KnownRefundRequest(
            payment=first.id, refund=refund_id(1), body_sha256="ab" * 32
        )
        assert await _known(storage, by="staff:noor") is None
        with pytest.raises(ChangedMeanwhile):
            await save(storage, asking(second, request(2, key="k")))
        await save(storage, asking(second, request(2, key="k", by="staff:noor")))
        known = await _known(storage, by="staff:noor")
        assert known is not None
        assert known.refund == refund_id(2)

    async def test_an_initiation_sees_the_refunds_of_its_payments(self, storage: Storage) -> None:
        """
        A payment read another way is the same payment.
        """
        late = a_payment(1)
        automatic = RefundFacts(
            id=OUTSIDE, amount=late.quote.payable, verdict=RefundVerdict.PENDING, automatic=True
        )
        await add(storage, late)
        told = replace(
            news(late, automatic),
            verdict=Verdict.UNCLEAR,
            review_reason=ReviewReason.AUTO_REFUNDED,
        )
        unclear = replace(charged(late), state=State.PENDING, closed_at=None)
        heard = apply_order_facts(unclear, told, at=NOON).payment
        await save(storage, heard)

        question = CheckoutQuery(student=ASHA.id, course=a_course().id, unsold_since=NOON - LEASE)
        async with storage.unit_of_work() as work:
            facts = await work.payments.checkout_facts.read(question)

        assert facts.live == (await get(storage, late.id)).payment
        assert facts.live is not None
        assert facts.live.refunds

    async def test_a_place_that_was_left_can_be_taken_again(self, storage: Storage) -> None:
        """
        By another payment; and whoever opened nothing ends nothing.
        """
        first, second = await kept(storage), await kept(storage, 2)
        await enrol(storage, first)
        await _leave(storage, second)
        with pytest.raises(ChangedMeanwhile):
            await enrol(storage, second)

        await _leave(storage, first)
        await _leave(storage, first, NOON + LEASE)
        assert (await get(storage, second.id)).owned_by is None
        await enrol(storage, second)
        assert (await get(storage, first.id)).owned_by == second.id

    async def test_a_payment_has_a_line_for_each_of_its_refunds(self, storage: Storage) -> None:
        """
        And one only, however often the fact is written.
        """
        async with storage.unit_of_work() as work:
            for subject in ("RF1", "RF2", "RF1", None):
                work.notifications.outbox.enqueue(
                    OutboxTask.REFUND_CONFIRMATION, payment_id(1), NOON, subject=subject
                )

        lines = await storage.outbox.claim(NOON, lease=LEASE, at_most=9)

        assert sorted(line.subject for line in lines) == ["RF1", "RF2", payment_id(1)]
        assert {line.payment for line in lines} == {payment_id(1)}


class RefundViewsContract:
    async def test_students_see_what_goes_back_to_them(self, storage: Storage) -> None:
        """
        From when it goes to the bank: amount, standing, the day to expect it, and the ARN when known.
        """
        payment = asking(
            await kept(storage),
            request(1, 100_00),
            request(2, 200_00),
            request(3, 300_00),
            approval_threshold=Money(300_00),
        )
        pending = RefundFacts(id=refund_id(2), amount=Money(200_00), verdict=RefundVerdict.PENDING)
        told = news(payment, paid(refund_id(1), 100_00, arn="74537604221"), pending)
        await save(storage, apply_order_facts(payment, told, at=NOON).payment)

        view = await storage.queries.status(payment.id, ASHA.id)
        (item,) = (await storage.queries.history(ASHA.id, at_most=2)).items

        assert (view.refunded, view.status) == ("100.00", "partially_refunded")
        assert (item.refunded, item.refunds) == (view.refunded, view.refunds)
        assert view.refunds == [
            RefundView(
                refund_id=refund_id(1),
                amount="100.00",
                status=RefundState.SUCCESS,
                asked_at=NOON,
                closed_at=NOON,
                expected_on=EXPECTED,
                arn="74537604221",
            ),
            RefundView(
                refund_id=refund_id(2),
                amount="200.00",
                status=RefundState.PENDING,
                asked_at=NOON,
                closed_at=None,
                expected_on=EXPECTED,
                arn=None,
            ),
        ]

    async def test_no_day_is_promised_for_one_that_failed(self, storage: Storage) -> None:
        """
        It is shown as it is; one that a colleague rejected was never the student's to see.
        """
        payment = asking(
            await kept(storage), request(1), request(2, 200_00), approval_threshold=PLENTY
        )
        failed = RefundFacts(id=refund_id(1), amount=Money(100_00), verdict=RefundVerdict.FAILED)
        waiting = asking(payment, request(3, 300_00), approval_threshold=ZERO)
        rejected = waiting.reject_refund(refund_id(3), by="staff:noor", at=NOON)
        await save(storage, apply_order_facts(rejected, news(payment, failed), at=NOON).payment)

        view = await storage.queries.status(payment.id, ASHA.id)

        assert [(each.status, each.expected_on) for each in view.refunds] == [
            ("failed", None),
            ("requested", EXPECTED),
        ]
        assert view.needs_attention


async def _known(storage: Storage, by: str = "staff:mira") -> KnownRefundRequest | None:
    async with storage.unit_of_work() as work:
        return await work.payments.repository.refund_request(by, "k")


async def _leave(storage: Storage, payment: Payment, at: datetime = NOON) -> None:
    async with storage.unit_of_work() as work:
        work.payments.enrolments.leave(payment, at)
