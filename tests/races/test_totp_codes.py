"""Codes shown at the same moment: each opens one act, few are looked at, and keys change under them all."""

import asyncio
from dataclasses import replace
from typing import Final

import pytest

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from adapters.postgres.staff.encrypted_secrets import PostgresEncryptedSecrets
from adapters.system.identifiers import new_refund_id
from adapters.totp.second_factor import code_of, step_at
from application.refunds.authorise_refund import AuthoriseRefund
from application.refunds.decide_refund import ApproveRefund, RejectRefund
from application.refunds.request_refund import RefundStanding, RequestRefund, RequestRefundCommand
from application.refunds.send_refund import SendRefund
from application.staff.rotate_secrets import RotateSecrets
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.refund import RequestKey
from domain.staff.second_factor import TotpLocked, TotpUsed, TotpWrong
from domain.staff.staff_member import StaffId
from fakes.samples import BY_STAFF
from ports.cipher import CipherKeys, EncryptedText
from ports.staff.staff_register import seed_location
from races.conftest import CROWD
from races.meeting import MeetingPlace, MeetingUnitOfWork
from races.racing import all_at_once
from races.staff_requests import BOTH, LIMIT, STEP, Desk, shown
from worlds.postgres import PostgresWorld, student, wanted

ONE_RUPEE_EACH: Final = Money(1_00)


@pytest.fixture
def desk(crowded: Database) -> Desk:
    return Desk.open(crowded)


async def test_one_code_opens_one_of_two_acts_that_meet(desk: Desk) -> None:
    """
    Both units have read the code as unused and write at the same moment: the database takes one.
    """
    seed = await desk.hire()
    place = MeetingPlace(2)
    meeting = replace(
        desk, unit_of_work=MeetingUnitOfWork(desk.database, place, only="INSERT INTO audit_log")
    )

    got, told = await all_at_once(meeting.acts(desk.code(seed)) for _ in range(2))

    assert place.met
    assert (got, [type(each) for each in told]) == (["done"], [TotpUsed])
    assert await desk.done() == 1
    assert (await desk.row())[1] == step_at(desk.clock.now())


@pytest.mark.parametrize("again", range(5))
async def test_one_code_opens_one_act_of_a_few(desk: Desk, again: int) -> None:
    """
    As many as the limit lets be looked at, all with the right code.
    """
    seed = await desk.hire()

    got, told = await all_at_once(desk.acts(desk.code(seed)) for _ in range(LIMIT.attempts))

    assert got == ["done"]
    assert {type(each) for each in told} <= {TotpUsed, TotpLocked, ChangedMeanwhile}
    assert await desk.done() == 1
    desk.clock.forward(STEP + LIMIT.lock)
    assert await desk.acts(desk.code(seed)) == "done"


async def test_a_crowd_of_guesses_does_not_pass_the_limit(desk: Desk) -> None:
    """
    However many come at once, only as many as the limit allows are looked at, and then none.
    """
    seed = await desk.hire()
    now = step_at(desk.clock.now())
    guesses = [code_of(seed, now + 1000 + number) for number in range(3 * CROWD)]
    looked = list[str]()

    got, told = await all_at_once(desk.acts(each, looked=looked) for each in guesses)

    assert got == []
    assert {type(each) for each in told} <= {TotpWrong, TotpLocked, ChangedMeanwhile}
    assert len(set(looked)) <= LIMIT.attempts
    assert (await desk.row())[2] == len(set(looked)) >= 1
    while (await desk.row())[2] < LIMIT.attempts:
        with pytest.raises(TotpWrong):
            await desk.acts(guesses[0])
    with pytest.raises(TotpLocked):
        await desk.acts(desk.code(seed))
    assert await desk.done() == 0


