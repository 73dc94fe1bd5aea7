"""One answer of the bank leads to one end: in whatever order it names the refunds, applied once or twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from domain.errors import DomainError
from domain.identifiers import RefundId
from domain.money import ZERO, Money
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
from domain.payments.refund import RefundRequest
from domain.payments.refund_decisions import record_refund_refusal
from domain.payments.refund_news import reconcile
from domain.payments.refund_state import RefundState
from domain.payments.refunds import NONE
from domain.payments.refused_refund import REFUSALS, RefusedRefund
from domain.payments.resolution import accept_review
from fakes.clock import NOON
from fakes.refunds.refund_strategies import OURS, PARTS, answers
from fakes.samples import a_payment

LATER = NOON + timedelta(hours=1)
PRICE = a_payment().quote.payable
SIXTY = Money(60_00)
PLENTY = Money(10_00_000_00)
MINE, DASHBOARD = OURS[0], RefundId("AR1")
EXCEED, DIFFERS = ReviewReason.REFUNDS_EXCEED, ReviewReason.REFUND_DIFFERS


def answer(*refunds: RefundFacts, verdict: Verdict = Verdict.CHARGED) -> OrderFacts:
    return OrderFacts(
        payment=a_payment().id, verdict=verdict, amount=PRICE, currency="INR", refunds=refunds
    )


def told(
    refund: RefundId = DASHBOARD,
    amount: Money | None = PRICE,
    verdict: RefundVerdict = RefundVerdict.PAID,
) -> RefundFacts:
    return RefundFacts(id=refund, amount=amount, verdict=verdict)


def sold() -> Payment:
    return apply_order_facts(a_payment(), answer(), at=NOON).payment


def asked(
    payment: Payment, amount: Money = SIXTY, refund: RefundId = MINE, *, waits: bool = True
) -> Payment:
    request = RefundRequest(id=refund, amount=amount, reason="cancelled", by="staff:mira")
    return payment.request_refund(request, at=NOON, approval_threshold=ZERO if waits else PLENTY)


@given(facts=answers(), captured=st.sampled_from([ZERO, *PARTS]))
def test_the_order_of_refunds_in_an_answer_makes_no_difference(facts: Any, captured: Money) -> None:
    """
    Nor does a second application.
    """
    one, other = facts

    first = reconcile(NONE, one, captured=captured, at=NOON)
    second = reconcile(NONE, other, captured=captured, at=NOON)
    again = reconcile(first.refunds, other, captured=captured, at=LATER)

    assert first == second
    assert (again.refunds, again.moves) == (first.refunds, ())
    assert again.review_reasons & REFUSALS == first.review_reasons & REFUSALS


def test_no_facts_change_nothing() -> None:
    """
    Neither the refunds nor what was refused.
    """
    waiting = asked(sold()).refunds
    report = RefusedRefund(id=DASHBOARD, amount=PRICE, why=EXCEED)
    held = replace(waiting, refused=(report,))

    news = reconcile(held, [], captured=PRICE, at=LATER)

    assert (news.refunds, news.moves) == (held, ())


class RefundStory(RuleBasedStateMachine):
    """One payment twice: each answer reaches one of them once, and the other in another order and twice."""

    def __init__(self) -> None:
        super().__init__()
        self.one = self.other = sold()

    @rule(number=st.sampled_from(OURS), amount=st.sampled_from(PARTS), waits=st.booleans())
    def ask(self, number: RefundId, amount: Money, *, waits: bool) -> None:
        if self.one.refunds.find(number) is None:
            self._both(lambda payment: asked(payment, amount, number, waits=waits))

    @rule(number=st.sampled_from(OURS), approve=st.booleans(), own=st.booleans())
    def decide(self, number: RefundId, *, approve: bool, own: bool) -> None:
        by = "staff:mira" if own else "staff:noor"

        def decided(payment: Payment) -> Payment:
            decide = payment.approve_refund if approve else payment.reject_refund
            return decide(number, by=by, at=LATER)

        self._both(decided)

    @rule(number=st.sampled_from(OURS))
    def refuse(self, number: RefundId) -> None:
        self._both(lambda payment: record_refund_refusal(payment, number, "no", at=LATER).payment)

    @rule(facts=answers())
    def hear(self, facts: Any) -> None:
        one, other = facts
        first = apply_order_facts(self.one, answer(*one), at=LATER)
        second = apply_order_facts(self.other, answer(*other), at=LATER)
        assert first == second
        again = apply_order_facts(second.payment, answer(*one), at=LATER)
        assert not again.is_news
        self.one, self.other = first.payment, again.payment

    @invariant()
    def they_are_the_same(self) -> None:
        assert self.one == self.other

    @invariant()
    def no_more_goes_back_than_was_taken(self) -> None:
        assert self.one.refunds.refundable_from(self.one.captured) >= ZERO

    @invariant()
    def what_is_refused_is_under_review(self) -> None:
        assert self.one.review.reasons & REFUSALS == {each.why for each in self.one.refunds.refused}

    def _both(self, change: Any) -> None:
        try:
            changed = change(self.one)
        except DomainError:
            return
        self.one, self.other = changed, change(self.other)


def test_any_story_of_refunds_ends_the_same() -> None:
    """
    Requests, decisions and refusals between the answers included.
    """
    run_state_machine_as_test(
        RefundStory,
        settings=settings(
            max_examples=60,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_what_a_failure_frees_is_used_in_the_same_answer() -> None:
    """
    In whatever order the bank names them.
    """
    waiting = asked(sold(), PRICE, waits=False)
    failed = told(MINE, PRICE, RefundVerdict.FAILED)

    for refunds in ((told(), failed), (failed, told())):
        payment = apply_order_facts(waiting, answer(*refunds), at=LATER).payment

        assert payment.state is State.REFUNDED
        assert not payment.refunds.refused


def test_news_without_room_is_remembered_until_there_is_room() -> None:
    """
    A request that waits holds the amount; rejected, the same answer refunds the payment.
    """
    waiting = asked(sold())

    refused = apply_order_facts(waiting, answer(told()), at=LATER)

    held = refused.payment
    assert (held.state, held.refunds.known) == (State.SUCCESS, waiting.refunds.known)
    report = RefusedRefund(id=DASHBOARD, amount=PRICE, why=EXCEED)
    assert (held.refunds.refused, refused.refused_refunds) == ((report,), (report,))
    assert (set(held.review.reasons), held.awaits_refund_news) == ({EXCEED}, False)
    assert not apply_order_facts(held, answer(told()), at=LATER).is_news

    free = held.reject_refund(MINE, by="staff:noor", at=LATER)
    assert free.awaits_refund_news
    back = apply_order_facts(free, answer(told()), at=LATER)

    assert (back.payment.state, back.leaves) == (State.REFUNDED, True)
    assert back.payment.review.reasons == {ReviewReason.REFUND_OUTSIDE}
    assert (back.payment.refunds.refused, back.payment.awaits_refund_news) == ((), False)


@pytest.mark.parametrize("own", [True, False])
def test_any_end_of_a_request_makes_room(*, own: bool) -> None:
    """
    Withdrawn or rejected before it was sent, or refused by the bank after.
    """
    held = apply_order_facts(asked(sold()), answer(told()), at=LATER).payment
    sent = apply_order_facts(asked(sold(), waits=False), answer(told()), at=LATER).payment

    ended = held.reject_refund(MINE, by="staff:mira" if own else "staff:noor", at=LATER)
    refused = record_refund_refusal(sent, MINE, "E9", at=LATER).payment

    assert (held.awaits_refund_news, sent.awaits_refund_news) == (False, False)
    assert (ended.awaits_refund_news, refused.awaits_refund_news) == (True, True)
    assert EXCEED in refused.review


def test_an_answer_that_does_not_name_a_refund_forgets_nothing() -> None:
    """
    What was refused stays remembered; an unreadable entry belongs to its own answer.
    """
    unreadable = told(RefundId(""))
    held = apply_order_facts(asked(sold()), answer(told(), unreadable), at=LATER).payment
    assert held.review.reasons == {EXCEED, ReviewReason.REFUND_UNCLEAR}

    small = told(RefundId("AR2"), Money(100))
    report = RefusedRefund(id=DASHBOARD, amount=PRICE, why=EXCEED)
    silent = apply_order_facts(held, answer(), at=LATER)
    later = apply_order_facts(held, answer(small), at=LATER).payment
    assert not silent.is_news
    assert later.refunds.refused == (report,)
    assert later.review.reasons == {EXCEED, ReviewReason.REFUND_OUTSIDE}


def test_another_amount_is_remembered_until_the_bank_says_the_same() -> None:
    """
    Or a request that was not sent.
    """
    sent = asked(sold(), waits=False)
    differs = apply_order_facts(sent, answer(told(MINE, Money(59_99))), at=LATER).payment
    waiting = apply_order_facts(asked(sold()), answer(told(MINE, SIXTY)), at=LATER).payment
    assert differs.review.reasons == waiting.review.reasons == {DIFFERS}

    alike = apply_order_facts(differs, answer(told(MINE, SIXTY)), at=LATER).payment
    approved = waiting.approve_refund(MINE, by="staff:noor", at=LATER)
    applied = apply_order_facts(approved, answer(told(MINE, SIXTY)), at=LATER).payment

    for payment in (alike, applied):
        assert payment.refunds.get(MINE).state is RefundState.SUCCESS
        assert (bool(payment.review), payment.refunds.refused) == (False, ())


def test_what_staff_accepted_opens_no_review_again() -> None:
    """
    While the bank reports the same; it waits for no room either. Another report is another matter.
    """
    held = apply_order_facts(asked(sold()), answer(told()), at=LATER).payment

    accepted = accept_review(held, EXCEED)
    payment = accepted.payment

    assert (accepted.is_news, bool(payment.review)) == (True, False)
    assert not apply_order_facts(payment, answer(told()), at=LATER).is_news
    free = payment.reject_refund(MINE, by="staff:noor", at=LATER)
    assert not free.awaits_refund_news
    other = apply_order_facts(payment, answer(told(amount=PRICE - Money(1))), at=LATER).payment
    assert other.review.reasons == {EXCEED}


def test_two_amounts_of_one_refund_are_unreadable() -> None:
    """
    Two statuses are not: money that went back is never denied.
    """
    amounts = [told(amount=SIXTY), told()]
    states = [told(amount=SIXTY), told(amount=SIXTY, verdict=RefundVerdict.FAILED)]

    unreadable, paid = (
        apply_order_facts(sold(), answer(*told_twice), at=LATER).payment
        for told_twice in (amounts, states)
    )

    assert unreadable == apply_order_facts(sold(), answer(*amounts[::-1]), at=LATER).payment
    assert paid == apply_order_facts(sold(), answer(*states[::-1]), at=LATER).payment
    assert paid.refunds.went_back == SIXTY
    assert unreadable.review.reasons == {ReviewReason.REFUND_UNCLEAR}


def test_a_failed_refund_that_was_paid_after_all_waits_for_room_as_well() -> None:
    """
    The amount was asked for again meanwhile; when that fails, the first one is paid.
    """
    failed = record_refund_refusal(asked(sold(), PRICE, waits=False), MINE, "E9", at=NOON).payment
    again = asked(failed, PRICE, OURS[1], waits=False)
    held = apply_order_facts(again, answer(told(MINE)), at=LATER).payment
    assert (set(held.review.reasons), held.awaits_refund_news) == ({EXCEED}, False)

    free = record_refund_refusal(held, OURS[1], "E9", at=LATER).payment

    assert free.awaits_refund_news
    assert apply_order_facts(free, answer(told(MINE)), at=LATER).payment.state is State.REFUNDED


def test_a_report_from_before_its_refund_was_applied_waits_for_nothing() -> None:
    """
    Another process applied it and did not know of the report.
    """
    payment = apply_order_facts(sold(), answer(told(amount=SIXTY)), at=NOON).payment
    stale = RefusedRefund(id=DASHBOARD, amount=SIXTY, why=EXCEED)
    refunds = replace(payment.refunds, refused=(stale,))

    assert not replace(payment, refunds=refunds).awaits_refund_news
