"""A settlement file moves by its table alone."""

from itertools import product

import pytest

from domain.settlements.file_state import (
    FILE_STEPS,
    IllegalFileStep,
    SettlementFileEvent,
    SettlementFileState,
    file_after,
)


@pytest.mark.parametrize(
    ("state", "event"), list(product(SettlementFileState, SettlementFileEvent))
)
def test_the_table_is_the_whole_truth(
    state: SettlementFileState, event: SettlementFileEvent
) -> None:
    """
    Each pair is either written down or refused.
    """
    if (state, event) in FILE_STEPS:
        assert FILE_STEPS[state, event] is file_after(state, event)
    else:
        with pytest.raises(IllegalFileStep):
            file_after(state, event)


def test_nothing_follows_a_refusal_or_a_reissue() -> None:
    """
    A better file is another file.
    """
    ends = {SettlementFileState.REFUSED, SettlementFileState.SUPERSEDED}

    assert not [state for state, _ in FILE_STEPS if state in ends]
