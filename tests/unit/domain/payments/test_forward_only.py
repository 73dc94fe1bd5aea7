"""Payments and refunds move forward only: what a step told people is not told again, however much later."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from domain.payments.payment_state import STEPS
from domain.payments.refund_state import REFUND_STEPS


@pytest.mark.parametrize("table", [STEPS, REFUND_STEPS])
def test_no_step_leads_back(table: Mapping[tuple[Any, Any], StrEnum]) -> None:
    """
    No state is reached from itself. A task of the outbox that was archived is known by nobody: no step writes it again.
    """
    reached = {state: {to for (of, _), to in table.items() if of is state} for state, _ in table}
    for _ in reached:
        for behind in reached.values():
            behind |= {far for near in [*behind] for far in reached.get(near, ())}

    assert [state for state, behind in reached.items() if state in behind] == []
