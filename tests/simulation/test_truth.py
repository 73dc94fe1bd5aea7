"""What was found is compared with what is wrong at the bank."""

from collections import Counter
from typing import Final

from simulation.truth import Told, differing

FEE: Final[Told] = ("amount_mismatch", "fee_differs", "payment", "SKA", -200)
LATE: Final[Told] = ("missing_in_gateway", "not_settled_when_due", "payment", "SKB", -100)
NOTHING: Final[Counter[Told]] = Counter()


def test_what_is_found_and_wrong_is_as_it_should_be() -> None:
    """
    Open, or decided by a person.
    """
    assert list(differing(Counter([FEE, LATE]), Counter([FEE]), Counter([LATE]))) == []


def test_what_is_wrong_and_was_not_found_is_named() -> None:
    """
    Once more than it was found, where the same went wrong twice.
    """
    told = list(differing(Counter([FEE, FEE]), Counter([FEE]), NOTHING))

    assert told == [
        "amount_mismatch, fee_differs of payment SKA by -200 paise is wrong at the bank, and was not found"
    ]


def test_what_was_found_and_is_not_wrong_is_named() -> None:
    """
    What a person has decided about may be right meanwhile.
    """
    told = list(differing(NOTHING, Counter([FEE]), Counter([LATE])))

    assert told == [
        "amount_mismatch, fee_differs of payment SKA by -200 paise was found, and is not wrong at the bank"
    ]
