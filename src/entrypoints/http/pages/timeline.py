"""What has happened to a payment, and what is promised next, in the words of people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.text.language import Sentence
from ports.payments.payment_queries import RefundView, StatusView

STEP_WORDS: Final[Mapping[State, str]] = {
    State.PENDING: "You started the payment",
    State.PROCESSING: "The bank began to work on it",
    State.SUCCESS: "Paid",
    State.FAILED: "It did not go through",
    State.EXPIRED: "The time to pay ran out",
}
"""Refunds are told one by one, so the states that they lead to are not told again."""

ENROLLED: Final = "Enrolled, with nothing to pay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line: *at* is the instant (UTC) of what has happened, *by* the day (IST) of what is still promised."""

    words: str
    detail: str = ""
    at: datetime | None = None
    by: date | None = None


def timeline_of(view: StatusView) -> Sequence[Happening]:
    """Return what has happened, oldest first, and behind it what is still to come."""
    done = [*_steps(view), *(each for refund in view.refunds for each in _refund(refund))]
    done.sort(key=lambda each: each.at or view.expires_at)
    return [*done, *(each for refund in view.refunds for each in _promised(refund))]


def _steps(view: StatusView) -> Iterator[Happening]:
    for step in view.timeline:
        state = State(step.state)
        if state in STEP_WORDS:
            free = state is State.SUCCESS and view.payable == "0.00"
            yield Happening(words=ENROLLED if free else STEP_WORDS[state], at=step.at)


def _refund(refund: RefundView) -> Iterator[Happening]:
    amount = Money.from_rupees(refund.amount)
    yield Happening(
        words=Sentence.of("Refund of %(amount)s asked for at the bank", amount=amount),
        at=refund.asked_at,
    )
    if refund.closed_at is None:
        return
    if refund.status == RefundState.SUCCESS:
        arn = Sentence.of("Acquirer reference (ARN) %(arn)s", arn=refund.arn) if refund.arn else ""
        yield Happening(
            words=Sentence.of("The bank gave %(amount)s back", amount=amount),
            detail=arn,
            at=refund.closed_at,
        )
    else:
        yield Happening(
            words=Sentence.of("The bank could not give %(amount)s back", amount=amount),
            at=refund.closed_at,
        )


def _promised(refund: RefundView) -> Iterator[Happening]:
    if refund.expected_on is not None:
        amount = Money.from_rupees(refund.amount)
        yield Happening(
            words=Sentence.of("%(amount)s usually in your account", amount=amount),
            by=refund.expected_on,
        )
