"""A line is kept as plain values, and is the same line when it is asked for."""

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import event_hash, line_key
from domain.settlements.settlement_line import SettlementLine

amounts = st.integers(-(10**12), 10**12).map(Money)
lines = st.builds(
    SettlementLine,
    line_no=st.integers(1, 10**6),
    attempt=st.none() | st.integers(0, 99),
    gross=st.integers(0, 10**12).map(Money),
    fee=amounts,
    cgst=amounts,
    sgst=amounts,
    igst=amounts,
    utgst=amounts,
    net=amounts,
    txn_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    occurrence=st.integers(1, 99),
)


@given(lines)
def test_what_is_kept_of_a_line_is_the_line(line: SettlementLine) -> None:
    """
    With both of its keys, and no value lost.
    """
    kept = KeyedLine.of(line, line_key(line), "row_too_long")

    assert kept.line == line
    assert (kept.settlement, kept.warnings) == (line.settlement_key, "row_too_long")
    assert (kept.key, kept.event) == (line_key(line), event_hash(line, line_key(line)))
