"""A file is compared with the books before it counts, and nothing is stored."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest

from application.reconciliation import compare_file
from application.reconciliation.compare_file import (
    CompareSettlementFile,
    FileComparison,
    OutcomeNotWhole,
)
from contracts.payments.payments_contract import charged
from domain.business_day import business_day_of
from domain.ledger.postings import post_capture
from domain.money import Money
from domain.reconciliation.taxonomy import Cause
from domain.settlements.line_warning import LineWarning, RejectedRow, RejectionReason, WarnedLine
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from domain.settlements.settlement_totals import DeclaredTotals
from fakes.clock import NOON, StoppedClock
from fakes.memory import Memory
from fakes.samples import a_course, a_payment, payment_id
from fakes.settlements.settlement_file_reader import ReadAlready
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused
from unit.domain.reconciliation.trade import AGREEMENT, CARD, UPI

TUESDAY = date(2026, 8, 4)
WEDNESDAY_NOON = NOON + timedelta(days=2)
OVER_CARD = replace(
    AGREEMENT, mids=frozenset({CARD, UPI}), mids_by_method={"CARD": CARD, "UPI": UPI}
)


async def sold(memory: Memory, *numbers: int, days: int = 0) -> None:
    """Keep sales of 1,180.00 by card, captured a minute after noon of Monday, or *days* later."""
    for number in numbers:
        bought = charged(a_payment(number, course=a_course(f"course-{number}")))
        assert bought.capture is not None
        capture = replace(bought.capture, at=bought.capture.at + timedelta(days=days))
        journal = post_capture(bought.id, capture.amount, business_day_of(capture.at), applied=True)
        assert journal is not None
        async with memory.unit_of_work() as work:
            work.payments.repository.add(replace(bought, capture=capture))
            work.ledger.journals.post(journal, capture.at)


def line(number: int, line_no: int = 2, **changes: Any) -> SettlementLine:
    """Return the line of Tuesday that settles the sale of that number."""
    values: dict[str, Any] = {
        "line_no": line_no,
        "line_type": LineType.PAYMENT,
        "direction": Direction.CR,
        "mid": CARD,
        "payment_id": payment_id(number),
        "bank_txn_id": f"TXN{number}",
        "gross": Money(1180_00),
        "fee": Money(21_24),
        "net": Money(1158_76),
        "method": "CARD",
        "txn_at": NOON,
        "settled_on": TUESDAY,
    }
    return SettlementLine(**(values | changes))


async def compared(memory: Memory, reader: ReadAlready, **named: str) -> FileComparison:
    compare = CompareSettlementFile(reader, memory.books, OVER_CARD, StoppedClock(WEDNESDAY_NOON))
    return await compare(BytesIO(), "card.csv", **named)


async def test_a_file_is_compared_with_what_was_sold() -> None:
    """
    What it settles matches; what was due on its day and is not in it is missing.
    """
    memory = Memory()
    await sold(memory, 1, 2)
    reader = ReadAlready([line(1)], warnings=[WarnedLine(2, LineWarning.ROW_TOO_LONG)])

    comparison = await compared(memory, reader, preset="hdfc_card_mpr", mid=CARD)

    outcome = comparison.outcome
    assert [match.entry.id for match in outcome.matches] == [payment_id(1)]
    assert [(each.cause, each.ref) for each in outcome.findings] == [
        (Cause.NOT_SETTLED_WHEN_DUE, payment_id(2))
    ]
    assert comparison.summary.line_count == 1
    assert reader.asked_for == [("card.csv", "hdfc_card_mpr", CARD)]


async def test_what_is_due_later_is_expected_and_what_was_due_before_is_another_files() -> None:
    """
    A sale of Tuesday is due on Wednesday; one of the week before was due before the file begins.
    """
    memory = Memory()
    await sold(memory, 1)
    await sold(memory, 2, days=1)
    await sold(memory, 3, days=-7)

    outcome = (await compared(memory, ReadAlready([line(1)]))).outcome

    assert [entry.id for entry in outcome.expected] == [payment_id(2)]
    assert outcome.findings == ()


async def test_a_held_file_proves_nothing_by_absence() -> None:
    """
    A row could not be read: it is named, and nothing else is missing.
    """
    memory = Memory()
    await sold(memory, 1, 2)
    row = RejectedRow(3, RejectionReason.ROW_TOO_SHORT, "")

    outcome = (await compared(memory, ReadAlready([line(1)], [row]))).outcome

    assert [each.cause for each in outcome.findings] == [Cause.UNREADABLE_LINE]
    assert [entry.id for entry in outcome.expected] == [payment_id(2)]


async def test_a_file_of_one_mid_says_nothing_of_another() -> None:
    """
    A payment by card is not missing because the file of UPI does not hold it.
    """
    memory = Memory()
    await sold(memory, 1)

    outcome = (await compared(memory, ReadAlready([line(9, mid=UPI, method="UPI")]))).outcome

    assert [each.cause for each in outcome.findings] == [Cause.UNKNOWN_ORDER]
    assert [entry.id for entry in outcome.expected] == [payment_id(1)]


async def test_each_mid_is_spoken_for_until_its_last_day() -> None:
    """
    A file of two days: what was due on the first and is not in it is missing.
    """
    memory = Memory()
    await sold(memory, 1, 2)
    wednesday = business_day_of(NOON) + timedelta(days=2)
    lines = [line(9, 2, settled_on=wednesday), line(1, 3)]

    outcome = (await compared(memory, ReadAlready(lines))).outcome

    assert {each.ref for each in outcome.findings} == {payment_id(9), payment_id(2)}


async def test_a_sum_that_the_file_states_is_checked() -> None:
    """
    The net of a trailer that is not the net of the lines; a sum that is not stated is not checked.
    """
    declared = [DeclaredTotals(lines=1, net=Money(1)), DeclaredTotals(lines=1)]
    memory = Memory()
    await sold(memory, 1)

    outcome = (await compared(memory, ReadAlready([line(1)], declared=declared))).outcome

    assert [each.cause for each in outcome.findings] == [Cause.SETTLEMENT_TOTAL_DIFFERS]


async def test_an_empty_file_is_no_failure() -> None:
    """
    A day without trade: nothing settled, nothing missing.
    """
    memory = Memory()
    await sold(memory, 1)

    comparison = await compared(memory, ReadAlready())

    assert comparison.outcome.findings == ()


async def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    All lines are in memory at once, so their number has a limit.
    """
    monkeypatch.setattr(compare_file, "LINES_MAX", 1)

    with pytest.raises(SettlementFileRefused) as refused:
        await compared(Memory(), ReadAlready([line(1, 2), line(2, 3)]))
    assert refused.value.reason is FileRefusal.TOO_MANY_ROWS


async def test_an_outcome_that_is_not_whole_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A result that lost a line would be believed.
    """
    monkeypatch.setattr(compare_file, "partition_faults", lambda *_: ("line lost",))

    with pytest.raises(OutcomeNotWhole) as refused:
        await compared(Memory(), ReadAlready([line(1)]))
    assert refused.value.faults == ("line lost",)
