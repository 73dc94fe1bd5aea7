"""A line beside the expectation that it settles: gross, fee, taxes and net, in this order."""

from domain.business_day import business_day_of
from domain.reconciliation.book_entry import BookEntry, EntryKind
from domain.reconciliation.comparison import Comparison
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.fee_contract import (
    fee_is_by_contract,
    heads_are_by_contract,
)
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.taxonomy import TAXONOMY, Cause, DiscrepancyType, Subject


def compare(comparison: Comparison, entry: BookEntry, line: ReportedLine) -> None:
    """Match *entry* and *line*, or say which amount differs; the gross amounts are equal."""
    comparison_of_fee = _fee(comparison.agreement, entry, line)
    if comparison_of_fee is not None:
        comparison.find(comparison_of_fee)
    elif difference := line.net_difference_paise:
        comparison.find(
            differing(entry, line, Cause.NET_DOES_NOT_FOLLOW, difference, net=line.line.net.paise)
        )
    else:
        comparison.match(entry, line)


def agrees(agreement: Agreement, entry: BookEntry, line: ReportedLine) -> bool:
    """Whether *line* settles *entry* as agreed, but for the gross amount: fee, taxes and net."""
    return _fee(agreement, entry, line) is None and line.line.net_follows


def _fee(agreement: Agreement, entry: BookEntry, line: ReportedLine) -> Finding | None:
    told, day = line.line, business_day_of(entry.at)
    rate = agreement.fees.rate_on(day, told.method or entry.method)
    contract = rate.fee_paise(told.gross.paise)
    is_refund = entry.kind is EntryKind.REFUND
    if not fee_is_by_contract(told.fee.paise, contract, is_refund=is_refund):
        ours = 0 if is_refund else contract
        return differing(
            entry, line, Cause.FEE_DIFFERS, ours - told.fee.paise, ours=ours, bank=told.fee.paise
        )
    heads = line.heads
    expected = rate.heads_like(heads, told.gross.paise, told.fee.paise)
    if not heads_are_by_contract(heads, expected):
        difference = expected.total_paise - heads.total_paise
        return differing(
            entry,
            line,
            Cause.TAX_ON_FEE_DIFFERS,
            difference,
            ours=expected.total_paise,
            bank=heads.total_paise,
        )
    return None


def differing(
    entry: BookEntry,
    line: ReportedLine,
    cause: Cause,
    difference_paise: int,
    *,
    posted_paise: int = 0,
    **told: object,
) -> Finding:
    """Return the amount mismatch of *entry* and the *line* that closes it."""
    is_refund = entry.kind is EntryKind.REFUND
    return Finding(
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=cause,
        subject=Subject.REFUND if is_refund else Subject.PAYMENT,
        ref=entry.id,
        settlement=line.settlement,
        difference_paise=difference_paise,
        posted_paise=posted_paise,
        action=TAXONOMY[DiscrepancyType.AMOUNT_MISMATCH, cause].action,
        lines=(line.ref,),
        entries=(entry.id,),
        closed=(entry.id,),
        evidence=facts(**told),
    )
