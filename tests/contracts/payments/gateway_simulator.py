"""The simulator as the contract's bank: a process of its own, spoken to by HTTP only."""

import http.server
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx

from adapters.fake.script import Fault, Outcome
from adapters.hdfc.auth.jose import JweKeys
from adapters.hdfc.auth.jwt_auth import JwtAuth
from adapters.hdfc.auth.request_auth import ApiKeyAuth, Authentication
from adapters.hdfc.inbound.gateway_messages import HdfcMessages
from adapters.hdfc.outbound.gateway import HdfcGateway
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from entrypoints.operations.gateway_contract.payments_contract import Event
from ports.payments.payment_gateway import GatewayOperation
from samples.hdfc.jwe import KEY_ID, key_files, pair
from samples.hdfc.merchant import API_KEY
from worlds.processes.running import Running, running

STARTS_WITHIN_SECONDS: Final = 90.0
HELD_SECONDS: Final = 8.0

FAULTS: Final = {
    Fault.DOWN: "html_403",
    Fault.BUSY: "rate_limited",
    Fault.DENIED: "unauthorised",
    Fault.LOST_REQUEST: "timeout_before",
    Fault.LOST_ANSWER: "timeout_after",
}
OPERATIONS: Final = {
    GatewayOperation.CREATE_SESSION: "session",
    GatewayOperation.READ_ORDER: "status",
    GatewayOperation.REFUND: "refund",
}
PENDING: Final = frozenset({"PENDING_VBV", "PENDING"})
DECISIONS: Final = {
    RefundVerdict.PAID: "success",
    RefundVerdict.FAILED: "failure",
    RefundVerdict.IN_REVIEW: "manual_review",
}


def by_api_key() -> tuple[Authentication, Authentication]:
    """Return how a merchant speaks that the simulator knows, and one that it does not know."""
    return ApiKeyAuth(key=API_KEY), ApiKeyAuth(key="another-key")


def by_jwt() -> tuple[Authentication, Authentication]:
    """Return the same in JWT mode; the keys are made up when this is asked for, which takes half a second."""
    return _jwt_auth("merchant"), _jwt_auth("stranger")


def _jwt_auth(whose: str) -> JwtAuth:
    bank_key = pair("bank").public_key()
    return JwtAuth(JweKeys(key_id=KEY_ID, private_key=pair(whose), bank_key=bank_key))


def jwt_options(folder: Path) -> tuple[str, ...]:
    """Return what lets a simulator speak with the merchant of ``by_jwt``; its keys are in *folder*."""
    files = key_files(folder)
    return (
        *("--jwt-key-id", KEY_ID),
        *("--jwt-merchant-public-key", str(files["merchant_public"])),
        *("--jwt-bank-private-key", str(files["bank_private"])),
    )


class Taken:
    """The webhooks that came."""

    def __init__(self) -> None:
        self.events: list[Event] = []


class Inbox(Taken):
    """Takes every webhook with a plain 200 and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        events = self.events

        class Dependencies(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                events.append(Event(headers=headers, body=body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Dependencies)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/webhook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running simulator, where its webhooks go, and the secrets it was given."""

    url: str
    inbox: Taken


@contextmanager
def running_simulator(folder: Path, *options: str) -> Iterator[Simulator]:
    """Run the simulator within the block, announced by a file in *folder*."""
    inbox, announced = Inbox(), folder / "simulator.json"
    words = ["--port", "0", "--quiet", "--announce", str(announced), "--webhook-url", inbox.url]
    log = folder / "simulator.log"
    try:
        with running("simulator", "entrypoints.simulator", *words, *options, log=log) as process:
            yield Simulator(_announced(announced, process), inbox)
    finally:
        inbox.close()


def _announced(path: Path, process: Running) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while not path.exists():
        if not process.lives or time.monotonic() > deadline:
            raise RuntimeError(f"the simulator did not start: {process.said}")
        time.sleep(0.02)  # a file has no event to wait for
    return str(json.loads(path.read_bytes())["url"])


GatewayType = TypeVar("GatewayType")
MessagesType = TypeVar("MessagesType")


@dataclass
class ControlledBank(Generic[GatewayType, MessagesType]):
    """A bank that a test moves by its control API: the simulator, or the served fake gateway."""

    simulator: Simulator
    control: httpx.AsyncClient
    gateway: GatewayType
    unknown_merchant: GatewayType
    messages: MessagesType
    _returns: dict[PaymentId, str] = field(default_factory=dict)

    async def pay(self, payment: PaymentId, outcome: Outcome) -> None:
        order = await self._control("GET", f"/orders/{payment}")
        if outcome is not Outcome.ABANDON and order["status"] in PENDING:
            path, asked = "settle", {"outcome": outcome.value}
        else:
            path, asked = "pay", {"outcome": outcome.value, "method": "UPI"}
        done = await self._control("POST", f"/orders/{payment}/{path}", asked)
        if done["return_url"]:
            self._returns[payment] = done["return_url"]

    async def fail_next(self, operation: GatewayOperation, fault: Fault) -> None:
        planned = {"operation": OPERATIONS[operation], "fault": FAULTS[fault]}
        await self._control("POST", "/next", {**planned, "hold_seconds": HELD_SECONDS})

    async def decide(self, payment: PaymentId, refund: RefundId, verdict: RefundVerdict) -> None:
        path = f"/orders/{payment}/refunds/{refund}/decide"
        await self._control("POST", path, {"outcome": DECISIONS[verdict]})

    async def refund_outside(self, payment: PaymentId, amount: Money) -> None:
        await self._control("POST", f"/orders/{payment}/refunds", {"amount": amount.plain()})

    def returned(self, payment: PaymentId) -> Sequence[tuple[str, str]]:
        return parse_qsl(urlsplit(self._returns[payment]).query, keep_blank_values=True)

    def events(self, payment: PaymentId) -> Sequence[Event]:
        return [event for event in self.simulator.inbox.events if payment.encode() in event.body]

    async def _control(self, method: str, path: str, asked: object = None) -> dict[str, Any]:
        url = f"{self.simulator.url}/_control{path}"
        answer = await self.control.request(method, url, json=asked)
        answer.raise_for_status()
        read: dict[str, Any] = answer.json()
        return read


SimulatedBank = ControlledBank[HdfcGateway, HdfcMessages]
