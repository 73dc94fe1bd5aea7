"""One question to the bank and its answer: every wait and every size has an end, nothing leads elsewhere."""

import asyncio
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from adapters.hdfc.formats.formats import ASKED_FOR, read_answer
from adapters.hdfc.formats.unreadable import Unreadable
from adapters.hdfc.outbound.request_auth import Authentication, NotSealed
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
    """The question did not leave this machine."""


class NoAnswer(Exception):
    """The question left, and no whole answer came back: what it did is not known."""


class NotProtocol(Exception):
    """Something answered that does not speak the bank's protocol."""

    def __init__(self, why: str, *, status: int, response_id: str) -> None:
        self.why, self.status, self.response_id = why, status, response_id
        super().__init__(f"{why} with status {status}")


class NotTrusted(NotProtocol):
    """The answer has the right address and the wrong seal: somebody has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An object (see ``dialects``) and the status it came with; *response_id* is the bank's name for the exchange."""

    status: int
    body: Mapping[str, object] = field(repr=False)
    response_id: str
    retry_after: timedelta | None = None


def new_client(settings: HdfcSettings) -> httpx.AsyncClient:
    """Return the one client that talks to the gateway; whoever asks for it closes it."""
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
            "Accept": ASKED_FOR,
            "Accept-Encoding": "gzip",
        },
        follow_redirects=False,
        trust_env=False,
        verify=True,
    )


async def ask(
    client: httpx.AsyncClient, request: httpx.Request, patience: timedelta, auth: Authentication
) -> Answer:
    """
    Send *request* and return the object that comes back in any dialect, opened by *auth*, whatever its status.

    Raises ``NeverSent``, ``NoAnswer``, ``NotProtocol`` or ``NotTrusted``. A busy bank (429) need not speak any.
    """
    try:
        # httpx only times each read; a body that drips would keep us for ever.
        async with asyncio.timeout(patience.total_seconds()):
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                return _opened(_answer(response, await _whole(response)), auth)
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
    """Return the unpacked body, or None when it is larger or packed otherwise than agreed."""
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
    # Unpacked here and not by httpx, which would first unpack a bomb and then let us count it.
    unzip = zlib.decompressobj(wbits=_GZIP)
    try:
        body = unzip.decompress(packed, BODY_BYTES_MAX + 1)
    except zlib.error:
        return None
    return body if unzip.eof and len(body) <= BODY_BYTES_MAX else None


def _answer(response: httpx.Response, whole: bytes | None) -> Answer:
    response_id = identifier(response.headers.get("x-response-id"))

    def not_protocol(why: str) -> NotProtocol:
        return NotProtocol(why, status=response.status_code, response_id=response_id)

    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return Answer(
            status=response.status_code,
            body={},
            response_id=response_id,
            retry_after=_retry_after(response.headers),
        )
    if whole is None:
        raise not_protocol("a body larger or packed otherwise than agreed came back")
    try:
        body = read_answer(response.headers.get("content-type", ""), whole)
    except Unreadable as error:
        raise not_protocol(f"what came back is {error}") from None
    return Answer(status=response.status_code, body=body, response_id=response_id)


def _opened(answer: Answer, auth: Authentication) -> Answer:
    try:
        return replace(answer, body=auth.open(answer.status, answer.body))
    except NotSealed as error:
        raise NotTrusted(
            f"what came back is {error}", status=answer.status, response_id=answer.response_id
        ) from error


def _retry_after(headers: httpx.Headers) -> timedelta | None:
    """Return how long the bank asks us to wait, or None; a date is read against the bank's own clock."""
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=int(text)), RETRY_AFTER_MAX)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta(0)), RETRY_AFTER_MAX)
