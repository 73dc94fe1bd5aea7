"""Everything the journeys touch from outside: a student's program, the bank and its payer, staff, mail, the records."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import httpx

from worlds.processes.waiting import PATIENCE_SECONDS, eventually

PROBLEM: Final = "application/problem+json"
KARNATAKA: Final = "29"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a token of the platform."""

    id: str
    name: str
    email: str
    token: str = field(repr=False)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Api:
    """The service as one person's program reaches it."""

    http: httpx.AsyncClient
    address: str
    person: Person

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.person.bearer | dict(more.pop("headers", {}))
        return await self.http.request(method, f"{self.address}{path}", headers=headers, **more)

    async def initiate(
        self,
        course: str,
        code: str | None = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        billing: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Open a payment, billed to this person in Karnataka unless *billing* says otherwise."""
        body: dict[str, object] = {
            "course_id": course,
            "billing": {"name": self.person.name, "state_code": KARNATAKA} | dict(billing or {}),
        }
        if code is not None:
            body["discount_code"] = code
        more = dict(headers or {}) | ({} if key is None else {"Idempotency-Key": key})
        return await self.ask("POST", "/api/payment/initiate", json=body, headers=more)

    async def opened(self, course: str, code: str | None = None, **more: Any) -> dict[str, Any]:
        """Open a payment and return it; nothing may stand in the way."""
        answer = await self.initiate(course, code, **more)
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def status(self, transaction: str) -> dict[str, Any]:
        answer = await self.ask("GET", f"/api/payment/status/{transaction}")
        assert answer.status_code == HTTPStatus.OK, answer.text
        known: dict[str, Any] = answer.json()
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The simulator as the bank: told what to do by its control API; it sends webhooks."""

    http: httpx.AsyncClient
    address: str
    webhook_url: str
    user: str
    password: str = field(repr=False)

    async def control(self, path: str, **body: object) -> dict[str, Any]:
        answer = await self.http.post(f"{self.address}/_control/{path}", json=body)
        assert answer.status_code == HTTPStatus.OK, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def pay(
        self, order: str, outcome: str = "success", *, method: str = "UPI", webhooks: bool = True
    ) -> dict[str, Any]:
        return await self.control(
            f"orders/{order}/pay", method=method, outcome=outcome, webhooks=webhooks
        )

    async def fault(
        self, operation: str, fault: str, *, times: int = 1, hold_seconds: float = 0.2
    ) -> None:
        """Make the next calls of *operation* go wrong."""
        await self.control(
            "next", operation=operation, fault=fault, times=times, hold_seconds=hold_seconds
        )

    async def is_away(self, fault: str = "http_500", *, hold_seconds: float = 0.2) -> None:
        """Tell nobody how an order stands until ``is_back``: pollers have questions of their own."""
        await self.fault("status", fault, times=1000, hold_seconds=hold_seconds)

    async def is_back(self) -> None:
        """Let nothing go wrong any more."""
        answer = await self.http.delete(f"{self.address}/_control/next")
        assert answer.status_code == HTTPStatus.OK, answer.text

    async def knows(self, order: str) -> dict[str, Any]:
        answer = await self.http.get(f"{self.address}/_control/orders/{order}")
        assert answer.status_code == HTTPStatus.OK, answer.text
        known: dict[str, Any] = answer.json()
        return known

    async def reads_of(self, order: str) -> int:
        """Return how often we asked the bank about *order*."""
        return int((await self.knows(order))["status_reads"])

    async def tell(
        self, event: Mapping[str, object] | bytes, *, password: str | None = None
    ) -> httpx.Response:
        """Send a webhook with the bank's credentials, or with another *password*."""
        content = event if isinstance(event, bytes) else json.dumps(event).encode()
        headers = self.credentials(password) | {"Content-Type": "application/json"}
        return await self.http.post(self.webhook_url, content=content, headers=headers)

    def credentials(self, password: str | None = None) -> dict[str, str]:
        pair = f"{self.user}:{self.password if password is None else password}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


async def announce_body(url: str, size: int, headers: Mapping[str, str]) -> tuple[int, str]:
    """Announce a body of *size* bytes, send none of it, and return the status and text answered."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    said = {
        "Host": place.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(size),
        "Connection": "close",
        **headers,
    }
    lines = (f"POST {place.path} HTTP/1.1", *(f"{name}: {text}" for name, text in said.items()))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            writer.write("\r\n".join((*lines, "", "")).encode())
            await writer.drain()
            answer = (await reader.read()).decode()
    finally:
        writer.close()
        await writer.wait_closed()
    return int(answer.split(" ", 2)[1]), answer


def event_of(order: Mapping[str, object], name: str = "ORDER_SUCCEEDED") -> dict[str, object]:
    """Return a webhook's body about *order* as the bank shows it, under an id of its own."""
    return {
        "id": f"evt_{token_hex(12)}",
        "event_name": name,
        "date_created": "2026-01-05T10:00:00Z",
        "content": {"order": dict(order)},
    }


def charged(order_id: str, amount: str) -> dict[str, object]:
    """Return a webhook's body that claims a sale, whatever the bank itself would say."""
    order = {
        "order_id": order_id,
        "status": "CHARGED",
        "status_id": 21,
        "amount": float(amount),
        "currency": "INR",
    }
    return event_of(order)


def fields_of(return_url: str) -> list[tuple[str, str]]:
    """Return the fields of a signed way back, decoded once."""
    return parse_qsl(urlsplit(return_url).query, strict_parsing=True)


@dataclass(frozen=True, slots=True)
class Records:
    """The service's own tables, looked into at the end of a journey."""

    connection: asyncpg.Connection

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.connection.fetch(sql, *values)]

    async def count(self, table: str, where: str, *values: object) -> int:
        sql = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - the tests' own words
        return int(await self.connection.fetchval(sql, *values))

    async def state(self, transaction: str) -> str:
        return str(
            await self.connection.fetchval("SELECT state FROM payment WHERE id = $1", transaction)
        )

    async def reaches(self, transaction: str, state: str) -> None:
        """Return once the payment is in *state*, without asking the service anything."""
        await eventually(lambda: self.state(transaction), lambda seen: seen == state)

    async def news(self, order: str) -> list[dict[str, Any]]:
        """Return what the bank told us about *order*, and what became of it."""
        sql = "SELECT event_id, state, copies, attempts, why FROM inbox WHERE order_id = $1"
        return await self.rows(sql, order)

    async def news_is(self, order: str, state: str) -> None:
        """Return once everything the bank told about *order* is in *state*."""
        await eventually(
            lambda: self.news(order),
            lambda news: news and all(each["state"] == state for each in news),
        )

    async def one_sale(self, transaction: str) -> dict[str, int]:
        """Count what a sale leaves behind; exactly one of each is right."""
        return {
            "moves": await self.count(
                "audit_log", "subject = $1 AND to_state = 'success'", transaction
            ),
            "enrolments": await self.count("enrolment", "payment_id = $1", transaction),
            "invoices": await self.count(
                "outbox", "payment_id = $1 AND errand = 'tax_document'", transaction
            ),
        }


