"""The staff console in a browser: the door, and each page as staff walk through it."""

from datetime import timedelta

from playwright.async_api import Browser, expect

from adapters.fake.script import Outcome
from browser.site import Site
from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from domain.staff.access import Role
from fakes.samples import a_course, under_review
from worlds.http import CHECKOUT
from worlds.http_reconciliation import SAMPLES, differing, ended_run
from worlds.http_refunds import give_back


async def test_the_door_of_the_console(site: Site) -> None:
    """
    Nobody is let in before the platform and a code say who it is; by keyboard alone, without a script.
    """
    seed = site.world.add_member("farhan", Role.FINANCE)
    await site.visit("/console")
    await expect(site.page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
    await site.picture("console-nobody")

    await site.come_in("farhan", "finance")
    await expect(site.page.get_by_label("Code of six digits")).to_be_focused()
    await site.picture("console-code")
    await site.page.keyboard.type("000000")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("alert")).to_contain_text("wrong or too old")
    await site.picture("console-code-wrong")

    await site.page.keyboard.type(site.world.code(seed))
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("heading", name="Good to see you, Farhan")).to_be_visible()
    await site.picture("console-start")

    await site.visit("/console/nothing")
    await site.picture("console-problem")
    await site.page.context.clear_cookies()
    await site.come_in()
    await site.visit("/console")
    await expect(site.page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    await site.picture("console-not-allowed")


async def test_a_payment_is_found(site: Site) -> None:
    """
    From the navigation, by filter and by id; on a phone each line is a card.
    """
    begun = []
    for course in ("algebra", "botany", "chemistry"):
        site.world.sell(a_course(course))
        site.world.clock.at += timedelta(minutes=1)
        answer = await site.page.request.post(
            f"{site.address}/api/payment/initiate",
            data={**CHECKOUT, "course_id": course},
            headers=site.world.bearer(),
        )
        begun.append((await answer.json())["transaction_id"])
    site.world.pay(begun[0])
    site.world.pay(begun[1], Outcome.FAILURE)
    for payment in begun[:2]:
        status = f"{site.address}/api/payment/status/{payment}"
        await site.page.request.get(status, headers=site.world.bearer())
    await site.into_console("sunita", Role.SUPPORT)
    await site.go_to("Payments")
    await expect(site.page.get_by_role("row")).to_have_count(4)
    await site.picture("console-payments")

    await site.page.get_by_text("More filters").click()
    await site.page.get_by_label("State").select_option("Failed")
    await site.page.get_by_role("button", name="Search").click()
    await expect(site.page.get_by_role("row")).to_have_count(2)
    await site.picture("console-payments-filtered")
    await site.page.get_by_label("From day").fill("2026-09-01")
    await site.page.get_by_label("To day").fill("2026-08-01")
    await site.page.get_by_role("button", name="Search").click()
    await expect(site.page.get_by_role("alert")).to_contain_text("after the last one")
    await site.picture("console-payments-wrong")
    await site.page.get_by_role("link", name="Clear all").click()
    await site.page.get_by_label("Any id").fill("nobody@example.com")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_text("No payment meets this")).to_be_visible()
    await site.picture("console-payments-none")


async def test_one_payment(site: Site) -> None:
    """
    A search for its id leads to it: money, the bank's words, refunds, documents, books, the trail.
    """
    begun = await site.page.request.post(
        f"{site.address}/api/payment/initiate", data=CHECKOUT, headers=site.world.bearer()
    )
    payment = PaymentId((await begun.json())["transaction_id"])
    site.world.pay(payment)
    status = f"{site.address}/api/payment/status/{payment}"
    await site.page.request.get(status, headers=site.world.bearer())
    await give_back(site.world, payment, 500_00, arn="74537604221")
    await site.world.file_due_documents()
    await site.into_console()
    await site.go_to("Payments")
    await site.page.get_by_label("Any id").fill("74537604221")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("heading", level=1)).to_contain_text("Partly refunded")
    await expect(site.page.get_by_role("heading", name="Audit trail")).to_be_visible()
    await site.picture("console-payment")

    site.world.sell(a_course("botany"))
    begun = await site.page.request.post(
        f"{site.address}/api/payment/initiate",
        data={**CHECKOUT, "course_id": "botany"},
        headers=site.world.bearer(),
    )
    waiting = (await begun.json())["transaction_id"]
    site.world.pay(waiting)
    await site.visit(f"/console/payments/{waiting}")
    await site.picture("console-payment-waiting")
    await site.page.get_by_role("button", name="Ask the bank now").click()
    await expect(site.page.get_by_role("heading", level=1)).to_contain_text("Paid")


