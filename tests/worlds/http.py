"""The HTTP application in memory: production's use cases, storage of fakes, and a bank that tests direct."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import jwt
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.breaker.gateway import CircuitBreakerGateway
from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Outcome
from adapters.totp.second_factor import TotpSecondFactor, code_of, step_at
from application.order_status.read_order import ReadOrder
from domain.catalogue.course import Course
from domain.catalogue.discount import DiscountCode
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.payments.order_facts import RefundVerdict, ReviewReason, Verdict
from domain.payments.refund_polling import no_jitter
from domain.staff.access import Role
from domain.staff.staff_member import StaffId
from entrypoints.http.app import create_app, install
from entrypoints.http.dependencies import Dependencies, ProcessDependencies
from entrypoints.settings.settings import Settings
from entrypoints.wiring.http_process import dependencies_of
from entrypoints.wiring.use_cases.use_cases import UseCases
from fakes.alerts import AlertBook
from fakes.clock import StoppedClock
from fakes.documents.document_renderer import Typewriter
from fakes.file_store import Shelf
from fakes.guard import guarded
from fakes.memory import Memory
from fakes.notifications.webhooks import HookBook
from fakes.samples import BY_STATUS, LAPSE, a_code, a_course, a_member, payment_id, refund_id
from ports.notifications.outbox import OutboxTask
from ports.payments.gateway_messages import GatewayMessages
from ports.payments.payment_gateway import GatewayOperation
from ports.staff.staff_register import seed_location
from worlds.lent_apps import lent_app
from worlds.settings import AUDIENCE, PLATFORM, SECRET
from worlds.wiring import Wiring

Client = AsyncClient

CHECKOUT: Final[Mapping[str, Any]] = {
    "course_id": "algebra",
    "billing": {"name": "Asha", "state_code": "27"},
}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class HttpWorld:
    """
    One HTTP process: ``serve`` yields its client, *gateway* plays the bank, *memory* is the storage.

    With *guard* the bank is asked through it. Its messages are the gateway's own, or read by *messages*. *parts* is
    the answer of the readiness probe; *woken* counts the calls of ``wake``. *seeds* are those of the apps of its staff.
    """

    settings: Settings
    clock: StoppedClock = field(default_factory=StoppedClock)
    memory: Memory = field(default_factory=Memory)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    shelf: Shelf = field(default_factory=Shelf)
    alerts: AlertBook = field(default_factory=AlertBook)
    hooks: HookBook = field(default_factory=HookBook)
    guard: CircuitBreakerGateway | None = None
    parts: dict[str, str] = field(default_factory=lambda: {"database": "ok", "redis": "ok"})
    messages: GatewayMessages | None = None
    peer: str = "192.0.2.7"
    woken: int = 0
    started: int = 0
    stopped: int = 0
    seeds: dict[str, str] = field(default_factory=dict)
    _drawn: int = 0
    _beside: Wiring | None = None

    def __post_init__(self) -> None:
        self.sell(a_course(), a_course("history", rupees=60_000))
        self.offer(a_code("TEN"), a_code("FREE", percent=100), a_code("ONCE", total_limit=1))

    def sell(self, *courses: Course) -> None:
        self.memory.store.courses.update({course.id: course for course in courses})

    def offer(self, *codes: DiscountCode) -> None:
        self.memory.store.discounts.update({code.code: code for code in codes})

    def app(self) -> Litestar:
        return create_app(self.dependencies(self.wiring()))

    def dependencies(self, wiring: Wiring) -> Dependencies:
        """Return what the routes need, as production makes it; the test is the process around it."""
        process = ProcessDependencies(
            start=self.start, stop=self.stop, wake_workers=self.wake, ready=self.ready
        )
        return replace(dependencies_of(wiring.container), process=process)

    def use_cases(self) -> UseCases:
        """Return every use case, wired as in production, on what is kept in memory."""
        if self._beside is None:
            self._beside = self.wiring()
        return self._beside.use_cases

    def wiring(self) -> Wiring:
        """Return production's container on what is kept in memory."""
        wiring = Wiring.of(self.settings)
        parts = wiring.container
        wiring.keep_in(self.memory)
        wiring.send_to(
            self.guard or self.gateway,
            self.messages or self.gateway,
            session_suspended_for=self.session_suspended_for,
            read_suspended_for=self.read_suspended_for,
        )
        wiring.replace(
            (parts.clock, self.clock),
            (parts.new_payment_id, self.draw),
            (parts.new_refund_id, self.draw_refund),
            (parts.jitter, no_jitter),
            (parts.files, self.shelf),
            (parts.renderer, Typewriter()),
            (parts.alerts, self.alerts),
            (parts.webhooks, self.hooks),
        )
        return wiring

    def add_member(self, who: str = "mira", *roles: Role, active: bool = True) -> str:
        """Give *who* an account and an app, as the command line does, and return the app's seed."""
        seed = TotpSecondFactor("tests").new_seed()
        cipher = AesGcmCipher.under(self.settings.keys_at_rest)
        encrypted = cipher.encrypt(seed, seed_location(StaffId(who)))
        member = a_member(who, *roles, seed=encrypted, active=active)
        self.memory.store.staff[member.id] = member
        self.seeds[who] = seed
        return seed

    def code(self, seed: str, later: int = 0) -> str:
        """Return the code that an app shows for *seed*, now or *later* half minutes on."""
        return code_of(seed, step_at(self.clock.now()) + later)

    @asynccontextmanager
    async def serve(self, **headers: str) -> AsyncIterator[Client]:
        """Yield a client of the running application; nobody is signed in, and errors are answers."""
        with self.lent() as app:
            reached: Any = self._reached(app)  # The two libraries type a message differently.
            transport = ASGITransport(reached, raise_app_exceptions=False)
            address = self.settings.public_url
            async with (
                _started(app),
                Client(transport=transport, base_url=address, headers=headers) as client,
            ):
                yield client

    @contextmanager
    def lent(self) -> Iterator[Litestar]:
        """Lend an app with the parts of this world, not started; whoever changes it changes it back."""
        wiring = self.wiring()
        try:
            with lent_app(self.settings) as app:
                install(self.dependencies(wiring), app)
                yield app
        finally:
            wiring.give_back()
            if self._beside is not None:
                self._beside.give_back()
                self._beside = None

    def _reached(self, app: Litestar) -> ASGIApp:
        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP:
                scope["client"] = (self.peer, 50_000)
            await app(scope, receive, send)

        return reached

    def draw(self) -> PaymentId:
        self._drawn += 1
        return payment_id(self._drawn)

    def draw_refund(self) -> RefundId:
        self._drawn += 1
        return refund_id(self._drawn)

    def pay(self, transaction_id: str, outcome: Outcome = Outcome.SUCCESS) -> str:
        """Act as the payer and return the encoded fields that the bank sends back."""
        self.gateway.pay(PaymentId(transaction_id), outcome)
        return urlencode(self.gateway.return_fields(PaymentId(transaction_id)))

    def guard_the_bank(self) -> None:
        """Leave the bank alone from now on when it is silent; to be called before the application is made."""
        self.guard = guarded(self.gateway, self.clock)

    def session_suspended_for(self) -> timedelta | None:
        return self.guard.suspended_for(GatewayOperation.CREATE_SESSION) if self.guard else None

    def read_suspended_for(self) -> timedelta | None:
        return self.guard.suspended_for(GatewayOperation.READ_ORDER) if self.guard else None

    def auto_refund(self, payment: PaymentId, refund: RefundId) -> None:
        """Let the bank call the paid order too late, and give its money back by itself."""
        self.clock.move(LAPSE)
        known = self.gateway.orders[payment]
        late = replace(
            known.facts, verdict=Verdict.UNCLEAR, review_reason=ReviewReason.AUTO_REFUNDED
        )
        self.gateway.answer(payment, late)
        self.gateway.refund_outside(payment, refund, known.asked.amount, automatic=True)

    async def file_due_documents(self) -> None:
        """Do what a worker does about documents: issue them, and make their files."""
        use_cases = self.use_cases()
        for row in [*self.memory.store.outbox.values()]:
            if row.task is OutboxTask.TAX_DOCUMENT:
                await use_cases.documents().issue_invoice()(row.payment)
            elif row.task is OutboxTask.CREDIT_NOTE:
                await use_cases.documents().issue_credit_note()(row.payment, RefundId(row.subject))
            await use_cases.documents().file_documents()(row.payment)

    async def refund_at_bank(self, transaction_id: str) -> None:
        """Let the bank give all of the payment back at once, of its own accord."""
        payment = PaymentId(transaction_id)
        amount = self.gateway.orders[payment].asked.amount
        self.gateway.refund_outside(payment, self.draw_refund(), amount, RefundVerdict.PAID)
        use_cases = self.use_cases()
        facts = await ReadOrder(self.gateway)(payment, StudentId("asha"))
        await use_cases.order_status().apply_order_status()(facts, BY_STATUS)

    async def wake(self) -> None:
        self.woken += 1

    async def ready(self) -> Mapping[str, str]:
        return self.parts

    async def start(self) -> None:
        self.started += 1

    async def stop(self) -> None:
        self.stopped += 1

    def bearer(self, who: str = "asha", *roles: str, **changes: Any) -> dict[str, str]:
        """Return the header of a token that the platform would sign for *who*."""
        return {"Authorization": f"Bearer {self.token(who, *roles, **changes)}"}

    def token(self, who: str = "asha", *roles: str, **changes: Any) -> str:
        claims = self.claims(who, *roles) | changes
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, SECRET, algorithm="HS256")

    def claims(self, who: str = "asha", *roles: str) -> dict[str, Any]:
        now: datetime = self.clock.now()
        return {
            "iss": PLATFORM,
            "aud": AUDIENCE,
            "sub": who,
            "name": who.capitalize(),
            "email": f"{who}@example.com",
            "roles": list(roles or ("student",)),
            "iat": now,
            "exp": now + timedelta(minutes=5),
        }


