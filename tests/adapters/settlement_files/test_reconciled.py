"""The sample files, read as they are, end in the reconciliation that is written beside them."""

from dataclasses import replace

import pytest

from adapters.settlement_files.presets import Presets
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.statement_reader import PresetStatementReader
from domain.reconciliation.bank_credits import match_credits
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.payout import AccountCredit, payouts_of
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import ReportedLine, UnreadableRow
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow
from unit.domain.reconciliation.samples import (
    FOLDER,
    agreement_of,
    as_written,
    evidence_of,
    expected_of,
)
from unit.domain.reconciliation.test_bank_credits import RULES
from unit.domain.reconciliation.test_samples import GIVEN, REPORTS

STATEMENT_READER = PresetStatementReader(Presets.shipped())
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


@pytest.mark.parametrize("name", ["11-bank-statement.csv", "12-bank-statement.mt940"])
def test_a_statement_is_read_and_matched_as_it_is_written(name: str) -> None:
    """
    From the bytes of the statement and of three reports to what each entry is.
    """
    told = expected_of(name)["reconcile"]
    with (FOLDER / name).open("rb") as file:
        (statement,) = STATEMENT_READER.read(file, name).statements
    credits_ = [AccountCredit.of("50200000000001", entry) for entry in statement.entries]
    reports = ("01-clean.csv", "02-bom-crlf.csv", "09-multi-settlement.csv")
    lines = [line for each in reports for line in evidence_of(each).lines]
    known = {payout.settlement: payout for payout in payouts_of(lines)}
    payouts = [
        replace(known[key], net_paise=net) for key, net in told["settlement_nets_paise"].items()
    ]
    rules = replace(RULES, mids=told["narration_codes"])

    outcome = match_credits(payouts, credits_, rules)

    parts = {part.entry: part for part in outcome.parts}
    assert [
        (outcome.credits[each.entry], part.settlement if (part := parts.get(each.entry)) else None)
        for each in credits_
    ] == [(each["outcome"], each["settlement"]) for each in told["results"]]
    assert [part.rounding_paise for part in outcome.parts] == [0, 0, 1]
