"""
The plain case: a line and an open sale that agree in everything, and that nothing else touches.

Taking both away changes nothing of what is found in the rest, so that they need not be compared one by one. What
is not plain is not wrong: it is compared like everything.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from domain.reconciliation.amounts import agrees
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.finding import Match
from domain.reconciliation.index import Index, references
from domain.reconciliation.plain_sums import PlainSums
from domain.reconciliation.reported import Event, LineRef, ReportedLine
from domain.settlements.settlement_line import Direction, LineType

PLAIN_BELOW_PAISE: Final = 10**12
"""Ten thousand million rupees: larger amounts are no plain case, and no product of two numbers overflows below it."""


def plain_matches(
    evidence: Evidence,
    agreement: Agreement,
    *,
    counting: Collection[LineRef],
    apart_from: Collection[str] = (),
) -> list[Match]:
    """
    Return the plain matches of *evidence*, in the order of their lines.

    *counting* are the lines that are live in a live report. What an open discrepancy names, and what was read
    at the bank, are *apart_from* the plain case: ids of payments and refunds.
    """
    index = Index(evidence)
    events = Counter(line.event for line in index.lines)
    found = []
    for line in index.lines:
        payment = index.payments.get(line.line.payment_id or "")
        if (
            payment is not None
            and payment.is_open
            and payment.id not in apart_from
            and line.ref in counting
            and _stands_alone(index, payment, line, events)
            and _is_plain(line, agreement)
            and line.gross_paise == payment.amount_paise
            and agrees(agreement, payment, line)
        ):
            found.append(Match(entry=payment, line=line))
    return found


def _stands_alone(
    index: Index, payment: BookEntry, line: ReportedLine, events: Counter[Event]
) -> bool:
    """Whether no other line tells of the payment, the event or a reference of either, and nothing was refunded."""
    told = references(line.line.rrn, line.line.arn)
    return (
        len(index.of_order[payment.id]) == 1
        and payment.id not in index.refunds_of
        and events[line.event] == 1
        and all(
            each is line
            for reference in (*told, *references(payment.rrn, payment.arn))
            for each in index.lines_with.get(reference, ())
        )
    )


def _is_plain(line: ReportedLine, agreement: Agreement) -> bool:
    """Whether the line by itself is the usual one: paid out, over a MID of ours, no amount below zero or huge."""
    told = line.line
    return (
        told.line_type is LineType.PAYMENT
        and told.direction is Direction.CR
        and told.occurrence == 1
        and not agreement.holds(line)
        and (told.status_word or "").isascii()
        and (not agreement.mids or told.mid in agreement.mids)
        and told.gross.paise < PLAIN_BELOW_PAISE
        and all(
            0 <= each.paise < PLAIN_BELOW_PAISE
            for each in (told.fee, told.cgst, told.sgst, told.igst, told.utgst)
        )
    )


def summed(matches: Iterable[Match]) -> tuple[PlainSums, ...]:
    """Return the sums of *matches* by report, settlement day and due day, in this order."""
    groups: dict[tuple[object, ...], list[Match]] = defaultdict(list)
    for match in matches:
        line = match.line
        place = (line.file, line.settlement, line.line.settled_on, match.entry.due_on)
        groups[place].append(match)
    return tuple(_sums(group) for _, group in sorted(groups.items()))


def _sums(matches: list[Match]) -> PlainSums:
    first, lines = matches[0], [match.line.line for match in matches]
    return PlainSums(
        file=first.line.file,
        settlement=first.line.settlement,
        settled_on=first.line.line.settled_on,
        due_on=first.entry.due_on,
        lines=len(lines),
        gross_paise=sum(each.gross.paise for each in lines),
        fee_paise=sum(each.fee.paise for each in lines),
        cgst_paise=sum(each.cgst.paise for each in lines),
        sgst_paise=sum(each.sgst.paise for each in lines),
        igst_paise=sum(each.igst.paise for each in lines),
        utgst_paise=sum(each.utgst.paise for each in lines),
    )


def left_by(evidence: Evidence, matches: Collection[Match]) -> Evidence:
    """Return *evidence* with *matches* as sums instead of one by one."""
    entries = {match.entry.id for match in matches}
    lines = {match.line.ref for match in matches}
    return replace(
        evidence,
        books=[each for each in evidence.books if each.id not in entries],
        lines=[each for each in evidence.lines if each.ref not in lines],
        plain=summed(matches),
    )
