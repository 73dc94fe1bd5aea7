"""One deployment with two API processes, as the clients of a scenario reach it; every answer is counted."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar

import httpx

from entrypoints.jobs.worker_tasks import WorkerTasks
from entrypoints.settings.settings import load_settings
from entrypoints.wiring.worker_process import worker_tasks_for
from worlds.processes.api_clients import Api, Person, ProcessWorld, event_of

JSON: Final = {"Content-Type": "application/json"}
AT_ONCE: Final = 4
"""How many tries go on at a time; each of them does many things at once."""

AN_HOUR_PASSES: Final = (
    "WITH asked AS (UPDATE question SET since = since - interval '1 hour',"
    " due_at = due_at - interval '1 hour' WHERE id = $1)"
    " UPDATE payment SET opened_at = opened_at - interval '1 hour',"
    " expires_at = expires_at - interval '1 hour', closed_at = closed_at - interval '1 hour',"
    " asked_at = asked_at - interval '1 hour' WHERE id = $1"
)
POLLED_AGAIN_SECONDS: Final = 0.02

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Cart:
    """A student who has opened a payment, and its order."""

    api: Api
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    *apis* are the addresses of the API processes. *told* counts what was told to them and answered
    as it has to be; *amiss* holds, by order, every other answer.
    """

    world: ProcessWorld
    apis: Sequence[str]
    settings: Mapping[str, str] = field(repr=False)
    new_person: Callable[[], Person]
    told: Counter[str] = field(default_factory=Counter)
    amiss: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def carts(self, many: int) -> list[Cart]:
        """Return *many* new students of one course, each with a payment opened over HTTP."""
        course = await self.world.course()

        async def cart(_: int) -> Cart:
            api = self.world.of(self.new_person())
            return Cart(api, str((await api.opened(course))["order_id"]))

        return await run_several(cart, range(many))

    async def webhook_of(self, order: str, name: str) -> bytes:
        """Return the bank's webhook about *order* as it stands now, under an id of its own."""
        known = await self.world.bank.knows(order)
        return json.dumps(event_of(known["order"], name)).encode()

    async def send_webhook(self, order: str, event: bytes, number: int) -> None:
        """Send a webhook with the bank's own credentials to one of the API processes."""
        headers = self.world.bank.credentials() | JSON
        url = f"{self._api(number)}/api/payment/webhook"
        answer = await self.world.http.post(url, content=event, headers=headers)
        self._note(order, "webhooks", answer, HTTPStatus.OK)

    async def bank_tells_all(self, order: str) -> None:
        """Let the bank send everything it ever had to say about *order*, all at once."""
        sent = await self.world.bank.control(f"webhooks/{order}/resend")
        if not sent["sent"]:
            self.amiss[order].append("the bank told nothing")
        for code, times in sent["status_codes"].items():
            if code == str(HTTPStatus.OK.value):
                self.told["webhooks"] += times
            else:
                self.amiss[order].append(f"{times} webhooks answered {code}")

    async def follow_return(self, order: str, return_url: str, number: int) -> None:
        """Follow the bank's signed way back to one of the API processes, as the student's browser does."""
        query = httpx.URL(return_url).query.decode()
        url = f"{self._api(number)}/api/payment/callback?{query}"
        answer = await self.world.http.get(url)
        self._note(order, "callbacks", answer, HTTPStatus.SEE_OTHER)

    async def read_status(self, cart: Cart, number: int) -> None:
        """Ask for the status at one of the API processes, as the student's page does."""
        url = f"{self._api(number)}/api/payment/status/{cart.order}"
        answer = await self.world.http.get(url, headers=cart.api.person.bearer)
        self._note(cart.order, "status reads", answer, HTTPStatus.OK)

    async def an_hour_passes(self, order: str) -> None:
        """Let the payment be an hour older, so that the poller has to ask the bank about it."""
        async with self._one_at_a_time:
            await self.world.records.connection.execute(AN_HOUR_PASSES, order)

    async def poll_until(self, done: asyncio.Event) -> None:
        """Be a poller in a process of its own: ask the bank about whatever is due, until *done*."""
        tasks = self.tasks()
        try:
            while not done.is_set():
                self.told["order polls"] += await tasks.poll_orders()
                await asyncio.sleep(POLLED_AGAIN_SECONDS)
        finally:
            await tasks.stop()

    def tasks(self) -> WorkerTasks:
        """Return a worker's tasks made by the settings of this deployment; the caller has to stop them."""
        return worker_tasks_for(load_settings(self.settings))

    def _api(self, number: int) -> str:
        return self.apis[number % len(self.apis)]

    def _note(self, order: str, what: str, answer: httpx.Response, right: HTTPStatus) -> None:
        if answer.status_code == right:
            self.told[what] += 1
        else:
            self.amiss[order].append(f"{what} answered {answer.status_code}: {answer.text[:200]}")


async def run_several(
    work: Callable[[Thing], Any], things: Iterable[Thing], at_once: int = AT_ONCE
) -> list[Any]:
    """Return what *work* makes of each of *things*, *at_once* of them at a time."""
    free = asyncio.Semaphore(at_once)

    async def one(thing: Thing) -> Any:
        async with free:
            return await work(thing)

    return await asyncio.gather(*(one(thing) for thing in things))
