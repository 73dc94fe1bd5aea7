"""How much is too much: counted by student or address, told with Retry-After, and open when Redis is not."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Final

import jwt
import pytest

from domain.identifiers import PaymentId
from domain.staff.access import Role
from entrypoints.http.security.client_address import client_address, network_of
from entrypoints.http.security.rate_limits import Budget, limits_of
from fakes.samples import BY_STAFF
from worlds.http import CHECKOUT, HttpWorld, begun_payment, problem
from worlds.http_refunds import refunded
from worlds.settings import settings_with

QUOTE: Final = "/api/payment/quote"
HISTORY: Final = "/api/payment/history"
WEBHOOK: Final = "/api/payment/webhook"
REFUND: Final = "/api/admin/payment/refund"
PROXIES: Final = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


async def test_a_students_budget() -> None:
    """
    Beyond it 429 tells when to come again; another student is not concerned.
    """
    world = HttpWorld(settings_with(limit_quote="2/hour"))
    async with world.serve() as client:
        for _ in range(2):
            answer = await client.post(QUOTE, json=CHECKOUT, headers=world.bearer())
            assert answer.status_code == 200
        answer = await client.post(QUOTE, json=CHECKOUT, headers=world.bearer())
        problem(answer, 429, "too-many-requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 3600
        other = await client.post(QUOTE, json=CHECKOUT, headers=world.bearer("ravi"))

    assert other.status_code == 200


async def test_initiating_has_a_budget_of_its_own() -> None:
    """
    Asking for prices does not use up the right to pay.
    """
    world = HttpWorld(settings_with(limit_initiate="1/hour"))
    async with world.serve() as client:
        await client.post(QUOTE, json=CHECKOUT, headers=world.bearer())
        first = await client.post("/api/payment/initiate", json=CHECKOUT, headers=world.bearer())
        second = await client.post("/api/payment/initiate", json=CHECKOUT, headers=world.bearer())

    assert first.status_code == 201
    problem(second, 429, "too-many-requests")


async def test_whoever_is_signed_in_is_told_what_is_left(at: list[float]) -> None:
    """
    The limit, what is left of it, and when the oldest request is forgotten, by draft 11 of the field's standard.
    """
    world = HttpWorld(settings_with(limit_quote="2/minute"))
    told = []
    async with world.serve() as client:
        for second in (0.0, 10.0, 20.0):
            at[0] = 1_000_000.0 + second
            answer = await client.post(QUOTE, json=CHECKOUT, headers=world.bearer())
            told.append((answer.headers["ratelimit-policy"], answer.headers["ratelimit"]))
        refused = await client.post(QUOTE, json=CHECKOUT, headers=world.bearer())

    assert {policy for policy, _ in told} == {'"quote";q=2;w=60'}
    assert [left for _, left in told] == [
        *('"quote";r=1;t=60', '"quote";r=0;t=50'),
        '"quote";r=0;t=40',
    ]
    problem(refused, 429, "too-many-requests")
    assert refused.headers["retry-after"] == "40"


async def test_a_stranger_is_told_nothing_of_limits() -> None:
    """
    What is left for an address is the business of everybody behind it.
    """
    world = HttpWorld(settings_with())
    async with world.serve() as client:
        answer = await client.post(QUOTE, json=CHECKOUT)

    assert answer.status_code == 401
    assert {"ratelimit", "ratelimit-policy"}.isdisjoint(answer.headers)


async def test_each_payment_has_its_own_retries() -> None:
    """
    Beyond them the bank is not asked again; the retries of another payment are as many as before.
    """
    world = HttpWorld(settings_with(limit_retry="1/hour"))
    async with world.serve() as client:
        answers = [
            await client.post(f"/api/payment/retry/{payment}", headers=world.bearer())
            for payment in ("SKNOBODYS1", "SKNOBODYS1", "SKNOBODYS2")
        ]

    assert [each.status_code for each in answers] == [404, 429, 404]
    problem(answers[1], 429, "too-many-requests")
    assert answers[0].headers["ratelimit-policy"] == '"initiate";q=1000;w=60, "retry";q=1;w=3600'


async def test_the_page_counts_retries_as_the_api_does() -> None:
    """
    Whoever used them up by one way has none left by the other.
    """
    world = HttpWorld(settings_with(limit_retry="1/hour"))
    async with world.serve() as client:
        first = await client.post("/api/payment/retry/SKNOBODYS1", headers=world.bearer())
        second = await client.post("/result/SKNOBODYS1/retry", headers=world.bearer())

    assert (first.status_code, second.status_code) == (404, 429)


async def test_nobody_is_counted_by_address() -> None:
    """
    Without a token it is the address that counts, and a made-up X-Forwarded-For does not help.
    """
    world = HttpWorld(settings_with(limit_quote="1/hour"))
    async with world.serve() as client:
        answers = [
            await client.post(
                QUOTE, json=CHECKOUT, headers={"X-Forwarded-For": f"203.0.113.{number}"}
            )
            for number in range(3)
        ]

    assert [answer.status_code for answer in answers] == [401, 429, 429]


async def test_behind_our_proxy_each_client_counts_alone() -> None:
    """
    A trusted proxy's word is taken.
    """
    world = HttpWorld(
        settings_with(limit_quote="1/hour", trusted_proxies="10.0.0.0/8"), peer="10.0.0.1"
    )
    async with world.serve() as client:
        answers = [
            await client.post(
                QUOTE, json=CHECKOUT, headers={"X-Forwarded-For": f"203.0.113.{number}"}
            )
            for number in range(3)
        ]

    assert {answer.status_code for answer in answers} == {401}


async def test_without_redis_nobody_is_turned_away() -> None:
    """
    A Redis that does not answer makes limits coarser, not the service unavailable.
    """
    world = HttpWorld(settings_with(limit_quote="2/hour", redis_url="redis://127.0.0.1:1/0"))
    async with world.serve() as client:
        answers = [
            await client.post(QUOTE, json=CHECKOUT, headers=world.bearer()) for _ in range(3)
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize("redis", [None, "redis://127.0.0.1:1/0"])
async def test_without_redis_refunds_are_counted_by_what_was_written(redis: str | None) -> None:
    """
    Whichever process an officer asked: their refund of this hour counts, another officer has their own.
    """
    settings = settings_with(limit_refund="1/hour", **({"redis_url": redis} if redis else {}))
    world = HttpWorld(settings)
    async with world.serve() as client:
        payment = await refunded(world, client, 10_00)
    async with world.serve() as client:
        whose = BY_STAFF.actor.removeprefix("staff:")
        wanted = {"transaction_id": payment, "amount": "1.00", "reason": "cancelled"}
        own = await client.post(REFUND, json=wanted, headers=world.bearer(whose, "finance"))
        others = await client.post(REFUND, json=wanted, headers=world.bearer("zoya", "finance"))
    world.clock.move(timedelta(hours=1))
    async with world.serve() as client:
        later = await client.post(REFUND, json=wanted, headers=world.bearer(whose, "finance"))

    problem(own, 429, "too-many-requests")
    assert int(own.headers["retry-after"]) == 3600
    assert others.status_code != 429
    assert later.status_code != 429


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time by which the library counts, which has no clock that could be given to it."""
    now = [1_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    return now


@pytest.mark.parametrize("seconds", [60, 3600])
async def test_a_burst_over_the_edge_of_a_window_passes_once(at: list[float], seconds: int) -> None:
    """
    Of a limit of five, five pass in any window, wherever it begins.
    """
    limits = limits_of(settings_with(limit_initiate=f"5/{'minute' if seconds == 60 else 'hour'}"))
    passed: list[float] = []
    # One opens the window, four come at its end, and ten as soon as it is over.
    for moment, tries in ((0.0, 1), (seconds - 1.0, 4), (seconds + 0.5, 10), (seconds + 1.0, 10)):
        at[0] = 1_000_000.0 + moment
        waits = [await limits.wait_seconds(Budget.INITIATE, "student:asha") for _ in range(tries)]
        passed += [at[0]] * waits.count(0)

    for first in passed:
        assert sum(first <= each < first + seconds for each in passed) <= 5
    assert len(passed) == 6


async def test_reads_are_counted_over_the_edge_as_well(at: list[float]) -> None:
    """
    Their large budget is weighed, not remembered one by one: twice as much never passes at an edge.
    """
    limits = limits_of(settings_with())
    at[0] = 60.0 * 20_000 + 59.0
    before = [not await limits.wait_seconds(Budget.READ, "x") for _ in range(1200)]
    at[0] += 2.0
    after = [not await limits.wait_seconds(Budget.READ, "x") for _ in range(1200)]

    assert all(before)
    assert sum(after) < 60


async def test_whoever_is_refused_is_told_when_to_come_again(at: list[float]) -> None:
    """
    When the oldest of the five is a minute old, and not when the next minute begins.
    """
    limits = limits_of(settings_with(limit_initiate="5/minute"))
    for second in range(5):
        at[0] = 1_000_000.0 + second
        assert not await limits.wait_seconds(Budget.INITIATE, "x")
    at[0] = 1_000_010.0

    assert await limits.wait_left(Budget.INITIATE, "x") == 50
    assert await limits.wait_seconds(Budget.INITIATE, "x") == 50
    at[0] = 1_000_060.5
    assert await limits.wait_left(Budget.INITIATE, "x") == 0
    assert await limits.wait_seconds(Budget.INITIATE, "x") == 0


async def test_bad_tokens_are_counted_by_address() -> None:
    """
    After so many they are answered with 429; a good token passes all the same, and so do other addresses.
    """
    world = HttpWorld(settings_with(limit_failed_authentication="5/hour"))
    async with world.serve() as client:
        bad = [
            await client.get(HISTORY, headers={"Authorization": f"Bearer a.b.{number}"})
            for number in range(7)
        ]
        good = await client.get(HISTORY, headers=world.bearer())
        exchanged = await client.post("/session/exchange", json={"token": "a.b.c"})
        world.peer = "198.51.100.9"
        elsewhere = await client.get(HISTORY, headers={"Authorization": "Bearer a.b.c"})

    assert [answer.status_code for answer in bad] == [401] * 5 + [429] * 2
    assert 1 <= int(bad[-1].headers["retry-after"]) <= 3600
    assert (good.status_code, exchanged.status_code, elsewhere.status_code) == (200, 429, 401)


async def test_refused_tokens_are_counted_by_person() -> None:
    """
    Signed for the same person and expired, from wherever it comes; a made-up name counts for nobody.
    """
    world = HttpWorld(settings_with(limit_failed_authentication="3/hour"))
    old = world.clock.now() - timedelta(hours=1)
    async with world.serve() as client:
        answers = []
        for number in range(5):
            world.peer = f"198.51.100.{number}"
            headers = world.bearer(iat=old, exp=old + timedelta(minutes=5))
            answers.append((await client.get(HISTORY, headers=headers)).status_code)
            forged = jwt.encode(world.claims("ravi"), "x" * 40, algorithm="HS256")
            await client.get(HISTORY, headers={"Authorization": f"Bearer {forged}"})
        world.peer = "198.51.100.77"
        ravi = world.bearer("ravi", iat=old, exp=old + timedelta(minutes=5))
        other = await client.get(HISTORY, headers=ravi)

    assert answers == [401, 401, 401, 429, 429]
    assert other.status_code == 401


async def test_guessed_webhook_passwords_are_not_checked_for_ever() -> None:
    """
    After so many wrong ones from an address even the right one is refused there, and the bank is not.
    """
    world = HttpWorld(settings_with(limit_failed_authentication="5/hour"))
    async with world.serve() as client:
        payment = PaymentId(await begun_payment(client, world.bearer()))
        guesses = [
            (await client.post(WEBHOOK, headers={"Authorization": f"Basic {number}"})).status_code
            for number in range(7)
        ]
        headers, body = world.gateway.event(payment)
        guessed = await client.post(WEBHOOK, headers=headers, content=body)
        world.peer = "203.0.113.1"
        bank = await client.post(WEBHOOK, headers=headers, content=body)

    assert guesses == [401] * 5 + [429] * 2
    assert (guessed.status_code, bank.status_code) == (429, 200)


async def test_the_banks_address_is_not_refused_for_others() -> None:
    """
    Behind a proxy that nobody named, the bank shares its address with whoever guesses.
    """
    world = HttpWorld(settings_with(limit_failed_authentication="5/hour"))
    async with world.serve() as client:
        payment = PaymentId(await begun_payment(client, world.bearer()))
        headers, body = world.gateway.event(payment)
        assert (await client.post(WEBHOOK, headers=headers, content=body)).status_code == 200
        for number in range(7):
            await client.post(WEBHOOK, headers={"Authorization": f"Basic {number}"})
        headers, body = world.gateway.event(payment)
        answer = await client.post(WEBHOOK, headers=headers, content=body)

    assert answer.status_code == 200


async def test_guessed_codes_are_counted_by_address() -> None:
    """
    Each member's own lock holds five guesses; an address with many members' tokens is stopped as well.
    """
    world = HttpWorld(settings_with(limit_failed_authentication="3/hour", totp_attempts="10"))
    asked = {
        "transaction_id": "SK" + "A" * 18,
        "amount": "1.00",
        "reason": "because",
        "otp": "000000",
    }
    async with world.serve() as client:
        payment = await begun_payment(client, world.bearer())
        asked["transaction_id"] = payment
        world.pay(payment)
        await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
        answers = []
        for number in range(5):
            who = f"mira{number}"
            world.add_member(who, Role.FINANCE)
            headers = world.bearer(who, "finance") | {"Idempotency-Key": f"key-{number}"}
            answers.append((await client.post(REFUND, json=asked, headers=headers)).status_code)

    assert answers == [403, 403, 403, 429, 429]


async def test_without_redis_failures_are_counted_as_well() -> None:
    """
    By each process alone.
    """
    world = HttpWorld(
        settings_with(limit_failed_authentication="2/hour", redis_url="redis://127.0.0.1:1/0")
    )
    async with world.serve() as client:
        answers = [
            (await client.get(HISTORY, headers={"Authorization": "Bearer a.b.c"})).status_code
            for _ in range(3)
        ]

    assert answers == [401, 401, 429]


async def test_the_bank_is_never_limited() -> None:
    """
    Webhooks, callbacks and health questions are answered however many there are.
    """
    world = HttpWorld(settings_with(limit_quote="1/hour"))
    async with world.serve() as client:
        for path in ("/api/payment/callback", "/health/live"):
            answers = {(await client.get(path)).status_code for _ in range(40)}
            assert 429 not in answers


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ['"[2001:db8::1]:4711"'], "2001:db8::1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.2"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], ""),
        ("testclient", [], ""),
    ],
)
def test_the_rightmost_stranger_is_the_client(
    peer: str | None, forwarded: list[str], expected: str
) -> None:
    """
    Only what our own proxies vouch for is believed, from the right.
    """
    assert client_address(peer, forwarded, PROXIES) == expected


def test_a_household_counts_as_one() -> None:
    """
    An IPv6 household has endless addresses; they are counted together.
    """
    assert network_of("2001:db8:1:2::9") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:3::9") != network_of("2001:db8:1:2::9")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("") == "unknown"
