"""What a life is about, drawn from its seed before it begins: who wants what and when, and which process ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from simulation.chance import Chance
from simulation.network import NetworkFault

NAMES: Final = ("asha", "ravi", "meera", "tariq")
COURSES: Final = ("algebra", "history")
CODES: Final = (None, None, None, "TEN", "ONCE", "FREE")
APIS: Final = ("api-1", "api-2")
WORKERS: Final = ("worker-1", "worker-2")
SCHEDULERS: Final = ("scheduler-1", "scheduler-2")
OFFICERS: Final = ("farhan", "zoya")
KINDS: Final = (
    *("refund",) * 5,
    *("approve",) * 3,
    *("reject", "review", "price", "bank_refund", "dispute", "rotate"),
)
ROTATED: Final = ("webhook_password", "webhook_password", "response_key", "api_key")
STATEMENT_FORMS: Final = ("csv", "mt940", "camt053")
DAY: Final = 86_400.0
RESTS_AT_LEAST: Final = (0.0, 0.0, 4 * DAY)
"""In some lives the bank pays out what was sold, and it is reconciled."""

CROWDED_PART: Final = 0.5
"""In so many lives everybody is after the same thing."""

HOUR: Final = 3600.0
ENDS_OF_DISPUTES: Final = (
    (),
    ("won",),
    ("lost",),
    ("withdrawn",),
    ("expired",),
    ("evidence_required", "lost"),
    ("evidence_required", "under_review", "won"),
)
"""What the payer's bank says of a dispute, one after the other; of some it says nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCourse:
    """A dispute that is opened *after* so many seconds, of which the bank tells *steps*, with a *gap* before each."""

    after: float
    steps: tuple[str, ...]
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """
    One visit of a student who wants a course.

    *clicks* are how often "pay" is pressed, *outcomes* what comes of each attempt on the bank's page: ``abandon`` pays
    nothing there, ``pending`` is decided later as *later* says. *comes_back* is how the browser returns:
    ``at_once``, ``never``, ``twice`` or ``late``. Whoever *disputes* tells their bank so after having paid.
    """

    number: int
    at: float
    student: str
    course: str
    code: str | None
    clicks: int
    same_key: bool
    outcomes: tuple[str, ...]
    later: str
    later_seconds: float
    comes_back: str
    dwells: float
    looks: int
    retries: bool
    cancels: bool
    pays_late: bool
    disputes: DisputeCourse | None = None

    @property
    def name(self) -> str:
        return f"visit {self.number}"

    def __str__(self) -> str:
        code = f" with {self.code}" if self.code else ""
        return f"{self.student} wants {self.course}{code}: {', '.join(self.outcomes)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """
    Something that an officer does, to the one of several that *pick* points at.

    *share* is which part of a payment goes back, *action* how a review is resolved. Of a payment *requests* refunds are
    asked for one after the other, and the other officer does with each what *answer* says, *answered_after* seconds:
    ``approve``, ``reject``, ``none``, or ``own`` where who asked approves it. *dispute* is what comes of a dispute that
    the bank's staff open. *secret* is what is rotated, and the bank uses the new one *follows* seconds after it is in
    effect here, or before.
    """

    number: int
    at: float
    officer: str
    kind: str
    pick: int
    share: float
    clicks: int
    action: str
    requests: int
    answer: str
    answered_after: float
    dispute: DisputeCourse
    secret: str
    follows: float

    @property
    def name(self) -> str:
        return f"errand {self.number}"

    def __str__(self) -> str:
        return f"goes about {self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDay:
    """
    What *officer* of finance does at the desk, *at* so many seconds after the faults have ended.

    It *brings* the bank's statement in or not, always in the same *form*. The bank *corrects* a report of its own
    accord; a held file is released, and a re-issue is dealt with as *takes* says. A *part* of the discrepancies is
    decided as *pick* draws, what needs it answered by the other one as *answer* says, and some of it is undone.
    """

    number: int
    at: float
    officer: str
    form: str
    brings: bool
    corrects: bool
    releases: bool
    takes: str
    part: float
    answer: str
    answered_after: float
    undoes: bool
    asks_run: bool
    pick: int

    @property
    def name(self) -> str:
        return f"desk {self.number}"

    def __str__(self) -> str:
        return "sits down to reconcile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """The process at *place* ends at the step *last_step* of its *nth* life, and is started again later."""

    place: str
    nth: int
    last_step: int
    down_seconds: float

    @property
    def name(self) -> str:
        return f"death {self.nth} of {self.place}"

    def __str__(self) -> str:
        return f"{self.place} ends at step {self.last_step} of its life {self.nth}"


Event = Visit | Errand | Death | DeskDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    *left_out* names what was drawn and does not happen in this life.

    After the last visit it *rests* for at least so many seconds, and finance sits at its *desk* meanwhile.
    """

    seed: int
    visits: tuple[Visit, ...]
    errands: tuple[Errand, ...]
    deaths: tuple[Death, ...]
    apis: int
    workers: int
    schedulers: int
    clocks_wrong_by: tuple[float, ...]
    network_rates: tuple[tuple[NetworkFault, float], ...]
    storage_before: float
    storage_after: float
    rests: float
    desk: tuple[DeskDay, ...]
    left_out: frozenset[str] = frozenset()

    def events(self) -> Sequence[Event]:
        """Return what happens in this life, of what was drawn."""
        drawn: list[Event] = [*self.visits, *self.errands, *self.deaths, *self.desk]
        return [each for each in drawn if each.name not in self.left_out]


