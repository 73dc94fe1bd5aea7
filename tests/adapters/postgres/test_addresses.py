"""An address of the database means what libpq's words say: TLS with a verified server, and several hosts."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import literal, select

from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.engine.hosts import Host, HostsInTurn, hosts_of
from adapters.postgres.engine.statements import prepare
from adapters.system.clock import SystemClock
from conftest import run_sql
from entrypoints.cli.embedded import free_port
from ports.unit_of_work import StorageUnavailable

ONE: Final = prepare(select(literal(1)))
SSL_REQUEST: Final = bytes.fromhex("0000000804d2162f")
"""The first message of a client that wants TLS (PostgreSQL's frontend protocol, SSLRequest)."""

DAY: Final = timedelta(days=1)
KNOWN_NAME: Final = "localhost"
"""The only name in the server's certificate; its address is not in it."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of these tests."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def named(cls, name: str) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(key, _certificate(name, key, name, key, is_authority=True))

    def write(self, folder: Path) -> Path:
        path = folder / "authority.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    signed_by: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = SystemClock().now()
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        .sign(signed_by, hashes.SHA256())
    )


@dataclass(slots=True)
class TlsServer:
    """
    A server before PostgreSQL that speaks TLS as PostgreSQL does, since the embedded one cannot.

    *encrypted* counts the connections that came to use it.
    """

    authority: Path
    behind: str
    encrypted: int = 0
    port: int = 0

    @asynccontextmanager
    async def serving(self, key: Path, certificate: Path) -> AsyncIterator[Self]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        lines: set[asyncio.StreamWriter] = set()
        serving: set[asyncio.Task[object]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines.add(writer)
            if task := asyncio.current_task():
                serving.add(task)
            with suppress(OSError, asyncio.IncompleteReadError):
                assert await reader.readexactly(8) == SSL_REQUEST
                writer.write(b"S")
                await writer.start_tls(context)
                self.encrypted += 1
                server = urlsplit(self.behind)
                far, far_writer = await asyncio.open_connection(server.hostname, server.port)
                lines.add(far_writer)
                await asyncio.gather(_pump(reader, far_writer), _pump(far, writer))

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self
            # None of them may outlive the event loop of the test.
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)
            for line in lines:
                line.close()
            await asyncio.gather(*(each.wait_closed() for each in lines), return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65_536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@pytest_asyncio.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[TlsServer]:
    """A server that speaks TLS before the database of the test."""
    name = "an authority of these tests"
    ours, key = Authority.named(name), ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(KNOWN_NAME, key, name, ours.key, is_authority=False)
    key_file, certificate_file = tmp_path / "server.key", tmp_path / "server.crt"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    before = TlsServer(ours.write(tmp_path), database_url)
    async with before.serving(key_file, certificate_file):
        yield before


def at(url: str, hosts: str | None = None, **words: str) -> str:
    """Return *url* at *hosts* (with ``PORT`` for the server's port) and with the *words* behind it."""
    parts = urlsplit(url)
    netloc = parts.netloc
    if hosts is not None:
        netloc = f"{parts.username}:{parts.password}@{hosts.replace('PORT', str(parts.port))}"
    return urlunsplit(parts._replace(netloc=netloc, query=urlencode(words)))


async def served(url: str) -> None:
    """Check the schema and run a statement, each on a connection to *url*."""
    database = Database.connect(DatabaseSettings(url=url))
    try:
        assert await schema.problem_with(database.engine) is None
        assert await database.fetch(ONE)
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("mode", "host"),
    [("require", "127.0.0.1"), ("verify-ca", "127.0.0.1"), ("verify-full", "localhost")],
)
async def test_the_right_authority_is_believed(server: TlsServer, mode: str, host: str) -> None:
    """
    For the name in the certificate; only verify-full asks for it.
    """
    words = {"sslmode": mode, "sslrootcert": str(server.authority)}

    await served(at(server.behind, f"{host}:{server.port}", **words))

    assert server.encrypted == 1


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
async def test_another_authority_is_refused(server: TlsServer, tmp_path: Path, mode: str) -> None:
    """
    Whoever can sign for itself would read and change what goes to the database.
    """
    folder = tmp_path / "another"
    folder.mkdir()
    words = {"sslmode": mode, "sslrootcert": str(Authority.named("another").write(folder))}

    with pytest.raises(StorageUnavailable, match="SSLCertVerificationError"):
        await served(at(server.behind, f"localhost:{server.port}", **words))


async def test_another_host_name_is_refused(server: TlsServer) -> None:
    """
    The certificate is that of a server that was not asked for.
    """
    words = {"sslmode": "verify-full", "sslrootcert": str(server.authority)}

    with pytest.raises(StorageUnavailable, match="SSLCertVerificationError"):
        await served(at(server.behind, f"127.0.0.1:{server.port}", **words))


async def test_a_server_without_tls_is_refused_where_it_is_required(database_url: str) -> None:
    """
    And taken where nothing is said, or where it is turned off.
    """
    await served(database_url)
    await served(at(database_url, sslmode="disable"))
    with pytest.raises(StorageUnavailable):
        await served(at(database_url, sslmode="require"))


async def test_of_two_hosts_the_one_that_answers_is_used(database_url: str) -> None:
    """
    For statements, for the schema's check and for migrations: so a standby takes over.
    """
    away = free_port()
    url = at(database_url, f"127.0.0.1:{away},127.0.0.1:PORT", target_session_attrs="read-write")
    await run_sql(database_url, "DROP SCHEMA public CASCADE")
    await run_sql(database_url, "CREATE SCHEMA public")
    database = Database.connect(DatabaseSettings(url=url))
    await schema.upgrade(database.engine)
    await database.close()

    await served(url)


async def test_a_host_that_only_reads_is_passed_over(database_url: str) -> None:
    """
    A standby answers, and it is not the one to write to.
    """
    name = urlsplit(database_url).path.lstrip("/")
    await run_sql(database_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    url = at(database_url, "127.0.0.1:PORT,localhost:PORT", target_session_attrs="read-write")

    with pytest.raises(StorageUnavailable):
        await served(url)
    database = Database.connect(DatabaseSettings(url=url))
    with pytest.raises(StorageUnavailable, match="TargetServerAttributeNotMatched"):
        await database.fetch(ONE)
    await database.close()
    await served(database_url)
    reset = f"BEGIN READ WRITE; ALTER DATABASE {name} RESET default_transaction_read_only; COMMIT"
    await run_sql(database_url, reset)


@asynccontextmanager
async def silent_host() -> AsyncIterator[int]:
    """A host that takes connections and never says a word, as one whose machine has stopped; yield its port."""
    met: list[asyncio.StreamWriter] = []

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(writer)

    async with await asyncio.start_server(meet, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for writer in met:
            writer.close()
        await asyncio.gather(*(each.wait_closed() for each in met), return_exceptions=True)


async def test_a_host_that_never_answers_is_passed_over(database_url: str) -> None:
    """
    It may not use up the time in which the other could be asked; and the next connection begins with the other.
    """
    async with silent_host() as silent:
        url = at(database_url, f"127.0.0.1:{silent},127.0.0.1:PORT", target_session_attrs="primary")
        settings = DatabaseSettings(url=url, connect_timeout=timedelta(seconds=1), pool_size=1)
        database = Database.connect(settings)
        try:
            assert await database.fetch(ONE)
        finally:
            await database.close()


async def test_a_standby_is_passed_over_in_its_turn() -> None:
    """
    It answers, and says that it cannot be written to.
    """
    turns = HostsInTurn([Host("standby"), Host("primary")])

    async def connect(host: Host) -> str:
        if host.name == "standby":
            raise asyncpg.TargetServerAttributeNotMatched
        return host.name

    assert await turns.connect(connect) == "primary"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u:p@first:1,second/db", [Host("first", 1), Host("second")]),
        (
            "postgresql://u:p@[::1]:1,10.0.0.2:2/db?sslmode=require",
            [Host("::1", 1), Host("10.0.0.2", 2)],
        ),
        ("postgresql://u:p@first,second/db?target_session_attrs=prefer-standby", []),
        ("postgresql://u:p@first,second/db?port=1", []),
        ("postgresql://u:p@%2Ftmp,second/db", []),
        ("postgresql://u:p@alone:1/db", []),
        ("postgresql:///db?host=first,second", []),
    ],
)
def test_hosts_are_asked_one_by_one_where_that_is_what_the_driver_would_do(
    url: str, hosts: list[Host]
) -> None:
    """
    All else is left to the driver, as it was.
    """
    assert list(hosts_of(url)) == hosts


async def test_the_host_that_did_last_is_asked_first() -> None:
    """
    And when it fails, the others in their order; the last failure is what is told.
    """
    asked, away = [], {"first"}
    turns = HostsInTurn([Host("first"), Host("second"), Host("third")])

    async def connect(host: Host) -> str:
        asked.append(host.name)
        if host.name in away:
            raise ConnectionRefusedError(host.name)
        return host.name

    assert [await turns.connect(connect) for _ in range(2)] == ["second", "second"]
    away |= {"second", "third"}
    with pytest.raises(ConnectionRefusedError, match="first"):
        await turns.connect(connect)
    away.clear()
    assert await turns.connect(connect) == "second"
    assert asked == ["first", "second", "second", "second", "third", "first", "second"]
