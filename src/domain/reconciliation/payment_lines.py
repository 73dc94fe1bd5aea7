"""Payment lines: one settles the expectation of its order, another one is money that came twice."""

from datetime import UTC, datetime
from itertools import combinations
from typing import Final

from domain.business_day import business_day_of
from domain.identifiers import is_payment_id
from domain.reconciliation.amounts import compare, differing
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.comparison import Comparison
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.line_events import name_of
from domain.reconciliation.refund_lines import by_reference
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.taxonomy import TAXONOMY, Action, Cause, DiscrepancyType, Subject
from domain.settlements.settlement_line import Direction, LineType

NETTED_REFUNDS_MAX: Final = 8
"""So many refunds of one payment are tried in every combination; more are a person's work."""


def match_auto_refunds(comparison: Comparison) -> None:
    """Put charge and refund of an order together that the bank, by its read, gave back by itself."""
    for payment in comparison.index.payments.values():
        read = comparison.evidence.reads.get(payment.id)
        if read is None or not read.is_auto_refunded or payment.is_expectation:
            continue
        for charge in comparison.lines_of(payment.id, LineType.PAYMENT, Direction.CR):
            refunds = [
                each
                for each in comparison.lines_of(payment.id, LineType.REFUND, Direction.DR)
                if each.line.gross.paise == charge.line.gross.paise
            ]
            if refunds:
                comparison.find(_auto_refunded(payment, charge, refunds[0]))


def match_payments(comparison: Comparison) -> None:
    """Place every payment line; refund lines are placed before, so that netted refunds are known."""
    for payment in comparison.index.payments.values():
        lines = comparison.lines_of(payment.id, LineType.PAYMENT, Direction.CR)
        for place, line in enumerate(sorted(lines, key=lambda each: _nearness(payment, each))):
            _settle(comparison, payment, line, is_first=place == 0)
    for line in _left(comparison):
        if (found := by_reference(comparison, line)) is not None:
            compare(comparison, found, line)
    for line in _left(comparison):
        found = comparison.index.same_reference(line)
        if found is not None and found.id in comparison.unsettled:
            comparison.find(_under_other_id(found, line))
        else:
            comparison.find(_unknown(comparison, line))


def _settle(
    comparison: Comparison, payment: BookEntry, line: ReportedLine, *, is_first: bool
) -> None:
    if payment.id in comparison.unsettled:
        _settle_open(comparison, payment, line)
    elif payment.is_expectation or not is_first:
        comparison.find(_charged_twice(payment, line))
    else:
        comparison.find(_not_sold_here(payment, line))


def _settle_open(comparison: Comparison, payment: BookEntry, line: ReportedLine) -> None:
    known = comparison.agreement.mids
    if known and line.line.mid not in known:
        comparison.find(_under_other_id(payment, line))
    elif line.gross_paise == payment.amount_paise:
        compare(comparison, payment, line)
    elif refunds := _netted(comparison, payment, line):
        comparison.find(_netted_refund(payment, line, refunds))
    else:
        comparison.find(_gross_differs(comparison, payment, line))


def _left(comparison: Comparison) -> list[ReportedLine]:
    return comparison.left(LineType.PAYMENT, Direction.CR)


def _nearness(payment: BookEntry, line: ReportedLine) -> tuple[object, ...]:
    """The order in which lines of one order settle it: our own reference, our amount, the earliest."""
    told = line.line
    ours = (told.rrn is not None and told.rrn == payment.rrn) or (
        told.arn is not None and told.arn == payment.arn
    )
    exact = line.gross_paise == payment.amount_paise
    return (not ours, not exact, told.txn_at or datetime.min.replace(tzinfo=UTC), line.order)


def _netted(
    comparison: Comparison, payment: BookEntry, line: ReportedLine
) -> tuple[BookEntry, ...]:
    """Return the refunds that explain what the line lacks; none when there are several ways."""
    lacking = payment.amount_paise - line.gross_paise
    refunds = comparison.open_refunds_of(payment.id)[:NETTED_REFUNDS_MAX]
    ways = [
        chosen
        for count in range(1, len(refunds) + 1)
        for chosen in combinations(refunds, count)
        if sum(each.amount_paise for each in chosen) == lacking
    ]
    return ways[0] if len(ways) == 1 else ()


def _netted_refund(
    payment: BookEntry, line: ReportedLine, refunds: tuple[BookEntry, ...]
) -> Finding:
    ids = tuple(each.id for each in refunds)
    return Finding(
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=Cause.NETTED_REFUND,
        subject=Subject.PAYMENT,
        ref=payment.id,
        settlement=line.settlement,
        difference_paise=0,
        action=Action.NOTHING,
        lines=(line.ref,),
        entries=(payment.id, *ids),
        closed=(payment.id, *ids),
        evidence=facts(
            captured=payment.amount_paise, bank=line.line.gross.paise, refunds=" ".join(ids)
        ),
    )


