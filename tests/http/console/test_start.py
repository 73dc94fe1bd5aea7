"""The console's first page: what waits, for whoever may do something about it."""

from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from domain.staff.access import Role
from entrypoints.http.console.start import TILES
from fakes.samples import under_review
from ports.staff.waiting_work import WorkKind
from worlds.http import Client, HttpWorld, begun_payment, into_console
from worlds.http_reconciliation import found

START = "/console"


def test_each_kind_of_work_has_its_tile() -> None:
    """
    In the order of the kinds, the gravest first.
    """
    assert set(TILES) == set(WorkKind)


async def test_nothing_waits(client: Client, world: HttpWorld) -> None:
    """
    The page says so, and when it looked.
    """
    await into_console(client, world)

    assert "Nothing waits for you" in (await client.get(START)).text


async def test_each_sees_the_work_that_is_theirs(client: Client, world: HttpWorld) -> None:
    """
    With its count, its age and the list that holds it; support sees no discrepancies.
    """
    payment = PaymentId(await begun_payment(client, world.bearer()))
    kept = world.memory.store
    kept.payments[payment] = under_review(kept.payments[payment], ReviewReason.PAID_TWICE)
    for number in (1, 40):
        found(world, number)
    token = await into_console(client, world)
    page = (await client.get(START)).text
    assert "<strong>1</strong> overdue discrepancy" in page
    assert "<strong>1</strong> open discrepancy" in page
    assert "<strong>1</strong> payment to look at" in page
    assert "Open (1 overdue, 1 in time)" in (await client.get("/console/discrepancies")).text
    large = found(world, 2, -900_00)
    form = {"csrf_token": token, "action": "write_off", "note": "as agreed", "version": "1"}
    done = await client.post(f"/console/discrepancies/{large}/resolve", data={**form, "key": "k1"})
    assert done.status_code == 303
    assert "to approve" not in (await client.get(START)).text

    await into_console(client, world, "zoya")
    page = (await client.get(START)).text
    assert "<strong>1</strong> resolution to approve" in page
    assert "/console/discrepancies?view=proposed" in page
    await into_console(client, world, "ada", Role.ADMIN)
    page = (await client.get(START)).text
    assert "to approve" not in page
    assert "overdue discrepancy" in page
    await into_console(client, world, "sunita", Role.SUPPORT)
    page = (await client.get(START)).text
    assert "payment to look at" in page
    assert "discrepanc" not in page
