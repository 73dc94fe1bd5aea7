"""Students at work: they pay, press twice, leave, come back, look, try again and cancel, as the plan has it."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import jwt

from simulation.bank import API_URL, BANK_URL
from simulation.loop import begin
from simulation.network import Answer, Cut, Network, NoAnswer, NotReached, Request
from simulation.plan import DisputeCourse, Visit
from worlds.settings import AUDIENCE, PLATFORM, SECRET

TRIES_MAX: Final = 4
TRY_AGAIN_SECONDS: Final = 20.0
OK: Final = 200
CREATED: Final = 201
CONFLICT: Final = 409
SERVER_ERROR: Final = 500
JSON: Final = (b"content-type", b"application/json")
FORM: Final = (b"content-type", b"application/x-www-form-urlencoded")


@dataclass(slots=True)
class Promises:
    """What the service said to people, which has to be true whatever happens afterwards."""

    begun: set[str] = field(default_factory=set)
    told_success: set[str] = field(default_factory=set)
    refunds: set[str] = field(default_factory=set)
    problems: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class People:
    network: Network
    now: Callable[[], datetime]
    tell: Callable[[str, str], None]
    promises: Promises = field(default_factory=Promises)

    async def live(self, visit: Visit) -> None:
        """Do all of *visit*; what goes wrong ends it, as people give up."""
        await asyncio.sleep(visit.at)
        student = Student(self, visit.student)
        self.tell(visit.student, str(visit))
        begun = await student.begin(visit)
        if begun is None or begun.get("payment_url") is None:
            return
        for number, outcome in enumerate(visit.outcomes, 1):
            await asyncio.sleep(visit.dwells)
            await student.pay(begun, outcome, visit)
            for _ in range(visit.looks):
                await asyncio.sleep(3)
                await student.look(begun["transaction_id"])
            if number < len(visit.outcomes) and visit.retries:
                again = await student.retry(begun["transaction_id"], f"{visit.name}.{number}")
                begun = again if again is not None and again.get("payment_url") else begun
        if visit.cancels:
            await student.cancel(begun["transaction_id"])

    async def dispute(self, who: str, order: str, course: DisputeCourse) -> None:
        """Open a dispute of *order* as soon as it is charged, and let the payer's bank go on with it."""
        url = f"{BANK_URL}/_control/orders/{order}/dispute"
        await asyncio.sleep(course.after)
        answer = await self.ask(who, "POST", url, body={})
        if answer is None or answer.status != OK:
            return
        opened = json.loads(answer.body)["dispute"]["id"]
        for step in course.steps:
            await asyncio.sleep(course.gap)
            told = await self.ask(who, "POST", f"{url}/{opened}/decide", body={"outcome": step})
            said = "nothing" if told is None else told.status
            self.tell(who, f"says {step} of the dispute of {order} ({said})")

    async def ask(
        self, who: str, method: str, path: str, *, body: object = None, **headers: str
    ) -> Answer | None:
        """Return the service's answer to *who*; None when none came."""
        url = path if path.startswith("http") else API_URL + path
        sent = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        encoded = b""
        if isinstance(body, Mapping):
            encoded = json.dumps(body).encode()
            sent.append(JSON)
        elif isinstance(body, str):
            encoded = body.encode()
            sent.append(FORM)
        elif isinstance(body, bytes):
            encoded = body
        if encoded:
            sent.append((b"content-length", str(len(encoded)).encode()))
        try:
            answer = await self.network.call(
                Request(method, url, tuple(sent), encoded), f"{who}>{urlsplit(url).netloc}"
            )
        except (NotReached, NoAnswer, Cut) as trouble:
            self.tell(
                who, f"{method} {urlsplit(url).path} got no answer ({type(trouble).__name__})"
            )
            if "application failed" in str(trouble):
                self.promises.failures.append(str(trouble))
            return None
        self._note(who, method, url, answer)
        return answer

    def token(self, who: str, *roles: str) -> str:
        """Return what the platform signs for *who*."""
        now = self.now()
        claims = {
            "iss": PLATFORM,
            "aud": AUDIENCE,
            "sub": who,
            "name": who.capitalize(),
            "email": f"{who}@example.com",
            "roles": list(roles or ("student",)),
            "iat": now,
            "exp": now + timedelta(minutes=5),
        }
        return f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"

    def _note(self, who: str, method: str, url: str, answer: Answer) -> None:
        said = f"{method} {urlsplit(url).path} -> {answer.status}"
        if answer.header("content-type").startswith("application/problem+json"):
            slug = str(json.loads(answer.body)["type"]).rpartition("/")[2]
            self.promises.problems[slug] += 1
            said += f" {slug}"
            if answer.status == SERVER_ERROR:
                self.promises.failures.append(f"{said}: {answer.body.decode()}")
        self.tell(who, said)


