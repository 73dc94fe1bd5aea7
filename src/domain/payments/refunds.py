"""All refunds of one payment: how much may still be given back, and what the bank's news make of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from domain.errors import NotFound
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.order_facts import RefundFacts, RefundVerdict, ReviewReason
from domain.payments.refund import (
    BANK_EVENTS,
    REFUND_MIN,
    REFUND_REQUESTS_MAX,
    Refund,
    RefundRequest,
    RefundTooLarge,
    RefundTooSmall,
    SecondPersonNeeded,
    StaleAvailable,
    TooManyRefunds,
)
from domain.payments.refund_state import RefundEvent, RefundState, refund_can_take

SYSTEM: Final = "system"
"""Who asks for what goes back by itself."""

WORRYING: Final = {
    RefundState.FAILED: ReviewReason.REFUND_FAILED,
    RefundState.MANUAL_REVIEW: ReviewReason.REFUND_IN_REVIEW,
}


@dataclass(frozen=True, slots=True)
class RefundMove:
    """
    A refund as it is now, and where it was before: None when it is new to us, the same state when
    only a reference came to light.
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
    """What news comes to: all refunds as they are now, the moves, and what a person should look at."""

    refunds: "Refunds"
    moves: tuple[RefundMove, ...] = ()
    review_reason: ReviewReason | None = None


