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


def test_nothing_follows_a_reissue_and_only_another_name_a_refusal() -> None:
    """
    A better file is another file; the same one may be read by a preset or MID that a person names.
    """
    ends = {SettlementFileState.REFUSED, SettlementFileState.SUPERSEDED}

    assert [step for step in FILE_STEPS if step[0] in ends] == [
        (SettlementFileState.REFUSED, SettlementFileEvent.NAMED_OTHERWISE)
    ]
