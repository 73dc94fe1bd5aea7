"""A student's way through the checkout, in a browser: the price, what is filled in, and what stops a payment."""

import pytest
from playwright.async_api import Browser, expect

from adapters.fake.script import Fault
from browser.site import Site
from browser.students_trips import KARNATAKA, MAHARASHTRA, start_paying
from domain.identifiers import StudentId
from domain.money import Money
from fakes.guard import SILENCES_MAX
from fakes.samples import a_course
from ports.payments.payment_gateway import GatewayDown, GatewayOperation


async def test_the_breakdown_follows_what_is_filled_in(site: Site) -> None:
    """
    State and code change the taxes and the button without a new page.
    """
    await site.come_in()
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(KARNATAKA)
    await expect(site.page.locator('[data-amount="igst"]')).to_have_text("₹180.00")
    await site.page.get_by_label("Discount code").fill("ten")
    await site.page.get_by_role("button", name="Apply").click()
    await expect(site.page.get_by_role("button", name="Pay ₹1,062.00")).to_be_visible()
    await expect(site.page.locator('[data-amount="discount"]')).to_have_text(
        "\N{MINUS SIGN}₹118.00"
    )
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await expect(site.page.locator('[data-amount="cgst"]')).to_have_text("₹81.00")
    await site.picture("checkout-priced")

    await site.page.get_by_label("Discount code").fill("nonsense")
    await site.page.keyboard.press("Tab")
    await expect(site.page.get_by_role("alert")).to_have_text("There is no such discount code.")
    await expect(site.page.get_by_role("button", name="Pay ₹1,180.00")).to_be_visible()
    code = site.page.get_by_label("Discount code")
    await expect(code).to_have_attribute("aria-invalid", "true")
    await expect(code).to_have_attribute("aria-describedby", "discount_code-fault")
    await site.picture("checkout-bad-code")
    await code.fill("")
    await site.page.keyboard.press("Tab")
    await expect(code).not_to_have_attribute("aria-invalid", "true")


async def test_a_gstin_is_checked_when_it_is_left(site: Site) -> None:
    """
    One question for fifteen characters; the fault stands at the field, and the price stays.
    """
    asked: list[str] = []
    site.page.on("request", lambda each: asked.append(each.url) if "/quote" in each.url else None)
    await site.come_in()
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await expect(site.page.get_by_role("button", name="Pay ₹1,180.00")).to_be_visible()
    before = len(asked)
    await site.page.get_by_text("GSTIN and address").click()
    await site.page.locator("#gstin").press_sequentially("27AAPFU0939F1ZX")
    assert len(asked) == before
    await expect(site.page.get_by_role("alert")).to_have_count(0)
    await site.page.keyboard.press("Tab")

    await expect(site.page.locator("#gstin-fault")).to_have_text(
        "Its last character does not agree with the others"
    )
    await expect(site.page.get_by_role("button", name="Pay ₹1,180.00")).to_be_visible()
    await site.picture("checkout-mistyped-gstin")


async def test_a_dear_course_asks_for_the_address_by_itself(site: Site) -> None:
    """
    With the reason; nobody is told of a fault before they had a chance, and the price is there.
    """
    await site.come_in()
    await site.visit("/checkout/history")
    await expect(site.page.get_by_text("The law wants the buyer")).to_be_visible()
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await expect(site.page.get_by_role("button", name="Pay ₹60,000.00")).to_be_visible()
    await expect(site.page.get_by_role("alert")).to_have_count(0)
    await site.picture("checkout-address")
    await site.page.get_by_role("button", name="Pay ₹60,000.00").click()
    await expect(site.page.get_by_role("heading", name="Billing address required")).to_be_visible()
    await site.page.get_by_label("Address").fill("1 Fee Street, Pune")
    await site.page.get_by_role("button", name="Pay ₹60,000.00").click()

    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()


