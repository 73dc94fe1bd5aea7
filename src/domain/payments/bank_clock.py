"""Whose clock counts: an instant of the bank is a fact only where it can be true, otherwise ours is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.identifiers import RefundId
from domain.payments.order_facts import OrderFacts

CLOCK_SKEW_MAX: Final = timedelta(minutes=2)
"""How far the bank's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class RefusedInstant:
    """An instant (UTC) of the bank that cannot be true: of the *refund*, or of the charge when that is None."""

    refund: RefundId | None
    told: datetime


@dataclass(frozen=True, slots=True)
class BelievedFacts:
    """The bank's *facts* with only the instants that can be true, and those that cannot."""

    facts: OrderFacts
    refused: tuple[RefusedInstant, ...] = ()


def is_believed(told: datetime, *, opened_at: datetime, at: datetime) -> bool:
    """
    Whether something at the bank can have happened at the instant *told*.

    It can between *opened_at*, when the payment began, and *at*, which is now by our clock, with
    ``CLOCK_SKEW_MAX`` more. The bank writes whole seconds, so that the second of the opening counts.
    """
    return opened_at.replace(microsecond=0) <= told <= at + CLOCK_SKEW_MAX


def believe(facts: OrderFacts, *, opened_at: datetime, at: datetime) -> BelievedFacts:
    """Return *facts* without the instants that are not believed; whoever needs one takes our clock's."""
    refused = tuple(
        instant
        for instant in _instants(facts)
        if not is_believed(instant.told, opened_at=opened_at, at=at)
    )
    if not refused:
        return BelievedFacts(facts)
    of = {instant.refund for instant in refused}
    return BelievedFacts(
        replace(
            facts,
            charged_at=None if None in of else facts.charged_at,
            refunds=tuple(
                replace(refund, asked_at=None) if refund.id in of else refund
                for refund in facts.refunds
            ),
        ),
        refused,
    )


def _instants(facts: OrderFacts) -> Iterator[RefusedInstant]:
    """Yield every instant in *facts* as one that may be refused."""
    if facts.charged_at is not None:
        yield RefusedInstant(None, facts.charged_at)
    for refund in facts.refunds:
        if refund.asked_at is not None:
            yield RefusedInstant(refund.id, refund.asked_at)
