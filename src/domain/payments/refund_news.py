"""What is news of a payment's refunds: what the bank says of them, a refusal, and a refund by the system."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.order_facts import RefundFacts, RefundVerdict, ReviewReason
from domain.payments.refund import BANK_EVENTS, SYSTEM, Refund, RefundRequest
from domain.payments.refund_state import RefundEvent, RefundState, refund_can_take
from domain.payments.refunds import Refunds
from domain.payments.refused_refund import REFUSALS, RefusedRefund, open_refusals

PROGRESS: Final = {
    RefundVerdict.UNCLEAR: 0,
    RefundVerdict.PENDING: 1,
    RefundVerdict.IN_REVIEW: 2,
    RefundVerdict.FAILED: 3,
    RefundVerdict.PAID: 4,
}
"""How far a refund is: money that went back is never denied."""

APPLIED_FIRST: Final = {
    RefundVerdict.FAILED: 0,
    RefundVerdict.PAID: 1,
    RefundVerdict.IN_REVIEW: 2,
    RefundVerdict.PENDING: 2,
    RefundVerdict.UNCLEAR: 3,
}
REVIEW_REASONS: Final = {
    RefundState.FAILED: ReviewReason.REFUND_FAILED,
    RefundState.MANUAL_REVIEW: ReviewReason.REFUND_IN_REVIEW,
}


@dataclass(frozen=True, slots=True)
class RefundMove:
    """
    A refund as it is now, and its state before.

    *moved_from* is None for a refund that is new here, and the same state when only a reference or
    an ARN came to be known.
    """

    refund: Refund
    moved_from: RefundState | None

    @property
    def is_step(self) -> bool:
        return self.moved_from is not self.refund.state

    @property
    def ends_it(self) -> bool:
        return self.is_step and not self.refund.state.is_in_flight

    @property
    def went_back(self) -> bool:
        """Whether by this very move the money has reached the student."""
        return self.is_step and self.refund.state is RefundState.SUCCESS


@dataclass(frozen=True, slots=True)
class RefundNews:
    """
    All refunds as they are now, those that moved, and all reasons for staff to review the payment.

    *ended* are reasons that the bank's answer gives no more.
    """

    refunds: Refunds
    moves: tuple[RefundMove, ...] = ()
    review_reasons: frozenset[ReviewReason] = frozenset()
    ended: frozenset[ReviewReason] = frozenset()


def reconcile(
    refunds: Refunds,
    facts: Sequence[RefundFacts],
    *,
    captured: Money,
    at: datetime,
    second_charges: Sequence[Money] = (),
) -> RefundNews:
    """
    Return what the bank's *facts* make of *refunds*; facts that are no step forward change nothing.

    A refund made outside this system is adopted as long as all refunds together stay within
    *captured*. The amount of a known refund has to be the same at the bank. The order of the facts
    makes no difference, and applied once more they change nothing. What is refused is remembered. A refund
    made outside is of one of *second_charges* where it has that amount, and then none of this payment.
    """
    in_order = _of_the_sale(refunds, _one_for_each_refund(facts), second_charges)
    applied, _ = _one_pass(RefundNews(refunds), in_order, captured, at)
    # What frees an amount came first, so that the second pass moves nothing and tells what stays refused.
    refund_news, refused = _one_pass(applied, in_order, captured, at)
    remembered = _remembered(refund_news.refunds.refused, refused, in_order)
    reasons = open_refusals(remembered)
    return replace(
        refund_news,
        refunds=replace(refund_news.refunds, refused=remembered),
        review_reasons=(refund_news.review_reasons - REFUSALS) | reasons,
        ended=REFUSALS - reasons,
    )


def refuse(
    refunds: Refunds,
    refund: RefundId,
    error: str,
    *,
    at: datetime,
    event: RefundEvent = RefundEvent.BANK_REFUSED,
) -> RefundNews:
    """
    Return what a proven refusal by the bank changes: nothing for a refund that the bank has after all.

    With another *event* the refund ends because of that, under the same proof.
    """
    requested = refunds.get(refund)
    if requested.state is not RefundState.REQUESTED:
        return RefundNews(refunds)
    failed = requested.moved(event, at, error=error)
    return RefundNews(
        refunds.with_(failed),
        (RefundMove(failed, requested.state),),
        frozenset({REVIEW_REASONS[failed.state]}),
    )


def refund_rest(
    refunds: Refunds, refund: RefundId, *, captured: Money, reason: str, at: datetime
) -> RefundNews:
    """
    Return *refunds* with a refund of all that is left, requested by the system under this id.

    Nobody has to approve it. Where nothing is left, or the id is known, nothing changes.
    """
    left = refunds.refundable_from(captured)
    if left <= ZERO or refunds.find(refund) is not None:
        return RefundNews(refunds)
    request = RefundRequest(id=refund, amount=left, reason=reason, by=SYSTEM)
    requested = Refund.of(request, at, waits=False)
    return RefundNews(refunds.with_(requested), (RefundMove(requested, None),))


def _one_pass(
    refund_news: RefundNews, facts: Sequence[RefundFacts], captured: Money, at: datetime
) -> tuple[RefundNews, Sequence[RefusedRefund]]:
    """Return the news after each of *facts* was applied once, and those of them that were refused."""
    refused = []
    for fact in facts:
        step = _reconcile_one(refund_news.refunds, fact, captured, at)
        if step.review_reasons & REFUSALS and not step.moves:
            (why,) = step.review_reasons
            refused.append(RefusedRefund(id=fact.id, amount=fact.amount, why=why))
        refund_news = RefundNews(
            step.refunds,
            (*refund_news.moves, *step.moves),
            refund_news.review_reasons | step.review_reasons,
        )
    return refund_news, refused


def _one_for_each_refund(facts: Sequence[RefundFacts]) -> Sequence[RefundFacts]:
    """
    Return one fact for each refund, in an order that depends on nothing but the facts.

    What frees an amount comes first, then what is paid already. Where the bank names a refund twice
    the one that is further on counts; with two amounts it is unreadable.
    """
    told: dict[RefundId, RefundFacts] = {}
    for fact in sorted(facts, key=_order):
        before = told.get(fact.id)
        if before is not None and before.amount != fact.amount:
            told[fact.id] = replace(fact, amount=None)
        else:
            told[fact.id] = fact
    return sorted(told.values(), key=lambda fact: (APPLIED_FIRST[fact.verdict], fact.id))


def _of_the_sale(
    refunds: Refunds, facts: Sequence[RefundFacts], second_charges: Sequence[Money]
) -> Sequence[RefundFacts]:
    """
    Return *facts* without the refunds that are unknown here and have the amount of a second charge.

    Each second charge goes back once, however often the bank had to try.
    """
    left, kept = list(second_charges), []
    for fact in sorted(facts, key=_order):
        is_other = fact.amount in second_charges and refunds.find(fact.id) is None
        if is_other and fact.verdict is RefundVerdict.FAILED:
            continue
        if is_other and fact.amount in left:
            left.remove(fact.amount)
            continue
        kept.append(fact.id)
    return [fact for fact in facts if fact.id in kept]


def _order(fact: RefundFacts) -> tuple[object, ...]:
    amount = None if fact.amount is None else fact.amount.paise
    return (fact.id, PROGRESS[fact.verdict], amount is None, amount, repr(fact))


def _remembered(
    before: Sequence[RefusedRefund],
    refused: Sequence[RefusedRefund],
    facts: Sequence[RefundFacts],
) -> tuple[RefusedRefund, ...]:
    """
    Return what stays refused: what this answer leaves so, and what it does not name.

    What staff accepted stays accepted while the bank reports the same.
    """
    accepted = {replace(each, accepted=False) for each in before if each.accepted}
    # A refund without an id is named by no further answer, so that each answer stands for itself.
    named = {fact.id for fact in facts} | {RefundId("")}
    unnamed = [each for each in before if each.id not in named]
    now = [replace(each, accepted=each in accepted) for each in refused]
    return tuple(sorted((*unnamed, *now), key=lambda each: each.id))


def _reconcile_one(
    refunds: Refunds, facts: RefundFacts, captured: Money, at: datetime
) -> RefundNews:
    if not facts.id or facts.amount is None:
        return RefundNews(refunds, review_reasons=frozenset({ReviewReason.REFUND_UNCLEAR}))
    known = refunds.find(facts.id)
    if known is None:
        return _adopt(refunds, facts, facts.amount, captured, at)
    if known.amount != facts.amount or not known.state.was_sent:
        return RefundNews(refunds, review_reasons=frozenset({ReviewReason.REFUND_DIFFERS}))
    if facts.verdict is RefundVerdict.UNCLEAR:
        return RefundNews(refunds, review_reasons=frozenset({ReviewReason.REFUND_UNCLEAR}))
    return _update(refunds, known, facts, captured, at)


def _adopt(
    refunds: Refunds, facts: RefundFacts, amount: Money, captured: Money, at: datetime
) -> RefundNews:
    refund = Refund.adopt(facts, amount, at)
    if refund.state is not RefundState.FAILED and amount > refunds.refundable_from(captured):
        return RefundNews(refunds, review_reasons=frozenset({ReviewReason.REFUNDS_EXCEED}))
    review_reason = ReviewReason.AUTO_REFUNDED if facts.automatic else ReviewReason.REFUND_OUTSIDE
    if facts.verdict is RefundVerdict.UNCLEAR:
        review_reason = ReviewReason.REFUND_UNCLEAR
    return RefundNews(
        refunds.with_(refund),
        (RefundMove(refund, None),),
        frozenset({REVIEW_REASONS.get(refund.state, review_reason)}),
    )


def _update(
    refunds: Refunds, known: Refund, facts: RefundFacts, captured: Money, at: datetime
) -> RefundNews:
    event = BANK_EVENTS[facts.verdict]
    now = known.detailed(facts)
    if refund_can_take(known.state, event):
        if known.state is RefundState.FAILED and known.amount > refunds.refundable_from(captured):
            return RefundNews(refunds, review_reasons=frozenset({ReviewReason.REFUNDS_EXCEED}))
        now = now.moved(event, at, error=facts.error)
    elif (known.state, event) == (RefundState.SUCCESS, RefundEvent.BANK_FAILED):
        # A paid refund stays paid here; staff have to ask why the bank now says that it failed.
        return RefundNews(refunds, review_reasons=frozenset({ReviewReason.REFUND_UNCLEAR}))
    if now == known:
        return RefundNews(refunds)
    move = RefundMove(now, known.state)
    reasons = {REVIEW_REASONS[now.state]} if move.is_step and now.state in REVIEW_REASONS else set()
    return RefundNews(refunds.with_(now), (move,), frozenset(reasons))
