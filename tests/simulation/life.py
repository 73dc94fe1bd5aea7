"""One life: the whole service and the bank on virtual time, from one seed, until everything has come to rest."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from entrypoints.settings.settings import Settings
from entrypoints.simulator.app import new_app as new_bank_app
from entrypoints.simulator.response_formats import ResponseFormat
from entrypoints.simulator.settlement.merchant_codes import USUAL_CODES
from entrypoints.simulator.simulated_bank import SimulatedBank
from fakes.file_store import Shelf
from fakes.memory import Memory
from fakes.notifications.webhooks import HookBook
from fakes.samples import a_code, a_course
from fakes.store import Store
from ports.notifications.email_sender import Email
from simulation import bank as banks
from simulation.administrators import Administrators
from simulation.books import broken_books
from simulation.chance import Chance
from simulation.coverage import StepsTaken, reached
from simulation.disputes import DisputeWatch
from simulation.finance import Finance
from simulation.loop import (
    OutOfSteps,
    Owner,
    VirtualLoop,
    WouldWaitForEver,
    context_of,
    name_now,
)
from simulation.network import Host, Network
from simulation.people import People, Promises
from simulation.plan import APIS, SCHEDULERS, WORKERS, Death, DeskDay, Errand, Plan, Visit
from simulation.processes import Place, SchedulerPlace, Surroundings, served_app
from simulation.rest import Rest
from simulation.sealed import BEGINNING, sealed, without_collection
from simulation.staff import Staff, hire
from simulation.storage import LivingStore, StorageLine
from simulation.story import Story
from simulation.verdict import Remains, at_rest, wrong_with
from worlds.settings import settings_with

STEPS_MAX: Final = 400_000
LOOK_SECONDS: Final = 6 * 3600.0
REST_SECONDS_MAX: Final = 20 * 86_400.0
CALM_UNHURRIED_SECONDS: Final = 24 * 3600.0


@dataclass(slots=True)
class Sent:
    """The mail server: it keeps every email that was handed to it."""

    emails: list[tuple[str, Email]] = field(default_factory=list)

    async def send(self, email: Email) -> None:
        await asyncio.sleep(0)
        self.emails.append((name_now(), email))
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a life came to; *wrong* is empty when all that must hold does."""

    plan: Plan
    wrong: tuple[str, ...]
    story: tuple[str, ...]
    digest: str
    seconds: float
    steps: int
    reached: Counter[str]
    injected: tuple[str, ...]


class House:
    """All processes there are, built once for many lives, and the life that goes on in them now."""

    def __init__(self) -> None:
        self.settings = house_settings()
        store = LivingStore()
        store.on_change = self._written
        self.memory = Memory(store)
        self.mail, self.shelf, self.hooks = Sent(), Shelf(), HookBook()
        self.bank_app = new_bank_app(ResponseFormat.JSON)
        self.life: Life
        self.around: Surroundings
        self.rest: Rest
        self.bank: SimulatedBank
        self.apis = {name: self._place(name, served_app(self.settings)) for name in APIS}
        workers = {name: self._place(name, None) for name in WORKERS}
        self.places: Mapping[str, Place | SchedulerPlace] = {
            **self.apis,
            **workers,
            **{
                name: SchedulerPlace(name, lambda: self.around, [*workers.values()])
                for name in SCHEDULERS
            },
        }
        gc.collect()
        gc.freeze()

    def _place(self, name: str, app: Any) -> Place:
        return Place(
            name=name,
            settings=self.settings,
            memory=self.memory,
            around=lambda: self.around,
            mail=self.mail,
            shelf=self.shelf,
            hooks=self.hooks,
            app=app,
        )

    def _written(self) -> None:
        self.life.written()

    def live(self, plan: Plan) -> Ended:
        """Live through *plan* and return what it came to."""
        chance = Chance(plan.seed)
        loop = VirtualLoop(chance.of("order"), steps_max=STEPS_MAX)
        self.life = life = Life(self, plan, chance, loop)
        with (
            without_collection(),
            sealed(loop, chance),
            told_by_logs(life.story),
            life.steps.noted(),
        ):
            asyncio.set_event_loop(loop)
            try:
                ended = life.run()
            finally:
                loop.let_go()
                loop.close()
                asyncio.set_event_loop(None)
        return ended


