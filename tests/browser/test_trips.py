"""A student's trips through the pages, as a browser makes them."""

from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl

import pytest
from playwright.async_api import Browser, expect

from adapters.fake.script import Fault, Outcome
from browser.site import Site
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment_state import State
from fakes.guard import SILENCES_MAX
from fakes.samples import a_course
from ports.payments.payment_gateway import GatewayDown, GatewayOperation

KARNATAKA: Final = "29"
MAHARASHTRA: Final = "27"


async def start_paying(site: Site, state: str = MAHARASHTRA) -> PaymentId:
    """Fill in the form, press Pay, and return the payment once the bank's page shows."""
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(state)
    await expect(site.page.get_by_role("button", name="Pay ₹1,180.00")).to_be_visible()
    await site.page.get_by_role("button", name="Pay ₹1,180.00").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()
    return next(reversed(site.world.memory.store.payments))


async def return_from_bank(site: Site, payment: PaymentId, outcome: Outcome) -> None:
    """Pay at the bank and come back by the form that its page posts from another site."""
    fields = parse_qsl(site.world.pay(payment, outcome), keep_blank_values=True)
    await site.page.evaluate(
        """([action, fields]) => {
          const form = document.createElement("form");
          form.method = "post";
          form.action = action;
          for (const [name, value] of fields) {
            const field = document.createElement("input");
            field.name = name;
            field.value = value;
            form.append(field);
          }
          document.body.append(form);
          form.submit();
        }""",
        [f"{site.address}/api/payment/callback", fields],
    )


async def test_the_course_list_leads_to_a_price(site: Site) -> None:
    """
    Courses show with their price in Indian grouping; enrolling needs signing in first.
    """
    await site.visit("/")
    await expect(site.page.get_by_text("₹60,000.00")).to_be_visible()
    await site.picture("courses")

    await site.page.get_by_role("link", name="Enrol in All about algebra").click()
    await expect(site.page.get_by_role("heading", name="Please sign in first")).to_be_visible()
    await site.picture("not-signed-in")

    await site.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    await site.picture("demo-sign-in")
    await site.page.get_by_role("button", name="Sign in").click()
    await expect(site.page.get_by_role("heading", name="All about algebra")).to_be_visible()
    await site.picture("checkout-empty")


async def test_paid_and_back_again(site: Site) -> None:
    """
    From the form to the bank and back by a post from another site: paid, and the course is open.
    """
    await site.come_in()
    payment = await start_paying(site)
    await return_from_bank(site, payment, Outcome.SUCCESS)

    await expect(site.page.get_by_role("heading", name="Payment received")).to_be_visible()
    await expect(site.page.get_by_text(payment)).to_be_visible()
    await site.picture("result-paid")


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


async def test_a_live_attempt_is_offered_again(site: Site) -> None:
    """
    Whoever comes back without paying can go on where they stopped.
    """
    await site.come_in()
    await start_paying(site)
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await site.page.get_by_role("button", name="Pay ₹1,180.00").click()

    await expect(site.page.get_by_role("link", name="Continue payment")).to_be_visible()
    await site.picture("checkout-live-attempt")
    await site.page.get_by_role("link", name="Continue payment").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()


async def test_confirming_becomes_paid_by_itself(site: Site) -> None:
    """
    While the bank is busy the page says so, never "failed"; it changes once the bank has answered.
    """
    await site.come_in()
    payment = await start_paying(site)
    await return_from_bank(site, payment, Outcome.PENDING)
    await expect(site.page.get_by_role("heading", name="Confirming your payment")).to_be_visible()
    assert "fail" not in (await site.page.inner_text("main")).lower()
    await site.picture("result-confirming")

    await site.page.get_by_role("link", name="Everything about this payment").click()
    await expect(site.page.get_by_role("button", name="Check status")).to_be_visible()
    await site.picture("payment-confirming")
    site.world.gateway.pay(payment)
    site.world.clock.at += timedelta(seconds=5)
    await expect(site.page.get_by_role("heading", name="Payment received")).to_be_visible(
        timeout=20_000
    )
    await expect(site.page.get_by_role("status")).to_have_text("Payment received")
    await expect(site.page.get_by_text("Your invoice is being made")).to_be_visible()
    await site.world.file_due_documents()
    await expect(site.page.get_by_role("link", name="Download invoice")).to_be_visible(
        timeout=20_000
    )