ONE_SALE: Final = {"moves": 1, "enrolments": 1, "invoices": 1}
NO_SALE: Final = {"moves": 0, "enrolments": 0, "invoices": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessWorld:
    """One running whole, from outside."""

    http: httpx.AsyncClient
    api: str
    mailbox: str
    bank: Bank
    records: Records
    admin: Person
    next_student: Callable[[], Person]

    def student(self) -> Api:
        """Return the program of a student; with a course of one's own nobody is in the way."""
        return self.of(self.next_student())

    def of(self, person: Person) -> Api:
        return Api(self.http, self.api, person)

    async def course(self, course: str | None = None, /, **changes: object) -> str:
        """Put a course of 1180 rupees, tax included, or as *changes* say; return its id."""
        named = course or f"journey-{token_hex(6)}"
        record = {
            "title": f"A Journey, Number {named[-4:]}",
            "list_price": "1180.00",
            "price_mode": "inclusive",
            "sac": "999293",
            "gst_rate": "18",
        }
        answer = await self.of(self.admin).ask(
            "PUT", f"/api/admin/courses/{named}", json=record | changes
        )
        assert answer.status_code == HTTPStatus.NO_CONTENT, answer.text
        return named

    async def code(self, code: str | None = None, /, **terms: object) -> str:
        named = code or f"J{token_hex(6).upper()}"
        answer = await self.of(self.admin).ask("PUT", f"/api/admin/discounts/{named}", json=terms)
        assert answer.status_code == HTTPStatus.NO_CONTENT, answer.text
        return named

    async def emails_to(self, person: Person, about: str) -> list[dict[str, Any]]:
        """Return the mails to *person* that name *about*."""
        answer = await self.http.get(f"{self.mailbox}/messages")
        assert answer.status_code == HTTPStatus.OK, answer.text
        return [
            each for each in answer.json() if each["to"] == person.email and about in each["text"]
        ]

    async def receive_one_email(self, person: Person, about: str) -> dict[str, Any]:
        """Return the one mail that arrives about *about*."""
        emails = await eventually(lambda: self.emails_to(person, about))
        assert len(emails) == 1
        return emails[0]


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """Return the problem that *answer* tells, which has to be the one named."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].partition(";")[0] == PROBLEM
    told: dict[str, Any] = answer.json()
    assert str(told["type"]).endswith(f"/problems/{slug}"), told
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    return told
