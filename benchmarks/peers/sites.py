"""The peers' sites, each run by its own Python on a database of its own, and how they are spoken to."""

import hashlib
import hmac
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Protocol

import asyncpg
import httpx

from benchmarks.peers.bank import AMOUNT, PeersBank
from entrypoints.cli.embedded import free_port

HERE: Final = Path(__file__).parent
PYTHON: Final = HERE / ".venv" / "bin" / "python"
SECRET: Final = token_hex(24)
STARTS_WITHIN_SECONDS: Final = 90.0
STOPS_WITHIN_SECONDS: Final = 15.0
PROCESSES: Final = "2"
ENDPOINT: Final = "8d3c1f0e-6f0c-4d43-9b1a-0d1f5d0c8a11"


class Site(Protocol):
    """A peer's site that runs."""

    name: str

    async def begin_payment(self, order: str) -> int:
        """Open a payment under *order*, by the peer's own code; return the status answered."""
        ...

    async def told(self, order: str, word: str, event: str) -> int:
        """Deliver the event, rightly signed, that *order* is *word*; return the status answered."""
        ...

    async def polls(self, order: str) -> int:
        """Let the peer ask the bank; return the status answered."""
        ...

    async def ending(self, order: str) -> str:
        """Return ``sold``, ``unsold``, or what is wrong in between."""
        ...


@dataclass(kw_only=True)
class GetpaidSite:
    name: str = "litestar-getpaid"
    http: httpx.AsyncClient
    records: asyncpg.Pool
    url: str = ""

    async def begin_payment(self, order: str) -> int:
        return (await self.http.post(f"{self.url}/open-as/{order}")).status_code

    async def told(self, order: str, word: str, event: str) -> int:
        body = json.dumps({"event_id": event, "status": word, "paid_amount": AMOUNT}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        answer = await self.http.post(
            f"{self.url}/callback/{order}",
            content=body,
            headers={"Content-Type": "application/json", "X-Signature": signature},
        )
        return answer.status_code

    async def polls(self, order: str) -> int:
        return (await self.http.post(f"{self.url}/poll/{order}")).status_code

    async def ending(self, order: str) -> str:
        sql = "SELECT status, amount_paid FROM getpaid_payment WHERE id = $1"
        row = await self.records.fetchrow(sql, order)
        if row is None:
            return "no payment"
        if row["status"] == "paid" and str(row["amount_paid"]) == AMOUNT:
            return "sold"
        if not row["amount_paid"] and row["status"] != "paid":
            return "unsold"
        return f"{row['status']} with {row['amount_paid']} paid"


@dataclass(kw_only=True)
class DjStripeSite:
    name: str = "dj-stripe"
    http: httpx.AsyncClient
    records: asyncpg.Pool
    bank: PeersBank
    url: str = ""

    async def begin_payment(self, order: str) -> int:
        return (await self.http.get(f"{self.url}/open-as/{order}")).status_code

    async def told(self, order: str, word: str, event: str) -> int:
        kind = {"charged": "succeeded", "failed": "payment_failed"}[word]
        claimed = self.bank.intent(order) | {"status": "succeeded" if word == "charged" else None}
        body = json.dumps(
            {
                "id": event,
                "object": "event",
                "api_version": "2025-09-30.clover",
                "created": int(time.time()),
                "data": {"object": claimed},
                "livemode": False,
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
                "type": f"payment_intent.{kind}",
            }
        )
        at = int(time.time())
        signed = hmac.new(SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        answer = await self.http.post(
            f"{self.url}/stripe/webhook/{ENDPOINT}/",
            content=body.encode(),
            headers={"Content-Type": "application/json", "Stripe-Signature": f"t={at},v1={signed}"},
        )
        return answer.status_code

    async def polls(self, order: str) -> int:
        return (await self.http.get(f"{self.url}/poll/{order}")).status_code

    async def ending(self, order: str) -> str:
        sql = (
            "SELECT (SELECT stripe_data->>'status' FROM djstripe_paymentintent WHERE id = $1),"
            " (SELECT count(*) FROM peer_enrolment WHERE payment = $1),"
            " (SELECT count(*) FROM peer_letter WHERE payment = $1)"
        )
        status, enrolments, emails = await self.records.fetchrow(sql, order)
        if (status, enrolments, emails) == ("succeeded", 1, 1):
            return "sold"
        if status != "succeeded" and not enrolments and not emails:
            return "unsold"
        return f"{status}, {enrolments} enrolments, {emails} emails"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How a site is made ready and served, in the peers' environment."""

    module: str
    interface: str
    more: Sequence[str] = ()
    variables: Mapping[str, str] = field(repr=False)

    @contextmanager
    def serving(self, log: Path) -> Iterator[str]:
        """Serve by two processes within the block; yield the address."""
        port = free_port()
        environ = os.environ | dict(self.variables) | {"PYTHONPATH": str(HERE)}
        command = [str(PYTHON), "-m", "granian", "--interface", self.interface]
        command += ["--port", str(port), "--workers", PROCESSES, "--workers-kill-timeout", "5"]
        command += [*self.more, self.module]
        with log.open("wb") as writes:
            process = subprocess.Popen(command, env=environ, stdout=writes, stderr=writes)  # noqa: S603 - our own
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_for(url, process, log)
                yield url
            finally:
                process.terminate()
                try:
                    process.wait(STOPS_WITHIN_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def run(self, *words: str) -> None:
        """Run the site's module with *words*, to its end."""
        script = HERE / f"{self.module.partition(':')[0]}.py"
        environ = os.environ | dict(self.variables)
        subprocess.run([str(PYTHON), str(script), *words], env=environ, check=True)  # noqa: S603 - our own


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            httpx.get(url, timeout=5, trust_env=False)
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(encoding="utf-8")) from None
            time.sleep(0.1)
        else:
            return


def variables_for(database: str, bank: PeersBank) -> dict[str, Any]:
    return {"PEERS_DATABASE": database, "PEERS_BANK": bank.url, "PEERS_SECRET": SECRET}
