"""The gateway's client among broken, slow and leading-astray servers, on real sockets."""

import asyncio
import gzip
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.hdfc.outbound.gateway import HdfcGateway
from adapters.hdfc.outbound.transport import BODY_BYTES_MAX, new_client
from contracts.payments.gateway_wire_server import (
    Script,
    WireServer,
    answer,
    drips,
    says,
    wire_server,
)
from domain.payments.order_facts import Verdict
from ports.payments.payment_gateway import GatewayDown, GatewayOutcomeUnknown
from samples.hdfc.merchant import API_KEY, NEW_ORDER, STUDENT, merchant
from samples.hdfc.samples import ORDER, raw_sample

SHORT = {"connect_timeout": timedelta(seconds=1), "read_timeout": timedelta(seconds=0.3)}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@asynccontextmanager
async def gateway_at(url: str) -> AsyncIterator[HdfcGateway]:
    settings = merchant(base_url=url, **SHORT)
    async with new_client(settings) as client:
        yield HdfcGateway(settings, client)


@asynccontextmanager
async def gateway_of(script: Script) -> AsyncIterator[tuple[HdfcGateway, WireServer]]:
    async with wire_server(script) as server, gateway_at(server.url) as gateway:
        yield gateway, server


async def test_an_order_is_read_from_a_socket() -> None:
    """
    The plain case works, so that the others fail for their own reasons.
    """
    async with gateway_of(says(answer(raw_sample("order_new")))) as (gateway, server):
        facts = await gateway.read_order(ORDER, STUDENT)

    assert facts.verdict is Verdict.NOT_ATTEMPTED
    assert b"\r\nUser-Agent: Shulk/" in server.heads[0]
    assert b"\r\nAccept-Encoding: gzip\r\n" in server.heads[0]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 T", "308 P"])
async def test_no_redirect_is_followed(status: str) -> None:
    """
    Keys are not carried to wherever an answer points.
    """
    async with wire_server(says(answer(raw_sample("order_charged_card")))) as elsewhere:
        redirect = answer(b"{}", status, f"Location: {elsewhere.url}/orders/{ORDER}")
        async with gateway_of(says(redirect)) as (gateway, _):
            with pytest.raises(GatewayDown):
                await gateway.read_order(ORDER, STUDENT)
            with pytest.raises(GatewayDown):
                await gateway.create_session(NEW_ORDER)

        assert elsewhere.heads == []


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A variable that somebody left in the environment does not get to read the key.
    """
    async with wire_server(says(answer(b"{}"))) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with gateway_of(says(answer(raw_sample("order_new")))) as (gateway, _):
            facts = await gateway.read_order(ORDER, STUDENT)

    assert (facts.verdict, proxy.heads) == (Verdict.NOT_ATTEMPTED, [])


async def test_a_netrc_of_the_machine_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    Nor do passwords of the machine's user travel to the bank.
    """
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with gateway_of(says(answer(raw_sample("order_new")))) as (gateway, server):
        await gateway.read_order(ORDER, STUDENT)

    assert server.heads[0].count(b"Authorization: ") == 1


@pytest.mark.parametrize(
    "script",
    [
        says(),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"),
        says(CHUNKED + b"5\r\n{"),
        says(b"HTTP/1.1 200"),
        says(b"this is no HTTP\r\n\r\n"),
        drips(b"", b"", 0.05),
        drips(CHUNKED, b"1\r\n \r\n", 0.05),
        drips(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n", 0.05),
    ],
    ids=[
        "hangs-up",
        "half-a-body",
        "half-a-chunk",
        "half-a-line",
        "no-http",
        "silence",
        "dripping-body",
        "dripping-head",
    ],
)
async def test_an_answer_that_never_comes_whole_is_unclear(script: Script) -> None:
    """
    The session may be open at the bank; and nobody waits longer than was agreed.
    """
    loop = asyncio.get_running_loop()
    async with gateway_of(script) as (gateway, _):
        started = loop.time()
        with pytest.raises(GatewayOutcomeUnknown):
            await gateway.create_session(NEW_ORDER)
        with pytest.raises(GatewayDown):
            await gateway.read_order(ORDER, STUDENT)

        # Twice the 1.3 seconds agreed, and room for a busy machine.
        assert loop.time() - started < 8


@pytest.mark.parametrize(
    "script_of",
    [
        lambda: drips(CHUNKED, b"10000\r\n" + b" " * 0x10000 + b"\r\n", 0),
        lambda: says(answer(b" " * (BODY_BYTES_MAX + 1))),
        # To pack it takes a second, which no worker has to spend that runs other files.
        lambda: says(answer(gzip.compress(b" " * 100_000_000), "200 OK", "Content-Encoding: gzip")),
    ],
    ids=["endless", "too-large", "bomb"],
)
async def test_a_body_has_an_end(script_of: Callable[[], Script]) -> None:
    """
    Counted as it arrives and as it unpacks, not after.
    """
    async with gateway_of(script_of()) as (gateway, _):
        with pytest.raises(GatewayDown, match="larger"):
            await gateway.read_order(ORDER, STUDENT)


async def test_nobody_home_is_down() -> None:
    """
    Refused connections promise that nothing was sent.
    """
    async with wire_server(says()) as server:
        url = server.url
    async with gateway_at(url) as gateway:
        with pytest.raises(GatewayDown):
            await gateway.create_session(NEW_ORDER)


async def test_an_unknown_certificate_is_not_talked_to(tmp_path: Path) -> None:
    """
    Without a certificate that the machine trusts, the key is not even sent.
    """
    script = says(answer(raw_sample("session")))
    async with wire_server(script, tls=self_signed(tmp_path)) as server:
        async with gateway_at(f"https://127.0.0.1:{server.port}") as gateway:
            with pytest.raises(GatewayDown, match="ConnectError"):
                await gateway.create_session(NEW_ORDER)

        assert server.heads == []


async def test_logs_of_the_whole_stack_hold_no_key(caplog: pytest.LogCaptureFixture) -> None:
    """
    Ours, httpx's and httpcore's, at the chattiest level.
    """
    caplog.set_level(logging.DEBUG)
    async with gateway_of(says(answer(raw_sample("session")))) as (gateway, _):
        with pytest.raises(GatewayDown):
            await gateway.create_session(NEW_ORDER)
    written = " ".join(f"{record.getMessage()} {record.__dict__!r}" for record in caplog.records)

    assert ORDER in written
    for private in (API_KEY, "Basic ", "asha@example.com", "tkn_"):
        assert private not in written


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
