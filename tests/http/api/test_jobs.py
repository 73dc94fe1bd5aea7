"""Periodic jobs by API: listed, and run by those who trigger from outside."""

from domain.staff.access import Role
from worlds.http import Client, HttpWorld, problem

JOBS = "/api/admin/jobs"
RUN = f"{JOBS}/remind_staff/run"


async def test_a_job_is_run_once_however_many_ask(client: Client, world: HttpWorld) -> None:
    """
    The first is heard and workers are woken; others are told since when it waits.
    """
    admin = world.bearer("zoya", Role.ADMIN)
    before = (await client.get(JOBS, headers=admin)).json()["items"]
    assert {each["last"] for each in before} == {None}
    world.woken = 0
    asked = await client.post(RUN, headers=admin)
    again = problem(await client.post(RUN, headers=admin), 409, "job-running")
    listed = (await client.get(JOBS, headers=admin)).json()["items"]

    assert asked.status_code == 202
    assert asked.json()["asked_by"] == "staff:zoya"
    assert again["since"] == asked.json()["asked_at"]
    assert asked.json() in listed
    assert world.woken == 1
    (entry,) = world.memory.store.audit
    assert (entry.action, entry.origin.actor) == ("job.asked", "staff:zoya")


async def test_a_job_is_run_by_who_may(client: Client, world: HttpWorld) -> None:
    """
    Finance sees how they went; nobody else even that. An unknown name is not found.
    """
    finance = world.bearer("farhan", Role.FINANCE)
    support = world.bearer("sunita", Role.SUPPORT)
    assert (await client.get(JOBS, headers=finance)).status_code == 200
    problem(await client.post(RUN, headers=finance), 403, "not-allowed")
    problem(await client.get(JOBS, headers=support), 403, "not-allowed")
    admin = world.bearer("zoya", Role.ADMIN)
    problem(await client.post(f"{JOBS}/nothing/run", headers=admin), 404, "not-found")


async def test_jobs_are_not_run_in_a_rush(client: Client, world: HttpWorld) -> None:
    """
    Ten requests a minute, whatever comes of them.
    """
    admin = world.bearer("zoya", Role.ADMIN)
    answers = [await client.post(RUN, headers=admin) for _ in range(11)]

    problem(answers[-1], 429, "too-many-requests")
    assert [each.status_code for each in answers[:10]] == [202] + [409] * 9