class Life:
    def __init__(self, house: House, plan: Plan, chance: Chance, loop: VirtualLoop) -> None:
        self.house, self.plan, self.chance, self.loop = house, plan, chance, loop
        self.story = Story(self.now)
        self.bank_owner = Owner("bank")
        self.network = Network(
            chance,
            {banks.API_HOST: self._api, banks.BANK_HOST: self._bank},
            self.story.tell,
            rates=dict(plan.network_rates),
            spared=plan.left_out,
        )
        self.line = StorageLine(
            chance.of("storage"),
            self.story.tell,
            before=plan.storage_before,
            after=plan.storage_after,
            spared=plan.left_out,
        )
        self.people = People(self.network, self.now, self.story.tell)
        self.deaths = {
            (each.place, each.nth): each for each in plan.events() if isinstance(each, Death)
        }
        self.steps = StepsTaken()
        self.disputes = DisputeWatch(self.now)
        self.network.leaves = self.disputes.leaves
        self._audited = 0
        self._broken: list[str] = []
        administrators = Administrators(lambda: self.staff, lambda: self.bank, self.now)
        self.staff = Staff(self.people, self.store, self.now, administrators.rotate)
        self.finance = Finance(self.staff, lambda: self.bank, self.now)
        self.closed_on: date | None = None
        self._prepare()

    @property
    def promises(self) -> Promises:
        return self.people.promises

    @property
    def bank(self) -> SimulatedBank:
        return self.house.bank

    @property
    def store(self) -> Store:
        return self.house.memory.store

    def now(self) -> datetime:
        """Return the true time, which no process knows exactly."""
        return BEGINNING + timedelta(seconds=self.loop.time())

    def run(self) -> Ended:
        wrong: list[str] = []
        try:
            self.loop.run_until_complete(self._whole())
        except (WouldWaitForEver, OutOfSteps) as trouble:
            wrong.append(f"{type(trouble).__name__}: {trouble}")
        wrong += self.loop.troubles
        wrong += (f"{each}, for a time" for each in self._broken)
        wrong += wrong_with(self._remains())
        self.story.tell("the end", f"{self.loop.steps} steps; {self._digest_of_chance()}")
        return Ended(
            plan=self.plan,
            wrong=tuple(wrong),
            story=tuple(self.story.lines),
            digest=self.story.digest,
            seconds=self.loop.time(),
            steps=self.loop.steps,
            reached=reached(self.store, self.promises.problems, self.steps.names)
            + Counter({f"fault {each}" for each in self.bank.schedule.injected}),
            injected=(
                *self.network.injected,
                *self.line.injected,
                *(banks.kind_name(each) for each in self.bank.schedule.injected),
            ),
        )

    def written(self) -> None:
        """A unit was written: its entries of the audit log are what happened."""
        audit = self.store.audit
        for entry in audit[self._audited :]:
            facts = ", ".join(f"{key}={value}" for key, value in entry.facts.items())
            self.story.tell(name_now(), f"writes {entry.action} of {entry.subject}: {facts}"[:200])
        if len(audit) > self._audited:
            self.disputes.look(self.store.payments.values())
            self.steps.look(self.store.payments.values())
            for broken in broken_books(self.store, at_rest=False):
                if broken not in self._broken:
                    self._broken.append(broken)
                    self.story.tell(name_now(), f"leaves the books with {broken}")
        self._audited = len(audit)
        self.house.rest.stirred()

    def _remains(self) -> Remains:
        died = any(place.starts > 1 for place in self.house.places.values())
        return Remains(
            store=self.store,
            bank=self.bank,
            emails=[email for _, email in self.house.mail.emails],
            promises=self.promises,
            disputes=self.disputes,
            quiet=not died and not self.line.injected,
            closed_on=None if self.finance.shifted else self.closed_on,
        )

    def _digest_of_chance(self) -> str:
        return str(self.chance.of("order").random())

    def _prepare(self) -> None:
        house, store = self.house, self.house.memory.store
        store.take(LivingStore())
        for course in (a_course(), a_course("history", rupees=5_900)):
            store.courses[course.id] = course
        for code in (a_code("TEN"), a_code("FREE", percent=100), a_code("ONCE", total_limit=1)):
            store.discounts[code.code] = code
        hire(store, house.settings)
        house.mail.emails.clear()
        house.shelf.files.clear()
        house.hooks.sent.clear()
        house.hooks.called.clear()
        house.rest = Rest(store, self.now, self.chance.of("rest"))
        house.around = Surroundings(self.network, self.line, self.now, house.rest)
        for place in house.places.values():
            place.owner, place.starts = None, 0

    async def _whole(self) -> None:
        house, plan = self.house, self.plan
        house.bank = banks.opened_bank(
            lambda: self.network,
            self.now,
            self.chance.of("bank"),
            plan,
            (self.chance.of("settlements"), frozenset(house.settings.bank_holidays_file.days)),
        )
        house.bank_app.state.bank = house.bank
        names = [
            *APIS[: plan.apis],
            *WORKERS[: plan.workers],
            *SCHEDULERS[: plan.schedulers],
        ]
        for name, wrong_by in zip(names, plan.clocks_wrong_by, strict=True):
            house.places[name].clock.wrong_by = timedelta(seconds=wrong_by)
            self._start(house.places[name])
        people = [
            asyncio.ensure_future(
                self.people.live(each) if isinstance(each, Visit) else self.staff.live(each)
            )
            for each in plan.events()
            if isinstance(each, Visit | Errand)
        ]
        for each in people:
            await each
        await asyncio.sleep(60)
        self._calm()
        desk = [
            asyncio.ensure_future(self.finance.live(each))
            for each in plan.events()
            if isinstance(each, DeskDay)
        ]
        await self._rest()
        for day in desk:
            await day
        if plan.rests:
            self.closed_on = await self.finance.close(plan.desk[0].form)

    def _calm(self) -> None:
        self.story.tell("the world", "all faults end")
        self.network.calm()
        self.line.calm()
        banks.end_faults_of_calls(self.bank)
        self.deaths.clear()
        rest = self.house.rest
        rest.unhurried = rest.beat_seconds = CALM_UNHURRIED_SECONDS
        for place in self.house.places.values():
            if place.owner is not None:
                place.owner.last_step = None

    async def _rest(self) -> None:
        began = self.loop.time()
        least = began + self.plan.rests
        while self.loop.time() < began + REST_SECONDS_MAX:
            await asyncio.sleep(LOOK_SECONDS)
            if self.loop.time() >= least and at_rest(self.store):
                await asyncio.sleep(LOOK_SECONDS)
                if at_rest(self.store):
                    return

    def _start(self, place: Place | SchedulerPlace) -> None:
        death = self.deaths.get((place.name, place.starts + 1))
        owner = place.start(death.last_step if death is not None else None)
        self.story.tell(owner.name, "starts")
        if death is not None:
            owner.at_death.append(lambda: self._died(place, owner, death))

    def _died(self, place: Place | SchedulerPlace, owner: Owner, death: Death) -> None:
        self.story.tell(owner.name, f"ends at once, at step {owner.steps}")
        self.loop.call_later(death.down_seconds, self._start, place, context=context_of(None))

    def _api(self) -> Host | None:
        apis = self.house.apis.values()
        live = [host for each in apis if (host := each.host) is not None]
        return self.chance.of("balancer").choice(live) if live else None

    def _bank(self) -> Host:
        return Host(self.house.bank_app, self.bank_owner)


