"""The sample files, read as they are, end in the reconciliation that is written beside them."""

from dataclasses import replace

import pytest

from adapters.settlement_files.presets import Presets
from adapters.settlement_files.reader import PresetFileReader
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import ReportedLine, UnreadableRow
from domain.settlements.line_warning import RejectedRow
from ports.settlements.settlement_file_reader import KeyedLine
from unit.domain.reconciliation.samples import (
    FOLDER,
    agreement_of,
    as_written,
    evidence_of,
    expected_of,
)
from unit.domain.reconciliation.test_samples import GIVEN, REPORTS

READER = PresetFileReader(Presets.shipped())


@pytest.mark.parametrize("name", REPORTS)
def test_a_file_is_read_and_reconciled_as_it_is_written(name: str) -> None:
    """
    From the bytes of the file to each match, discrepancy and total; a held file is incomplete.
    """
    told = expected_of(name)
    lines, rejected = [], []
    with (FOLDER / name).open("rb") as file, READER.read(file, name) as reading:
        for item in reading.items():
            if isinstance(item, KeyedLine):
                lines.append(ReportedLine(file=told["sha256"], line=item.line))
            elif isinstance(item, RejectedRow):
                rejected.append(
                    UnreadableRow(file=told["sha256"], line_no=item.line_no, reason=item.reason)
                )
        held = bool(reading.summary().held_for)
    evidence = replace(evidence_of(name), lines=lines, rejected=rejected)

    outcome = reconcile(evidence, agreement_of(told["reconcile"]))

    compare = told["reconcile"]
    assert held is not compare["file_is_complete"]
    assert as_written(outcome) == {key: compare[key] for key in compare if key not in GIVEN}
    assert partition_faults(evidence, outcome) == ()
