"""Disputes of a charge, which the bank calls chargebacks, and what may not be refunded because of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from domain.errors import DomainError
from domain.money import ZERO, Money
from domain.payments.bank_clock import is_believed
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DISPUTE_STEPS, DisputeState

DISPUTE_ID_MAX: Final = 64
DISPUTE_REASON_MAX: Final = 100
UNNAMED: Final = "unnamed"
"""The id of a dispute whose own id cannot be read: it is in the way of a refund all the same."""

RECORDED: Final = "discrepancy/"
"""Begins the id of a dispute that a line or staff put on record before the bank named it; a discrepancy's follows."""

RESPONSE_USUAL: Final = timedelta(days=3)
"""How long a merchant has for evidence where the bank names no deadline (terms of a card aggregator)."""

DEADLINE_MAX: Final = timedelta(days=180)
"""No card network decides later than this; a deadline beyond it is not believed."""


class RefundDisputed(DomainError):
    """The payer's bank may give the money back, or has: a refund could pay it twice."""

    def __init__(self, dispute: str, state: DisputeState) -> None:
        self.dispute, self.state = dispute, state
        super().__init__(f"the dispute {dispute} is {state}; a refund could pay the money twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """
    One dispute of a payment. *amount* is all that was captured where the bank named none.

    *respond_by* is until when evidence is accepted; *closed_at* is when it was first known that it ended.
    *unclear* is the bank's word for a state that is unknown here. Instants are UTC.
    """

    id: str
    amount: Money
    state: DisputeState
    opened_at: datetime
    respond_by: datetime
    reason: str = ""
    unclear: str = ""
    closed_at: datetime | None = None
    alerted_at: datetime | None = None
    """When staff were last alerted of it; None before the first alert."""

    def told(self, facts: DisputeFacts, at: datetime) -> Self:
        """
        Return it after *facts*; a step back changes nothing, and an unknown word is kept as unclear.

        While it is open a deadline that the bank names, and that can be true, takes the place of the last.
        """
        told = _deadline(facts, self.opened_at, at)
        current = replace(self, respond_by=told) if told and self.state.is_open else self
        if facts.state is None:
            return replace(current, unclear=facts.word or UNNAMED)
        if facts.state is self.state:
            return current
        state = DISPUTE_STEPS.get((self.state, facts.state))
        if state is None:
            return self
        ended = None if state.is_open else self.closed_at or at
        return replace(current, state=state, unclear="", closed_at=ended)


def apply_dispute_facts(
    known: Sequence[Dispute],
    facts: Sequence[DisputeFacts],
    *,
    captured: Money,
    since: datetime,
    at: datetime,
    response: timedelta = RESPONSE_USUAL,
) -> tuple[Dispute, ...]:
    """
    Return the *known* disputes of a payment opened at *since*, as the bank's *facts* leave them.

    A new one without a deadline that can be true has *response* from its opening. An instant outside
    the payment's life is replaced by *at*. What was recorded before about the same amount gets the bank's id.
    """
    disputes = {each.id: each for each in known}
    for fact in facts:
        name = fact.id or UNNAMED
        begun = _begun(fact, since, at)
        if name not in disputes and (ours := _recorded(disputes.values(), fact)):
            disputes[name] = replace(disputes.pop(ours), id=name)
        new = Dispute(
            id=name,
            amount=fact.amount or captured,
            state=fact.state or DisputeState.RECEIVED,
            opened_at=begun,
            respond_by=_deadline(fact, begun, at) or begun + response,
            reason=fact.reason[:DISPUTE_REASON_MAX],
            closed_at=None if fact.state is None or fact.state.is_open else at,
        )
        disputes[name] = disputes.get(name, new).told(fact, at)
    return tuple(disputes.values())


def dispute_about(disputes: Sequence[Dispute], amount: Money, discrepancy: str) -> str:
    """
    Return the id of the dispute by which the bank pulled *amount*, or gave it back, as a line of *discrepancy* tells.

    Such a line does not name it: it is the one that was recorded with the discrepancy, else the earliest open one
    about the amount, else any about it, else the only one; and a new one where none of them is there.
    """
    recorded = f"{RECORDED}{discrepancy}"
    if any(each.id == recorded for each in disputes):
        return recorded
    about = [each for each in disputes if each.amount == amount]
    for some in (open_disputes(about), about, disputes if len(disputes) == 1 else ()):
        if some:
            return min(some, key=lambda each: (each.opened_at, each.id)).id
    return recorded


def open_disputes(disputes: Sequence[Dispute]) -> tuple[Dispute, ...]:
    return tuple(each for each in disputes if each.state.is_open)


def lost_in(disputes: Sequence[Dispute]) -> Money:
    """Return the sum that the payer has got by *disputes*."""
    return sum((each.amount for each in disputes if each.state is DisputeState.LOST), ZERO)


def undisputed(disputes: Sequence[Dispute], left: Money) -> Money:
    """Return how much of what is *left* may be refunded: nothing while a dispute is open, nothing that was lost."""
    return ZERO if open_disputes(disputes) else max(ZERO, left - lost_in(disputes))


def check_undisputed(disputes: Sequence[Dispute], amount: Money, left: Money) -> None:
    """
    Return when *amount* of what is *left* can be refunded, or raise ``RefundDisputed``.

    Nothing is refunded while a dispute is open. What was lost is with the payer already.
    """
    if dispute := dispute_against(disputes, amount, left):
        raise RefundDisputed(dispute.id, dispute.state)


def dispute_against(disputes: Sequence[Dispute], amount: Money, left: Money) -> Dispute | None:
    """Return the dispute because of which *amount* of what is *left* could be paid twice, None without one."""
    if still_open := open_disputes(disputes):
        return still_open[0]
    lost = [each for each in disputes if each.state is DisputeState.LOST]
    return lost[0] if lost and amount > left - lost_in(lost) else None


def _recorded(disputes: Iterable[Dispute], fact: DisputeFacts) -> str | None:
    """Return the id of what was recorded before the bank named it, and *fact* may be about."""
    found = (
        each.id
        for each in disputes
        if each.id.startswith(RECORDED) and fact.amount in {None, each.amount}
    )
    return next(found, None)


def _begun(facts: DisputeFacts, since: datetime, at: datetime) -> datetime:
    told = facts.opened_at
    return told if told is not None and is_believed(told, opened_at=since, at=at) else at


def _deadline(facts: DisputeFacts, begun: datetime, at: datetime) -> datetime | None:
    told = facts.respond_by
    return told if told is not None and begun <= told <= at + DEADLINE_MAX else None