@asynccontextmanager
async def _started(app: Litestar) -> AsyncIterator[None]:
    """Start *app*, and stop it in the task that it was started in: a fixture is ended by another one."""
    began = asyncio.get_running_loop().create_future()
    ending = asyncio.Event()

    async def live() -> None:
        try:
            async with app.lifespan():
                began.set_result(None)
                await ending.wait()
        except BaseException as error:
            if began.done():
                raise
            began.set_exception(error)

    life = asyncio.create_task(live())
    await began
    try:
        yield
    finally:
        ending.set()
        await life


async def begun_payment(client: Client, headers: Mapping[str, str], **changes: Any) -> str:
    """Begin a payment and return its id."""
    answer = await client.post(
        "/api/payment/initiate", json={**CHECKOUT, **changes}, headers=dict(headers)
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["transaction_id"])


async def signed_in(client: Client, world: HttpWorld, who: str = "asha") -> str:
    """Exchange a token for the cookie and return the session's form token."""
    answer = await client.post("/session/exchange", json={"token": world.token(who)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["csrf_token"])


async def into_console(client: Client, world: HttpWorld, who: str = "farhan", *roles: Role) -> str:
    """Sign *who* in, an officer of finance unless *roles* say something else; return the console's form token."""
    given = roles or (Role.FINANCE,)
    seed = world.add_member(who, *given)
    token = world.token(who, *(role.value for role in given), jti=seed)
    answer = await client.post("/session/exchange", json={"token": token})
    assert answer.status_code == 200, answer.text
    form = {"csrf_token": answer.json()["csrf_token"], "code": world.code(seed)}
    answer = await client.post("/console/sign-in", data=form)
    assert answer.status_code == 303, answer.text
    return str((await client.get("/api/csrf")).json()["csrf_token"])


def problem(answer: Response, status: int, slug: str) -> dict[str, Any]:
    """Return the problem that *answer* must be."""
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), answer.text
    body: dict[str, Any] = answer.json()
    assert str(body["type"]).endswith(f"/problems/{slug}"), body
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def pointers(problem: Mapping[str, Any]) -> list[str]:
    """Return where in the body the faults are that *problem* names."""
    return [each["pointer"] for each in problem["errors"]]
