"""Rules are judged by what is so now; each change is written down and told once."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from application.monitoring.answer_alerts import AnswerAlerts
from application.monitoring.judge_alerts import JudgeAlerts
from application.monitoring.keep_alerts import KeepAlerts
from application.monitoring.take_measures import NAMED_MAX, TakeMeasures
from application.monitoring.watch_credentials import WatchCredentials
from contracts.monitoring.payment_rollups_contract import entry, sold
from domain.errors import ChangedMeanwhile
from domain.monitoring.alert_case import AlertCase, AlertId, AlertState
from domain.monitoring.alert_rules import AlertRule, Measure
from domain.monitoring.credential import Credential
from domain.monitoring.time_histogram import step_of
from domain.payments.payment_state import Event, State
from fakes.alerts import AlertBook
from fakes.audit.sealing import seal
from fakes.clock import NOON, StoppedClock
from fakes.memory import Memory
from fakes.monitoring.raised_alerts import MemoryRaisedAlerts
from fakes.samples import BY_STAFF, payment_id
from fakes.store import OutboxRow
from ports.alerts import Alert, AlertKind
from ports.monitoring.gateway_calls import CallResult, TimedCall
from ports.notifications.outbox import OutboxTask
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class World:
    memory: Memory = field(default_factory=Memory)
    clock: StoppedClock = field(default_factory=StoppedClock)
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    held: list[Credential] = field(default_factory=list)

    @property
    def measures(self) -> TakeMeasures:
        memory = self.memory
        return TakeMeasures(
            memory.payment_rollups,
            memory.system_health,
            memory.raised_alerts,
            memory.gateway_calls,
            WatchCredentials(
                lambda: self.held, 365 * DAY, memory.audit_reads, memory.unit_of_work, self.clock
            ),
            self.clock,
        )

    async def judge(self, times: int = 1) -> None:
        judge = JudgeAlerts(
            self.measures,
            self.memory.alerts,
            self.memory.unit_of_work,
            self.clock,
            lambda: AlertId(f"AL{payment_id(next(self.ids))[2:]}"),
        )
        for _ in range(times):
            await seal(self.memory.sealed_log)()
            assert await judge() == 0
            self.send()
            self.clock.move(5 * MINUTE)

    def send(self) -> None:
        """Let a worker send the emails that alerts lead to."""
        outbox = self.memory.store.outbox
        for number, row in outbox.items():
            if row.task in {OutboxTask.ALERT_EMAIL, OutboxTask.ALERT_WEBHOOK}:
                outbox[number] = replace(row, state="done")

    async def raised(self, subject: str, kind: AlertKind = AlertKind.INVARIANT_BROKEN) -> None:
        await self.memory.raised_alerts.keep(Alert(kind=kind, subject=subject), self.clock.now())

    async def step(self, number: int, state: State, minutes: int) -> None:
        """Let a payment have paid or failed, so many minutes ago, and count it."""
        event = Event.BANK_CHARGED if state is State.SUCCESS else Event.BANK_DECLINED
        at = self.clock.now() - minutes * MINUTE
        self.memory.store.payments[payment_id(number)] = sold(number)
        self.memory.store.audit.append(entry(number, state, event, at=at))
        await self.memory.payment_rollups.count(at_most=1)

    async def measured(self, rule: AlertRule, subject: str = "") -> Measure:
        (found,) = (
            each for each in await self.measures() if (each.rule, each.subject) == (rule, subject)
        )
        return found

    @property
    def told(self) -> list[str]:
        return [
            row.subject.rpartition("/")[2]
            for row in self.memory.store.outbox.values()
            if row.task is OutboxTask.ALERT_EMAIL
        ]

    async def only(self) -> AlertCase:
        (alert,) = await self.memory.alerts.all()
        return alert


@pytest.fixture
def world() -> World:
    return World()


async def test_when_all_is_well_nothing_is_written(world: World) -> None:
    """
    No alert, no entry, no email.
    """
    await world.judge(3)

    assert list(await world.memory.alerts.all()) == []
    assert world.memory.store.audit == []


async def test_a_change_is_told_once(world: World) -> None:
    """
    However often it is judged: when it fires and when it is resolved, each with an entry.
    """
    await world.raised("trail_has_a_gap")
    await world.judge(3)
    assert (await world.only()).state is AlertState.FIRING
    await world.raised("trail_has_a_gap")
    await world.judge(3)
    assert world.told == ["firing"]
    world.clock.move(HOUR)
    await world.judge(3)

    assert world.told == ["firing", "resolved"]
    assert [each.action for each in world.memory.store.audit] == ["alert.fired", "alert.resolved"]
    assert world.memory.store.audit[0].facts == {
        "rule": "invariant_broken",
        "about": "trail_has_a_gap",
        "value": "1",
    }


async def test_a_silenced_alert_is_judged_and_not_told(world: World) -> None:
    """
    Its changes stand in the audit log; after its silence it is told again.
    """
    await world.raised("trail_has_a_gap")
    await world.judge()
    answer = AnswerAlerts(world.memory.alerts, world.memory.unit_of_work, world.clock)
    alert = await world.only()
    until = world.clock.now() + 2 * HOUR
    await answer.silence(alert.id, until, "we repair it", BY_STAFF)
    world.clock.move(HOUR)
    await world.judge()
    assert ((await world.only()).state, world.told) == (AlertState.RESOLVED, ["firing"])
    world.clock.move(2 * HOUR)
    await world.raised("trail_has_a_gap")
    await world.judge()

    assert world.told == ["firing", "firing"]
    assert [each.action for each in world.memory.store.audit] == [
        "alert.fired",
        "alert.silenced",
        "alert.resolved",
        "alert.fired",
    ]


async def test_whoever_takes_it_on_is_named(world: World) -> None:
    """
    In the alert and in the audit log; it is told when it is resolved.
    """
    await world.raised("trail_has_a_gap")
    await world.judge()
    answer = AnswerAlerts(world.memory.alerts, world.memory.unit_of_work, world.clock)
    alert = await world.only()
    await answer.acknowledge(alert.id, "", BY_STAFF)

    assert (await world.only()).acknowledged_by == "staff:mira"
    assert world.memory.store.audit[-1].facts == {"rule": "invariant_broken"}


async def test_what_is_over_is_not_written_again(world: World) -> None:
    """
    Judging it once more changes nothing, so no row is touched.
    """
    await world.raised("trail_has_a_gap")
    await world.judge(2)
    world.clock.move(HOUR)
    await world.judge(3)
    over = await world.only()
    assert over.state is AlertState.RESOLVED

    await world.judge(3)

    assert await world.only() == over


async def test_somebody_else_was_faster(world: World) -> None:
    """
    The next run judges it; the others of this one are judged all the same.
    """
    await world.raised("a")
    await world.raised("b")
    world.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("alert"))
    await world.judge()
    assert (await world.only()).subject == "b"
    await world.raised("a")
    await world.judge()

    assert {each.subject for each in await world.memory.alerts.all()} == {"a", "b"}


async def test_many_payments_are_one_alert(world: World) -> None:
    """
    With how many there are, and the first of them by name; one more of them wakes nobody again.
    """
    for number in range(NAMED_MAX + 2):
        await world.raised(payment_id(number), AlertKind.PAYMENT_UNRESOLVED)
    await world.judge()
    alert = await world.only()
    await world.raised(payment_id(50), AlertKind.PAYMENT_UNRESOLVED)
    await world.judge()

    assert (alert.value, len(alert.detail.split())) == (NAMED_MAX + 2, NAMED_MAX)
    assert (await world.only()).value == NAMED_MAX + 3
    assert world.told == ["firing"]


async def test_queues_are_measured_by_their_oldest_entry(world: World) -> None:
    """
    Each for itself; what was given up is counted.
    """
    row = OutboxRow(
        due_at=NOON - 6 * MINUTE,
        task=OutboxTask.PAYMENT_CONFIRMATION,
        payment=payment_id(1),
        subject="",
    )
    world.memory.store.outbox |= {1: row, 2: replace(row, state="dead")}

    assert (await world.measured(AlertRule.QUEUE_STUCK, "outbox")).value == 360
    assert (await world.measured(AlertRule.QUEUE_STUCK, "inbox")).value == 0
    assert (await world.measured(AlertRule.DEAD_LETTERS)).value == 1
    await world.judge()
    assert {(each.rule, each.subject) for each in await world.memory.alerts.all()} == {
        (AlertRule.QUEUE_STUCK, "outbox"),
        (AlertRule.DEAD_LETTERS, ""),
    }


async def test_figures_that_nobody_counts_are_told(world: World) -> None:
    """
    By the age of the oldest step that waits.
    """
    world.memory.store.payments[payment_id(1)] = sold(1)
    world.memory.store.audit.append(entry(1, State.SUCCESS, at=NOON - HOUR))

    assert (await world.measured(AlertRule.FIGURES_BEHIND)).value == 3600


async def test_the_bank_is_judged_by_operation(world: World) -> None:
    """
    By what 95 of 100 calls took, and by how many got no clear answer; of few calls nothing is said.
    """
    read = GatewayOperation.READ_ORDER
    slow = TimedCall(read, CallResult.ANSWERED, step_of(6000))
    silent = TimedCall(read, CallResult.SILENT, step_of(100))
    few = replace(silent, operation=GatewayOperation.REFUND)
    await world.memory.gateway_calls.add({slow: 15, silent: 5, few: 19}, NOON)

    measure = await world.measured(AlertRule.GATEWAY_SLOW, read)
    assert (measure.is_beyond, measure.sample) == (True, 20)
    assert (await world.measured(AlertRule.GATEWAY_SILENT, read)).value == 2500
    refunds = await world.measured(AlertRule.GATEWAY_SILENT, few.operation)
    assert (refunds.value, refunds.is_beyond) == (10_000, False)


async def test_the_rate_is_of_the_last_half_hour(world: World) -> None:
    """
    As soon as that has its sample; older failures do not count then.
    """
    for number in range(20):
        await world.step(number, State.FAILED, 120)
        await world.step(number + 20, State.SUCCESS, 5)

    assert (await world.measured(AlertRule.SUCCESS_LOW)).detail == "20 of 20 paid"


async def test_the_rate_goes_back_for_its_sample(world: World) -> None:
    """
    At most for six hours.
    """
    for number in range(12):
        await world.step(number, State.SUCCESS, 5)
        await world.step(number + 20, State.FAILED, 120)
        await world.step(number + 40, State.FAILED, 7 * 60)

    assert (await world.measured(AlertRule.SUCCESS_LOW)).detail == "12 of 24 paid"
    few = await World().measured(AlertRule.SUCCESS_LOW)
    assert (few.sample, few.is_beyond, few.is_within) == (0, False, False)


async def test_what_is_raised_is_logged_and_kept(world: World) -> None:
    """
    Without a database it is logged all the same.
    """
    book, alert = AlertBook(), Alert(kind=AlertKind.FILE_LOST, subject="INV/1")
    await KeepAlerts(book, world.memory.raised_alerts, world.clock).call(alert)
    await KeepAlerts(book, Away(world.memory.store), world.clock).call(alert)

    assert book.called == [alert, alert]
    assert [each.times for each in world.memory.store.raised_alerts.values()] == [1]


class Away(MemoryRaisedAlerts):
    """A register that cannot be reached."""

    async def keep(self, alert: Alert, at: datetime) -> None:
        raise StorageUnavailable(f"{alert.subject} {at}")


def certificate(version: str, days: int, hours: int = 1) -> Credential:
    """Return the version of a certificate that has so many days left at noon."""
    return Credential(
        name="the bank's", fingerprint=version, ends_at=NOON + days * DAY + hours * HOUR
    )


async def test_a_certificate_that_ends_soon_is_told_until_it_is_renewed(world: World) -> None:
    """
    Below three weeks, twice in a row; one that lasts a little longer changes nothing, for it may be a mistake.
    """
    world.held = [certificate("a", 21)]
    await world.judge(3)
    assert list(await world.memory.alerts.all()) == []

    world.clock.move(DAY)
    await world.judge()
    assert (await world.only()).state is AlertState.PENDING
    await world.judge(2)
    alert = await world.only()
    assert (alert.state, alert.subject, alert.value) == (AlertState.FIRING, "the bank's", 20)
    assert alert.detail == "until 24 August 2026"

    world.held = [certificate("b", 28)]
    await world.judge(3)
    assert (await world.only()).state is AlertState.FIRING

    world.held = [certificate("c", 400)]
    await world.judge(2)
    assert (await world.only()).state is AlertState.RESOLVED
    assert world.told == ["firing", "resolved"]


async def test_what_is_held_no_more_is_no_alert(world: World) -> None:
    """
    A second password of a rotation that is over ends nobody's night.
    """
    world.held = [certificate("a", 3)]
    await world.judge(2)
    assert (await world.only()).state is AlertState.FIRING

    world.held = []
    await world.judge(2)
    assert (await world.only()).state is AlertState.RESOLVED


async def test_what_has_ended_has_no_days_left(world: World) -> None:
    """
    Never less than none.
    """
    world.held = [certificate("a", -5)]

    assert (await world.measured(AlertRule.CREDENTIAL_ENDING, "the bank's")).value == 0


async def test_an_audit_log_that_nobody_seals_is_told(world: World) -> None:
    """
    After ten minutes, until it is sealed again.
    """
    await world.step(1, State.SUCCESS, 11)

    assert (await world.measured(AlertRule.AUDIT_UNSEALED)).is_beyond
    await seal(world.memory.sealed_log)()
    assert (await world.measured(AlertRule.AUDIT_UNSEALED)).is_within
