"""Lines that tell of one event more than once: within a file, in another file, with other amounts."""

from collections import Counter

from domain.reconciliation.comparison import Comparison
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.reported import Amounts, Event, ReportedLine
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Subject
from domain.settlements.settlement_line import LineType


def set_repeated_lines_aside(comparison: Comparison) -> None:
    """
    Leave one line for each event; the first in canonical order counts.

    The same line again in its file is held as ``duplicate_line``. What another file has told before,
    as often and with equal amounts, is nothing new. With other amounts it is a mismatch. What an earlier
    run has found of lines that are still held back stands, unless another line tells of the same event now.
    """
    _find_again(comparison)
    first: dict[Event, ReportedLine] = {}
    seen: set[tuple[Event, Amounts, int]] = set()
    in_file: Counter[tuple[Event, Amounts, str]] = Counter()
    for line in list(comparison.lines.values()):
        in_file[line.event, line.amounts, line.file] += 1
        times = in_file[line.event, line.amounts, line.file]
        told = (line.event, line.amounts, times)
        known = first.setdefault(line.event, line)
        if told in seen:
            comparison.silent.append(line)
            del comparison.lines[line.ref]
        elif times > 1:
            comparison.find(_duplicate(line, known))
        elif known is not line:
            comparison.find(_told_differently(line, known))
        seen.add(told)


def _find_again(comparison: Comparison) -> None:
    told = Counter(line.event for line in comparison.lines.values())
    for finding in comparison.evidence.held_back:
        lines = [comparison.lines[ref] for ref in finding.lines if ref in comparison.lines]
        of_it = Counter(line.event for line in lines)
        if len(lines) == len(finding.lines) and all(told[each] == of_it[each] for each in of_it):
            comparison.find(finding)


def set_held_lines_aside(comparison: Comparison) -> None:
    """
    Find what the bank itself says it holds back: such a line pays nothing out yet.

    Where another line tells of the same event and is paid, what was held has come, and says nothing more.
    """
    lines = list(comparison.lines.values())
    held = [line for line in lines if comparison.agreement.holds(line)]
    events = {line.event for line in lines if not comparison.agreement.holds(line)}
    for line in held:
        if line.event in events:
            comparison.silent.append(line)
            del comparison.lines[line.ref]
        else:
            events.add(line.event)
            comparison.find(_held(comparison, line))


def _held(comparison: Comparison, line: ReportedLine) -> Finding:
    payment = comparison.unsettled.get(line.line.payment_id or "")
    is_ours = payment is not None and line.line.line_type is LineType.PAYMENT
    return Finding(
        type=DiscrepancyType.MISSING_IN_GATEWAY,
        cause=Cause.HELD_BY_BANK,
        subject=Subject.PAYMENT if is_ours else Subject.LINE,
        ref=payment.id if payment is not None and is_ours else name_of(line),
        settlement=line.settlement,
        difference_paise=-payment.amount_paise if payment is not None and is_ours else 0,
        action=Action.NOTHING,
        lines=(line.ref,),
        entries=(payment.id,) if payment is not None and is_ours else (),
        evidence=facts(word=line.line.status_word, payment=line.line.payment_id),
    )


def _duplicate(line: ReportedLine, known: ReportedLine) -> Finding:
    return Finding(
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=Cause.DUPLICATE_LINE,
        subject=Subject.PAYMENT if line.line.payment_id else Subject.LINE,
        ref=line.line.payment_id or name_of(line),
        settlement=line.settlement,
        difference_paise=line.gross_paise,
        action=Action.HOLD_LINE,
        lines=(line.ref,),
        evidence=facts(first_line=known.ref.line_no, occurrence=line.line.occurrence),
    )


def _told_differently(line: ReportedLine, known: ReportedLine) -> Finding:
    """The line that comes second is held: which of the two is right only the bank can say."""
    cause, difference = _first_difference(line, known)
    return Finding(
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=cause,
        subject=Subject.LINE,
        ref=name_of(line),
        settlement=line.settlement,
        difference_paise=difference,
        action=Action.HOLD_LINE,
        lines=(line.ref,),
        evidence=facts(first_file=known.file, first_line=known.ref.line_no),
    )


def _first_difference(line: ReportedLine, known: ReportedLine) -> tuple[Cause, int]:
    if gross := line.gross_paise - known.gross_paise:
        return Cause.GROSS_DIFFERS, gross
    if fee := known.line.fee.paise - line.line.fee.paise:
        return Cause.FEE_DIFFERS, fee
    if line.amounts[:-1] != known.amounts[:-1]:
        return Cause.TAX_ON_FEE_DIFFERS, known.line.tax.paise - line.line.tax.paise
    return Cause.NET_DOES_NOT_FOLLOW, line.line.net.paise - known.line.net.paise


def name_of(line: ReportedLine) -> str:
    """Return the best name of a line that names nothing of ours: an id of the bank, or its number."""
    told = line.line
    return told.bank_txn_id or told.rrn or told.arn or f"line {told.line_no}"
