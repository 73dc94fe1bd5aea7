"""What the platform is told: a receiver that takes Shulk's webhooks and keeps those whose signature fits."""

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final

from shulk_testing.api import Payment, Shulk
from shulk_testing.signatures import NotSigned, verify
from shulk_testing.waiting import wait_for

CREATED: Final = 201
SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.05
BODY_BYTES_MAX: Final = 1 << 20


@dataclass(frozen=True)
class Event:
    """One verified message; *id* is the same in every attempt."""

    id: str
    type: str
    data: dict[str, Any]


@dataclass
class Inbox:
    """The verified messages in the order in which they came, and how many were not signed."""

    secret: str = ""
    events: list[Event] = field(default_factory=list)
    unsigned: int = 0
    lock: Lock = field(default_factory=Lock)

    def take(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            told = verify(self.secret, headers, body)
        except NotSigned:
            self.unsigned += 1
            return False
        event = Event(headers.get("webhook-id", ""), told["type"], told["data"])
        with self.lock:
            if all(each.id != event.id for each in self.events):
                self.events.append(event)
        return True


class Receiver:
    """An HTTP server on loopback that belongs to a test session."""

    def __init__(self) -> None:
        self.inbox = inbox = Inbox()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = min(int(self.headers.get("content-length", 0)), BODY_BYTES_MAX)
                headers = {name.lower(): value for name, value in self.headers.items()}
                taken = inbox.take(headers, self.rfile.read(length))
                self.send_response(204 if taken else 401)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Write nothing into the tests' output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Webhooks:
    """What was told since this test began, verified; of other tests' payments too when they share a Shulk."""

    def __init__(self, shulk: Shulk, inbox: Inbox) -> None:
        self._shulk, self._inbox, self._begin = shulk, inbox, len(inbox.events)

    @property
    def events(self) -> list[Event]:
        return self._inbox.events[self._begin :]

    def about(self, payment: Payment) -> list[Event]:
        """Return the events about *payment*, in the order in which they came."""
        of = payment.transaction_id
        return [each for each in self.events if each.data.get("transaction_id") == of]

    def wait_for(self, payment: Payment, type_: str, *, seconds: float = SECONDS) -> Event:
        """Return the first event of *type_* about *payment*, or raise ``NeverCame``."""

        def look() -> Event | None:
            return next((each for each in self.about(payment) if each.type == type_), None)

        return wait_for(
            look, seconds, lambda: f"told {[each.type for each in self.about(payment)]}"
        )

    def send_to(self, url: str, *types: str) -> str:
        """Have Shulk call the platform under test as well, and return the secret that verifies it."""
        return add_endpoint(self._shulk, url, types)


def add_endpoint(shulk: Shulk, url: str, types: tuple[str, ...] = ()) -> str:
    """Return the secret of a new endpoint at *url*, told all types without any."""
    body = {"url": url, "types": list(types), "description": "A test"}
    added = shulk.admin("POST", "/api/admin/webhooks", body, status=CREATED).body
    secret: str = added["secret"]
    return secret
