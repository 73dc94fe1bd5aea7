"""Ages of keys count from when each version was first seen, as the audit log tells it."""

from datetime import timedelta

import pytest

from application.monitoring.watch_credentials import WatchCredentials
from domain.monitoring.credential import Credential
from fakes.clock import NOON, StoppedClock
from fakes.memory import Memory

DAY = timedelta(days=1)
YEAR = 365 * DAY


def held(version: str, name: str = "SHULK_API_KEY") -> Credential:
    return Credential(name=name, fingerprint=version)


class Process:
    """One process after the other on the same storage, each with credentials of its own."""

    def __init__(self) -> None:
        self.memory, self.clock = Memory(), StoppedClock()

    def started(self, *credentials: Credential) -> WatchCredentials:
        memory = self.memory
        return WatchCredentials(
            lambda: credentials, YEAR, memory.audit_reads, memory.unit_of_work, self.clock
        )

    @property
    def noted(self) -> list[tuple[str, str, str]]:
        return [
            (each.action, each.subject, each.facts["fingerprint"])
            for each in self.memory.store.audit
        ]


@pytest.fixture
def process() -> Process:
    return Process()


async def test_a_key_is_noted_once(process: Process) -> None:
    """
    By whichever process sees it first; its year begins then.
    """
    for _ in range(2):
        watch = process.started(held("a"))
        for _ in range(2):
            await watch()
            process.clock.move(DAY)

    (term,) = await process.started(held("a")).read()
    assert process.noted == [("credential.first_used", "credential/SHULK_API_KEY", "a")]
    assert (term.since, term.ends_at) == (NOON, NOON + YEAR)
    assert term.days_left(NOON + 344 * DAY) == 21


async def test_a_new_version_begins_anew(process: Process) -> None:
    """
    While both are in use, in processes of two settings, each keeps its own beginning.
    """
    await process.started(held("a"))()
    process.clock.move(100 * DAY)
    await process.started(held("b"))()
    process.clock.move(DAY)

    (old,) = await process.started(held("a"))()
    (new,) = await process.started(held("b"))()
    assert (old.since, new.since) == (NOON, NOON + 100 * DAY)
    assert len(process.noted) == 2


async def test_what_is_changed_while_the_process_runs_is_seen(process: Process) -> None:
    """
    A key of the bank that people put in force in the console has an age of its own.
    """
    now = [held("a")]
    memory = process.memory
    watch = WatchCredentials(
        lambda: now, YEAR, memory.audit_reads, memory.unit_of_work, process.clock
    )
    await watch()
    process.clock.move(DAY)
    now[:] = [held("b")]

    (term,) = await watch()
    assert (term.credential, term.since) == (held("b"), NOON + DAY)


async def test_to_look_writes_nothing(process: Process) -> None:
    """
    A page shows what is not noted yet as new; the next to end stands first.
    """
    certificate = Credential(name="SHULK_BANK", fingerprint="c", ends_at=NOON + 3 * DAY)
    terms = await process.started(held("a"), certificate).read()

    assert process.memory.store.audit == []
    assert [(each.credential.name, each.since) for each in terms] == [
        ("SHULK_BANK", NOON),
        ("SHULK_API_KEY", NOON),
    ]
