"""The demo's platform as a process: it verifies what it is told, opens courses, and shows both on a page."""

import json
import os
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Final, cast

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from entrypoints.platform.received import Received

HOST: Final = "127.0.0.1"
BODY_BYTES_MAX: Final = 64 * 1024
SECONDS_MAX: Final = 10
WEBHOOKS: Final = "/webhooks"
SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The demo's platform</title></head>
<body>
<main>
<h1>The demo's platform</h1>
<p>It learns of everything here by webhooks alone.</p>
<h2>Open courses</h2>
{courses}
<h2>Latest events</h2>
{events}
</main>
</body>
</html>
"""


class PlatformServer(ThreadingHTTPServer):
    """*secret_file* holds the secret of the endpoint, once it was added."""

    daemon_threads = True

    def __init__(self, port: int, secret_file: Path) -> None:
        super().__init__((HOST, port), PlatformRequest)
        self.secret_file = secret_file
        self.received = Received()
        self.lock = Lock()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def take(self, headers: dict[str, str], body: bytes) -> bool:
        """Return whether the message is signed by our secret, and keep it then."""
        try:
            secret = self.secret_file.read_text(encoding="ascii").strip()
            event = Webhook(secret).verify(body, headers)
        except (OSError, RuntimeError, WebhookVerificationError):
            return False
        with self.lock:
            self.received.take(headers["webhook-id"], event)
        return True

    def shown(self) -> dict[str, Any]:
        """Return what was received, as JSON has it."""
        with self.lock:
            return {
                "courses": [
                    {"student_id": student, "course_id": course}
                    for student, course in self.received.courses
                ],
                "events": [
                    {
                        "id": each.id,
                        "type": each.type,
                        "timestamp": each.timestamp,
                        "data": dict(each.data),
                        "times": each.times,
                    }
                    for each in reversed(self.received.events.values())
                ],
            }


class PlatformRequest(BaseHTTPRequestHandler):
    timeout: ClassVar[float | None] = SECONDS_MAX

    def do_POST(self) -> None:
        told = self.headers.get("content-length", "")
        if self.path != WEBHOOKS or not told.isdigit() or int(told) > BODY_BYTES_MAX:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = self.rfile.read(int(told))
        headers = {name.lower(): value for name, value in self.headers.items()}
        taken = self._platform.take(headers, body)
        self._answer(HTTPStatus.NO_CONTENT if taken else HTTPStatus.UNAUTHORIZED, b"", "text/plain")

    def do_GET(self) -> None:
        shown = self._platform.shown()
        if self.path == "/received":
            self._answer(HTTPStatus.OK, json.dumps(shown).encode(), "application/json")
        elif self.path == "/":
            self._answer(HTTPStatus.OK, page(shown).encode(), "text/html; charset=utf-8")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    @property
    def _platform(self) -> PlatformServer:
        return cast("PlatformServer", self.server)

    def log_message(self, *_: object) -> None:
        """Say nothing: what came is on the page."""

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in SAFE.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def page(shown: dict[str, Any]) -> str:
    """Return the page of what was received; all of it is foreign text."""
    courses = [(each["student_id"], each["course_id"]) for each in shown["courses"]]
    events = [
        (each["timestamp"], each["type"], each["data"].get("transaction_id", ""), each["times"])
        for each in shown["events"][:100]
    ]
    return PAGE.format(
        courses=_table(("Student", "Course"), courses),
        events=_table(("When", "Type", "Payment", "Times"), events),
    )


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    if not rows:
        return "<p>None yet.</p>"
    cell = partial("<td>{}</td>".format)
    lines = ("".join(cell(escape(str(each))) for each in row) for row in rows)
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def run_platform(*, port: int, secret_file: Path, announce: Path | None) -> None:
    """Serve until the process is ended; write the address to *announce* once it answers."""
    with PlatformServer(port, secret_file) as server:
        if announce is not None:
            half = announce.with_name(f"{announce.name}.{os.getpid()}")
            half.write_text(json.dumps({"url": server.url}), encoding="utf-8")
            half.replace(announce)
        server.serve_forever()
