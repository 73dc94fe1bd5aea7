"""Every way to fail has words for the student."""

import pytest

from domain.payments.failure_reason import HINTS, FailureReason


@pytest.mark.parametrize("failure", FailureReason)
def test_every_failure_has_a_hint(failure: FailureReason) -> None:
    """
    One sentence or more, ending like one.
    """
    assert failure.hint.endswith(".")


def test_every_hint_is_different() -> None:
    """
    No two failures sound the same.
    """
    assert len(set(HINTS.values())) == len(FailureReason)


def test_only_our_own_fault_is_not_worth_trying_again() -> None:
    """
    What the gateway calls invalid stays invalid until somebody mends it.
    """
    assert [each for each in FailureReason if not each.retriable] == [
        FailureReason.GATEWAY_REFUSED,
        FailureReason.GATEWAY_DENIED,
    ]
