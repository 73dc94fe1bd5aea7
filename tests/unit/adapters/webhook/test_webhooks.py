"""Webhooks are signed by the published scheme, and reach public addresses alone."""

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import httpcore
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from adapters.webhook.public_addresses import CheckedBackend, NotPublic, is_public
from adapters.webhook.signature import key_of, signed_headers

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BODY = (
    b'{"type":"payment.paid","timestamp":"2026-11-29T06:30:00Z",'
    b'"data":{"transaction_id":"SKABCDEFGHIJKLMNOPQR"}}'
)
AT = datetime.fromisoformat("2026-11-29T06:30:00Z")
SIGNED = "v1,p1iXwZQgLLQ5W3svJWBZXof01uo7/I5qJKIcmObOv9o="
IST = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize("at", [AT, AT.astimezone(IST)])
def test_the_signature_is_that_of_the_specification(at: datetime) -> None:
    """
    A vector that was computed apart; the zone of the clock makes no difference.
    """
    assert signed_headers("msg_01", BODY, [SECRET], at) == {
        "webhook-id": "msg_01",
        "webhook-timestamp": "1795933800",
        "webhook-signature": SIGNED,
    }


def test_during_a_rotation_both_secrets_sign() -> None:
    """
    A receiver that knows one of them is content.
    """
    other = f"whsec_{base64.b64encode(b'x' * 24).decode()}"
    signed = signed_headers("msg_01", BODY, [other, SECRET], AT)["webhook-signature"].split()

    assert len(signed) == 2
    assert signed[1] == SIGNED


@pytest.mark.parametrize("zone", [UTC, IST])
def test_a_receiver_verifies_with_the_library(zone: timezone) -> None:
    """
    With either secret of a rotation, by a clock of its own; a changed body is refused, and so is another's secret.
    """
    first, second, foreign = (
        f"whsec_{base64.b64encode(each * 32).decode()}" for each in (b"a", b"b", b"c")
    )
    headers = dict(signed_headers("msg_01", BODY, [first, second], datetime.now(zone)))

    for known in (first, second):
        assert Webhook(known).verify(BODY, headers)["type"] == "payment.paid"
    with pytest.raises(WebhookVerificationError):
        Webhook(first).verify(BODY.replace(b"paid", b"lost"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(foreign).verify(BODY, headers)


@pytest.mark.parametrize(
    "secret", ["", "AAEC", "whsec_", "whsec_!", f"whsec_{base64.b64encode(b'x' * 23).decode()}"]
)
def test_what_is_no_secret_is_refused(secret: str) -> None:
    """
    Before anything is signed with it.
    """
    with pytest.raises(ValueError, match=r"secret|base64"):
        key_of(secret)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "192.168.0.1",
        "224.0.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fd00:ec2::254",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    """
    This machine, private and local networks, tunnels into them, many at once, and documentation.
    """
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1"])
def test_what_is_public_is_reached(address: str) -> None:
    """
    In both families.
    """
    assert is_public(address)


Resolve = Callable[..., object]


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    async def answer(host: str, port: int) -> list[tuple[object, ...]]:
        assert host
        return [(None, None, None, "", (each, port)) for each in addresses]

    monkeypatch.setattr("adapters.webhook.public_addresses.anyio.getaddrinfo", answer)


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("8.8.8.8", "10.0.0.1"), ()])
async def test_one_private_address_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    """
    No connection is tried, whichever address would have been the first.
    """
    resolving(monkeypatch, *addresses)
    with pytest.raises(NotPublic):
        await CheckedBackend().connect_tcp("hooks.example.com", 443)
    with pytest.raises(NotPublic):
        await CheckedBackend().connect_unix_socket("/run/x")


async def test_the_checked_address_is_the_one_that_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    The name is not resolved a second time.
    """
    reached: list[tuple[str, int]] = []

    class Network(httpcore.AsyncMockBackend):
        async def connect_tcp(self, host: str, port: int, *more: object) -> object:  # type: ignore[override]  # fewer words
            reached.append((host, port))
            return more

    resolving(monkeypatch, "8.8.8.8", "8.8.4.4")
    backend = CheckedBackend()
    backend._network = Network([])  # type: ignore[assignment]
    await backend.connect_tcp("hooks.example.com", 443, 1.0)
    await asyncio.wait_for(backend.sleep(0), 1)

    assert reached == [("8.8.8.8", 443)]
