"""A student, or the platform's back end for them, ends an open payment by program."""

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from fakes.samples import payment_id
from ports.payments.payment_gateway import GatewayOperation
from worlds.http import Client, HttpWorld, begun_payment, problem
from worlds.server_keys import add_key, by_key


def path(transaction_id: str) -> str:
    return f"/api/payment/cancel/{transaction_id}"


async def test_an_open_payment_ends_and_another_begins(client: Client, world: HttpWorld) -> None:
    """
    With its reason; to end it twice is answered alike, and the course can be paid for at once.
    """
    first = await begun_payment(client, world.bearer())

    ended = await client.post(path(first), headers=world.bearer())
    again = await client.post(path(first), headers=world.bearer())
    second = await begun_payment(client, world.bearer())

    told = ended.json()
    assert ended.status_code == again.status_code == 200
    assert (told["transaction_id"], told["status"]) == (first, "failed")
    assert (told["failure_reason"], told["enrolled"]) == ("cancelled_by_student", False)
    assert again.json() == told
    assert second != first
    assert world.memory.store.payments[PaymentId(second)].state is State.PENDING


async def test_a_back_end_ends_it_for_its_student(client: Client, world: HttpWorld) -> None:
    """
    For the student whom it names, and for no other.
    """
    add_key(world)
    payment = await begun_payment(client, world.bearer())

    problem(await client.post(path(payment), headers=by_key("ravi")), 404, "not-found")
    problem(await client.post(path(payment), headers=by_key()), 400, "student-invalid")
    ended = await client.post(path(payment), headers=by_key("asha"))

    assert ended.status_code == 200, ended.text
    assert ended.json()["failure_reason"] == "cancelled_by_student"


@pytest.mark.parametrize("named", [payment_id(99), "SK-nonsense"])
async def test_a_strangers_is_not_found(client: Client, world: HttpWorld, named: str) -> None:
    """
    As if there were none, and it stays open.
    """
    theirs = await begun_payment(client, world.bearer("ravi"))

    for each in (named, theirs):
        problem(await client.post(path(each), headers=world.bearer()), 404, "not-found")

    assert world.memory.store.payments[PaymentId(theirs)].state is State.PENDING


@pytest.mark.parametrize(
    ("outcome", "stands"),
    [(Outcome.SUCCESS, State.SUCCESS), (Outcome.PENDING, State.PROCESSING)],
)
async def test_what_the_bank_takes_is_not_ended(
    client: Client, world: HttpWorld, outcome: Outcome, stands: State
) -> None:
    """
    Nor is it the second time, when the bank need not be asked any more.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment, outcome)

    for _ in range(2):
        answer = await client.post(path(payment), headers=world.bearer())
        problem(answer, 409, "not-cancellable")

    assert world.memory.store.payments[PaymentId(payment)].state is stands


async def test_without_the_banks_answer_nothing_ends(client: Client, world: HttpWorld) -> None:
    """
    The money may be on its way; the answer says when to come back.
    """
    payment = PaymentId(await begun_payment(client, world.bearer()))
    before = world.memory.store.payments[payment]
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=2)

    answer = await client.post(path(payment), headers=world.bearer())

    problem(answer, 503, "gateway-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert world.memory.store.payments[payment] == before