async def test_the_console_without_scripts(site: Site, browser: Browser) -> None:
    """
    Sign-in, search, payment, refund with its check and its code, and the list of refunds, by links and forms alone.
    """
    begun = await site.page.request.post(
        f"{site.address}/api/payment/initiate", data=CHECKOUT, headers=site.world.bearer()
    )
    payment = (await begun.json())["transaction_id"]
    site.world.pay(payment)
    status = f"{site.address}/api/payment/status/{payment}"
    await site.page.request.get(status, headers=site.world.bearer())
    seed = site.world.add_member("farhan", Role.FINANCE)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await context.request.post(
        f"{site.address}/session/exchange", form={"token": site.world.token("farhan", "finance")}
    )
    await page.goto(f"{site.address}/console")
    await page.get_by_label("Code of six digits").fill(site.world.code(seed))
    await page.get_by_role("button", name="Open the console").click()
    await page.locator(".open-menu").get_by_text("Payments").click()
    await page.get_by_label("Any id").fill(payment)
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="Give money back").click()
    await page.get_by_label("Amount").fill("100.00")
    await page.get_by_label("Reason").fill("Batch cancelled")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check and confirm")
    site.world.clock.at += timedelta(seconds=30)
    await page.get_by_label("Code").fill(site.world.code(seed))
    await page.get_by_label("Code").press("Enter")
    await expect(page.get_by_text("Batch cancelled").first).to_be_visible()
    await page.locator(".open-menu").get_by_text("Refunds").click()

    await expect(page.get_by_role("row")).to_have_count(2)
    await context.close()


async def test_a_refund_and_its_approval(site: Site) -> None:
    """
    From the payment to the form, the check, the code; a second person approves what is more.
    """
    billing = {**CHECKOUT["billing"], "address": "1 Lake Road, Pune 411001"}
    begun = await site.page.request.post(
        f"{site.address}/api/payment/initiate",
        data={"course_id": "history", "billing": billing},
        headers=site.world.bearer(),
    )
    payment = (await begun.json())["transaction_id"]
    site.world.pay(payment)
    status = f"{site.address}/api/payment/status/{payment}"
    await site.page.request.get(status, headers=site.world.bearer())
    await site.into_console()
    await site.visit(f"/console/payments/{payment}")
    await site.page.get_by_role("link", name="Give money back").click()
    await site.page.get_by_label("Amount").fill("60000.01")
    await site.page.get_by_label("Reason").fill("Batch cancelled")
    await site.page.get_by_role("button", name="Check").click()
    await expect(site.page.get_by_role("alert")).to_contain_text("what is left")
    await site.picture("console-refund-too-much")
    await site.page.get_by_label("Amount").fill("60,000.00")
    await site.page.get_by_role("button", name="Check").click()
    await expect(site.page.get_by_role("heading", level=1)).to_have_text("Check and confirm")
    await site.picture("console-refund-confirm")
    site.world.clock.at += timedelta(seconds=30)
    await site.page.get_by_label("Code").fill(site.world.code(site.world.seeds["farhan"]))
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_text("Waits for a second person")).to_be_visible()

    await site.page.context.clear_cookies()
    await site.into_console("zoya")
    await site.go_to("Refunds")
    await expect(site.page.get_by_role("row")).to_have_count(2)
    await site.picture("console-refunds")
    await site.page.get_by_role("link", name="Decide").click()
    await expect(site.page.get_by_role("button", name="Approve")).to_be_visible()
    await site.picture("console-refund")
    site.world.clock.at += timedelta(seconds=30)
    await site.page.get_by_label("Code").fill(site.world.code(site.world.seeds["zoya"]))
    await site.page.get_by_role("button", name="Approve").click()
    await expect(site.page.get_by_text("The bank has it")).to_be_visible()
    await site.visit("/console/refunds?status=awaiting_approval")
    await site.picture("console-refunds-none")