def drawn_plan(seed: int) -> Plan:
    """Return the plan of the life of *seed*."""
    chance = Chance(seed)
    people, deaths, network = (chance.of(name) for name in ("people", "deaths", "rates"))
    count = people.choice((1, 1, 2, 2, 3, 4))
    errands = chance.of("staff").choice((0, 0, 1, 2, 3))
    severity = network.choice((0.0, 0.0, 0.02, 0.08, 0.2))
    storage = network.choice((0.0, 0.0, 0.01, 0.05))
    apis, workers = people.choice((1, 2)), people.choice((1, 1, 2))
    schedulers = chance.once("schedulers").choice((0, 1, 1, 2))
    places = [*APIS[:apis], *WORKERS[:workers], *SCHEDULERS[:schedulers]]
    visits = [_visit(people, number) for number in range(1, count + 1)]
    acts = [_errand(chance.of("staff"), number) for number in range(1, errands + 1)]
    crowded = chance.of("crowd").random() < CROWDED_PART
    if crowded:
        visits, acts = _crowded(chance.of("crowd"), visits, acts)
    visits = _some_dispute(chance.of("disputes"), visits, part=0.2 if crowded else 0.05)
    rests = chance.once("rests").choice(RESTS_AT_LEAST)
    return Plan(
        seed=seed,
        visits=tuple(visits),
        errands=tuple(acts),
        deaths=tuple(_deaths(deaths, places)),
        apis=apis,
        workers=workers,
        schedulers=schedulers,
        clocks_wrong_by=tuple(people.uniform(-3, 3) for _ in places),
        network_rates=tuple((each, severity * network.uniform(0, 1)) for each in NetworkFault),
        storage_before=storage,
        storage_after=storage,
        rests=rests,
        desk=tuple(_desk(chance.of("desk"), rests)),
    )


def _visit(draws: Random, number: int) -> Visit:
    attempts = draws.choice((1, 1, 1, 2, 3))
    usual = ("success",) * 5 + ("failure",) * 2 + ("pending", "abandon")
    return Visit(
        number=number,
        at=draws.uniform(0, 900),
        student=draws.choice(NAMES[:2]),
        course=draws.choice(COURSES),
        code=draws.choice(CODES),
        clicks=draws.choice((1, 1, 1, 2)),
        same_key=draws.random() < 0.5,
        outcomes=tuple(draws.choice(usual) for _ in range(attempts)),
        later=draws.choice(("success", "success", "failure", "never")),
        later_seconds=draws.choice((5.0, 300.0, 1200.0, 2 * HOUR)),
        comes_back=draws.choice(("at_once", "at_once", "at_once", "never", "twice", "late")),
        dwells=draws.choice((2.0, 20.0, 200.0, 850.0)),
        looks=draws.choice((0, 1, 2)),
        retries=draws.random() < 0.4,
        cancels=draws.random() < 0.1,
        pays_late=draws.random() < 0.1,
    )