@dataclass(frozen=True, slots=True)
class Refunds:
    """In the order in which they became known."""

    known: tuple[Refund, ...] = ()

    def __iter__(self) -> Iterator[Refund]:
        return iter(self.known)

    def __bool__(self) -> bool:
        return bool(self.known)

    @property
    def went_back(self) -> Money:
        """What has reached the student."""
        return self._sum((RefundState.SUCCESS,))

    @property
    def in_flight(self) -> Money:
        """What may still reach the student: it is spoken for, so that it cannot be given back twice."""
        return self._sum(tuple(state for state in RefundState if state.is_in_flight))

    def refundable_from(self, captured: Money) -> Money:
        """Return what nobody has been given or promised yet."""
        return captured - self.went_back - self.in_flight

    @property
    def requests(self) -> int:
        """How many of them the bank may have counted."""
        return sum(refund.state.was_sent for refund in self.known)

    @property
    def single_approver_total(self) -> Money:
        """What a single person's word has sent or will send back."""
        return _total(
            refund
            for refund in self.known
            if not refund.outside
            and not refund.decided_by
            and (refund.state.is_in_flight or refund.state is RefundState.SUCCESS)
        )

    def find(self, refund: RefundId) -> Refund | None:
        return next((known for known in self.known if known.id == refund), None)

    def get(self, refund: RefundId) -> Refund:
        """Return the refund, or raise ``NotFound``."""
        known = self.find(refund)
        if known is None:
            raise NotFound("refund", refund)
        return known

    def with_(self, refund: Refund) -> Self:
        """Return all with *refund* in its place, or at the end when it is new."""
        if self.find(refund.id) is None:
            return replace(self, known=(*self.known, refund))
        return replace(
            self,
            known=tuple(refund if known.id == refund.id else known for known in self.known),
        )

    def ask(
        self, request: RefundRequest, *, captured: Money, at: datetime, approval_threshold: Money
    ) -> Self:
        """Return all with the one asked for, or refuse; the rules are ``Payment.ask_refund``'s."""
        left = self.refundable_from(captured)
        if request.available is not None and request.available != left:
            raise StaleAvailable(request.available, left)
        if request.amount > left:
            raise RefundTooLarge(request.amount, left)
        least = min(REFUND_MIN, left)
        if request.amount < least or not request.amount:
            raise RefundTooSmall(request.amount, least)
        if self.requests >= REFUND_REQUESTS_MAX:
            raise TooManyRefunds
        waits = self.single_approver_total + request.amount > approval_threshold
        return self.with_(Refund.ask(request, at, waits=waits))

    def give_back(
        self, refund: RefundId, *, captured: Money, reason: str, at: datetime
    ) -> "RefundNews":
        """
        Return what it comes to that the house itself gives back all that is left, under this id.

        Nobody has to agree: it is money that nobody may keep. Nothing left, or done before, is nothing.
        """
        left = self.refundable_from(captured)
        if not left or self.find(refund) is not None:
            return RefundNews(self)
        asked = Refund.ask(
            RefundRequest(id=refund, amount=left, reason=reason, by=SYSTEM), at, waits=False
        )
        return RefundNews(self.with_(asked), (RefundMove(asked, None),))

    def approve(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """Return all with this one on its way; raises ``SecondPersonNeeded`` to who asked for it."""
        asked = self.get(refund)
        if by == asked.asked_by:
            raise SecondPersonNeeded(refund)
        return self.with_(asked.decided(RefundEvent.APPROVED, by, at))

    def reject(self, refund: RefundId, *, by: str, at: datetime) -> Self:
        """Return all with this one rejected, or withdrawn by who asked for it."""
        asked = self.get(refund)
        event = RefundEvent.WITHDRAWN if by == asked.asked_by else RefundEvent.REJECTED
        return self.with_(asked.decided(event, by, at))

    def refused(self, refund: RefundId, error: str, *, at: datetime) -> RefundNews:
        """Return what a refusal comes to that is proven; nothing for one that the bank has after all."""
        asked = self.get(refund)
        if asked.state is not RefundState.REQUESTED:
            return RefundNews(self)
        now = asked.moved(RefundEvent.BANK_REFUSED, at, error=error)
        return RefundNews(self.with_(now), (RefundMove(now, asked.state),), WORRYING[now.state])

    def reconcile_with(
        self, told: Sequence[RefundFacts], *, captured: Money, at: datetime
    ) -> RefundNews:
        """
        Return what the bank's news make of them; news that is no step forward changes nothing.

        A refund made outside is taken up as long as no more goes back than was captured. Of each
        the amount has to be the known one.
        """
        refund_news = RefundNews(self)
        for news in told:
            step = refund_news.refunds._reconcile_one(news, captured, at)  # noqa: SLF001 - the same kind of thing
            refund_news = RefundNews(
                step.refunds,
                (*refund_news.moves, *step.moves),
                step.review_reason or refund_news.review_reason,
            )
        return refund_news

    def _reconcile_one(self, news: RefundFacts, captured: Money, at: datetime) -> RefundNews:
        if not news.id or news.amount is None:
            return RefundNews(self, review_reason=ReviewReason.REFUND_UNCLEAR)
        known = self.find(news.id)
        if known is None:
            return self._adopt(news, news.amount, captured, at)
        if known.amount != news.amount or not known.state.was_sent:
            return RefundNews(self, review_reason=ReviewReason.REFUND_DIFFERS)
        if news.verdict is RefundVerdict.UNCLEAR:
            return RefundNews(self, review_reason=ReviewReason.REFUND_UNCLEAR)
        return self._go_on(known, news, captured, at)

    def _adopt(self, news: RefundFacts, amount: Money, captured: Money, at: datetime) -> RefundNews:
        refund = Refund.adopt(news, amount, at)
        if refund.state is not RefundState.FAILED and amount > self.refundable_from(captured):
            return RefundNews(self, review_reason=ReviewReason.REFUNDS_EXCEED)
        review_reason = (
            ReviewReason.AUTO_REFUNDED if news.automatic else ReviewReason.REFUND_OUTSIDE
        )
        if news.verdict is RefundVerdict.UNCLEAR:
            review_reason = ReviewReason.REFUND_UNCLEAR
        return RefundNews(
            self.with_(refund),
            (RefundMove(refund, None),),
            WORRYING.get(refund.state, review_reason),
        )

    def _go_on(self, known: Refund, news: RefundFacts, captured: Money, at: datetime) -> RefundNews:
        event = BANK_EVENTS[news.verdict]
        now = known.detailed(news)
        if refund_can_take(known.state, event):
            if known.state is RefundState.FAILED and known.amount > self.refundable_from(captured):
                return RefundNews(self, review_reason=ReviewReason.REFUNDS_EXCEED)
            now = now.moved(event, at, error=news.error)
        elif (known.state, event) == (RefundState.SUCCESS, RefundEvent.BANK_FAILED):
            # What went back stays so here; that the bank says otherwise is for a person.
            return RefundNews(self, review_reason=ReviewReason.REFUND_UNCLEAR)
        if now == known:
            return RefundNews(self)
        move = RefundMove(now, known.state)
        review_reason = WORRYING.get(now.state) if move.is_step else None
        return RefundNews(self.with_(now), (move,), review_reason)

    def _sum(self, states: tuple[RefundState, ...]) -> Money:
        return _total(refund for refund in self.known if refund.state in states)


def _total(refunds: Iterator[Refund]) -> Money:
    return sum((refund.amount for refund in refunds), ZERO)


NONE: Final = Refunds()
"""Nothing was asked back."""
