"""What the documents say and what the code does are one thing."""

import re
from pathlib import Path

import pytest

from domain.audit.archive_state import ARCHIVE_STEPS, ArchiveState
from domain.payments.payment_state import STEPS, State
from domain.payments.refund_state import REFUND_STEPS, RefundState
from domain.reconciliation.discrepancy_state import DISCREPANCY_STEPS, DiscrepancyState
from domain.reconciliation.resolution import RESOLUTION_STEPS, ResolutionState
from domain.reconciliation.run_state import RUN_STEPS, RunState
from domain.settlements.file_state import FILE_STEPS, SettlementFileState
from entrypoints.operations.archive_states import MEANINGS as ARCHIVE_MEANINGS
from entrypoints.operations.docs import (
    MEANINGS,
    PAGES,
    REFUND_MEANINGS,
    ROOT,
    states_page,
    write,
)
from entrypoints.operations.reconciliation_states import (
    DISCREPANCY_MEANINGS,
    FILE_MEANINGS,
    RESOLUTION_MEANINGS,
    RUN_MEANINGS,
)


@pytest.mark.parametrize("place", PAGES)
def test_a_printed_document_is_in_step(place: str) -> None:
    """
    Who changes a table runs ``shulk docs write`` and reads the difference.
    """
    assert (ROOT / place).read_text(encoding="utf-8") == PAGES[place]()


def test_writing_writes_every_document(tmp_path: Path) -> None:
    """
    All of them, and nothing else.
    """
    (tmp_path / "docs").mkdir()

    write(tmp_path)

    written = {str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file()}
    assert written == set(PAGES)


def test_the_diagrams_show_the_whole_tables() -> None:
    """
    As many arrows as steps, from and to the same states, and every state explained.
    """
    moves = [
        *RUN_STEPS.items(),
        *FILE_STEPS.items(),
        *DISCREPANCY_STEPS.items(),
        *RESOLUTION_STEPS.items(),
        *ARCHIVE_STEPS.items(),
    ]
    steps = [
        *STEPS.items(),
        *REFUND_STEPS.items(),
        *((step, to) for step, to in moves if step[0] is not to),
    ]
    arrows = re.findall(r"^    (\w+) --> (\w+): ([\w ]+)$", states_page(), re.MULTILINE)

    assert sorted(arrows) == sorted(
        (str(state), str(to), event.replace("_", " ")) for (state, event), to in steps
    )
    assert set(REFUND_MEANINGS) == set(RefundState)
    assert set(MEANINGS) == set(State)
    assert set(RUN_MEANINGS) == set(RunState)
    assert set(FILE_MEANINGS) == set(SettlementFileState)
    assert set(DISCREPANCY_MEANINGS) == set(DiscrepancyState)
    assert set(RESOLUTION_MEANINGS) == set(ResolutionState)
    assert set(ARCHIVE_MEANINGS) == set(ArchiveState)
