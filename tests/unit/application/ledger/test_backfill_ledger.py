"""The back-fill reads all payments in batches, and goes on where it was stopped."""

from dataclasses import replace

import pytest

from application.ledger import backfill_ledger
from application.ledger.backfill_ledger import BackfillLedger
from domain.identifiers import StudentId
from fakes.clock import NOON, StoppedClock
from fakes.documents.issued import sold
from fakes.ledger.expected_books import check_ledger
from fakes.memory import Memory
from fakes.samples import ASHA

PAYMENTS = 5


@pytest.fixture
def memory() -> Memory:
    memory = Memory()
    for number in range(1, PAYMENTS + 1):
        payment = replace(sold(number), student=replace(ASHA, id=StudentId(f"s{number}")))
        memory.store.payments[payment.id] = payment
    return memory


async def test_all_is_posted_now(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Batch after batch; called again it reads all once more and posts nothing.
    """
    monkeypatch.setattr(backfill_ledger, "BATCH_MAX", 2)
    backfill = BackfillLedger(memory.ledger_backfill, StoppedClock())

    assert await backfill.now() == PAYMENTS
    check_ledger(memory.store)
    before = dict(memory.store.journals)
    assert len(before) == PAYMENTS
    assert await backfill.now() == PAYMENTS
    assert memory.store.journals == before


async def test_a_worker_takes_a_batch_of_what_is_due(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Nothing without a pass; then a batch, and the command does the rest.
    """
    monkeypatch.setattr(backfill_ledger, "BATCH_MAX", 2)
    backfill = BackfillLedger(memory.ledger_backfill, StoppedClock())
    assert await backfill() == 0
    await memory.ledger_backfill.begin(NOON)

    assert await backfill() == 2
    assert len(memory.store.journals) == 2
    assert await backfill.now() == PAYMENTS - 2
    check_ledger(memory.store)
