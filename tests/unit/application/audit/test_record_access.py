"""Whoever is shown people's data, or is refused, leaves an entry; a flood of refusals leaves a few."""

from datetime import timedelta

import pytest

from application.audit import record_access
from application.audit.record_access import WINDOW, Access, RecordAccess, RefusalLimit
from domain.errors import ChangedMeanwhile
from fakes.clock import NOON
from fakes.samples import BY_STAFF, payment_id
from ports.unit_of_work import StorageUnavailable, UnitOfWork
from worlds.memory import MemoryWorld

SEARCH = Access(route="GET /payments", permission="payments:all", facts={"asked_by": "q"})


@pytest.fixture
def record(world: MemoryWorld) -> RecordAccess:
    return RecordAccess(world.memory.unit_of_work, world.clock)


async def test_what_is_shown_is_written_down(world: MemoryWorld, record: RecordAccess) -> None:
    """
    Under the payment that it is about, or the route, and never under what the payment's own entries stand under.
    """
    one = Access(route="GET /p", permission="payments:all", payment=payment_id(7))
    await record.shown(SEARCH, BY_STAFF)
    await record.shown(one, BY_STAFF)
    search, shown = world.memory.store.audit

    assert (search.action, search.subject) == ("access.shown", "shown:GET /payments")
    assert search.facts == {
        "route": "GET /payments",
        "permission": "payments:all",
        "asked_by": "q",
    }
    assert (shown.subject, shown.origin) == (f"shown:{payment_id(7)}", BY_STAFF)


async def test_what_a_command_takes_is_written_down(
    world: MemoryWorld, record: RecordAccess
) -> None:
    """
    By its own name, with what was taken.
    """
    await record.commanded("ledger.exported", "ledger", BY_STAFF, {"format": "csv"})
    (entry,) = world.memory.store.audit

    assert (entry.action, entry.subject, entry.facts) == (
        "ledger.exported",
        "ledger",
        {"format": "csv"},
    )


async def test_nothing_is_shown_that_cannot_be_written(world: MemoryWorld) -> None:
    """
    The caller is told that the storage is away.
    """
    with pytest.raises(StorageUnavailable):
        await RecordAccess(away(StorageUnavailable("gone")), world.clock).shown(SEARCH, BY_STAFF)


@pytest.mark.parametrize("trouble", [StorageUnavailable("gone"), ChangedMeanwhile("audit")])
async def test_a_refusal_stands_without_its_entry(world: MemoryWorld, trouble: Exception) -> None:
    """
    Nobody gets in because the entry cannot be written.
    """
    await RecordAccess(away(trouble), world.clock).refused(SEARCH, BY_STAFF)

    assert not world.memory.store.audit


async def test_a_flood_of_refusals_is_one_entry_a_minute(
    world: MemoryWorld, record: RecordAccess
) -> None:
    """
    The next entry says how many were held back.
    """
    for _ in range(5):
        await record.refused(SEARCH, BY_STAFF)
        await record.token_refused("expired", BY_STAFF)
    world.clock.move(WINDOW)
    await record.refused(SEARCH, BY_STAFF)

    told = [(entry.action, entry.facts["withheld"]) for entry in world.memory.store.audit]
    assert told == [("access.refused", "0"), ("sign_in.refused", "0"), ("access.refused", "8")]
    first, token, _ = world.memory.store.audit
    assert (first.subject, first.facts["permission"]) == ("route:GET /payments", "payments:all")
    assert (token.subject, token.facts["refusal"]) == ("token", "expired")


def test_many_kinds_are_held_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Whoever comes from many addresses at once fills no more; a new minute begins anew.
    """
    monkeypatch.setattr(record_access, "REFUSALS_MAX", 2)
    limit = RefusalLimit()
    later = NOON + WINDOW

    assert [limit.take(kind, NOON) for kind in "abca"] == [0, 0, None, None]
    assert limit.take("c", later - timedelta(microseconds=1)) is None
    assert [limit.take(kind, later) for kind in "ca"] == [3, 0]


def away(trouble: Exception) -> UnitOfWork:
    def begin() -> None:
        raise trouble

    return begin  # type: ignore[return-value]  # a unit that never begins
