"""The console's archive: months, and those about a payment."""

from contracts.audit.archive_contract import OCTOBER
from contracts.audit.record_archive_contract import OUTBOX, exported
from contracts.memory_storage import MemoryStorage
from domain.staff.access import Role
from fakes.samples import payment_id
from worlds.http import Client, HttpWorld, into_console

ARCHIVE = "/console/archive"
CARD = "4111111111111111"


async def test_the_archive_is_searched_by_payment(client: Client, world: HttpWorld) -> None:
    """
    Empty at first; a month says what it holds, until when it is kept, and when it was deleted.
    """
    await into_console(client, world)
    assert "No month was archived yet" in (await client.get(ARCHIVE)).text
    storage = MemoryStorage(world.memory.store)
    was = await exported(storage, OUTBOX)
    await world.memory.record_archive.note(OUTBOX, OCTOBER, {payment_id(1)})

    page = (await client.get(ARCHIVE)).text
    mine = (await client.get(ARCHIVE, params={"payment": f" {payment_id(1)} "})).text
    nobodys = (await client.get(ARCHIVE, params={"payment": payment_id(2)})).text
    wrong = await client.get(ARCHIVE, params={"payment": CARD})

    assert "Exported" in page
    assert "2032-03-31" in page
    assert f"1 month with something about {payment_id(1)}" in mine
    assert "No archived file holds anything about this payment" in nobodys
    assert (wrong.status_code, CARD in wrong.text) == (422, False)
    at = world.clock.now()
    month = was.read_back(at).dropped(at).ended(at).deleted(at)
    world.memory.store.archived_records[OUTBOX, OCTOBER] = month
    assert "Deleted" in (await client.get(ARCHIVE)).text


async def test_support_does_not_see_it(client: Client, world: HttpWorld) -> None:
    """
    Neither the page nor its place in the navigation.
    """
    await into_console(client, world, "sunita", Role.SUPPORT)

    assert (await client.get(ARCHIVE)).status_code == 403
    assert ARCHIVE not in (await client.get("/console")).text
