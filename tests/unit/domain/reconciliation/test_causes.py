"""Each cause is a hypothesis with its test, and the first that holds is the cause."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.finding import Finding
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import (
    DeclaredTotal,
    OrderRead,
    ReportedLine,
    UnreadableRow,
)
from domain.reconciliation.taxonomy import (
    TAXONOMY,
    Action,
    Cause,
    DiscrepancyType,
    Posting,
    Subject,
)
from domain.settlements.settlement_line import Direction, LineType
from unit.domain.reconciliation.trade import (
    AGREEMENT,
    CARD,
    CHARGED,
    FILE,
    FRIDAY,
    SATURDAY_2AM,
    THURSDAY,
    UPI,
    credit,
    debit,
    evidence,
    payment_id,
    refund_id,
    refunded,
    sold,
)

KEPT = OrderRead(is_charged=False)


def outcome_of(known: Evidence, agreement: Agreement = AGREEMENT) -> Outcome:
    """Return the outcome, which has to be a partition of what is known."""
    outcome = reconcile(known, agreement)
    assert partition_faults(known, outcome) == ()
    return outcome


def found(known: Evidence, agreement: Agreement = AGREEMENT) -> Finding:
    """Return the one discrepancy of the outcome."""
    (finding,) = outcome_of(known, agreement).findings
    return finding


def said(finding: Finding) -> tuple[object, ...]:
    """Return what a discrepancy says of itself."""
    return (finding.type, finding.cause, finding.subject, finding.ref, finding.difference_paise)


def payout(kind: LineType, direction: Direction = Direction.DR, **changes: Any) -> ReportedLine:
    """Return a line of the payout, which names nothing of ours unless it is told."""
    told: dict[str, Any] = {
        "payment_id": None,
        "bank_txn_id": "PAYOUT1",
        "rrn": None,
        "txn_at": None,
    }
    return credit(1, 500_00, **(told | {"line_type": kind, "direction": direction} | changes))


CASES: list[tuple[str, Evidence, tuple[object, ...]]] = [
    (
        "an order of our shape that is not here",
        evidence(lines=(credit(7),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.UNKNOWN_ORDER, Subject.LINE, payment_id(7), 1_000_00),
    ),
    (
        "an order of another shape over a shared MID",
        evidence(lines=(credit(7, payment_id=None, mid="SHARED"),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.FOREIGN_ORDER, Subject.LINE, "BANK000007", 1_000_00),
    ),
    (
        "a refund that nobody asked for here",
        evidence(sold(settled_earlier=True), lines=(debit(),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.REFUND_MADE_OUTSIDE, Subject.LINE, "REFUND000001", -400_00),
    ),
    (
        "a dispute about an unknown payment",
        evidence(lines=(payout(LineType.CHARGEBACK),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.CHARGEBACK, Subject.LINE, "PAYOUT1", -500_00),
    ),
    (
        "a correction of the payout",
        evidence(lines=(payout(LineType.ADJUSTMENT),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.ADJUSTMENT, Subject.LINE, "PAYOUT1", -500_00),
    ),
    (
        "a refund that the bank took back",
        evidence(lines=(payout(LineType.REFUND_REVERSAL, Direction.CR),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.ADJUSTMENT, Subject.LINE, "PAYOUT1", 500_00),
    ),
    (
        "a payment line that takes money",
        evidence(lines=(payout(LineType.PAYMENT),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.ADJUSTMENT, Subject.LINE, "PAYOUT1", -500_00),
    ),
    (
        "a fee of the payout",
        evidence(lines=(payout(LineType.FEE, gross=Money(0), fee=Money(500), igst=Money(90)),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.FEE, Subject.LINE, "PAYOUT1", -5_90),
    ),
    (
        "income tax that was withheld",
        evidence(lines=(payout(LineType.TDS),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.TDS, Subject.LINE, "PAYOUT1", -500_00),
    ),
    (
        "days of a late refund, charged by the bank",
        evidence(
            refunded(settled_earlier=True),
            lines=(payout(LineType.ADJUSTMENT, payment_id=payment_id(1)),),
        ),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.TAT_PENALTY, Subject.LINE, "PAYOUT1", -500_00),
    ),
    (
        "days of a late refund that the bank names",
        evidence(
            refunded(settled_earlier=True),
            lines=(payout(LineType.ADJUSTMENT, refund_id=refund_id(1)),),
        ),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.TAT_PENALTY, Subject.LINE, "PAYOUT1", -500_00),
    ),
    (
        "a reserve that no contract knows",
        evidence(lines=(payout(LineType.RESERVE_HOLD),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.RESERVE_HELD, Subject.LINE, "PAYOUT1", -500_00),
    ),
    (
        "a reserve released that was never held",
        evidence(lines=(payout(LineType.RESERVE_RELEASE, Direction.CR),)),
        (DiscrepancyType.MISSING_IN_SYSTEM, Cause.ADJUSTMENT, Subject.LINE, "PAYOUT1", 500_00),
    ),
    (
        "a capture that is overdue by a complete file",
        evidence(sold()),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.NOT_SETTLED_WHEN_DUE, Subject.PAYMENT, payment_id(1), -1_000_00),
    ),
    (
        "an overdue capture that the read calls charged",
        evidence(sold(), reads={payment_id(1): CHARGED}),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.NOT_SETTLED_WHEN_DUE, Subject.PAYMENT, payment_id(1), -1_000_00),
    ),
    (
        "an overdue capture that the read calls held",
        evidence(sold(), reads={payment_id(1): replace(CHARGED, is_held=True)}),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.HELD_BY_BANK, Subject.PAYMENT, payment_id(1), -1_000_00),
    ),
    (
        "a sale that the bank denies",
        evidence(sold(), reads={payment_id(1): KEPT}),
        (DiscrepancyType.STATUS_MISMATCH, Cause.SOLD_HERE_UNKNOWN_THERE, Subject.PAYMENT, payment_id(1), -1_000_00),
    ),
    (
        "a line with a hold word",
        evidence(sold(), lines=(credit(status_word="Hold"),)),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.HELD_BY_BANK, Subject.PAYMENT, payment_id(1), -1_000_00),
    ),
    (
        "a held line of something that is not ours",
        evidence(lines=(credit(status_word="HELD"),)),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.HELD_BY_BANK, Subject.LINE, "BANK000001", 0),
    ),
    (
        "our RRN under the id of an order that we do not know",
        evidence(sold(), lines=(credit(payment_id=payment_id(9)),)),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.SETTLED_UNDER_OTHER_ID, Subject.PAYMENT, payment_id(1), 0),
    ),
    (
        "our RRN with another amount and no id",
        evidence(sold(), lines=(credit(payment_id=None, gross=Money(900_00)),)),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.SETTLED_UNDER_OTHER_ID, Subject.PAYMENT, payment_id(1), -100_00),
    ),
    (
        "a paid refund that no line takes when it is due",
        evidence(refunded()),
        (DiscrepancyType.MISSING_IN_GATEWAY, Cause.REFUND_NOT_NETTED, Subject.REFUND, refund_id(1), 400_00),
    ),
    (
        "another amount than was captured",
        evidence(sold(), lines=(credit(gross=Money(991_00)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.GROSS_DIFFERS, Subject.PAYMENT, payment_id(1), -9_00),
    ),
    (
        "another amount, and the read agrees with us",
        evidence(sold(), lines=(credit(gross=Money(991_00)),), reads={payment_id(1): CHARGED}),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.GROSS_DIFFERS, Subject.PAYMENT, payment_id(1), -9_00),
    ),
    (
        "the effective amount of the read",
        evidence(
            sold(),
            lines=(credit(gross=Money(991_00)),),
            reads={payment_id(1): replace(CHARGED, effective_paise=991_00)},
        ),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.OFFER_OR_SURCHARGE, Subject.PAYMENT, payment_id(1), -9_00),
    ),
    (
        "a refund inside the line of its payment",
        evidence(sold(), refunded(), lines=(credit(gross=Money(600_00)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.NETTED_REFUND, Subject.PAYMENT, payment_id(1), 0),
    ),
    (
        "another amount than was refunded",
        evidence(refunded(), lines=(debit(gross=Money(390_00)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.REFUND_AMOUNT_DIFFERS, Subject.REFUND, refund_id(1), 10_00),
    ),
    (
        "another amount of the refund that the line names",
        evidence(refunded(), lines=(debit(gross=Money(390_00), refund_id=refund_id(1)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.REFUND_AMOUNT_DIFFERS, Subject.REFUND, refund_id(1), 10_00),
    ),
    (
        "a fee where the contract has none",
        evidence(sold(), lines=(credit(fee=Money(2)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.FEE_DIFFERS, Subject.PAYMENT, payment_id(1), -2),
    ),
    (
        "a fee on a refund",
        evidence(refunded(), lines=(debit(fee=Money(2)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.FEE_DIFFERS, Subject.REFUND, refund_id(1), -2),
    ),
    (
        "GST on a card payment that is exempt",
        evidence(sold(method="CARD"), lines=(credit(method="CARD", fee=Money(18_00), igst=Money(3_24)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.TAX_ON_FEE_DIFFERS, Subject.PAYMENT, payment_id(1), -3_24),
    ),
    (
        "a net amount that does not follow",
        evidence(sold(), lines=(credit(net=Money(999_99)),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.NET_DOES_NOT_FOLLOW, Subject.PAYMENT, payment_id(1), -1),
    ),
    (
        "a capture that is settled again",
        evidence(sold(settled_earlier=True), lines=(credit(),)),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.CHARGED_TWICE, Subject.PAYMENT, payment_id(1), 1_000_00),
    ),
    (
        "a sum of the file that is not the sum of its lines",
        evidence(
            sold(settled_earlier=True),
            declared=(DeclaredTotal(file=FILE, settlement="S", net_paise=1, lines=0),),
        ),
        (DiscrepancyType.AMOUNT_MISMATCH, Cause.SETTLEMENT_TOTAL_DIFFERS, Subject.SETTLEMENT, "S", 1),
    ),
    (
        "money for an order that failed here",
        evidence(sold(state=State.FAILED), lines=(credit(),)),
        (DiscrepancyType.STATUS_MISMATCH, Cause.SETTLED_BUT_NOT_SOLD_HERE, Subject.PAYMENT, payment_id(1), 1_000_00),
    ),
    (
        "charge and refund of an order that the bank gave back by itself",
        evidence(
            sold(state=State.EXPIRED),
            lines=(credit(), debit(paise=1_000_00)),
            reads={payment_id(1): replace(KEPT, is_auto_refunded=True)},
        ),
        (DiscrepancyType.STATUS_MISMATCH, Cause.AUTO_REFUNDED_THERE, Subject.PAYMENT, payment_id(1), 0),
    ),
    (
        "a refund that is still under way here",
        evidence(refunded(state=RefundState.PENDING), lines=(debit(),)),
        (DiscrepancyType.STATUS_MISMATCH, Cause.REFUND_PAID_BUT_OPEN_HERE, Subject.REFUND, refund_id(1), 0),
    ),
    (
        "a refund under way here that the line names, with another amount",
        evidence(
            refunded(state=RefundState.REQUESTED),
            lines=(debit(gross=Money(390_00), refund_id=refund_id(1)),),
        ),
        (DiscrepancyType.STATUS_MISMATCH, Cause.REFUND_PAID_BUT_OPEN_HERE, Subject.REFUND, refund_id(1), 10_00),
    ),
    (
        "a refund that failed here",
        evidence(refunded(state=RefundState.FAILED), lines=(debit(),)),
        (DiscrepancyType.STATUS_MISMATCH, Cause.REFUND_FAILED_HERE_PAID_THERE, Subject.REFUND, refund_id(1), 0),
    ),
    (
        "a dispute about a payment of ours",
        evidence(
            sold(settled_earlier=True), lines=(payout(LineType.CHARGEBACK, payment_id=payment_id(1)),)
        ),
        (DiscrepancyType.STATUS_MISMATCH, Cause.CHARGEBACK, Subject.PAYMENT, payment_id(1), -500_00),
    ),
    (
        "a dispute that was won",
        evidence(
            sold(settled_earlier=True),
            lines=(payout(LineType.CHARGEBACK_REVERSAL, Direction.CR, payment_id=payment_id(1)),),
        ),
        (DiscrepancyType.STATUS_MISMATCH, Cause.CHARGEBACK_WON_UNRECORDED, Subject.PAYMENT, payment_id(1), 500_00),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_a_cause_has_its_test(known: Evidence, expected: tuple[object, ...]) -> None:
    """
    What is known leads to this type, cause, subject, id and difference, and to nothing else.
    """
    assert said(found(known)) == expected


def test_the_causes_are_all_tried() -> None:
    """
    Every cause that a comparison of books and lines can find has a case here or in the samples.
    """
    tried = {expected[1] for _, _, expected in CASES}
    elsewhere = {
        Cause.UNREADABLE_LINE,
        Cause.DUPLICATE_LINE,
        Cause.BANK_CREDIT_DIFFERS,
        Cause.BANK_CREDIT_WITHOUT_SETTLEMENT,
        Cause.SETTLEMENT_WITHOUT_CREDIT,
    }

    assert set(Cause) - tried == elsewhere


@pytest.mark.parametrize(
    ("held", "agreement"),
    [
        ({UPI: 500_00}, AGREEMENT),
        ({}, replace(AGREEMENT, reserve_mids=frozenset({UPI}))),
    ],
)
def test_a_reserve_as_agreed_is_no_discrepancy(held: dict[str, int], agreement: Agreement) -> None:
    """
    A reserve by contract is held, and what was held is released, at the level of the payout.
    """
    hold = payout(LineType.RESERVE_HOLD, line_no=2)
    release = payout(LineType.RESERVE_RELEASE, Direction.CR, line_no=3, bank_txn_id="PAYOUT2")
    lines = (release,) if held else (hold, release)

    outcome = outcome_of(evidence(lines=lines, reserve_held=held), agreement)

    assert outcome.payout_level == tuple(line.ref for line in lines)
    assert outcome.findings == ()


def test_a_reference_that_is_unique_on_both_sides_matches() -> None:
    """
    A line without any id of ours is matched by RRN or ARN when type and amount are equal.
    """
    payment, refund = sold(arn="7" * 23), refunded(arn="8" * 23)
    by_rrn = (credit(payment_id=None), debit(payment_id=None))
    by_arn = (
        credit(payment_id=None, rrn=None, arn="7" * 23),
        debit(payment_id=None, rrn=None, arn="8" * 23),
    )

    for lines in (by_rrn, by_arn):
        outcome = outcome_of(evidence(payment, refund, lines=lines))
        assert {match.entry.id for match in outcome.matches} == {payment.id, refund.id}


def test_a_reference_that_two_have_is_no_key() -> None:
    """
    Two payments, or two lines, with one RRN: nothing is matched by it, nothing offered.
    """
    twice = evidence(
        sold(1), sold(2, rrn=sold(1).rrn), lines=(credit(payment_id=None),), complete=False
    )
    lines = (
        credit(payment_id=None),
        credit(payment_id=None, bank_txn_id="OTHER", line_no=3),
    )
    two_lines = evidence(sold(1), lines=lines, complete=False)

    assert [each.cause for each in outcome_of(twice).findings] == [Cause.UNKNOWN_ORDER]
    assert [each.cause for each in outcome_of(two_lines).findings] == [Cause.UNKNOWN_ORDER] * 2


def test_a_settled_payment_takes_no_second_line_by_its_reference() -> None:
    """
    The RRN of a payment or refund that is settled already offers nothing and closes nothing.
    """
    lines = (credit(payment_id=None), debit(payment_id=None))
    known = evidence(sold(settled_earlier=True), refunded(settled_earlier=True), lines=lines)

    assert [each.cause for each in outcome_of(known).findings] == [
        Cause.UNKNOWN_ORDER,
        Cause.REFUND_MADE_OUTSIDE,
    ]


def test_amount_alone_is_only_offered() -> None:
    """
    One open payment of that day and amount is named as probable; it stays open. Two are not named.
    """
    line = credit(9, rrn=None)
    one = outcome_of(evidence(sold(1), lines=(line,), complete=False))
    two = outcome_of(evidence(sold(1), sold(2), lines=(line,), complete=False))
    settled = outcome_of(evidence(sold(1, settled_earlier=True), lines=(line,)))

    assert ("probable", payment_id(1)) in one.findings[0].evidence
    assert [entry.id for entry in one.expected] == [payment_id(1)]
    for outcome in (two, settled):
        assert "probable" not in dict(outcome.findings[0].evidence)


def test_a_line_without_an_instant_offers_nothing() -> None:
    """
    A line that does not say when it was paid is still placed.
    """
    finding = found(evidence(lines=(credit(9, txn_at=None),)))

    assert finding.cause is Cause.UNKNOWN_ORDER
    assert finding.action is Action.READ_ORDER_STATUS


def test_a_line_without_an_id_of_ours_cannot_be_read() -> None:
    """
    There is no order to ask the bank about: a person decides. Without any id it is known by its number.
    """
    finding = found(evidence(lines=(credit(9, payment_id=None, bank_txn_id=None, rrn=None),)))

    assert (finding.cause, finding.action) == (Cause.UNKNOWN_ORDER, Action.PERSON)
    assert finding.ref == "line 2"


def test_refunds_of_one_payment_match_one_by_one() -> None:
    """
    Equal amounts go to the oldest refund first; a line that names its refund takes that one.
    """
    first = refunded(1)
    second = refunded(2, at=THURSDAY + timedelta(hours=1))
    named = debit(1, refund_id=second.id, rrn=None, line_no=3)
    unnamed = debit(2, rrn=None, line_no=4)

    outcome = outcome_of(evidence(first, second, lines=(named, unnamed)))

    assert [(match.entry.id, match.line.line.line_no) for match in outcome.matches] == [
        (second.id, 3),
        (first.id, 4),
    ]


def test_a_refund_is_paid_once() -> None:
    """
    Two lines for one refund that is under way here: one pays it, the other one was made outside.
    """
    known = evidence(
        refunded(state=RefundState.MANUAL_REVIEW),
        lines=(debit(1, rrn=None, line_no=3), debit(2, rrn=None, line_no=4)),
    )

    assert [each.cause for each in outcome_of(known).findings] == [
        Cause.REFUND_PAID_BUT_OPEN_HERE,
        Cause.REFUND_MADE_OUTSIDE,
    ]


@pytest.mark.parametrize(
    ("refund", "names"),
    [
        (refunded(state=RefundState.REJECTED), refund_id(1)),
        (refunded(state=RefundState.AWAITING_APPROVAL), None),
        (refunded(settled_earlier=True), refund_id(1)),
        (refunded(), refund_id(9)),
        (refunded(of=2), None),
    ],
)
def test_what_was_never_sent_was_made_outside(refund: BookEntry, names: RefundId | None) -> None:
    """
    A refund that was refused, waits for approval, is settled already or is another one is not this line.
    """
    line = debit(1, rrn=None, refund_id=names)
    outcome = outcome_of(evidence(refund, lines=(line,), complete=False))

    assert [each.cause for each in outcome.findings] == [Cause.REFUND_MADE_OUTSIDE]
    assert outcome.findings[0].action is Action.HEAL_BY_STATUS_READ


def test_the_refund_with_the_bank_is_paid_before_the_failed_one() -> None:
    """
    A line may pay one of two refunds of its amount: the one that is under way comes first.
    """
    failed, pending = refunded(1, state=RefundState.FAILED), refunded(2, state=RefundState.PENDING)

    finding = found(evidence(failed, pending, lines=(debit(3, rrn=None),)))

    assert finding.ref == pending.id


def test_one_of_two_charges_settles_the_order() -> None:
    """
    Our own RRN comes first, then our amount, then the earliest; a third charge adds to the second one.
    """
    ours = credit(line_no=9, txn_at=THURSDAY + timedelta(hours=2))
    exact = credit(line_no=4, rrn="1" * 12, bank_txn_id="B")
    other = credit(line_no=3, gross=Money(900_00), rrn="2" * 12, bank_txn_id="C")

    outcome = outcome_of(evidence(sold(), lines=(other, exact, ours)))

    assert [match.line.line.line_no for match in outcome.matches] == [9]
    (twice,) = outcome.findings
    assert (twice.cause, twice.difference_paise) == (Cause.CHARGED_TWICE, 1_900_00)
    assert [ref.line_no for ref in twice.lines] == [3, 4]


def test_our_arn_is_as_good_as_our_rrn() -> None:
    """
    A card payment is known by its ARN.
    """
    ours = credit(line_no=9, rrn=None, arn="7" * 23)
    first = credit(line_no=3, rrn="1" * 12, bank_txn_id="B")

    outcome = outcome_of(evidence(sold(rrn=None, arn="7" * 23), lines=(first, ours)))

    assert [match.line.line.line_no for match in outcome.matches] == [9]


def test_a_second_charge_of_an_order_that_is_not_sold_here_came_twice() -> None:
    """
    One line may heal by a read, the other one is money that has to go back.
    """
    lines = (credit(line_no=2), credit(line_no=3, rrn="1" * 12, bank_txn_id="B"))

    outcome = outcome_of(evidence(sold(state=State.PENDING), lines=lines))

    assert [each.cause for each in outcome.findings] == [
        Cause.SETTLED_BUT_NOT_SOLD_HERE,
        Cause.CHARGED_TWICE,
    ]


def test_several_ways_to_net_refunds_prove_none() -> None:
    """
    Two refunds of the amount that is missing: which one was netted nobody knows.
    """
    known = evidence(
        sold(), refunded(1), refunded(2), lines=(credit(gross=Money(600_00)),), complete=False
    )
    both = evidence(sold(), refunded(1), refunded(2), lines=(credit(gross=Money(200_00)),))

    assert [each.cause for each in outcome_of(known).findings] == [Cause.GROSS_DIFFERS]
    explained = found(both)
    assert explained.is_explained
    assert explained.closed == (payment_id(1), refund_id(1), refund_id(2))


def test_a_refund_with_its_own_line_is_not_netted() -> None:
    """
    The line of the refund took its amount already; what the payment lacks is another difference.
    """
    known = evidence(sold(), refunded(), lines=(credit(gross=Money(600_00)), debit()))

    assert [each.cause for each in outcome_of(known).findings] == [Cause.GROSS_DIFFERS]


def test_a_mid_that_is_not_ours_settles_nothing() -> None:
    """
    An order of ours over an unknown MID is offered to a person, and the payment stays open.
    """
    agreement = replace(AGREEMENT, mids=frozenset({"SIM9001"}))

    finding = found(evidence(sold(), lines=(credit(),)), agreement)

    assert (finding.cause, finding.closed) == (Cause.SETTLED_UNDER_OTHER_ID, ())


def test_a_known_mid_settles() -> None:
    """
    With our MIDs named, a line of one of them matches as before.
    """
    agreement = replace(AGREEMENT, mids=frozenset({UPI}))

    assert len(outcome_of(evidence(sold(), lines=(credit(),)), agreement).matches) == 1


def test_what_is_not_auto_refunded_stays_two_things() -> None:
    """
    A sale, an order without such a read, and a refund of another amount are no auto-refund.
    """
    auto = {payment_id(1): replace(KEPT, is_auto_refunded=True)}
    failed = sold(state=State.FAILED)
    lines = (credit(), debit())

    for known in (
        evidence(sold(), lines=(credit(), debit(paise=1_000_00)), reads=auto),
        evidence(failed, lines=lines, reads=auto),
        evidence(failed, lines=lines, reads={payment_id(1): KEPT}),
        evidence(failed, lines=lines),
    ):
        assert Cause.AUTO_REFUNDED_THERE not in {each.cause for each in outcome_of(known).findings}


@pytest.mark.parametrize(
    ("changes", "cause", "difference"),
    [
        ({"gross": Money(900_00)}, Cause.GROSS_DIFFERS, -100_00),
        ({"fee": Money(1)}, Cause.FEE_DIFFERS, -1),
        ({"igst": Money(1)}, Cause.TAX_ON_FEE_DIFFERS, -1),
        ({"net": Money(1)}, Cause.NET_DOES_NOT_FOLLOW, -999_99),
    ],
)
def test_one_event_with_two_amounts_is_a_mismatch(
    changes: dict[str, Any], cause: Cause, difference: int
) -> None:
    """
    The event counts once, as it was told first; the other report is held with what differs.
    """
    again = credit(**changes, file="g" * 64)

    outcome = outcome_of(evidence(sold(), lines=(credit(), again)))

    assert len(outcome.matches) == 1
    (finding,) = outcome.findings
    assert (finding.cause, finding.difference_paise) == (cause, difference)
    assert finding.action is Action.HOLD_LINE


def test_what_is_held_back_stands_while_nothing_else_tells_of_it() -> None:
    """
    Without the line that it repeats it would be money that came twice; beside another line it is judged anew.
    """
    again = credit(line_no=3, occurrence=2)
    settled = replace(sold(), settled_earlier=True)
    duplicate = found(evidence(sold(), lines=(credit(), again)))
    assert duplicate.cause is Cause.DUPLICATE_LINE

    alone = evidence(settled, lines=(again,), held_back=(duplicate,))
    beside = evidence(sold(), lines=(credit(file="g" * 64), again), held_back=(duplicate,))
    gone = evidence(settled, lines=(), held_back=(duplicate,))
    released = evidence(sold(), lines=(credit(), replace(again, is_released=True)))

    assert found(alone) == duplicate
    assert duplicate not in outcome_of(beside).findings
    assert outcome_of(gone).findings == ()
    assert found(released).cause is Cause.CHARGED_TWICE


def test_equal_reports_of_one_event_are_silent() -> None:
    """
    A second file that tells the same adds nothing, also where rows have no id and may both be real.
    """
    nameless = [
        payout(LineType.FEE, bank_txn_id=None, line_no=no, occurrence=no - 1) for no in (2, 3)
    ]
    again = [replace(line, file="g" * 64) for line in nameless]

    outcome = outcome_of(evidence(lines=(*nameless, *again)))

    assert outcome.silent == tuple(line.ref for line in again)
    assert [ref.line_no for each in outcome.findings for ref in each.lines] == [2, 3]


def test_a_line_of_the_payout_that_stands_twice_is_held() -> None:
    """
    It names no payment: the discrepancy is about the line.
    """
    lines = (payout(LineType.TDS, line_no=2), payout(LineType.TDS, line_no=3, occurrence=2))

    duplicate = outcome_of(evidence(lines=lines)).findings[1]

    assert (duplicate.cause, duplicate.subject) == (Cause.DUPLICATE_LINE, Subject.LINE)
    assert duplicate.rule.posting is Posting.NONE


def test_nothing_is_missing_before_it_is_due() -> None:
    """
    At the run of Friday night everything of Friday is overdue, and nothing of Monday.
    """
    monday = sold(2, due_on=date(2026, 11, 16), at=THURSDAY + timedelta(days=1))

    outcome = outcome_of(evidence(sold(1), monday))

    assert [each.ref for each in outcome.findings] == [payment_id(1)]
    assert [entry.id for entry in outcome.expected] == [monday.id]


def test_while_nobody_knows_the_mid_every_mid_has_to_be_complete() -> None:
    """
    The payment may stand in the file that is not there yet.
    """
    unknown = sold(mid=None)

    both = evidence(unknown)
    one_late = {UPI: FRIDAY, CARD: date(2026, 11, 12), "SHARED": FRIDAY}
    others = [
        outcome_of(evidence(unknown, complete_until=one_late)),
        outcome_of(evidence(unknown, complete_until={UPI: FRIDAY})),
        outcome_of(evidence(unknown, complete=False)),
        outcome_of(both, replace(AGREEMENT, mids=frozenset())),
    ]

    assert found(both).cause is Cause.NOT_SETTLED_WHEN_DUE
    assert [outcome.findings for outcome in others] == [()] * 4


@pytest.mark.parametrize("paise", [999_99, 1_000_01])
def test_a_gross_amount_has_no_tolerance(paise: int) -> None:
    """
    One paisa too little or too much is a discrepancy of one paisa.
    """
    finding = found(evidence(sold(), lines=(credit(gross=Money(paise)),)))

    assert (finding.cause, finding.posted_paise) == (Cause.GROSS_DIFFERS, paise - 1_000_00)


def test_a_declared_sum_that_is_right_is_silent() -> None:
    """
    For one settlement, for the whole file, and without a count of lines.
    """
    settlement = credit().settlement
    declared = (
        DeclaredTotal(file=FILE, settlement=settlement, net_paise=1_000_00, lines=1),
        DeclaredTotal(file=FILE, settlement=None, net_paise=1_000_00),
    )
    wrong = (DeclaredTotal(file=FILE, settlement=None, net_paise=1_000_00, lines=2),)

    assert outcome_of(evidence(sold(), lines=(credit(),), declared=declared)).findings == ()
    assert found(evidence(sold(), lines=(credit(),), declared=wrong)).ref == FILE


def test_late_is_measured_and_no_discrepancy() -> None:
    """
    A line after the due day matches, and says by which days it was late.
    """
    line = credit(settled_on=date(2026, 11, 16))
    outcome = outcome_of(evidence(sold(), lines=(line,), as_of=SATURDAY_2AM + timedelta(days=3)))

    assert [match.late_by for match in outcome.late] == [(FRIDAY, date(2026, 11, 16))]
    assert outcome.findings == ()


def test_a_finding_has_the_row_of_the_taxonomy() -> None:
    """
    What happens next is what the table says, but where no order can be read.
    """
    for _, known, _ in CASES:
        finding = found(known)
        assert finding.rule is TAXONOMY[finding.type, finding.cause]
        if finding.cause is not Cause.UNKNOWN_ORDER:
            assert finding.action is finding.rule.action
        assert finding.is_explained is (finding.cause is Cause.NETTED_REFUND)


def test_what_was_held_and_then_paid_is_settled() -> None:
    """
    The line with the hold word says nothing more, in whichever order the two are told.
    """
    held = credit(status_word="HOLD", line_no=2)
    paid = credit(settled_on=FRIDAY + timedelta(days=3), file="0" * 64)

    outcome = outcome_of(evidence(sold(), lines=(held, paid)))

    assert [match.line for match in outcome.matches] == [paid]
    assert (outcome.silent, outcome.findings) == ((held.ref,), ())


def test_what_is_held_is_in_no_sum() -> None:
    """
    Told, counted as a line, and not paid out: neither totals nor payout hold it, nor what is told twice.
    """
    held, twice = credit(2, on_hold=True, line_no=4), credit(line_no=3, occurrence=2)
    total = DeclaredTotal(file=FILE, settlement=None, net_paise=2_000_00, lines=3)
    known = evidence(sold(), sold(2), lines=(credit(), twice, held), declared=(total,))

    outcome = outcome_of(known)

    assert [each.cause for each in outcome.findings] == [Cause.DUPLICATE_LINE, Cause.HELD_BY_BANK]
    assert outcome.uncounted == {twice.ref, held.ref}


def test_totals_of_a_file_that_was_not_wholly_read_say_nothing() -> None:
    """
    The row that could not be read is in them, whatever its amount was.
    """
    total = DeclaredTotal(file=FILE, settlement=None, net_paise=1, lines=1)
    row = UnreadableRow(file=FILE, line_no=9, reason="row_too_short")

    finding = found(evidence(sold(), lines=(credit(),), declared=(total,), rejected=(row,)))

    assert finding.cause is Cause.UNREADABLE_LINE


def test_two_refunds_of_one_order_without_ids_are_two() -> None:
    """
    A spreadsheet has taken their ids; the order alone does not make them one movement.
    """
    lost: dict[str, Any] = {"bank_txn_id": None, "rrn": None}
    lines = (credit(), debit(1, 400_00, **lost), debit(2, 100_00, line_no=4, **lost))

    outcome = outcome_of(evidence(sold(), refunded(), refunded(2, 100_00), lines=lines))

    assert len(outcome.matches) == 3
    assert outcome.findings == ()
