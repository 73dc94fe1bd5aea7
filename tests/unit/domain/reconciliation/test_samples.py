"""The sample files end exactly as what is written beside them says."""

from dataclasses import replace

import pytest

from domain.reconciliation.partition import partition_faults
from domain.reconciliation.reconcile import reconcile
from unit.domain.reconciliation.samples import (
    agreement_of,
    as_written,
    evidence_of,
    expected_of,
)

REPORTS = [
    "01-clean.csv",
    "02-bom-crlf.csv",
    "03-excel-mangled.csv",
    "04-duplicate-lines.csv",
    "05-corrected.csv",
    "06-negative-settlement.csv",
    "07-missing-totals.csv",
    "08-settlement.json",
    "09-multi-settlement.csv",
    "10-hostile-cells.csv",
]
GIVEN = {
    "as_of",
    "holidays",
    "settles_after_working_days",
    "fee_contract_hundredths_of_percent",
    "file_is_complete",
    "books",
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_sample_ends_as_it_is_written(name: str) -> None:
    """
    Matches, what is expected and late, each discrepancy with its cause, and every total.
    """
    compare = expected_of(name)["reconcile"]
    evidence = evidence_of(name)

    outcome = reconcile(evidence, agreement_of(compare))

    assert as_written(outcome) == {key: compare[key] for key in compare if key not in GIVEN}
    assert partition_faults(evidence, outcome) == ()


@pytest.mark.parametrize("name", REPORTS)
def test_the_order_of_what_is_given_does_not_matter(name: str) -> None:
    """
    Books and lines the other way round lead to the same bytes.
    """
    agreement, evidence = agreement_of(expected_of(name)["reconcile"]), evidence_of(name)
    turned = replace(evidence, books=evidence.books[::-1], lines=evidence.lines[::-1])

    assert reconcile(evidence, agreement).canonical() == reconcile(turned, agreement).canonical()
