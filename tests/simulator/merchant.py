"""The other side of the wire: a merchant's server that asks, and listens for webhooks."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

RETURN_URL = "https://pay.example.com/hdfc/return"


@dataclass(slots=True)
class Merchant:
    """Speaks the order API and the control API of one simulator."""

    http: httpx.AsyncClient
    api_key: str = "sim_key"
    merchant_id: str = "SIMMERCHANT"

    @property
    def headers(self) -> dict[str, str]:
        pair = b64encode(f"{self.api_key}:".encode()).decode()
        return {"Authorization": f"Basic {pair}", "x-merchantid": self.merchant_id}

    async def ask_session(self, **fields: object) -> httpx.Response:
        """Ask for a session; a field given as none is left out."""
        usual: dict[str, object] = {
            "order_id": "ORDER1",
            "amount": "1499.50",
            "currency": "INR",
            "customer_id": "cust0001",
            "payment_page_client_id": "hdfcmaster",
            "action": "paymentPage",
            "return_url": RETURN_URL,
        }
        body = {name: value for name, value in (usual | fields).items() if value is not None}
        return await self.http.post("/session", json=body, headers=self.headers)

    async def create_session(self, order_id: str = "ORDER1", **fields: object) -> dict[str, Any]:
        answer = await self.ask_session(order_id=order_id, **fields)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=dict[str, Any])

    async def payment_page(self, order_id: str = "ORDER1", **fields: object) -> str:
        """Create a session and return the address of its payment page."""
        link = (await self.create_session(order_id, **fields))["payment_links"]["web"]
        assert isinstance(link, str)
        return link

    async def ask_status(self, order_id: str = "ORDER1") -> httpx.Response:
        return await self.http.get(f"/orders/{order_id}", headers=self.headers)

    async def status(self, order_id: str = "ORDER1") -> dict[str, Any]:
        answer = await self.ask_status(order_id)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=dict[str, Any])

    async def ask_refund(self, order_id: str = "ORDER1", **fields: object) -> httpx.Response:
        """Ask for a refund by form; a field given as none is left out."""
        usual: dict[str, object] = {"unique_request_id": "RF1", "amount": "500.00"}
        form = {name: value for name, value in (usual | fields).items() if value is not None}
        return await self.http.post(f"/orders/{order_id}/refunds", data=form, headers=self.headers)

    async def refund(self, order_id: str = "ORDER1", **fields: object) -> dict[str, Any]:
        """Ask for a refund and return its entry of the order that comes back."""
        answer = await self.ask_refund(order_id, **fields)
        assert answer.status_code == 200, answer.text
        body = msgspec.json.decode(answer.content, type=dict[str, Any])
        wanted = fields.get("unique_request_id", "RF1")
        return next(each for each in body["refunds"] if each["unique_request_id"] == wanted)

    async def control(self, path: str, **body: object) -> httpx.Response:
        return await self.http.post(f"/_control/{path}", json=body)

    async def pay(self, order_id: str = "ORDER1", **how: object) -> dict[str, Any]:
        answer = await self.control(f"orders/{order_id}/pay", **how)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=dict[str, Any])

    async def known(self, order_id: str = "ORDER1") -> dict[str, Any]:
        """Return all that the simulator knows of the order."""
        answer = await self.http.get(f"/_control/orders/{order_id}")
        return msgspec.json.decode(answer.content, type=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Received:
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes

    @property
    def event(self) -> str:
        return str(self.body.get("event_name"))


@dataclass(slots=True)
class WebhookReceiver:
    """A real HTTP server that keeps every webhook and answers as told, 200 when nothing was said."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _callers: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def events(self) -> list[str]:
        return [one.event for one in self.received]

    def will_answer(self, statuses: Iterable[int]) -> None:
        self.answers = list(statuses)

    async def until(self, count: int) -> None:
        """Return once *count* webhooks have arrived; fail after five seconds."""
        async with asyncio.timeout(5), self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= count)

    async def close(self) -> None:
        """Close every connection and wait until the other side sees it."""
        for writer in self._callers.values():
            writer.close()
        await asyncio.gather(*self._callers)

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = asyncio.create_task(self._serve(reader, writer))
        self._callers[caller] = writer
        caller.add_done_callback(self._callers.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request_line := await reader.readline():
                assert request_line.startswith(b"POST ")
                headers: dict[str, str] = {}
                while (line := await reader.readline()).strip():
                    name, _, value = line.decode("latin-1").partition(":")
                    headers[name.strip().lower()] = value.strip()
                body = await reader.readexactly(int(headers["content-length"]))
                status = self.answers.pop(0) if self.answers else 200
                async with self.arrived:
                    self.received.append(Received(headers, _read(body), body))
                    self.arrived.notify_all()
                writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _read(body: bytes) -> dict[str, Any]:
    """Return the event, or an empty one when it was cut off on the way."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


@asynccontextmanager
async def receive_webhooks() -> AsyncGenerator[WebhookReceiver]:
    receiver = WebhookReceiver()
    server = await asyncio.start_server(receiver._greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/hdfc/webhook"
    try:
        yield receiver
    finally:
        server.close()
        await receiver.close()
