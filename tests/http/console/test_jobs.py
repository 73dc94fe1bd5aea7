"""The console's jobs: how they went, and a run by a button."""

from datetime import timedelta

import pytest

from domain.jobs.job import JobResult, JobTrigger
from domain.staff.access import Role
from entrypoints.http.console.words import span_words
from worlds.http import Client, HttpWorld, into_console

JOBS = "/console/jobs"
LEASE = timedelta(minutes=1)


async def test_a_run_by_a_button(client: Client, world: HttpWorld) -> None:
    """
    It waits for a worker; a second one is refused in words, and a failed run is told with its cause.
    """
    token = await into_console(client, world, "zoya", Role.ADMIN)
    page = (await client.get(JOBS)).text
    assert "It never ran" in page
    assert "Nobody asked for a run" in page
    world.woken = 0
    form = {"csrf_token": token}
    asked = await client.post(f"{JOBS}/remind_staff/run", data=form)
    assert (asked.status_code, asked.headers["location"], world.woken) == (303, JOBS, 1)
    again = await client.post(f"{JOBS}/remind_staff/run", data=form)
    assert again.status_code == 409
    assert "Nothing was begun" in again.text
    assert "asked for by staff:zoya" in again.text

    runs, at = world.memory.job_runs, world.clock.now()
    claim = await runs.take_asked({"remind_staff"}, at=at, lease=LEASE)
    assert claim is not None
    assert "is running" in (await client.get(JOBS)).text
    await runs.end(claim, at=at, result=JobResult.FAILED, handled=3, why="EmailDelayed")
    ended = (await client.get(JOBS)).text
    assert "EmailDelayed" in ended
    assert "The last 1 such run " in ended


async def test_finance_only_looks(client: Client, world: HttpWorld) -> None:
    """
    There is no button, and the form is refused.
    """
    token = await into_console(client, world)
    await world.memory.job_runs.begin(
        "remind_staff",
        trigger=JobTrigger.SCHEDULE,
        by="system",
        at=world.clock.now(),
        lease=LEASE,
    )

    page = (await client.get(JOBS)).text
    answer = await client.post(f"{JOBS}/remind_staff/run", data={"csrf_token": token})

    assert "Running" in page
    assert "Run now" not in page
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "5 seconds"), (60, "minute"), (90, "90 seconds"), (3600, "hour"), (86_400, "day")],
)
def test_a_span_in_words(seconds: int, words: str) -> None:
    """
    In the largest unit that it is whole in.
    """
    assert span_words(timedelta(seconds=seconds)) == words
