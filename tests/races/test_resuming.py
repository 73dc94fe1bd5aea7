"""Two requests ask for one payment's page at once and one is turned away: no page of a failed payment is handed out."""

import asyncio
from dataclasses import dataclass, field

import pytest

from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Fault, failure_for
from adapters.postgres.engine.database import Database
from application.checkout.idempotency import PaymentInProgress
from domain.errors import DomainError
from domain.payments.payment import GatewayOrder, Payment
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayOperation,
    GatewayOutcomeUnknown,
    NewOrder,
)
from races.meeting import MeetingPlace
from races.racing import meeting
from worlds.postgres import CALL_MAX, CODE, HandClock, PostgresWorld, code, wanted

PATIENCE_SECONDS = 20.0
ROW = "SELECT state, payment_url FROM payment WHERE id = $1"


@dataclass
class Asker:
    """One call for a page: it has come to the bank, and may be answered."""

    turned_away: bool
    came: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(kw_only=True)
class PatientGateway(FakeGateway):
    """Takes the calls for a page as they come, and answers each when the test says so."""

    askers: list[Asker] = field(default_factory=list)

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        number = self.calls[GatewayOperation.CREATE_SESSION]
        if number >= len(self.askers):
            return await FakeGateway.create_session(self, order)
        self.calls[GatewayOperation.CREATE_SESSION] += 1
        asker = self.askers[number]
        asker.came.set()
        await asker.answered.wait()
        if asker.turned_away:
            raise failure_for(Fault.BUSY, GatewayOperation.CREATE_SESSION)
        self.calls[GatewayOperation.CREATE_SESSION] -= 1
        return await FakeGateway.create_session(self, order)


@pytest.fixture
def bank() -> PatientGateway:
    return PatientGateway()


@pytest.fixture
def world(crowded: Database, bank: PatientGateway) -> PostgresWorld:
    return PostgresWorld.open(crowded, bank, HandClock())


KEYED = wanted(code=CODE, key="the same")
KEYLESS = wanted(code=CODE)
Asked = asyncio.Task[Payment]


async def comes(asker: Asker, asked: Asked) -> None:
    """Return when the call is at the bank; a request that ended before is a failure of the test."""
    came = asyncio.create_task(asker.came.wait())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.wait({came, asked}, return_when=asyncio.FIRST_COMPLETED)
    if not came.done():
        came.cancel()
        asked.result()


async def both_answered(
    first: tuple[Asker, Asked], second: tuple[Asker, Asked], *, at_once: bool
) -> None:
    for asker, asked in (first, second):
        asker.answered.set()
        if not at_once:
            await asyncio.wait({asked})
    await asyncio.wait({first[1], second[1]})


def told(asked: Asked) -> DomainError | None:
    error = asked.exception()
    assert error is None or isinstance(error, DomainError)
    return error


def page_of(asked: Asked) -> str | None:
    """Return the page that was handed out, whether as the answer or as the live attempt's."""
    error = told(asked)
    if isinstance(error, PaymentInProgress):
        return error.payment_url
    if error is not None:
        return None
    order = asked.result().gateway_order
    return order.payment_url if order else None


async def the_only_payment(world: PostgresWorld) -> str:
    return str(await world.value("SELECT id FROM payment"))