async def test_a_review_is_ended(site: Site) -> None:
    """
    From the list by the reason to the form, with what is lawful for it.
    """
    begun = await site.page.request.post(
        f"{site.address}/api/payment/initiate", data=CHECKOUT, headers=site.world.bearer()
    )
    payment = PaymentId((await begun.json())["transaction_id"])
    site.world.pay(payment)
    status = f"{site.address}/api/payment/status/{payment}"
    await site.page.request.get(status, headers=site.world.bearer())
    store = site.world.memory.store
    store.payments[payment] = under_review(store.payments[payment], ReviewReason.PAID_TWICE)
    await site.into_console()
    await site.go_to("Reviews")
    await expect(site.page.get_by_role("row")).to_have_count(2)
    await site.picture("console-reviews")
    await site.page.get_by_role("link", name="Paid twice of").click()
    await site.page.get_by_label("Let stand what the bank did").check()
    await site.page.get_by_label("Why").fill("The student wanted two")
    site.world.clock.at += timedelta(seconds=30)
    await site.page.get_by_label("Code").fill(site.world.code(site.world.seeds["farhan"]))
    await site.picture("console-review")
    await site.page.get_by_role("button", name="Do it").click()
    await expect(site.page.get_by_text("The student wanted two")).to_be_visible()
    await site.visit("/console/reviews")
    await expect(site.page.get_by_text("Nobody has to look")).to_be_visible()
    await site.picture("console-reviews-none")
    await site.visit("/console")
    await site.picture("console-start")


async def test_a_run_of_the_reconciliation(site: Site) -> None:
    """
    Asked for by a button, looked at while it runs and when it has ended.
    """
    await site.into_console()
    await site.go_to("Reconciliation")
    await expect(site.page.get_by_text("Nothing was reconciled yet")).to_be_visible()
    await site.picture("console-runs-none")
    await site.page.get_by_role("button", name="Run").click()
    await expect(site.page.get_by_text("It is being reconciled")).to_be_visible()
    await site.picture("console-run-live")
    await site.world.use_cases().reconciliation().run()()
    # By itself, through the stream.
    await expect(site.page.get_by_text("Books and bank agree")).to_be_visible()
    await expect(site.page.get_by_role("link", name="Export as Excel")).to_be_visible()
    await site.picture("console-run")
    await site.go_to("Reconciliation")
    await expect(site.page.get_by_role("row")).to_have_count(2)
    await site.picture("console-runs")


