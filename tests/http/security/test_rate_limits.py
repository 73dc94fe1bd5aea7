"""How much is too much: counted by student or address, told with Retry-After, and open when Redis is not."""

from ipaddress import ip_network
from typing import Final

import pytest

from entrypoints.http.security.client_address import client_address, network_of
from worlds.http import CHECKOUT, HttpWorld, problem
from worlds.settings import settings_with

QUOTE: Final = "/api/payment/quote"
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