@pytest.mark.parametrize("turned_away", ["opener", "resumer", "nobody"])
@pytest.mark.parametrize("order", ["opener first", "resumer first", "at once"])
async def test_opener_and_resumer_end_with_one_page_or_none(
    world: PostgresWorld, bank: PatientGateway, turned_away: str, order: str
) -> None:
    """
    The opener was thought dead; both are at the bank. Whoever is shown a page can pay on it.
    """
    await world.stock(code(limit=1))
    # Both write then, the one its page and the other its page or its end.
    meet = order == "at once" and turned_away != "resumer"
    place = MeetingPlace(2 if meet else 1)
    one, other = (meeting(world, place, only="UPDATE payment") for _ in range(2))
    opener, resumer = (Asker(turned_away == who) for who in ("opener", "resumer"))
    bank.askers = [opener, resumer]
    opening = asyncio.create_task(one.initiate(KEYED))
    await comes(opener, opening)
    world.clock.forward(CALL_MAX)
    resuming = asyncio.create_task(other.initiate(KEYED))
    await comes(resumer, resuming)

    pair = [(opener, opening), (resumer, resuming)]
    await both_answered(
        *(pair if order != "resumer first" else pair[::-1]), at_once=order == "at once"
    )

    assert place.met
    payment = await the_only_payment(world)
    ((state, url),) = await world.rows(ROW, payment)
    shown = {page for page in map(page_of, (opening, resuming)) if page}
    assert (state, shown) in (("pending", {url}), ("failed", set()))
    assert (url is None) is (state == "failed")
    if state == "failed":
        assert [type(told(opening)), type(told(resuming))] == [GatewayBusy, GatewayOutcomeUnknown]
    if turned_away != "opener":
        assert (state, page_of(opening)) == ("pending", url)
    await assert_the_key_leads_to_a_page(world)


@pytest.mark.parametrize("turned_away", ["with the key", "without"])
@pytest.mark.parametrize("order", ["with the key first", "without first", "at once"])
async def test_a_resumer_turned_away_spares_the_other_resumers_page(
    world: PostgresWorld, bank: PatientGateway, turned_away: str, order: str
) -> None:
    """
    The opener died. One of two who go on for it is turned away; the other's page is good.
    """
    await world.stock(code(limit=1))
    dead = Asker(turned_away=False)
    with_key, without = (Asker(turned_away == who) for who in ("with the key", "without"))
    bank.askers = [dead, with_key, without]
    opening = asyncio.create_task(world.initiate(KEYED))
    await comes(dead, opening)
    opening.cancel()
    await asyncio.wait({opening})
    world.clock.forward(CALL_MAX)
    keyed = asyncio.create_task(world.initiate(KEYED))
    await comes(with_key, keyed)
    keyless = asyncio.create_task(world.initiate(KEYLESS))
    await comes(without, keyless)

    pair = [(with_key, keyed), (without, keyless)]
    await both_answered(
        *(pair if order != "without first" else pair[::-1]), at_once=order == "at once"
    )

    payment = await the_only_payment(world)
    ((state, url),) = await world.rows(ROW, payment)
    assert state == "pending"
    lucky, unlucky = (keyless, keyed) if turned_away == "with the key" else (keyed, keyless)
    assert (url, None) == (page_of(lucky), page_of(unlucky))
    assert isinstance(told(unlucky), GatewayBusy)
    assert url is not None
    await assert_the_key_leads_to_a_page(world)


async def test_two_who_ask_again_after_no_answer_get_the_one_order(
    world: PostgresWorld, bank: PatientGateway
) -> None:
    """
    The first request ended without an answer. Two more come at once, one with another key: one order, one page.
    """
    await world.stock(code(limit=1))
    bank.fail_next(GatewayOperation.CREATE_SESSION, Fault.LOST_REQUEST)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.initiate(KEYED)
    place = MeetingPlace(2)
    one, other = (meeting(world, place, only="UPDATE payment") for _ in range(2))

    came = await asyncio.gather(
        one.initiate(wanted(code=CODE, key="another")), other.initiate(KEYLESS)
    )

    assert place.met
    payment = await the_only_payment(world)
    assert {each.id for each in came} == set(bank.orders) == {payment}
    assert came[0].gateway_order == came[1].gateway_order
    await assert_the_key_leads_to_a_page(world)


async def assert_the_key_leads_to_a_page(world: PostgresWorld) -> None:
    """Asking again with the key ends on a page of a live payment, and the one slot is its own."""
    again = await world.initiate(KEYED)
    assert again.gateway_order is not None
    assert await world.rows(ROW, again.id) == [("pending", again.gateway_order.payment_url)]
    live = "SELECT count(*) FROM payment WHERE state = 'pending'"
    assert [await world.value(live), await world.value("SELECT used FROM discount")] == [1, 1]
