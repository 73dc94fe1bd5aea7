"""The two amounts of a discrepancy follow from what was compared."""

import pytest

from domain.reconciliation.both_sides import BothSides, both_sides
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.taxonomy import TAXONOMY, Cause, DiscrepancyType, Subject

IN_SYSTEM = DiscrepancyType.MISSING_IN_SYSTEM
IN_GATEWAY = DiscrepancyType.MISSING_IN_GATEWAY
AMOUNT = DiscrepancyType.AMOUNT_MISMATCH
STATUS = DiscrepancyType.STATUS_MISMATCH


def found(
    kind: DiscrepancyType, cause: Cause, difference: int, posted: int = 0, **told: object
) -> Finding:
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.PAYMENT,
        ref="SK1",
        settlement="S1",
        difference_paise=difference,
        posted_paise=posted,
        action=TAXONOMY[kind, cause].action,
        evidence=facts(**told),
    )


@pytest.mark.parametrize(
    ("finding", "ours", "bank"),
    [
        (found(IN_SYSTEM, Cause.UNKNOWN_ORDER, 900, 900), 0, 900),
        (found(IN_GATEWAY, Cause.NOT_SETTLED_WHEN_DUE, -900), 900, 0),
        (found(IN_GATEWAY, Cause.SETTLED_UNDER_OTHER_ID, -100, 900), 1000, 900),
        (found(AMOUNT, Cause.GROSS_DIFFERS, -9, -9, ours=1000, bank=991), 1000, 991),
        (found(AMOUNT, Cause.FEE_DIFFERS, -3, ours=20, bank=23), 20, 23),
        (found(AMOUNT, Cause.BANK_CREDIT_DIFFERS, -5, net=700, credited=695), 700, 695),
        (found(AMOUNT, Cause.SETTLEMENT_TOTAL_DIFFERS, 7, declared=107, of_lines=100), 100, 107),
        (found(AMOUNT, Cause.NET_DOES_NOT_FOLLOW, 2, net=992), 990, 992),
        (found(AMOUNT, Cause.DUPLICATE_LINE, 900), 0, 900),
        (found(AMOUNT, Cause.CHARGED_TWICE, 900, 900), 0, 900),
        (found(AMOUNT, Cause.NETTED_REFUND, 0, captured=1000, bank=900), 900, 900),
        (found(STATUS, Cause.SETTLED_BUT_NOT_SOLD_HERE, 900, 900), 0, 900),
        (found(STATUS, Cause.SOLD_HERE_UNKNOWN_THERE, -900), 900, 0),
    ],
)
def test_the_difference_lies_between_both_sides(finding: Finding, ours: int, bank: int) -> None:
    """
    What the evidence names stands; otherwise an amount is missing on the side that does not know it.
    """
    assert both_sides(finding) == BothSides(ours, bank)


def test_what_two_files_tell_differently_has_no_sides() -> None:
    """
    The evidence names the lines, and neither amount is ours.
    """
    told = found(AMOUNT, Cause.GROSS_DIFFERS, -9, first_file="a", first_line=2)

    assert both_sides(told) == BothSides(None, None)
