"""What a student finds after the bank, in a browser: paid, confirming, declined, too late."""

from datetime import timedelta

from playwright.async_api import expect

from adapters.fake.script import Fault, Outcome
from browser.site import Site
from browser.students_trips import MAHARASHTRA, return_from_bank, start_paying
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment_state import State
from fakes.samples import a_course
from ports.payments.payment_gateway import GatewayOperation


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


async def test_a_forgotten_code_ends_what_is_under_way(site: Site) -> None:
    """
    The page shows both prices, and its button ends the one payment and leads to the bank for the other.
    """
    await site.come_in()
    first = await start_paying(site)
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    await site.page.get_by_label("Discount code").fill("TEN")
    await site.page.get_by_role("button", name="Apply").click()
    await site.page.get_by_role("button", name="Pay ₹1,062.00").click()

    differs = site.page.get_by_role("row", name="To pay ₹1,180.00 ₹1,062.00")
    await expect(differs).to_be_visible()
    await expect(
        site.page.get_by_role("link", name="Continue payment of ₹1,180.00")
    ).to_be_visible()
    await site.page.get_by_role("button", name="End it, and pay ₹1,062.00").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()
    payments = site.world.memory.store.payments
    (second,) = (each for each in payments.values() if each.id != first)
    assert payments[first].failure is FailureReason.CANCELLED_BY_STUDENT
    assert second.quote.payable == Money(1062_00)


async def test_who_goes_back_unpaid_is_told_so_and_ends_it(site: Site) -> None:
    """
    No spinner: the bank knows of no attempt. Continue leads back to it, End this payment ends it.
    """
    await site.come_in()
    payment = await start_paying(site)
    await return_from_bank(site, payment, Outcome.ABANDON)
    await expect(site.page.get_by_role("heading", name="You have not paid")).to_be_visible()
    await site.picture("result-unpaid")

    await site.page.get_by_role("link", name="Continue payment").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()
    await site.page.go_back()
    await site.page.get_by_role("button", name="End this payment").click()
    await expect(site.page.get_by_role("heading", name="You ended this payment")).to_be_visible()
    ended = site.world.memory.store.payments[payment]
    assert ended.failure is FailureReason.CANCELLED_BY_STUDENT
    await site.page.get_by_role("button", name="Try again: pay ₹1,180.00").click()
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


async def test_a_forged_return_is_told_off_kindly(site: Site) -> None:
    """
    A forged return shows a page, changes nothing, and does not alarm who just paid.
    """
    await site.visit("/api/payment/callback?order_id=x&status=CHARGED&signature=forged")

    await expect(site.page.get_by_role("heading", name="Not from the bank")).to_be_visible()
    await site.picture("forged")