async def test_a_price_that_changed_is_asked_again(site: Site) -> None:
    """
    The course became dearer while the page was open: the new price is shown, and then paid.
    """
    await site.come_in()
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await expect(site.page.get_by_role("button", name="Pay ₹1,180.00")).to_be_visible()
    site.world.sell(a_course(rupees=2360))
    await site.page.get_by_role("button", name="Pay ₹1,180.00").click()

    await expect(site.page.get_by_role("heading", name="The price has changed")).to_be_visible()
    assert not site.world.memory.store.payments
    await site.picture("checkout-price-changed")
    await site.page.get_by_role("button", name="Pay ₹2,360.00").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()

    (payment,) = site.world.memory.store.payments.values()
    assert payment.quote.payable == Money(2360_00)


async def test_nothing_to_pay(site: Site) -> None:
    """
    A code for everything makes the button say so, and leads straight to the open course.
    """
    await site.come_in()
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await site.page.get_by_label("Discount code").fill("free")
    await site.page.get_by_role("button", name="Apply").click()
    await site.page.get_by_role("button", name="Enrol for free").click()

    await expect(site.page.get_by_role("heading", name="You are enrolled")).to_be_visible()
    await site.picture("result-free")


async def test_the_bank_is_down(site: Site) -> None:
    """
    What was filled in is kept, and the page says when to try again.
    """
    await site.come_in()
    site.world.gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.DOWN)
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await site.page.get_by_role("button", name="Pay ₹1,180.00").click()

    await expect(site.page.get_by_role("heading", name="Payment page unavailable")).to_be_visible()
    await expect(site.page.get_by_label("Full name")).to_have_value("Asha")
    await site.picture("checkout-bank-down")


async def test_payments_are_paused_while_the_bank_is_away(site: Site) -> None:
    """
    The form says so before it is filled in, keeps what was filled in, and the result page waits.
    """
    await site.come_in()
    payment = await start_paying(site)
    site.world.guard_the_bank()
    assert site.world.guard is not None
    for operation in (GatewayOperation.CREATE_SESSION, GatewayOperation.READ_ORDER):
        site.world.gateway.fail_next(operation, Fault.DOWN, times=SILENCES_MAX)
    for _ in range(SILENCES_MAX):
        with pytest.raises(GatewayDown):
            await site.world.guard.create_session(site.world.gateway.orders[payment].asked)
        with pytest.raises(GatewayDown):
            await site.world.guard.read_order(payment, StudentId("asha"))

    await site.visit("/checkout/history")
    await expect(site.page.get_by_role("heading", name="Payments are paused")).to_be_visible()
    await site.picture("checkout-paused")
    await site.visit(f"/result/{payment}")
    await expect(site.page.get_by_role("heading", name="Confirming your payment")).to_be_visible()
    await expect(site.page.get_by_text("The bank is not answering just now")).to_be_visible()
    assert "fail" not in (await site.page.inner_text("main")).lower()
    await site.picture("result-bank-away")


async def test_refused_fields_are_marked(site: Site) -> None:
    """
    Each refusal stands by its field, and screen readers are told.
    """
    await site.come_in()
    await site.visit("/checkout/history")
    await site.page.get_by_label("Full name").fill("Ravi")
    await site.page.get_by_label("State or union territory").select_option(KARNATAKA)
    await site.page.locator("summary").click()
    await site.page.locator("#gstin").fill("27AAPFU0939F1ZV")
    await site.page.locator(".pay").click()

    await expect(site.page.get_by_role("heading", name="GSTIN and State disagree")).to_be_visible()
    assert await site.page.get_by_label("State or union territory").get_attribute("aria-invalid")
    await site.picture("checkout-refused")


async def test_without_scripts(site: Site, browser: Browser) -> None:
    """
    Price, payment and result work with JavaScript switched off.
    """
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{site.address}/demo/sign-in?next=/checkout/algebra")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await page.get_by_label("Discount code").fill("ten")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.get_by_role("button", name="Pay ₹1,062.00")).to_be_visible()
    await page.get_by_label("Discount code").fill("free")
    await page.get_by_role("button", name="Pay ₹1,062.00").click()
    # The code was not applied yet, so the button named another price than the one to be agreed to.
    await expect(page.get_by_role("heading", name="The price has changed")).to_be_visible()
    await page.get_by_role("button", name="Enrol for free").click()

    await expect(page.get_by_role("heading", name="You are enrolled")).to_be_visible()
    await context.close()
