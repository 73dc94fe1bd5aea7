"""A bank for the peers: it knows what happened to each order, and says so in the two ways they ask."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

AMOUNT: Final = "1180.00"
PAISE: Final = 118000
CURRENCY: Final = "inr"
HELD_SECONDS_MAX: Final = 60.0
STRIPE_WORDS: Final = {
    "new": "requires_payment_method",
    "failed": "requires_payment_method",
    "pending": "processing",
    "charged": "succeeded",
}


@dataclass
class PeersBank:
    """*orders* tells how each order stands: new, failed, pending or charged."""

    orders: dict[str, str] = field(default_factory=dict)
    answers_may_go: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    _came: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.answers_may_go.set()

    def opened(self, order: str) -> None:
        """Take a new order, and answer when answers may go."""
        with self._came:
            self.orders.setdefault(order, "new")
            self._came.notify_all()
        self.answers_may_go.wait(HELD_SECONDS_MAX)

    def wait_for(self, orders: Sequence[str]) -> None:
        """Return when all *orders* have come; block until then."""
        with self._came:
            if not self._came.wait_for(
                lambda: all(order in self.orders for order in orders), HELD_SECONDS_MAX
            ):
                raise TimeoutError("an order did not come to the bank")

    def stands(self, order: str) -> str:
        return self.orders.get(order, "new")

    def intent(self, order: str) -> dict[str, Any]:
        """Return the order as Stripe would show it."""
        return {
            "id": order,
            "object": "payment_intent",
            "amount": PAISE,
            "amount_received": PAISE if self.stands(order) == "charged" else 0,
            "capture_method": "automatic",
            "confirmation_method": "automatic",
            "client_secret": f"{order}_secret",
            "created": 1_780_000_000,
            "currency": CURRENCY,
            "customer": None,
            "description": None,
            "livemode": False,
            "metadata": {},
            "payment_method": None,
            "payment_method_types": ["card"],
            "status": STRIPE_WORDS[self.stands(order)],
        }


@contextmanager
def peers_bank() -> Iterator[PeersBank]:
    """Serve within the block, on loopback."""
    bank = PeersBank()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            order = path.rsplit("/", 1)[-1]
            if path == "/v1/account":
                self.answer(200, {"id": "acct_peer", "object": "account", "settings": {}})
            elif order not in bank.orders:
                missing = {"code": "resource_missing", "type": "invalid_request_error"}
                self.answer(404, {"error": missing | {"message": "No such payment_intent"}})
            elif path.startswith("/v1/payment_intents/"):
                self.answer(200, bank.intent(order))
            else:
                self.answer(200, {"order": order, "status": bank.orders[order], "amount": AMOUNT})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            path = urlsplit(self.path).path
            if path == "/v1/payment_intents":
                order = dict(parse_qsl(body))["metadata[order]"]
                # As it stood when it came: the answer is on its way while the payer pays.
                answered = bank.intent(order)
                bank.opened(order)
                self.answer(200, answered)
            else:
                bank.opened(path.rsplit("/", 1)[-1])
                self.answer(200, {"status": "new"})

        def answer(self, status: int, said: dict[str, Any]) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bank.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield bank
    finally:
        bank.answers_may_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