async def test_without_streams_the_page_looks_by_itself(site: Site) -> None:
    """
    A browser, or a proxy, that lets no stream through makes it slower, not blind.
    """
    await site.page.context.route("**/events?*", lambda route: route.abort())
    await site.come_in()
    payment = await start_paying(site)
    await return_from_bank(site, payment, Outcome.PENDING)
    await expect(site.page.get_by_role("heading", name="Confirming your payment")).to_be_visible()
    site.world.gateway.pay(payment)
    site.world.clock.at += timedelta(seconds=5)

    await expect(site.page.get_by_role("heading", name="Payment received")).to_be_visible(
        timeout=20_000
    )


async def test_the_bank_not_answering_is_no_failure(site: Site) -> None:
    """
    A callback while the bank is down leads to "confirming".
    """
    await site.come_in()
    payment = await start_paying(site)
    site.world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=2)
    await return_from_bank(site, payment, Outcome.FAILURE)

    await expect(site.page.get_by_role("heading", name="Confirming your payment")).to_be_visible()
    await site.picture("result-not-heard")


async def test_declined_with_a_way_to_go_on(site: Site) -> None:
    """
    Failed says what to do: Try again leads to the bank for the same price, the other way to the form.
    """
    await site.come_in()
    payment = await start_paying(site)
    await return_from_bank(site, payment, Outcome.FAILURE)

    await expect(site.page.get_by_role("heading", name="did not go through")).to_be_visible()
    await site.picture("result-failed")
    await site.page.get_by_role("link", name="Change the details").click()
    await expect(site.page.get_by_role("heading", name="All about algebra")).to_be_visible()

    await site.visit(f"/result/{payment}")
    await site.page.get_by_role("button", name="Try again: pay ₹1,180.00").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()
    again = next(reversed(site.world.memory.store.payments))
    assert again != payment
    await site.visit(f"/result/{payment}")
    await expect(site.page.get_by_role("link", name="See the other payment")).to_be_visible()
    await site.picture("result-retried")
    await site.visit(f"/result/{again}")
    # That page had the order read; the next read comes after the interval.
    site.world.clock.at += timedelta(seconds=5)
    await return_from_bank(site, again, Outcome.SUCCESS)
    await expect(site.page.get_by_role("heading", name="Payment received")).to_be_visible()


async def test_a_retry_that_is_refused_says_why(site: Site) -> None:
    """
    The bank is away, then the price has changed: the page stays and tells what to do.
    """
    await site.come_in()
    payment = await start_paying(site)
    await return_from_bank(site, payment, Outcome.FAILURE)
    button = site.page.get_by_role("button", name="Try again")
    await expect(button).to_be_visible()
    site.world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)
    await button.click()
    await expect(site.page.get_by_role("alert")).to_be_visible()
    await site.picture("retry-bank-away")

    site.world.sell(a_course(rupees=2360))
    await button.click()
    await expect(site.page.get_by_role("heading", name="The price has changed")).to_be_visible()
    await expect(site.page.get_by_role("link", name="Start again")).to_be_visible()
    await site.picture("retry-price-changed")


async def test_time_ran_out(site: Site) -> None:
    """
    Expired is said after the bank was asked one last time.
    """
    await site.come_in()
    payment = await start_paying(site)
    site.world.gateway.answer(payment, OrderFacts(payment=payment, verdict=Verdict.NOT_ATTEMPTED))
    site.world.clock.at += timedelta(minutes=16)
    await site.visit(f"/result/{payment}")

    await expect(site.page.get_by_role("heading", name="The time to pay ran out")).to_be_visible()
    assert site.world.memory.store.payments[payment].state is State.EXPIRED
    await site.picture("result-expired")


async def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    """
    Without a cookie the result page tells nothing but how to come in.
    """
    await site.come_in()
    payment = await start_paying(site)
    await site.page.context.clear_cookies()
    await site.visit(f"/result/{payment}")

    await expect(site.page.get_by_role("heading", name="Sign in to see")).to_be_visible()
    await site.picture("result-sign-in")


async def test_a_forged_return_is_told_off_kindly(site: Site) -> None:
    """
    A forged return shows a page, changes nothing, and does not alarm who just paid.
    """
    await site.visit("/api/payment/callback?order_id=x&status=CHARGED&signature=forged")

    await expect(site.page.get_by_role("heading", name="Not from the bank")).to_be_visible()
    await site.picture("forged")


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


@pytest.mark.parametrize(
    ("name", "path"),
    [("docs", "/api/docs"), ("problem", "/problems/live-attempt-exists"), ("lost", "/nowhere")],
)
async def test_other_pages(site: Site, name: str, path: str) -> None:
    """
    The interface's page works offline, problems explain themselves, and lost is lost kindly.
    """
    await site.visit(path)

    await expect(site.page.get_by_role("heading", level=1)).to_be_visible()
    await site.picture(name, is_long=name == "docs")


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
