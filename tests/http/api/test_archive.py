"""Archived months by API: all of them, and those about a payment."""

from contracts.audit.archive_contract import OCTOBER, exported, sealed_in
from contracts.audit.record_archive_contract import OUTBOX
from contracts.audit.record_archive_contract import exported as rows_exported
from contracts.memory_storage import MemoryStorage
from domain.staff.access import Role
from fakes.samples import payment_id
from worlds.http import Client, HttpWorld, problem

ARCHIVE = "/api/admin/archive"


async def test_months_are_listed_with_until_when_they_are_kept(
    client: Client, world: HttpWorld
) -> None:
    """
    Of each kind; of a payment those in whose files it was noted, and no other.
    """
    auditor = world.bearer("ana", Role.AUDITOR)
    storage = MemoryStorage(world.memory.store)
    await sealed_in(storage, OCTOBER, payment_id(1))
    await exported(storage, OCTOBER)
    for span in (range(1), range(0)):
        await world.memory.archive_register.note(OCTOBER, span)
    await rows_exported(storage, OUTBOX)
    await world.memory.record_archive.note(OUTBOX, OCTOBER, {payment_id(2)})

    items = (await client.get(ARCHIVE, headers=auditor)).json()["items"]
    mine = (await client.get(f"{ARCHIVE}/{payment_id(1)}", headers=auditor)).json()["items"]
    others = (await client.get(f"{ARCHIVE}/{payment_id(2)}", headers=auditor)).json()["items"]
    nobodys = (await client.get(f"{ARCHIVE}/{payment_id(3)}", headers=auditor)).json()["items"]

    assert [each["kind"] for each in items] == ["outbox", "audit_log"]
    assert (mine, others, nobodys) == ([items[1]], [items[0]], [])
    assert items[1] == {
        "kind": "audit_log",
        "month": "2023-10",
        "state": "exported",
        "lines": 1,
        "sha256": "0" * 64,
        "size_bytes": 1,
        "exported_at": "2023-10-31T18:30:00Z",
        "verified_at": None,
        "dropped_at": None,
        "kept_until": "2032-03-31",
        "deleted_at": None,
    }
    shown = [each for each in world.memory.store.audit if each.action == "access.shown"]
    assert f"shown:{payment_id(1)}" in {each.subject for each in shown}


async def test_who_may_not_see_the_archive_is_told_nothing(
    client: Client, world: HttpWorld
) -> None:
    """
    Support neither lists nor asks; what is no id of a payment is not found.
    """
    support = world.bearer("sunita", Role.SUPPORT)
    problem(await client.get(ARCHIVE, headers=support), 403, "not-allowed")
    problem(await client.get(f"{ARCHIVE}/{payment_id(1)}", headers=support), 403, "not-allowed")
    finance = world.bearer("farhan", Role.FINANCE)
    assert (await client.get(ARCHIVE, headers=finance)).json() == {"items": []}
    problem(await client.get(f"{ARCHIVE}/4111111111111111", headers=finance), 404, "not-found")
