"""An HTTP application under attack: production's container, PostgreSQL and Valkey, and a bank of sample answers."""

import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import httpx
from litestar import Litestar

from entrypoints.http.app import create_app
from entrypoints.wiring.container import Shulk
from entrypoints.wiring.http_process import dependencies_of
from fakes.documents.document_renderer import Typewriter
from fakes.file_store import Shelf
from fakes.notifications.email_sender import Mailbag
from fakes.raw_asgi import RawAnswer, send_raw
from samples.hdfc.samples import sample
from samples.hostile.entry import CARDS, KEPT, KEY, LED_ON, PASSWORD, SOLD, UNPAID, USER, Entry
from worlds.postgres import ASHA, BY_STAFF, CODE, COURSE, RAVI, HandClock, code, wanted
from worlds.settings import settings_with
from worlds.wiring import Wiring

BANK: Final = "https://gateway.example.com"
UNTOUCHED: Final = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
    AND table_name NOT IN ('inbox', 'audit_log', 'gateway_call_rollup')"""
"""How long our own calls to the bank took is written every few seconds, whatever message comes meanwhile."""
LINE: Final = defaultdict(lambda: "t::text", payment="(to_jsonb(t) - 'asked_at')::text")
READ_AT: Final = "payment.asked_at"
AUDITED: Final = "audit_log WHERE action NOT LIKE '%refused%' AND action NOT LIKE 'security.%'"


@dataclass(slots=True)
class SampleBank:
    """Answers as the bank does: every order is new, but for those in *charged*; all talk of cards."""

    charged: set[str] = field(default_factory=set)
    payable: dict[str, str] = field(default_factory=dict)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked = json.loads(request.content)
            self.payable[asked["order_id"]] = asked["amount"]
            return as_answer(sample("session", order_id=asked["order_id"]))
        order = request.url.path.rpartition("/")[2]
        kind = "order_charged_card" if order in self.charged else "order_new"
        body = sample(kind, order_id=order, amount=self.payable[order])
        return as_answer(sprinkled(body))


def as_answer(body: dict[str, Any]) -> httpx.Response:
    return httpx.Response(
        200,
        headers={"content-type": "application/json"},
        stream=httpx.ByteStream(json.dumps(body).encode()),
    )


def sprinkled(body: dict[str, Any]) -> dict[str, Any]:
    """Return *body* with whole cards wherever nothing else has to stand."""
    one, two, three, four = CARDS
    return body | {
        "udf1": one,
        "customer_phone": two,
        "payment_method": three,
        "bank_error_message": f"card {four} was charged",
        "payment_method_type": f"CARD {one}",
        "txn_id": two,
        "card": {
            "card_number": one,
            "cvv": "123",
            "card_issuer": f"of {three}",
            "card_brand": four,
        },
        "payment_gateway_response": {"rrn": one, "auth_id_code": two, "resp_message": three},
    }


class LogRecords(logging.Handler):
    """Keeps every record of every logger, with all its attributes."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(f"{self.format(record)} {record.__dict__!r}")


@dataclass(frozen=True, slots=True)
class Met:
    """What became of one message: its answer, and the tables it changed."""

    entry: Entry
    answer: RawAnswer
    changed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUnderAttack:
    """*watcher* reads the database from outside."""

    app: Litestar
    container: Shulk
    clock: HandClock
    mail: Mailbag
    watcher: "asyncpg.Connection[asyncpg.Record]"

    async def sent(self, entries: Iterable[Entry]) -> list[Met]:
        """Send every message, one after the other, and return what became of each."""
        met, before = [], await self.state()
        for entry in entries:
            answer = await send_raw(
                self.app,
                entry.method,
                entry.path,
                query=entry.query,
                headers=entry.headers,
                body=entry.body,
                broken_off=entry.broken_off,
            )
            after = await self.state()
            met.append(Met(entry, answer, changed(before, after)))
            before = after
        return met

    async def work(self) -> None:
        """Do all that a worker has to do now."""
        use_cases = self.container.use_cases()
        while (
            await use_cases.evidence().process_inbox()()
            + await use_cases.notifications().relay_outbox()()
        ):
            pass

    async def state(self) -> dict[str, str]:
        """
        Return a digest of each table that a message may not change, and how long the inbox is.

        When an order was last read at the bank stands for itself: a signed return has it read.
        """
        names = [row[0] for row in await self.watcher.fetch(UNTOUCHED)]
        parts = [(name, f'"{name}"') for name in names] + [("audit_log", AUDITED)]
        digests = " UNION ALL ".join(
            f"SELECT '{name}', md5(coalesce(string_agg({LINE[name]}, ' ' ORDER BY {LINE[name]}), ''))"  # noqa: S608 - from the catalogue
            f" FROM {source.replace(' WHERE', ' t WHERE') if ' WHERE' in source else f'{source} t'}"
            for name, source in parts
        )
        found = dict(await self.watcher.fetch(digests))
        return found | {
            "inbox": str(await self.watcher.fetchval("SELECT count(*) FROM inbox")),
            READ_AT: str(await self.watcher.fetch("SELECT id, asked_at FROM payment ORDER BY id")),
        }


def changed(before: dict[str, str], after: dict[str, str]) -> frozenset[str]:
    return frozenset(name for name in after if before[name] != after[name])


def may_change(entry: Entry) -> frozenset[str]:
    """
    Return what a message with the bank's credentials may leave behind.

    That is a webhook's line in the inbox, and the time at which a signed return had the order read.
    """
    if entry.answers == KEPT:
        return frozenset({"inbox"})
    return frozenset({READ_AT}) if entry.answers == LED_ON else frozenset()


@asynccontextmanager
async def app_under_attack(database_url: str, redis_url: str) -> AsyncIterator[AppUnderAttack]:
    """Start an application in which Ravi has paid and Asha has not."""
    settings = settings_with(
        database_url=database_url,
        redis_url=redis_url,
        gateway="simulator",
        gateway_url=BANK,
        response_key=KEY,
        webhook_user=USER,
        webhook_password=PASSWORD,
    )
    bank, clock, mail = SampleBank(), HandClock(), Mailbag()
    ids = iter([SOLD, UNPAID])
    wiring = Wiring.of(settings)
    container = wiring.container
    wiring.replace(
        (container.bank.client, httpx.AsyncClient(transport=httpx.MockTransport(bank.answer))),
        (container.clock, clock),
        (container.sender, mail),
        (container.files, Shelf()),
        (container.renderer, Typewriter()),
        (container.new_payment_id, lambda: next(ids)),
    )
    app = create_app(dependencies_of(container))
    watcher = await asyncpg.connect(database_url)
    try:
        async with app.lifespan():
            use_cases = container.use_cases()
            await use_cases.catalogue().replace_courses()([COURSE], BY_STAFF)
            await use_cases.catalogue().replace_discounts()([code()], BY_STAFF)
            for who in (RAVI, ASHA):
                await use_cases.checkout().initiate_payment()(wanted(who, code=CODE))
            bank.charged.add(SOLD)
            facts = await container.bank.read_order()(SOLD, RAVI.id)
            await use_cases.order_status().apply_order_status()(facts, BY_STAFF)
            while await use_cases.notifications().relay_outbox()():
                pass
            yield AppUnderAttack(
                app=app, container=container, clock=clock, mail=mail, watcher=watcher
            )
    finally:
        await watcher.close()