@cache
def house_settings() -> Settings:
    """Return the settings of every process, as a deployment against the simulator has them."""
    return settings_with(
        gateway="simulator",
        gateway_url=banks.BANK_URL,
        fake_gateway_url="",
        public_url=banks.API_URL,
        merchant_id=banks.MERCHANT,
        payment_page_client_id=banks.CLIENT_ID,
        api_key=banks.API_KEY,
        response_key=banks.RESPONSE_KEY,
        webhook_user=banks.HOOK_USER,
        webhook_password=banks.HOOK_PASSWORD,
        refund_approval_threshold_rupees="2000",
        settlement_reports="true",
        settlement_mids=",".join(f"{method}={each.mid}" for method, each in USUAL_CODES.items()),
        merchant_codes=",".join(
            f"{each.narration_code}={each.mid}" for each in USUAL_CODES.values()
        ),
    )


class told_by_logs:  # noqa: N801 - reads as the context it opens
    """Let the warnings of the service be part of the story, and of nothing else."""

    def __init__(self, story: Story) -> None:
        self._handler = _Told(story)

    def __enter__(self) -> None:
        self._root = logging.getLogger()
        self._kept = self._root.handlers[:], self._root.level
        self._root.handlers[:] = [self._handler]
        self._root.setLevel(logging.WARNING)

    def __exit__(self, *_: object) -> None:
        self._root.handlers[:], level = self._kept
        self._root.setLevel(level)


class _Told(logging.Handler):
    def __init__(self, story: Story) -> None:
        super().__init__(logging.WARNING)
        self._story = story

    def emit(self, record: logging.LogRecord) -> None:
        why = record.exc_info[1] if record.exc_info else None
        said = f"logs {record.getMessage()}" + (f": {type(why).__name__}: {why}" if why else "")
        self._story.tell(name_now(), said)