def _errand(draws: Random, number: int) -> Errand:
    return Errand(
        number=number,
        at=draws.choice((300.0, 1200.0, 2 * HOUR, 30 * HOUR)) * draws.uniform(0.5, 1.5),
        officer=draws.choice(OFFICERS),
        kind=draws.choice(KINDS),
        pick=draws.randrange(1000),
        share=draws.choice((1.0, 1.0, 0.5, 0.1, 1.1)),
        clicks=draws.choice((1, 1, 1, 2)),
        action=draws.choice(("read_again", "close", "give_back", "accept")),
        requests=draws.choice((1, 1, 1, 2, 3)),
        answer=draws.choice(("approve", "approve", "approve", "reject", "own", "none")),
        answered_after=draws.choice((1.0, 60.0, 300.0, 2 * HOUR)),
        dispute=_dispute(draws),
        secret=draws.choice(ROTATED),
        follows=draws.choice((-30.0, 0.0, 3.0, 600.0, 20 * HOUR)),
    )


def _desk(draws: Random, rests: float) -> Sequence[DeskDay]:
    """Return the days of finance in a life that *rests* so long; in half of them nobody decides anything."""
    busy, form = draws.random() < 0.5, draws.choice(STATEMENT_FORMS)
    return [
        DeskDay(
            number=number,
            at=(number + draws.random()) * DAY,
            officer=draws.choice(OFFICERS),
            form=form,
            brings=draws.random() < 0.8,
            corrects=busy and draws.random() < 0.1,
            releases=busy and draws.random() < 0.3,
            takes=draws.choice(("take", "take", "decline", "")),
            part=draws.choice((0.3, 0.7, 1.0)) if busy else 0.0,
            answer=draws.choice(("approve", "approve", "approve", "reject", "own", "none")),
            answered_after=draws.choice((1.0, 600.0, 10 * HOUR)),
            undoes=busy and draws.random() < 0.3,
            asks_run=draws.random() < 0.5,
            pick=draws.randrange(1000),
        )
        for number in range(1, int(rests / DAY) + 1)
    ]


def _dispute(draws: Random) -> DisputeCourse:
    return DisputeCourse(
        after=draws.choice((0.01, 1.0, 30.0, 600.0)) * draws.random(),
        steps=draws.choice(ENDS_OF_DISPUTES),
        gap=draws.choice((5.0, 300.0, HOUR, 10 * HOUR)),
    )


def _some_dispute(draws: Random, visits: Sequence[Visit], *, part: float) -> list[Visit]:
    return [
        replace(each, disputes=_dispute(draws)) if draws.random() < part else each
        for each in visits
    ]


def _crowded(
    draws: Random, visits: Sequence[Visit], errands: Sequence[Errand]
) -> tuple[list[Visit], list[Errand]]:
    """Return the same with one student, one course and one payment that all officers think of at once."""
    student, course, at = draws.choice(NAMES[:2]), draws.choice(COURSES), draws.uniform(3000, 9000)
    first = [
        replace(
            each,
            student=student,
            course=course,
            at=draws.uniform(0, 3000),
            pays_late=each.pays_late or draws.random() < 0.3,
        )
        for each in visits
    ]
    more = range(len(errands) + 1, len(errands) + 4)
    second = [
        replace(
            each,
            at=at + draws.choice((0.1, 5.0, 300.0)) * draws.random(),
            kind=draws.choice((*("refund",) * 5, "approve", "reject", "bank_refund", "dispute")),
            pick=0,
            share=draws.choice((1.0, 0.6)),
        )
        for each in [*errands, *(_errand(draws, number) for number in more)]
    ]
    return first, second


def _deaths(draws: Random, places: Sequence[str]) -> Sequence[Death]:
    """Short lives are more frequent: most of what matters happens within a few hundred steps."""
    return [
        Death(
            place=place,
            nth=nth,
            last_step=int(10 ** draws.uniform(1, 3.2)),
            down_seconds=draws.choice((0.1, 2.0, 20.0, 120.0)),
        )
        for place in places
        for nth in range(1, draws.choice((0, 0, 0, 1, 2)) + 1)
    ]
