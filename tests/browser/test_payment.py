"""Everything about one payment, in a browser: failed, given back, and without scripts."""

from playwright.async_api import Browser, expect

from adapters.fake.script import Outcome
from browser.site import Site
from browser.test_history import begin
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from fakes.samples import BY_STATUS


async def test_money_that_goes_back_is_seen(site: Site) -> None:
    """
    Paid, and two refunds: one on its way, one with the bank's number.
    """
    payment = await begin(site, "algebra")
    site.world.pay(payment)
    status = f"{site.address}/api/payment/status/{payment}"
    await site.page.request.get(status, headers=site.world.bearer())
    bank = site.world.gateway
    bank.refund_outside(payment, RefundId("RF1"), Money(300_00), RefundVerdict.PAID)
    bank.refund_outside(payment, RefundId("RF2"), Money(200_00), RefundVerdict.PENDING)
    bank.move_refund(payment, RefundId("RF1"), RefundVerdict.PAID, arn="74332746095000123456789")
    facts = await bank.read_order(payment, site.world.memory.store.payments[payment].student.id)
    await site.world.use_cases().order_status().apply_order_status()(facts, BY_STATUS)
    await site.world.file_due_documents()
    await site.come_in()
    await site.visit(f"/payments/{payment}")

    await expect(site.page.get_by_role("heading", name="Partly refunded")).to_be_visible()
    await site.picture("payment-refunded")


async def test_one_that_failed_is_tried_again(site: Site) -> None:
    """
    From its page to the bank.
    """
    payment = await begin(site, "algebra")
    site.world.pay(payment, Outcome.FAILURE)
    await site.come_in()
    await site.visit(f"/payments/{payment}")
    await expect(site.page.get_by_role("heading", name="did not go through")).to_be_visible()
    await site.picture("payment-failed")

    await site.page.get_by_role("button", name="Try again: pay ₹1,180.00").click()

    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()


async def test_without_scripts_the_page_checks_by_a_button(site: Site, browser: Browser) -> None:
    """
    And by itself, as every browser can.
    """
    payment = await begin(site, "algebra")
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{site.address}/demo/sign-in?next=/payments/{payment}")
    await page.get_by_label("Id").fill("asha")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Check status").click()

    await expect(page.get_by_text("Asked the bank")).to_be_visible()
    await context.close()
