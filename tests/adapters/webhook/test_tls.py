"""TLS to an endpoint: its certificate is for its name and trusted, wherever the name leads; else nothing is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import EAI_NONAME, gaierror
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.system.clock import SystemClock
from adapters.webhook import public_addresses
from adapters.webhook.sender import HttpWebhooks
from fakes.clock import NOON
from ports.notifications.webhook_sender import WebhookDelayed, WebhookEndpoint, WebhookMessage

HOST: Final = "hooks.example.com"
ADDRESS: Final = "127.0.0.1"
SECRET: Final = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
MESSAGE: Final = WebhookMessage(id="msg_1", body=b'{"type":"payment.succeeded"}')
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """An authority that signs certificates of hosts."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def named(cls, name: str) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = SystemClock().now()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def server_for(self, folder: Path, host: str, *, ended: bool = False) -> ssl.SSLContext:
        """Return a server's context with a certificate for *host*, a name or an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        until = SystemClock().now() + (-DAY / 2 if ended else DAY)
        named = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - 2 * DAY)
            .not_valid_after(until)
            .add_extension(x509.SubjectAlternativeName([named]), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        file = folder / "server.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context


@dataclass
class Receiver:
    """What an endpoint on this machine saw: the name that a caller asked for, and each request's body."""

    endpoint: WebhookEndpoint
    asked_for: list[str | None] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None) -> AsyncIterator[Receiver]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if context is None:
            # What it reads is no HTTP: the beginning of TLS.
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        else:
            await reader.readuntil(b"\r\n\r\n")
            receiver.bodies.append(await reader.readexactly(len(MESSAGE.body)))
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    def named(_connection: object, name: str | None, _context: object) -> None:
        receiver.asked_for.append(name)

    if context is not None:
        context.sni_callback = named
    async with await asyncio.start_server(serve, ADDRESS, 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"https://{HOST}:{port}/hook"
        receiver = Receiver(WebhookEndpoint(url=url, secrets=(SECRET,)))
        yield receiver


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority that this machine trusts; the name of the endpoint leads to this machine, which may be called."""
    trusted = Authority.named("Trusted")
    file = tmp_path / "authority.pem"
    file.write_bytes(trusted.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    async def resolved(host: str, port: int) -> list[tuple[object, ...]]:
        assert host == HOST
        return [(None, None, None, "", (ADDRESS, port))]

    monkeypatch.setattr("adapters.webhook.public_addresses.anyio.getaddrinfo", resolved)
    monkeypatch.setattr(public_addresses, "is_public", lambda address: address == ADDRESS)
    return trusted


async def test_a_trusted_endpoint_is_told_by_its_name(authority: Authority, tmp_path: Path) -> None:
    """
    The connection goes to the address that was checked; the name is asked for, and its certificate proved.
    """
    async with receiving(authority.server_for(tmp_path, HOST)) as receiver:
        await HttpWebhooks().send(MESSAGE, receiver.endpoint, NOON)

    assert (receiver.asked_for, receiver.bodies) == ([HOST], [MESSAGE.body])


@pytest.mark.parametrize(
    ("host", "ended", "why"),
    [
        ("other.example.com", False, "the endpoint's certificate is for another name"),
        (ADDRESS, False, "the endpoint's certificate is for another name"),
        (HOST, True, "the endpoint's certificate has expired"),
    ],
)
async def test_a_certificate_that_does_not_prove_the_name_is_refused(
    authority: Authority, tmp_path: Path, host: str, *, ended: bool, why: str
) -> None:
    """
    Also one for the very address that is called: nothing is sent, and it is tried again later.
    """
    async with receiving(authority.server_for(tmp_path, host, ended=ended)) as receiver:
        with pytest.raises(WebhookDelayed) as delayed:
            await HttpWebhooks().send(MESSAGE, receiver.endpoint, NOON)

    assert (str(delayed.value), receiver.bodies) == (why, [])


@pytest.mark.usefixtures("authority")
async def test_an_authority_that_nobody_trusts_is_refused(tmp_path: Path) -> None:
    """
    As whoever stands between would sign it.
    """
    async with receiving(Authority.named("Trusted").server_for(tmp_path, HOST)) as receiver:
        with pytest.raises(WebhookDelayed, match=r"^the endpoint's certificate is not trusted$"):
            await HttpWebhooks().send(MESSAGE, receiver.endpoint, NOON)

    assert receiver.bodies == []


@pytest.mark.usefixtures("authority")
async def test_plain_http_behind_an_https_address_is_refused() -> None:
    """
    The message is not sent in clear text.
    """
    async with receiving(None) as receiver:
        with pytest.raises(WebhookDelayed, match=r"^the endpoint does not speak TLS as it has to$"):
            await HttpWebhooks().send(MESSAGE, receiver.endpoint, NOON)

    assert receiver.bodies == []


@pytest.mark.parametrize("anywhere", [True, False])
@pytest.mark.parametrize("error", [gaierror(EAI_NONAME, "unknown"), None])
async def test_a_name_that_leads_nowhere_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: gaierror | None, *, anywhere: bool
) -> None:
    """
    It may be back in an hour. One that no resolver takes, for its length, is no crash either.
    """

    async def unresolved(*_asked: object, **_more: object) -> object:
        raise error or UnicodeError("label too long")

    monkeypatch.setattr("anyio.getaddrinfo", unresolved)
    monkeypatch.setattr("anyio._core._sockets.getaddrinfo", unresolved)
    endpoint = WebhookEndpoint(url=f"https://{HOST}/hook", secrets=(SECRET,))

    with pytest.raises(WebhookDelayed, match=r"^the endpoint's name leads to no address$"):
        await HttpWebhooks(anywhere=anywhere).send(MESSAGE, endpoint, NOON)
