"""The console's pages about operations in a browser, as staff walk through them."""

from datetime import timedelta

from playwright.async_api import expect

from browser.site import Site
from contracts.audit.archive_contract import OCTOBER
from contracts.audit.record_archive_contract import OUTBOX, exported
from contracts.memory_storage import MemoryStorage
from contracts.storage import event
from domain.identifiers import PaymentId
from domain.jobs.job import JobResult, JobTrigger
from domain.staff.access import Role
from fakes.hooked import an_event
from fakes.samples import payment_id
from fakes.store import OutboxRow
from ports.notifications.outbox import OutboxTask
from ports.notifications.webhook_sender import WebhookDelayed
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
    inbox = site.world.memory.inbox
    await inbox.enqueue(event("ORDER_SUCCEEDED", order="SHOP2-00042"), at - timedelta(hours=25))
    for entry in await inbox.claim(at, lease=timedelta(minutes=1), at_most=9):
        async with site.world.memory.unit_of_work() as work:
            work.payments.inbox.bury(entry, at, why="not an order of ours")
    await site.into_console()
    await site.go_to("Dead letters")
    await expect(site.page.get_by_role("row")).to_have_count(4)
    await site.picture("console-dead-letters")
    await site.page.get_by_role("link", name="the payment failed").click()
    await site.page.get_by_label("Another address").fill("nobody")
    await site.page.get_by_role("button", name="Try it again").press("Enter")
    await expect(site.page.get_by_role("alert")).to_be_visible()
    await site.picture("console-dead-letter")
    await site.page.get_by_label("Why").fill("Told by telephone")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_text("Nothing was given up")).to_be_visible()
    await site.page.get_by_role("checkbox").check()
    await site.page.get_by_label("Why nothing has to be done").fill("Of the other shop")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_text("No webhook was refused")).to_be_visible()
    await site.picture("console-dead-letters-none")


async def test_an_endpoint_is_kept(site: Site) -> None:
    """
    Added with its secret shown once, tested in vain and paused, what it was told in sight; a phone's menu is open.
    """
    page, world = site.page, site.world
    await site.into_console("zoya", Role.ADMIN)
    await site.go_to("Webhooks")
    await site.picture("console-webhooks-none")
    await page.get_by_label("Address").fill("ftp://platform.example")
    await page.get_by_role("button", name="Add it").press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Address").fill("http://127.0.0.1:9/hooks")
    await page.get_by_role("button", name="Add it").press("Enter")
    await expect(page.get_by_text("whsec_")).to_be_visible()
    await site.picture("console-webhook-secret")
    await page.get_by_role("link", name="I have kept it").click()
    world.hooks.trouble = [WebhookDelayed("the endpoint answered 500")]
    async with world.memory.unit_of_work() as work:
        now = world.clock.now()
        work.webhooks.deliveries.enqueue([an_event(number, at=now) for number in (1, 2)], now)
    await page.get_by_role("button", name="Call it now").press("Enter")
    await expect(page.get_by_role("heading", name="It was not taken")).to_be_visible()
    await site.picture("console-webhook")
    await page.get_by_label("Why").fill("The platform moves")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Enable it")).to_be_visible()
    await site.go_to("Webhooks")
    await page.locator(".menu").evaluate("menu => { menu.open = true; }")
    await site.picture("console-webhooks")


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


async def test_a_server_key_is_kept(site: Site) -> None:
    """
    Added with a code and shown once, refused a second code, and revoked without one.
    """
    page = site.page
    await site.into_console("zoya", Role.ADMIN)
    seed = site.world.seeds["zoya"]
    await site.go_to("Server keys")
    await page.get_by_role("textbox", name="Name").fill("Back end")
    await page.get_by_label("See which course is open to whom").check()
    await page.get_by_label("Code of six digits").fill(site.world.code(seed))
    await page.get_by_role("button", name="Add it").press("Enter")
    await expect(page.get_by_text("used already")).to_be_visible()
    await site.picture("console-server-keys-none")
    site.world.clock.move(timedelta(seconds=30))
    await page.get_by_label("Code of six digits").fill(site.world.code(seed))
    await page.get_by_role("button", name="Add it").press("Enter")
    await expect(page.get_by_text("shulk_sk_")).to_be_visible()
    await site.picture("console-server-key-secret")
    await page.get_by_role("link", name="I have kept it").click()
    await site.picture("console-server-key")
    await page.get_by_label("No back end needs it any more").check()
    await page.get_by_role("button", name="Revoke it").press("Enter")
    await expect(page.get_by_role("heading", name="Back end Revoked")).to_be_visible()
    await site.go_to("Server keys")
    await site.picture("console-server-keys")


async def test_archived_months_are_looked_through(site: Site) -> None:
    """
    None at first, then a month, those about one payment, and an id that is none.
    """
    page, archive = site.page, site.world.memory.record_archive
    await site.into_console("noor", Role.FINANCE)
    await site.go_to("Archive")
    await site.picture("console-archive-none")
    await exported(MemoryStorage(site.world.memory.store), OUTBOX)
    await archive.note(OUTBOX, OCTOBER, {payment_id(1)})
    await page.get_by_label("Payment id").fill(payment_id(1))
    await page.get_by_role("button", name="Look").press("Enter")
    await expect(page.get_by_text("1 month with something about")).to_be_visible()
    await site.picture("console-archive")
    await page.get_by_label("Payment id").fill("nothing")
    await page.get_by_role("button", name="Look").press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await site.picture("console-archive-wrong")


async def test_what_is_kept_of_a_student_is_seen_and_held(site: Site) -> None:
    """
    The empty page, a student's data with what stays by law, a refused erasure, and a payment that is held.
    """
    page, begun = site.page, "/api/payment/initiate"
    answer = await page.request.post(
        f"{site.address}{begun}", data=CHECKOUT, headers=site.world.bearer()
    )
    payment = (await answer.json())["transaction_id"]
    await site.into_console("zoya", Role.ADMIN)
    await site.go_to("Data of people")
    await site.picture("console-privacy-none")
    await page.get_by_label("Student id").fill("asha")
    await page.get_by_role("button", name="Look").press("Enter")
    await expect(page.get_by_role("heading", name="What is kept of asha")).to_be_visible()
    await site.picture("console-privacy")
    await page.get_by_label("Reason").first.fill("request 7")
    await page.get_by_label("The person is the one who asked").check()
    await page.get_by_label("Code of six digits").fill("000000")
    await page.get_by_role("button", name="Erase it").press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await site.picture("console-privacy-refused")
    await page.get_by_label("Transaction id").first.fill(payment)
    await page.locator("#hold-reason").fill("case 12")
    await page.get_by_role("button", name="Hold a payment").press("Enter")
    await expect(page.get_by_text("1 payment under legal hold")).to_be_visible()
    await site.picture("console-privacy-held")
