"""A server before PostgreSQL that speaks TLS as PostgreSQL does, with a certificate that ends."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crashes.under_attack import MortalDatabase

SSL_REQUEST: Final = bytes.fromhex("0000000804d2162f")
"""The first message of a client that wants TLS (PostgreSQL's frontend protocol, SSLRequest)."""

HOST: Final = "localhost"
AUTHORITY: Final = "the authority of a drill"
LONG: Final = timedelta(days=1)
CHUNK_BYTES: Final = 65_536


@dataclass(slots=True)
class TlsFront:
    """*behind* as a client sees it: only encrypted, and only while the certificate is valid."""

    behind: MortalDatabase
    folder: Path
    port: int = 0
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    _context: ssl.SSLContext = field(
        default_factory=lambda: ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    )
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        parts = urlsplit(self.behind.url)
        netloc = f"{parts.username}:{parts.password}@{HOST}:{self.port}"
        words = f"sslmode=verify-full&sslrootcert={self.folder / 'authority.pem'}"
        return urlunsplit(parts._replace(netloc=netloc, query=words))

    async def restart(self) -> None:
        await self.behind.restart()

    def certify(self, lasts: timedelta = LONG) -> None:
        """Show a certificate from here on that ends after *lasts*."""
        shown, key = self.folder / "server.crt", self.folder / "server.key"
        shown.write_bytes(_pem(_certificate(HOST, self._key, lasts, is_authority=False)))
        key.write_bytes(
            self._key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self._context.load_cert_chain(shown, key)

    def end_connections(self) -> None:
        """End every connection, as a server does that starts again."""
        self._loop.call_soon_threadsafe(self._abort)

    def _abort(self) -> None:
        for line in self._lines:
            line.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        with suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST:
                writer.write(b"S")
                await writer.start_tls(self._context)
                server = urlsplit(self.behind.url)
                far, far_writer = await asyncio.open_connection(server.hostname, server.port)
                ends.add(far_writer)
                self._lines |= ends
                await asyncio.gather(_pump(reader, far_writer), _pump(far, writer))
        self._lines -= ends
        for end in ends:
            end.transport.abort()

    def _serve(self, ready: threading.Event) -> None:
        async def serve() -> None:
            async with await asyncio.start_server(self._carry, "127.0.0.1", 0) as server:
                self.port = server.sockets[0].getsockname()[1]
                ready.set()
                with suppress(asyncio.CancelledError):
                    await server.serve_forever()
                self._abort()

        self._loop.run_until_complete(serve())

    def _stop(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()


@contextmanager
def tls_front(behind: MortalDatabase, folder: Path) -> Iterator[TlsFront]:
    """Run a TLS server before *behind*, in a thread, for the length of a ``with`` block."""
    folder.mkdir()
    front = TlsFront(behind, folder)
    authority = _certificate(AUTHORITY, front._key, LONG, is_authority=True)
    (folder / "authority.pem").write_bytes(_pem(authority))
    front.certify()
    ready = threading.Event()
    thread = threading.Thread(target=front._serve, args=(ready,), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield front
    finally:
        front._loop.call_soon_threadsafe(front._stop)
        thread.join()
        front._loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    writer.transport.abort()


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, lasts: timedelta, *, is_authority: bool
) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(AUTHORITY))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LONG)
        .not_valid_after(now + lasts)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
