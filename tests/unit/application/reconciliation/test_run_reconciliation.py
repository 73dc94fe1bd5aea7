"""A run from its request to its end, over books in memory."""

import pytest

from contracts.memory_storage import MemoryStorage
from contracts.reconciliation.deciding_contract import DecidingContract
from contracts.reconciliation.reconciling_contract import ReconcilingContract
from contracts.reconciliation.releasing_contract import ReleasingContract


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


class TestReconciling(ReconcilingContract):
    pass


class TestDeciding(DecidingContract):
    pass


class TestReleasing(ReleasingContract):
    pass
