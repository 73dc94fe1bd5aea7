"""Only what has the form of one of our ids is read from storage or sent."""

import pytest

from domain.identifiers import (
    discrepancy_id,
    is_discrepancy_id,
    is_payment_id,
    is_refund_id,
)


def test_ours_is_recognised() -> None:
    """
    ``SK`` and eighteen letters of the alphabet without look-alikes.
    """
    assert is_payment_id("SKABCDEFGHIJKLMNO267")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SK",
        "SKABCDEFGHIJKLMNO26",
        "SKABCDEFGHIJKLMNO2677",
        "skabcdefghijklmno267",
        "XXABCDEFGHIJKLMNO267",
        "SKABCDEFGHIJKLMNO018",
        "SKABCDEFGHIJKLMNO26\n",
        "SKABCDEFGHIJKLMNO267\n",
        " SKABCDEFGHIJKLMNO267",
        "SKABCDEFGHIJKLMNO26٣",
    ],
)
def test_nothing_else_is(text: str) -> None:
    """
    Too short, too long, another alphabet, or with something hanging on.
    """
    assert not is_payment_id(text)


def test_a_refund_of_ours_is_known_by_its_shape() -> None:
    """
    The bank's own ids look otherwise, and so do those of payments.
    """
    assert is_refund_id("RFABCDEFGHIJKLMNOPQR")
    for other in ("SKABCDEFGHIJKLMNOPQR", "RFABCDEFGHIJKLMNOPQ", "RFABCDEFGHIJKLMNOPQ1", "AR1", ""):
        assert not is_refund_id(other)


def test_a_discrepancy_is_known_by_its_shape_and_made_of_its_identity() -> None:
    """
    Equal identities have one id, and no two parts run into each other.
    """
    known = discrepancy_id("unknown_order", "line", "SIM0001/2026-11-13")

    assert is_discrepancy_id(known)
    assert known == discrepancy_id("unknown_order", "line", "SIM0001/2026-11-13")
    assert known != discrepancy_id("unknown_order", "line", "SIM0001", "2026-11-13")
    for other in ("SKABCDEFGHIJKLMNOPQR", f"{known}A", known[:-1], known.lower(), ""):
        assert not is_discrepancy_id(other)
