"""A network that delays, loses, repeats and overtakes: requests go from one ASGI application to another."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx

from simulation.chance import Chance
from simulation.loop import Owner, begin, context_of

LATENCY_SECONDS_MAX: Final = 0.05
SLOW_SECONDS_MAX: Final = 20.0
REPEATED_SECONDS_MAX: Final = 30.0
PATIENCE_SECONDS: Final = 30.0
"""How long whoever names no time waits for an answer."""


class NetworkFault(StrEnum):
    """What may happen to one request."""

    REQUEST_LOST = "request_lost"
    """It never arrives; the caller waits in vain."""

    REFUSED = "refused"
    """The connection does not come about, and the caller knows it."""

    ANSWER_LOST = "answer_lost"
    """It is carried out; the answer never arrives."""

    CUT = "cut"
    """It is carried out; the connection breaks before the answer has arrived, and the caller knows that."""

    SLOW = "slow"
    REPEATED = "repeated"
    """It arrives twice, the second time later."""


class NotReached(Exception):
    """The request did not leave."""


class Cut(Exception):
    """The connection broke: whether the request was carried out is not known."""


class NoAnswer(Exception):
    """Nothing came in time."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str:
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key == wanted), "")


@dataclass(frozen=True, slots=True)
class Host:
    """Who answers, and the process that it runs in."""

    app: Any
    owner: Owner


@dataclass(slots=True)
class Network:
    """
    *hosts* returns by host name who answers there now, or None when nobody does.

    Which fault a request meets depends on the seed, on who calls whom, and on the number of such calls alone. Those
    whose names are in *spared* meet none.
    """

    chance: Chance
    hosts: Mapping[str, Callable[[], Host | None]]
    tell: Callable[[str, str], None]
    rates: dict[NetworkFault, float] = field(default_factory=dict)
    spared: frozenset[str] = frozenset()
    injected: list[str] = field(default_factory=list)
    leaves: Callable[[str, Request], None] = lambda *_: None
    answered: Callable[[str, Request, Answer], None] = lambda *_: None
    _calls: Counter[str] = field(default_factory=Counter)

    def calm(self) -> None:
        """From now on everything arrives, once and soon."""
        self.rates = {}

    async def call(
        self, request: Request, line: str, *, patience: float = PATIENCE_SECONDS
    ) -> Answer:
        """
        Return the answer to *request*, which goes over *line*: who calls whom.

        Raises ``NotReached``, ``Cut`` and ``NoAnswer``.
        """
        self._calls[line] += 1
        self.leaves(line, request)
        name = f"{line} #{self._calls[line]}"
        draws = self.chance.once(f"network {name}")
        there, back = (draws.uniform(0.001, LATENCY_SECONDS_MAX) for _ in range(2))
        fault = self._fault(name, draws.random())
        if fault is NetworkFault.SLOW:
            there += draws.uniform(0, SLOW_SECONDS_MAX)
        try:
            async with asyncio.timeout(patience):
                await asyncio.sleep(there)
                if fault is NetworkFault.REFUSED:
                    raise NotReached(name)
                if fault is NetworkFault.REQUEST_LOST:
                    await asyncio.get_running_loop().create_future()
                if fault is NetworkFault.REPEATED:
                    later = draws.uniform(0, REPEATED_SECONDS_MAX)
                    asyncio.get_running_loop().call_later(
                        later, self._repeat, request, context=context_of(None)
                    )
                answer = await self._carried_out(request)
                self.answered(line, request, answer)
                await asyncio.sleep(back)
                if fault is NetworkFault.CUT:
                    raise Cut(name)
                if fault is NetworkFault.ANSWER_LOST:
                    await asyncio.get_running_loop().create_future()
                return answer
        except TimeoutError:
            raise NoAnswer(name) from None

    def _fault(self, name: str, drawn: float) -> NetworkFault | None:
        if name in self.spared:
            return None
        for fault, rate in self.rates.items():
            if drawn < rate:
                self.injected.append(name)
                self.tell("network", f"{name}: {fault}")
                return fault
            drawn -= rate
        return None

    async def _carried_out(self, request: Request) -> Answer:
        host = self._host(request)
        if host is None:
            raise NotReached("nobody listens there")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def broken() -> None:
            if not answer.done():
                answer.set_exception(Cut("the other side ended"))

        self._begin(request, host, answer)
        host.owner.at_death.append(broken)
        try:
            return await answer
        finally:
            host.owner.at_death.remove(broken)

    def _repeat(self, request: Request) -> None:
        host = self._host(request)
        if host is not None:
            unheard: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            unheard.add_done_callback(lambda each: each.exception())
            self._begin(request, host, unheard)

    def _host(self, request: Request) -> Host | None:
        found = self.hosts.get(urlsplit(request.url).netloc)
        return found() if found is not None else None

    def _begin(self, request: Request, host: Host, answer: "asyncio.Future[Answer]") -> None:
        begin(_served(host.app, request, answer), host.owner)


async def _served(app: Any, request: Request, answer: "asyncio.Future[Answer]") -> None:
    """Let *app* carry out *request*, and set its *answer* as soon as it is whole."""
    parts = urlsplit(request.url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode()), *request.headers],
        "client": ("192.0.2.7", 50_000),
        "server": (parts.hostname, parts.port or 443),
        "state": {},
    }
    begun: dict[str, Any] = {}
    body = bytearray()
    unread = [True]

    async def receive() -> dict[str, Any]:
        if unread.pop() if unread else False:
            return {"type": "http.request", "body": request.body, "more_body": False}
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody hangs up")

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))
            if not message.get("more_body", False) and not answer.done():
                headers = tuple((bytes(k).lower(), bytes(v)) for k, v in begun["headers"])
                answer.set_result(Answer(begun["status"], headers, bytes(body)))

    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 - a server outlives what its application raises
        if not answer.done():
            answer.set_exception(Cut(f"the application failed: {type(error).__name__}: {error}"))


@dataclass(slots=True)
class LineTransport(httpx.AsyncBaseTransport):
    """What httpx sends through; *network* returns the one of the life that goes on."""

    network: Callable[[], Network]
    line: str

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        times = request.extensions.get("timeout", {})
        patience = times.get("read") or PATIENCE_SECONDS
        asked = Request(
            request.method,
            str(request.url),
            tuple((k.lower(), v) for k, v in request.headers.raw if k.lower() != b"host"),
            body,
        )
        try:
            answer = await self.network().call(asked, self.line, patience=patience)
        except NotReached as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except Cut as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        except NoAnswer as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        return httpx.Response(
            answer.status,
            headers=list(answer.headers),
            stream=httpx.ByteStream(answer.body),
            request=request,
        )
