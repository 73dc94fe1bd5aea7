"""TOTP codes shown at the same moment: each authorises one act, few are verified, and keys change meanwhile."""

import asyncio
from dataclasses import replace
from itertools import count
from typing import Final

import pytest

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from adapters.postgres.staff.encrypted_secrets import PostgresEncryptedSecrets
from adapters.totp.second_factor import code_of, step_at
from application.refunds.request_refund import RefundStanding, RequestRefundCommand
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
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from races.staff_requests import (
    BOTH,
    LIMIT,
    STEP,
    UNDER_BOTH,
    UNDER_OLD,
    act,
    acts_done,
    add_member,
    attempt,
    code_now,
    row_of,
)
from worlds.postgres import HandClock, PostgresWorld, student, wanted

KEYS: Final = count(1)
ONE_RUPEE_EACH: Final = Money(1_00)


@pytest.fixture
def world(crowded: Database) -> PostgresWorld:
    return PostgresWorld.open(crowded, FakeGateway(), HandClock(), settings=UNDER_OLD)


async def test_one_code_authorises_one_of_two_acts_that_meet(world: PostgresWorld) -> None:
    """
    Both units have read the code as unused and write at the same moment: the database takes one.
    """
    seed = await add_member(world)
    place = MeetingPlace(2)
    met = meeting(world, place, only="INSERT INTO audit_log")

    got, told = await all_at_once(act(met, code_now(world, seed)) for _ in range(2))

    assert place.met
    assert (got, [type(each) for each in told]) == (["done"], [TotpUsed])
    assert await acts_done(world) == 1
    assert (await row_of(world))[1] == step_at(world.clock.now())


@pytest.mark.parametrize("again", range(5))
async def test_one_code_authorises_one_act_of_a_few(world: PostgresWorld, again: int) -> None:
    """
    As many as the limit lets be looked at, all with the right code.
    """
    seed = await add_member(world)

    got, told = await all_at_once(act(world, code_now(world, seed)) for _ in range(LIMIT.attempts))

    assert got == ["done"]
    assert {type(each) for each in told} <= {TotpUsed, TotpLocked, ChangedMeanwhile}
    assert await acts_done(world) == 1
    world.clock.forward(STEP + LIMIT.lock)
    assert await act(world, code_now(world, seed)) == "done"


async def test_a_crowd_of_guesses_does_not_pass_the_limit(world: PostgresWorld) -> None:
    """
    However many come at once, only as many as the limit allows are looked at, and then none.
    """
    seed = await add_member(world)
    now = step_at(world.clock.now())
    guesses = [code_of(seed, now + 1000 + number) for number in range(3 * CROWD)]
    verified = list[str]()

    got, told = await all_at_once(act(world, each, verified=verified) for each in guesses)

    assert got == []
    assert {type(each) for each in told} <= {TotpWrong, TotpLocked, ChangedMeanwhile}
    assert len(set(verified)) <= LIMIT.attempts
    assert (await row_of(world))[2] == len(set(verified)) >= 1
    while (await row_of(world))[2] < LIMIT.attempts:
        with pytest.raises(TotpWrong):
            await act(world, guesses[0])
    with pytest.raises(TotpLocked):
        await act(world, code_now(world, seed))
    assert await acts_done(world) == 0


async def test_keys_change_while_codes_are_shown(world: PostgresWorld) -> None:
    """
    Acts go on by either key, apps are set up meanwhile, and in the end nothing lies under the old one.
    """
    names = [f"member-{number:02}" for number in range(CROWD)]
    seeds = {name: await add_member(world, name) for name in names}
    both = PostgresWorld.open(world.database, world.gateway, world.clock, settings=UNDER_BOTH)
    secrets = PostgresEncryptedSecrets(world.database)
    rotate = replace(both.use_cases.staff().rotate_secrets(), batch_size=3)
    newcomers = [f"newcomer-{number}" for number in range(3)]

    async def work(name: str) -> str:
        return await act(both, code_now(both, seeds[name]), name)

    async with asyncio.TaskGroup() as group:
        acts = [group.create_task(work(name)) for name in names]
        rotation = group.create_task(rotate(BY_STAFF))
        hired = {name: group.create_task(add_member(both, name)) for name in newcomers}

    assert [act.result() for act in acts] == ["done"] * CROWD
    assert rotation.result().undecryptable == ()
    assert dict(await secrets.by_key()) == {"new": CROWD + len(newcomers)}
    only_new = AesGcmCipher.under(CipherKeys("new", {"new": BOTH.by_id["new"]}))
    for name, seed in {**seeds, **{each: task.result() for each, task in hired.items()}}.items():
        encrypted, _, _ = await row_of(world, name)
        assert only_new.decrypt(EncryptedText(encrypted), seed_location(StaffId(name))) == seed


async def paid(world: PostgresWorld, name: str) -> PaymentId:
    payment = await world.initiate(wanted(student(name)))
    world.gateway.pay(payment.id)
    await world.receive_webhook(*world.gateway.event(payment.id))
    assert await world.process_inbox() == 1
    return payment.id


def one_rupee(payment: PaymentId, key: str = "") -> RequestRefundCommand:
    """Return the request under *key*, by default one of its own."""
    return RequestRefundCommand(
        payment=payment,
        amount=ONE_RUPEE_EACH,
        reason="course cancelled",
        origin=BY_STAFF,
        key=RequestKey(key=key or f"key-{next(KEYS)}", body_sha256="a" * 64),
    )


def asked_at_the_bank(world: PostgresWorld, *payments: PaymentId) -> int:
    return sum(len(world.gateway.orders[each].refunds.told) for each in payments)


@pytest.mark.parametrize("again", range(3))
async def test_one_code_gives_money_back_once(world: PostgresWorld, again: int) -> None:
    """
    Two refunds of two payments show the same code at the same moment: one of them goes its way.
    """
    await world.stock()
    seed = await add_member(world)
    payments = [await paid(world, name) for name in ("Asha", "Ravi")]
    place = MeetingPlace(2)
    met = meeting(world, place, only="INSERT INTO refund ")
    authorise = met.authorise_refund

    got, told = await all_at_once(
        authorise.request(one_rupee(each), attempt(code_now(world, seed), subject=each))
        for each in payments
    )

    assert place.met
    assert [type(each) for each in told] == [TotpUsed]
    assert len(got) == 1
    assert asked_at_the_bank(world, *payments) == 1
    assert await world.value("SELECT count(*) FROM refund") == 1


async def test_a_request_sent_twice_at_once_gives_money_back_once(world: PostgresWorld) -> None:
    """
    The same key, the same code, the same moment: both are answered with the one refund.
    """
    await world.stock()
    seed = await add_member(world)
    payment = await paid(world, "Asha")
    place = MeetingPlace(2)
    met = meeting(world, place, only="INSERT INTO refund ")
    authorise = met.authorise_refund

    async def ask() -> RefundStanding:
        return await authorise.request(one_rupee(payment, "k-1"), attempt(code_now(world, seed)))

    got, told = await all_at_once(ask() for _ in range(2))

    assert place.met
    assert told == []
    assert len({each.refund.id for each in got}) == 1
    assert asked_at_the_bank(world, payment) == 1
    _, last_step, attempts = await row_of(world)
    # Whoever found the code used by the other one had looked at it.
    assert (last_step, attempts <= 1) == (step_at(world.clock.now()), True)
