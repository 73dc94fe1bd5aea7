"""A watermark passes a row only when every row below it has been read while it was visible."""

from datetime import timedelta

from adapters.postgres.invariants.watermark import FIRST_ROWS, TRANSACTION_MAX, Watermark
from fakes.clock import NOON


def test_the_first_one_stays_below_the_newest_rows() -> None:
    """
    Rows with a smaller id may become visible later; what is older is read by the full check.
    """
    assert Watermark.first(FIRST_ROWS + 5, NOON) == Watermark(5, FIRST_ROWS + 5, NOON)
    assert Watermark.first(5, NOON).mark == 0


def test_it_waits_for_the_longest_transaction() -> None:
    """
    Only then everything up to where it had got is visible, or never will be.
    """
    first = Watermark(100, 200, NOON)
    soon = NOON + TRANSACTION_MAX - timedelta(microseconds=1)

    assert first.advanced(300, soon) == first
    assert first.advanced(300, NOON + TRANSACTION_MAX) == Watermark(
        200, 300, NOON + TRANSACTION_MAX
    )


def test_it_never_goes_back() -> None:
    """
    Neither by a clock that does, nor by rows that are gone.
    """
    first = Watermark(100, 200, NOON)

    assert first.advanced(300, NOON - timedelta(days=1)) == first
    assert first.advanced(150, NOON + TRANSACTION_MAX).reached == 200


def test_it_survives_its_row() -> None:
    """
    As JSON, with the instant in UTC.
    """
    first = Watermark(100, 200, NOON)

    assert Watermark.read(first.stored()) == first
