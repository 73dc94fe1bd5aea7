"""The console's pages about operations in a browser, as staff walk through them."""

from datetime import timedelta

from playwright.async_api import expect

from browser.site import Site
from domain.identifiers import PaymentId
from domain.jobs.job import JobResult, JobTrigger
from domain.staff.access import Role
from fakes.store import OutboxRow
from ports.notifications.outbox import OutboxTask
from worlds.http import CHECKOUT


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
    await site.go_to("Jobs")
    await site.page.get_by_role("button", name="the job Remind staff").press("Enter")
    await expect(site.page.get_by_text("waits for a worker")).to_be_visible()
    await site.picture("console-jobs")


async def test_a_dead_letter_is_closed(site: Site) -> None:
    """
    From the list to its error, by what is to be done about it.
    """
    begun = await site.page.request.post(
        f"{site.address}/api/payment/initiate", data=CHECKOUT, headers=site.world.bearer()
    )
    payment = PaymentId((await begun.json())["transaction_id"])
    at = site.world.clock.now()
    site.world.memory.store.outbox[7] = OutboxRow(
        task=OutboxTask.PAYMENT_FAILURE,
        payment=payment,
        subject=payment,
        due_at=at,
        closed_at=at,
        state="dead",
        attempts=9,
        why="answered 550 5.1.1",
    )
    await site.into_console()
    await site.go_to("Dead letters")
    await expect(site.page.get_by_role("row")).to_have_count(2)
    await site.picture("console-dead-letters")
    await site.page.get_by_role("link", name="the payment failed").click()
    await site.page.get_by_label("Another address").fill("nobody")
    await site.page.get_by_role("button", name="Try it again").press("Enter")
    await expect(site.page.get_by_role("alert")).to_be_visible()
    await site.picture("console-dead-letter")
    await site.page.get_by_label("Why").fill("Told by telephone")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_text("Nothing was given up")).to_be_visible()
    await site.picture("console-dead-letters-none")


async def test_an_account_is_kept(site: Site) -> None:
    """
    From the list to an account, its app by a QR code, and a new colleague.
    """
    site.world.add_member("mira", Role.FINANCE)
    site.world.add_member("ravi", Role.SUPPORT, active=False)
    await site.into_console("zoya", Role.ADMIN)
    await site.go_to("Staff")
    await expect(site.page.get_by_role("row")).to_have_count(4)
    await site.picture("console-staff")
    await site.page.get_by_role("link", name="Mira").click()
    await site.page.get_by_label("Set up their app").check()
    await site.page.get_by_label("Code of six digits").fill("000000")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("alert")).to_contain_text("wrong or too old")
    await site.picture("console-member")
    site.world.clock.at += timedelta(seconds=30)
    await site.page.get_by_label("Code of six digits").fill(
        site.world.code(site.world.seeds["zoya"])
    )
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("img", name="QR code")).to_be_visible()
    await site.picture("console-member-app")
    await site.page.get_by_label("Code that the new app shows").fill("000000")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("alert")).to_be_visible()
    await site.picture("console-member-app-wrong")
    await site.visit("/console/staff/new")
    await site.picture("console-member-new")


async def test_courses_and_codes(site: Site) -> None:
    """
    Looked at, changed with a fault told at its field, and imported from a file after a look.
    """
    await site.into_console("zoya", Role.ADMIN)
    await site.go_to("Courses")
    await site.picture("console-courses")
    await site.page.get_by_role("link", name="Algebra").click()
    await site.page.get_by_label("GST rate").fill("17")
    await site.page.get_by_role("button", name="Save").press("Enter")
    await expect(site.page.get_by_role("alert")).to_be_visible()
    await site.picture("console-course")
    await site.visit("/console/courses/import")
    await site.picture("console-import")
    text = b"id,title,list_price,price_mode,sac,gst_rate\nalgebra,Algebra anew,99.00,inclusive,999293,18\n"
    await site.page.get_by_label("CSV or JSON file").set_input_files(
        {"name": "courses.csv", "mimeType": "text/csv", "buffer": text}
    )
    await site.page.get_by_role("button", name="Compare").press("Enter")
    await expect(site.page.get_by_text("1 to change")).to_be_visible()
    await site.picture("console-import-preview")
    await site.page.get_by_role("button", name="Import").press("Enter")
    await expect(site.page.get_by_role("link", name="Algebra anew")).to_be_visible()
    await site.go_to("Discounts")
    await site.picture("console-discounts")
    await site.page.get_by_role("link", name="TEN", exact=True).click()
    await site.picture("console-discount")