def _gross_differs(comparison: Comparison, payment: BookEntry, line: ReportedLine) -> Finding:
    read = comparison.evidence.reads.get(payment.id)
    offered = read is not None and read.effective_paise == line.gross_paise
    difference = line.gross_paise - payment.amount_paise
    return differing(
        payment,
        line,
        Cause.OFFER_OR_SURCHARGE if offered else Cause.GROSS_DIFFERS,
        difference,
        posted_paise=difference,
        ours=payment.amount_paise,
        bank=line.gross_paise,
        read=None if read is None else read.charged_paise,
    )


def _charged_twice(payment: BookEntry, line: ReportedLine) -> Finding:
    return Finding(
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=Cause.CHARGED_TWICE,
        subject=Subject.PAYMENT,
        ref=payment.id,
        settlement=line.settlement,
        difference_paise=line.gross_paise,
        posted_paise=line.gross_paise,
        action=TAXONOMY[DiscrepancyType.AMOUNT_MISMATCH, Cause.CHARGED_TWICE].action,
        lines=(line.ref,),
        evidence=facts(bank_id=name_of(line), attempt=line.line.attempt),
    )


def _not_sold_here(payment: BookEntry, line: ReportedLine) -> Finding:
    return Finding(
        type=DiscrepancyType.STATUS_MISMATCH,
        cause=Cause.SETTLED_BUT_NOT_SOLD_HERE,
        subject=Subject.PAYMENT,
        ref=payment.id,
        settlement=line.settlement,
        difference_paise=line.gross_paise,
        posted_paise=line.gross_paise,
        action=Action.HEAL_BY_STATUS_READ,
        lines=(line.ref,),
        evidence=facts(state=payment.state, quoted=payment.amount_paise),
    )


def _auto_refunded(payment: BookEntry, charge: ReportedLine, refund: ReportedLine) -> Finding:
    return Finding(
        type=DiscrepancyType.STATUS_MISMATCH,
        cause=Cause.AUTO_REFUNDED_THERE,
        subject=Subject.PAYMENT,
        ref=payment.id,
        settlement=charge.settlement,
        difference_paise=0,
        action=Action.HEAL_BY_STATUS_READ,
        lines=(charge.ref, refund.ref),
        evidence=facts(state=payment.state, read="auto_refunded"),
    )


def _under_other_id(payment: BookEntry, line: ReportedLine) -> Finding:
    return Finding(
        type=DiscrepancyType.MISSING_IN_GATEWAY,
        cause=Cause.SETTLED_UNDER_OTHER_ID,
        subject=Subject.PAYMENT,
        ref=payment.id,
        settlement=line.settlement,
        difference_paise=line.gross_paise - payment.amount_paise,
        posted_paise=line.gross_paise,
        action=Action.PERSON,
        lines=(line.ref,),
        entries=(payment.id,),
        evidence=facts(
            line_names=line.line.payment_id, mid=line.line.mid, rrn=line.line.rrn, arn=line.line.arn
        ),
    )


def _unknown(comparison: Comparison, line: ReportedLine) -> Finding:
    told = line.line
    ours = told.payment_id is not None and is_payment_id(told.payment_id)
    shared = not ours and told.mid in comparison.agreement.shared_mids
    rule = TAXONOMY[DiscrepancyType.MISSING_IN_SYSTEM, Cause.UNKNOWN_ORDER]
    return Finding(
        type=DiscrepancyType.MISSING_IN_SYSTEM,
        cause=Cause.FOREIGN_ORDER if shared else Cause.UNKNOWN_ORDER,
        subject=Subject.LINE,
        ref=told.payment_id or name_of(line),
        settlement=line.settlement,
        difference_paise=line.gross_paise,
        posted_paise=line.gross_paise,
        # Without an id of ours there is no order to read.
        action=rule.action if ours else Action.PERSON,
        lines=(line.ref,),
        evidence=facts(mid=told.mid, rrn=told.rrn, probable=_probable(comparison, line)),
    )


def _probable(comparison: Comparison, line: ReportedLine) -> str | None:
    """The one open payment of that day and amount: offered to a person, never matched by machine."""
    if line.line.txn_at is None:
        return None
    day = business_day_of(line.line.txn_at)
    found = [
        each.id
        for each in comparison.index.sold_on.get((day, line.gross_paise), ())
        if each.id in comparison.unsettled
    ]
    return found[0] if len(found) == 1 else None
