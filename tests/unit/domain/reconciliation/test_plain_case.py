"""What is plain may be counted instead of compared: everything else is found exactly as if it had been."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.money import Money
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Evidence
from domain.reconciliation.fee_contract import USUAL_CONTRACT
from domain.reconciliation.finding import Match
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.plain_case import PLAIN_BELOW_PAISE, left_by, plain_matches, summed
from domain.reconciliation.plain_sums import PlainSums
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import DeclaredTotal, LineRef, ReportedLine
from domain.settlements.settlement_line import Direction, LineType
from unit.domain.reconciliation.trade import (
    AGREEMENT,
    FILE,
    FRIDAY,
    UPI,
    credit,
    debit,
    disturbed,
    evidence,
    payment_id,
    refunded,
    sold,
)

HERE: Final = f"{UPI}/{FRIDAY}"
SALE, LINE = sold(1), credit(1)
HALVES: Final = {"fee": Money(18_00), "cgst": Money(1_62), "sgst": Money(1_62)}
UNION: Final = {"fee": Money(18_00), "cgst": Money(1_62), "utgst": Money(1_62)}
WHOLE: Final = {"fee": Money(18_00), "igst": Money(3_24)}


def plain(
    given_: Evidence, counting: Sequence[LineRef] | None = None, apart_from: Sequence[str] = ()
) -> list[Match]:
    refs = [line.ref for line in given_.lines] if counting is None else counting
    return plain_matches(given_, AGREEMENT, counting=refs, apart_from=apart_from)


@settings(max_examples=60)
@given(disturbed(), st.data())
def test_what_is_left_is_found_as_before(given_: Evidence, data: st.DataObject) -> None:
    """
    With the plain case as sums the matches are fewer by it, and all else is the same to the byte.
    """
    counting = data.draw(
        st.sets(st.sampled_from([each.ref for each in given_.lines]))
        if given_.lines
        else st.just(set())
    )
    apart = data.draw(st.sets(st.sampled_from([each.id for each in given_.books])))
    found = plain_matches(given_, AGREEMENT, counting=counting, apart_from=apart)
    left = left_by(given_, found)
    whole, rest = reconcile(given_, AGREEMENT), reconcile(left, AGREEMENT)

    assert partition_faults(left, rest) == ()
    by_line = {match.line.ref: match for match in (*rest.matches, *found)}
    assert by_line == {match.line.ref: match for match in whole.matches}
    assert (rest.matched_lines, rest.matched_paise, rest.late_lines) == (
        whole.matched_lines,
        whole.matched_paise,
        whole.late_lines,
    )
    assert replace(rest, matches=(), plain=()) == replace(whole, matches=(), plain=())


def test_a_line_that_is_alone_with_its_sale_and_agrees_is_plain() -> None:
    """
    Its sums stand for it, in the file's own totals as well.
    """
    declared = DeclaredTotal(file=FILE, settlement=HERE, net_paise=1_000_00, lines=1)
    given_ = evidence(SALE, sold(2), lines=(LINE,), declared=(declared,))

    (match,) = plain(given_)
    left = left_by(given_, [match])

    assert (match.entry, match.line) == (SALE, LINE)
    assert left.plain == (
        PlainSums(
            file=FILE,
            settlement=HERE,
            settled_on=FRIDAY,
            due_on=FRIDAY,
            lines=1,
            gross_paise=1_000_00,
        ),
    )
    assert ([each.id for each in left.books], left.lines) == ([payment_id(2)], [])
    assert [each.cause for each in reconcile(left, AGREEMENT).findings] == [
        each.cause for each in reconcile(given_, AGREEMENT).findings
    ]


@pytest.mark.parametrize("heads", [HALVES, UNION, WHOLE], ids=["halves", "union", "whole"])
def test_a_fee_by_the_contract_is_plain(heads: dict[str, Any]) -> None:
    """
    However the bank splits the tax; the sums have each head.
    """
    line = credit(1, method="CARD", **heads)
    # Only above 2,000.00 is there a tax on the fee of a card.
    rates = [replace(each, exempt_up_to_paise=0) for each in USUAL_CONTRACT.rates]
    agreement = replace(AGREEMENT, fees=replace(USUAL_CONTRACT, rates=rates))
    given_ = evidence(sold(1, method="CARD"), lines=(line,))

    (sums,) = summed(plain_matches(given_, agreement, counting=[line.ref]))

    assert sums.fee_paise == 18_00
    assert (sums.cgst_paise, sums.sgst_paise, sums.igst_paise, sums.utgst_paise) == tuple(
        heads.get(name, Money(0)).paise for name in ("cgst", "sgst", "igst", "utgst")
    )
    assert (sums.tax_paise, sums.net_paise) == (3_24, line.line.net.paise)


def test_what_came_late_is_plain_and_late() -> None:
    """
    The due day is that of the sale.
    """
    late = credit(1, settled_on=FRIDAY + timedelta(days=3))
    given_ = evidence(SALE, lines=(late,))

    outcome = reconcile(left_by(given_, plain(given_)), AGREEMENT)

    assert (outcome.matched_lines, outcome.late_lines, outcome.matches) == (1, 1, ())


SHARED_REFERENCE = credit(2, line_no=3, payment_id=None, rrn="000000000001")
NOT_PLAIN: Final[dict[str, tuple[Sequence[BookEntry], Sequence[ReportedLine]]]] = {
    "another amount": ([SALE], [credit(1, 999_99)]),
    "a fee that was not agreed": ([SALE], [credit(1, fee=Money(2))]),
    "a tax that was not agreed": ([SALE], [credit(1, igst=Money(2))]),
    "a net that does not follow": ([SALE], [credit(1, net=Money(999_99))]),
    "a fee below zero": ([SALE], [credit(1, fee=Money(-1))]),
    "a huge amount": ([sold(1, PLAIN_BELOW_PAISE)], [credit(1, PLAIN_BELOW_PAISE)]),
    "another type": ([SALE], [credit(1, line_type=LineType.REFUND_REVERSAL)]),
    "the other direction": ([SALE], [credit(1, direction=Direction.DR)]),
    "what the file tells once more": ([SALE], [credit(1, occurrence=2)]),
    "what the bank holds back": ([SALE], [credit(1, on_hold=True)]),
    "a word of the bank in other letters": ([SALE], [credit(1, status_word="\u017fettled")]),
    "a MID that is not ours": ([SALE], [credit(1, mid="OTHER")]),
    "a sale that nobody knows": ([], [LINE]),
    "a sale that is settled": ([sold(1, settled_earlier=True)], [LINE]),
    "two lines of one sale": ([SALE], [LINE, credit(1, line_no=3, bank_txn_id="B", rrn=None)]),
    "a sale with a refund": ([SALE, refunded(1)], [LINE]),
    "a refund": ([SALE, refunded(1)], [debit(1)]),
    "an event that is told under no name": (
        [SALE],
        [
            credit(1, rrn=None),
            credit(2, line_no=3, payment_id=None, bank_txn_id=payment_id(1), rrn="000000000001"),
        ],
    ),
    "a reference that another line has": ([SALE], [LINE, SHARED_REFERENCE]),
    "a reference of the sale that another line has": (
        [SALE],
        [credit(1, rrn="000000000009"), SHARED_REFERENCE],
    ),
    "an ARN that another line has": (
        [SALE],
        [credit(1, arn="7" * 23), credit(2, line_no=3, payment_id=None, arn="7" * 23)],
    ),
}


@pytest.mark.parametrize("why", NOT_PLAIN)
def test_what_is_not_plain_is_compared(why: str) -> None:
    """
    Whatever does not fit in one respect is left to be looked at.
    """
    books, lines = NOT_PLAIN[why]

    assert plain(evidence(*books, lines=tuple(lines))) == []


def test_what_does_not_count_or_is_set_apart_is_compared() -> None:
    """
    A line of a held report settles nothing; a sale of an open discrepancy is looked at.
    """
    given_ = evidence(SALE, lines=(LINE,))

    assert plain(given_, counting=[]) == []
    assert plain(given_, apart_from=[SALE.id]) == []


def test_while_no_mid_is_known_any_may_come() -> None:
    """
    As in the comparison.
    """
    given_ = evidence(SALE, lines=(credit(1, mid="OTHER"),))
    anything = replace(AGREEMENT, mids=frozenset())

    assert len(plain_matches(given_, anything, counting=[LINE.ref])) == 1
