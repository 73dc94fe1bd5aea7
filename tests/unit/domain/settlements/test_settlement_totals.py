"""A settlement adds up line by line, and is held against what its file declares."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from domain.money import Money
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import line_key
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from domain.settlements.settlement_totals import (
    DeclaredTotals,
    RunningTotals,
    file_agrees_with,
)

SALE: Final = SettlementLine(
    line_no=1,
    line_type=LineType.PAYMENT,
    direction=Direction.CR,
    mid="SIM0001",
    utr="U1",
    gross=Money(10000),
    fee=Money(100),
    cgst=Money(9),
    sgst=Money(9),
    igst=Money(3),
    utgst=Money(1),
    net=Money(9878),
    txn_at=datetime(2026, 11, 12, tzinfo=UTC),
    settled_on=date(2026, 11, 13),
)
REFUND: Final = replace(
    SALE, line_type=LineType.REFUND, direction=Direction.DR, gross=Money(500), net=Money(-622)
)
WHOLE: Final = DeclaredTotals(
    lines=2,
    credits=Money(10000),
    debits=Money(500),
    fee=Money(200),
    tax=Money(44),
    net=Money(9256),
)


def keyed(line: SettlementLine) -> KeyedLine:
    return KeyedLine.of(line, line_key(line))


def added() -> RunningTotals:
    running = RunningTotals(keyed(SALE))
    for line in (SALE, REFUND):
        running.add(keyed(line))
    return running


def test_what_the_bank_keeps_back_is_a_line_and_no_money() -> None:
    """
    It is told, and paid out some other day.
    """
    before, running = added().totals(), added()
    running.add(keyed(replace(SALE, line_no=3, on_hold=True)))

    assert running.totals() == replace(before, lines=3)


def test_a_settlement_is_the_sum_of_its_lines() -> None:
    """
    Credits and debits apart, each head of tax by itself, the net with its sign.
    """
    totals = added().totals()

    assert (totals.key, totals.mid, totals.utr) == ("SIM0001/2026-11-13", "SIM0001", "U1")
    assert (totals.lines, totals.credits, totals.debits) == (2, Money(10000), Money(500))
    assert (totals.fee, totals.tax, totals.net) == (Money(200), Money(44), Money(9256))


@pytest.mark.parametrize(
    ("declared", "agrees"),
    [
        (DeclaredTotals(), True),
        (WHOLE, True),
        *(
            (replace(WHOLE, **wrong), False)
            for wrong in (
                {"lines": 3},
                {"credits": Money(1)},
                {"debits": Money(1)},
                {"fee": Money(1)},
                {"tax": Money(1)},
                {"net": Money(9255)},
            )
        ),
    ],
)
def test_every_declared_figure_has_to_agree(declared: Any, agrees: bool) -> None:  # noqa: FBT001 - a case
    """
    To the paisa; a figure that is not stated is not compared.
    """
    totals = added().totals()

    assert totals.agrees_with(declared) == agrees
    assert file_agrees_with(declared, [totals]) == agrees


def test_a_file_declares_the_sum_of_its_settlements() -> None:
    """
    A row of totals is about the whole file.
    """
    totals = added().totals()

    assert file_agrees_with(DeclaredTotals(lines=4, net=Money(18512)), [totals, totals])
    assert file_agrees_with(DeclaredTotals(lines=0, net=Money(0)), [])