async def test_keys_change_while_codes_are_shown(desk: Desk) -> None:
    """
    Acts go on by either key, apps are set up meanwhile, and in the end nothing lies under the old one.
    """
    names = [f"member-{number:02}" for number in range(CROWD)]
    seeds = {name: await desk.hire(name) for name in names}
    both = replace(desk, cipher=AesGcmCipher.under(BOTH))
    secrets = PostgresEncryptedSecrets(desk.database)
    rotate = RotateSecrets(secrets, both.cipher, desk.unit_of_work, desk.clock, 3)
    newcomers = [f"newcomer-{number}" for number in range(3)]

    async def work(name: str) -> str:
        return await both.acts(both.code(seeds[name]), name)

    async with asyncio.TaskGroup() as group:
        acts = [group.create_task(work(name)) for name in names]
        rotation = group.create_task(rotate(BY_STAFF))
        hired = {name: group.create_task(both.hire(name)) for name in newcomers}

    assert [act.result() for act in acts] == ["done"] * CROWD
    assert rotation.result().undecryptable == ()
    assert dict(await secrets.by_key()) == {"new": CROWD + len(newcomers)}
    only_new = AesGcmCipher.under(CipherKeys("new", {"new": BOTH.by_id["new"]}))
    for name, seed in {**seeds, **{each: task.result() for each, task in hired.items()}}.items():
        encrypted, _, _ = await desk.row(name)
        assert only_new.decrypt(EncryptedText(encrypted), seed_location(StaffId(name))) == seed


async def paid(world: PostgresWorld, name: str) -> PaymentId:
    payment = await world.initiate(wanted(student(name)))
    world.gateway.pay(payment.id)
    await world.receive_webhook(*world.gateway.event(payment.id))
    assert await world.process_inbox() == 1
    return payment.id


def counter(desk: Desk, world: PostgresWorld) -> AuthoriseRefund:
    """Return where Mira asks for refunds of what *world* sold."""
    unit, clock = desk.unit_of_work, desk.clock
    send = SendRefund(unit, world.gateway, world.read_order, world.apply, clock)
    return AuthoriseRefund(
        unit_of_work=unit,
        verify_totp=desk.confirm,
        request_refund=RequestRefund(
            unit_of_work=unit,
            send=send,
            clock=clock,
            new_id=new_refund_id,
            approval_threshold=Money(10_000_00),
        ),
        approve_refund=ApproveRefund(unit_of_work=unit, send=send, clock=clock),
        reject_refund=RejectRefund(unit_of_work=unit, clock=clock),
    )


def one_rupee(payment: PaymentId, key: str | None = None) -> RequestRefundCommand:
    return RequestRefundCommand(
        payment=payment,
        amount=ONE_RUPEE_EACH,
        reason="course cancelled",
        origin=BY_STAFF,
        key=RequestKey(key=key, body_sha256="a" * 64) if key else None,
    )


def asked_at_the_bank(world: PostgresWorld, *payments: PaymentId) -> int:
    return sum(len(world.gateway.orders[each].refunds.told) for each in payments)


@pytest.mark.parametrize("again", range(3))
async def test_one_code_gives_money_back_once(desk: Desk, again: int) -> None:
    """
    Two refunds of two payments show the same code at the same moment: one of them goes its way.
    """
    world = PostgresWorld.open(desk.database, FakeGateway(), desk.clock)
    await world.stock()
    seed = await desk.hire()
    payments = [await paid(world, name) for name in ("Asha", "Ravi")]
    place = MeetingPlace(2)
    meeting = replace(
        desk, unit_of_work=MeetingUnitOfWork(desk.database, place, only="INSERT INTO refund ")
    )
    refunds = counter(meeting, world)

    got, told = await all_at_once(
        refunds.request(one_rupee(each), shown(desk.code(seed), subject=each)) for each in payments
    )

    assert place.met
    assert [type(each) for each in told] == [TotpUsed]
    assert len(got) == 1
    assert asked_at_the_bank(world, *payments) == 1
    assert await world.value("SELECT count(*) FROM refund") == 1


async def test_a_request_sent_twice_at_once_gives_money_back_once(desk: Desk) -> None:
    """
    The same key, the same code, the same moment: both are answered with the one refund.
    """
    world = PostgresWorld.open(desk.database, FakeGateway(), desk.clock)
    await world.stock()
    seed = await desk.hire()
    payment = await paid(world, "Asha")
    place = MeetingPlace(2)
    meeting = replace(
        desk, unit_of_work=MeetingUnitOfWork(desk.database, place, only="INSERT INTO refund ")
    )
    refunds = counter(meeting, world)

    async def ask() -> RefundStanding:
        return await refunds.request(one_rupee(payment, "k-1"), shown(desk.code(seed)))

    got, told = await all_at_once(ask() for _ in range(2))

    assert place.met
    assert told == []
    assert len({each.refund.id for each in got}) == 1
    assert asked_at_the_bank(world, payment) == 1
    _, last_step, attempts = await desk.row()
    # Whoever found the code used by the other one had looked at it.
    assert (last_step, attempts <= 1) == (step_at(desk.clock.now()), True)
