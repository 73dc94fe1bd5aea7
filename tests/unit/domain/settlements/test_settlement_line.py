"""A line says which way money moves, and whether its net follows from its other amounts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from domain.business_day import IST
from domain.money import Money
from domain.settlements.settlement_line import Direction, LineType, SettlementLine

CARD: Final = SettlementLine(
    line_no=4,
    line_type=LineType.PAYMENT,
    direction=Direction.CR,
    mid="SIM9001",
    gross=Money(11800000),
    fee=Money(212400),
    cgst=Money(19116),
    sgst=Money(19116),
    net=Money(11549368),
    txn_at=datetime(2026, 11, 11, 18, 30, tzinfo=UTC),
    settled_on=date(2026, 11, 13),
)


def test_the_net_follows_from_gross_fee_and_taxes() -> None:
    """
    To the paisa, in both directions.
    """
    back = replace(CARD, direction=Direction.DR, net=Money(-11800000 - 212400 - 38232))

    assert CARD.tax == Money(38232)
    assert CARD.net_follows
    assert back.net_follows
    assert not replace(CARD, net=Money(11549367)).net_follows


def test_a_fee_given_back_is_negative() -> None:
    """
    A refund may bring its fee back.
    """
    back = replace(
        CARD,
        line_type=LineType.REFUND,
        direction=Direction.DR,
        fee=Money(-212400),
        cgst=Money(0),
        sgst=Money(0),
        igst=Money(-38232),
        net=Money(-11549368),
    )

    assert back.net_follows


def test_a_settlement_is_named_by_its_id_or_by_mid_and_day() -> None:
    """
    HDFC's reports have no settlement id.
    """
    assert CARD.settlement_key == "SIM9001/2026-11-13"
    assert replace(CARD, settlement_id="STL20261113CARD").settlement_key == "STL20261113CARD"


@pytest.mark.parametrize(
    "wrong",
    [
        {"gross": Money(-1)},
        {"txn_at": datetime(2026, 11, 12, tzinfo=IST)},
        {"line_no": 0},
        {"occurrence": 0},
    ],
)
def test_what_a_line_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    """
    A magnitude is not negative, an instant is UTC, counting begins at 1.
    """
    with pytest.raises(ValueError, match=r"magnitude|UTC|from 1"):
        replace(CARD, **wrong)


def test_the_payout_level_is_no_order() -> None:
    """
    Fees, reserves, adjustments and TDS belong to the payout.
    """
    assert {each for each in LineType if each.is_payout_level} == {
        LineType.FEE,
        LineType.ADJUSTMENT,
        LineType.TDS,
        LineType.RESERVE_HOLD,
        LineType.RESERVE_RELEASE,
    }
