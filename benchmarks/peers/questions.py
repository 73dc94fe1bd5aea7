"""The scorecard's scenarios as far as they can be put to a peer."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle, islice, permutations
from secrets import token_hex
from typing import Final, TypeVar

from benchmarks.peers.bank import PeersBank
from benchmarks.peers.sites import Site

HANDS: Final = 4
UNCHARGED: Final = ("new", "failed", "pending")
NEWS: Final = ("failed", "charged", "poll")

Thing = TypeVar("Thing")


@dataclass(kw_only=True)
class Asked:
    """One scenario put to one site: what was wrong, by order."""

    site: Site
    bank: PeersBank
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    async def begin_payment(self, order: str) -> None:
        self._note(order, "opening", await self.site.begin_payment(order))

    async def told(self, order: str, word: str, event: str) -> None:
        self._note(order, f"{word} event", await self.site.told(order, word, event))

    async def polls(self, order: str) -> None:
        self._note(order, "status read", await self.site.polls(order))

    async def ends(self, order: str, wanted: str) -> None:
        if (ending := await self.site.ending(order)) != wanted:
            self.wrong[order].append(f"ended {ending}")

    def reasons(self) -> Counter[str]:
        """Count the orders with each complaint."""
        return Counter(reason for said in self.wrong.values() for reason in set(said))

    def _note(self, order: str, what: str, status: int) -> None:
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            self.wrong[order].append(f"{what} answered {status}")


Question = Callable[[Asked, list[str]], Awaitable[None]]


def new_orders(many: int) -> list[str]:
    return [f"pi_{token_hex(12)}" for _ in range(many)]


def new_event() -> str:
    return f"evt_{token_hex(12)}"


async def every_evidence(asked: Asked, orders: list[str]) -> None:
    async def one(order: str) -> None:
        await asked.begin_payment(order)
        asked.bank.orders[order] = "failed"
        failed = new_event()

        async def pays() -> None:
            asked.bank.orders[order] = "charged"
            charged, succeeded = new_event(), new_event()
            await asyncio.gather(
                *(asked.told(order, "charged", each) for each in (charged, succeeded) * 2),
                asked.told(order, "failed", failed),
                asked.polls(order),
                asked.polls(order),
            )

        await asyncio.gather(
            asked.told(order, "failed", failed),
            asked.told(order, "failed", failed),
            asked.polls(order),
            pays(),
        )
        # Nobody is busy with it any more; the last word is the bank's own.
        await asked.ends(order, "sold")

    await by_hands(one, orders)


async def copies(asked: Asked, orders: list[str]) -> None:
    async def one(order: str) -> None:
        await asked.begin_payment(order)
        asked.bank.orders[order] = "charged"
        event = new_event()
        await asyncio.gather(*(asked.told(order, "charged", event) for _ in range(4)))
        await asked.ends(order, "sold")

    await by_hands(one, orders)


async def before_the_answer(asked: Asked, orders: list[str]) -> None:
    for first in range(0, len(orders), HANDS):
        some = orders[first : first + HANDS]
        asked.bank.answers_may_go.clear()
        opening = [asyncio.create_task(asked.begin_payment(order)) for order in some]
        await asyncio.to_thread(asked.bank.wait_for, some)
        for order in some:
            asked.bank.orders[order] = "charged"
            await asked.told(order, "charged", new_event())
        asked.bank.answers_may_go.set()
        await asyncio.gather(*opening)
        for order in some:
            await asked.ends(order, "sold")


async def before_the_order(asked: Asked, orders: list[str]) -> None:
    async def one(order: str) -> None:
        asked.bank.orders[order] = "charged"
        await asked.told(order, "charged", new_event())
        await asked.begin_payment(order)
        await asked.ends(order, "sold")

    await by_hands(one, orders)


async def never_charged(asked: Asked, orders: list[str]) -> None:
    async def one(tried: tuple[str, str]) -> None:
        order, deed = tried
        await asked.begin_payment(order)
        asked.bank.orders[order] = deed
        await asked.told(order, "charged", new_event())
        await asked.ends(order, "unsold")

    await by_hands(one, zip(orders, cycle(UNCHARGED), strict=False))


async def every_order(asked: Asked, orders: list[str]) -> None:
    async def one(tried: tuple[str, tuple[str, ...]]) -> None:
        order, news = tried
        await asked.begin_payment(order)
        events = {word: new_event() for word in NEWS}
        for word in news:
            if word == "poll":
                await asked.polls(order)
                continue
            if asked.bank.orders[order] != "charged":
                asked.bank.orders[order] = word
            await asked.told(order, word, events[word])
        await asked.ends(order, "sold")

    await by_hands(one, zip(orders, islice(cycle(permutations(NEWS)), len(orders)), strict=True))


QUESTIONS: Final[tuple[tuple[str, int, Question], ...]] = (
    ("Every evidence at once", 200, every_evidence),
    ("Four copies at the same moment", 100, copies),
    ("Webhook before the session's answer", 40, before_the_answer),
    ("Webhook before its order", 50, before_the_order),
    ("Webhook of a charge that never was", 60, never_charged),
    ("Failed, charged and a status read in every order", 60, every_order),
)


async def by_hands(work: Callable[[Thing], Awaitable[None]], things: Iterable[Thing]) -> None:
    """Do *work* with each of *things*, a few at a time."""
    free = asyncio.Semaphore(HANDS)

    async def one(thing: Thing) -> None:
        async with free:
            await work(thing)

    await asyncio.gather(*(one(thing) for thing in things))
