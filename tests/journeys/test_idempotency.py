"""A client that retries with the same key gets the same answer, and never a second payment."""

import asyncio

import pytest

from worlds.processes.api_clients import ProcessWorld, problem
from worlds.processes.waiting import eventually


async def test_the_same_key_and_body_get_the_same_bytes(world: ProcessWorld) -> None:
    """
    However the body was spaced, the answer is the first one, byte for byte.
    """
    asha, course = world.student(), await world.course()

    first = await asha.initiate(course, key="same-again")
    second = await asha.initiate(course, key="same-again")
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    spaced = await asha.initiate(
        f" {course} ", key="same-again", billing={"name": f" {asha.person.name} "}
    )

    assert [each.status_code for each in (first, second, spaced)] == [201, 201, 201]
    assert first.content == second.content == spaced.content


async def test_another_body_under_the_same_key_is_refused(world: ProcessWorld) -> None:
    """
    A key stands for one request; reused for another it would hide a mistake.
    """
    asha, course, other = world.student(), await world.course(), await world.course()
    await asha.opened(course, key=course)

    problem(await asha.initiate(other, key=course), 422, "idempotency-key-reused")
    problem(
        await asha.initiate(course, key=course, billing={"state_code": "27"}),
        422,
        "idempotency-key-reused",
    )


async def test_a_key_belongs_to_one_student(world: ProcessWorld) -> None:
    """
    Two students may draw the same key without meeting each other's payment.
    """
    course = await world.course()

    first = await world.student().opened(course, key=course)
    second = await world.student().opened(course, key=course)

    assert first["transaction_id"] != second["transaction_id"]


async def test_while_the_first_runs_the_second_waits(world: ProcessWorld) -> None:
    """
    The bank takes its time over the first request: the same key is told to come back later.
    """
    asha, course = world.student(), await world.course()
    await world.bank.fault("session", "timeout_before", hold_seconds=3)
    first = asyncio.create_task(asha.initiate(course, key=course))
    await eventually(lambda: world.records.count("idempotency", "key = $1", course))

    busy = await asha.initiate(course, key=course)

    problem(busy, 409, "idempotency-key-busy")
    assert 1 <= int(busy.headers["Retry-After"]) <= 16
    problem(await first, 503, "gateway-unavailable")


async def test_two_at_once_under_one_key_open_one_payment(world: ProcessWorld) -> None:
    """
    One begins the payment; the other gets the same answer or is told to wait, and then gets it.
    """
    asha, course = world.student(), await world.course()

    answers = await asyncio.gather(*(asha.initiate(course, key=course) for _ in range(2)))

    opened = [each for each in answers if each.status_code == 201]
    assert opened
    for busy in (each for each in answers if each.status_code != 201):
        problem(busy, 409, "idempotency-key-busy")
    assert len({each.content for each in opened}) == 1
    assert (await asha.initiate(course, key=course)).content == opened[0].content
    assert await world.records.count("payment", "course_id = $1", course) == 1


@pytest.mark.parametrize("crowd", [2, 10])
async def test_of_many_initiations_one_is_live(world: ProcessWorld, crowd: int) -> None:
    """
    Two clicks or ten tabs: one live payment, one order at the bank, and the others are led to it.
    """
    asha, course = world.student(), await world.course()

    answers = await asyncio.gather(*(asha.initiate(course) for _ in range(crowd)))

    opened = [each.json() for each in answers if each.status_code == 201]
    assert len(opened) == 1
    for other in (each for each in answers if each.status_code != 201):
        told = problem(other, 409, "live-attempt-exists")
        assert told["transaction_id"] == opened[0]["transaction_id"]
    rows = await world.records.rows("SELECT id, state FROM payment WHERE course_id = $1", course)
    assert rows == [{"id": opened[0]["transaction_id"], "state": "pending"}]
    assert (await world.bank.knows(opened[0]["order_id"]))["session_calls"] == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tin it"])
async def test_a_key_that_is_none_is_refused(world: ProcessWorld, key: str) -> None:
    """
    An empty, an endless or an unprintable key protects nobody, so it is not accepted as one.
    """
    answer = await world.student().initiate(await world.course(), key=key)

    problem(answer, 400, "idempotency-key-invalid")