async def test_a_discrepancy_is_resolved(site: Site) -> None:
    """
    From the list to both sides, the action, the journal; a second person approves what is more.
    """
    begun = await site.page.request.post(
        f"{site.address}/api/payment/initiate", data=CHECKOUT, headers=site.world.bearer()
    )
    payment = PaymentId((await begun.json())["transaction_id"])
    site.world.pay(payment)
    status = f"{site.address}/api/payment/status/{payment}"
    await site.page.request.get(status, headers=site.world.bearer())
    await differing(site.world, payment)
    await site.into_console()
    await site.go_to("Discrepancies")
    await expect(site.page.get_by_role("row")).to_have_count(2)
    await site.picture("console-discrepancies")
    await site.page.get_by_role("link", name="Another amount").click()
    await expect(site.page.get_by_role("heading", name="The bank", exact=True)).to_be_visible()
    await site.picture("console-discrepancy")
    await site.page.get_by_role("link", name="Accept the bank").click()
    await site.page.get_by_label("Where the difference goes").select_option("writeoff")
    await site.page.get_by_label("Why").fill("4111 1111 1111 1111")
    await site.page.get_by_role("button", name="Check").click()
    await expect(site.page.get_by_role("alert")).to_contain_text("card number")
    await site.picture("console-resolution-refused")
    await site.page.get_by_label("Why").fill("The bank rounded; mail of 3 August")
    await site.page.get_by_role("button", name="Check").click()
    await expect(site.page.get_by_role("heading", level=1)).to_have_text("Check and confirm")
    await site.picture("console-resolution-confirm")
    await site.page.get_by_role("button", name="Propose it").click()
    await expect(site.page.get_by_role("button", name="Take it back")).to_be_visible()

    await site.page.context.clear_cookies()
    await site.into_console("zoya")
    await site.picture("console-start-waiting")
    await site.visit(f"/console/reconciliation/{ended_run(site.world)}")
    await site.picture("console-run-found")
    await site.visit("/console")
    await site.page.get_by_role("link", name="resolution to approve").click()
    await site.page.get_by_role("link", name="Another amount").click()
    await site.picture("console-discrepancy-proposed")
    await site.page.get_by_role("button", name="Approve").click()
    await expect(site.page.get_by_role("heading", level=1)).to_contain_text("Resolved")
    await site.picture("console-discrepancy-resolved")
    await site.visit("/console/discrepancies")
    await expect(site.page.get_by_text("Nothing is open")).to_be_visible()
    await site.picture("console-discrepancies-none")


async def test_a_file_is_brought(site: Site) -> None:
    """
    Chosen once: the preview keeps it for the import; without scripts it is chosen once more.
    """
    await site.into_console()
    await site.go_to("Settlement files")
    await expect(site.page.get_by_text("No settlement file has come yet")).to_be_visible()
    await site.picture("console-files-none")
    await site.page.get_by_label("Bring a file").set_input_files(SAMPLES / "11-bank-statement.csv")
    await site.page.get_by_role("button", name="Preview").click()
    await expect(site.page.get_by_role("alert")).to_contain_text("not taken")
    await site.picture("console-files-refused")
    for name in ("01-clean.csv", "10-hostile-cells.csv"):
        await site.visit("/console/settlement-files")
        await site.page.get_by_label("Bring a file").set_input_files(SAMPLES / name)
        await site.page.get_by_role("button", name="Preview").click()
        await expect(site.page.get_by_role("heading", level=1)).to_be_focused()
        await expect(site.page.get_by_label("Choose the same file again")).to_be_hidden()
        await site.picture(f"console-file-check-{name[:2]}")
        await site.page.get_by_role("button", name="Import").click()
        await expect(site.page.get_by_role("heading", name="How it was read")).to_be_visible()
    await site.picture("console-file-held")
    await site.page.get_by_label("Why it may count").fill("The bank confirmed it")
    await site.page.get_by_role("button", name="Release").click()
    await expect(site.page.get_by_role("button", name="Decline it")).to_be_visible()
    await site.picture("console-file-waiting")
    await site.page.get_by_role("link", name="Compare it").click()
    await site.picture("console-file-compared")
    await site.go_to("Settlement files")
    await expect(site.page.get_by_role("row")).to_have_count(3)
    await site.picture("console-files")

    await site.go_to("Bank statements")
    statement = SAMPLES / "11-bank-statement.csv"
    await site.page.get_by_label("Bring a statement").set_input_files(statement)
    await site.page.get_by_text("When the file does not say it").click()
    await site.page.get_by_label("Account number").fill("50200000000001")
    await site.page.evaluate("document.querySelector('form[data-preview]').submit()")
    await site.page.get_by_label("Choose the same file again").set_input_files(statement)
    await site.picture("console-statement-check")
    await site.page.get_by_role("button", name="Import").click()
    await expect(site.page.get_by_text("5 of 5")).to_be_visible()
    await site.picture("console-statements")
