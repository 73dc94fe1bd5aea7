"""What lines of a settlement say of a payment's disputes: the bank has pulled an amount, or has given it back."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.basis import DisputeBasis, ToldDispute
from domain.payments.dispute_state import DisputeState
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.reported import LineRef
from domain.reconciliation.taxonomy import Cause, Subject

TOLD_STATES: Final[Mapping[Cause, DisputeState]] = MappingProxyType(
    # In the order in which both are recorded when one run finds them together.
    {
        Cause.CHARGEBACK: DisputeState.RECEIVED,
        Cause.CHARGEBACK_WON_UNRECORDED: DisputeState.WON,
    }
)
"""What each of these says of the dispute; where it is further already, nothing changes."""


def told_disputes(
    discrepancies: Sequence[Discrepancy], counted: Container[LineRef]
) -> Mapping[PaymentId, Sequence[Discrepancy]]:
    """
    Return what is open about disputes, by payment, each in the order in which it is recorded.

    A line that is not among those that are *counted* says nothing yet: it is held, or stands twice. What is
    closed was decided by a person.
    """
    found: dict[PaymentId, list[Discrepancy]] = defaultdict(list)
    for cause in TOLD_STATES:
        for each in discrepancies:
            finding = each.finding
            is_ours = finding.cause is cause and finding.subject is Subject.PAYMENT
            if is_ours and each.state.is_open and all(ref in counted for ref in finding.lines):
                found[PaymentId(finding.ref)].append(each)
    return found


def told_basis(told: Iterable[Discrepancy], *, at: datetime, response: timedelta) -> DisputeBasis:
    """
    Return what the payment is decided on: the disputes that *told* are about, in their order.

    *response* is how long a new one may be answered.
    """
    return DisputeBasis(
        told=tuple(
            ToldDispute(
                discrepancy=each.id,
                amount=Money(abs(each.finding.difference_paise)),
                state=TOLD_STATES[each.finding.cause],
            )
            for each in told
        ),
        at=at,
        response=response,
    )
