"""The console's pages about operations in a browser, as staff walk through them."""

from datetime import timedelta

from playwright.async_api import expect

from browser.site import Site
from domain.jobs.job import JobResult, JobTrigger
from domain.staff.access import Role


async def test_a_job_is_run(site: Site) -> None:
    """
    From the list by its button; then it waits, and a run that failed is told.
    """
    runs, at = site.world.memory.job_runs, site.world.clock.now()
    claim = await runs.begin(
        "poll_unfinished",
        trigger=JobTrigger.SCHEDULE,
        by="system",
        at=at,
        lease=timedelta(minutes=1),
    )
    assert claim is not None
    await runs.end(claim, at=at, result=JobResult.FAILED, handled=3, why="GatewayDown")
    await site.into_console("zoya", Role.ADMIN)
    await site.page.get_by_role("navigation", name="Console").get_by_text("Jobs").click()
    await site.page.get_by_role("button", name="the job Remind staff").press("Enter")
    await expect(site.page.get_by_text("waits for a worker")).to_be_visible()
    await site.picture("console-jobs")
