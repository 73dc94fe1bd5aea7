"""Send one request to the bank and read its answer: times and sizes are limited, redirects are not followed."""

import asyncio
import re
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final

import httpx

from adapters.hdfc.auth.request_auth import Authentication, NotAuthentic
from adapters.hdfc.formats.answer_body import ACCEPTED, read_answer
from adapters.hdfc.formats.body_limits import UnreadableBody
from adapters.hdfc.sanitise import identifier
from adapters.hdfc.settings import HdfcSettings

USER_AGENT: Final = "Shulk/0.1"
CONNECTIONS_MAX: Final = 50
IDLE_CONNECTIONS_MAX: Final = 20
IDLE_SECONDS_MAX: Final = 30
BODY_BYTES_MAX: Final = 512 * 1024
RETRY_AFTER_MAX: Final = timedelta(hours=1)

_SECONDS: Final = re.compile(r"[0-9]{1,6}")
_GZIP: Final = zlib.MAX_WBITS | 16


class NeverSent(Exception):
    """The request did not leave this machine."""


class NoAnswer(Exception):
    """The request was sent and no complete answer came back: it is not known whether it took effect."""


class NotProtocol(Exception):
    """Something answered that does not speak the bank's protocol."""

    def __init__(self, why: str, *, status: int, response_id: str) -> None:
        self.why, self.status, self.response_id = why, status, response_id
        super().__init__(f"{why} with status {status}")


class NotTrusted(NotProtocol):
    """The answer came from the bank's address and does not prove to be the bank's: a person has to investigate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAnswer:
    """The object in the body (see ``answer_body``); *response_id* is the bank's id of the exchange."""

    status: int
    body: Mapping[str, object] = field(repr=False)
    response_id: str
    retry_after: timedelta | None = None


def new_client(
    settings: HdfcSettings, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return the HTTP client for the gateway, through *transport* where one is given; the caller closes it."""
    connect = settings.connect_timeout.total_seconds()
    read = settings.read_timeout.total_seconds()
    return httpx.AsyncClient(
        timeout=httpx.Timeout(connect=connect, read=read, write=read, pool=connect),
        limits=httpx.Limits(
            max_connections=CONNECTIONS_MAX,
            max_keepalive_connections=IDLE_CONNECTIONS_MAX,
            keepalive_expiry=IDLE_SECONDS_MAX,
        ),
        headers={
            "User-Agent": USER_AGENT,
            "Accept": ACCEPTED,
            "Accept-Encoding": "gzip",
        },
        follow_redirects=False,
        trust_env=False,
        verify=_trusted_authorities(),
        transport=transport,
    )


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """Certificates are verified; to read whose word counts takes longer than many a call of the bank."""
    return httpx.create_ssl_context(trust_env=False)


async def send(
    client: httpx.AsyncClient, request: httpx.Request, within: timedelta, auth: Authentication
) -> GatewayAnswer:
    """
    Send *request* and return the object in the answer, verified by *auth*, whatever its HTTP status.

    A 429 may have any body. Raises

    - ``NeverSent`` when the request did not leave this machine;
    - ``NoAnswer`` when no complete answer came *within* that time;
    - ``NotProtocol`` when the answer is too large, or in no format of the bank;
    - ``NotTrusted`` when *auth* does not accept it.
    """
    try:
        # httpx limits the time of each read alone; a slow body could take for ever.
        async with asyncio.timeout(within.total_seconds()):
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                return _verified(_answer(response, await _whole(response)), auth)
            finally:
                await response.aclose()
    except (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.LocalProtocolError,
        httpx.UnsupportedProtocol,
        httpx.ProxyError,
    ) as error:
        raise NeverSent(type(error).__name__) from error
    except (httpx.TransportError, TimeoutError) as error:
        raise NoAnswer(type(error).__name__) from error


async def _whole(response: httpx.Response) -> bytes | None:
    """Return the decompressed body, or None when it is too large or in an encoding that was not agreed."""
    packed = bytearray()
    async for piece in response.aiter_raw():
        packed += piece
        if len(packed) > BODY_BYTES_MAX:
            return None
    match response.headers.get("content-encoding", "identity").strip().lower():
        case "identity" | "":
            return bytes(packed)
        case "gzip":
            return _unpacked(bytes(packed))
        case _:
            return None


def _unpacked(packed: bytes) -> bytes | None:
    # Decompressed here with a limit: httpx would decompress the whole body before we could measure it.
    unzip = zlib.decompressobj(wbits=_GZIP)
    try:
        body = unzip.decompress(packed, BODY_BYTES_MAX + 1)
    except zlib.error:
        return None
    return body if unzip.eof and len(body) <= BODY_BYTES_MAX else None


def _answer(response: httpx.Response, whole: bytes | None) -> GatewayAnswer:
    response_id = identifier(response.headers.get("x-response-id"))

    def not_protocol(why: str) -> NotProtocol:
        return NotProtocol(why, status=response.status_code, response_id=response_id)

    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return GatewayAnswer(
            status=response.status_code,
            body={},
            response_id=response_id,
            retry_after=_retry_after(response.headers),
        )
    if whole is None:
        raise not_protocol("a body larger or packed otherwise than agreed came back")
    try:
        body = read_answer(response.headers.get("content-type", ""), whole)
    except UnreadableBody as error:
        raise not_protocol(f"what came back is {error}") from None
    return GatewayAnswer(status=response.status_code, body=body, response_id=response_id)


def _verified(answer: GatewayAnswer, auth: Authentication) -> GatewayAnswer:
    try:
        return replace(answer, body=auth.verify(answer.status, answer.body))
    except NotAuthentic as error:
        raise NotTrusted(
            f"what came back is {error}", status=answer.status, response_id=answer.response_id
        ) from error


def _retry_after(headers: httpx.Headers) -> timedelta | None:
    """Return how long the bank asks us to wait, or None; a date is compared with the bank's own ``Date``."""
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=int(text)), RETRY_AFTER_MAX)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta(0)), RETRY_AFTER_MAX)