@dataclass(frozen=True, slots=True)
class Student:
    people: People
    name: str

    async def begin(self, visit: Visit) -> dict[str, Any] | None:
        """Press "pay" as often as this visit does, and return what was opened."""
        wish: dict[str, Any] = {
            "course_id": visit.course,
            "billing": {"name": self.name.capitalize(), "state_code": "27"},
        }
        if visit.code is not None:
            wish["discount_code"] = visit.code
        keys = [
            f"{visit.name.replace(' ', '-')}-key-{1 if visit.same_key else click}"
            for click in range(1, visit.clicks + 1)
        ]
        presses = [
            asyncio.ensure_future(self._opened("/api/payment/initiate", key, wish)) for key in keys
        ]
        opened = [each for each in [await press for press in presses] if each is not None]
        return opened[0] if opened else None

    async def retry(self, payment: str, key: str) -> dict[str, Any] | None:
        """Try *payment* again, and return what was opened."""
        return await self._opened(f"/api/payment/retry/{payment}", key.replace(" ", "-"), {})

    async def _opened(
        self, path: str, key: str, wish: Mapping[str, object]
    ) -> dict[str, Any] | None:
        for _ in range(TRIES_MAX):
            answer = await self._ask("POST", path, body=wish or None, idempotency_key=key)
            if answer is None or answer.status > SERVER_ERROR:
                await asyncio.sleep(TRY_AGAIN_SECONDS)
                continue
            if answer.status != CREATED:
                return None
            opened: dict[str, Any] = json.loads(answer.body)
            self.people.promises.begun.add(opened["transaction_id"])
            return opened
        return None

    async def pay(self, begun: Mapping[str, Any], outcome: str, visit: Visit) -> None:
        """Go through the bank's page once, and come back as this visit does."""
        page = begun["payment_url"]
        if visit.pays_late:
            await asyncio.sleep(1000)
            order = begun["transaction_id"]
            control = f"{page[: page.index('/orders/')]}/_control/orders/{order}/pay"
            await self._at_bank(control, {"outcome": outcome, "late": True})
            self._disputes(begun, outcome, visit)
            return
        if outcome == "abandon":
            return
        answer = await self._at_bank(
            f"{page}/upi", urlencode({"vpa": f"{self.name}@upi", "outcome": outcome})
        )
        self._disputes(begun, outcome, visit)
        if outcome == "pending" and visit.later != "never":
            begin(self._decided_later(page, visit))
        back = answer.header("location") if answer is not None else ""
        if not back.startswith(API_URL) or visit.comes_back == "never":
            return
        if visit.comes_back == "late":
            await asyncio.sleep(600)
        for _ in range(2 if visit.comes_back == "twice" else 1):
            await self.people.ask(self.name, "GET", back)

    def _disputes(self, begun: Mapping[str, Any], outcome: str, visit: Visit) -> None:
        if visit.disputes is not None and outcome == "success":
            order = begun["transaction_id"]
            begin(self.people.dispute(f"the bank of {self.name}", order, visit.disputes))

    async def _decided_later(self, page: str, visit: Visit) -> None:
        await asyncio.sleep(visit.later_seconds)
        await self._at_bank(f"{page}/decide", urlencode({"outcome": visit.later}))

    async def _at_bank(self, url: str, body: object) -> Answer | None:
        return await self.people.ask(self.name, "POST", url, body=body)

    async def look(self, payment: str) -> None:
        """Ask how *payment* stands."""
        answer = await self._ask("GET", f"/api/payment/status/{payment}")
        if answer is not None and answer.status == OK:
            status = json.loads(answer.body)["status"]
            self.people.tell(self.name, f"is told that {payment} is {status}")
            if status == "success":
                self.people.promises.told_success.add(payment)

    async def cancel(self, payment: str) -> None:
        """End *payment*."""
        await self._ask("POST", f"/api/payment/cancel/{payment}")

    async def _ask(
        self, method: str, path: str, *, body: object = None, **headers: str
    ) -> Answer | None:
        token = self.people.token(self.name)
        return await self.people.ask(
            self.name, method, path, body=body, authorization=token, **headers
        )
