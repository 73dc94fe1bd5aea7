"""The verdict of a drill is not blind: what was lost and what was done twice is told."""

import pytest

from drills.failover import lost_or_twice
from drills.restore import differences


@pytest.mark.parametrize(
    ("kept", "found", "twice", "told"),
    [
        pytest.param({"mark-1"}, {"mark-1"}, (), 0, id="all is there"),
        pytest.param({"mark-1"}, {"mark-1", "mark-2"}, (), 0, id="more than was acknowledged"),
        pytest.param({"mark-1", "mark-2"}, {"mark-1"}, (), 1, id="an acknowledged write is lost"),
        pytest.param({"mark-1"}, {"mark-1"}, ("asha",), 1, id="one was charged twice"),
    ],
)
def test_every_loss_is_told(
    kept: set[str], found: set[str], twice: tuple[str, ...], told: int
) -> None:
    """
    One line for each of them.
    """
    assert len(lost_or_twice(kept, found, twice)) == told


def test_a_restored_database_has_not_one_row_more_or_less() -> None:
    """
    Neither what was lost nor what came after the instant passes.
    """
    then = {"payment": 13, "refund": 4}

    assert differences(then, {"payment": 13, "refund": 4}) == []
    assert len(differences(then, {"payment": 12, "refund": 5})) == 2
    assert len(differences(then, {"payment": 13})) == 1
